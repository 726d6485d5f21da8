"""Nashpy as a second engine beside ours: run in a process of its own, bounded in time, and judged like anything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.equilibria._bimatrix import COLUMN_PAYOFFS, ROW_PAYOFFS, bimatrix
from gametheory_rl.equilibria._checks import require_finite
from gametheory_rl.equilibria._judges import regret
from gametheory_rl.equilibria._scaling import normalised

CHILD = Path(__file__).with_name("_nashpy_child.py")
ACCEPTED = 1e-9
"""Largest regret of an equilibrium, in spans of the player's payoffs."""
START = 120.0
"""Seconds that a process may take to start and to import nashpy; its own clock starts after that."""


@dataclass(frozen=True, eq=False)
class NashpyAnswer:
    """What a function of nashpy returned for one game, and what the judge says of it."""

    profiles: tuple[tuple[np.ndarray, np.ndarray], ...]
    """K pairs, as returned: nothing says that they are distributions, or of the right length."""
    regrets: np.ndarray
    """``[K]`` in payoff units; inf where a profile is no pair of distributions."""
    equilibria: np.ndarray
    """``[K]`` bool: the regret is at most 1e-9 of each player's span of payoffs."""
    warnings: tuple[str, ...]
    """What nashpy itself warned of."""
    failure: str | None
    """One sentence on what went wrong (still at work, an exception, profiles that are no equilibria, none at all), or None."""


def run_nashpy(function: str, A: Any, B: Any, *, time_limit: float, **options: Any) -> NashpyAnswer:
    """Run ``nashpy.Game(A, B).function(**options)`` in a process of its own and judge each profile that it returns.

    Parameters
    ----------
    function : str
        A method of ``nashpy.Game`` that returns one profile or yields several: ``lemke_howson``, ``support_enumeration``,
        ``vertex_enumeration``, ``lemke_howson_enumeration``.
    A, B : (m, n) arrays
        Payoffs of the row and of the column player.
    time_limit : float
        Seconds that the function may take; what it had returned by then is kept. Starting Python comes on top.
    **options
        Passed on; numbers, booleans and strings.

    Returns
    -------
    NashpyAnswer
        Never raises for what nashpy does: ``failure`` says it.

    Raises
    ------
    GameError
        Not one game, entries that are not finite, a time limit that is no positive number.
    SolverError
        No process could be started, or nashpy is not installed.
    """
    A, B = bimatrix(A, B)
    if A.ndim != 2 or B.ndim != 2:
        raise GameError(f"the payoffs have shapes {A.shape} and {B.shape}, nashpy takes one game (m, n)")
    require_finite(A, ROW_PAYOFFS)
    require_finite(B, COLUMN_PAYOFFS)
    request = {"function": function, "payoffs": [A.tolist(), B.tolist()], "time_limit": seconds(time_limit), "options": options}
    events = _events(request)
    profiles = tuple((np.array(x, float), np.array(y, float)) for x, y in _whats(events, "profile"))
    pair = np.stack([A, B])
    regrets = np.array([_regret(pair, profile) for profile in profiles])
    fine = np.array([_regret(normalised(pair), profile) <= ACCEPTED for profile in profiles], np.bool_)
    failure = _failure(function, time_limit, events, profiles, regrets, fine)
    return NashpyAnswer(profiles, regrets, fine, tuple(_whats(events, "warning")), failure)


def seconds(time_limit: Any) -> float:
    """Return a time limit as a float; anything but a positive, finite number is refused."""
    if isinstance(time_limit, bool) or not isinstance(time_limit, int | float | np.number) or not 0.0 < time_limit < 1e9:
        raise GameError(f"the time limit is {time_limit!r}, a positive number of seconds was expected")
    return float(time_limit)


def _events(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the child said, in order."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(CHILD)],
            input=json.dumps(request).encode(),
            capture_output=True,
            env=environment,
            timeout=START + request["time_limit"],
            check=False,
        )
        said, complaint = done.stdout, done.stderr.decode(errors="replace").strip()
    except subprocess.TimeoutExpired as stopped:  # the child stops by itself unless compiled code holds on to the interpreter
        said, complaint = stopped.stdout or b"", ""
    except OSError as error:
        raise SolverError(f"nashpy runs in a process of its own, and none could be started: {error.strerror or error}") from None
    lines = said.decode().split("\n")[:-1]
    if not lines and complaint:
        raise SolverError(f"nashpy could not be started: {complaint.splitlines()[-1]}")
    return [json.loads(line) for line in lines]


def _whats(events: list[dict[str, Any]], kind: str) -> list[Any]:
    return [event["what"] for event in events if event["kind"] == kind]


def _regret(payoffs: np.ndarray, profile: tuple[np.ndarray, np.ndarray]) -> float:
    """Return the profile's regret, inf where it is no pair of distributions."""
    try:
        return regret(payoffs, profile)
    except GameError:
        return float("inf")


def _failure(
    function: str,
    time_limit: float,
    events: list[dict[str, Any]],
    profiles: tuple[tuple[np.ndarray, np.ndarray], ...],
    regrets: np.ndarray,
    fine: np.ndarray,
) -> str | None:
    """Return what went wrong as a sentence, or None."""
    who, count = f"nashpy's {function}", len(profiles)
    if _whats(events, "error"):
        return f"{who} raised {_whats(events, 'error')[0]}"
    wrong = ""
    if not fine.all():
        first = int(np.argmin(fine))
        bad = f"regret {regrets[first]:.3g}" if isfinite(regrets[first]) else "no pair of distributions over the players' actions"
        x, y = (strategy.round(6).tolist() for strategy in profiles[first])
        wrong = f"{count - int(fine.sum())} of the {count} profiles returned are no equilibria, the first ({x}, {y}): {bad}"
    if not _whats(events, "end"):
        return f"{who} was still at work after {time_limit:g} s and was stopped" + (
            f"; {wrong}" if wrong else f", with {count} profiles found"
        )
    if wrong:
        return f"{who}: {wrong}"
    return None if count else f"{who} returned nothing, though every game has an equilibrium"
