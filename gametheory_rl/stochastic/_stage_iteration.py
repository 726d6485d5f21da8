"""The engine of iterations over stage solutions: back up what a rule makes of every stage game, until values stand still or go round.

Only for some rules is that a contraction (friend, foe). For the others nothing promises an end: M. Zinkevich, A. Greenwald &
M. Littman 2005 have a game in which every rule that looks at action values alone goes round for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Certificate, GameSolution, Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl._support._progress import progress_bar
from gametheory_rl.stochastic._certified import certificate_of, checked_limit, checked_tolerance, require_discounted
from gametheory_rl.stochastic._stage_rules import Rule
from gametheory_rl.stochastic._sweeps import Sweeps

LONGEST_PERIOD = 64
ROUND = 1e-7
"""Values go round where, a period later, they have come back to this share of the steps within the period."""
EPS = float(np.finfo(np.float64).eps)


def iterate_stages(
    game: StochasticGame,
    method: str,
    rule: Rule,
    *,
    contracts: bool,
    equilibrium: bool,
    tol: float | None,
    max_iterations: int | None,
    throw: bool,
    progress: bool | None,
) -> GameSolution:
    """Iterate ``rule`` from values of 0; the shared body of every iteration over stage solutions.

    ``contracts``: the rule's backup contracts by the discount, so that its fixed point is known within a bound. ``equilibrium``:
    the end must be an equilibrium, and is called solved only if the judge finds its regret within ``tol``.
    """
    require_discounted(game, method)
    tol = checked_tolerance(game, tol)
    limit = checked_limit(max_iterations, float(game.discount.max()))
    walk = _Walk(Sweeps.of(game, rule), [np.zeros((game.num_players, game.num_states))])
    with progress_bar(method, 1.0, show=progress) as advance:
        try:
            while walk.status is None:
                walk.step(tol, limit)
                advance(min(1.0, len(walk.steps) / limit), f"values change by {walk.steps[-1]:.2g}")
        except KeyboardInterrupt:
            if throw or not walk.steps:
                raise
            walk.status = Status.INTERRUPTED
    return _judged(game, method, walk, contracts=contracts, equilibrium=equilibrium, tol=tol, throw=throw)


@dataclass(eq=False)
class _Walk:
    """The sweeps made so far, and how they ended."""

    sweeps: Sweeps
    values: list[np.ndarray]
    """The last ones, enough to see a cycle go round twice"""
    steps: list[float] = field(default_factory=list)
    matched: list[np.ndarray] = field(default_factory=list)
    period: int = 0
    status: Status | None = None

    def step(self, tol: float, limit: int) -> None:
        """Make a sweep, and see whether it was the last."""
        self.values.append(self.sweeps.sweep(self.values[-1]))
        self.matched.append(self.sweeps.matched.copy())
        self.steps.append(float(np.abs(self.values[-1] - self.values[-2]).max()))
        del self.values[: -2 * LONGEST_PERIOD - 2], self.matched[:-LONGEST_PERIOD]
        error = _fixed_point_error(self.sweeps.menus.game, self.steps[-1], self.values[-1])
        stands = self.steps[-1] <= 8.0 * EPS * float(np.abs(self.values[-1]).max())
        if error <= 0.1 * tol or stands:
            self.status = Status.SOLVED if error <= tol else Status.ROUNDING
            return
        self.period = _period(self.values, self.steps)
        if self.period:
            self.status = Status.CYCLES
        elif len(self.steps) >= limit:
            self.status = Status.MAX_ITERATIONS

    def apart(self) -> np.ndarray:
        """Return the states ``(S,)`` bool where players have different equilibria in mind, at some point of the cycle if there is one."""
        return ~np.logical_and.reduce(self.matched[-max(self.period, 1) :])


def _fixed_point_error(game: StochasticGame, step: float, values: np.ndarray) -> float:
    """Bound the distance from the fixed point, if the backup contracts, rounding allowed for."""
    discount = float(game.discount.max())
    rounding = 64.0 * EPS * (float(np.abs(values).max()) + float(np.abs(game.payoff).max()))
    return (discount * step + rounding) / (1.0 - discount)


def _period(values: list[np.ndarray], steps: list[float]) -> int:
    """Return the length of the cycle that the last values went round twice, or 0."""
    for period in range(2, min(LONGEST_PERIOD, (len(values) - 1) // 2) + 1):
        size = max(steps[-period:])
        back = max(float(np.abs(values[-1 - k] - values[-1 - k - period]).max()) for k in range(period))
        if back <= ROUND * size and min(steps[-period:]) > 0.0:
            return period
    return 0


def _judged(game: StochasticGame, method: str, walk: _Walk, *, contracts: bool, equilibrium: bool, tol: float, throw: bool) -> GameSolution:
    """Return the solution, its status corrected by the judge."""
    certificate: Certificate | None = None
    status, profile, apart = walk.status or Status.INTERRUPTED, walk.sweeps.profile(), walk.apart()
    if equilibrium and apart.any():
        status = Status.MISMATCH
    elif equilibrium and status.ok:
        certificate = certificate_of(game, profile)
        if certificate.epsilon > tol:
            status = Status.ROUNDING if certificate.epsilon <= tol + 4.0 * certificate.error_bound else Status.UNREACHED
    if throw and status in (Status.MAX_ITERATIONS, Status.CYCLES, Status.MISMATCH, Status.UNREACHED):
        raise SolverError(f"{method} {_sentence(game, status, walk.period, apart)} (after {len(walk.steps)} iterations)")
    error = _fixed_point_error(game, walk.steps[-1], walk.values[-1]) if contracts else None
    trace: dict[str, Any] = {"residual": np.array(walk.steps), "mismatch": apart}

    def certify() -> Certificate:
        return certificate or certificate_of(game, profile)

    return GameSolution(walk.values[-1], profile, error, trace, status, method, len(walk.steps), certify, walk.period)


def _sentence(game: StochasticGame, status: Status, period: int, apart: np.ndarray) -> str:
    cycles = f"cycles with period {period}: " if period else ""
    if status is Status.MISMATCH:
        first = game.labels.state(int(np.flatnonzero(apart)[0]))
        return f"{cycles}{status.value} They differ in {int(apart.sum())} states, the first is state {first}"
    return cycles + status.value
