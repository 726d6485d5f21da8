"""``gametheory-rl learn GAME LEARNER``: a learner, and its exact distance from equilibrium over time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl.cli import _exits
from gametheory_rl.cli._options import Game, Json, Parameters, Plot, Save, assignments, load
from gametheory_rl.cli._output import note, number, print_facts, print_json, print_table
from gametheory_rl.cli._paths import ARRAYS, PICTURES, default_name, output

MOST_ROWS = 12
"""Records that the table shows."""


def learn(
    game: Game,
    learner: Annotated[str, typer.Argument(metavar="LEARNER", help="minimax_q, independent_q, centralised_q, ...", show_default=False)],
    steps: Annotated[int, typer.Option(help="Environment steps of each seed.", show_default=False)],
    parameter: Parameters = None,
    seeds: Annotated[int, typer.Option(help="How many independent runs.")] = 1,
    seed: Annotated[int, typer.Option(help="The number from which all runs draw their chance.")] = 0,
    horizon: Annotated[int | None, typer.Option(help="Start anew after so many steps.", show_default=False)] = None,
    records: Annotated[int, typer.Option(help="How often the policy is judged, at log-spaced steps.")] = 50,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A hyper-parameter of the learner; may be repeated.", show_default=False),
    ] = None,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="FILE", help="Keep the state in FILE.npz, and go on from it if it is there.", show_default=False)
    ] = None,
    save: Save = None,
    plot: Plot = None,
    json: Json = False,
) -> int:
    """Train a learner on a game.

    Its policy is judged exactly at each record.
    Ctrl-C keeps what was recorded: it is saved to --save, or else to a file whose name is said.
    """
    picture, file = output(plot, PICTURES, "--plot"), output(save, ARRAYS, "--save")
    kept = output(checkpoint, ARRAYS, "--checkpoint")
    settings = assignments(setting, "--set")
    from gametheory_rl import learn

    found = load(game, parameter)
    chosen = make_learner(learner, settings)
    run = learn(found, chosen, steps=steps, seeds=seeds, seed=seed, horizon=horizon, records=records, checkpoint=kept)
    interrupted = run.status.name == "INTERRUPTED"
    if json:
        print_json({"settings": run.settings, "status": run.status.name.lower(), "message": run.status.value, "trace": run.trace})
    else:
        _print(run)
    if interrupted and file is None:
        file = default_name(found, learner)
    if file is not None:
        note(f"saved {run.save(file)}")
    if picture is not None:
        from gametheory_rl.plots._sheets import run_sheet, write_picture

        note(f"drew {write_picture(run_sheet(run, _columns_to_draw(run)), picture)}")
    return _exits.INTERRUPTED if interrupted else _exits.OK


def make_learner(name: str, settings: dict[str, Any]) -> Any:
    """Return the learner ``name`` with its hyper-parameters set; unknown names are refused with the nearest."""
    from dataclasses import fields

    from gametheory_rl._registry import resolve
    from gametheory_rl._support._errors import UnknownNameError

    kind = resolve("learner", name)
    known = [each.name for each in fields(kind) if each.init]
    for setting in settings:
        if setting not in known:
            raise UnknownNameError(f"hyper-parameter of {name}", setting, known)
    return kind(**settings)


def _columns_to_draw(run: Any) -> list[str]:
    return ["nash_gap", *(["value_error"] if "value_error" in run.trace else [])]


def _print(run: Any) -> None:
    import numpy as np

    trace = run.trace
    seeds, records = trace["step"].shape
    print_facts({f"{run.settings.get('learner', '?')} on {run.settings.get('game', '?')}": run.status.value})
    names = [name for name in trace if name != "step"]
    rows = []
    for record in _thinned(records):
        cells = [_spread(np.asarray(trace[name][:, record], dtype=float)) for name in names]
        rows.append([f"{int(trace['step'][0, record]):,}", *cells])
    title = f"median of {seeds} seeds (smallest to largest)" if seeds > 1 else ""
    print_table(["step", *names], rows, title=title, right=("step",))


def _thinned(records: int) -> list[int]:
    """Return evenly spaced records, the first and the last among them."""
    count = min(records, MOST_ROWS)
    return [round(k * (records - 1) / max(count - 1, 1)) for k in range(count)]


def _spread(numbers: Any) -> str:
    from numpy import median

    middle = number(float(median(numbers)), 4)
    return middle if len(numbers) == 1 else f"{middle} ({number(float(numbers.min()), 3)} to {number(float(numbers.max()), 3)})"
