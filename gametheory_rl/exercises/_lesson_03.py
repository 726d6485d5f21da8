"""Lesson 3: Lemke and Howson."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl.equilibria import best_responses, lemke_howson, lemke_howson_all, vertex_enumeration
from gametheory_rl.exercises._answers import NotYet, array, integer, number, require
from gametheory_rl.families import dual_cyclic


def _labels(answer: Any) -> str:
    if isinstance(answer, str) or not hasattr(answer, "__iter__"):
        raise NotYet("A list of labels is expected, such as [1, 4].")
    found = {integer(label) for label in answer}
    x, payoffs = np.array([0, 1 / 3, 2 / 3]), load_game("three_by_two").payoff[:, 0]
    unplayed = {int(action) + 1 for action in np.flatnonzero(x == 0)}
    best = {int(action) + 4 for action in best_responses(payoffs, [x, 0], 1)}
    require(found <= set(range(1, 6)), "Labels go from 1 to 5: three of player 1's actions, two of player 2's.")
    require(unplayed <= found, "An action that its owner does not play is a label.")
    require(best <= found, "What are player 2's best responses to this mixture? There may be several.")
    require(
        found == unplayed | best,
        "There is a label too many: an action of player 1 counts if it is not played, one of player 2 if it is best.",
    )
    return "As many labels as player 1 has actions: a corner of P."


def _reached(answer: Any) -> str:
    found, payoffs = integer(answer), load_game("battle_of_the_sexes").payoff[:, 0]
    require(
        found != len(vertex_enumeration(*payoffs).profiles), "So many there are; not all of them are at the end of a path from the origin."
    )
    require(found == len(lemke_howson_all(*payoffs).profiles), "Run eq.lemke_howson(A, B, label) for all four labels and compare.")
    return "One equilibrium is the end of no path that starts at the origin: it needs a path from another equilibrium."


def _infinitely(answer: Any) -> str:
    if isinstance(answer, str) or not hasattr(answer, "__len__") or len(answer) != 2:
        raise NotYet("A pair of tables is expected: (A, B), each with two rows of two numbers.")
    A, B = (array(table, (2, 2), "payoffs") for table in answer)
    require(len(np.unique(A)) == 4, "Two entries of A are equal.")
    found = vertex_enumeration(A, B)
    subsets = [subset for component in found.components for subset in component.subsets]
    spread = any(len(subset.x) > 1 or len(subset.y) > 1 for subset in subsets)
    hint = "degenerate, but its equilibria are single points" if found.degenerate else "not degenerate"
    require(spread, f"Your game is {hint}. Make player 2 indifferent against an action that player 1 likes for a whole range of replies.")
    return "A segment of equilibria: player 2 may mix as he likes as long as player 1's action stays best."


SHORTEST_LABEL, LONGEST = 20, 28656
"""Of all labels of ``dual_cyclic(actions=14)``: one of a shortest path, and the pivots of the longest. To walk all 28 takes 25 seconds."""


def _shortest(answer: Any) -> str:
    found, (A, B) = number(answer), dual_cyclic(actions=14).payoff[:, 0]
    require(found != LONGEST, "That is the longest.")
    shortest = int(lemke_howson(A, B, SHORTEST_LABEL).path_length)
    require(found == shortest, "Take the minimum of path_length over all 28 labels, player 2's as well.")
    return "Even with the best of all labels to start from the path is long."


JUDGES = (_labels, _reached, _infinitely, _shortest)
