"""What a text format is to the catalogue: a reader, a writer, and the exact payoffs where the text has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._stage_text import StageText


class Format(NamedTuple):
    """One text format."""

    read: Callable[[str, str, str, Mapping[str, Any]], StochasticGame]
    """``(text, where, stem, parameters)``: the file's name for messages, what a game without a name is called, and ``discount``."""
    write: Callable[[StochasticGame, str], str]
    """``(game, where)``; what the format cannot carry is refused."""
    payoffs: Callable[[str, str], np.ndarray] | None = None
    """``(text, where)``: the payoffs ``(n, A_1, ..., A_n)`` of a matrix game as Fractions, where the format has them exactly."""


def stage_format(read: Callable[..., StageText], write: Callable[[StochasticGame, str], str]) -> Format:
    """Return the format of matrix games whose text ``read(text, where, exact=...)`` reads."""

    def game(text: str, where: str, stem: str, parameters: Mapping[str, Any]) -> StochasticGame:
        discount = only_discount(parameters, where)
        return read(text, where, exact=False).game(stem, 0.0 if discount is None else discount)

    return Format(game, write, lambda text, where: read(text, where).payoffs)


def only_discount(parameters: Mapping[str, Any], where: str) -> Any:
    """Return the parameter ``discount``, None where it is not given; others are refused."""
    if not set(parameters) <= {"discount"}:
        raise GameError(f"{where}: the only parameter it takes is discount, not {sorted(parameters)}")
    return parameters.get("discount")
