"""Reading answers: what a student gives becomes a number, a mixture, a profile, or one sentence that says what was expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame

Judge = Callable[[Any], str]
"""``judge(answer)`` returns what to say of a right answer, and raises ``NotYet`` of any other."""


class NotYet(Exception):
    """The answer is not right; the message is the hint."""


def require(right: Any, hint: str) -> None:
    """Raise ``NotYet(hint)`` unless ``right``."""
    if not right:
        raise NotYet(hint)


def number(answer: Any) -> float:
    """Return the answer as a finite float."""
    if not isinstance(answer, bool | str):
        try:
            found = np.asarray(answer, dtype=float)
        except (TypeError, ValueError, OverflowError):
            found = np.empty(0)
        if found.size == 1 and np.isfinite(found).all():
            return float(found.reshape(()))
    raise NotYet(f"A number is expected, this is {_described(answer)}.")


def integer(answer: Any) -> int:
    """Return the answer as an int."""
    found = number(answer)
    require(found == round(found), "A whole number is expected.")
    return round(found)


def vector(answer: Any, length: int, of: str) -> np.ndarray:
    """Return the answer as ``length`` finite floats."""
    try:
        found = np.asarray(answer, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise NotYet(f"A list of {length} numbers is expected ({of}), this is {_described(answer)}.") from None
    require(found.shape == (length,), f"A list of {length} numbers is expected ({of}), this has shape {found.shape}.")
    require(np.isfinite(found).all(), "All numbers have to be finite.")
    return found


def mixture(answer: Any, length: int, of: str = "one probability per action") -> np.ndarray:
    """Return the answer as a distribution over ``length`` things."""
    found = vector(answer, length, of)
    require((found >= -1e-9).all(), "A probability is negative.")
    require(abs(found.sum() - 1) < 1e-4, "The probabilities have to sum to 1.")
    return found.clip(0) / found.clip(0).sum()


def pair(answer: Any, lengths: Sequence[int]) -> tuple[np.ndarray, ...]:
    """Return the answer as one mixture per player."""
    if isinstance(answer, str) or not isinstance(answer, Sequence | np.ndarray) or len(answer) != len(lengths):
        raise NotYet(f"A mixture for each of {len(lengths)} players is expected, as in ([0.5, 0.5], [1, 0]); this is {_described(answer)}.")
    return tuple(mixture(mine, length, f"player {k + 1}'s") for k, (mine, length) in enumerate(zip(answer, lengths, strict=True)))


def array(answer: Any, shape: tuple[int, ...], of: str) -> np.ndarray:
    """Return the answer as a float array of ``shape``."""
    try:
        found = np.asarray(answer, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise NotYet(f"An array of shape {shape} is expected ({of}), this is {_described(answer)}.") from None
    require(found.shape == shape, f"An array of shape {shape} is expected ({of}), this has shape {found.shape}.")
    require(np.isfinite(found).all(), "All numbers have to be finite.")
    return found


def word(answer: Any, known: Sequence[str]) -> str:
    """Return the answer as one of the words that may be chosen from."""
    said = answer.strip().lower() if isinstance(answer, str) else ""
    require(said in known, f"One of the words {', '.join(map(repr, known))} is expected, this is {_described(answer)}.")
    return said


def game(answer: Any) -> StochasticGame:
    """Return the answer as a StochasticGame."""
    require(isinstance(answer, StochasticGame), f"A gt.StochasticGame is expected, this is {_described(answer)}.")
    return answer


def close(found: Any, truth: Any, tol: float) -> bool:
    """Return whether two numbers or arrays agree within ``tol``, absolutely."""
    return bool(np.abs(np.asarray(found, dtype=float) - np.asarray(truth, dtype=float)).max() <= tol)


def _described(answer: Any) -> str:
    text = repr(answer)
    return f"{type(answer).__name__} {text}" if len(text) <= 40 and "\n" not in text else f"of type {type(answer).__name__}"
