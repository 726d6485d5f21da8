"""The design of a sweep: games, learners, settings and seeds, read and checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gametheory_rl._catalogue_files import read_document
from gametheory_rl._game_checks import checked_integer
from gametheory_rl._learn import MAX_STEPS
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._sweep._axes import Axis, Varied, axes_of, drawn, grid, require_lists, share, size
from gametheory_rl._sweep._parts import games_of, learners_of, plain_document
from gametheory_rl._sweep._task import Task

KEYS = ("name", "games", "learners", "steps", "seeds", "horizon", "records", "sampling", "design")
VARIED = ("steps", "horizon", "sampling")
DESIGN_KEYS = ("kind", "runs", "seed")
KINDS = ("grid", "random")
MANY_RUNS = 100_000
"""More than this must be meant."""
MOST_RUNS = 10_000_000
LARGEST_SEED = 2**63 - 1
"""The index holds no larger integer."""
SAMPLINGS = ("on_policy", "epsilon_greedy", "uniform", "generative")


@dataclass(frozen=True)
class Design:
    """All runs of a sweep, unexpanded."""

    name: str
    games: tuple[Varied, ...]
    learners: tuple[Varied, ...]
    run: tuple[Axis, ...]
    """Steps, horizon, sampling."""
    seeds: tuple[int, ...]
    records: int | list[int]
    kind: str
    draws: int
    """Of a random design, each run with every seed."""
    seed: int
    document: Mapping[str, Any]
    """What the user wrote, games as digests: JSON, and a design again."""

    @property
    def count(self) -> int:
        """How many runs there are, those counted twice that are written twice."""
        if self.kind == "random":
            return self.draws * len(self.seeds)
        of_games, of_learners = (sum(size(each.axes) for each in part) for part in (self.games, self.learners))
        return of_games * of_learners * size(self.run) * len(self.seeds)

    def tasks(self) -> list[Task]:
        """Return every run once, in the order of the design."""
        points = self._grid() if self.kind == "grid" else self._draws()
        return list({task.digest: task for point in points for task in self._seeded(point)}.values())

    def _grid(self) -> Iterator[Task]:
        for game in self.games:
            for parameters in grid(game.axes):
                for learner in self.learners:
                    for settings in grid(learner.axes):
                        for run in grid(self.run):
                            yield self._task(game, parameters, learner, settings, run)

    def _draws(self) -> Iterator[Task]:
        for draw in range(self.draws):
            game, learner = (part[int(share(self.seed, name, draw) * len(part))] for part, name in self._parts())
            parameters, settings = (drawn(each.axes, self.seed, draw, each.name) for each in (game, learner))
            yield self._task(game, parameters, learner, settings, drawn(self.run, self.seed, draw, "run"))

    def _parts(self) -> tuple[tuple[tuple[Varied, ...], str], ...]:
        return (self.games, "games"), (self.learners, "learners")

    def _task(self, game: Varied, parameters: dict[str, Any], learner: Varied, settings: dict[str, Any], run: dict[str, Any]) -> Task:
        options: dict[str, Any] = {"records": self.records, "game_file": game.digest, **run}
        return Task(game.name, learner.name, seed=0, parameters=parameters, settings=settings, **options)

    def _seeded(self, task: Task) -> Iterator[Task]:
        for seed in self.seeds:
            yield replace(task, seed=seed)


def read_design(source: Any, *, folder: Path | None = None) -> Design:
    """Return the design that a file, or a mapping with the same entries, describes.

    Parameters
    ----------
    source : path or mapping
        See ``sweep``.
    folder : Path, optional
        The results folder where a design of its own holds games; then no path is read.

    Raises
    ------
    GameError
        Unreadable, an unknown key, nothing to run, a setting that is none.
    """
    if isinstance(source, Mapping):
        return _design(dict(source), "the sweep", Path(), "sweep", folder)
    if not isinstance(source, str | Path):
        raise GameError(f"a sweep was given {type(source).__name__}, the path of a .toml file or a mapping with its entries was expected")
    path = Path(source)
    if path.suffix.lower() not in (".toml", ".json"):
        raise GameError(f"the sweep file is {str(path)!r}, a .toml file was expected (.json with the same entries is read too)")
    return _design(dict(read_document(path)), str(path), path.parent, path.stem, folder)


def _design(document: dict[str, Any], where: str, base: Path, stem: str, folder: Path | None) -> Design:
    _check_keys(document, KEYS, where)
    kind, draws, seed = _kind(document.get("design", {}), where)
    name = document.get("name", stem)
    if not isinstance(name, str):
        raise GameError(f"{where}: name is {name!r}, a string was expected")
    if not name.isprintable():
        raise GameError(f"{where}: name is {name!r}, characters that can be printed were expected")
    if "steps" not in document:
        raise GameError(f"{where} has no steps, a number of environment steps for each run was expected, as in steps = 100000")
    games, learners = games_of(document, where, base, folder), learners_of(document, where)
    run = axes_of({key: document[key] for key in VARIED if document.get(key) is not None}, where)
    made = Design(name, games, learners, run, _seeds(document, where), _records(document, where), kind, draws, seed, {})
    if kind == "grid":
        for axes in (run, *(each.axes for each in (*games, *learners))):
            require_lists(axes, where)
    _check_run(made, where)
    return replace(made, document=plain_document(document, games))


def _check_keys(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise UnknownNameError(f"key of {where}", str(key), known)


def _kind(table: Any, where: str) -> tuple[str, int, int]:
    if isinstance(table, str):
        table = {"kind": table}
    if not isinstance(table, Mapping):
        raise GameError(f"{where}: design is {table!r}, a table with kind, runs and seed was expected")
    _check_keys(table, DESIGN_KEYS, f"design in {where}")
    kind = table.get("kind", "grid")
    if kind not in KINDS:
        raise UnknownNameError("kind of design", str(kind), KINDS)
    if kind == "grid":
        if "runs" in table or "seed" in table:
            raise GameError(f"{where}: a grid has no runs or seed of its own; leave them out, or say kind = 'random'")
        return kind, 0, 0
    if "runs" not in table:
        raise GameError(f"{where}: a random design needs runs, the number of its draws")
    return (
        kind,
        checked_integer(table["runs"], "runs of the design", 1, None),
        checked_integer(table.get("seed", 0), "design seed", 0, None),
    )


def _seeds(document: Mapping[str, Any], where: str) -> tuple[int, ...]:
    given = document.get("seeds", 1)
    if isinstance(given, list | tuple):
        found = [checked_integer(seed, "a seed", 0, LARGEST_SEED) for seed in given]
        if not found:
            raise GameError(f"{where}: seeds is an empty list, a number of seeds or at least one seed was expected")
        return tuple(dict.fromkeys(found))
    return tuple(range(checked_integer(given, "seeds", 1, MOST_RUNS)))


def _records(document: Mapping[str, Any], where: str) -> int | list[int]:
    given = document.get("records", 50)
    if isinstance(given, list | tuple):
        return [checked_integer(step, f"{where}: a record step", 1, MAX_STEPS) for step in given]
    return checked_integer(given, "records", 1, 10**6)


def _check_run(design: Design, where: str) -> None:
    """Refuse steps, horizons and samplings that ``learn`` would refuse in every run."""
    for axis in design.run:
        ends = axis.values or (int(axis.low), int(axis.high))
        if axis.kind and axis.kind != "integers":
            raise GameError(f"{where}: {axis.name} has the range {axis.kind}, integers = [low, high] was expected")
        for value in ends:
            if axis.name == "sampling" and value not in SAMPLINGS:
                raise UnknownNameError("sampling", str(value), SAMPLINGS)
            if axis.name != "sampling":
                checked_integer(value, axis.name, 1, MAX_STEPS)
        if axis.name == "steps" and isinstance(design.records, list) and max(design.records, default=1) > min(ends):
            raise GameError(f"{where}: records has step {max(design.records)}, but there are runs of {min(ends)} steps")


def require_count(count: int, yes: bool, consent: str) -> None:
    """Refuse a design of more runs than anybody means, unless the user says so."""
    if count > MOST_RUNS:
        raise GameError(f"the design has {count:,} runs, one sweep takes at most {MOST_RUNS:,}; take a random design, or several sweeps")
    if count > MANY_RUNS and not yes:
        raise GameError(f"the design has {count:,} runs; {consent} if that is meant, else take a random design or shorter lists")
