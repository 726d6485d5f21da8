import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import GameError, Status
from gametheory_rl.equilibria import minimax, security


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_nobody_can_hold_a_player_below_it_and_the_others_can_hold_it_there(seed, players):
    rng = np.random.default_rng(seed)
    payoffs = rng.normal(size=(players, *rng.integers(1, 4, players)))
    for i in range(players):
        level = security(payoffs, i)
        earns = np.moveaxis(payoffs[i], i, 0).reshape(payoffs.shape[i + 1], -1)
        assert level.status is Status.SOLVED
        assert level.strategy @ earns == pytest.approx(np.maximum(level.strategy @ earns, level.value - 1e-12))
        assert (earns @ level.punishment.ravel() <= level.value + 1e-12).all()
        assert level.punishment.shape == (*payoffs.shape[1 : i + 1], *payoffs.shape[i + 2 :])
        scaled = security(payoffs * 7.0 - 3.0, i)
        assert scaled.value == pytest.approx(level.value * 7.0 - 3.0)


def test_named_games():
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert security([pennies, -pennies], 1).value == pytest.approx(0.0)
    A, B = np.random.default_rng(1).normal(size=(2, 4, 3))
    assert security([A, B], 0).value == pytest.approx(float(minimax(A).value))
    assert security([A, B], 1).value == pytest.approx(float(minimax(B.T).value))
    assert security([[1.0, 5.0, 2.0]], 0).value == 5.0
    # Three players: the others match pennies against player 0 only by acting together.
    payoff = np.array([[[-1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, -1.0]]])
    level = security([payoff] * 3, 0)
    assert level.value == pytest.approx(-0.5)
    np.testing.assert_allclose(level.punishment, [[0.5, 0], [0, 0.5]], atol=1e-12)


def test_bad_input_is_refused_in_a_sentence():
    for player in (2, -1, 0.5, "x", None):
        with pytest.raises(GameError, match="the player is"):
            security(np.zeros((2, 2, 2)), player)
    with pytest.raises(GameError, match="one axis per player"):
        security(np.zeros((3, 2, 2)), 0)
