"""What a method cannot do it refuses in one sentence that says what to use instead: every registered method, and the command."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError, StochasticGame
from gametheory_rl._registry import table

METHODS = sorted(table("solver"))
SPECIAL = {
    "value_iteration",
    "modified_policy_iteration",
    "policy_iteration",
    "newton",
    "linear_program",
    "team",
    "potential",
    "stage_game",
}
"""Methods of special classes, to none of which a random general-sum game belongs."""


def random_game(players=2, discount=0.9):
    rng = np.random.default_rng(0)
    shape = (3, *(2,) * players)
    return StochasticGame(rng.normal(size=(players, *shape)), rng.dirichlet(np.ones(3), shape), discount)


def zero_sum(discount):
    game = random_game()
    return StochasticGame(np.stack([game.payoff[0], -game.payoff[0]]), game.transition, discount)


def said(game, method):
    with pytest.raises(GameError) as refused:
        gt.solve(game, method)
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert ". " not in sentence
    return sentence


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("discount", [1.0, [0.9, 1.0]])
def test_a_discount_of_1(method, discount):
    sentence = said(random_game(discount=discount), method)
    assert "use homotopy" in sentence if "zero-sum" in sentence else "finite_horizon" in sentence or "use homotopy" in sentence


@pytest.mark.parametrize("method", [*METHODS, None])
def test_a_zero_sum_game_without_a_discount(method):
    assert "finite_horizon" in (sentence := said(zero_sum(1.0), method)) or "homotopy" in sentence


@pytest.mark.parametrize("method", sorted(SPECIAL))
@pytest.mark.parametrize("players", [2, 3])
def test_a_game_of_another_class(method, players):
    assert "use homotopy" in said(random_game(players), method)


def test_two_players_only():
    assert "use correlated or homotopy" in said(random_game(3), "stackelberg_iteration")


@pytest.mark.parametrize("method", METHODS)
def test_the_command_refuses_alike(call, tmp_path, method):
    gt.save_game(random_game(discount=1.0), tmp_path / "endless.npz")
    answer = call("solve", "endless.npz", "--method", method)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "homotopy" in answer.err or "finite_horizon" in answer.err
