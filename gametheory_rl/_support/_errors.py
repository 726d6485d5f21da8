"""Errors a user reads: one sentence that says what was got, what was needed, and where."""

from collections.abc import Iterable
from typing import Any


class GameError(ValueError):
    """Raised for bad input anywhere in the package; the command line prints it and exits with 2."""


class UnknownNameError(GameError):
    """A name that nothing answers to; the message suggests the nearest one."""

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is pickled as class(*args), and args is the message alone: a pool of processes would die of it.
        return (_unknown_name, (str(self),))

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = nearest(name, known)
        hint = f"did you mean {near[0]!r}?" if near else "known: " + (", ".join(known) or "none") + "."
        super().__init__(f"unknown {kind} {name!r}; {hint}")


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.5) -> list[str]:
    """Return the one of ``known`` that looks most like ``name``, or nothing."""
    import difflib  # rarely needed, and slow to load

    return difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)


def _unknown_name(message: str) -> UnknownNameError:
    error = UnknownNameError.__new__(UnknownNameError)
    error.args = (message,)
    return error


class SolverError(GameError):
    """A solver could not return what it promises; the message carries the status with its remedy."""
