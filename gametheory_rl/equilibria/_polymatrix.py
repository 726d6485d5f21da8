"""Equilibria of polymatrix games: a linear complementarity problem by Lemke's method, zero-sum ones also by a linear program."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._devices import FEASIBILITY
from gametheory_rl.equilibria._kernels._lemke import DONE, lemke
from gametheory_rl.equilibria._pair_payoffs import Pairs, gains, pairs
from gametheory_rl.equilibria._zero_sum import distribution
from gametheory_rl.equilibria.exact._lemke import lemke as exact_lemke
from gametheory_rl.equilibria.exact._rationals import rationals as exact_matrix

Profile = tuple[np.ndarray, ...]

ACCEPTED = 1e-12
"""Largest regret, in spans of the player's payoffs, of an answer."""
LP_FROM = 200
"""From so many actions in all a zero-sum game goes to the linear program first."""
ZERO_SUM_TO = 1e-9
"""Payoffs whose sum varies by less, in the largest span of a player, are zero-sum up to a constant."""
SMALLEST_COST = 0.1
"""Costs are positive, which makes the complementarity problem one that Lemke's method solves; the largest is 1 more."""
STARTS = 6
"""Artificial columns from which the path is tried in floating point."""
PIVOTS_A_ROUND, MOST_ROUNDS = 20, 60
"""The tableau is computed afresh from its basis after so many pivots, and so often at most."""
PLAYED_FROM = 1e-8
"""Probabilities above this are taken for positive when a linear program's answer is made precise."""
EXACT_WORK = 5_000_000
"""Entries of the tableau that may be computed in rationals: some 2,500 pivots at 30 actions in all."""


@dataclass(frozen=True, eq=False)
class PolymatrixSolution:
    """One equilibrium of a polymatrix game."""

    profile: tuple[np.ndarray, ...]
    """The i-th ``[A_i]``: mixed actions"""
    values: np.ndarray
    """``[n]`` what the profile pays to each player"""
    regret: float
    """The most that one player gains by a deviation, in payoff units."""
    method: str
    """lemke, exact_lemke or linear_program"""
    zero_sum: bool
    """Whether the players' payoffs add up to the same number whatever is played."""
    status: Status


