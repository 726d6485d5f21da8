"""What holds for every registered dynamic: starts of any batch, the same path each time, never outside the simplex, judged exactly."""

import inspect

import numpy as np
import pytest

from gametheory_rl import GameError, Status, _registry
from gametheory_rl.equilibria import dynamics, regret

DYNAMICS = pytest.mark.parametrize("name", sorted(_registry.table("dynamic")))
GAME = np.random.default_rng(0).normal(size=(2, 3, 2))


@DYNAMICS
def test_is_public_documented_and_typed(name):
    rule = _registry.resolve("dynamic", name)
    assert getattr(dynamics, name) is rule
    assert name in dynamics.__all__
    signature = inspect.signature(rule)
    assert {"payoffs", "start", "records", "progress"} <= set(signature.parameters)
    assert all(p.annotation is not p.empty for p in signature.parameters.values())
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert section in (inspect.getdoc(rule) or "")


@DYNAMICS
def test_paths_are_distributions_and_judged(name):
    rule = _registry.resolve("dynamic", name)
    starts = dynamics.random_starts(GAME, 6, seed=2)
    path = rule(GAME, 8, start=tuple(x.reshape(2, 3, -1) for x in starts), records=4)
    again = rule(GAME, 8, start=tuple(x.reshape(2, 3, -1) for x in starts), records=4)
    assert path.status is Status.FINISHED
    assert path.times[-1] == 8
    for x, same, actions in zip(path.profiles, again.profiles, GAME.shape[1:], strict=True):
        assert x.shape == (2, 3, len(path.times), actions)
        assert x.min() >= 0.0
        np.testing.assert_allclose(x.sum(axis=-1), 1.0, atol=1e-12)
        np.testing.assert_array_equal(x, same)
    for x, start in zip(path.profiles, starts, strict=True):
        np.testing.assert_allclose(x[..., 0, :].reshape(6, -1), start, atol=1e-15)
    assert path.last_regret[1, 2] == regret(GAME, [x[1, 2] for x in path.last])
    assert path.average_regret[1, 2] == regret(GAME, [x[1, 2] for x in path.average])


@DYNAMICS
def test_bad_payoffs_and_starts_are_refused(name):
    rule = _registry.resolve("dynamic", name)
    for bad in (np.full((2, 3, 2), np.nan), np.zeros((2, 0, 2)), np.zeros((3, 3, 2)), 1.0, [["a"]], [[[1, 2]], [[3]]]):
        with pytest.raises(GameError):
            rule(bad)
    with pytest.raises(GameError, match="player 1"):
        rule(GAME, start=([1, 0, 0], [np.nan, 1]))
