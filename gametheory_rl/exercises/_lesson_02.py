"""Lesson 2: zero-sum games."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl.equilibria import duality_gap, exact, minimax
from gametheory_rl.exercises._answers import array, close, mixture, number, require

LINES = np.array([[3.0, -1.0, 1.0], [-2.0, 4.0, 2.0]])


def _value(answer: Any) -> str:
    found, truth = number(answer), minimax([[2, -1], [-1, 1]]).value
    require(not close(found, -truth, 1e-6), "The sign: what does the row player get?")
    require(not close(found, 0.25, 1e-9), "That is what a fair coin against a fair coin earns; the coin is not optimal here.")
    require(close(found, truth, 1e-6), "There is no saddle point, so both mix: make the opponent indifferent, and see what is earned.")
    return "A row player who mixes like this earns the same against either column."


def _bonus(answer: Any) -> str:
    found = mixture(answer, 3, "rock, paper, scissors")
    game = np.array([[0, -1, 2], [1, 0, -1], [-2, 1, 0]], dtype=float)
    gap = float(duality_gap(game, found, minimax(game).profile[1]))
    require(not close(found, 1 / 3, 1e-6), "That is optimal without the bonus.")
    low = ("rock", "paper", "scissors")[int((found @ game).argmin())]
    require(gap < 1e-4, f"Not optimal: an opponent who answers with {low} makes you lose {gap:.3g} a round on average.")
    return "The action that beats rock, not rock, is played the most."


def _shortfall(answer: Any) -> str:
    found, value = number(answer), float(minimax(LINES).value)
    guaranteed = float((np.array([0.75, 0.25]) @ LINES).min())
    require(not close(found, guaranteed, 1e-6), "That is what he guarantees; how far below the value is it?")
    require(close(found, value - guaranteed, 1e-5), "The guarantee of x is the smallest entry of x A; the value is eq.minimax(A).value.")
    return "Half of the duality gap can be read without knowing anything of the opponent."


def _several(answer: Any) -> str:
    found = array(answer, (3, 3), "whole numbers")
    require((found == np.round(found)).all() and np.abs(found).max() < 1e6, "Whole numbers of moderate size are asked for.")
    require(np.ptp(found) > 0, "Not all entries may be alike.")
    sets = exact.optimal_strategies(found.astype(int).tolist())
    require(
        sets.value == 0, f"The value of your game is {sets.value}; subtract it, or begin with a matrix that equals minus its transpose."
    )
    require(len(sets.x) > 1, "The row player has a single optimal strategy; make two rows equally good, for example alike.")
    return "The optimal strategies form a polytope, and this one has several corners."


def _scaled(answer: Any) -> str:
    found, base = number(answer), np.array([[1.6, -0.4], [-0.4, 1.6]])
    require(not close(found, 3 * float(minimax(base).value), 1e-9), "The triple is right; what does paying two more everywhere do?")
    require(close(found, minimax(3 * base + 2).value, 1e-9), "Optimal strategies do not change. What happens to what they earn?")
    return "Positive scales and shifts change the value likewise and the strategies not at all."


JUDGES = (_value, _bonus, _shortfall, _several, _scaled)
