"""``gametheory-rl methods``: every neural method on every world that it plays."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gametheory_rl.cli import _exits
from gametheory_rl.cli._options import Json, whole_number
from gametheory_rl.cli._output import note, number, print_json, print_table, print_text
from gametheory_rl.cli._paths import folder

Names = str | None


def methods(
    out: Annotated[str, typer.Option(metavar="FOLDER", help="Keep the runs there, and write methods.csv and methods.md.")] = "methods",
    names: Annotated[Names, typer.Option("--methods", metavar="NAMES", help="Which ones: ippo,maddpg. Not given: all.")] = None,
    worlds: Annotated[
        Names, typer.Option(metavar="NAMES", help="Which worlds, games and populations: spread,soccer,ising. Not given: a choice.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Of each run: 1e5.", parser=whole_number, metavar="STEPS", show_default=False)] = None,
    seeds: Annotated[int, typer.Option(help="How many runs of each method on each world.")] = 3,
    quick: Annotated[bool, typer.Option("--quick", help="Three worlds and 2,048 steps.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Train nothing: the table of what is there.")] = False,
    json: Json = False,
) -> int:
    """Train every neural method on every world.

    What each comes to after so many steps with its default settings, beside random play, with intervals over seeds and the
    processor time of a run. Each run is kept as soon as it is done; the same command goes on where it stopped.
    """
    from gametheory_rl import compare_deep_methods
    from gametheory_rl._deep_methods import QUICK, DeepMethodTable
    from gametheory_rl._results import Status
    from gametheory_rl._support._files import atomic_write

    target = folder(out, "--out") or Path(out)
    told: dict[str, Any] = dict(QUICK) if quick else {}
    told |= {} if steps is None else {"steps": steps}
    told |= {key: _listed(text) for key, text in (("methods", names), ("worlds", worlds)) if text is not None}
    found = compare_deep_methods(out=target, seeds=seeds, run=not dry_run, **told)
    if json:
        print_json({"status": found.status.name.lower(), "rows": found.flat()})
    else:
        _print(found.rows)
    if found.rows:
        note(f"saved {found.save(target / 'methods.csv')}")
        note(f"saved {atomic_write(target / 'methods.md', DeepMethodTable.load(target / 'methods.csv').markdown())}")
    return _exits.INTERRUPTED if found.status is Status.INTERRUPTED else _exits.OK


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _print(rows: tuple) -> None:
    columns = ["method", "result", "seeds", "steps", "CPU-s"]
    for world in dict.fromkeys(row.world for row in rows):
        here = [row for row in rows if row.world == world]
        title = ", ".join(filter(None, (f"{world}: {here[0].measure}".removesuffix(": "), f"random play {number(here[0].random, 4)}")))
        print_table(columns, [[row.method, *_numbers(row)] for row in here], title=title, right=columns[1:], whole=columns)
    for why in dict.fromkeys(row.why for row in rows if row.why):
        print_text(f"no result: {why}")
    print_text("results: interquartile means [95 % bootstrap intervals] over seeds; CPU-s: one run, the median.")


def _numbers(row: Any) -> list[str]:
    return [str(row.result), str(row.seeds), f"{row.steps:,}", number(row.cpu_seconds, 3)] if row.seeds else list("----")
