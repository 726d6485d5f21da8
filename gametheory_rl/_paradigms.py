"""``compare_paradigms``: centralised, decentralised, and training that is one with execution that is the other, in numbers."""

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
from gametheory_rl._registry import resolve
from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import atomic_write
from gametheory_rl._support._progress import progress_bar
from gametheory_rl._verify import verify

AGENTS = (2, 3, 4, 5, 6, 7, 8)
LEARNERS = ("centralised_q", "friend_q", "hysteretic_q", "independent_q")
NEAR = 0.05
"""What a team may lose, in payoff spans, and still be near its optimum."""
FIRST_STEPS = 100
MOST_JOINT = 10**6
"""Joint actions of the largest team."""


@dataclass(frozen=True)
class Paradigm:
    """One learner with one number of agents; medians are over seeds."""

    agents: int
    joint_actions: int
    learner: str
    paradigm: str
    """``centralised``; ``joint``: it sees all actions while it trains, and each plays its own part; ``decentralised``."""
    entries: int
    """Numbers that all agents' tables of Q hold together."""
    step_ns: float
    """Processor time of one step of one seed, nanoseconds."""
    steps_to_near: float
    """Steps after which the team is near its optimum and stays there, the median; infinite where it never was."""
    near_share: float
    """Share of seeds that are near at the end."""
    team_loss: float
    """What the team loses at the end against its best joint action, the median in payoff spans; exact."""
    nash_gap: float
    """What the best deviation of one agent gains at the end, the median in payoff spans; exact."""


