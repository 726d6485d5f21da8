"""The rows of PRISM's ``.tra``: which joint action each choice is, and where it leads."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._numbered_rows import Rows, shown
from gametheory_rl.interchange._scanner import MOST_PLAYERS

ROW = 120
"""Bytes of memory that a transition takes while it is read and sorted."""
SHORTEST = len("0 0 0 1 [-]\n")

_HEADER = re.compile(r"(\d{1,12}):(\d{1,3}) (\d{1,12}) (\d{1,12})", re.ASCII)


class Choices(NamedTuple):
    """Choices, by state and number, and the transitions of each, by target."""

    num_states: int
    num_players: int
    names: tuple[tuple[str, ...], ...]
    """One tuple of action names per player, in the order in which the file has them."""
    state: np.ndarray
    """``[choices]`` int64"""
    number: np.ndarray
    """``[choices]`` int64, as the file counts them at each state."""
    actions: np.ndarray
    """``[choices, players]`` int64"""
    choice_of: np.ndarray
    """``[transitions]`` int64, ascending."""
    target: np.ndarray
    """``[transitions]`` int64"""
    probability: np.ndarray
    """``[transitions]`` float64"""


def read_choices(text: str, where: str) -> Choices:
    """Return what a .tra text says.

    Raises
    ------
    GameError
        With line and column: what was found, and what was expected.
    """
    rows = Rows(text, where)
    num_states, num_players, num_choices, num_transitions = _header(rows)
    joints: dict[str, int] = {}
    found = []
    for state, choice, target, probability, joint in rows.pieces(5):
        for name in dict.fromkeys(joint):
            joints.setdefault(name, len(joints))
        columns = (
            rows.whole(state, 0, "a state", num_states),
            rows.whole(choice, 1, "a choice", num_choices),
            rows.whole(target, 2, "a state", num_states),
            np.array([joints[name] for name in joint], np.int64),
        )
        found.append((*columns, rows.real(probability, 3, "a probability (0.5, or 1/2)")))
    if sum(len(piece[0]) for piece in found) != num_transitions:
        raise GameError(f"cannot read {where}: it has {sum(len(p[0]) for p in found)} transitions, the first row says {num_transitions}")
    state, choice, target, joint, probability = (np.concatenate(column) for column in zip(*found, strict=True))
    del found
    actions, names = _joint_actions(list(joints), num_players, rows)
    order = np.lexsort((target, choice, state))
    state, choice, target, joint, probability = (column[order] for column in (state, choice, target, joint, probability))
    new = np.append(True, (state[1:] != state[:-1]) | (choice[1:] != choice[:-1]))
    first = np.flatnonzero(new)
    choice_of = np.asarray(np.cumsum(new)) - 1
    _refuse((joint != joint[first][choice_of]), state, choice, where, "has rows with different actions")
    _refuse(np.append(False, ~new[1:] & (target[1:] == target[:-1])), state, choice, where, "names a target twice")
    if len(first) != num_choices:
        raise GameError(f"cannot read {where}: it has {len(first)} choices, the first row says {num_choices}")
    same = np.lexsort((joint[first], state[first]))
    twice = np.append(False, (np.diff(joint[first][same]) == 0) & (np.diff(state[first][same]) == 0))
    _refuse(twice, state[first][same], choice[first][same], where, "has the joint action of another choice of the state")
    return Choices(num_states, num_players, names, state[first], choice[first], actions[joint[first]], choice_of, target, probability)


def _header(rows: Rows) -> tuple[int, int, int, int]:
    """Return states, players, choices and transitions, no more than the text has room for."""
    head, _ = rows.first()
    match = _HEADER.fullmatch(" ".join(head.split()))
    if match is None:
        rows.fail(0, 0, f"{shown(head)} was found, states:players choices transitions of a concurrent game were expected, as in 3:2 8 11")
    states, players, choices, transitions = map(int, match.groups())
    if not 1 <= players <= MOST_PLAYERS:
        rows.fail(0, 0, f"there are {players} players, 1 to {MOST_PLAYERS} were expected")
    if not 1 <= states <= choices <= transitions or transitions > len(rows.text) // SHORTEST + 1:
        rows.fail(
            0,
            0,
            f"{states} states, {choices} choices and {transitions} transitions were found: a state has a choice, a choice a row of its own",
        )
    require_memory((transitions,), rows.where, "save it as .npz", item_bytes=ROW)
    return states, players, choices, transitions


def _joint_actions(found: list[str], players: int, rows: Rows) -> tuple[np.ndarray, tuple[tuple[str, ...], ...]]:
    """Return ``(joint actions, players)`` numbers, and each player's names."""
    menus: list[dict[str, int]] = [{} for _ in range(players)]
    numbers = np.empty((len(found), players), np.int64)
    for k, joint in enumerate(found):
        parts = joint[1:-1].split(",")
        if not (joint.startswith("[") and joint.endswith("]")) or len(parts) != players or "" in parts:
            raise GameError(
                f"cannot read {rows.where}: {shown(joint)} was found, actions of {players} players were expected, as in [a,b] or [a,-]"
            )
        for player, (menu, name) in enumerate(zip(menus, parts, strict=True)):
            numbers[k, player] = menu.setdefault(name, len(menu))
    return numbers, tuple(map(tuple, menus))


def _refuse(wrong: np.ndarray, state: np.ndarray, choice: np.ndarray, where: str, complaint: str) -> None:
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        raise GameError(f"cannot read {where}: choice {choice[k]} of state {state[k]} {complaint}")
