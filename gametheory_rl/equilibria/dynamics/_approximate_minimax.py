"""Zero-sum games too large to be solved exactly: bounds on the value, and strategies that guarantee them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._progress import progress_bar
from gametheory_rl.equilibria.dynamics._arena import positive, whole
from gametheory_rl.equilibria.dynamics._contest import Contest
from gametheory_rl.equilibria.dynamics._double_oracle import double_oracle
from gametheory_rl.equilibria.dynamics._matrices import Matrix, matrix_of
from gametheory_rl.equilibria.dynamics._self_play import self_play

RELATIVE_TOLERANCE = 1e-3
"""Default gap, in spans of payoffs."""
TRIED_UP_TO = 200
"""Actions of a side up to which the double oracle is tried first: it costs less than a few rounds of self-play."""
EXACT_UP_TO = 1500
"""Actions of a side up to which it goes on where nothing else was asked for: ``minimax`` solves games of that size."""

Method = Callable[[Contest], Status | None]
METHODS: dict[str, Method] = {
    "double_oracle": partial(double_oracle, limit=EXACT_UP_TO),
    "predictive_regret_matching": partial(self_play, predictive=True),
    "regret_matching_plus": partial(self_play, predictive=False),
}
BY_DEFAULT: dict[str, Method] = {
    "double_oracle": partial(double_oracle, limit=TRIED_UP_TO),
    "predictive_regret_matching": METHODS["predictive_regret_matching"],
}


@dataclass(frozen=True, eq=False)
class ApproximateSolution:
    """Strategies of a zero-sum game with what each of them guarantees."""

    value: float
    """Middle of the bounds."""
    lower: float
    """What the row player's strategy earns at least: the value of the game is no less, rounding allowed for."""
    upper: float
    """What the column player's strategy pays at most: the value of the game is no more."""
    profile: tuple[np.ndarray, np.ndarray]
    """``[m]`` and ``[n]`` mixed actions."""
    gap: float
    """upper - lower, in payoff units."""
    iterations: int
    """Of all methods tried; one of self-play reads the matrix twice."""
    method: str
    """The last one tried."""
    status: Status


def approximate_minimax(
    A: Any, *, tol: float | None = None, method: str | None = None, max_iterations: int = 20_000, progress: bool | None = None
) -> ApproximateSolution:
    """Bound the value of one large zero-sum game, with strategies that guarantee the bounds.

    Parameters
    ----------
    A : (m, n) array, or scipy sparse array
        Payoffs of the maximising row player. float64 and float32 are read where they are, in either memory order, never
        copied; other numbers are converted once.
    tol : float, optional
        Gap asked for, in payoff units; by default 1e-3 of the span of payoffs.
    method : str, optional
        ``double_oracle``: a game of best replies that grows (H. B. McMahan, G. J. Gordon and A. Blum 2003); exact within seconds
        where few actions are needed, as in games with structure, hopeless where thousands are. ``predictive_regret_matching``:
        self-play in turns, averages weighed quadratically (G. Farina, C. Kroer and T. Sandholm 2021).
        ``regret_matching_plus``: the same without prediction (O. Tammelin 2014), faster by up to a half on payoffs drawn at random.
        By default the first up to 200 actions, then the second.
    max_iterations : int
        Of all methods together.
    progress : bool, optional
        Show a bar; by default on a terminal. Ctrl-C ends with what is guaranteed so far.

    Returns
    -------
    ApproximateSolution
        ``lower`` and ``upper`` are computed anew in float64 from the strategies returned, rounding allowed for. ``status`` is
        ``MAX_ITERATIONS`` or ``ROUNDING`` where the gap stayed above ``tol``.

    Raises
    ------
    GameError
        Not (m, n), no actions, entries that are not finite numbers, no such method, or a tolerance that is not positive.

    Notes
    -----
    Use ``minimax`` up to about 1,000 actions, or where digits count: in self-play one more takes about three times as long.
    No method needs a step size; scales and offsets do not matter.

    Examples
    --------
    >>> game = np.random.default_rng(0).random((300, 200))
    >>> solution = approximate_minimax(game)
    >>> solution.gap <= 1e-3, solution.lower <= solution.value <= solution.upper
    (True, True)
    """
    if method is not None and method not in METHODS:
        raise GameError(f"method is {method!r}, one of {', '.join(METHODS)} was expected")
    matrix, most = matrix_of(A), whole(max_iterations, "max_iterations")
    asked = RELATIVE_TOLERANCE * (matrix.span or 1.0) if tol is None else positive(tol, "tol") * matrix.unit
    with progress_bar("minimax", 1.0, show=progress) as tell:
        contest = Contest(matrix, asked, most, tell)
        used, status = _settle(contest, BY_DEFAULT if method is None else {method: METHODS[method]})
    return _solution(matrix, contest, used, status)


def _settle(contest: Contest, methods: dict[str, Method]) -> tuple[str, Status]:
    """Try methods in turn until one settles the contest; returns its name, and how it ended."""
    used = ""
    try:
        for used, run in methods.items():
            status = run(contest)
            if status is not None:
                return used, status
    except KeyboardInterrupt:
        if math.isinf(contest.rows.yields + contest.columns.yields):
            raise
        return used, Status.INTERRUPTED
    return used, Status.MAX_ITERATIONS


def _solution(matrix: Matrix, contest: Contest, used: str, status: Status) -> ApproximateSolution:
    """Return what the judge makes of the best strategies."""
    profile = contest.rows.strategy, contest.columns.strategy
    lower, upper = matrix.guarantees(*profile)
    gap, value = (upper - lower) / matrix.unit, lower / matrix.unit * 0.5 + upper / matrix.unit * 0.5
    return ApproximateSolution(value, lower / matrix.unit, upper / matrix.unit, profile, gap, contest.iterations, used, status)
