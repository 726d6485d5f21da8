"""``gametheory-rl paradigms``: centralised, decentralised, and in between, as the number of agents grows."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli import _exits
from gametheory_rl.cli._options import Json, whole_number
from gametheory_rl.cli._output import note, number, print_json, print_table, print_text
from gametheory_rl.cli._paths import folder


def paradigms(
    deep: Annotated[
        bool, typer.Option("--deep", help="Networks: IPPO, MAPPO and one super-agent, on teams and general-sum games.")
    ] = False,
    agents: Annotated[
        str | None, typer.Option(metavar="COUNTS", help="Numbers of agents: 2,3,4,5,6,7,8, or --deep 2,4,6,8.", show_default=False)
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(help="The longest run of each seed: 3e5, or --deep 5e4.", parser=whole_number, metavar="STEPS", show_default=False),
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many games and runs.")] = 10,
    seed: Annotated[int, typer.Option(help="The number from which all runs draw their chance.")] = 0,
    out: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Write paradigms.csv, .md and .png there, or deep_paradigms.*.", show_default=False),
    ] = None,
    json: Json = False,
) -> int:
    """Compare centralised and decentralised learning.

    Teams of more and more agents with a random payoff for each joint action: what a paradigm has to store, how long it takes,
    and how far from the team's optimum it ends. With --deep networks of three paradigms learn the same teams, and games in which
    nobody's payoff says anything about another's.
    """
    target = folder(out, "--out")
    told: dict[str, Any] = {} if steps is None else {"steps": steps}
    told |= {"seeds": seeds, "seed": seed}
    told |= {} if agents is None else {"agents": _counts(agents)}
    if deep:
        return _deep(told, target, json)
    from gametheory_rl import compare_paradigms
    from gametheory_rl._results import Status

    found = compare_paradigms(**told)
    if json:
        print_json({"settings": found.settings, "status": found.status.name.lower(), "rows": [vars(row) for row in found.rows]})
    else:
        _print(found.rows)
    if target is not None and found.rows:
        from gametheory_rl._support._files import atomic_write
        from gametheory_rl.plots._sheets import paradigm_sheet, write_picture

        note(f"saved {found.save(target / 'paradigms.csv')}")
        note(f"saved {atomic_write(target / 'paradigms.md', found.markdown())}")
        note(f"drew {write_picture(paradigm_sheet(found), target / 'paradigms.png')}")
    return _exits.INTERRUPTED if found.status is Status.INTERRUPTED else _exits.OK


def _deep(told: dict[str, Any], target: Path | None, json: bool) -> int:
    """Compare networks."""
    from gametheory_rl import compare_deep_paradigms
    from gametheory_rl._results import Status

    found = compare_deep_paradigms(**told)
    if json:
        print_json({"settings": found.settings, "status": found.status.name.lower(), "rows": found.flat()})
    else:
        _print_deep(found.rows)
    if target is not None and found.rows:
        from gametheory_rl._support._files import atomic_write
        from gametheory_rl.plots._sheets import deep_paradigm_sheet, write_picture

        note(f"saved {found.save(target / 'deep_paradigms.csv')}")
        note(f"saved {atomic_write(target / 'deep_paradigms.md', found.markdown())}")
        note(f"drew {write_picture(deep_paradigm_sheet(found), target / 'deep_paradigms.png')}")
    return _exits.INTERRUPTED if found.status is Status.INTERRUPTED else _exits.OK


def _print_deep(rows: tuple) -> None:
    columns = ["game", "agents", "method", "numbers", "mean's loss", "gap", "CPU-s"]
    table = [[row.game, str(row.agents), row.method, *(["refused", "-", "-", "-"] if row.refused else _numbers(row))] for row in rows]
    print_table(columns, table, right=("agents", "numbers", "mean's loss", "gap", "CPU-s"), whole=("method",))
    for why in dict.fromkeys(row.refused for row in rows if row.refused):
        print_text(f"refused: {why}")
    print_text(
        "losses and gaps are exact, in payoff spans: interquartile means [95 % bootstrap intervals] over games; CPU-s: one run, the median."
    )


def _numbers(row: Any) -> list[str]:
    return [f"{row.parameters:,}", str(row.welfare_loss), str(row.nash_gap), number(row.cpu_seconds, 3)]


def _counts(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise GameError(f"--agents got {text!r}, integers with commas between them were expected") from None


def _print(rows: tuple) -> None:
    columns = ["agents", "learner", "numbers", "ns a step", "steps to near", "near", "team's loss", "Nash gap"]
    table = [
        [
            str(row.agents),
            row.learner,
            f"{row.entries:,}",
            f"{row.step_ns:,.0f}",
            f"{row.steps_to_near:,.0f}" if math.isfinite(row.steps_to_near) else "never",
            f"{row.near_share:.0%}",
            number(row.team_loss, 3),
            number(row.nash_gap, 3),
        ]
        for row in rows
    ]
    print_table(
        columns, table, right=("agents", "numbers", "ns a step", "steps to near", "near", "team's loss", "Nash gap"), whole=("learner",)
    )
    print_text("near: the team loses at most 0.05 payoff spans against its best joint action; losses and gaps are exact, in payoff spans.")
