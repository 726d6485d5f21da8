"""Lesson 9: paradigms."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl.equilibria import best_responses, pure
from gametheory_rl.exercises._answers import array, close, integer, number, require
from gametheory_rl.families import covariant


def _climbing() -> np.ndarray:
    return load_game("climbing").payoff[:, 0]


def _entries(answer: Any) -> str:
    found, team = integer(answer), covariant(actions=4, players=6, correlation=1.0)
    require(found != sum(team.num_actions), "That is what decentralised learners have together.")
    require(found != team.num_players * team.num_joint_actions, "That is one table for each agent; the super-agent has one.")
    require(found == team.num_joint_actions, "It has an entry for each joint action: how many are there?")
    return "And each of them has to be tried."


def _average(answer: Any) -> str:
    found = integer(answer)
    truth = [int(action) for action in best_responses(_climbing(), [0, [1 / 3, 1 / 3, 1 / 3]], 0)]
    require(found in (0, 1, 2), "The actions are 0, 1 and 2.")
    require(found in truth, "Average each row of the table over the other's three actions.")
    return "The safe one, which belongs to no good equilibrium; learning goes up from there step by step, and stops too early."


def _loss(answer: Any) -> str:
    found, payoff = number(answer), _climbing()[0]
    require(not close(found, payoff[1, 1], 1e-9), "That is what it earns there; how much less is it than the best?")
    require(close(found, payoff.max() - payoff[1, 1], 1e-9), "The largest entry of the table, less the entry at (1, 1).")
    return "And nobody can mend it alone."


def _repair(answer: Any) -> str:
    found = array(answer, (3, 3), "payoffs of both")
    require(found.max() == _climbing().max(), "The largest payoff has to stay what it was.")
    profiles = pure(np.stack([found, found])).profiles
    require((0, 0) in profiles, "(0, 0) is no equilibrium of your game.")
    others = [profile for profile in profiles if profile != (0, 0)]
    require(
        not others,
        f"{others[0] if others else ''} is an equilibrium too: what if going to row 0 or column 0 from there paid a little more?",
    )
    return "From everywhere else a step by one of them leads upwards, so learners that see only themselves get there too."


JUDGES = (_entries, _average, _loss, _repair)
