"""Whole pictures of several panels, and their files: what the command line draws.

Figures are made without pyplot, and so without a window system.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution, Profile
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import atomic_write
from gametheory_rl.plots._board import board_of, draw_cells, draw_piece, has_ball, place_of
from gametheory_rl.plots._convergence_matrix import convergence_matrix
from gametheory_rl.plots._curves import Runs
from gametheory_rl.plots._deep_paradigms import deep_paradigms
from gametheory_rl.plots._episode_return import episode_return
from gametheory_rl.plots._horizon_trace import horizon_trace
from gametheory_rl.plots._nash_gap import nash_gap
from gametheory_rl.plots._paradigms import paradigms
from gametheory_rl.plots._policy_grid import policy_grid
from gametheory_rl.plots._population_trace import POPULATION_COLUMNS, population_trace
from gametheory_rl.plots._solution_path import solution_path
from gametheory_rl.plots._stage_game import stage_game
from gametheory_rl.plots._style import house_style
from gametheory_rl.plots._sweep_groups import sweep_groups
from gametheory_rl.plots._value_error import value_error
from gametheory_rl.plots._value_grid import value_grid
from gametheory_rl.plots._value_trace import value_trace

if TYPE_CHECKING:
    from gametheory_rl._convergence_matrix import ConvergenceMatrix
    from gametheory_rl._deep_paradigms import DeepParadigmTable
    from gametheory_rl._paradigms import ParadigmTable
    from gametheory_rl.stochastic._finite_horizon import FiniteHorizonSolution

PANEL = (8.2, 6.2)
"""Size of one panel, inches."""
TABLE_ACTIONS = 12
"""A stage game with more actions than this does not fit a panel."""

Panel = Callable[[Axes], object]


def game_sheet(game: StochasticGame, state: int, *, stage: bool = False) -> Figure:
    """Draw what a game looks like at ``state``: its board, and without one, or with ``stage``, the payoffs of the stage game."""
    panels: list[Panel] = []
    if game.board is not None:
        panels.append(lambda ax: _position(game, state, ax))
    if _fits_table(game) and (stage or not panels):
        panels.append(lambda ax: stage_game(game, state, ax=ax))
    if not panels:
        raise GameError(
            f"{game!r} cannot be drawn: it has no board, and its stage games are larger than a table of {TABLE_ACTIONS} x {TABLE_ACTIONS}"
        )
    return sheet(panels)


def solution_sheet(game: StochasticGame, solution: GameSolution, state: int) -> Figure:
    """Draw how a solver came to its answer, and the answer at ``state``: policy and value on the board, or the stage game."""
    # Values that go round and round are beside no contraction.
    discount = 0.0 if solution.period else float(game.discount[0])
    panels: list[Panel] = []
    if "policy_0" in solution.trace:
        panels.append(lambda ax: solution_path(game, solution, state, ax=ax))
    elif len(solution.trace.get("residual", ())) > 1:
        panels.append(lambda ax: value_trace(solution, discount=discount if 0 < discount < 1 else None, ax=ax))
    if game.board is not None:
        panels.append(lambda ax: policy_grid(game, solution.profile, state, ax=ax))
        panels.append(lambda ax: value_grid(game, solution.values, state=state, ax=ax))
    elif _fits_table(game):
        panels.append(lambda ax: stage_game(game, state, solution.values, solution.profile, ax=ax))
    if not panels:
        raise GameError(f"the solution of {game!r} cannot be drawn: it has no path, no board and no stage game that fits a table")
    return sheet(panels)


def horizon_sheet(game: StochasticGame, solution: FiniteHorizonSolution, state: int) -> Figure:
    """Draw what a game of finitely many stages is worth against the stages left, and the first stage where it fits."""
    panels: list[Panel] = [lambda ax: horizon_trace(game, solution, state, ax=ax)]
    profile = solution.profile
    first = tuple(policy[0] for policy in profile) if isinstance(profile, tuple) else profile[0]
    if game.board is not None:
        panels.append(lambda ax: policy_grid(game, first, state, ax=ax))
    elif _fits_table(game):
        panels.append(lambda ax: stage_game(game, state, solution.values[1], first, ax=ax))
    return sheet(panels)


def stage_sheet(game: StochasticGame, profile: Profile | None) -> Figure:
    """Draw a matrix game as a table, with what is played."""
    return sheet([lambda ax: stage_game(game, 0, None, profile, ax=ax)])


def run_sheet(runs: Runs, columns: Sequence[str]) -> Figure:
    """Draw each of ``columns`` of the runs' traces over the steps, a panel each."""

    def panel(column: str) -> Panel:
        if column == "value_error":
            return lambda ax: value_error(runs, ax=ax)
        if column in POPULATION_COLUMNS:
            return lambda ax: population_trace(runs, column=column, ax=ax)
        if not column.endswith("gap"):
            return lambda ax: episode_return(runs, column=column, ax=ax)
        return lambda ax: nash_gap(runs, column=column, ax=ax)

    return sheet([panel(column) for column in columns])


