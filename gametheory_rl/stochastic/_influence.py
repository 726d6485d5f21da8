"""What players' actions change: where play goes next, and anything else that depends on joint actions."""

from __future__ import annotations

import numpy as np

from gametheory_rl._game_checks import joint_legal
from gametheory_rl._games import StochasticGame

SAME = 1e-12
"""Transitions and payoffs that differ by less, relative to the largest, are the same."""


def movers_of(game: StochasticGame) -> list[np.ndarray]:
    """Return, for each player, the states ``(S,)`` bool in which its action matters to transitions."""
    legal = joint_legal(game.legal)
    flow = flow_of(game, legal)
    return [matters(flow, mask, legal, player) for player, mask in enumerate(game.legal)]


def flow_of(game: StochasticGame, legal: np.ndarray) -> np.ndarray:
    """Return two random linear functions of where each joint action leads, ``(2, S, A_1, ..., A_n)``; rows that differ differ here."""
    offsets, states, probabilities = game.successors
    weights = np.random.default_rng(0).random((2, game.num_states))
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    found = [np.bincount(rows, probabilities * weight[states], minlength=len(offsets) - 1) for weight in weights]
    return np.where(legal, np.reshape(found, (2, *legal.shape)), np.nan)


def matters(values: np.ndarray, mask: np.ndarray, legal: np.ndarray, player: int) -> np.ndarray:
    """Return ``(S,)``: whether ``values`` (k, S, A_1, ..., A_n) change with a player's legal action."""
    first = mask.argmax(axis=1).reshape(-1, *[1] * (legal.ndim - 1))
    reference = np.take_along_axis(values, np.broadcast_to(first, (len(values), *_one(legal.shape, player + 1))), axis=player + 2)
    scale = np.abs(values[:, legal]).max(initial=0.0)
    apart = np.where(legal, np.abs(values - reference), 0.0) > SAME * max(scale, 1e-300)
    return apart.any(axis=tuple(k for k in range(apart.ndim) if k != 1))


def _one(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], 1, *shape[axis + 1 :])
