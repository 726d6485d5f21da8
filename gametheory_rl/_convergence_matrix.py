"""``convergence_matrix``: every learner on every game that it accepts, judged exactly after the same number of steps."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._catalogue import list_games, load_game
from gametheory_rl._game_checks import checked_integer
from gametheory_rl._games import StochasticGame
from gametheory_rl._learn import MAX_STEPS, learn
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._registry import resolve, table
from gametheory_rl._results import GameSolution, Status
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._support._files import atomic_write
from gametheory_rl._support._progress import progress_bar

Game = StochasticGame | PopulationGame


@dataclass(frozen=True)
class Cell:
    """One learner on one game."""

    learner: str
    game: str
    kind: str
    """Whose gap: ``nash``; ``population`` of many agents; empty where the learner does not play the game."""
    seeds: int
    steps: int
    """Steps of each seed; of a population, sweeps."""
    gap: float
    """Exact gap of the policy in the worst state: the median over seeds, in payoff units."""
    lowest: float
    """The same of the best seed."""
    highest: float
    """The same of the worst seed."""
    start_gap: float
    """Weighed by the start distribution; the median."""
    average_gap: float
    """The gap of the policy averaged over visits; the median."""
    span: float
    """Largest minus smallest payoff of the game, the largest over players."""
    seconds: float
    """Processor time of all seeds, learning and judging."""
    refusal: str
    """Why the learner does not play the game; empty where it does."""

    @property
    def relative(self) -> float:
        """The gap in payoff spans; NaN where the game is not played."""
        return self.gap / self.span if self.span > 0 else self.gap


@dataclass(frozen=True)
class ConvergenceMatrix:
    """What ``convergence_matrix`` returns."""

    learners: tuple[str, ...]
    games: tuple[str, ...]
    cells: tuple[Cell, ...]
    """By learner, then by game; fewer than all of them where it was interrupted."""
    status: Status
    settings: Mapping[str, Any]

    @property
    def gaps(self) -> np.ndarray:
        """``[learners, games]`` gaps in payoff spans, NaN where there is none."""
        found = np.full((len(self.learners), len(self.games)), np.nan)
        for cell in self.cells:
            found[self.learners.index(cell.learner), self.games.index(cell.game)] = cell.relative
        return found

    def save(self, path: str | Path) -> Path:
        """Write every cell as a row of a CSV table, atomically; returns the path."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        names = [*Cell.__dataclass_fields__]
        writer.writerow([*names, "relative"])
        for cell in self.cells:
            writer.writerow([*(_text(getattr(cell, name)) for name in names), _text(cell.relative)])
        return atomic_write(path, stream.getvalue())


def convergence_matrix(
    games: Sequence[str] | Mapping[str, Game] | None = None,
    learners: Sequence[str] | Mapping[str, Any] | None = None,
    *,
    steps: int = 100_000,
    seeds: int = 3,
    seed: int = 0,
    horizon: int | None = 100,
    progress: bool | None = None,
) -> ConvergenceMatrix:
    """Train every learner on every game for the same number of steps, and judge each policy exactly.

    Parameters
    ----------
    games : sequence of str or mapping from names to games, optional
        None: the whole catalogue.
    learners : sequence of str or mapping from names to learners, optional
        Names stand for the learners' defaults. None: all that are registered.
    steps : int
        Of each seed. In a population an agent's turn is a step, so that it gets ``steps / agents`` sweeps.
    seeds, seed : int
        As of ``learn``.
    horizon : int, optional
        Restart after so many steps, lest a game that is never left keeps the other states from being seen. Populations have none.
    progress : bool, optional
        None: a progress bar where standard error is a terminal.

    Returns
    -------
    ConvergenceMatrix
        Ctrl-C ends it with ``Status.INTERRUPTED`` and the cells that are done.

    Raises
    ------
    GameError
        An unknown name, an argument out of range. What a learner refuses to play is no error: the cell says why.

    Notes
    -----
    The gap of a product policy is what a player gains by any deviation (``Certificate.epsilon``), that of a correlated policy what a
    player gains who hears its recommendation. Centralised learners are measured by the same gap: what players gain by leaving the
    team's plan, which a team does not promise to make small.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> matrix = gt.convergence_matrix(["matching_pennies", "climbing"], ["minimax_q", "independent_q"], steps=2000, seeds=1)
    >>> (matrix.gaps < 1e-6).tolist()
    [[True, False], [False, True]]
    """
    found_games, found_learners = _games(games), _learners(learners)
    settings = {
        "steps": checked_integer(steps, "steps", 1, MAX_STEPS),
        "seeds": checked_integer(seeds, "seeds", 1, 2**31),
        "seed": checked_integer(seed, "seed", 0, None),
        "horizon": None if horizon is None else checked_integer(horizon, "horizon", 1, 2**62),
    }
    cells: list[Cell] = []
    status, total = Status.FINISHED, float(len(found_games) * len(found_learners))
    with progress_bar("convergence matrix", total, show=progress) as advance:
        try:
            for game_name, game in found_games.items():
                truth = _truth(game)
                for learner_name, learner in found_learners.items():
                    advance(float(len(cells)), f"{learner_name} on {game_name}")
                    cells.append(_cell(game_name, game, learner_name, learner, truth, settings))
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
    order = list(found_learners)
    cells.sort(key=lambda cell: order.index(cell.learner))  # stable: the games stay in their order
    return ConvergenceMatrix(tuple(found_learners), tuple(found_games), tuple(cells), status, settings)


