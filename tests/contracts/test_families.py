"""What holds for every registered family: it builds without arguments, the same game each time, and says what is wrong."""

import inspect
import pickle

import numpy as np
import pytest

from gametheory_rl import GameError, StochasticGame, _registry, families, load_game, save_game

FAMILIES = pytest.mark.parametrize("name", sorted(_registry.table("family")))


def same(one, other):
    """Whether two games are equal bit for bit, tensors, names and board."""
    arrays = [(one.payoff, other.payoff), (one.discount, other.discount), (one.start, other.start)]
    arrays += [*zip(one.legal, other.legal, strict=True), *zip(one.successors, other.successors, strict=True)]
    equal = all(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in arrays)
    equal &= (one.name, one.labels, one.is_sparse) == (other.name, other.labels, other.is_sparse)
    return equal and same_board(one.board, other.board)


def same_board(one, other):
    if one is None or other is None:
        return one is other
    plain = (one.shape, one.goals, one.moves) == (other.shape, other.goals, other.moves)
    holders = (one.holder is None) == (other.holder is None) and (one.holder is None or np.array_equal(one.holder, other.holder))
    return plain and holders and np.array_equal(one.positions, other.positions)


@FAMILIES
def test_builds_the_same_game_without_arguments(name):
    build = _registry.resolve("family", name)
    game = build()
    assert isinstance(game, StochasticGame)
    assert game.name
    assert same(game, build())
    assert not game.terminal.all()


@FAMILIES
def test_is_public_documented_and_typed(name):
    build = _registry.resolve("family", name)
    assert getattr(families, name) is build
    assert name in families.__all__
    signature = inspect.signature(build)
    assert "discount" in signature.parameters
    assert all(p.annotation is not p.empty for p in signature.parameters.values())
    for section in ("Returns", "Raises"):
        assert section in (inspect.getdoc(build) or "")


@FAMILIES
def test_takes_its_discount(name):
    build = _registry.resolve("family", name)
    assert build(discount=0.25).discount.tolist() == [0.25] * build().num_players
    for bad in (-0.1, 1.1, float("nan"), "a", None):
        with pytest.raises(GameError, match="discount"):
            build(discount=bad)


@FAMILIES
def test_every_integer_parameter_refuses_what_is_none(name):
    build = _registry.resolve("family", name)
    for parameter, about in inspect.signature(build).parameters.items():
        if about.default is not None and type(about.default) is int:
            for bad in (-1, 0.5, "x", None, True):
                with pytest.raises(GameError, match=parameter):
                    build(**{parameter: bad})


@FAMILIES
def test_board_fits_the_actions(name):
    game = _registry.resolve("family", name)()
    if game.board is not None:
        assert set(game.num_actions) == {len(game.board.moves)}
        rows, columns = game.board.shape
        on_board = game.board.positions[:, ~game.terminal]
        assert (on_board >= 0).all()
        assert (on_board < (rows, columns)).all()


@FAMILIES
@pytest.mark.parametrize("ending", [".toml", ".json", ".npz"])
def test_survives_saving_and_pickling(name, ending, tmp_path):
    game = _registry.resolve("family", name)()
    assert same(game, pickle.loads(pickle.dumps(game)))
    path = save_game(game, tmp_path / f"game{ending}")
    assert same(game, load_game(path))
