"""Exact solvers of a known stochastic game, each stops on a certified bound; and what kind of game it is."""

from gametheory_rl.equilibria._structure import Trait
from gametheory_rl.stochastic._classes import Classes, classify
from gametheory_rl.stochastic._finite_horizon import FiniteHorizonSolution, finite_horizon
from gametheory_rl.stochastic._solve import solve

__all__ = ["Classes", "FiniteHorizonSolution", "Trait", "classify", "finite_horizon", "solve"]
