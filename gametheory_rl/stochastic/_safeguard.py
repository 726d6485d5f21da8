"""The safeguards that make bold steps safe: damp where they overshoot, and take the step that always pays where they fail."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gametheory_rl.stochastic._certified import Trial
from gametheory_rl.stochastic._focus import Improve, Policies, focused
from gametheory_rl.stochastic._zero_sum import ZeroSum

PATIENCE = 8
SHRINK, GROW, SMALLEST = 0.5, 1.5, 1.0 / 16.0
"""How a state's share of its new strategy changes when its residual did not shrink in time, or did; and its floor."""

RESCUES, RESTED = 50, 2
"""Most steps of the rescue between two milestones; and the least patience with bold steps from where each led."""

Step = Callable[[ZeroSum, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""``step(problem, values, row_policy, column_policy) -> values``: a bold step from values along a policy pair."""


def safeguarded(step: Step, rescue: Improve | None = None) -> Improve:
    """Return ``step`` under a watchdog.

    A sweep is a milestone if its residual is at most the discount times that of the milestone before. Bold steps may miss that a
    few times in a row; then the last milestone is simply backed up, which always makes the next one, because the operator contracts
    by the discount. Patience halves when it ran out in vain and grows again with success. Milestones therefore follow each other
    within ``PATIENCE + 1`` sweeps, which proves convergence for any ``step``.

    A plain backup gains no more than the discount, so that where bold steps go round, a solve would end as value iteration. ``rescue``
    is a slower step that makes good progress from anywhere: when patience ran out it leads on from where it led last, or from the
    milestone, and bold steps get a few tries from there. At most ``RESCUES`` of them lie between two milestones, then a plain backup is
    due: convergence holds for any ``rescue`` too.

    On a large game some state or other nearly always overshoots, and policies that cycle do so locally (Newton's values 12, -12/7,
    12, ... are one state's). So after a sweep that is no milestone, a state whose own residual missed the mark plays a mixture of its
    new strategy and the one it last used, with a weight that halves each time and recovers after. At a milestone nothing is mixed: old
    strategies in the mixture would be all that is wrong with the next values, and go away at a fixed rate only. And where few states
    have most of the residual, they are settled first, see ``_focus``.
    """
    return Guard(step, rescue).improve


class Guard:
    """What the watchdog remembers during one solve."""

    def __init__(self, step: Step, rescue: Improve | None = None, *, focus: bool = True) -> None:
        self.step, self.rescue, self.focus = step, rescue, focus
        self.milestone: Trial | None = None
        self.rescued: Trial | None = None
        self.patience = self.left = PATIENCE
        self.rescues, self.rescuing = 0, False
        self.share = np.empty(0)
        self.used: Policies | None = None
        self.damping = False

    def improve(self, problem: ZeroSum, sweep: Trial) -> np.ndarray:
        """Return the next continuation values."""
        mark = np.inf if self.milestone is None else problem.discount * self.milestone.residual
        if self.rescuing:
            self.rescued, self.rescuing = sweep, False
            self._forget()
        policies = self.damped(sweep, mark)
        # With nothing left this is the sweep after a plain backup: a milestone by contraction, whatever rounding says of its residual.
        if self.milestone is None or sweep.residual <= mark or self.left == 0:
            self.patience = min(PATIENCE, 2 * self.patience) if sweep.residual <= mark else self.patience
            self.milestone = self.rescued = sweep
            self.left, self.rescues = self.patience, 0
            return self._step(problem, sweep, policies)
        self.left -= 1
        return self._step(problem, sweep, policies) if self.left > 0 else self._safe(problem, self.milestone)

    def _safe(self, problem: ZeroSum, milestone: Trial) -> np.ndarray:
        """Return values that are better for sure, or nearly so: patience ran out in vain."""
        self.patience = max(1, self.patience // 2)
        if self.rescue is None or self.rescued is None or self.rescues == RESCUES:
            return milestone.backup.value
        self.rescues, self.rescuing = self.rescues + 1, True
        self.patience = max(RESTED, self.patience)
        self.left = self.patience + 1
        return self.rescue(problem, self.rescued)

    def _forget(self) -> None:
        """Forget which strategies were used: those that led here were another method's."""
        self.used, self.damping = None, False

    def _step(self, problem: ZeroSum, sweep: Trial, policies: Policies) -> np.ndarray:
        values = sweep.backup.value
        if self.focus:
            values, policies = focused(problem, sweep, policies, Guard(self.step, focus=False).improve)
        return self.step(problem, values, *policies)

    def damped(self, sweep: Trial, mark: float) -> Policies:
        """Return the sweep's policies, mixed with those last used in the states that overshot lately."""
        fresh = (sweep.backup.row_policy, sweep.backup.column_policy)
        made = sweep.residual <= mark
        if self.used is None or (made and not self.damping):
            self.used = fresh
            return fresh
        if not self.damping:
            self.share = np.ones(len(sweep.values))
        missed = np.abs(sweep.backup.value - sweep.values) > mark
        self.share = np.where(missed, np.maximum(SHRINK * self.share, SMALLEST), np.minimum(GROW * self.share, 1.0))
        some = np.flatnonzero(self.share < 1.0)
        self.damping = some.size > 0
        if some.size and not made:
            share, mixed = self.share[some, np.newaxis], (fresh[0].copy(), fresh[1].copy())
            for policy, before in zip(mixed, self.used, strict=True):
                policy[some] = share * policy[some] + (1.0 - share) * before[some]
            fresh = mixed
        self.used = fresh
        return fresh
