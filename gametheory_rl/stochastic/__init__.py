"""Exact solvers of a known stochastic game, each stops on a certified bound; and what kind of game it is."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
    "equilibria._structure": ("Trait",),
    "stochastic._average_payoff": ("AveragePayoffSolution", "average_payoff"),
    "stochastic._classes": ("Classes", "classify"),
    "stochastic._finite_horizon": ("FiniteHorizonSolution", "finite_horizon"),
    "stochastic._partitioned_game": ("PartitionedGame",),
    "stochastic._reachability": ("ReachabilitySolution", "reachability", "safety"),
    "stochastic._solve": ("solve",),
}
_LAZY = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load names on first use: solving does not wait for what only classifying needs."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"gametheory_rl.{_LAZY[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
