"""Stage games: solvers, one method per file, and the judges that measure their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gametheory_rl._support import _lazy

if TYPE_CHECKING:
    from gametheory_rl.equilibria import dynamics, exact
    from gametheory_rl.equilibria._bimatrix import BimatrixSolution, EquilibriumGraph, LabelledEquilibria
    from gametheory_rl.equilibria._components import Component, NashSubset
    from gametheory_rl.equilibria._correlated import CorrelatedEquilibrium, coarse_correlated, correlated
    from gametheory_rl.equilibria._dominance import DominanceSolution, Elimination, dominance, rationalizable
    from gametheory_rl.equilibria._equilibrium_set import EquilibriumSet
    from gametheory_rl.equilibria._judges import duality_gap, obedience, regret
    from gametheory_rl.equilibria._lemke_howson import lemke_howson, lemke_howson_all
    from gametheory_rl.equilibria._lemke_howson_graph import lemke_howson_graph
    from gametheory_rl.equilibria._minimax import minimax
    from gametheory_rl.equilibria._nash import NashEquilibrium, nash
    from gametheory_rl.equilibria._optimal_strategies import optimal_strategies
    from gametheory_rl.equilibria._pair_payoffs import polymatrix_regret, polymatrix_tensor
    from gametheory_rl.equilibria._polymatrix import PolymatrixSolution, polymatrix
    from gametheory_rl.equilibria._pure import PureEquilibria, best_responses, pure
    from gametheory_rl.equilibria._quantal import LogitEquilibrium, LogitPath, logit, logit_path
    from gametheory_rl.equilibria._security import SecurityLevel, security
    from gametheory_rl.equilibria._selection import Selection, select, selector
    from gametheory_rl.equilibria._stability import Stability, is_ess
    from gametheory_rl.equilibria._stackelberg import StackelbergSolution, stackelberg
    from gametheory_rl.equilibria._support_enumeration import support_enumeration
    from gametheory_rl.equilibria._vertex_enumeration import vertex_enumeration
    from gametheory_rl.equilibria.exact import OptimalStrategies

__all__ = [
    "BimatrixSolution",
    "Component",
    "CorrelatedEquilibrium",
    "DominanceSolution",
    "Elimination",
    "EquilibriumGraph",
    "EquilibriumSet",
    "LabelledEquilibria",
    "LogitEquilibrium",
    "LogitPath",
    "NashEquilibrium",
    "NashSubset",
    "OptimalStrategies",
    "PolymatrixSolution",
    "PureEquilibria",
    "SecurityLevel",
    "Selection",
    "Stability",
    "StackelbergSolution",
    "best_responses",
    "coarse_correlated",
    "correlated",
    "dominance",
    "duality_gap",
    "dynamics",
    "exact",
    "is_ess",
    "lemke_howson",
    "lemke_howson_all",
    "lemke_howson_graph",
    "logit",
    "logit_path",
    "minimax",
    "nash",
    "obedience",
    "optimal_strategies",
    "polymatrix",
    "polymatrix_regret",
    "polymatrix_tensor",
    "pure",
    "rationalizable",
    "regret",
    "security",
    "select",
    "selector",
    "stackelberg",
    "support_enumeration",
    "vertex_enumeration",
]

_HOMES = {
    _lazy.MODULE: ("dynamics", "exact"),
    "_bimatrix": ("BimatrixSolution", "EquilibriumGraph", "LabelledEquilibria"),
    "_components": ("Component", "NashSubset"),
    "_correlated": ("CorrelatedEquilibrium", "coarse_correlated", "correlated"),
    "_dominance": ("DominanceSolution", "Elimination", "dominance", "rationalizable"),
    "_equilibrium_set": ("EquilibriumSet",),
    "_judges": ("duality_gap", "obedience", "regret"),
    "_lemke_howson": ("lemke_howson", "lemke_howson_all"),
    "_lemke_howson_graph": ("lemke_howson_graph",),
    "_minimax": ("minimax",),
    "_nash": ("NashEquilibrium", "nash"),
    "_optimal_strategies": ("optimal_strategies",),
    "_pair_payoffs": ("polymatrix_regret", "polymatrix_tensor"),
    "_polymatrix": ("PolymatrixSolution", "polymatrix"),
    "_pure": ("PureEquilibria", "best_responses", "pure"),
    "_quantal": ("LogitEquilibrium", "LogitPath", "logit", "logit_path"),
    "_security": ("SecurityLevel", "security"),
    "_selection": ("Selection", "select", "selector"),
    "_stability": ("Stability", "is_ess"),
    "_stackelberg": ("StackelbergSolution", "stackelberg"),
    "_support_enumeration": ("support_enumeration",),
    "_vertex_enumeration": ("vertex_enumeration",),
    "exact": ("OptimalStrategies",),
}
_LAZY = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load names on first use: who solves one kind of game does not wait for the compiled parts of all others."""
    return _lazy.loaded(globals(), _LAZY, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
