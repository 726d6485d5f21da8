"""Lesson 5: learning in matrix games."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl.equilibria import dynamics, is_ess
from gametheory_rl.exercises._answers import array, close, number, require, word


def _which(answer: Any) -> str:
    said, payoffs = word(answer, ("play", "average", "neither")), load_game("matching_pennies").payoff[:, 0]
    path = dynamics.fictitious_play(payoffs, 20_000, start=([0.9, 0.1], [0.4, 0.6]))
    settled = {"play": bool(path.last_regret < 0.05), "average": bool(path.average_regret < 0.05)}
    truth = next((name for name, holds in settled.items() if holds), "neither")
    require(said == truth, "Look at both lines of the picture in section 1: one of them falls.")
    return "Every round is a pure action, so what can come close to a mixed equilibrium are the frequencies."


def _hedge(answer: Any) -> str:
    found, payoffs = number(answer), load_game("matching_pennies").payoff[:, 0]
    path = dynamics.hedge(payoffs, 10_000, rate=0.05, start=([0.6, 0.4], [0.5, 0.5]))
    require(not close(found, path.last_regret, 1e-4), "That is the regret of the last round's play, not of the averages.")
    require(close(found, path.average_regret, 6e-5), "Run it and read average_regret.")
    return "The averages are close to an equilibrium while play is far from it."


def _inwards(answer: Any) -> str:
    matrix = array(answer, (3, 3), "payoffs of rock, paper, scissors")
    cyclic = all(int(matrix[:, k].argmax()) == (k + 1) % 3 or int(matrix[:, k].argmax()) == (k - 1) % 3 for k in range(3))
    replies = [int(matrix[:, k].argmax()) for k in range(3)]
    require(cyclic and sorted(replies) == [0, 1, 2], "Best replies do not go round: each action has to be beaten by exactly one other.")
    middle = np.full(3, 1 / 3)
    require(np.ptp(matrix @ middle) < 1e-9, "The middle is no equilibrium: all actions have to earn the same against it.")
    require(is_ess(matrix, middle).stable, "Orbits do not wind inwards. What if a win were worth more than a loss costs?")
    return "Against a mutant the middle earns more than the mutant does against itself, so the population comes back."


def _gap(answer: Any) -> str:
    found, regrets = number(answer), (0.03, 0.05)
    require(found not in (*regrets, max(regrets)), "One player's regret bounds one side only; the gap has two.")
    require(
        close(found, sum(regrets), 1e-9),
        "Write the gap as (best reply of 1 - value) + (value - best reply of 2), and bound each by a regret.",
    )
    return "The two regrets add up to the gap: that is the whole proof that no-regret players solve zero-sum games."


JUDGES = (_which, _hedge, _inwards, _gap)