def write_picture(figure: Figure, path: Path, *, dpi: int = 150) -> Path:
    """Write ``figure`` to ``path``, whole or not at all; the ending (.png, .pdf, .svg) decides the form."""
    stream = io.BytesIO()
    figure.savefig(stream, format=path.suffix[1:].lower(), dpi=dpi)
    return atomic_write(path, stream.getvalue())


@house_style()
def sheet(panels: Sequence[Panel], columns: int | None = None) -> Figure:
    """Return a figure with the panels side by side, or as many a row as there are columns; they fill their rows."""
    columns = len(panels) if columns is None else columns
    rows = len(panels) // columns
    figure = Figure(figsize=(PANEL[0] * columns, PANEL[1] * rows), layout="constrained")
    FigureCanvasAgg(figure)
    for panel, ax in zip(panels, figure.subplots(rows, columns, squeeze=False).flat, strict=True):
        panel(ax)
    return figure


@house_style()
def _position(game: StochasticGame, state: int, ax: Axes) -> None:
    """Draw where the pieces stand at ``state``."""
    board = board_of(game)
    draw_cells(ax, board, game, f"{game.name.replace('_', ' ')}: state {state}".lstrip(": "))
    for player in range(game.num_players):
        place = place_of(board, player, state)
        if place is not None:
            draw_piece(ax, game, player, place, ball=has_ball(board, player, state))


def _fits_table(game: StochasticGame) -> bool:
    return game.num_players <= 2 and max(game.num_actions) <= TABLE_ACTIONS


@house_style()
def groups_sheet(groups: Sequence[Any], metric: str, aggregate: str) -> Figure:
    """Draw groups of a sweep's runs, as high as they need."""
    figure = Figure(figsize=(10.0, 1.9 + 0.42 * min(len(groups), 200)), layout="constrained")
    FigureCanvasAgg(figure)
    sweep_groups(groups, metric=metric, aggregate=aggregate, ax=figure.subplots())
    return figure


@house_style()
def matrix_sheet(matrix: ConvergenceMatrix) -> Figure:
    """Draw a convergence matrix, as large as its cells need."""
    size = (4.2 + 0.62 * len(matrix.learners), 2.6 + 0.34 * len(matrix.games))
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    convergence_matrix(matrix, ax=figure.subplots())
    return figure


def deep_paradigm_sheet(table: DeepParadigmTable) -> Figure:
    """Draw, for each kind of game, what all together lose and what one agent gains by deviating."""

    def panel(quantity: str, game: str) -> Panel:
        return lambda ax: deep_paradigms(table, quantity=quantity, game=game, ax=ax)

    kinds = dict.fromkeys(row.game for row in table.rows)
    return sheet([panel(quantity, game) for game in kinds for quantity in ("welfare_loss", "nash_gap")], columns=2)


def paradigm_sheet(table: ParadigmTable) -> Figure:
    """Draw what the paradigms store, how long they take, and where they end."""

    def panel(quantity: str) -> Panel:
        return lambda ax: paradigms(table, quantity=quantity, ax=ax)

    return sheet([panel(quantity) for quantity in ("entries", "steps_to_near", "team_loss")])
