"""Stage games that are solved in Python: by a user's function, or by the certified solver of three players and more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.learners._play_kernels import play_mixed
from gametheory_rl.learners._rules_kernels import plain

Solver = Callable[[np.ndarray], Any]
"""Payoffs (n, A_1, ..., A_n), legal actions only -> one mixed action (A_i,) per player."""
APART = 1e-9
"""Equilibria of which no weight differs by more are the same."""
SUMS_TO_ONE = 1e-6
"""How far the weights of a user's mixed action may be from it; they are divided by their sum."""


def named(selection: str) -> Solver:
    """Return the solver of a selection by name: of two players, or ``first`` of any number."""
    return partial(_named, selection)


def _named(selection: str, payoffs: np.ndarray) -> Any:
    from gametheory_rl import equilibria as eq

    return eq.select(payoffs[0], payoffs[1], selection).profile if len(payoffs) == 2 else eq.nash(payoffs).profile


def play_solvers(tables: Any, state: int, solvers: Sequence[Solver]) -> None:
    """Solve the stage game at ``state`` by one solver, or by each player's own; play the solution, and expect what it pays."""
    joint, play = tables.joint, tables.play
    sizes = tuple(int(size) for size in joint.sizes[state])
    legal = joint.cells[state, : np.prod(sizes)]
    payoffs = joint.q[state][:, legal].reshape(-1, *sizes)
    profiles = [_checked(solve(payoffs.copy()), sizes) for solve in solvers]
    for i in range(len(sizes)):
        profile = profiles[i % len(profiles)]
        weights = np.zeros(play.policy.shape[2])
        weights[joint.menu[state, i, : sizes[i]]] = profile[i]
        plain(play_mixed)(play, state, i, weights)
        joint.value[state, i] = _expected(payoffs[i], profile)
    tables.apart[state] = any(np.abs(a - b).max() > APART for profile in profiles[1:] for a, b in zip(profiles[0], profile, strict=True))


def _expected(payoff: np.ndarray, profile: tuple[np.ndarray, ...]) -> float:
    """Return what one player expects; never outside the range of its payoffs."""
    earned = payoff
    for mixed in reversed(profile):
        earned = earned @ mixed
    return float(np.clip(earned, payoff.min(), payoff.max()))


def _checked(profile: Any, sizes: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return a solver's profile as distributions."""
    try:
        mixed = tuple(np.array(part, dtype=np.float64) for part in profile)
    except (TypeError, ValueError):
        mixed = ()
    if tuple(part.shape for part in mixed) != tuple((size,) for size in sizes):
        raise GameError(f"the selection returned {profile!r}, one mixed action per player of lengths {sizes} was expected")
    for part in mixed:
        if not (part >= 0).all() or not abs(part.sum() - 1) <= SUMS_TO_ONE:
            raise GameError(f"the selection returned the weights {part.tolist()}, a distribution was expected")
    return tuple(part / part.sum() for part in mixed)
