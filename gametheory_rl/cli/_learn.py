"""``gametheory-rl learn GAME LEARNER``: a learner, and its exact distance from equilibrium over time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl.cli import _exits
from gametheory_rl.cli._diagnose import document_of, print_diagnosis
from gametheory_rl.cli._options import Game, Json, Parameters, Plot, Save, assignments, load, whole_number
from gametheory_rl.cli._output import note, number, print_facts, print_json, print_table
from gametheory_rl.cli._paths import ARRAYS, PICTURES, default_name, folder, output
from gametheory_rl.cli._world import is_world

SETTING = (
    "A hyper-parameter: exploration=0.1, step_size='by_visits(0.75)', or selection=welfare,first, one for each player; may be repeated."
)
MOST_ROWS = 12
"""Records that the table shows."""
MOST_COLUMNS = 14
"""With more, the table is turned."""


def learn(
    game: Game,
    learner: Annotated[
        str,
        typer.Argument(metavar="LEARNER", help="minimax_q, independent_q, mean_field_q, ippo (worlds too), ...", show_default=False),
    ],
    steps: Annotated[int, typer.Option(help="Environment steps of each seed, as in 100000 or 1e5.", parser=whole_number, metavar="STEPS")],
    parameter: Parameters = None,
    seeds: Annotated[int, typer.Option(help="How many independent runs.")] = 1,
    seed: Annotated[int, typer.Option(help="The number from which all runs draw their chance.")] = 0,
    horizon: Annotated[int | None, typer.Option(help="Start anew after so many steps.", show_default=False)] = None,
    records: Annotated[int, typer.Option(help="How often the policy is judged, at log-spaced steps.")] = 50,
    sampling: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who acts: on_policy, epsilon_greedy, uniform or generative.", show_default=False)
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help=SETTING,
            show_default=False,
        ),
    ] = None,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="FILE", help="Keep the state in FILE.npz, and go on from it if it is there.", show_default=False)
    ] = None,
    save: Save = None,
    plot: Plot = None,
    tensorboard: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Write the trace as event files of TensorBoard, a folder a seed.", show_default=False),
    ] = None,
    json: Json = False,
) -> int:
    """Train a learner on a game.

    Its policy is judged exactly at each record. Neural learners also play worlds (games --kind world lists them), where nothing is exact:
    there it is evaluated by playing.
    Ctrl-C keeps what was recorded: it is saved to --save, or else to a file whose name is said.
    """
    picture, file = output(plot, PICTURES, "--plot"), output(save, ARRAYS, "--save")
    kept = output(checkpoint, ARRAYS, "--checkpoint")
    settings = assignments(setting, "--set")
    from gametheory_rl.interchange._log import require_tensorboard, run_document, to_tensorboard

    events = folder(tensorboard, "--tensorboard")
    if events is not None:
        require_tensorboard()
    from gametheory_rl import StochasticGame, diagnose, learn
    from gametheory_rl._diagnosis._diagnose import gap_column
    from gametheory_rl.learners._named import make_learner

    chosen = make_learner(learner, settings)
    found = _game_or_world(game, parameter, chosen)
    chances = {"seeds": seeds, "seed": seed, "horizon": horizon, "sampling": sampling}
    run = learn(found, chosen, steps=steps, records=records, checkpoint=kept, **chances)
    interrupted, judged = run.status.name == "INTERRUPTED", gap_column(run) is not None
    named = found if isinstance(found, StochasticGame) else None
    if interrupted and not run.trace["step"].size:
        note("gametheory-rl: interrupted before the first record, so there was nothing to save")
        return _exits.INTERRUPTED
    if file is not None or interrupted:
        note(f"saved {run.save(file or default_name(found, learner))}")
    if events is not None:
        files = to_tensorboard(run, events)
        note(f"wrote {len(files)} event file{'s' if len(files) > 1 else ''}: tensorboard --logdir {events}")
    if json:
        print_json(run_document(run) | ({"diagnosis": document_of(diagnose(run, game=named))} if judged else {}))
    else:
        _print(run)
        if judged:
            print_diagnosis(diagnose(run, game=named))
    if picture is not None:
        from gametheory_rl.plots._sheets import run_sheet, write_picture

        note(f"drew {write_picture(run_sheet(run, _columns_to_draw(run)), picture)}")
    if interrupted:
        note(f"gametheory-rl: {run.status.value}")
    return _exits.INTERRUPTED if interrupted else _exits.OK


def _game_or_world(name: str, parameters: list[str] | None, learner: Any) -> Any:
    """Return the game, or for a neural learner the world, that GAME and ``--parameter`` name."""
    if not getattr(learner, "is_deep", False) or not is_world(name):
        return load(name, parameters)
    from gametheory_rl.deep import load_world

    return load_world(name, **assignments(parameters, "--parameter"))


def _columns_to_draw(run: Any) -> list[str]:
    if "episode_return" in run.trace:
        return ["episode_return", "greedy_episode_return"]
    if "population_gap" in run.trace:
        return ["order_parameter", "population_gap"]
    return ["nash_gap", *(["value_error"] if "value_error" in run.trace else [])]


def _print(run: Any) -> None:
    import numpy as np

    trace = {name: np.asarray(column, dtype=float) for name, column in run.trace.items()}
    steps = trace.pop("step")
    seeds, records = steps.shape
    print_facts({f"{run.settings.get('learner', '?')} on {run.settings.get('game', '?')}": run.status.value})
    if not records:
        return
    names = [name.replace("_", " ") for name in trace]
    medians = {name: np.median(column, axis=0) for name, column in trace.items()}
    if len(names) > MOST_COLUMNS:
        _print_tall(steps[0], medians, seeds)
        return
    rows = [[f"{int(steps[0, k]):,}", *(number(float(medians[name][k]), 4) for name in trace)] for k in _thinned(records)]
    print_table(["step", *names], rows, title=f"median of {seeds} seeds" if seeds > 1 else "", right=["step", *names], whole=["step"])
    if seeds > 1:
        ends = {name: [float(f(column[:, -1])) for f in (np.min, np.median, np.max)] for name, column in trace.items()}
        rows = [[name.replace("_", " "), *(number(x, 4) for x in ends[name])] for name in trace]
        print_table(["at the end", "smallest", "median", "largest"], rows, right=("smallest", "median", "largest"))


def _print_tall(steps: Any, medians: dict[str, Any], seeds: int) -> None:
    """Print a row for each of many columns, at a few records."""
    shown = _thinned(len(steps))[-1:] if len(steps) == 1 else [0, len(steps) // 2, len(steps) - 1]
    heads = [f"step {int(steps[k]):,}" for k in dict.fromkeys(shown)]
    rows = [[name.replace("_", " "), *(number(float(column[k]), 4) for k in dict.fromkeys(shown))] for name, column in medians.items()]
    print_table(["", *heads], rows, title=f"median of {seeds} seeds" if seeds > 1 else "", right=heads)


def _thinned(records: int) -> list[int]:
    """Return evenly spaced records, the first and the last among them."""
    count = min(records, MOST_ROWS)
    return [round(k * (records - 1) / max(count - 1, 1)) for k in range(count)]
