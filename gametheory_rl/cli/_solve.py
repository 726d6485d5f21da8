"""``gametheory-rl solve GAME``: the exact truth of a game, with its certified error."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli._options import Game, Json, Parameters, Plot, Save, States, chosen_states, load
from gametheory_rl.cli._paths import ARRAYS, PICTURES, output
from gametheory_rl.cli._population import refuse_population
from gametheory_rl.cli._questions import final_of, prior_of, question, selection


def solve(
    game: Game,
    parameter: Parameters = None,
    method: Annotated[
        str | None,
        typer.Option(
            help="newton, homotopy, nash_iteration, correlated_iteration, ...; without it, a sound one is picked.", show_default=False
        ),
    ] = None,
    tol: Annotated[
        float | None,
        typer.Option(help="Largest certified error or regret, in payoff units; 1e-8 of their span if not given.", show_default=False),
    ] = None,
    max_iterations: Annotated[int | None, typer.Option(help="Stop after so many iterations, certified or not.", show_default=False)] = None,
    state: States = None,
    concept: Annotated[
        str | None,
        typer.Option(
            metavar="CONCEPT",
            help="Of a matrix game: nash (all equilibria), pure, minimax, correlated, coarse, stackelberg, logit, dominance, "
            "security, ... With --horizon: nash, correlated, foe, friend, stackelberg.",
            show_default=False,
        ),
    ] = None,
    objective: Annotated[
        str | None, typer.Option(help="correlated, coarse: welfare, egalitarian, republican, libertarian, entropy.", show_default=False)
    ] = None,
    player: Annotated[
        int | None, typer.Option(help="Whose payoff is libertarian, or who is to reach or to stay; from 1.", show_default=False)
    ] = None,
    precision: Annotated[float | None, typer.Option(help="logit: without it, the end of the branch.", show_default=False)] = None,
    leader: Annotated[int | None, typer.Option(help="stackelberg: who commits; from 1.", show_default=False)] = None,
    weak: Annotated[
        bool, typer.Option("--weak", help="stackelberg: ties go against the leader; dominance: weak.", show_default=False)
    ] = False,
    select: Annotated[
        str | None,
        typer.Option(
            metavar="RULE[,RULE]",
            help="One equilibrium, or stage solution, of several: first, welfare, egalitarian, risk_dominant, ...; two players may differ.",
            show_default=False,
        ),
    ] = None,
    path: Annotated[str | None, typer.Option(help="homotopy: tracing or quantal.", show_default=False)] = None,
    prior: Annotated[
        str | None,
        typer.Option(metavar="SEED|FILE", help="homotopy: first beliefs, random from a seed or FILE.npz.", show_default=False),
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(metavar="T", help="The game of T stages instead of one without end.", show_default=False)
    ] = None,
    final: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER|FILE",
            help="--horizon: what states are worth after it; a number, or values in FILE.npz such as a saved solution.",
            show_default=False,
        ),
    ] = None,
    label: Annotated[int | None, typer.Option(help="nash: the path of Lemke and Howson from here; from 0.", show_default=False)] = None,
    reach: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATES", help="How likely a player reaches them, undiscounted: 3,4 or a label; may be repeated.", show_default=False
        ),
    ] = None,
    safe: Annotated[
        list[str] | None, typer.Option(metavar="STATES", help="How likely a player stays in them for ever.", show_default=False)
    ] = None,
    average: Annotated[bool, typer.Option("--average", help="The average payoff in the long run.", show_default=False)] = False,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS|local", help="Share the states of a zero-sum game out among the workers of a Dask cluster.", show_default=False
        ),
    ] = None,
    save: Save = None,
    plot: Plot = None,
    json: Json = False,
) -> int:
    """Solve a game exactly.

    A matrix game shows what it is, its best responses, and all its equilibria. Of a stochastic game values and play are shown where it
    starts, or at each --state, and what is proved of them: an error bound, or the most that anybody gains by deviating.
    """
    picture, file = output(plot, PICTURES, "--plot"), output(save, ARRAYS, "--save")
    found = load(game, parameter)
    refuse_population(found, game, "solve")
    given = {"method": method, "tol": tol, "max_iterations": max_iterations, "state": state, "concept": concept, "objective": objective}
    given |= {"player": player, "precision": precision, "leader": leader, "weak": weak or None, "select": select, "label": label}
    given |= {
        "path": path,
        "prior": prior,
        "horizon": horizon,
        "final": final,
        "reach": reach or None,
        "safe": safe or None,
        "average": average or None,
        "dask": dask,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    kind = question(found, asked)
    states = chosen_states(found, asked.pop("state", None))
    if kind in ("reach", "safe", "average"):
        if picture is not None:
            raise GameError(f"--plot draws values and paths, not the bounds of --{kind}; keep those with --json or --save")
        from gametheory_rl.cli._bounds import solve_bounds

        return solve_bounds(found, kind, asked, states, json=json, save=file)
    if kind == "matrix":
        from gametheory_rl.cli._matrix import solve_matrix

        options = _options(found, asked)
        return solve_matrix(
            found, None if parameter else game, "nash" if concept is None else concept, options, json=json, save=file, plot=picture
        )
    if "select" in asked:
        asked["select"] = selection(select)
    if "prior" in asked:
        asked["prior"] = prior_of(asked["prior"])
    if "final" in asked:
        asked["final"] = final_of(asked["final"], found.num_players, found.num_states)
    if kind == "horizon":
        from gametheory_rl.cli._horizon import solve_horizon

        return solve_horizon(found, asked, states, json=json, save=file, plot=picture)
    from gametheory_rl.cli._values import solve_values

    return solve_values(found, asked, states, json=json, save=file, plot=picture)


def _options(game: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a concept, players counted from 0."""
    for name in ("player", "leader"):
        if name in asked and not 1 <= asked[name] <= game.num_players:
            raise GameError(f"--{name} got {asked[name]}, the number of a player was expected, from 1 to {game.num_players}")
    if asked.get("objective") == "libertarian" and "player" not in asked:
        raise GameError("--objective libertarian needs --player, whose payoff is to be the largest")
    names = ("objective", "player", "precision", "leader", "select", "label")
    found = {name: asked[name] - 1 if name in ("player", "leader") else asked[name] for name in names if name in asked}
    if "weak" in asked:
        found["strict" if asked.get("concept") == "dominance" else "strong"] = False
    return found
