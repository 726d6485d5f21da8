"""``compare_deep_methods``: every neural method on every world that it plays, the results and what they cost, in one table."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._catalogue import list_games, load_game
from gametheory_rl._deep_paradigms import Measured
from gametheory_rl._game_checks import checked_integer
from gametheory_rl._games import StochasticGame
from gametheory_rl._learn import learn
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._registry import table
from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._support._files import atomic_write
from gametheory_rl._support._progress import progress_bar
from gametheory_rl._sweep import Results, load_results, sweep
from gametheory_rl._verify import verify

GAMES = ("prisoners_dilemma", "matching_pennies", "soccer", "grid_game_1")
"""Tensor games, on which a network's policy is judged exactly."""
POPULATIONS = ("ising", "gaussian_squeeze", "congestion_population")
QUICK: Mapping[str, Any] = {"worlds": ("prisoners_dilemma", "levers", "spread"), "steps": 2048}
"""What the quick form takes."""
MEASURES = {
    "levers": ("distinct_share_at_end", "levers pulled, as a share"),
    "speaker_listener": ("distance_at_end", "distance to the target at the end"),
    "traffic_junction": ("failure_at_end", "share of episodes that fail"),
    "crypto": ("bob_right", "how often Bob is right"),
    "tag": ("touches", "touches a step"),
    "push": ("episode_return_0", "return of the agent that is kept away"),
    "battle": ("episode_return", "return, of all agents"),
    "gaussian_squeeze": ("population_gap", "gain of a best answer, a step, of 100 agents"),
}
"""Of a world: the column of its last record that stands for a run, and its name in the table; of others ``USUAL``."""
USUAL = (("nash_gap", "gap, exact"), ("population_gap", "gain of a best answer, a step"), ("episode_return", "return, of all agents"))
DEAR: Mapping[str, tuple[int, Mapping[str, Any]]] = {"battle": (50, {"evaluation": 4})} | dict.fromkeys(POPULATIONS, (10, {}))
"""Worlds that take a part of the steps, and other settings, since one of their steps moves a hundred agents or more."""
SMALLER: Mapping[str, Mapping[str, Any]] = {"gaussian_squeeze": {"agents": 100}}
"""Worlds that are not taken at their usual size: uniform play of 500 agents in the squeeze earns nothing that float32 can tell from 0."""
RANDOM = "random.json"


@dataclass(frozen=True)
class DeepMethodCell:
    """One method on one world."""

    world: str
    """Or game, or population."""
    measure: str
    """What ``result`` counts."""
    method: str
    seeds: int
    """Runs that ended; 0 where the method refused, or nothing has run."""
    steps: int
    """Environment steps of each run, as asked for; whole rollouts are taken."""
    result: Measured
    """Over seeds; sampled actions, no exploration."""
    random: float
    """What playing uniformly at random comes to."""
    cpu_seconds: float
    """Processor time of one run, the median, so that the first, which may compile, does not count; NaN without runs."""
    why: str = ""
    """Why there is no result."""


@dataclass(frozen=True)
class DeepMethodTable:
    """What ``compare_deep_methods`` returns."""

    rows: tuple[DeepMethodCell, ...]
    status: Status = Status.FINISHED

    def flat(self) -> list[dict[str, Any]]:
        """Return the rows as tables of plain values, ``result`` as three."""
        return [_flat(row) for row in self.rows]

    def save(self, path: str | Path) -> Path:
        """Write the rows as a CSV table, which ``load`` reads, atomically; returns the path."""
        stream = io.StringIO()
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows([{key: f"{x:.6g}" if isinstance(x, float) else x for key, x in row.items()} for row in self.flat()])
        return atomic_write(path, stream.getvalue())

    @classmethod
    def load(cls, path: str | Path) -> DeepMethodTable:
        """Return the table that ``save`` wrote.

        Raises
        ------
        GameError
            Not such a file.
        """
        try:
            with open(path, encoding="utf-8", newline="") as stream:
                return cls(tuple(_row_of(record) for record in csv.DictReader(stream)))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GameError(
                f"cannot read {str(path)!r} as a table of methods: {error}; compare_deep_methods(...).save writes one"
            ) from None

    def markdown(self) -> str:
        """Return the rows as a table for a page, a dash where there is no result, and below the table why."""
        names = ("world", "measure", "random play", "method", "result", "seeds", "steps", "CPU-s a run")
        lines = [f"| {' | '.join(names)} |", "|---|---|--:|---|--:|--:|--:|--:|"]
        reasons = list(dict.fromkeys(row.why for row in self.rows if row.why))
        before = ""
        for row in self.rows:
            mark = f" ({reasons.index(row.why) + 1})" if row.why else ""
            head = (row.world, row.measure, _short(row.random)) if row.world != before else ("", "", "")
            done = (
                (f"{row.result}{mark}", str(row.seeds), f"{row.steps:,}", f"{row.cpu_seconds:.1f}")
                if row.seeds
                else (f"-{mark}", "-", "-", "-")
            )
            lines.append(f"| {' | '.join((*head, row.method, *done))} |")
            before = row.world
        notes = [f"{number}. {why}" for number, why in enumerate(reasons, 1)]
        told = "Interquartile means over seeds, 95 % bootstrap intervals. A dash: no result, for the reason with that number."
        return "\n".join([*lines, "", told, "", *notes]) + "\n"