def polymatrix(pair_payoffs: Any, *, method: str | None = None, throw: bool = True) -> PolymatrixSolution:
    """Find one Nash equilibrium of a polymatrix game: every player picks one action and plays it against all others, pair by pair.

    Parameters
    ----------
    pair_payoffs : mapping or (n, n, A, A) array
        ``pair_payoffs[i, j]`` is the ``(A_i, A_j)`` matrix of what player i gets from the pair: rows are i's own actions, columns
        j's. What j gets from the same pair is ``pair_payoffs[j, i]``, of shape ``(A_j, A_i)``. Player i is paid the sum over j of
        ``x_i' pair_payoffs[i, j] x_j``. A mapping may have any numbers of actions, and leave pairs out: they pay nothing, but
        every player 0 .. n-1 is in some pair. In an array of equal numbers of actions the blocks ``[i, i]`` are zero.
    method : "lemke", "linear_program" or None
        None: Lemke's method, but the linear program for zero-sum games of 200 actions and more.
    throw : bool
        Whether a game that could not be settled raises; otherwise the best profile found is returned with its regret, and
        ``status`` is ``Status.UNSETTLED``.

    Returns
    -------
    PolymatrixSolution
        ``profile``, n arrays (A_i,); ``values`` (n,); ``regret`` in payoff units; ``method``; ``zero_sum``; ``status``.

    Raises
    ------
    GameError
        Pair payoffs that do not fit together or are not finite; an unknown method; the linear program for a game that is not
        zero-sum.
    SolverError
        No profile with a regret of at most 1e-12 of the player's span of payoffs was found, in rationals neither.

    Notes
    -----
    Equilibria are the solutions of a linear complementarity problem (J. T. Howson 1972) that Lemke's method solves once payoffs are
    turned into positive costs, for its matrix is then copositive-plus (D. A. Miller & S. W. Zucker 1991). Ties are broken
    lexicographically, and what floating point loses is followed in rationals. Where the payoffs of all players add up to a
    constant, a linear program finds an equilibrium (Y. Cai, O. Candogan, C. Daskalakis & C. Papadimitriou 2016, theorem 1).

    Examples
    --------
    >>> matching = [[1, -1], [-1, 1]]
    >>> ring = polymatrix({(0, 1): matching, (1, 2): matching, (2, 0): [[-2, 1], [1, -1]]})
    >>> [x.round(10).tolist() for x in ring.profile], ring.method
    ([[0.4, 0.6], [0.5, 0.5], [0.5, 0.5]], 'lemke')
    """
    game = pairs(pair_payoffs)
    total = sum(game.num_actions)
    require_memory((total + len(game.num_actions), 2 * total + 2, 2), "the tableau", "use a game of fewer actions")
    if method not in (None, "lemke", "linear_program"):
        raise GameError(f"the method is {method!r}, 'lemke', 'linear_program' or None was expected")
    zero_sum = _is_zero_sum(game)
    if method == "linear_program" and not zero_sum:
        raise GameError("the game is not zero-sum, which the linear program needs; use method='lemke'")
    profile, worst, by = _settled(game, _order(method, zero_sum, total))
    if not worst <= ACCEPTED and throw:
        raise SolverError(f"the best profile found has a regret of {worst:.3g} spans: {Status.UNSETTLED.value}")
    values = np.array([_value(game, profile, i) for i in range(len(profile))])
    status = Status.SOLVED if worst <= ACCEPTED else Status.UNSETTLED
    regret = max(gain / scale for gain, scale in gains(game, profile))
    return PolymatrixSolution(profile, values, regret, by, zero_sum, status)


def _order(method: str | None, zero_sum: bool, total: int) -> tuple[str, ...]:
    """Return the methods to try, one after the other."""
    if method is not None:
        return (method, "exact_lemke") if method == "lemke" else (method,)
    return ("linear_program", "lemke", "exact_lemke") if zero_sum and total >= LP_FROM else ("lemke", "exact_lemke")


def _settled(game: Pairs, methods: tuple[str, ...]) -> tuple[Profile, float, str]:
    """Return the first profile that is an equilibrium, or the best of all, its regret in spans, and the method."""
    unit, spans = _normalised(game)
    best: tuple[Profile, float, str] = tuple(np.full(k, 1 / k) for k in game.num_actions), np.inf, "none"
    for method in methods:
        if method == "linear_program":
            strategies = _by_program(unit, spans)
        else:
            strategies = _by_lemke(unit) if method == "lemke" else _by_rationals(game)
        if strategies is None:
            continue
        worst = max(gain for gain, _ in gains(unit, strategies))
        if worst < best[1]:
            best = strategies, worst, method
        if worst <= ACCEPTED:
            break
    return best


def _by_lemke(unit: Pairs) -> Profile | None:
    """Return what Lemke's method ends at, None where floating point loses the path from each of some starts."""
    M, q = _complementarity(unit)
    rng = np.random.default_rng(0)  # the same starts in every call
    for k in range(STARTS):
        z = _path(M, q, np.ones(len(q)) if k == 0 else rng.uniform(0.5, 1.5, len(q)))
        if z is not None:
            return _split(z, unit.num_actions)
    return None


def _path(M: np.ndarray, q: np.ndarray, artificial: np.ndarray) -> np.ndarray | None:
    """Return z at the end of the path from one artificial column, None where it is lost."""
    size = len(q)
    columns = np.concatenate([np.eye(size), -M, -artificial[:, np.newaxis], q[:, np.newaxis]], axis=1)
    tableau, basis, entering = columns.copy(), np.arange(size), 2 * size
    for _ in range(MOST_ROUNDS):
        entering = lemke(tableau, basis, entering, PIVOTS_A_ROUND)
        try:
            tableau = np.ascontiguousarray(np.linalg.solve(columns[:, basis], columns))  # afresh: what the pivots rounded is gone
        except np.linalg.LinAlgError:
            return None
        if entering < 0:
            break
    if entering != DONE:
        return None
    z = np.zeros(2 * size)
    z[basis] = tableau[:, -1]
    return z[size:]


