"""Lesson 8: selection and cycles."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl.equilibria import select
from gametheory_rl.exercises._answers import close, integer, number, pair, require
from gametheory_rl.stochastic import solve


def _keep(answer: Any) -> str:
    found, profile = number(answer), solve(load_game("nosde")).profile
    mine, other = profile[0][0], profile[1][1]
    require(not close(found, mine[1], 1e-4), "That is how often he sends.")
    require(not close(found, other[0], 1e-4), "That is player 2, in the other state.")
    require(close(found, mine[0], 1e-4), "Read it off gt.solve(nosde).profile: player 1 is index 0, so is state 0, so is keep.")
    return "He is indifferent, and mixes all the same: only so is the other indifferent too."


def _period(answer: Any) -> str:
    found = integer(answer)
    truth = solve(load_game("nosde"), "nash_iteration", throw=False).period
    require(
        found == truth,
        "It is not the number of greedy profiles, since values take part too: read .period of the solution, with throw=False.",
    )
    return "Values and policies come back together after so many sweeps."


def _welfare(answer: Any) -> str:
    found, grid = number(answer), load_game("grid_game_2")
    values = solve(grid, "nash_iteration", select="welfare", throw=False).values @ grid.start
    require(not np.isclose(found, values, atol=0.01).any(), "That is one player's; the sum is asked for.")
    require(close(found, values.sum(), 0.011), "Weigh .values by grid.start, and add the players up.")
    return "Somebody has to wait, and the rule decided who."


def _battle(answer: Any) -> str:
    found, (A, B) = pair(answer, (2, 2)), load_game("battle_of_the_sexes").payoff[:, 0]
    first, second = select(A, B, "best_for_1").profile, select(A, B, "best_for_2").profile
    agree = any(all(close(mine, theirs, 1e-6) for mine, theirs in zip(found, both, strict=True)) for both in (first, second))
    require(not agree, "That is one of the two equilibria; they would have to agree on it.")
    meant = (first[0], second[1])
    require(
        all(close(mine, theirs, 1e-6) for mine, theirs in zip(found, meant, strict=True)),
        "Each plays his own part of the one he likes best.",
    )
    return "Half of one equilibrium and half of another: both get nothing."


JUDGES = (_keep, _period, _welfare, _battle)
