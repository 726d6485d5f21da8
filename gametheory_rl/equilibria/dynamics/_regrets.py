"""Regret matching: play what one regrets not having played."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria.dynamics._arena import arena
from gametheory_rl.equilibria.dynamics._engine import play, rule_of
from gametheory_rl.equilibria.dynamics._trajectory import Trajectory

AVERAGING = {"uniform": 0, "linear": 1, "quadratic": 2}
"""Round t weighs t to this power."""


def regret_matching(
    payoffs: Any,
    steps: int = 10_000,
    *,
    start: Any = None,
    seed: int | None = None,
    records: Any = 100,
    progress: bool | None = None,
) -> Trajectory:
    """Play each action in proportion to the regret, if positive, for not having played it all along.

    Unconditional regret matching (S. Hart and A. Mas-Colell 2000, theorem B), with the payoffs of all actions seen.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs, player axis first.
    steps : int
        Rounds.
    start : n arrays (..., A_i), optional
        What is played in round 1, any leading axes; uniform by default.
    seed : int, optional
        Draw actions and play those; by default players meet each other's mixed actions, and nothing is random.
    records : int or array of rounds
        How many rounds are kept, from the first to the last, or which.
    progress : bool, optional
        Show a bar; by default on a terminal.

    Returns
    -------
    Trajectory
        ``joint`` tends to the coarse correlated equilibria: ``coarse_slack`` is at most the largest span times
        sqrt(A_i / steps). ``average_profiles`` tend to equilibria in zero-sum games, not in others.

    Raises
    ------
    GameError
        Payoffs, starts, seeds or rounds that cannot be used.

    Notes
    -----
    Without positive regret, uniform play. Scales and offsets of payoffs do not matter.

    Examples
    --------
    >>> play = regret_matching([[[6, 2], [7, 0]], [[6, 7], [2, 0]]], start=([0.6, 0.4], [0.5, 0.5]))
    >>> bool(play.coarse_slack < 0.1)
    True
    """
    field = arena(payoffs, start)
    rule = rule_of(field, "REGRET", field.rates(None), drawn=seed is not None)
    return play(field, rule, steps, records, seed or 0, progress, scores=np.zeros_like(field.start))


def regret_matching_plus(
    payoffs: Any,
    steps: int = 10_000,
    *,
    averaging: str = "uniform",
    start: Any = None,
    records: Any = 100,
    progress: bool | None = None,
) -> Trajectory:
    """Play by regrets that never fall below zero (O. Tammelin 2014; O. Tammelin, N. Burch, M. Johanson and M. Bowling 2015).

    Parameters
    ----------
    payoffs, steps, start, records, progress
        As for ``regret_matching``.
    averaging : str
        How much round t weighs: ``uniform``, ``linear`` (t, as the authors do) or ``quadratic`` (t**2).

    Returns
    -------
    Trajectory
        Guarantees as for ``regret_matching``. Both players move at once, where the authors let them take turns.

    Raises
    ------
    GameError
        Payoffs, starts or rounds that cannot be used, or an averaging of another name.

    Examples
    --------
    >>> play = regret_matching_plus([[[3, 0], [0, 2]], [[-3, 0], [0, -2]]], averaging="linear")
    >>> play.average[0].round(2).tolist(), bool(play.average_regret < 0.01)
    ([0.4, 0.6], True)
    """
    if averaging not in AVERAGING:
        raise GameError(f"averaging is {averaging!r}, one of {', '.join(AVERAGING)} was expected")
    field = arena(payoffs, start)
    rule = rule_of(field, "REGRET_PLUS", field.rates(None), power=AVERAGING[averaging])
    return play(field, rule, steps, records, 0, progress, scores=np.zeros_like(field.start))


def conditional_regret_matching(
    payoffs: Any,
    steps: int = 100_000,
    *,
    inertia: float = 2.0,
    start: Any = None,
    seed: int = 0,
    records: Any = 100,
    progress: bool | None = None,
) -> Trajectory:
    """Leave the action just played in proportion to the regret for not having played others whenever it was played.

    The adaptive procedure of S. Hart and A. Mas-Colell (2000), equation (2.2): joint play tends to the correlated equilibria.

    Parameters
    ----------
    payoffs, steps, start, records, progress
        As for ``regret_matching``.
    inertia : float
        The authors' mu, in units of (A_i - 1) spans of player i's payoffs, above 1: the larger, the more often players stay.
    seed : int
        Of the draws: what is played are actions, not mixed ones.

    Returns
    -------
    Trajectory
        ``joint`` is the frequency of joint actions, and ``slack`` its distance from a correlated equilibrium.

    Raises
    ------
    GameError
        Payoffs, starts, seeds, rounds or an inertia that cannot be used.

    Examples
    --------
    >>> play = conditional_regret_matching([[[6, 2], [7, 0]], [[6, 7], [2, 0]]])
    >>> bool(play.slack < 0.05)
    True
    """
    if not 1.0 < inertia < np.inf:
        raise GameError(f"inertia is {inertia!r}, a number above 1 was expected")
    field = arena(payoffs, start)
    rates = inertia * np.maximum(field.actions - 1, 1.0)
    scores = np.zeros((len(field.start), int((field.actions**2).sum())))
    return play(field, rule_of(field, "CONDITIONAL_REGRET", rates, drawn=True), steps, records, seed, progress, scores=scores)
