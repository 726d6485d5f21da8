"""A condensed tableau in integers, with lexicographic pivoting: exact whatever the numbers, and it never cycles.

Only the columns that are not basic are kept. The true entries are the integers divided by ``divisor``, the determinant of the
basis; every division of a pivot leaves no remainder (J. Edmonds 1967; G. F. Rosenberg's and B. von Stengel's "integer pivoting").
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


class Tableau:
    """The system ``matrix v + s = 1``, v, s >= 0; every variable has a label, rows are basic, columns are not.

    Parameters
    ----------
    matrix : rows of positive integers
    slacks : the labels of s, in the order of the perturbation
    variables : the labels of v
    """

    def __init__(self, matrix: Sequence[Sequence[int]], slacks: Sequence[int], variables: Sequence[int]) -> None:
        self.entries = [[*row, 1] for row in matrix]
        self.row_labels, self.column_labels = list(slacks), list(variables)
        self.slacks = tuple(slacks)
        self.divisor = 1

    def copy(self) -> Tableau:
        """Return a tableau of its own, in the same state."""
        twin = Tableau((), self.slacks, ())
        twin.entries = [row.copy() for row in self.entries]
        twin.row_labels, twin.column_labels, twin.divisor = self.row_labels.copy(), self.column_labels.copy(), self.divisor
        return twin

    def pivot(self, entering: int) -> int:
        """Make ``entering`` basic and return the label that leaves; the feasible region must be bounded."""
        q = self.column_labels.index(entering)
        p = self.leaving(q)
        pivot_row = self.entries[p]
        pivot, divisor = pivot_row[q], self.divisor
        for i, row in enumerate(self.entries):
            if i == p:
                continue
            factor = row[q]
            if factor:
                row[:] = [(a * pivot - factor * b) // divisor for a, b in zip(row, pivot_row, strict=True)]
            elif pivot != divisor:
                row[:] = [a * pivot // divisor for a in row]
            row[q] = -factor
        pivot_row[q], self.divisor = divisor, pivot
        leaving = self.row_labels[p]
        self.row_labels[p], self.column_labels[q] = entering, leaving
        return leaving

    def basic(self) -> dict[int, Fraction]:
        """Return the value of every basic variable, by label; the others are 0."""
        return {label: Fraction(row[-1], self.divisor) for label, row in zip(self.row_labels, self.entries, strict=True)}

    def leaving(self, q: int) -> int:
        """Return the row of the ratio test for constraints perturbed to 1 + e, 1 + e^2, ... (lexicographically least)."""
        candidates = [i for i, row in enumerate(self.entries) if row[q] > 0]
        candidates = self._least(candidates, [row[-1] for row in self.entries], q)
        for slack in self.slacks:
            if len(candidates) == 1:
                break
            candidates = self._least(candidates, self._inverse_column(slack), q)
        return candidates[0]

    def _least(self, candidates: list[int], numbers: list[int], q: int) -> list[int]:
        """Return the candidates whose number is least when divided by their entry in column q."""
        best: list[int] = []
        for i in candidates:
            # Compare numbers[i] / u_i with numbers[k] / u_k without dividing: the entries u are positive.
            difference = numbers[i] * self.entries[best[0]][q] - numbers[best[0]] * self.entries[i][q] if best else -1
            if difference < 0:
                best = [i]
            elif difference == 0:
                best.append(i)
        return best

    def _inverse_column(self, slack: int) -> list[int]:
        """Return the column of ``slack`` in the inverse of the basis, times the divisor."""
        if slack in self.row_labels:
            place = self.row_labels.index(slack)
            return [self.divisor if i == place else 0 for i in range(len(self.entries))]
        column = self.column_labels.index(slack)
        return [row[column] for row in self.entries]
