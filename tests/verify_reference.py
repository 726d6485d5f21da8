"""Slow references of the judge: every deterministic deviation tried, its linear equations solved in floats or in rationals.

A deviation is a map from what the player is told to what he does, one per state: any map for ``correlated``, constant maps
for ``nash`` and ``coarse``. It turns the joint play into another joint play, whose value is that of a Markov chain.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory_rl import StochasticGame


def random_game(
    rng: np.random.Generator, states: int, actions: tuple[int, ...], discount: Any, *, ragged: bool = False, scale: float = 1.0
) -> StochasticGame:
    """Return a random game with sparse-looking rows; ragged: some actions are illegal in some states."""
    shape = (states, *actions)
    transition = rng.dirichlet(np.full(states, 0.5), size=shape)
    payoff = scale * rng.uniform(-1, 1, (len(actions), *shape))
    legal = None
    if ragged:
        legal = [rng.random((states, a)) < 0.6 for a in actions]
        for mask in legal:
            mask[np.arange(states), rng.integers(mask.shape[1], size=states)] = True
    return StochasticGame(payoff, transition, discount, legal=legal)


def random_profile(rng: np.random.Generator, game: StochasticGame) -> tuple[np.ndarray, ...]:
    """Return mixed policies over legal actions."""
    weights = [rng.random(mask.shape) * mask + 1e-3 * mask for mask in game.legal]
    return tuple(w / w.sum(axis=1, keepdims=True) for w in weights)


def random_correlated(rng: np.random.Generator, game: StochasticGame) -> np.ndarray:
    """Return a correlated profile over legal joint actions, some of them never drawn."""
    weights = joint_of([mask.astype(float) for mask in game.legal]) * rng.random((game.num_states, *game.num_actions))
    flat = weights.reshape(game.num_states, -1)
    flat[flat < 0.3 * flat.max(axis=1, keepdims=True)] = 0.0
    return weights / weights.sum(axis=tuple(range(1, weights.ndim)), keepdims=True)


def joint_of(profile: Any) -> np.ndarray:
    """Return the product of policies, ``(S, A_1, ..., A_n)``; object arrays stay exact."""
    joint = np.ones(len(profile[0]), dtype=profile[0].dtype)
    for policy in profile:
        joint = joint[..., np.newaxis] * policy.reshape(len(policy), *(1,) * (joint.ndim - 1), -1)
    return joint


def exactly(array: np.ndarray) -> np.ndarray:
    """Return the floats of ``array`` as Fractions."""
    return np.array([Fraction(float(x)) for x in array.ravel()] or [], dtype=object).reshape(array.shape)


def normalised(array: np.ndarray, axes: int) -> np.ndarray:
    """Return ``array`` divided by its sums over the last ``axes`` axes; empty rows stay."""
    flat = array.reshape(*array.shape[: array.ndim - axes], -1)
    sums = flat.sum(axis=-1, keepdims=True)
    sums[sums == 0] = 1
    return (flat / sums).reshape(array.shape)


def solve(matrix: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    """Solve a linear system in floats, or by elimination in Fractions."""
    if matrix.dtype != object:
        return np.linalg.solve(matrix, rhs)
    table, size = np.column_stack([matrix, rhs]), len(rhs)
    for k in range(size):
        pivot = next(i for i in range(k, size) if table[i, k] != 0)
        table[[k, pivot]] = table[[pivot, k]]
        table[k] = table[k] / table[k, k]
        for i in range(size):
            if i != k:
                table[i] = table[i] - table[i, k] * table[k]
    return table[:, -1]


def value_of(payoff: np.ndarray, transition: np.ndarray, discount: Any, joint: np.ndarray) -> np.ndarray:
    """Return one player's value ``(S,)`` of joint play; ``payoff`` ``(S, A_1, ...)``, ``transition`` ``(S, A_1, ..., S)``."""
    states = len(joint)
    flat = joint.reshape(states, -1)
    rewards = (flat * payoff.reshape(states, -1)).sum(axis=1)
    chain = (flat[:, :, np.newaxis] * transition.reshape(states, -1, states)).sum(axis=1)
    return solve(np.eye(states, dtype=int) - discount * chain, rewards)


def deviations(mask: np.ndarray, concept: str) -> list[tuple[tuple[int, ...], ...]]:
    """Return every deviation: for each state a tuple that says what is done on each recommendation."""
    per_state = []
    for row in mask:
        legal = [int(a) for a in np.flatnonzero(row)]
        if concept == "correlated":
            choices = [legal if told in legal else [legal[0]] for told in range(len(row))]
            per_state.append(list(itertools.product(*choices)))
        else:
            per_state.append([(a,) * len(row) for a in legal])
    return list(itertools.product(*per_state))


def deviated(joint: np.ndarray, player: int, answers: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """Return the joint play where ``player`` does ``answers[s][told]``."""
    moved = np.moveaxis(joint, player + 1, 1)
    result = np.zeros_like(moved)
    for state, answer in enumerate(answers):
        for told, done in enumerate(answer):
            result[state, done] += moved[state, told]
    return np.moveaxis(result, 1, player + 1)


def reference(
    game: StochasticGame, joint: np.ndarray, concept: str, *, exact: bool = False, rows_rescaled: bool = False
) -> tuple[Any, Any]:
    """Return ``(values, gains)``, each ``(n, S)``, of the joint play; ``exact``: in Fractions, ``joint`` being exact already."""
    cast = exactly if exact else np.asarray
    payoff, transition, discount = cast(game.payoff), cast(game.dense().transition), cast(game.discount)
    if rows_rescaled:
        transition = normalised(transition, 1)
    values, gains = [], []
    for player in range(game.num_players):
        table = (payoff[player], transition, discount[player])
        obeyed = value_of(*table, joint)
        found = [value_of(*table, deviated(joint, player, d)) for d in deviations(game.legal[player], concept)]
        values.append(obeyed)
        gains.append(np.max(np.stack(found), axis=0) - obeyed)
    return np.stack(values), np.stack(gains)
