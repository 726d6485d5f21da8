"""The safeguard that makes bold steps safe: where one did not pay, take the step that always does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gametheory_rl.stochastic._certified import Improve, Sweep
from gametheory_rl.stochastic._zero_sum import ZeroSum


def safeguarded(step: Callable[[ZeroSum, Sweep], np.ndarray]) -> Improve:
    """Return ``step``, undone wherever the residual has not shrunk at least by the discount since the last accepted sweep.

    Value iteration shrinks the residual by the discount every time, so a bold step that did worse is worth nothing: the values
    before it are backed up instead, and bold steps resume from there. Either way the residual of accepted sweeps falls by the
    discount, which proves convergence for any ``step``.
    """
    accepted: Sweep | None = None
    bold = False

    def improve(problem: ZeroSum, sweep: Sweep, previous: Sweep | None) -> np.ndarray:
        nonlocal accepted, bold
        if previous is None:
            accepted, bold = None, False
        if accepted is not None and bold and sweep.residual > problem.discount * accepted.residual:
            bold = False
            return accepted.backup.middle
        accepted, bold = sweep, True
        return step(problem, sweep)

    return improve
