"""``gametheory-rl plot RUN ... FILE.png``: saved runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.cli._options import Plot
from gametheory_rl.cli._output import note
from gametheory_rl.cli._paths import PICTURES, output

TOGETHER, ALONE = ("nash_gap", "value_error", "population_trace", "selection"), ("recurrence", "visits")
"""Kinds of pictures of several runs in one panel, and of one run in a panel of its own."""


def plot(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN", help="Saved runs, and last the picture's file unless --plot names it.", show_default=False),
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="nash_gap (if not given), start_gap, value_error, ...; repeated: a panel each.", show_default=False
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=f"Another picture: {', '.join((*TOGETHER, *ALONE))}.", show_default=False),
    ] = None,
    plot: Plot = None,
) -> None:
    """Draw saved runs side by side.

    What they recorded over their steps: median over seeds, with a band.

    For example: gametheory-rl plot minimax.npz independent.npz gaps.png
    """
    if kind is not None and kind not in (*TOGETHER, *ALONE):
        raise UnknownNameError("kind of picture of runs", kind, (*TOGETHER, *ALONE))
    if kind is not None and column:
        raise GameError("--kind names a picture and --column what another one shows: give one of them")
    files = list(runs)
    if plot is None:
        if Path(files[-1]).suffix.lower() not in PICTURES:
            endings = " ".join(PICTURES)
            raise GameError(f"the last argument is {files[-1]!r}, the picture's file name ({endings}) was expected, there or after --plot")
        plot = files.pop()
    if not files:
        raise GameError(f"there is nothing to draw in {plot!r}: name one or more saved runs before it")
    picture = output(plot, PICTURES, "--plot")
    assert picture is not None
    found = _labelled(files)
    if kind is not None:
        note(f"drew {_drawn(found, kind, picture)}")
        return
    from gametheory_rl.plots._sheets import run_sheet, write_picture

    note(f"drew {write_picture(run_sheet(found, column or ['nash_gap']), picture)}")


def _drawn(found: dict[str, Any], kind: str, picture: Path) -> Path:
    """Draw the runs as a plot of the registry does."""
    from gametheory_rl._registry import resolve
    from gametheory_rl.plots._sheets import Panel, sheet, write_picture

    draw = resolve("plot", kind)

    def panel(given: Any) -> Panel:
        return lambda ax: draw(given, ax=ax)

    return write_picture(sheet([panel(each) for each in ([found] if kind in TOGETHER else found.values())]), picture)


def _labelled(files: list[str]) -> Any:
    """Return the runs by learner, or by file where several have the same learner."""
    from gametheory_rl import load_run

    found = [load_run(file) for file in files]
    learners = [str(run.settings.get("learner", "run")) for run in found]
    if len(set(learners)) == len(found):
        return dict(zip(learners, found, strict=True))
    stems = [Path(file).stem for file in files]
    return dict(zip(stems if len(set(stems)) == len(stems) else files, found, strict=True))
