"""``compare_deep_paradigms``: IPPO, MAPPO and one super-agent on the same games while the number of agents grows, judged exactly."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._learn import learn
from gametheory_rl._paradigms import MOST_JOINT, _count, _optimum
from gametheory_rl._registry import resolve
from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl._support._files import atomic_write
from gametheory_rl._support._progress import progress_bar
from gametheory_rl._support._statistics import bootstrap_interval, interquartile_mean
from gametheory_rl._verify import verify

AGENTS = (2, 4, 6, 8)
METHODS = ("ippo", "mappo", "centralised_ppo")
SETTINGS: Mapping[str, Any] = {"learning_rate": 3e-3, "rollout": 32}
"""Of all three alike: a game that is played once needs short rollouts, and larger steps than a world."""
CORRELATIONS = {"team": 1.0, "general-sum": 0.0}
"""The games by name, and how their players' payoffs are correlated."""
ACTIONS = 3


@dataclass(frozen=True)
class Measured:
    """One quantity over seeds."""

    centre: float
    """The interquartile mean."""
    low: float
    """Of its 95 % bootstrap interval; NaN where one seed is all there is."""
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Measured:
        """Return what ``values``, one of each seed, come to; NaN where there are none."""
        if not len(values):
            return cls(math.nan, math.nan, math.nan)
        return cls(float(interquartile_mean(values)), *bootstrap_interval(values))

    def __str__(self) -> str:
        """Return the centre, and the interval in brackets where there is one."""
        if math.isnan(self.centre):
            return "-"
        return f"{self.centre:.3f}" + ("" if math.isnan(self.low) else f" [{self.low:.3f}, {self.high:.3f}]")


@dataclass(frozen=True)
class DeepParadigm:
    """One method with one number of agents on one kind of game."""

    game: str
    agents: int
    joint_actions: int
    method: str
    paradigm: str
    """``decentralised``; ``joint``: the critic sees what all see while they train; ``centralised``: one super-agent."""
    parameters: int
    """Numbers in all networks; 0 where it was refused."""
    welfare_loss: Measured
    """What the mean payoff of all agents falls short of the best joint policy's, in spans of that mean; exact."""
    nash_gap: Measured
    """What the best deviation of one agent gains, in payoff spans (the largest of one player); exact. Of a super-agent, whose policy is
    correlated: what the best way to disobey its recommendations gains."""
    cpu_seconds: float
    """Processor time of one seed's run, the median, so that the first, which may compile, does not count; NaN where it was refused."""
    refused: str = ""
    """Why the method does not play this game; empty where it does."""


@dataclass(frozen=True)
class DeepParadigmTable:
    """What ``compare_deep_paradigms`` returns."""

    rows: tuple[DeepParadigm, ...]
    status: Status
    settings: Mapping[str, Any]

    def flat(self) -> list[dict[str, Any]]:
        """Return the rows as tables of plain values: ``welfare_loss``, ``welfare_loss_low``, ``welfare_loss_high``, ..."""
        return [_flat(row) for row in self.rows]

    def save(self, path: str | Path) -> Path:
        """Write the rows as a CSV table, atomically; returns the path."""
        stream = io.StringIO()
        rows = self.flat()
        writer = csv.DictWriter(stream, list(rows[0]) if rows else ["game"], lineterminator="\n")
        writer.writeheader()
        writer.writerows([{key: f"{x:.6g}" if isinstance(x, float) else x for key, x in row.items()} for row in rows])
        return atomic_write(path, stream.getvalue())

    def markdown(self) -> str:
        """Return the rows as a table for a page, what was refused with a dash, and below the table why."""
        names = ("game", "agents", "joint actions", "method", "paradigm", "numbers", "mean payoff's loss", "gap", "CPU-s a run")
        lines = [f"| {' | '.join(names)} |", "|---|--:|--:|---|---|--:|--:|--:|--:|"]
        for row in self.rows:
            start = f"| {row.game} | {row.agents} | {row.joint_actions:,} | {row.method} | {row.paradigm} "
            done = f"| {row.parameters:,} | {row.welfare_loss} | {row.nash_gap} | {row.cpu_seconds:.1f} |"
            lines.append(start + ("| refused | - | - | - |" if row.refused else done))
        told = "{seeds} games and runs each, {steps:,} steps a run; interquartile means, 95 % bootstrap intervals.".format(**self.settings)
        why = dict.fromkeys(f"Refused: {row.refused}." for row in self.rows if row.refused)
        return "\n".join(lines) + "\n\n" + " ".join([told, *why]) + "\n"


