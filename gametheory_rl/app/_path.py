"""The path of Lemke and Howson, pivot by pivot, in rationals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.equilibria.exact._rationals import normalised, payoff_matrix
from gametheory_rl.equilibria.exact._tableau import Tableau


@dataclass(frozen=True, eq=False)
class Step:
    """Where the path stands after a pivot."""

    x: np.ndarray
    """``[m]`` the row player's vertex, as a mixed action; zeros at the artificial start"""
    y: np.ndarray
    """``[n]``"""
    mover: str
    """``x`` or ``y``: whose polytope the pivot was in; empty at the start"""
    dropped: int
    picked: int
    twice: int
    """The label that both vertices have; -1 where every label is there once"""
    complete: bool


def lemke_howson_steps(A: Any, B: Any, label: int) -> list[Step]:
    """Return the vertices of the path from the artificial equilibrium to the equilibrium that dropping ``label`` leads to.

    The pivots are those of ``equilibria.exact.lemke_howson`` (C. E. Lemke & J. T. Howson 1964): integers, ties broken
    lexicographically, payoffs normalised player by player.

    Parameters
    ----------
    A, B : (m, n) arrays
    label : int
        0 .. m-1 the row player's actions, m .. m+n-1 the column player's.
    """
    m, n = np.shape(A)
    rows, columns = range(m), range(m, m + n)
    first, second = payoff_matrix(A, "A"), payoff_matrix(B, "B")
    tableaux = Tableau(normalised(second.T), columns, rows), Tableau(normalised(first), rows, columns)
    here, entering = int(label >= m), label
    steps = [_step(tableaux, rows, columns, "", -1, -1, label)]
    while True:
        leaving = tableaux[here].pivot(entering)
        steps.append(_step(tableaux, rows, columns, "xy"[here], entering, leaving, label))
        here, entering = 1 - here, leaving
        if leaving == label:
            return steps


def _step(tableaux: tuple[Tableau, Tableau], rows: range, columns: range, mover: str, dropped: int, picked: int, label: int) -> Step:
    complete = picked in (-1, label)
    return Step(_weights(tableaux[0], rows), _weights(tableaux[1], columns), mover, dropped, picked, -1 if complete else picked, complete)


def _weights(tableau: Tableau, labels: range) -> np.ndarray:
    basic = tableau.basic()
    weights = np.array([float(basic.get(label, 0)) for label in labels])
    total = weights.sum()
    return weights / total if total else weights


def describe_labels(game: StochasticGame) -> list[str]:
    """Return a name for each label: the action it stands for, with its number."""
    names = []
    for player, count in enumerate(game.num_actions):
        names += [f"{len(names) + k} ({'xy'[player]}: {game.labels.action(player, k)})" for k in range(count)]
    return names
