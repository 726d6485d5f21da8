"""Parametric games: one builder per file, each returns a StochasticGame, or a PopulationGame."""

from gametheory_rl.families._blotto import blotto
from gametheory_rl.families._congestion import congestion
from gametheory_rl.families._congestion_population import congestion_population
from gametheory_rl.families._coordination import coordination
from gametheory_rl.families._covariant import covariant
from gametheory_rl.families._differential import DIFFERENTIAL_GAMES, DifferentialGame, differential_game
from gametheory_rl.families._differential_play import gradient_path, recursive_path
from gametheory_rl.families._dual_cyclic import dual_cyclic
from gametheory_rl.families._garnet import garnet
from gametheory_rl.families._gaussian_squeeze import gaussian_squeeze
from gametheory_rl.families._greenwald_hall_soccer import greenwald_hall_soccer
from gametheory_rl.families._grid_game import grid_game
from gametheory_rl.families._ising import ising
from gametheory_rl.families._polymatrix import polymatrix
from gametheory_rl.families._ranking import ranking
from gametheory_rl.families._ring import ring
from gametheory_rl.families._sandholm_gilpin_conitzer import sandholm_gilpin_conitzer
from gametheory_rl.families._soccer import soccer
from gametheory_rl.families._tournament import tournament
from gametheory_rl.families._unit_vector import unit_vector

__all__ = [
    "DIFFERENTIAL_GAMES",
    "DifferentialGame",
    "blotto",
    "congestion",
    "congestion_population",
    "coordination",
    "covariant",
    "differential_game",
    "dual_cyclic",
    "garnet",
    "gaussian_squeeze",
    "gradient_path",
    "greenwald_hall_soccer",
    "grid_game",
    "ising",
    "polymatrix",
    "ranking",
    "recursive_path",
    "ring",
    "sandholm_gilpin_conitzer",
    "soccer",
    "tournament",
    "unit_vector",
]
