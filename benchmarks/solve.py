"""Zero-sum stochastic games against value iteration as an expert would write it: an njit loop over quantecon's ``minmax``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from quantecon.optimize import minmax

import gametheory_rl as gt
from benchmarks.timing import compare

PEER = "njit loop over quantecon minmax"


@njit
def peer_value_iteration(payoff, offsets, states, probabilities, discount, tolerance):
    """Sweep until the sup-norm bound certifies ``tolerance``."""
    num_states, rows, columns = payoff.shape
    values, after = np.zeros(num_states), np.zeros(num_states)
    stage = np.empty((rows, columns))
    while True:
        change = 0.0
        for state in range(num_states):
            for a in range(rows):
                for b in range(columns):
                    row = (state * rows + a) * columns + b
                    flow = 0.0
                    for k in range(offsets[row], offsets[row + 1]):
                        flow += probabilities[k] * values[states[k]]
                    stage[a, b] = payoff[state, a, b] + discount * flow
            after[state] = minmax(stage)[0]
            change = max(change, abs(after[state] - values[state]))
        values[:] = after
        if change * discount / (1 - discount) <= tolerance:
            return values


def rows() -> list[dict[str, Any]]:
    """Return the comparisons: uniform and local successors at two discounts, and soccer enlarged."""
    games = {
        "10,000 states, uniform, 0.9": gt.families.garnet(states=10_000, actions=5, branching=5, discount=0.9, zero_sum=True),
        "10,000 states, uniform, 0.99": gt.families.garnet(states=10_000, actions=5, branching=5, discount=0.99, zero_sum=True),
        "10,000 states, ring, 0.9": gt.families.ring(states=10_000, actions=5, discount=0.9),
        "10,000 states, ring, 0.99": gt.families.ring(states=10_000, actions=5, discount=0.99),
        "soccer 4 x 5": gt.load_game("soccer"),
        "soccer 8 x 10": gt.load_game("soccer", rows=8, columns=10),
    }
    return [_row(name, game) for name, game in games.items()]


def _row(name: str, game: gt.StochasticGame) -> dict[str, Any]:
    successors = game.successors
    arrays = (game.payoff[0], successors.offsets, successors.states, successors.probabilities, game.discount[0])

    def ours() -> Any:
        return gt.solve(game, tol=1e-8)

    def peer() -> Any:
        return peer_value_iteration(*arrays, 1e-8)

    difference = float(np.abs(ours().values[0] - peer()).max())
    # The peer stops on the same bound but its stage solver is exact only to about 1e-9, which 1 / (1 - discount) magnifies.
    if difference > 1e-6:
        raise AssertionError(f"{name}: the two answers differ by {difference:.3g}")
    return compare(name, ours, peer, repeats=3, peer_name=PEER)
