"""PRISM's reward structures: ``.srew`` by state, ``.trew`` by transition."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gametheory_rl._support._files import read_text
from gametheory_rl.interchange._numbered_rows import Rows, shown
from gametheory_rl.interchange._prism_choices import Choices

MOST = 1_000
"""Structures that are looked for."""

_NAME = re.compile(r'#\s*Reward structure\s+"([^"]*)"')


class Structure(NamedTuple):
    """One reward structure."""

    name: str
    by_state: np.ndarray
    """``[S]``"""
    by_choice: np.ndarray
    """``[choices]`` expected reward of the transition."""
    sign: float = 1.0


def read_structures(base: Path, choices: Choices) -> list[Structure]:
    """Return the structures in ``base.srew`` and ``base.trew``, or else in ``base1.srew``, ``base1.trew``, ``base2.srew``, ..."""
    single = _structure(base, "", choices)
    if single is not None:
        return [single]
    found: list[Structure] = []
    while len(found) < MOST:
        structure = _structure(base, str(len(found) + 1), choices)
        if structure is None:
            break
        found.append(structure)
    return found


def _structure(base: Path, number: str, choices: Choices) -> Structure | None:
    paths = [base.with_name(f"{base.name}{number}{ending}") for ending in (".srew", ".trew")]
    files = [Rows(read_text(path), str(path)) if path.is_file() else None for path in paths]
    by_state, by_choice, names = np.zeros(choices.num_states), np.zeros(len(choices.state)), [""]
    if files == [None, None]:
        return None
    if files[0] is not None:
        names += _head(files[0], [choices.num_states])
        by_state = _by_state(files[0], choices)
    if files[1] is not None:
        names += _head(files[1], [choices.num_states, len(choices.state)])
        by_choice = _by_choice(files[1], choices)
    return Structure(names[-1], by_state, by_choice)


def _head(rows: Rows, counts: list[int]) -> list[str]:
    """Return the structure's name, in a list, where a comment says it; sure that the counts are those of the transitions."""
    head, comments = rows.first()
    expected = " ".join(map(str, counts))
    # The last count is of rows that are not zero. PRISM-games has been seen to count them wrong, so that it says nothing.
    if not re.fullmatch(rf"{expected} \d{{1,12}}", " ".join(head.split()), re.ASCII):
        what = "the numbers of states and of rewards" if len(counts) == 1 else "the numbers of states, of choices and of rewards"
        rows.fail(0, 0, f"{shown(head)} was found, {what} were expected, as in {expected} 0")
    return [match.group(1) for match in map(_NAME.match, comments) if match]


def _by_state(rows: Rows, choices: Choices) -> np.ndarray:
    rewards = np.zeros(choices.num_states)
    seen = np.zeros(choices.num_states, np.bool_)
    for state, reward in rows.pieces(2):
        states = rows.whole(state, 0, "a state", choices.num_states)
        _once(states, seen, rows, "the state")
        rewards[states] = rows.real(reward, 1, "a reward")
    return rewards


def _by_choice(rows: Rows, choices: Choices) -> np.ndarray:
    """Return the expected reward of each choice; where all of its targets have the same, exactly that."""
    largest = int(choices.number.max()) + 1
    keys = choices.state.astype(np.int64) * largest + choices.number
    places = choices.choice_of.astype(np.int64) * choices.num_states + choices.target
    rewards = np.zeros(len(places))
    seen = np.zeros(len(places), np.bool_)
    for state, choice, target, reward in rows.pieces(4):
        wanted = rows.whole(state, 0, "a state", choices.num_states) * largest + rows.whole(choice, 1, "a choice", largest)
        choice_at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        _there(keys[choice_at] == wanted, rows, 1, "the state has no such choice")
        wanted = choice_at * choices.num_states + rows.whole(target, 2, "a state", choices.num_states)
        at = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
        _there(places[at] == wanted, rows, 2, "the choice does not lead to this state")
        _once(at, seen, rows, "the transition")
        rewards[at] = rows.real(reward, 3, "a reward")
    first = np.flatnonzero(np.append(True, np.diff(choices.choice_of)))
    expected = np.add.reduceat(choices.probability * rewards, first)
    low, high = np.minimum.reduceat(rewards, first), np.maximum.reduceat(rewards, first)
    return np.where(low == high, low, expected)


def _there(fine: np.ndarray, rows: Rows, column: int, complaint: str) -> None:
    if not fine.all():
        rows.fail(int(np.flatnonzero(~fine)[0]), column, complaint)


def _once(places: np.ndarray, seen: np.ndarray, rows: Rows, what: str) -> None:
    """Mark places as seen; each may be there once."""
    again = np.ones(len(places), np.bool_)
    again[np.unique(places, return_index=True)[1]] = False
    again |= seen[places]
    if again.any():
        rows.fail(int(np.flatnonzero(again)[0]), 0, f"{what} has a reward already")
    seen[places] = True
