"""Checks of the exercises in ``notebooks/``: right or not yet, with a hint, never the answer."""

from gametheory_rl.exercises._check import Feedback, check, list_exercises

__all__ = ["Feedback", "check", "list_exercises"]
