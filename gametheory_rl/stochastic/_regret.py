"""Where the guarantee is a regret: what the judge's certificate makes of an end."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Certificate, GameSolution, Profile, Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl.stochastic._certified import certificate_of

FINE = 4.0
"""A regret of so many times what the judge itself cannot tell is as good as float64 allows."""


def status_of(certificate: Certificate, tol: float, short: Status = Status.UNREACHED) -> Status:
    """Return ``SOLVED`` within ``tol``, ``ROUNDING`` where only the judge's own error lies between, else ``short``."""
    if certificate.epsilon <= tol:
        return Status.SOLVED
    gain = max(0.0, float(certificate.gains.max()))
    return Status.ROUNDING if gain <= tol or certificate.epsilon <= FINE * (certificate.epsilon - gain) else short


def judged(game: StochasticGame, method: str, profile: Profile, tol: float, throw: bool, iterations: int = 1) -> GameSolution:
    """Return the solution that a profile is, its status by the judge; raises ``SolverError`` where the regret is too large."""
    certificate = certificate_of(game, profile)
    status = status_of(certificate, tol)
    if throw and status is Status.UNREACHED:
        raise SolverError(f"{method} {status.value} (regret {certificate.epsilon:.3g}, tol {tol:.3g})")
    trace = {"residual": np.array([certificate.epsilon])}
    return GameSolution(certificate.values, profile, None, trace, status, method, iterations, lambda: certificate)
