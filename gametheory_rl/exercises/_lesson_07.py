"""Lesson 7: Minimax-Q."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl._support._errors import GameError
from gametheory_rl._verify import best_response, verify
from gametheory_rl.equilibria import minimax
from gametheory_rl.exercises._answers import NotYet, close, number, require
from gametheory_rl.families import soccer

REWARD, DISCOUNT, RATE = 0.5, 0.9, 0.2
PENNIES = np.array([[1.0, -1.0], [-1.0, 1.0]])


def _minimax_update(answer: Any) -> str:
    found, value = number(answer), float(minimax(PENNIES).value)
    require(
        not close(found, RATE * (REWARD + DISCOUNT * PENNIES.max()), 1e-9), "That takes the largest entry; Minimax-Q expects an opponent."
    )
    require(not close(found, RATE * (REWARD + DISCOUNT * PENNIES.min()), 1e-9), "That takes the smallest entry; what can be had by mixing?")
    require(
        close(found, RATE * (REWARD + DISCOUNT * value), 1e-9),
        "The next state's value is that of its matrix game; then move by the step size.",
    )
    return "The next state is worth what its matrix game is worth, with mixing."


def _q_update(answer: Any) -> str:
    found = number(answer)
    require(not close(found, RATE * REWARD, 1e-9), "That is Minimax-Q's; Q-learning takes the larger of its own two entries.")
    require(
        close(found, RATE * (REWARD + DISCOUNT * 1.0), 1e-9),
        "Take the largest entry of the next state, discount it, and move by the step size.",
    )
    return "It believes that the best it has seen can be had again, opponent or not."


def _uniform(answer: Any) -> str:
    found, game = number(answer), load_game("soccer")
    kickoff = game.labels.states.index("A(1,3) B(2,1), A has the ball")
    uniform = tuple(legal / legal.sum(axis=1, keepdims=True) for legal in game.legal)
    truth = -best_response(game, uniform, 1).values[kickoff]
    require(not close(found, -truth, 1e-4), "That is what B earns; A earns the opposite.")
    require(not close(found, verify(game, uniform).values[0, kickoff], 1e-4), "That is what it earns against uniform play.")
    require(close(found, truth, 1e-4), "Let B answer best: gt.best_response(soccer, uniform, 1).")
    return "Negative, though A has the ball: who plays at random loses it."


def _train(answer: Any) -> str:
    game = soccer(rows=2, columns=3)
    try:
        certificate = verify(game, answer)
    except (GameError, TypeError, ValueError) as error:
        raise NotYet(f"A profile of the 2 x 3 pitch is expected, as in run.profile: {error}.") from None
    gap = certificate.start_gap
    require(gap < 0.2, f"Its start_gap is {gap:.3g}: more steps, or a learner that mixes, or samples from everywhere.")
    return f"Nobody gains more than {gap:.2g} from the start."


JUDGES = (_minimax_update, _q_update, _uniform, _train)