@dataclass(frozen=True)
class ParadigmTable:
    """What ``compare_paradigms`` returns."""

    rows: tuple[Paradigm, ...]
    status: Status
    settings: Mapping[str, Any]

    def save(self, path: str | Path) -> Path:
        """Write the rows as a CSV table, atomically; returns the path."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(Paradigm.__dataclass_fields__)
        writer.writerows([f"{x:.6g}" if isinstance(x, float) else x for x in vars(row).values()] for row in self.rows)
        return atomic_write(path, stream.getvalue())

    def markdown(self) -> str:
        """Return the rows as a table for a page."""
        names = (
            "agents",
            "joint actions",
            "learner",
            "paradigm",
            "numbers",
            "ns a step",
            "steps to near",
            "near",
            "team's loss",
            "Nash gap",
        )
        lines = [f"| {' | '.join(names)} |", "|--:|--:|---|---|--:|--:|--:|--:|--:|--:|"]
        for row in self.rows:
            steps = f"{row.steps_to_near:,.0f}" if math.isfinite(row.steps_to_near) else "never"
            lines.append(
                f"| {row.agents} | {row.joint_actions:,} | {row.learner} | {row.paradigm} | {row.entries:,} | {row.step_ns:,.0f} | {steps} "
                f"| {row.near_share:.0%} | {row.team_loss:.3g} | {row.nash_gap:.3g} |"
            )
        return "\n".join(lines) + "\n"


def compare_paradigms(
    agents: Sequence[int] = AGENTS,
    learners: Sequence[str] | Mapping[str, Any] = LEARNERS,
    *,
    game: Callable[[int, int], StochasticGame] | None = None,
    steps: int = 300_000,
    seeds: int = 10,
    seed: int = 0,
    progress: bool | None = None,
) -> ParadigmTable:
    """Train learners of each paradigm on the same games while the number of agents grows, and measure what that costs.

    Parameters
    ----------
    agents : sequence of int
        How many, from 1 up.
    learners : sequence of str or mapping from names to learners
        Names stand for the learners' defaults.
    game : callable, optional
        ``game(agents, seed)``, a game in which all players are paid the same; None: 3 actions each, and a standard normal payoff for
        every joint action, drawn anew for each seed.
    steps : int
        The longest run of each seed.
    seeds, seed : int
        Independent games and runs; from which number all of them draw.
    progress : bool, optional
        None: a progress bar where standard error is a terminal.

    Returns
    -------
    ParadigmTable
        A row for each number of agents and learner. Ctrl-C ends it with ``Status.INTERRUPTED`` and the rows that are done.

    Raises
    ------
    GameError
        An argument out of range, players who are not paid the same, a team too large for a table over joint actions.

    Notes
    -----
    Nobody is told the structure of the game, so whoever looks for the best joint action has to try them all: their number is the product
    of the players' action counts. A learner with its own actions alone is spared that, and settles where nobody gains by moving alone: a
    Nash equilibrium, which need not be the team's optimum. A run of b steps is the beginning of a run of more, so each seed is judged after
    100, 200, 500, 1,000, ... steps by runs of that length.
    """
    counts = [_count(count) for count in agents]
    found = learners if isinstance(learners, Mapping) else {name: resolve("learner", name)() for name in learners}
    if not counts or not found:
        raise GameError("there is nothing to compare: at least one number of agents and one learner were expected")
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < FIRST_STEPS:
        raise GameError(f"steps is {steps!r}, an integer of at least {FIRST_STEPS} was expected")
    if isinstance(seeds, bool) or not isinstance(seeds, int) or seeds < 1:
        raise GameError(f"seeds is {seeds!r}, an integer of at least 1 was expected")
    build = game if game is not None else _random_team
    rows: list[Paradigm] = []
    status = Status.FINISHED
    with progress_bar("paradigms", float(len(counts) * len(found)), show=progress) as advance:
        try:
            for count in counts:
                games = [_checked_team(build(count, seed + k), count) for k in range(seeds)]
                for name, learner in found.items():
                    advance(float(len(rows)), f"{name}, {count} agents")
                    rows.append(_row(count, games, name, learner, steps, seed))
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
    return ParadigmTable(tuple(rows), status, {"agents": counts, "learners": list(found), "steps": steps, "seeds": seeds, "seed": seed})


def _count(count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise GameError(f"agents has {count!r}, integers of at least 1 were expected")
    return int(count)


def _random_team(agents: int, seed: int) -> StochasticGame:
    if 3**agents > MOST_JOINT:
        raise GameError(f"{agents} agents with 3 actions each have {3**agents} joint actions, {MOST_JOINT} are the most: give fewer agents")
    return resolve("family", "covariant")(actions=3, players=agents, correlation=1.0, seed=seed)


def _checked_team(game: StochasticGame, agents: int) -> StochasticGame:
    if game.num_players != agents:
        raise GameError(f"game({agents}, ...) has {game.num_players} players, {agents} were expected")
    if np.abs(game.payoff - game.payoff[0]).max(initial=0.0) > 1e-9 * np.abs(game.payoff).max(initial=0.0) or np.ptp(game.discount):
        raise GameError("the players of game are not paid the same: a team with one payoff and one discount was expected")
    return game


def _row(agents: int, games: Sequence[StochasticGame], name: str, learner: Any, steps: int, seed: int) -> Paradigm:
    budgets = _budgets(steps)
    losses, gaps = np.empty((len(games), len(budgets))), np.empty(len(games))
    spent, taken = 0.0, 0
    for k, game in enumerate(games):
        best = _optimum(game)
        for b, budget in enumerate(budgets):
            began = time.process_time()
            run = learn(game, learner, steps=budget, seed=seed + k, records=1, progress=False)
            if run.status is Status.INTERRUPTED:
                raise KeyboardInterrupt
            if b == len(budgets) - 1:
                spent, taken = spent + time.process_time() - began, taken + budget
            certificate = verify(game, run.profile)
            gaps[k] = certificate.epsilon / game.payoff_span
            losses[k, b] = max(0.0, float(game.start @ (best - certificate.values[0]))) / game.payoff_span
    near = losses <= NEAR
    # Steps from which on it is near: the first of the last unbroken row of near ones.
    stays = np.logical_and.accumulate(near[:, ::-1], axis=1)[:, ::-1]
    first = np.where(stays.any(axis=1), np.array(budgets)[stays.argmax(axis=1)], np.inf)
    return Paradigm(
        agents=agents,
        joint_actions=games[0].num_joint_actions,
        learner=name,
        paradigm=str(getattr(learner, "paradigm", "?")),
        entries=_entries(learner, games[0]),
        step_ns=1e9 * spent / taken,
        steps_to_near=float(np.median(first)),
        near_share=float(near[:, -1].mean()),
        team_loss=float(np.median(losses[:, -1])),
        nash_gap=float(np.median(gaps)),
    )


def _budgets(steps: int) -> list[int]:
    """Return 100, 200, 500, 1000, ... up to ``steps``, which is the last."""
    found, power = [], FIRST_STEPS
    while power <= steps:
        found += [power * k for k in (1, 2, 5) if power * k < steps]
        power *= 10
    return [*found, steps]


def _optimum(game: StochasticGame) -> np.ndarray:
    """Return what the best joint policy earns from each state, ``(S,)``."""
    if game.num_states == 1 and not game.discount.any():
        return game.payoff[0].reshape(1, -1).max(axis=1)
    from gametheory_rl.stochastic import solve

    return solve(game.centralised(), progress=False).values[0]


def _entries(learner: Any, game: StochasticGame) -> int:
    """Return how many numbers the tables of Q hold."""
    return _size_of_q(learner.init(game.spec))


def _size_of_q(tables: Any) -> int:
    fields = tables._asdict() if hasattr(tables, "_asdict") else {}
    own = fields.get("q")
    return int(own.size) if isinstance(own, np.ndarray) else sum(map(_size_of_q, fields.values()))
