"""The rows of PRISM's ``.tra``: which joint action each choice is, and where it leads."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._columns import Column
from gametheory_rl.interchange._numbered_rows import Rows, shown
from gametheory_rl.interchange._scanner import MOST_PLAYERS

ROW = 80
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
    """``[choices]`` int32"""
    number: np.ndarray
    """``[choices]`` int32, as the file counts them at each state."""
    actions: np.ndarray
    """``[players, choices]`` int32"""
    choice_of: np.ndarray
    """``[transitions]`` int32, ascending."""
    target: np.ndarray
    """``[transitions]`` int32"""
    probability: np.ndarray
    """``[transitions]`` float64"""


def read_choices(rows: Rows) -> Choices:
    """Return what the rows of a .tra text say.

    Raises
    ------
    GameError
        With line and column: what was found, and what was expected.
    """
    where = rows.where
    num_states, num_players, num_choices, num_transitions = header(rows)
    joints: dict[str, int] = {}
    state, choice, target, joint, probability = _transitions(rows, num_states, num_choices, num_transitions, joints)
    new = np.append(True, (state[1:] != state[:-1]) | (choice[1:] != choice[:-1]))
    first = np.flatnonzero(new)
    _refuse(np.append(False, ~new[1:] & (joint[1:] != joint[:-1])), state, choice, where, "has rows with different actions")
    _refuse(np.append(False, ~new[1:] & (target[1:] == target[:-1])), state, choice, where, "names a target twice")
    if len(first) != num_choices:
        raise GameError(f"cannot read {where}: it has {len(first)} choices, the first row says {num_choices}")
    choice_of = np.cumsum(new, dtype=np.int32)
    choice_of -= 1
    state, choice, joint = state[first], choice[first], joint[first]
    menus, names = _joint_actions(list(joints), num_players, rows)
    _refuse_same(state, choice, joint, where)
    return Choices(num_states, num_players, names, state, choice, menus[:, joint], choice_of, target, probability)


def _transitions(rows: Rows, num_states: int, num_choices: int, count: int, joints: dict[str, int]) -> list[np.ndarray]:
    """Return state, choice, target, joint action, as ``joints`` numbers them, and probability of each row, sorted by the first three."""
    held = [Column("i"), Column("i"), Column("i"), Column("i"), Column("d")]
    for state, choice, target, probability, joint in rows.pieces(5):
        for name in dict.fromkeys(joint):
            joints.setdefault(name, len(joints))
        held[0].add(rows.whole(state, 0, "a state", num_states))
        held[1].add(rows.whole(choice, 1, "a choice", num_choices))
        held[2].add(rows.whole(target, 2, "a state", num_states))
        held[3].add(np.array([joints[name] for name in joint], np.int32))
        held[4].add(rows.real(probability, 3, "a probability (0.5, or 1/2)"))
    if len(held[0]) != count:
        raise GameError(f"cannot read {rows.where}: it has {len(held[0])} transitions, the first row says {count}")
    columns = [column.taken() for column in held]
    state, choice, target = columns[:3]
    level = state[1:] == state[:-1]
    rises = (state[1:] > state[:-1]) | level & (choice[1:] > choice[:-1])
    rises |= level & (choice[1:] == choice[:-1]) & (target[1:] >= target[:-1])
    if not rises.all():  # PRISM's own are
        order = np.lexsort((target, choice, state))
        for k, column in enumerate(columns):
            columns[k] = column[order]
    return columns


def header(rows: Rows) -> tuple[int, int, int, int]:
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
    """Return ``(players, joint actions)`` numbers, and each player's names."""
    menus: list[dict[str, int]] = [{} for _ in range(players)]
    numbers = np.empty((players, len(found)), np.int32)
    for k, joint in enumerate(found):
        parts = joint[1:-1].split(",")
        if not (joint.startswith("[") and joint.endswith("]")) or len(parts) != players or "" in parts:
            raise GameError(
                f"cannot read {rows.where}: {shown(joint)} was found, actions of {players} players were expected, as in [a,b] or [a,-]"
            )
        for player, (menu, name) in enumerate(zip(menus, parts, strict=True)):
            numbers[player, k] = menu.setdefault(name, len(menu))
    return numbers, tuple(map(tuple, menus))


def _refuse_same(state: np.ndarray, choice: np.ndarray, joint: np.ndarray, where: str) -> None:
    """Refuse choices of one state that are the same joint action."""
    keys = state.astype(np.int64) * (int(joint.max()) + 1) + joint
    if (keys[1:] > keys[:-1]).all():
        return
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    _refuse(
        np.append(False, keys[1:] == keys[:-1]), state[order], choice[order], where, "has the joint action of another choice of the state"
    )


def _refuse(wrong: np.ndarray, state: np.ndarray, choice: np.ndarray, where: str, complaint: str) -> None:
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        raise GameError(f"cannot read {where}: choice {choice[k]} of state {state[k]} {complaint}")
