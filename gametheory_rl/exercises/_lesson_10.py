"""Lesson 10: mean field."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._population import ising_order, squeeze_optimum
from gametheory_rl.exercises._answers import close, number, require, vector
from gametheory_rl.families import ising


def _onsager(answer: Any) -> str:
    found, truth = number(answer), ising_order(1.0)
    require(not close(found, truth**8, 1e-4), "The eighth root is missing.")
    require(close(found, truth, 1e-4), "Put T = 1 into the formula of section 3, or ask gt.ising_order.")
    return "So close to the critical temperature most agents still agree."


def _entries(answer: Any) -> str:
    found, lattice = vector(answer, 2, "entries of the one and the other table"), ising(4)
    neighbours, actions = lattice.neighbours.shape[1], lattice.num_actions
    require(found[0] == actions * lattice.num_bins(20), "The first: a row for each counted mean action, a column for each own action.")
    require(found[1] == actions ** (1 + neighbours), "The second: an entry for each joint action of five agents.")
    return "And the first grows with the number of neighbours, the second exponentially with it."


def _heat_bath(answer: Any) -> str:
    found, lattice = number(answer), ising(4)
    pays = lattice.pair @ np.array([1, 3])  # one neighbour down, three up
    weights = np.exp(pays - pays.max())
    chances = weights / weights.sum()
    require(not close(found, chances[0], 1e-4), "The sign: who likes to agree follows the majority.")
    wrong = 1 / (1 + np.exp(-2 * (pays[1] - pays[0])))
    require(not close(found, wrong, 1e-4), "The factor one half of the payoff is missing.")
    require(close(found, chances[1], 1e-4), "What do +1 and -1 earn? Then Boltzmann's distribution at temperature 1.")
    return "The difference of payoffs over the temperature is all that counts."


def _squeeze(answer: Any) -> str:
    found = number(answer)
    where, value = squeeze_optimum()
    require(not close(found, 400, 1e-9), "There the exponential is largest; the factor in front still pulls upwards.")
    require(not close(found, value, 1e-2), "That is what is earned there; where is it?")
    require(close(found, where, 0.01), "Set the derivative of the logarithm to zero: a quadratic equation in x.")
    return "A little more than mu, and nobody alone can move the sum much: that is why it is hard to learn."


JUDGES = (_onsager, _entries, _heat_bath, _squeeze)
