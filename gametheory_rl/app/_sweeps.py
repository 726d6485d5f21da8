"""The section of stochastic games: solved, and value iteration sweep by sweep."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gametheory_rl import GameSolution, StochasticGame, load_game, plots, solve
from gametheory_rl.app._figures import png

MOST_STATES = 12
"""States whose values are listed."""


class Solved(NamedTuple):
    """A game, its solution, and the trace of value iteration where there is one."""

    game: StochasticGame
    solution: GameSolution
    sweeps: GameSolution | None
    """None in general-sum games of two players: iterating over stage equilibria proves nothing about their values."""


def solved(name: str) -> Solved:
    """Return the game of the catalogue called ``name``, solved, and by value iteration too where that is sound."""
    game = load_game(name)
    swept = solve(game, "value_iteration", progress=False) if game.zero_sum or game.num_players == 1 else None
    return Solved(game, solve(game, progress=False), swept)


def headline(found: Solved) -> str:
    """Return what the page says of a solution: the method, the guarantee, the value of the start."""
    solution = found.solution
    values = ", ".join(f"{float(found.game.start @ of_player):.6g}" for of_player in solution.values)
    bound = solution.error_bound
    proof = f"regret at most {solution.certificate.epsilon:.2g}" if bound is None else f"no value is off by more than {bound:.2g}"
    whom = "player 1" if found.game.zero_sum else "each player"
    shown = values.split(", ")[0] if found.game.zero_sum else values
    return f"{found.game!r}. Method: {solution.method.replace('_', ' ')}; {proof}. Worth of the start to {whom}: {shown}."


def num_sweeps(found: Solved) -> int:
    """Return how many sweeps there are to step through; 0 where there are none, or the game is too large for all to be kept."""
    return 0 if found.sweeps is None else len(found.sweeps.trace.get("values", ()))


def first_state(game: StochasticGame) -> int:
    """Return the likeliest first state."""
    return int(game.start.argmax())


def sweep_values(found: Solved, sweep: int) -> np.ndarray:
    """Return the continuation values (n, S) after ``sweep`` sweeps; 0: before the first."""
    assert found.sweeps is not None
    middle = found.sweeps.trace["values"][sweep - 1] if sweep else np.zeros(found.game.num_states)
    return np.stack([middle, -middle])[: found.game.num_players]


def sweep_sentence(found: Solved, sweep: int, state: int) -> str:
    """Return where value iteration stands after ``sweep`` sweeps: the value of ``state`` and the band that is proved."""
    assert found.sweeps is not None
    trace = found.sweeps.trace
    if not sweep:
        return "Before the first sweep every value is 0, and the stage game below holds today's payoffs alone."
    lower, upper = (float(trace[name][sweep - 1][state]) for name in ("lower", "upper"))
    return (
        f"After sweep {sweep} the value of {found.game.labels.state(state)} is proved to lie in [{lower:.6g}, {upper:.6g}], "
        f"a band of {upper - lower:.2g}; the largest change in this sweep was {float(trace['residual'][sweep - 1]):.2g}."
    )


def stage_picture(found: Solved, sweep: int, state: int) -> bytes:
    """Return the stage game at ``state``: today's payoffs plus discounted values after ``sweep`` sweeps."""
    rows, columns = found.game.num_actions[0], found.game.num_actions[-1]
    values = sweep_values(found, sweep)
    return png(lambda ax: plots.stage_game(found.game, state, values, ax=ax), (3.2 + 0.8 * columns, 2.6 + 0.4 * rows))


def band_picture(found: Solved, sweep: int, state: int) -> bytes:
    """Return the value of ``state`` over the sweeps with the certified band, and a line at ``sweep``."""
    assert found.sweeps is not None
    solution = found.sweeps

    def panel(ax):  # type: ignore[no-untyped-def]
        plots.value_trace(solution, states={found.game.labels.state(state): state}, ax=ax)
        ax.axvline(max(sweep, 1), color="#6b6b6b", linewidth=1.2, linestyle=":")

    return png(panel, (7.2, 4.2))


def solution_picture(found: Solved, state: int) -> bytes:
    """Return the solution at ``state``: arrows on the board where there is one, or else the stage game with the mixed actions."""
    game, solution = found.game, found.solution
    if game.board is not None and game.board.moves:
        return png(lambda ax: plots.policy_grid(game, solution.profile, state, ax=ax), (7.0, 5.4))
    return png(lambda ax: plots.stage_game(game, state, solution.values, solution.profile, ax=ax), (7.6, 4.4))


def value_rows(found: Solved) -> list[list[str]]:
    """Return a row for each of the first states: its name and its value to every player; no zero has a sign."""
    game, values = found.game, found.solution.values
    return [[game.labels.state(s), *(f"{float(v) + 0.0:.6g}" for v in values[:, s])] for s in range(min(game.num_states, MOST_STATES))]