COLUMNS: tuple[str, ...] = (
    "world",
    "measure",
    "method",
    "seeds",
    "steps",
    "result",
    "result_low",
    "result_high",
    "random",
    "cpu_seconds",
    "why",
)


def compare_deep_methods(
    methods: Sequence[str] | None = None,
    worlds: Sequence[str] | None = None,
    *,
    out: str | Path,
    steps: int = 100_000,
    seeds: int = 3,
    run: bool = True,
    workers: int = 0,
    progress: bool | None = None,
) -> DeepMethodTable:
    """Train every neural method on every world that it plays, and say beside what random play gets how well it ends.

    Parameters
    ----------
    methods : sequence of str, optional
        Names of the table "deep"; None: all.
    worlds : sequence of str, optional
        Names of worlds, games and populations; None: all worlds, four games and three populations.
    out : path
        A folder. Each run is kept there as soon as it is done, and the same call goes on where it stopped: a ``sweep`` for each world.
    steps : int
        Of each run. Populations take a tenth, the battle, with 128 agents, a fiftieth.
    seeds : int
        Runs of each method on each world.
    run : bool
        False: nothing is trained, the table has what is there.
    workers : int
        Processes; 0: this one.
    progress : bool, optional
        None: a progress bar where standard error is a terminal.

    Returns
    -------
    DeepMethodTable
        A row for each world and method. A method that refuses a world, or fails on it, has a row that says why. Ctrl-C ends it with
        ``Status.INTERRUPTED``.

    Raises
    ------
    GameError
        An unknown name, nothing to compare, a number out of range, a folder of other runs, JAX is missing.

    Notes
    -----
    Methods have their default settings everywhere: the table says what these do in so many steps, not what a method can do. On a
    tensor game the result is the exact gap of the policy in the worst state, in the game's own payoffs. Where agents are opponents all are
    trained by the same method, so that results of two methods there are of different opponents. Gaussian squeeze has 100 agents here.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> table = gt.compare_deep_methods(["ippo"], ["levers"], out="methods", steps=2048)  # doctest: +SKIP
    """
    names, places = _named("deep learner", methods, table("deep")), _named("world", worlds, _every(), (*table("world"), *list_games("all")))
    steps, seeds = checked_integer(steps, "steps", 1, 10**12), checked_integer(seeds, "seeds", 1, 10_000)
    folder = Path(out)
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    rows: list[DeepMethodCell] = []
    status = Status.FINISHED
    with progress_bar("methods", float(len(places)), show=progress) as advance:
        for k, place in enumerate(places):
            advance(float(k), place)
            design, path = _design(place, names, steps, seeds), folder / "runs" / place
            try:
                found = sweep(design, out=path, workers=workers, progress=False) if run else _there(path)
                rows += _cells(place, names, design["steps"], found, _random(place, folder / RANDOM, run))
            except KeyboardInterrupt:
                found = None
            if run and (found is None or found.status is Status.INTERRUPTED):
                status = Status.INTERRUPTED
                break
    return DeepMethodTable(tuple(rows), status)


