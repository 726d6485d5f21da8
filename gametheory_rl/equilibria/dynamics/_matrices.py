"""Large payoff matrices, read where they are: products with vectors, and what strategies guarantee."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._checks import PAYOFFS, require_finite

BLOCK_ENTRIES = 2**21
"""Entries that are judged at a time: 16 MiB in float64."""
EPS = float(np.finfo(np.float64).eps)
ULPS_OF_SUMS = 8
"""Products are off by so many units in the last place, beyond the payoffs' own, before more iterations are in vain."""


class Matrix(ABC):
    """Payoffs with their range. Products come in spans above the lowest payoff; ``unit`` keeps the span within float64."""

    def __init__(self, entries: Any, low: float, high: float) -> None:
        self.entries = entries
        self.shape: tuple[int, int] = entries.shape
        self.unit = 2.0**-60 if max(abs(low), abs(high)) > 1e300 else 1.0
        self.low, size = low * self.unit, max(abs(low), abs(high)) * self.unit
        self.span = high * self.unit - self.low
        precision = float(np.finfo(entries.dtype).eps)
        self.rounding = EPS * (size + sum(self.shape) * self._summed(size))
        """How far a guarantee can be off, in payoffs times ``unit``."""
        self.noise = self.rounding + ULPS_OF_SUMS * precision * size
        """Gaps that iterations do not narrow further."""

    def times(self, y: np.ndarray) -> np.ndarray:
        """Return A y in spans above the lowest payoff: what each row earns against ``y``."""
        return self._scaled(self.entries @ y.astype(self.entries.dtype, copy=False))

    def transposed_times(self, x: np.ndarray) -> np.ndarray:
        """Return x' A likewise: what each column pays to ``x``."""
        return self._scaled(self.entries.T @ x.astype(self.entries.dtype, copy=False))

    def rows(self, which: np.ndarray) -> np.ndarray:
        """Return some rows (k, n) in spans above the lowest payoff, in float64."""
        return self._scaled(self._taken(which))

    def columns(self, which: np.ndarray) -> np.ndarray:
        """Return some columns (m, k) likewise."""
        return self._scaled(self._taken_across(which))

    def guarantees(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        """Return what ``x`` earns at least and ``y`` pays at most, times ``unit``, in float64 with rounding allowed for."""
        least, most = self._extremes(x, y)
        return least - self.rounding, most + self.rounding

    def _scaled(self, product: np.ndarray) -> np.ndarray:
        return (product.astype(np.float64) * self.unit - self.low) / (self.span or 1.0)

    @abstractmethod
    def _taken(self, which: np.ndarray) -> np.ndarray:
        """Return rows as a dense array."""

    @abstractmethod
    def _taken_across(self, which: np.ndarray) -> np.ndarray:
        """Return columns as a dense array."""

    @abstractmethod
    def _summed(self, size: float) -> float:
        """Return the size of what the judge adds up, given that of the payoffs."""

    @abstractmethod
    def _extremes(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        """Return min x' A and max A y, times ``unit``, from the entries alone."""


class DenseMatrix(Matrix):
    """An array in float32 or float64, judged block by block with the lowest payoff taken off first."""

    def _taken(self, which: np.ndarray) -> np.ndarray:
        return self.entries[which]

    def _taken_across(self, which: np.ndarray) -> np.ndarray:
        return self.entries[:, which]

    def _summed(self, size: float) -> float:
        del size
        return self.span

    def _extremes(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        rows, columns = self.shape
        step = max(1, BLOCK_ENTRIES // columns)
        paid, most = np.zeros(columns), -np.inf
        for first in range(0, rows, step):
            block = self.entries[first : first + step].astype(np.float64) * self.unit - self.low
            most = max(most, float((block @ y).max()))
            paid += x[first : first + step] @ block
        return self._with_low(float(paid.min()), float(x.sum())), self._with_low(most, float(y.sum()))

    def _with_low(self, above: float, total: float) -> float:
        """Return an expectation from what it is above the lowest payoff; ``total`` is the sum of the probabilities, 1 but for rounding."""
        return above / total + self.low


class SparseMatrix(Matrix):
    """A scipy sparse array in float64, row by row."""

    def _taken(self, which: np.ndarray) -> np.ndarray:
        return self.entries[which].toarray()

    def _taken_across(self, which: np.ndarray) -> np.ndarray:
        units = np.zeros((self.shape[1], len(which)))
        units[which, np.arange(len(which))] = 1.0
        return self.entries @ units  # rows are stored, so that columns are found by a product sooner than by a search

    def _summed(self, size: float) -> float:
        return size

    def _extremes(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        paid, earned = self.entries.T @ x / x.sum(), self.entries @ y / y.sum()
        return float(paid.min()) * self.unit, float(earned.max()) * self.unit


def matrix_of(A: Any) -> Matrix:
    """Return ``A`` ready for products; what is float32 or float64 and dense is not copied.

    Raises
    ------
    GameError
        Not (m, n), no actions, entries that are not finite numbers, or no memory for a copy where one is needed.
    """
    if hasattr(A, "tocsr"):
        return _sparse(A)
    try:
        array = np.asarray(A)
    except ValueError:
        raise GameError(f"{PAYOFFS} is ragged: rows of equal length were expected") from None
    _require_matrix(array.shape, array.dtype)
    array = _readable(array)
    low, high = float(array.min()), float(array.max())
    if not np.isfinite(low) or not np.isfinite(high):
        require_finite(array, PAYOFFS)
    return DenseMatrix(array, low, high)


def _sparse(A: Any) -> Matrix:
    """Return a checked sparse matrix, duplicate entries added up."""
    from scipy.sparse import csr_array

    _require_matrix(A.shape, A.dtype)
    array: Any = csr_array(A).astype(np.float64)
    array.sum_duplicates()
    require_finite(array.data, f"{PAYOFFS}'s list of entries")
    return SparseMatrix(array, float(array.min()), float(array.max()))


def _require_matrix(shape: tuple[int, ...], dtype: np.dtype) -> None:
    if dtype.kind not in "fiub":
        raise GameError(f"{PAYOFFS} holds {dtype} entries, real numbers were expected")
    if len(shape) != 2 or 0 in shape:
        raise GameError(f"{PAYOFFS} has shape {shape}, (m, n) with at least one row and one column was expected")


def _readable(array: np.ndarray) -> np.ndarray:
    """Return ``array`` as the linear algebra library can read it, which it often is already."""
    small = (array.dtype.kind in "iub" and array.dtype.itemsize <= 2) or array.dtype == np.float16  # exact in float32
    wanted = array.dtype.newbyteorder("=") if array.dtype in (np.float32, np.float64) else np.dtype(np.float32 if small else np.float64)
    along = any(stride == array.itemsize for stride in array.strides) and min(array.strides) > 0
    if array.dtype == wanted and array.dtype.isnative and (along or 1 in array.shape):
        return array
    require_memory(array.shape, "a copy of the payoff matrix", "pass float32 or float64 in C or Fortran order", item_bytes=wanted.itemsize)
    return np.array(array, wanted, order="C")