def _games(games: Sequence[str] | Mapping[str, Game] | None) -> dict[str, Game]:
    if isinstance(games, Mapping):
        for name, game in games.items():
            if not isinstance(game, Game):
                raise GameError(f"games has {type(game).__name__} under {name!r}, a StochasticGame or PopulationGame was expected")
        return dict(games)
    return {name: load_game(name) for name in _names(games, "games", list_games(kind="all"))}


def _learners(learners: Sequence[str] | Mapping[str, Any] | None) -> dict[str, Any]:
    if isinstance(learners, Mapping):
        return dict(learners)
    return {name: resolve("learner", name)() for name in _names(learners, "learners", sorted(table("learner")))}


def _names(given: Sequence[str] | None, what: str, known: Sequence[str]) -> list[str]:
    if given is None:
        return list(known)
    if isinstance(given, str) or not isinstance(given, Sequence) or not all(isinstance(name, str) for name in given):
        raise GameError(f"{what} is {given!r}, names in a list, or a mapping from names, were expected")
    if not given:
        raise GameError(f"{what} is empty, at least one name was expected")
    for name in given:
        if name not in known:
            raise UnknownNameError(what[:-1], name, known)
    return list(dict.fromkeys(given))


def _truth(game: Game) -> GameSolution | None:
    """Return the game's solution where learning would look for it: once for all learners."""
    if not isinstance(game, StochasticGame) or not game.zero_sum:
        return None
    from gametheory_rl.stochastic import solve

    return solve(game, throw=False, progress=False)


def _cell(game_name: str, game: Game, learner_name: str, learner: Any, truth: GameSolution | None, settings: Mapping[str, Any]) -> Cell:
    options = dict(settings)
    if isinstance(game, PopulationGame):
        options |= {"steps": max(1, options["steps"] // game.num_agents), "horizon": None}
    elif getattr(learner, "paradigm", None) != "centralised":
        options["exact"] = truth
    blank = Cell(learner_name, game_name, "", 0, 0, nan, nan, nan, nan, nan, game.payoff_span, 0.0, "")
    began = time.process_time()
    try:
        run = learn(game, learner, records=1, progress=False, **options)
    except GameError as refusal:
        return replace(blank, refusal=str(refusal))
    if run.status is Status.INTERRUPTED:
        raise KeyboardInterrupt
    last = {name: column[:, -1] for name, column in run.trace.items()}
    kind = "nash" if "nash_gap" in last else "population"
    gap, missing = last[f"{kind}_gap"], np.array([nan])
    return replace(
        blank,
        kind=kind,
        seeds=len(gap),
        steps=options["steps"],
        gap=float(np.median(gap)),
        lowest=float(gap.min()),
        highest=float(gap.max()),
        start_gap=float(np.median(last.get("start_gap", missing))),
        average_gap=float(np.median(last.get(f"average_{kind}_gap", missing))),
        seconds=time.process_time() - began,
    )


def summary(matrix: ConvergenceMatrix, *, near: float = 0.01) -> Iterator[tuple[str, list[Cell], list[Cell]]]:
    """Yield each learner with the cells that it plays, and those of them whose gap is at most ``near`` spans."""
    for learner in matrix.learners:
        played = [cell for cell in matrix.cells if cell.learner == learner and cell.kind]
        yield learner, played, [cell for cell in played if cell.relative <= near]


def _text(value: Any) -> Any:
    return ("" if np.isnan(value) else f"{value:.6g}") if isinstance(value, float) else value
