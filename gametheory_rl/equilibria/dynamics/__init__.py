"""Learning and evolution in stage games: paths of play, their averages, and the exact regrets of both."""

from gametheory_rl.equilibria.dynamics._approximate_minimax import ApproximateSolution, approximate_minimax
from gametheory_rl.equilibria.dynamics._arena import random_starts
from gametheory_rl.equilibria.dynamics._fictitious import fictitious_play, smooth_fictitious_play
from gametheory_rl.equilibria.dynamics._flows import best_response, iga, logit, replicator, wolf_iga
from gametheory_rl.equilibria.dynamics._regrets import conditional_regret_matching, regret_matching, regret_matching_plus
from gametheory_rl.equilibria.dynamics._trajectory import Trajectory
from gametheory_rl.equilibria.dynamics._weights import extra_gradient, hedge, optimistic_hedge

__all__ = [
    "ApproximateSolution",
    "Trajectory",
    "approximate_minimax",
    "best_response",
    "conditional_regret_matching",
    "extra_gradient",
    "fictitious_play",
    "hedge",
    "iga",
    "logit",
    "optimistic_hedge",
    "random_starts",
    "regret_matching",
    "regret_matching_plus",
    "replicator",
    "smooth_fictitious_play",
    "wolf_iga",
]
