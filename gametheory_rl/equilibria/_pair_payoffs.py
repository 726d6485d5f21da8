"""Polymatrix games: players paid pair by pair. How such payoffs are given and checked, and the judge of profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._checks import mixed_actions, one_each, real_array


@dataclass(frozen=True, eq=False)
class Pairs:
    """Checked pair payoffs."""

    num_actions: tuple[int, ...]
    matrices: Mapping[tuple[int, int], np.ndarray]
    """(i, j) -> ``[A_i, A_j]`` what player i gets from the pair; a pair that is missing pays nothing."""


def polymatrix_tensor(pair_payoffs: Any) -> np.ndarray:
    """Return a polymatrix game as one payoff array, the form that all other functions take.

    Parameters
    ----------
    pair_payoffs : mapping or (n, n, A, A) array
        As in `polymatrix`.

    Returns
    -------
    (n, A_1, ..., A_n) array
        ``payoffs[i]`` at a joint action is the sum over j of ``pair_payoffs[i, j][a_i, a_j]``.

    Raises
    ------
    GameError
        Pair payoffs that do not fit together, or an array that does not fit into memory.

    Examples
    --------
    >>> matching = [[1, -1], [-1, 1]]
    >>> polymatrix_tensor({(0, 1): matching, (1, 2): matching, (2, 0): matching})[:, 0, 0, 1].tolist()
    [1.0, -1.0, -1.0]
    """
    game = pairs(pair_payoffs)
    players = len(game.num_actions)
    remedy = "use the functions that take pairs"
    if players > 63:  # numpy's arrays have at most 64 axes
        raise GameError(f"the game has {players} players, at most 63 were expected in one array of payoffs; {remedy}")
    require_memory((players, *game.num_actions), "the payoff array", remedy)
    payoffs = np.zeros((players, *game.num_actions))
    for (i, j), matrix in game.matrices.items():
        laid = matrix if i < j else matrix.T
        payoffs[i] += laid.reshape([count if k in (i, j) else 1 for k, count in enumerate(game.num_actions)])
    return payoffs


def polymatrix_regret(pair_payoffs: Any, profile: Sequence[Any]) -> float:
    """Return the most that one player of a polymatrix game gains by a deviation: zero exactly at a Nash equilibrium.

    Parameters
    ----------
    pair_payoffs : mapping or (n, n, A, A) array
        As in `polymatrix`.
    profile : n arrays, the i-th (A_i,)
        Mixed actions.

    Returns
    -------
    float
        In payoff units, never negative.

    Raises
    ------
    GameError
        Pair payoffs or strategies that do not fit together.

    Examples
    --------
    >>> matching = [[1, -1], [-1, 1]]
    >>> polymatrix_regret({(0, 1): matching, (1, 0): [[-1, 1], [1, -1]]}, ([1, 0], [0.5, 0.5]))
    1.0
    """
    game = pairs(pair_payoffs)
    profile = one_each(profile, len(game.num_actions), "the profile")
    counts = enumerate(zip(profile, game.num_actions, strict=True))
    mixed = [mixed_actions(x, (count,), f"the strategy of player {i}") for i, (x, count) in counts]
    return max(gain / unit for gain, unit in gains(game, mixed))


def gains(game: Pairs, mixed: Sequence[np.ndarray]) -> list[tuple[float, float]]:
    """Return for each player what the best reply earns more, times a power of two that keeps everything finite, and that power."""
    found = []
    for i, (own, count) in enumerate(zip(mixed, game.num_actions, strict=True)):
        blocks = {j: matrix for (k, j), matrix in game.matrices.items() if k == i}
        size = max((float(np.abs(matrix).max()) for matrix in blocks.values()), default=0.0)
        unit = 2.0**-60 if size > 1e300 else 1.0
        earned = np.zeros(count)
        for j, matrix in blocks.items():
            earned += (matrix * unit - matrix.min() * unit) @ mixed[j]  # a shared offset costs no digits
        found.append((max(float(earned.max() - earned @ own), 0.0), unit))
    return found


def pairs(pair_payoffs: Any) -> Pairs:
    """Return ``pair_payoffs`` checked, zero blocks left out.

    Raises
    ------
    GameError
        No pairs, keys that are not pairs of different players, a player without a pair, matrices that are not (A_i, A_j).
    """
    given = pair_payoffs if isinstance(pair_payoffs, Mapping) else _blocks(pair_payoffs)
    if not given:
        raise GameError("there are no pairs, a matrix of payoffs for at least one pair (i, j) of players was expected")
    matrices = {_players(key): real_array(matrix, f"the payoff matrix of the pair {key}") for key, matrix in given.items()}
    players = max(max(key) for key in matrices) + 1
    counts: list[int | None] = [None] * min(players, 2 * len(matrices) + 1)
    for key, matrix in matrices.items():
        if matrix.ndim != 2 or 0 in matrix.shape:
            raise GameError(
                f"the payoff matrix of the pair {key} has shape {matrix.shape}, (A_i, A_j) was expected, at least one action each"
            )
        for player, count in zip(key, matrix.shape, strict=True):
            if player < len(counts) and (counts[player] or count) != count:
                raise GameError(f"player {player} has {counts[player]} actions in one pair and {count} in {key}: one number was expected")
            if player < len(counts):
                counts[player] = count
    if None in counts:
        raise GameError(f"player {counts.index(None)} of {players} is in no pair: every player from 0 on was expected in one")
    return Pairs(tuple(count or 0 for count in counts), {key: matrix for key, matrix in matrices.items() if matrix.any()})


def _players(key: Any) -> tuple[int, int]:
    """Return a key as two different players."""
    whole = isinstance(key, tuple) and len(key) == 2 and all(isinstance(k, Integral) and not isinstance(k, bool) for k in key)
    if not whole or key[0] == key[1] or min(key) < 0:
        raise GameError(f"a pair is {key!r}, (i, j) of two different players was expected, whole numbers from 0")
    return int(key[0]), int(key[1])


def _blocks(pair_payoffs: Any) -> dict[tuple[int, int], np.ndarray]:
    """Return the pairs of an (n, n, A, A) array."""
    array = real_array(pair_payoffs, "the array of pair payoffs")
    shape = array.shape
    if array.ndim != 4 or 0 in shape or shape[0] != shape[1] or shape[2] != shape[3] or shape[0] < 2:
        raise GameError(f"the array of pair payoffs has shape {shape}, (n, n, A, A) was expected, or a mapping (i, j) -> (A_i, A_j) matrix")
    own = np.flatnonzero(array[np.arange(shape[0]), np.arange(shape[0])].any(axis=(1, 2)))
    if own.size:
        raise GameError(f"the array of pair payoffs is not zero at player {own[0]} with itself: nobody plays against itself")
    return {(i, j): array[i, j] for i in range(shape[0]) for j in range(shape[0]) if i != j}
