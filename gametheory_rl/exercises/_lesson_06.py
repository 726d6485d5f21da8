"""Lesson 6: stochastic games."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl._games import StochasticGame
from gametheory_rl._verify import best_response, verify
from gametheory_rl.exercises._answers import NotYet, array, close, game, number, require
from gametheory_rl.stochastic import solve


def _bound(answer: Any) -> str:
    found, discount, change = number(answer), 0.9, 0.02
    require(not close(found, change, 1e-9), "That is the change itself; the fixed point may be further away than the last step was long.")
    require(not close(found, change / (1 - discount), 1e-9), "That bounds the error before the sweep; the sweep contracted it once more.")
    require(close(found, discount / (1 - discount) * change, 1e-9), "Use the inequality of section 3 with the numbers given.")
    return "The change times the discount over one minus the discount: nine times what the last sweep moved."


def _discounted(answer: Any) -> str:
    found, base = number(answer), load_game("irrational_value")
    truth = solve(StochasticGame(base.payoff, base.transition, 0.8)).values[0, 0]
    require(not close(found, solve(base).values[0, 0], 1e-4), "That is the value at the old discount; build the game anew.")
    require(close(found, truth, 5e-6), "Build gt.StochasticGame(payoff, transition, discount=0.8) and solve it; six digits are wanted.")
    return "The longer the future counts, the more the chance to play again is worth."


def _against_uniform(answer: Any) -> str:
    found, soccer = number(answer), load_game("soccer")
    kickoff = soccer.labels.states.index("A(1,3) B(2,1), A has the ball")
    uniform = tuple(legal / legal.sum(axis=1, keepdims=True) for legal in soccer.legal)
    answered = best_response(soccer, uniform, 0)
    require(not close(found, answered.gains[kickoff], 1e-4), "That is how much A gains over uniform play; what he earns is asked for.")
    require(
        not close(found, solve(soccer).values[0, kickoff], 1e-3),
        "That is the value against the best opponent; a random one is easier prey.",
    )
    require(close(found, answered.values[kickoff], 1e-4), "Take .values of gt.best_response(soccer, uniform, 0) at kickoff.")
    return "Against a known opponent much more can be earned than against the best one; and whoever earns it can be exploited himself."


def _worth_three(answer: Any) -> str:
    found = game(answer)
    require(found.zero_sum and found.num_players == 2, "The game has to be zero-sum with two players.")
    require(found.num_states >= 2 and min(found.num_actions) >= 2, "At least two states and two actions of each player are asked for.")
    require(close(found.discount, 0.5, 1e-12), "The discount has to be 0.5.")
    require(np.abs(found.payoff).max() <= 2, "A payoff is larger than 2 in absolute value.")
    value = solve(found).values[0, 0]
    hint = "less" if value < 3 else "more"
    require(
        close(value, 3, 1e-7),
        f"State 0 is worth {hint} than was asked. What is it worth to be paid c at every step for ever, at this discount?",
    )
    return "What is paid for ever at rate c is worth c over one minus the discount; the rest is a choice of c."


def _approximate(answer: Any) -> str:
    try:
        x, y = answer
    except (TypeError, ValueError):
        raise NotYet("A pair (x, y) is expected, each of shape (2, 2).") from None
    profile = tuple(array(policy, (2, 2), "states by actions") for policy in (x, y))
    rows = np.concatenate(profile)
    require((rows >= 0).all() and close(rows.sum(axis=1), 1, 1e-9), "Each row of a policy has to be a distribution.")
    certificate = verify(load_game("irrational_value"), profile)
    worst = int(certificate.gains.max(axis=1).argmax())
    require(
        certificate.epsilon <= 1e-3,
        f"Player {worst + 1} still gains {certificate.gains.max():.3g} by leaving. Read gt.solve(game).profile.",
    )
    return "Nobody gains more than a thousandth, and that is all a judge needs to know."


JUDGES = (_bound, _discounted, _against_uniform, _worth_three, _approximate)
