"""What the families of stage games share: one state, played once unless a discount is given, and the memory that takes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import prod
from typing import Any

import numpy as np

from gametheory_rl._games import Labels, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.families._arguments import integer, real

MOST_PLAYERS = 20
LABELLED_ACTIONS = 20_000
"""Players with more actions than this carry no names of them."""


def require_payoffs(actions: Sequence[int], what: str) -> None:
    """Refuse a stage game that does not fit in memory, before any of it is built.

    About four copies of the payoffs are alive while the game is made and checked.
    """
    require_memory((len(actions), prod(actions)), f"the payoffs of {what}", "choose smaller parameters", item_bytes=32)


def one_shot(payoffs: np.ndarray, discount: Any, name: str, actions: Sequence[Sequence[str]] = ()) -> StochasticGame:
    """Return the game of one state whose payoffs are ``(n, A_1, ..., A_n)``; ``actions`` names them, one list a player."""
    labels = Labels((), (), tuple(map(tuple, actions))) if actions and max(map(len, actions)) <= LABELLED_ACTIONS else None
    return StochasticGame.from_matrix_game(payoffs, discount=real(discount, "discount", 0, 1), labels=labels, name=name)


def menu(actions: Any, players: int) -> tuple[int, ...]:
    """Return how many actions each player has; one number stands for all players."""
    several = isinstance(actions, Sequence | np.ndarray) and not isinstance(actions, str)
    counts = tuple(actions) if several else (actions,) * players
    if len(counts) != players:
        raise GameError(f"actions names {len(counts)} players, {players} were expected")
    return tuple(integer(count, "actions", 1) for count in counts)


def numbers(values: Any, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
    """Return ``values`` as finite float64 of one of the ``shapes``."""
    wanted = " or ".join(map(str, shapes))
    try:
        array = np.array(values)
    except ValueError:
        raise GameError(f"{name} is ragged, an array of shape {wanted} was expected") from None
    if array.dtype.kind not in "fiu":
        raise GameError(f"{name} holds {array.dtype} entries, numbers were expected")
    if array.shape not in shapes:
        raise GameError(f"{name} has shape {array.shape}, {wanted} was expected")
    if not np.isfinite(array).all():
        raise GameError(f"{name} holds {array[~np.isfinite(array)][0]}, finite numbers were expected")
    return array.astype(np.float64)


def subsets(count: int, size: int) -> np.ndarray:
    """Return all ways to choose ``size`` of ``count`` things, ``(ways, count)`` bool, in lexicographic order."""
    chosen = np.array(list(combinations(range(count), size)), dtype=np.int64)
    found = np.zeros((len(chosen), count), dtype=np.bool_)
    found[np.arange(len(chosen))[:, np.newaxis], chosen] = True
    return found
