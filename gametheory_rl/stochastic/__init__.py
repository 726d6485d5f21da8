"""Exact solvers of a known stochastic game; each stops on a certified bound."""

from gametheory_rl.stochastic._solve import solve

__all__ = ["solve"]
