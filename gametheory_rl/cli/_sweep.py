"""``gametheory-rl sweep FILE``: many runs, each kept once and whole."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl.cli import _exits
from gametheory_rl.cli._output import note, number, print_table, print_text

File = typer.Argument(metavar="FILE", help="The design, a .toml file: games, learners, settings, seeds.", show_default=False)


def sweep(
    file: Annotated[str, File],
    out: Annotated[str | None, typer.Option(metavar="FOLDER", help="Where results go; not given: the file's name with -results.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run, and about how long; run nothing.")] = False,
    workers: Annotated[int | None, typer.Option(help="Processes; 0: this one. Not given: one a processor.", show_default=False)] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, tcp://host:8786, or local: a cluster here.", show_default=False)
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run those again that failed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Run more than 100,000 runs.")] = False,
) -> int:
    """Run every learner on every game, with every setting and seed.

    Each run is kept as soon as it is done. The same command goes on where it stopped, whatever stopped it.
    The command results shows what has come of it.
    """
    if dry_run:
        return _print_plan(file, workers, yes)
    from gametheory_rl import sweep as run_sweep
    from gametheory_rl._results import Status
    from gametheory_rl.cli._results import print_failures, print_groups

    found = run_sweep(file, out=out, workers=workers, dask=dask, retry_failed=retry_failed, yes=yes)
    counts = found.counts
    print_text(f"{found.name}: {', '.join(f'{count:,} {state}' for state, count in counts.items())}, in {found.folder}")
    if counts["done"]:
        print_groups(found, ["learner", "game"], None, "iqm")
    print_failures(found, again=f"gametheory-rl sweep {file} --retry-failed")
    if found.status is Status.INTERRUPTED:
        note("gametheory-rl: interrupted; the same command goes on from here")
        return _exits.INTERRUPTED
    return _exits.FELL_SHORT if counts["failed"] or counts["missing"] else _exits.OK


def _print_plan(file: str, workers: int | None, yes: bool) -> int:
    from gametheory_rl import plan_sweep
    from gametheory_rl._sweep._executors import num_processors

    plan = plan_sweep(file, yes=yes)
    rows = [
        [
            part.learner,
            part.game,
            f"{part.runs:,}",
            f"{part.steps:,}",
            ", ".join(f"{count} {name}" for name, count in part.varied.items()) or "-",
            "refused" if part.refusal else number(part.seconds / part.runs, 2),
        ]
        for part in plan.parts
    ]
    print_table(
        ["learner", "game", "runs", "steps", "varied", "s a run"], rows, right=("runs", "steps", "s a run"), whole=("learner", "game")
    )
    for part in plan.parts:
        if part.refusal:
            print_text(f"{part.learner} on {part.game} would fail: {part.refusal}")
    count = max(1, min(workers if workers is not None else num_processors(), plan.count))
    where = f"{count} processes" if count > 1 else "one process"
    print_text(f"{plan.count:,} runs, about {duration(plan.seconds / count)} in {where} ({duration(plan.seconds)} of processor time)")
    return _exits.OK


def duration(seconds: float) -> str:
    """Return a time in words that are as exact as an estimate can be."""
    for unit, length in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.2g} {unit}" if seconds < 10 * length else f"{seconds / length:.0f} {unit}"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def words_of(value: Any) -> str:
    """Return a value of a table; numbers short, nothing as a dash."""
    if value is None:
        return "-"
    return number(value, 4) if isinstance(value, float) else str(value)
