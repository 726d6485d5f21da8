"""Pictures of what verbs return: each function draws on matplotlib Axes and returns them; nothing is solved here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gametheory_rl._support import _lazy

if TYPE_CHECKING:
    from gametheory_rl.plots._animate_play import animate_play
    from gametheory_rl.plots._best_responses import best_responses
    from gametheory_rl.plots._contraction import contraction
    from gametheory_rl.plots._convergence_matrix import convergence_matrix
    from gametheory_rl.plots._deep_paradigms import deep_paradigms
    from gametheory_rl.plots._episode_return import episode_return
    from gametheory_rl.plots._game_state import game_image, game_state
    from gametheory_rl.plots._horizon_trace import horizon_trace
    from gametheory_rl.plots._logit_branch import logit_branch
    from gametheory_rl.plots._mean_field_remainder import mean_field_remainder
    from gametheory_rl.plots._nash_gap import nash_gap
    from gametheory_rl.plots._order_parameter import order_parameter
    from gametheory_rl.plots._paradigms import paradigms
    from gametheory_rl.plots._payoff_polygon import payoff_polygon
    from gametheory_rl.plots._payoff_table import payoff_table
    from gametheory_rl.plots._payoff_text import payoff_table_text
    from gametheory_rl.plots._policy_bars import policy_bars
    from gametheory_rl.plots._policy_grid import policy_grid
    from gametheory_rl.plots._polytopes import polytopes
    from gametheory_rl.plots._population_trace import population_trace
    from gametheory_rl.plots._recurrence import recurrence
    from gametheory_rl.plots._selection_shares import selection, selection_shares
    from gametheory_rl.plots._simplex import simplex
    from gametheory_rl.plots._solution_path import solution_path
    from gametheory_rl.plots._stage_game import stage_game
    from gametheory_rl.plots._sweep_groups import sweep_groups
    from gametheory_rl.plots._unit_square import unit_square
    from gametheory_rl.plots._value_error import value_error
    from gametheory_rl.plots._value_grid import value_grid
    from gametheory_rl.plots._value_trace import value_trace
    from gametheory_rl.plots._visits import visits
    from gametheory_rl.plots._world_scene import world_animation, world_image, world_scene

__all__ = [
    "animate_play",
    "best_responses",
    "contraction",
    "convergence_matrix",
    "deep_paradigms",
    "episode_return",
    "game_image",
    "game_state",
    "horizon_trace",
    "logit_branch",
    "mean_field_remainder",
    "nash_gap",
    "order_parameter",
    "paradigms",
    "payoff_polygon",
    "payoff_table",
    "payoff_table_text",
    "policy_bars",
    "policy_grid",
    "polytopes",
    "population_trace",
    "recurrence",
    "selection",
    "selection_shares",
    "simplex",
    "solution_path",
    "stage_game",
    "sweep_groups",
    "unit_square",
    "value_error",
    "value_grid",
    "value_trace",
    "visits",
    "world_animation",
    "world_image",
    "world_scene",
]

_HOMES = {
    "game_image": "_game_state",
    "payoff_table_text": "_payoff_text",
    "selection": "_selection_shares",
    "world_animation": "_world_scene",
    "world_image": "_world_scene",
}
"""Where names live whose module is not called like them."""
_LAZY = {name: _HOMES.get(name, f"_{name}") for name in __all__}


def __getattr__(name: str) -> Any:
    """Load names on first use: a table of text does not wait for matplotlib."""
    return _lazy.loaded(globals(), _LAZY, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
