"""What holds for every registered family of populations."""

import inspect

import numpy as np
import pytest

from gametheory_rl import GameError, PopulationGame, _registry, families

POPULATIONS = pytest.mark.parametrize("name", sorted(_registry.table("population")))


@POPULATIONS
def test_builds_the_same_game_without_arguments(name):
    build = _registry.resolve("population", name)
    game, again = build(), build()
    assert isinstance(game, PopulationGame)
    assert game.name == name
    for part in ("neighbours", "pair", "own", "load", "payoff", "start"):
        assert np.array_equal(getattr(game, part), getattr(again, part))


@POPULATIONS
def test_is_public_documented_and_typed(name):
    build = _registry.resolve("population", name)
    assert getattr(families, name) is build
    assert name in families.__all__
    assert all(p.annotation is not p.empty for p in inspect.signature(build).parameters.values())
    for section in ("Returns", "Raises"):
        assert section in (inspect.getdoc(build) or "")


@POPULATIONS
def test_takes_its_discount_and_start(name):
    build = _registry.resolve("population", name)
    count = build().num_actions
    assert build(discount=0.25).discount == 0.25
    assert build(start=np.eye(count)[1]).start.tolist() == np.eye(count)[1].tolist()
    for bad in (-0.1, 1.1, float("nan"), "a", None):
        with pytest.raises(GameError, match="discount"):
            build(discount=bad)
    with pytest.raises(GameError, match="start"):
        build(start=np.ones(count))


@POPULATIONS
def test_every_integer_parameter_refuses_what_is_none(name):
    build = _registry.resolve("population", name)
    for parameter, about in inspect.signature(build).parameters.items():
        if type(about.default) is int:
            for bad in (-1, 0.5, "x", None, True):
                with pytest.raises(GameError, match=parameter):
                    build(**{parameter: bad})