def _complementarity(unit: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Return M and q for z = (x, costs): positive costs C x >= the player's least, probabilities that add up to at least 1."""
    bounds = np.cumsum((0, *unit.num_actions))
    total, players = int(bounds[-1]), len(unit.num_actions)
    C = np.full((total, total), 1.0 + SMALLEST_COST)
    for i in range(players):
        blocks = {j: matrix for (k, j), matrix in unit.matrices.items() if k == i}
        largest = max((float(matrix.max()) for matrix in blocks.values()), default=0.0)  # so that what is added stays comparable
        for j, matrix in blocks.items():
            C[bounds[i] : bounds[i + 1], bounds[j] : bounds[j + 1]] -= matrix / (largest or 1.0)
    E = np.repeat(np.eye(players), unit.num_actions, axis=1)
    M = np.block([[C, -E.T], [E, np.zeros((players, players))]])
    return np.ascontiguousarray(M), np.concatenate([np.zeros(total), -np.ones(players)])


def _by_rationals(game: Pairs) -> Profile | None:
    """Return the same in rationals, on the payoffs as they were given; None where that would take too long."""
    bounds = np.cumsum((0, *game.num_actions)).tolist()
    total, players = bounds[-1], len(game.num_actions)
    costs = [[0] * total for _ in range(total)]
    for i in range(players):
        blocks = {j: exact_matrix(matrix, "the payoffs") for (k, j), matrix in game.matrices.items() if k == i}
        numbers = [a for matrix in blocks.values() for a in matrix.flat] or [Fraction(0)]
        scale, high = lcm(*(a.denominator for a in numbers)), max(*numbers, Fraction(0))
        span = max(int((high - min(*numbers, Fraction(0))) * scale), 1)
        for a in range(game.num_actions[i]):
            row = costs[bounds[i] + a]
            row[:] = [span + int(high * scale)] * total
            for j, matrix in blocks.items():
                row[bounds[j] : bounds[j + 1]] = [span + int((high - u) * scale) for u in matrix[a]]
    owners = np.repeat(np.arange(players), game.num_actions).tolist()
    M = [row + [-int(owner == i) for i in range(players)] for row, owner in zip(costs, owners, strict=True)]
    M += [[int(owner == i) for owner in owners] + [0] * players for i in range(players)]
    size = total + players
    try:
        z = exact_lemke(M, [0] * total + [-1] * players, EXACT_WORK // (2 * size * size))
    except SolverError:
        return None
    return _split(np.array(z[:total], np.float64), game.num_actions)


def _by_program(unit: Pairs, spans: np.ndarray) -> Profile | None:
    """Return the profile that minimises the sum of what best replies earn: an equilibrium where payoffs add up to a constant.

    They do in the units that the payoffs came in, so each player counts with its span.
    """
    from scipy.optimize import linprog
    from scipy.sparse import block_array, csr_array, eye_array

    bounds = np.cumsum((0, *unit.num_actions))
    total, players = int(bounds[-1]), len(unit.num_actions)
    owners = csr_array(np.repeat(np.eye(players), unit.num_actions, axis=1))
    grid: list[list[Any]] = [[None] * players for _ in range(players)]
    for i, count in enumerate(unit.num_actions):
        grid[i][i] = csr_array((count, count))
    for (i, j), matrix in unit.matrices.items():
        grid[i][j] = csr_array(matrix)
    earns = block_array([[block_array(grid), -owners.T]], format="csr")
    adds_up = block_array([[owners, 0.0 * eye_array(players)]], format="csr")
    cost = np.concatenate([np.zeros(total), spans])
    ranges = [(0.0, None)] * total + [(None, None)] * players
    found = linprog(cost, earns, np.zeros(total), adds_up, np.ones(players), ranges, "highs", options=FEASIBILITY)
    if found.x is None:
        return None
    profile = _split(found.x[:total], unit.num_actions)
    return None if profile is None else _refined(unit, profile)


def _refined(unit: Pairs, profile: Profile) -> Profile:
    """Return the profile of the same support that makes its actions equally good, if it is the better one."""
    M, q = _complementarity(unit)
    played = np.concatenate([np.concatenate(profile) > PLAYED_FROM, np.ones(len(profile), np.bool_)])
    part = np.linalg.lstsq(M[np.ix_(played, played)], -q[played], rcond=None)[0]
    z = np.zeros(len(q))
    z[played] = part
    other = _split(z, unit.num_actions)
    if other is None:
        return profile
    return min(profile, other, key=lambda strategies: max(gain for gain, _ in gains(unit, strategies)))


def _split(z: np.ndarray, counts: tuple[int, ...]) -> Profile | None:
    """Return the probabilities at the front of ``z``, player by player, what rounding left of negative ones apart."""
    parts = np.split(z[: sum(counts)], np.cumsum(counts)[:-1])
    if any(not np.isfinite(part).all() or np.maximum(part, 0.0).sum() < 0.5 for part in parts):
        return None
    return tuple(distribution(part) for part in parts)


def _normalised(game: Pairs) -> tuple[Pairs, np.ndarray]:
    """Return the game with each player's payoffs in [0, 1], whatever the scale and the offsets; and the spans, the largest near 1."""
    matrices, spans, exponents = {}, [], []
    for i, count in enumerate(game.num_actions):
        blocks = {j: matrix for (k, j), matrix in game.matrices.items() if k == i}
        largest = max((float(np.abs(matrix).max()) for matrix in blocks.values()), default=0.0)
        exponent = int(np.frexp(largest)[1])
        blocks = {j: np.ldexp(matrix, -exponent) for j, matrix in blocks.items()}  # a power of two: no digit is lost
        blocks = {j: matrix - matrix.min() for j, matrix in blocks.items()}
        high = sum((matrix.max(axis=1) for matrix in blocks.values()), np.zeros(count)).max()
        span = high - sum((matrix.min(axis=1) for matrix in blocks.values()), np.zeros(count)).min()
        matrices |= {(i, j): matrix / (span if span > 0.0 else 1.0) for j, matrix in blocks.items()}
        spans.append(span)
        exponents.append(exponent if span > 0.0 else -2_000)
    return Pairs(game.num_actions, matrices), np.ldexp(np.array(spans), np.array(exponents) - max(exponents))


def _is_zero_sum(game: Pairs) -> bool:
    """Whether the sum of all payoffs is constant: no pair's sum has an interaction, and what is left cancels for each player."""
    largest = max((float(np.abs(matrix).max()) for matrix in game.matrices.values()), default=1.0)
    exponent = int(np.frexp(largest)[1])
    effects = [np.zeros(count) for count in game.num_actions]
    worst = 0.0
    for i, j in {(min(key), max(key)) for key in game.matrices}:
        nothing = np.zeros((game.num_actions[i], game.num_actions[j]))
        total = np.ldexp(game.matrices.get((i, j), nothing), -exponent) + np.ldexp(game.matrices.get((j, i), nothing.T), -exponent).T
        rows, columns = total.mean(axis=1, keepdims=True), total.mean(axis=0, keepdims=True)
        worst = max(worst, float(np.abs(total - rows - columns + total.mean()).max()))
        effects[i] += rows[:, 0]
        effects[j] += columns[0]
    return max(worst, *(float(np.ptp(effect)) for effect in effects)) <= ZERO_SUM_TO


def _value(game: Pairs, profile: Profile, player: int) -> float:
    """Return what a profile pays to a player."""
    blocks = {j: matrix for (k, j), matrix in game.matrices.items() if k == player}
    return sum(float(profile[player] @ (matrix @ profile[j])) for j, matrix in blocks.items())
