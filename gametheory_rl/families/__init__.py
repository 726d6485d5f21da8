"""Parametric games: one builder per file, each returns a StochasticGame."""

from gametheory_rl.families._garnet import garnet
from gametheory_rl.families._greenwald_hall_soccer import greenwald_hall_soccer
from gametheory_rl.families._grid_game import grid_game
from gametheory_rl.families._ring import ring
from gametheory_rl.families._soccer import soccer

__all__ = ["garnet", "greenwald_hall_soccer", "grid_game", "ring", "soccer"]
