"""``gametheory-rl diagnose RUN``: what became of a run, as a table and one sentence; ``learn`` ends with the same."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli._options import Json
from gametheory_rl.cli._output import note, number, print_facts, print_json, print_table, print_text

MOST_NAMED = 8
"""States never visited that are named."""


def diagnose(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run saved by learn --save.", show_default=False)],
    tol: Annotated[
        float | None,
        typer.Option(help="What counts as converged, in payoff units; without it 1 % of the payoffs' span.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Say what became of a run: converged, cycling, still falling, stuck.

    And at which rate its exact gap falls, in which equilibria its seeds ended, and which states were never visited.
    """
    from gametheory_rl import diagnose, load_run

    found = load_run(run)
    diagnosis = diagnose(found, tol=tol, game=game_of(found))
    if json:
        print_json(document_of(diagnosis))
    else:
        print_facts({f"{found.settings.get('learner', '?')} on {found.settings.get('game', '?')}": found.status.value})
        print_diagnosis(diagnosis)


def game_of(run: Any) -> Any:
    """Return the catalogue's game that the run was on, for its names; None where it was another."""
    from gametheory_rl import StochasticGame, load_game
    from gametheory_rl._learn import game_hash

    try:
        game = load_game(str(run.settings.get("game")))
    except GameError:
        return None
    return game if isinstance(game, StochasticGame) and game_hash(game) == run.settings.get("game_hash") else None


def document_of(diagnosis: Any) -> dict[str, Any]:
    """Return a diagnosis as JSON holds it."""
    return {
        "verdict": diagnosis.verdict.name.lower(),
        "sentence": diagnosis.sentence,
        "column": diagnosis.column,
        "tol": diagnosis.tol,
        "rate": diagnosis.rate._asdict(),
        "route": diagnosis.route,
        "seeds": [_seed(seed) for seed in diagnosis.seeds],
        "shares": [
            {"seeds": share.seeds, "share": share.share, "equilibrium": share.equilibrium, "values": share.values, "gap": share.gap}
            for share in diagnosis.shares
        ],
        "unvisited": diagnosis.unvisited,
    }


def _seed(seed: Any) -> dict[str, Any]:
    cycle = None if seed.cycle is None else {"turns": seed.cycle.turns, "steps": seed.cycle.steps, "amplitude": seed.cycle.amplitude}
    numbers = {"gap": seed.gap, "average_gap": seed.average_gap, "team_gap": seed.team_gap, "value_range": seed.value_range}
    return {"verdict": seed.verdict.name.lower(), **numbers, "rate": seed.rate._asdict(), "settled": seed.settled, "cycle": cycle}


def print_diagnosis(diagnosis: Any) -> None:
    """Print a line per verdict, the equilibria that the seeds ended in, and the sentence last."""
    rows = []
    for verdict, count in diagnosis.counts().items():
        seeds = [seed for seed in diagnosis.seeds if seed.verdict is verdict]
        rows.append([verdict.name.lower(), str(count), _span(seed.gap for seed in seeds), _span(seed.rate.slope for seed in seeds)])
    print_table(["verdict", "seeds", "exact gap, late", "falls as steps ^"], rows, right=("seeds", "exact gap, late", "falls as steps ^"))
    if len(diagnosis.seeds) > 1 and diagnosis.shares:
        count = len(diagnosis.seeds)
        rows = [_share(share, k, count) for k, share in enumerate(diagnosis.shares)]
        print_table(["the seeds end in", "seeds", "values at the start", "gap"], rows, right=("seeds", "gap"))
    if diagnosis.unvisited:
        named = ", ".join(diagnosis.unvisited[:MOST_NAMED])
        more = f" and {len(diagnosis.unvisited) - MOST_NAMED} more" if len(diagnosis.unvisited) > MOST_NAMED else ""
        note(f"never visited in some seed: {named}{more}")
    print_text(diagnosis.sentence)


def _share(share: Any, k: int, count: int) -> list[str]:
    what = f"equilibrium {k + 1}" if share.equilibrium else "no equilibrium"
    return [what, f"{len(share.seeds)} of {count}", ", ".join(number(value, 4) for value in share.values) or "-", number(share.gap, 3)]


def _span(numbers: Any) -> str:
    """Return the smallest and the largest of finite numbers, or the one that they are."""
    import numpy as np

    known = np.array([x for x in numbers if np.isfinite(x)])
    if not len(known):
        return "-"
    low, high = number(float(known.min()), 3), number(float(known.max()), 3)
    return low if low == high else f"{low} to {high}"
