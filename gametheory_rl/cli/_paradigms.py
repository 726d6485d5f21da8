"""``gametheory-rl paradigms``: centralised, decentralised, and in between, as the number of agents grows."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli import _exits
from gametheory_rl.cli._options import Json, whole_number
from gametheory_rl.cli._output import note, number, print_json, print_table, print_text
from gametheory_rl.cli._paths import folder


def paradigms(
    agents: Annotated[str, typer.Option(metavar="COUNTS", help="Numbers of agents, with commas between them.")] = "2,3,4,5,6,7,8",
    steps: Annotated[int, typer.Option(help="The longest run of each seed, as in 3e5.", parser=whole_number, metavar="STEPS")] = 300_000,
    seeds: Annotated[int, typer.Option(help="How many games and runs.")] = 10,
    seed: Annotated[int, typer.Option(help="The number from which all runs draw their chance.")] = 0,
    out: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Write paradigms.csv, paradigms.md and paradigms.png there.", show_default=False),
    ] = None,
    json: Json = False,
) -> int:
    """Compare centralised and decentralised learning.

    Teams of more and more agents with a random payoff for each joint action: what a paradigm has to store, how long it takes,
    and how far from the team's optimum it ends.
    """
    target = folder(out, "--out")
    from gametheory_rl import compare_paradigms
    from gametheory_rl._results import Status

    found = compare_paradigms(_counts(agents), steps=steps, seeds=seeds, seed=seed)
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


def _counts(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part.strip()]
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
