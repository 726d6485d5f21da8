"""Joint actions that a file lists one by one: together they must be every combination of what the players may choose at a state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

REMEDY = "a table of so many joint actions does not fit: give fewer"


def legal_masks(
    places: Sequence[np.ndarray],
    shape: Sequence[int],
    where: str,
    called: Callable[[int], str] = str,
    played: Callable[[int, int], str] = lambda player, action: str(action),
) -> list[np.ndarray] | None:
    """Return which actions are legal: those with which any joint action is listed.

    Parameters
    ----------
    places : sequence of (k,) integer arrays
        The states, and each player's actions, of the joint actions that are listed, each once.
    shape : sequence of int
        ``(S, A_1, ..., A_n)``. No table of this size is made here, so that a file that is refused costs no memory.
    where : str
        The file, for messages.
    called : callable
        A state's name, for messages.
    played : callable
        The name of a player's action, for messages.

    Returns
    -------
    list of (S, A_i) bool arrays, or None
        None: every action is legal everywhere.

    Raises
    ------
    GameError
        A state without any joint action, a joint action of which every part is legal that is not listed, or masks that do not fit in
        memory.
    """
    require_memory((shape[0], sum(shape[1:])), where, REMEDY, item_bytes=1)
    states, masks = places[0], []
    for player, count in enumerate(shape[1:]):
        mask = np.zeros((shape[0], count), np.bool_)
        mask[states, places[1 + player]] = True
        masks.append(mask)
    listed = np.bincount(states, minlength=shape[0])
    if not listed.all():
        raise GameError(
            f"cannot read {where}: state {called(int(listed.argmin()))} has no row; where play ends a row is needed that leads back "
            "to the state and pays nothing"
        )
    # In float64: exact as far as the number of rows goes, and beyond it only larger.
    expected = np.prod([mask.sum(axis=1, dtype=np.float64) for mask in masks], axis=0)
    wrong = np.flatnonzero(listed != expected)
    if wrong.size:
        state = int(wrong[0])
        there = set(zip(*(actions[states == state].tolist() for actions in places[1:]), strict=True))
        menus = [np.flatnonzero(mask[state]).tolist() for mask in masks]
        missing = next((actions for actions in product(*menus) if actions not in there), ())
        names = ", ".join(played(player, action) for player, action in enumerate(missing))
        which = f"joint action ({names}) of state {called(state)}" if missing else f"state {called(state)}"
        raise GameError(f"cannot read {where}: {which} has no row, although each player may choose its part of it")
    return None if all(mask.all() for mask in masks) else masks
