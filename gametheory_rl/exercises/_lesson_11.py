"""Lesson 11: deep methods."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl._verify import verify
from gametheory_rl.exercises._answers import close, number, require, vector

CLIP, RATIO, ADVANTAGE = 0.2, 1.5, 2.0


def _surrogate(advantage: float) -> float:
    return min(RATIO * advantage, float(np.clip(RATIO, 1 - CLIP, 1 + CLIP)) * advantage)


def _good(answer: Any) -> str:
    found = number(answer)
    require(not close(found, RATIO * ADVANTAGE, 1e-9), "That is the unclipped product; the smaller of the two counts.")
    require(close(found, _surrogate(ADVANTAGE), 1e-9), "Clip the ratio, multiply both by the advantage, take the smaller.")
    return "Once the ratio is beyond the clip nothing is gained by moving on: the gradient is zero."


def _bad(answer: Any) -> str:
    found = number(answer)
    clipped = float(np.clip(RATIO, 1 - CLIP, 1 + CLIP)) * -ADVANTAGE
    require(not close(found, clipped, 1e-9), "That is the clipped product; which of two negative numbers is the smaller?")
    require(close(found, _surrogate(-ADVANTAGE), 1e-9), "Multiply both the ratio and the clipped ratio by the advantage, take the smaller.")
    return "A bad action that became more likely is punished without a limit: the clip is one-sided."


def _gap(answer: Any) -> str:
    found = number(answer)
    profile = (np.array([[0.7, 0.3]]), np.array([[0.4, 0.6]]))
    certificate = verify(load_game("matching_pennies"), profile)
    require(not close(found, certificate.gains.min(), 1e-6), "That is the gain of one player; the gap is the larger.")
    require(not close(found, certificate.gains.sum(), 1e-6), "That is the sum of both gains; the gap is the larger.")
    require(close(found, certificate.epsilon, 1e-6), "gt.verify(game, ([[0.7, 0.3]], [[0.4, 0.6]])).epsilon has it, with arrays.")
    return "The player whose opponent is further from a fair coin gains more."


def _inputs(answer: Any) -> str:
    found, (agents, seen, actions) = vector(answer, 2, "MADDPG's and DDPG's"), (3, 4, 5)
    require(found[1] == seen + actions, "The second: its own observation and its own action.")
    require(found[0] == agents * (seen + actions), "The first: everybody's observations and everybody's actions.")
    return "It grows with the number of agents, not with the number of joint actions."


JUDGES = (_good, _bad, _gap, _inputs)
