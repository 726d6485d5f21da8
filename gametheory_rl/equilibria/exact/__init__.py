"""Stage games in rational arithmetic: Fractions in, Fractions out, nothing rounded."""

from gametheory_rl.equilibria.exact._best_response_polytopes import (
    BestResponsePolytope,
    LemkeHowsonPath,
    best_response_polytopes,
    lemke_howson_path,
)
from gametheory_rl.equilibria.exact._judges import regret
from gametheory_rl.equilibria.exact._lemke_howson import lemke_howson
from gametheory_rl.equilibria.exact._lemke_howson_graph import lemke_howson_graph
from gametheory_rl.equilibria.exact._minimax import OptimalStrategies, minimax, optimal_strategies
from gametheory_rl.equilibria.exact._recognise import recognise, recognise_device
from gametheory_rl.equilibria.exact._support_enumeration import support_enumeration
from gametheory_rl.equilibria.exact._vertex_enumeration import vertex_enumeration

__all__ = [
    "BestResponsePolytope",
    "LemkeHowsonPath",
    "OptimalStrategies",
    "best_response_polytopes",
    "lemke_howson",
    "lemke_howson_graph",
    "lemke_howson_path",
    "minimax",
    "optimal_strategies",
    "recognise",
    "recognise_device",
    "regret",
    "support_enumeration",
    "vertex_enumeration",
]
