"""Columns of numbers that grow while a file is read, in as few bytes as the numbers need."""

from __future__ import annotations

from array import array
from typing import Literal

import numpy as np


class Column:
    """Numbers of one kind: ``"i"`` whole ones below ``2**31``, ``"d"`` float64.

    An array that grows in place: a list of pieces that is joined at the end would be held twice.
    """

    def __init__(self, kind: Literal["i", "d"]) -> None:
        self._held = array(kind)

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return len(self._held)

    def add(self, piece: np.ndarray) -> None:
        """Append numbers of any dtype that they fit in."""
        self._held.frombytes(np.ascontiguousarray(piece, self._held.typecode).tobytes())

    def taken(self) -> np.ndarray:
        """Return the numbers ``(len,)``, int32 or float64; the column is empty afterwards."""
        held, self._held = self._held, array(self._held.typecode)
        return np.frombuffer(held, held.typecode) if held else np.empty(0, held.typecode)
