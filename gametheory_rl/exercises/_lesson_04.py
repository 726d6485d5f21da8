"""Lesson 4: correlated equilibria."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl.equilibria import coarse_correlated, correlated, obedience, vertex_enumeration
from gametheory_rl.exercises._answers import array, close, number, require


def _payoffs(name: str) -> np.ndarray:
    return load_game(name).payoff[:, 0]


def _welfare(answer: Any) -> str:
    found, payoffs = number(answer), _payoffs("chicken")
    values = correlated(payoffs, "welfare").values
    nash = vertex_enumeration(*payoffs).values.sum(axis=0).max()
    require(not close(found, values[0], 1e-6), "That is what one of them gets; the sum is asked for.")
    require(not close(found, nash, 1e-6), "That is the best Nash equilibrium; a device can do better.")
    require(not close(found, payoffs.sum(axis=0).max(), 1e-6), "That is both yield always: whoever is sure of it dares.")
    require(close(found, values.sum(), 1e-6), 'Sum the values of eq.correlated(payoffs, "welfare").')
    return "More than any Nash equilibrium, less than if orders were binding."


def _fair(answer: Any) -> str:
    found, payoffs = array(answer, (2, 2), "a probability for each pair of actions"), _payoffs("battle_of_the_sexes")
    require((found >= 0).all() and close(found.sum(), 1, 1e-9), "The four numbers have to be probabilities that sum to 1.")
    values = (payoffs * found).sum(axis=(1, 2))
    gain = obedience(payoffs, found)
    require(gain < 1e-9, f"Somebody gains {gain:.3g} by disobeying.")
    require(close(values[0], values[1], 1e-9), f"It pays {values[0]:.4g} and {values[1]:.4g}: not the same.")
    require(values.min() > 1, f"It pays each {values[0]:.4g}, and more than 1 was asked for: is the mixed equilibrium all that is fair?")
    return "A coin that both can see takes turns between the two equilibria."


def _told(answer: Any) -> str:
    found, device = number(answer), correlated(_payoffs("chicken"), "welfare").distribution
    require(not close(found, device[0, 1], 1e-6), "That is how likely both things are; row has learned something, so condition on it.")
    require(not close(found, device[0, 0] / device[0].sum(), 1e-6), "That is how likely column was told to yield.")
    require(close(found, device[0, 1] / device[0].sum(), 1e-4), "Bayes: the row of the distribution that row was told, normalised.")
    return "Just so much that obeying and daring earn the same."


def _coarse(answer: Any) -> str:
    found, payoffs = number(answer), _payoffs("chicken")
    truth = coarse_correlated(payoffs, "welfare").values.sum()
    require(not close(found, coarse_correlated(payoffs, "welfare").values[0], 1e-6), "That is what one of them gets.")
    require(close(found, truth, 1e-6), "Fewer deviations have to be unattractive: use eq.coarse_correlated.")
    return "With two actions each a deviation is a commitment to one of them; compare the number with 4.1."


JUDGES = (_welfare, _fair, _told, _coarse)
