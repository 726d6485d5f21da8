"""``gametheory-rl solve GAME``: the exact truth of a game, with its certified error."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli import _exits
from gametheory_rl.cli._describe import mixed_text, stage_rows, start_states
from gametheory_rl.cli._matrix import is_matrix_game, solve_matrix
from gametheory_rl.cli._options import Game, Json, Parameters, Plot, Save, States, chosen_states, load
from gametheory_rl.cli._output import certified, note, print_facts, print_json, print_table, print_text
from gametheory_rl.cli._paths import ARRAYS, PICTURES, default_name, output

MOST_STATES = 12
"""Start states that a table lists unasked."""


def solve(
    game: Game,
    parameter: Parameters = None,
    method: Annotated[
        str | None,
        typer.Option(help="value_iteration, policy_iteration, newton, ...; without it, a sound one is picked.", show_default=False),
    ] = None,
    tol: Annotated[
        float | None, typer.Option(help="Largest certified error, in payoff units; 1e-8 of their span if not given.", show_default=False)
    ] = None,
    max_iterations: Annotated[int | None, typer.Option(help="Stop after so many iterations, certified or not.", show_default=False)] = None,
    state: States = None,
    concept: Annotated[
        str | None,
        typer.Option(
            metavar="CONCEPT",
            help="Of a matrix game: nash (all equilibria), pure, minimax, correlated, coarse, stackelberg, logit, dominance, security, ...",
            show_default=False,
        ),
    ] = None,
    objective: Annotated[
        str | None, typer.Option(help="correlated, coarse: welfare, egalitarian, republican, libertarian, entropy.", show_default=False)
    ] = None,
    player: Annotated[int | None, typer.Option(help="Whose payoff is libertarian; from 1.", show_default=False)] = None,
    precision: Annotated[float | None, typer.Option(help="logit: without it, the end of the branch.", show_default=False)] = None,
    leader: Annotated[int | None, typer.Option(help="stackelberg: who commits; from 1.", show_default=False)] = None,
    weak: Annotated[
        bool, typer.Option("--weak", help="stackelberg: ties go against the leader; dominance: weak.", show_default=False)
    ] = False,
    select: Annotated[
        str | None,
        typer.Option(metavar="RULE", help="nash: one of them, by first, welfare, egalitarian, risk_dominant, ...", show_default=False),
    ] = None,
    label: Annotated[int | None, typer.Option(help="nash: the path of Lemke and Howson from here; from 0.", show_default=False)] = None,
    save: Save = None,
    plot: Plot = None,
    json: Json = False,
) -> int:
    """Solve a game exactly.

    Every value comes with a certified error bound. Shows values and policies where the game starts, or at each --state.
    A matrix game shows what it is, its best responses, and all its equilibria.
    """
    picture, file = output(plot, PICTURES, "--plot"), output(save, ARRAYS, "--save")
    from gametheory_rl import solve

    found = load(game, parameter)
    options = _options(found, objective, player, precision, leader, weak, select, label, concept)
    if concept is not None or options or (is_matrix_game(found) and method is None and tol is None and max_iterations is None):
        _require_matrix_game(found, "--concept" if concept is not None else f"--{next(iter(options), '')}", method)
        chosen = concept or "nash"
        return solve_matrix(found, None if parameter else game, chosen, options, json=json, save=file, plot=picture)
    states = chosen_states(found, state)
    solution = solve(found, method, tol=tol, max_iterations=max_iterations, throw=False)
    interrupted = solution.status.name == "INTERRUPTED"
    if file is not None or interrupted:
        # Before anything else that takes time: this is what an interrupted run must not lose.
        note(f"saved {solution.save(file or default_name(found, solution.method))}")
    shown = states or start_states(found)
    if json:
        print_json(_document(found, solution, shown))
    else:
        _print(found, solution, shown if states else shown[:MOST_STATES], len(shown), stages=bool(states))
    if picture is not None:
        from gametheory_rl.plots._sheets import solution_sheet, write_picture

        note(f"drew {write_picture(solution_sheet(found, solution, shown[0]), picture)}")
    if not solution.status.ok:
        note(f"gametheory-rl: {solution.status.value}")
        return _exits.INTERRUPTED if interrupted else _exits.FELL_SHORT
    return _exits.OK


def _options(
    game: Any,
    objective: str | None,
    player: int | None,
    precision: float | None,
    leader: int | None,
    weak: bool,
    select: str | None,
    label: int | None,
    concept: str | None,
) -> dict[str, Any]:
    """Return the options of concepts that were given, players counted from 0."""
    for name, number in (("--player", player), ("--leader", leader)):
        if number is not None and not 1 <= number <= game.num_players:
            raise GameError(f"{name} got {number}, the number of a player was expected, from 1 to {game.num_players}")
    if objective == "libertarian" and player is None:
        raise GameError("--objective libertarian needs --player, whose payoff is to be the largest")
    given = {"objective": objective, "player": player, "precision": precision, "leader": leader, "select": select, "label": label}
    found = {name: value - 1 if name in ("player", "leader") else value for name, value in given.items() if value is not None}
    if weak:
        found["strict" if concept == "dominance" else "strong"] = False
    return found


def _require_matrix_game(game: Any, option: str, method: str | None) -> None:
    if method is not None:
        raise GameError(f"--method and {option} do not go together: methods are for values of stochastic games, concepts for matrix games")
    if not is_matrix_game(game):
        size = f"{game.num_states} states" if game.num_states > 1 else f"a discount of {game.discount[0]:g}"
        raise GameError(f"{option} is for matrix games, of one state and played once, and this one has {size}; leave it out")


def _document(game: Any, solution: Any, states: list[int]) -> dict[str, Any]:
    cert = solution.certificate
    return {
        "game": game.name,
        "method": solution.method,
        "status": solution.status.name.lower(),
        "message": solution.status.value,
        "iterations": solution.iterations,
        "error_bound": solution.error_bound,
        "epsilon": cert.epsilon,
        "start_gap": cert.start_gap,
        "start_values": solution.values @ game.start,
        "states": [_at(game, solution, s) for s in states],
        "trace": {name: column for name, column in solution.trace.items() if column.ndim == 1},
    }


def _at(game: Any, solution: Any, state: int) -> dict[str, Any]:
    profile = solution.profile
    play = [policy[state] for policy in profile] if isinstance(profile, tuple) else profile[state]
    return {"state": state, "label": game.labels.state(state), "values": solution.values[:, state], "policy": play}


def _print(game: Any, solution: Any, states: list[int], count: int, *, stages: bool) -> None:
    cert = solution.certificate
    facts = {
        game.name or "the game": solution.status.value,
        "method": f"{solution.method}, {solution.iterations} iteration{'s' if solution.iterations > 1 else ''}",
        "error bound": "no bound on values" if solution.error_bound is None else f"{solution.error_bound:.2g} on every value, proved",
        "certificate": f"no player can gain more than {cert.epsilon:.2g} anywhere, {cert.start_gap:.2g} at the start",
    }
    print_facts(facts)
    rows = [row for s in states for row in _rows(game, solution, s)]
    columns = ("state", "player", "value", "plays")
    one = game.num_states == 1
    print_table(columns[one:], [row[one:] for row in rows], right=("value",), whole=("value", "player"))
    if count > len(states):
        print_text(f"the first {len(states)} of {count} start states; others with --state, all with --json or --save")
    if stages:
        for s in states:
            _print_stage(game, solution, s)


def _rows(game: Any, solution: Any, state: int) -> list[list[str]]:
    policies = solution.profile if isinstance(solution.profile, tuple) else None
    rows = []
    for player in range(game.num_players):
        plays = mixed_text(game, player, policies[player][state]) if policies else "by a common signal"
        name = "" if player else game.labels.state(state)
        rows.append([name, game.labels.player(player), certified(float(solution.values[player, state]), solution.error_bound), plays])
    return rows


def _print_stage(game: Any, solution: Any, state: int) -> None:
    table = stage_rows(game, game.stage(state, solution.values), state)
    if table is not None:
        to_whom = f"payoff to {game.labels.player(0)}" if game.zero_sum else "payoffs"
        print_table(*table, title=f"stage game at {game.labels.state(state)}: {to_whom}, continuation included", right=table[0][1:])
