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


FITTING = dict.fromkeys(SPECIAL, zero_sum(0.9)) | {
    "linear_program": gt.load_game("big_match"),
    "team": StochasticGame(np.ones((2, 3, 2, 2)), random_game().transition, 0.9),
    "potential": StochasticGame(np.ones((2, 3, 2, 2)), random_game().transition, 0.9),
    "stage_game": gt.load_game("chicken"),
}
"""A game of each special class"""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "settings", [{"tol": t} for t in (0, -1.0, np.nan, np.inf, True, "1")] + [{"max_iterations": k} for k in (0, -1, 2.5, True)]
)
def test_settings_out_of_range(method, settings):
    game = FITTING.get(method, random_game())
    with pytest.raises(GameError, match=f"{next(iter(settings))} is .* was expected"):
        gt.solve(game, method, **settings)


@pytest.mark.parametrize("settings", [{"tol": t} for t in (0, -1.0, np.nan, True, "1")] + [{"horizon": h} for h in (0, -1, True, 1.5, "2")])
def test_horizons_and_their_tolerances(settings):
    with pytest.raises(GameError, match=f"{next(iter(settings))} is .* was expected"):
        gt.stochastic.finite_horizon(random_game(), **{"horizon": 2, **settings})


@pytest.mark.parametrize("final", [np.full((2, 3), np.nan), np.full((2, 3), np.inf), np.zeros(3), 1.0, "1"])
def test_final_values_that_are_none(final):
    with pytest.raises(GameError, match="final values"):
        gt.stochastic.finite_horizon(random_game(), 2, final=final)


def test_what_is_no_game_or_no_name():
    stochastic = gt.stochastic
    for verb in (gt.solve, lambda g: stochastic.finite_horizon(g, 2), stochastic.average_payoff):
        with pytest.raises(GameError, match="takes a StochasticGame, got list; load_game"):
            verb([[1, 2]])
    for verb in (stochastic.reachability, stochastic.safety):
        with pytest.raises(GameError, match=f"{verb.__name__} takes a StochasticGame, got list"):
            verb([[1, 2]], [0])
    with pytest.raises(GameError, match="unknown method"):
        gt.solve(random_game(), ["newton"])
    with pytest.raises(GameError, match="unknown concept"):
        stochastic.finite_horizon(random_game(), 2, concept=["nash"])


def test_none_asks_for_nothing():
    game = random_game()
    plain = gt.solve(game)
    asked = gt.solve(game, select=None, path=None, prior=None)
    assert plain.method == asked.method == "homotopy"
    np.testing.assert_array_equal(plain.values, asked.values)
    assert gt.solve(zero_sum(0.9), select=None).method == "newton"


@pytest.mark.parametrize("method", ["newton", "value_iteration", "team"])
def test_who_is_sent_elsewhere_is_not_refused_there(method):
    assert "finite_horizon" in said(random_game(discount=1.0), method)
    assert "finite_horizon" not in said(random_game(), method)


def test_two_players_only():
    assert "use correlated or homotopy" in said(random_game(3), "stackelberg_iteration")


@pytest.mark.parametrize("method", METHODS)
def test_the_command_refuses_alike(call, tmp_path, method):
    gt.save_game(random_game(discount=1.0), tmp_path / "endless.npz")
    answer = call("solve", "endless.npz", "--method", method)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "homotopy" in answer.err or "finite_horizon" in answer.err
