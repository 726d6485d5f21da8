"""The safeguard that makes bold steps safe: a few of them may fail to pay, then the step that always pays is taken."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gametheory_rl.stochastic._certified import Improve, Sweep
from gametheory_rl.stochastic._zero_sum import ZeroSum

PATIENCE = 8


def safeguarded(step: Callable[[ZeroSum, Sweep], np.ndarray]) -> Improve:
    """Return ``step`` under a watchdog.

    A sweep is a milestone if its residual is at most the discount times that of the milestone before. Bold steps may miss that a
    few times in a row (on a large game some state's policy nearly always changes); then the last milestone is simply backed up,
    which always makes the next one, because the operator contracts by the discount. Patience halves when it ran out in vain and
    grows again with success. Milestones therefore follow each other within ``PATIENCE + 1`` sweeps, which proves convergence for
    any ``step``.
    """
    milestone: Sweep | None = None
    patience = left = PATIENCE

    def improve(problem: ZeroSum, sweep: Sweep, previous: Sweep | None) -> np.ndarray:
        nonlocal milestone, patience, left
        paid = milestone is None or previous is None or sweep.residual <= problem.discount * milestone.residual
        if paid and previous is not None:
            patience = min(PATIENCE, 2 * patience)
        # With nothing left this is the sweep after a plain backup: a milestone by contraction, whatever rounding says of its residual.
        if milestone is None or paid or left == 0:
            milestone, left = sweep, patience
            return step(problem, sweep)
        left -= 1
        if left > 0:
            return step(problem, sweep)
        patience = max(1, patience // 2)
        return milestone.backup.value

    return improve
