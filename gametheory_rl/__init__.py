"""numpy.linalg for games, and multi-agent learning measured against the exact answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gametheory_rl._support import _lazy
from gametheory_rl._support._errors import GameError, SolverError, UnknownNameError

if TYPE_CHECKING:
    from gametheory_rl import deep, equilibria, exercises, families, interchange, learners, papers, plots, stochastic
    from gametheory_rl._catalogue import list_games, load_game, load_payoffs, save_game
    from gametheory_rl._convergence_matrix import ConvergenceMatrix, convergence_matrix
    from gametheory_rl._deep_methods import DeepMethodCell, DeepMethodTable, compare_deep_methods
    from gametheory_rl._deep_paradigms import DeepParadigm, DeepParadigmTable, compare_deep_paradigms
    from gametheory_rl._diagnosis import Band, Diagnosis, SeedDiagnosis, Share, Slope, Verdict, bands, diagnose
    from gametheory_rl._games import Board, Labels, StochasticGame
    from gametheory_rl._learn import learn
    from gametheory_rl._mean_field_remainder import MeanFieldRemainder, mean_field_remainder
    from gametheory_rl._paradigms import Paradigm, ParadigmTable, compare_paradigms
    from gametheory_rl._population import HeatBath, heat_bath, ising_order, population_gap, squeeze_optimum
    from gametheory_rl._population_game import PopulationGame
    from gametheory_rl._population_response import PopulationExploitability, population_exploitability
    from gametheory_rl._results import BestResponse, Certificate, GameSolution, Run, StageSolution, Status, load_run
    from gametheory_rl._sweep import Results, SweepPlan, load_results, plan_sweep, sweep
    from gametheory_rl._verify import best_response, verify
    from gametheory_rl.papers import Reproduction, reproduce
    from gametheory_rl.stochastic import Classes, PartitionedGame, Trait, classify, solve

__version__ = "0.1.0"

__all__ = [
    "Band",
    "BestResponse",
    "Board",
    "Certificate",
    "Classes",
    "ConvergenceMatrix",
    "DeepMethodCell",
    "DeepMethodTable",
    "DeepParadigm",
    "DeepParadigmTable",
    "Diagnosis",
    "GameError",
    "GameSolution",
    "HeatBath",
    "Labels",
    "MeanFieldRemainder",
    "Paradigm",
    "ParadigmTable",
    "PartitionedGame",
    "PopulationExploitability",
    "PopulationGame",
    "Reproduction",
    "Results",
    "Run",
    "SeedDiagnosis",
    "Share",
    "Slope",
    "SolverError",
    "StageSolution",
    "Status",
    "StochasticGame",
    "SweepPlan",
    "Trait",
    "UnknownNameError",
    "Verdict",
    "bands",
    "best_response",
    "classify",
    "compare_deep_methods",
    "compare_deep_paradigms",
    "compare_paradigms",
    "convergence_matrix",
    "deep",
    "diagnose",
    "equilibria",
    "exercises",
    "families",
    "heat_bath",
    "interchange",
    "ising_order",
    "learn",
    "learners",
    "list_games",
    "load_game",
    "load_payoffs",
    "load_results",
    "load_run",
    "mean_field_remainder",
    "papers",
    "plan_sweep",
    "plots",
    "population_exploitability",
    "population_gap",
    "reproduce",
    "save_game",
    "solve",
    "squeeze_optimum",
    "stochastic",
    "sweep",
    "verify",
]

_HOMES = {
    _lazy.MODULE: ("deep", "equilibria", "exercises", "families", "interchange", "learners", "papers", "plots", "stochastic"),
    "_catalogue": ("list_games", "load_game", "load_payoffs", "save_game"),
    "_convergence_matrix": ("ConvergenceMatrix", "convergence_matrix"),
    "_diagnosis": ("Band", "Diagnosis", "SeedDiagnosis", "Share", "Slope", "Verdict", "bands", "diagnose"),
    "_games": ("Board", "Labels", "StochasticGame"),
    "_learn": ("learn",),
    "_mean_field_remainder": ("MeanFieldRemainder", "mean_field_remainder"),
    "_deep_methods": ("DeepMethodCell", "DeepMethodTable", "compare_deep_methods"),
    "_deep_paradigms": ("DeepParadigm", "DeepParadigmTable", "compare_deep_paradigms"),
    "_paradigms": ("Paradigm", "ParadigmTable", "compare_paradigms"),
    "_population": ("HeatBath", "heat_bath", "ising_order", "population_gap", "squeeze_optimum"),
    "_population_response": ("PopulationExploitability", "population_exploitability"),
    "_population_game": ("PopulationGame",),
    "_results": ("BestResponse", "Certificate", "GameSolution", "Run", "StageSolution", "Status", "load_run"),
    "_sweep": ("Results", "SweepPlan", "load_results", "plan_sweep", "sweep"),
    "_verify": ("best_response", "verify"),
    "papers": ("Reproduction", "reproduce"),
    "stochastic": ("Classes", "PartitionedGame", "Trait", "classify", "solve"),
}
_LAZY = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load names on first use: ``import gametheory_rl`` costs nothing, and the command's ``--help`` not even numpy."""
    return _lazy.loaded(globals(), _LAZY, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