def compare_deep_paradigms(
    agents: Sequence[int] = AGENTS,
    methods: Sequence[str] | Mapping[str, Any] = METHODS,
    *,
    games: Mapping[str, Callable[[int, int], StochasticGame]] | None = None,
    steps: int = 50_000,
    seeds: int = 10,
    seed: int = 0,
    progress: bool | None = None,
) -> DeepParadigmTable:
    """Train networks of each paradigm on the same games while the number of agents grows, and judge what they learn exactly.

    Parameters
    ----------
    agents : sequence of int
        How many, from 1 up.
    methods : sequence of str or mapping from names to methods
        Names stand for ``learning_rate=3e-3`` and ``rollout=32``, the other settings being the methods' defaults.
    games : mapping from names to callables, optional
        ``games[name](agents, seed)``, a game in which all players have the same discount; None: ``team``, in which all are paid the
        same, and ``general-sum``, in which nobody's payoff says anything about another's: 3 actions each, played once, standard normal
        payoffs for every joint action, drawn anew for each seed. The team games are those of ``compare_paradigms``.
    steps : int
        Of each run; whole rollouts are taken.
    seeds, seed : int
        Independent games and runs; from which number all of them draw.
    progress : bool, optional
        None: a progress bar where standard error is a terminal.

    Returns
    -------
    DeepParadigmTable
        A row for each game, number of agents and method. A method that refuses a game, as the super-agent does where there are more
        joint actions than it holds, has a row that says why. Ctrl-C ends it with ``Status.INTERRUPTED`` and the rows that are done.

    Raises
    ------
    GameError
        An argument out of range, a game of another number of players or with unequal discounts, JAX is missing.

    Notes
    -----
    In a tensor game everybody sees the state, so that MAPPO's critic has nothing to see that IPPO's does not; from the same first weights
    both are the same run here. The loss is measured against the largest mean payoff, which independent agents in a general-sum game
    do not look for; the gap against what each agent could gain by itself, which a super-agent does not look for.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> table = gt.compare_deep_paradigms([2], ["ippo"], steps=512, seeds=1)  # doctest: +SKIP
    """
    counts = [_count(count) for count in agents]
    found = methods if isinstance(methods, Mapping) else {name: resolve("deep", name)(**SETTINGS) for name in methods}
    kinds = games if games is not None else {name: _family(rho) for name, rho in CORRELATIONS.items()}
    if not counts or not found or not kinds:
        raise GameError("there is nothing to compare: at least one number of agents, one method and one game were expected")
    for name, number in (("steps", steps), ("seeds", seeds)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise GameError(f"{name} is {number!r}, an integer of at least 1 was expected")
    rows: list[DeepParadigm] = []
    status = Status.FINISHED
    with progress_bar("paradigms", float(len(counts) * len(found) * len(kinds)), show=progress) as advance:
        try:
            for count in counts:
                drawn = {kind: [_checked(build(count, seed + k), count) for k in range(seeds)] for kind, build in kinds.items()}
                # A method's games of one size follow each other: they share what is compiled.
                for name, method in found.items():
                    for kind, own in drawn.items():
                        advance(float(len(rows)), f"{name}, {count} agents")
                        rows.append(_row(kind, count, own, name, method, steps, seed))
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
    order = {kind: k for k, kind in enumerate(kinds)}
    settings = {"agents": counts, "methods": list(found), "games": list(kinds), "steps": steps, "seeds": seeds, "seed": seed}
    return DeepParadigmTable(tuple(sorted(rows, key=lambda row: order[row.game])), status, settings)


def _family(correlation: float) -> Callable[[int, int], StochasticGame]:
    def build(agents: int, seed: int) -> StochasticGame:
        if ACTIONS**agents > MOST_JOINT:
            raise GameError(f"{agents} agents with {ACTIONS} actions have {ACTIONS**agents} joint actions, {MOST_JOINT} are the most")
        return resolve("family", "covariant")(actions=ACTIONS, players=agents, correlation=correlation, seed=seed)

    return build


def _checked(game: StochasticGame, agents: int) -> StochasticGame:
    if game.num_players != agents:
        raise GameError(f"a game of {agents} agents has {game.num_players} players, {agents} were expected")
    if np.ptp(game.discount):
        raise GameError(f"discounts are {game.discount.tolist()}, a common one was expected: the best joint policy has one")
    return game


def _row(kind: str, agents: int, games: Sequence[StochasticGame], name: str, method: Any, steps: int, seed: int) -> DeepParadigm:
    losses: list[float] = []
    gaps: list[float] = []
    spent: list[float] = []
    parameters, refused = 0, ""
    try:
        for k, game in enumerate(games):
            began = time.process_time()
            run = learn(game, method, steps=steps, seed=seed + k, records=1, progress=False)
            spent.append(time.process_time() - began)
            if run.status is Status.INTERRUPTED:
                raise KeyboardInterrupt
            certificate, together = verify(game, run.profile), game.centralised()
            loss = float(game.start @ (_optimum(together) - certificate.values.mean(axis=0)))
            losses.append(max(0.0, loss) / together.payoff_span)
            gaps.append(certificate.epsilon / game.payoff_span)
            parameters = sum(array.size for array in (run.weights or {}).values())
    except SolverError:
        raise
    except GameError as error:
        refused = str(error)
    time_of_one = float(np.median(spent)) if losses and not refused else math.nan
    measured = (Measured.of(() if refused else losses), Measured.of(() if refused else gaps))
    paradigm = str(getattr(method, "paradigm", "?"))
    return DeepParadigm(kind, agents, games[0].num_joint_actions, name, paradigm, parameters, *measured, time_of_one, refused)


def _flat(row: DeepParadigm) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in vars(row).items():
        if isinstance(value, Measured):
            found |= {name: value.centre, f"{name}_low": value.low, f"{name}_high": value.high}
        else:
            found[name] = value
    return found
