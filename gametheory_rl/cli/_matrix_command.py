"""``gametheory-rl matrix``: every learner on every game that it accepts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl.cli import _exits
from gametheory_rl.cli._options import Json, whole_number
from gametheory_rl.cli._output import note, number, print_json, print_table, print_text
from gametheory_rl.cli._paths import folder

Names = typer.Option(metavar="NAMES", help="Names with commas between them; not given: all.", show_default=False)


def matrix(
    steps: Annotated[int, typer.Option(help="Steps of each seed, as in 1e5.", parser=whole_number, metavar="STEPS")] = 100_000,
    seeds: Annotated[int, typer.Option(help="How many independent runs.")] = 3,
    seed: Annotated[int, typer.Option(help="The number from which all runs draw their chance.")] = 0,
    games: Annotated[str | None, Names] = None,
    learners: Annotated[str | None, Names] = None,
    out: Annotated[str | None, typer.Option(metavar="FOLDER", help="Write matrix.csv and matrix.png there.", show_default=False)] = None,
    json: Json = False,
) -> int:
    """Train every learner on every game, and judge each exactly.

    A row for each learner: how many games it plays, and where it ends. All cells are in the table and the picture of --out.
    """
    target = folder(out, "--out")
    from gametheory_rl import convergence_matrix
    from gametheory_rl._results import Status

    found = convergence_matrix(_split(games), _split(learners), steps=steps, seeds=seeds, seed=seed)
    if json:
        print_json({"settings": found.settings, "status": found.status.name.lower(), "cells": [vars(cell) for cell in found.cells]})
    else:
        _print(found)
    if target is not None:
        from gametheory_rl.plots._sheets import matrix_sheet, write_picture

        note(f"saved {found.save(target / 'matrix.csv')}")
        note(f"drew {write_picture(matrix_sheet(found), target / 'matrix.png')}")
    return _exits.INTERRUPTED if found.status is Status.INTERRUPTED else _exits.OK


def _split(names: str | None) -> list[str] | None:
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]


def _print(found: Any) -> None:
    import numpy as np

    from gametheory_rl._convergence_matrix import summary

    rows = []
    for learner, played, near in summary(found):
        relative = [cell.relative for cell in played]
        worst = max(played, key=lambda cell: cell.relative, default=None)
        middle = number(float(np.median(relative)), 3) if relative else "-"
        rows.append(
            [
                learner,
                f"{len(played)} of {len(found.games)}",
                str(len(near)),
                middle,
                f"{number(worst.relative, 3)}  {worst.game}" if worst else "-",
                f"{sum(cell.seconds for cell in played):.1f}",
            ]
        )
    columns = ["learner", "plays", "near", "median gap", "largest gap, where", "CPU s"]
    print_table(columns, rows, right=("plays", "near", "median gap", "CPU s"), whole=("learner", "plays"))
    print_text(
        "gaps are exact, in payoff spans; near: at most 0.01. A gap says nothing of the next step: no learner here promises to stay."
    )
