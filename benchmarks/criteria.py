"""Criteria without a discount against value iteration as a user would write it: an njit loop over quantecon's ``minmax``.

Ours ends with two bounds that policies prove; the peer's loops know when to stop for averages (the bounds of a sweep), but for
reachability only that a sweep changes little, which the notes compare with the truth.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from quantecon.optimize import minmax

import gametheory_rl as gt
from benchmarks.timing import compare
from gametheory_rl.stochastic import average_payoff, reachability

PEER = "njit loop over quantecon minmax"
TOL = 1e-6


@njit
def sweep(payoff, offsets, states, probabilities, values, after):
    """Solve the stage games of all states continued with ``values``, into ``after``."""
    num_states, rows, columns = payoff.shape
    stage = np.empty((rows, columns))
    for state in range(num_states):
        for a in range(rows):
            for b in range(columns):
                row = (state * rows + a) * columns + b
                flow = payoff[state, a, b]
                for k in range(offsets[row], offsets[row + 1]):
                    flow += probabilities[k] * values[states[k]]
                stage[a, b] = flow
        after[state] = minmax(stage)[0]


@njit
def peer_reachability(payoff, offsets, states, probabilities, tolerance):
    """Sweep up from 0, with the target in state 0, until nothing changes by more than ``tolerance``."""
    values, after = np.zeros(len(payoff)), np.zeros(len(payoff))
    values[0] = 1.0
    while True:
        sweep(payoff, offsets, states, probabilities, values, after)
        after[0] = 1.0
        change = np.abs(after - values).max()
        values[:] = after
        if change <= tolerance:
            return values


@njit
def peer_average(payoff, offsets, states, probabilities, tolerance):
    """Relative value iteration with steps of one half, until the bounds of a sweep are within ``tolerance``."""
    values, after = np.zeros(len(payoff)), np.zeros(len(payoff))
    while True:
        sweep(payoff, offsets, states, probabilities, values, after)
        gain = after - values
        if gain.max() - gain.min() <= tolerance:
            return 0.5 * (gain.max() + gain.min())
        values += 0.5 * gain
        values -= values[0]


def rows() -> list[dict[str, Any]]:
    """Return the comparisons: reaching one state before another, and the average of the same transitions."""
    reach = [_reach(states, leak) for states, leak in ((100, 0.1), (1_000, 0.1), (1_000, 0.001))]
    return [*reach, *(_average(states, sticky) for states, sticky in ((100, 0.0), (1_000, 0.0), (1_000, 0.99)))]


def _moves(states: int) -> np.ndarray:
    """Return random transitions (S, 3, 3, S), each to five states."""
    rng = np.random.default_rng(states)
    moves = np.zeros((states, 3, 3, states))
    for row in moves.reshape(-1, states):
        row[rng.choice(states, 5, replace=False)] = rng.dirichlet(np.ones(5))
    return moves


def _ending(states: int, leak: float) -> gt.StochasticGame:
    """Return a game that ends with chance ``leak`` at every step: in state 0 or in state 1, as joint actions will have it."""
    moves = (1.0 - leak) * _moves(states)
    chance = leak * np.random.default_rng(states + 1).random((states, 3, 3))
    moves[..., 0] += chance
    moves[..., 1] += leak - chance
    moves[:2] = np.eye(states)[:2, None, None]
    return gt.StochasticGame(np.zeros((2, states, 3, 3)), moves, 1.0).sparse()


def _endless(states: int, sticky: float) -> gt.StochasticGame:
    """Return a zero-sum game that stays where it is with chance ``sticky``."""
    moves, here = (1.0 - sticky) * _moves(states), np.arange(states)
    moves[here, :, :, here] += sticky
    payoff = np.random.default_rng(states + 1).normal(size=(states, 3, 3))
    return gt.StochasticGame(np.stack([payoff, -payoff]), moves, 1.0).sparse()


def _reach(states: int, leak: float) -> dict[str, Any]:
    game = _ending(states, leak)
    successors = game.successors
    arrays = (np.zeros((states, 3, 3)), successors.offsets, successors.states, successors.probabilities)

    def ours() -> Any:
        return reachability(game, [0], tol=TOL)

    def peer() -> Any:
        return peer_reachability(*arrays, TOL)

    found, rough = ours(), peer()
    if (rough > found.upper + 1e-7).any():
        raise AssertionError(
            f"reachability of {states} states: the peer's values exceed the upper bound by {(rough - found.upper).max():.3g}"
        )
    row = compare(f"reachability, {states:,} states, play ends with chance {leak:g}", ours, peer, repeats=3, peer_name=PEER)
    return row | {
        "note": f"bounds {found.error_bound:.1e} apart; the peer, which proves nothing, is {(found.values - rough).max():.1e} off"
    }


def _average(states: int, sticky: float) -> dict[str, Any]:
    game = _endless(states, sticky)
    successors = game.successors
    arrays = (game.payoff[0], successors.offsets, successors.states, successors.probabilities)

    def ours() -> Any:
        return average_payoff(game, tol=TOL)

    def peer() -> Any:
        return peer_average(*arrays, TOL)

    found, difference = ours(), abs(ours().gain - peer())
    if difference > 2.0 * TOL:
        raise AssertionError(f"average payoff of {states} states: the two answers differ by {difference:.3g}")
    row = compare(f"average payoff, {states:,} states, play stays with chance {sticky:g}", ours, peer, repeats=3, peer_name=PEER)
    return row | {"note": f"bounds {found.upper - found.lower:.1e} apart, {found.iterations} iterations"}
