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
from gametheory_rl.stochastic._evaluation import evaluated, joint_play
from gametheory_rl.stochastic._regret import status_of
from gametheory_rl.stochastic._stage_rules import Rule
from gametheory_rl.stochastic._sweeps import Sweeps

LONGEST_PERIOD = 64
ROUND = 1e-7
"""Values go round where, a period later, they have come back to this share of the steps within the period; with discounts near 1 less."""
EPS = float(np.finfo(np.float64).eps)
FIRST_TRIAL, TRIAL_SWEEPS = 16, 12
"""After so many sweeps, and each time that they have doubled, play that settles is evaluated for ever; and how often in a row."""
SETTLED, NEARBY = 0.01, 0.1
"""Play settles where no probability changes by more in a sweep; the fixed point found is the one ahead if none changes by more."""


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
    walk = _Walk(Sweeps.of(game, rule), [np.zeros((game.num_players, game.num_states))], equilibrium)
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
    equilibrium: bool
    """Whether values are those of what is played, and the judge has the last word"""
    steps: list[float] = field(default_factory=list)
    matched: list[np.ndarray] = field(default_factory=list)
    period: int = 0
    status: Status | None = None

    def step(self, tol: float, limit: int) -> None:
        """Make a sweep, and see whether it was the last."""
        trial = self.equilibrium and len(self.steps) + 1 >= FIRST_TRIAL and (len(self.steps) + 1).bit_count() == 1
        before = tuple(part.copy() for part in self.sweeps.parts()) if trial else ()
        self._record(self.sweeps, self.values[-1], self.sweeps.sweep(self.values[-1]))
        if trial and not self._ended(tol) and _moved(self.sweeps.parts(), before) <= SETTLED:
            self._try_for_ever(tol)
        if self._ended(tol):
            error = self._error()
            # What an equilibrium is worth the judge says.
            self.status = Status.SOLVED if error <= tol or self.equilibrium else Status.ROUNDING
            return
        self.period = _period(self.values, self.steps, float(self.sweeps.menus.game.discount.max()))
        if self.period:
            self.status = Status.CYCLES
        elif len(self.steps) >= limit:
            self.status = Status.MAX_ITERATIONS

    def _record(self, sweeps: Sweeps, start: np.ndarray, values: np.ndarray) -> None:
        self.sweeps = sweeps
        self.values.append(values)
        self.matched.append(sweeps.matched.copy())
        self.steps.append(float(np.abs(values - start).max()))
        del self.values[: -2 * LONGEST_PERIOD - 2], self.matched[:-LONGEST_PERIOD]

    def _error(self) -> float:
        return _fixed_point_error(self.sweeps.menus.game, self.steps[-1], self.values[-1])

    def _ended(self, tol: float) -> bool:
        """Whether the last sweep left the values where they were."""
        return self._error() <= 0.1 * tol or self.steps[-1] <= 8.0 * EPS * float(np.abs(self.values[-1]).max())

    def _try_for_ever(self, tol: float) -> None:
        """Evaluate what is played for ever, sweep, and so on, apart from the walk: it goes there if that ends nearby, else not.

        Close to a fixed point that takes a few sweeps at any discount, where the walk takes some 20 / (1 - discount).
        """
        sweeps, here = self.sweeps.copy(), tuple(part.copy() for part in self.sweeps.parts())
        game = sweeps.menus.game
        for _ in range(TRIAL_SWEEPS):
            if not sweeps.matched.all() or _moved(sweeps.parts(), here) > NEARBY:
                return
            played = sweeps.parts()[0].reshape(game.num_states, -1) if sweeps.joint else joint_play(sweeps.parts())
            start, _ = evaluated(game, played, range(game.num_players))
            values = sweeps.sweep(start)
            step, size = float(np.abs(values - start).max()), float(np.abs(values).max())
            if step <= 8.0 * EPS * size or _fixed_point_error(game, step, values) <= 0.1 * tol:
                if sweeps.matched.all() and _moved(sweeps.parts(), here) <= NEARBY:
                    self._record(sweeps, start, values)
                return

    def apart(self) -> np.ndarray:
        """Return the states ``(S,)`` bool where players have different equilibria in mind, at some point of the cycle if there is one."""
        return ~np.logical_and.reduce(self.matched[-max(self.period, 1) :])


def _moved(play: tuple[np.ndarray, ...], before: tuple[np.ndarray, ...]) -> float:
    return max(float(np.abs(part - last).max()) for part, last in zip(play, before, strict=True))


def _fixed_point_error(game: StochasticGame, step: float, values: np.ndarray) -> float:
    """Bound the distance from the fixed point, if the backup contracts, rounding allowed for."""
    discount = float(game.discount.max())
    rounding = 64.0 * EPS * (float(np.abs(values).max()) + float(np.abs(game.payoff).max()))
    return (discount * step + rounding) / (1.0 - discount)


def _period(values: list[np.ndarray], steps: list[float], discount: float) -> int:
    """Return the length of the cycle that the last values went round twice, or 0.

    Values that converge while they turn come back to a share of at least ``(1 - discount) / 2`` of their steps: closer is a cycle.
    """
    share = min(ROUND, 0.1 * (1.0 - discount))
    for period in range(2, min(LONGEST_PERIOD, (len(values) - 1) // 2) + 1):
        close = share * max(steps[-period:])
        back = (float(np.abs(values[-1 - k] - values[-1 - k - period]).max()) <= close for k in range(period))
        if all(back) and min(steps[-period:]) > 0.0:
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
        found = status_of(certificate, tol)
        status = status if found is Status.SOLVED else found
    if throw and status in (Status.MAX_ITERATIONS, Status.CYCLES, Status.MISMATCH, Status.UNREACHED):
        after = f"after {len(walk.steps)} iterations, the last of which changed values by {walk.steps[-1]:.3g}"
        raise SolverError(f"{method} {_sentence(game, status, walk.period, apart)} ({after})")
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
