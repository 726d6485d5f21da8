"""``gametheory-rl results FOLDER``: what a sweep has come to."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl.cli import _exits
from gametheory_rl.cli._options import Json, Plot
from gametheory_rl.cli._output import note, number, print_json, print_table, print_text
from gametheory_rl.cli._paths import PICTURES, output
from gametheory_rl.cli._sweep import words_of

EXPORTS = (".csv", ".parquet")
MOST_FAILURES = 5


def results(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="The results folder of a sweep.", show_default=False)],
    where: Annotated[
        list[str] | None, typer.Option(metavar="CONDITION", help="nash_gap<0.01, learner=minimax_q, state=failed; may be repeated.")
    ] = None,
    group_by: Annotated[str | None, typer.Option(metavar="COLUMNS", help="Columns with commas between them: learner,game.")] = None,
    aggregate: Annotated[str, typer.Option(metavar="NAME", help="iqm (mean of the middle half), mean or median.")] = "iqm",
    metric: Annotated[str | None, typer.Option(metavar="COLUMN", help="What is aggregated; not given: the gap.")] = None,
    limit: Annotated[int, typer.Option(help="How many runs the table shows; 0: all.")] = 20,
    export: Annotated[str | None, typer.Option(metavar="FILE", help="Write all columns to FILE.csv or FILE.parquet.")] = None,
    plot: Plot = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the index again from the runs' folders.")] = False,
    json: Json = False,
) -> int:
    """List the runs of a sweep, or group and aggregate them.

    Intervals are 95 % bootstrap intervals over runs. A sweep may still be running.
    """
    picture, file = output(plot, PICTURES, "--plot"), output(export, EXPORTS, "--export")
    from gametheory_rl import load_results

    found = load_results(folder, rebuild=rebuild).where(*(where or ()))
    columns = [name.strip() for name in (group_by or "").split(",") if name.strip()]
    if json:
        _print_json(found, columns, metric, aggregate)
    elif columns or metric:
        print_groups(found, columns, metric, aggregate)
    else:
        _print_rows(found, limit, filtered=bool(where))
    if file is not None:
        note(f"saved {found.save(file)}")
    if picture is not None:
        _draw(found, columns or ["learner", "game"], metric, aggregate, picture)
    return _exits.OK


def _print_json(found: Any, columns: list[str], metric: str | None, aggregate: str) -> None:
    document: dict[str, Any] = {"name": found.name, "total": found.total, **found.counts}
    if columns or metric:
        document["groups"] = [vars(group) for group in found.group(*columns, metric=metric, aggregate=aggregate)]
    else:
        document["runs"] = found.records()
    print_json(document)


def _print_rows(found: Any, limit: int, *, filtered: bool) -> None:
    from gametheory_rl._sweep._watch import metric_of

    metric = metric_of(found.rows)
    varied = [name for name in dict.fromkeys(name for row in found.rows for name in row.settings) if _differs(found, name)]
    shown = found.rows[: limit or None]
    columns = ["learner", "game", *varied, "seed", "steps", *([metric] if metric else []), "state"]
    rows = [
        [
            row.learner,
            row.game,
            *(words_of(row.settings.get(name)) for name in varied),
            str(row.seed),
            f"{row.steps:,}",
            *([words_of(row.end.get(metric))] if metric else []),
            row.state,
        ]
        for row in shown
    ]
    right = ("seed", "steps", (metric or "").replace("_", " "))
    print_table([name.replace("_", " ") for name in columns], rows, right=right, whole=("learner", "game", "seed", "steps", "state"))
    runs = f"{len(found.rows):,} run{'' if len(found.rows) == 1 else 's'}"
    counts = runs if filtered else ", ".join(f"{count:,} {state}" for state, count in found.counts.items())
    left = len(found.rows) - len(shown)
    more = f"; {left:,} more (--limit 0 shows all, --group-by learner,game sums up)" if left else ""
    print_text(f"{found.name}: {counts}{more}")
    print_failures(found)


def _differs(found: Any, name: str) -> bool:
    """Whether a setting is worth a column."""
    return len({str(row.settings.get(name)) for row in found.rows}) > 1


def print_groups(found: Any, columns: list[str], metric: str | None, aggregate: str) -> None:
    """Print the groups of finished runs, each with its aggregate and interval."""
    groups = found.group(*columns, metric=metric, aggregate=aggregate)
    if not groups:
        print_text("no run is done")
        return
    rows = [
        [
            *(words_of(value) for value in group.key.values()),
            str(group.runs),
            number(group.centre, 4),
            number(group.low, 3),
            number(group.high, 3),
            number(group.smallest, 3),
            number(group.largest, 3),
        ]
        for group in groups
    ]
    from gametheory_rl._sweep._watch import metric_of

    numbers = ("runs", aggregate, "low", "high", "smallest", "largest")
    title = (metric or metric_of(found.rows) or "").replace("_", " ") + f": {aggregate} with its 95 % interval, range of runs"
    print_table([name.replace("_", " ") for name in (*columns, *numbers)], rows, title=title, right=numbers, whole=columns)


def print_failures(found: Any, again: str = "") -> None:
    """Say which runs failed, with the sentence of each reason once."""
    failed = [row for row in found.rows if row.state == "failed"]
    reasons: dict[str, list[Any]] = {}
    for row in failed:
        reasons.setdefault(row.sentence, []).append(row)
    for sentence, rows in list(reasons.items())[:MOST_FAILURES]:
        which = f"{rows[0].learner} on {rows[0].game}, seed {rows[0].seed}" + (f", and {len(rows) - 1} more" if len(rows) > 1 else "")
        print_text(f"failed: {which}: {sentence}")
    if len(reasons) > MOST_FAILURES:
        print_text(f"and {len(reasons) - MOST_FAILURES} more reasons (--where state=failed --limit 0 --json)")
    if failed and again:
        print_text(f"to run them again: {again}")


def _draw(found: Any, columns: list[str], metric: str | None, aggregate: str, picture: Any) -> None:
    from gametheory_rl._sweep._watch import metric_of
    from gametheory_rl.plots._sheets import groups_sheet, write_picture

    groups = found.group(*columns, metric=metric, aggregate=aggregate)
    note(f"drew {write_picture(groups_sheet(groups, metric or metric_of(found.rows) or '', aggregate), picture)}")
