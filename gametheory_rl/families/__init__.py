"""Parametric games: one builder per file, each returns a StochasticGame."""

from gametheory_rl.families._soccer import soccer

__all__ = ["soccer"]
