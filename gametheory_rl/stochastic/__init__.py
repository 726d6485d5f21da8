"""Exact solvers of a known stochastic game, each stops on a certified bound; and what kind of game it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gametheory_rl._support import _lazy

if TYPE_CHECKING:
    from gametheory_rl.equilibria._structure import Trait
    from gametheory_rl.stochastic._average_payoff import AveragePayoffSolution, average_payoff
    from gametheory_rl.stochastic._classes import Classes, classify
    from gametheory_rl.stochastic._finite_horizon import FiniteHorizonSolution, finite_horizon
    from gametheory_rl.stochastic._partitioned_game import PartitionedGame
    from gametheory_rl.stochastic._reachability import ReachabilitySolution, reachability, safety
    from gametheory_rl.stochastic._solve import solve

__all__ = [
    "AveragePayoffSolution",
    "Classes",
    "FiniteHorizonSolution",
    "PartitionedGame",
    "ReachabilitySolution",
    "Trait",
    "average_payoff",
    "classify",
    "finite_horizon",
    "reachability",
    "safety",
    "solve",
]

_HOMES = {
    ".equilibria._structure": ("Trait",),
    "_average_payoff": ("AveragePayoffSolution", "average_payoff"),
    "_classes": ("Classes", "classify"),
    "_finite_horizon": ("FiniteHorizonSolution", "finite_horizon"),
    "_partitioned_game": ("PartitionedGame",),
    "_reachability": ("ReachabilitySolution", "reachability", "safety"),
    "_solve": ("solve",),
}
_LAZY = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load names on first use: solving does not wait for what only classifying needs."""
    return _lazy.loaded(globals(), _LAZY, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
