"""Pictures of what verbs return: each function draws on matplotlib Axes and returns them; nothing is solved here."""

from gametheory_rl.plots._convergence_matrix import convergence_matrix
from gametheory_rl.plots._game_state import game_image, game_state
from gametheory_rl.plots._horizon_trace import horizon_trace
from gametheory_rl.plots._mean_field_remainder import mean_field_remainder
from gametheory_rl.plots._nash_gap import nash_gap
from gametheory_rl.plots._paradigms import paradigms
from gametheory_rl.plots._policy_grid import policy_grid
from gametheory_rl.plots._population_trace import population_trace
from gametheory_rl.plots._recurrence import recurrence
from gametheory_rl.plots._selection_shares import selection_shares
from gametheory_rl.plots._solution_path import solution_path
from gametheory_rl.plots._stage_game import stage_game
from gametheory_rl.plots._value_error import value_error
from gametheory_rl.plots._value_grid import value_grid
from gametheory_rl.plots._value_trace import value_trace
from gametheory_rl.plots._world_scene import world_animation, world_scene

__all__ = [
    "convergence_matrix",
    "game_image",
    "game_state",
    "horizon_trace",
    "mean_field_remainder",
    "nash_gap",
    "paradigms",
    "policy_grid",
    "population_trace",
    "recurrence",
    "selection_shares",
    "solution_path",
    "stage_game",
    "value_error",
    "value_grid",
    "value_trace",
    "world_animation",
    "world_scene",
]
