"""The oracle of small games: Bland's simplex method in rationals, on the full tableau. Slow and exact."""

from fractions import Fraction


def exact_value(matrix) -> Fraction:
    """Return the value of a zero-sum game whose entries are exact (int, Fraction, or float taken at its word)."""
    rows = [[Fraction(a) for a in row] for row in matrix]
    m, n = len(rows), len(rows[0])
    shift = 1 - min(map(min, rows))
    # max sum(w), B w + s = 1, w, s >= 0, with B = A + shift >= 1.
    tableau = [[a + shift for a in row] + [Fraction(int(i == k)) for k in range(m)] + [Fraction(1)] for i, row in enumerate(rows)]
    costs = [Fraction(-1)] * n + [Fraction(0)] * (m + 1)
    basis = [n + i for i in range(m)]
    while True:
        q = next((j for j in range(n + m) if costs[j] < 0), None)
        if q is None:
            return 1 / costs[-1] - shift
        _, _, p = min((row[-1] / row[q], basis[i], i) for i, row in enumerate(tableau) if row[q] > 0)
        pivot = tableau[p][q]
        tableau[p] = [a / pivot for a in tableau[p]]
        for i, row in enumerate(tableau):
            if i != p and row[q]:
                tableau[i] = [a - row[q] * b for a, b in zip(row, tableau[p], strict=True)]
        costs = [a - costs[q] * b for a, b in zip(costs, tableau[p], strict=True)]
        basis[p] = q