def _every() -> tuple[str, ...]:
    return (*GAMES, *POPULATIONS, *sorted(table("world")))


def _named(kind: str, given: Sequence[str] | None, all_of_them: Sequence[str] | Mapping[str, Any], known: Any = None) -> list[str]:
    found = list(all_of_them) if given is None else [given] if isinstance(given, str) else list(given)
    for name in found:
        if name not in (known or all_of_them):
            raise UnknownNameError(kind, str(name), known or all_of_them)
    if not found:
        raise GameError(f"there is no {kind} to compare: at least one was expected")
    return found


def _design(place: str, methods: Sequence[str], steps: int, seeds: int) -> dict[str, Any]:
    part, settings = DEAR.get(place, (1, {}))
    learners = [{"name": name, **settings} if settings else name for name in methods]
    return {
        "name": place,
        "games": [{"name": place, **SMALLER.get(place, {})}],
        "learners": learners,
        "steps": max(1, steps // part),
        "seeds": seeds,
        "records": 1,
    }


def _there(path: Path) -> Results | None:
    return load_results(path) if (path / "sweep.json").exists() else None


# ---- rows ------------------------------------------------------------------------------------------------------------


def _cells(
    place: str, methods: Sequence[str], steps: int, found: Results | None, random: Mapping[str, float | None]
) -> list[DeepMethodCell]:
    rows = found.rows if found is not None else ()
    ends = [row.end for row in rows if row.state == "done"]
    column, words = MEASURES.get(place) or next(
        pair for pair in (*USUAL, ("", "")) if any(pair[0] in end for end in [*ends, random, {"": 0}])
    )
    chance = random.get(column)
    cells = []
    for name in methods:
        own = [row for row in rows if row.learner == name]
        done = [row for row in own if row.state == "done" and row.end.get(column) is not None]
        lost = next((row.sentence for row in own if row.state != "done"), "" if done else "not run yet")
        spent = float(np.median([row.seconds for row in done])) if done else math.nan
        took = own[0].steps if own else steps
        result = Measured.of([float(row.end[column]) for row in done])
        cells.append(DeepMethodCell(place, words, name, len(done), took, result, math.nan if chance is None else chance, spent, lost))
    return cells


def _random(place: str, path: Path, run: bool) -> dict[str, float | None]:
    """Return what random play comes to, by column, kept in ``path``."""
    kept: dict[str, dict[str, float | None]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if place not in kept and run:
        kept[place] = _played_at_random(place)
        atomic_write(path, json.dumps(kept, indent=1) + "\n")
    return kept.get(place, {})


def _played_at_random(place: str) -> dict[str, float | None]:
    game: Any = load_game(place, **SMALLER.get(place, {})) if place in list_games("all") else place
    if isinstance(game, StochasticGame):
        profile = tuple(mask / np.maximum(mask.sum(axis=1, keepdims=True), 1) for mask in game.legal)
        return {"nash_gap": float(verify(game, profile).epsilon)}
    from gametheory_rl.deep._uniform import Uniform

    few = isinstance(game, PopulationGame) or place in DEAR
    run = learn(game, Uniform(environments=1, rollout=1, evaluation=8 if few else 512), steps=1, records=1, progress=False)
    last = {name: float(column[0, -1]) for name, column in run.trace.items()}
    return {name: number if math.isfinite(number) else None for name, number in last.items()}


def _flat(row: DeepMethodCell) -> dict[str, Any]:
    plain = {field.name: getattr(row, field.name) for field in fields(row) if field.name != "result"}
    plain |= {"result": row.result.centre, "result_low": row.result.low, "result_high": row.result.high}
    return {name: plain[name] for name in COLUMNS}


def _row_of(record: Mapping[str, str]) -> DeepMethodCell:
    result = Measured(*(float(record[name]) for name in ("result", "result_low", "result_high")))
    counts = int(record["seeds"]), int(record["steps"])
    spent = float(record["random"]), float(record["cpu_seconds"])
    return DeepMethodCell(record["world"], record["measure"], record["method"], *counts, result, *spent, record["why"])


def _short(number: float) -> str:
    return "-" if math.isnan(number) else f"{number:.3f}"
