"""Mean-field Q-learning: many agents, each of which answers the mean action of those it meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, final

import numpy as np

from gametheory_rl._population import order_of
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._results import Plan, Run, Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import progress_bar
from gametheory_rl.learners import _checkpoint as checkpoints
from gametheory_rl.learners._checks import checked_number
from gametheory_rl.learners._mean_field_q_kernels import MeanFieldTables, be_boltzmann
from gametheory_rl.learners._population_loop import PopulationSeed, crowd_of, fresh_seed, play
from gametheory_rl.learners._schedules import Schedule, as_schedule
from gametheory_rl.learners._training import columns, workers

MOST_ENTRIES = 10**8
UPDATES = ("asynchronous", "simultaneous", "stale")
"""In the order of the kernels' ``IN_TURN``, ``TOGETHER``, ``STALE``."""


@final
@dataclass(frozen=True)
class MeanFieldQ:
    """Every agent learns Q(own action, mean action of those it meets), and plays the Boltzmann policy of it.

    ``pi(a | m) = softmax(Q(m, .) / temperature)``, m the mean action met, and Q(m, a) moves towards
    ``r + discount * sum_a' pi(a' | m') Q(m', a')``, m' the mean action met at the agent's next turn. It plays a ``PopulationGame``; a
    step of ``learn`` is a sweep, one turn of every agent.

    Parameters
    ----------
    temperature : float
        Positive, in payoff units; 1 / beta.
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the entry; schedules by steps do not apply.
    levels : int
        Intervals into which each load of a crowd is cut; a network's mean actions are counted exactly.
    update : {"asynchronous", "simultaneous", "stale"}
        Agents act one after the other, on the actions of now: on a network colour by colour, where no two of one colour are
        neighbours, as on a board all white squares and then all black ones. Or all at once on the mean action of the sweep before, and
        they learn about the one that they then meet; or about the one that they acted on.
    target : {"value", "sample"}
        What comes next: the policy's mean of Q as above, or Q of the action that the agent plays next.
    shared : bool
        One table for all agents, who are alike; False: one each.
    initial : float or sequence of A floats
        Every entry of the tables at first, or those of each action. It is what an agent believes of what it has not tried, at every mean
        action, so it decides what is tried there first and for how long.

    Raises
    ------
    GameError
        A parameter out of its range.

    Notes
    -----
    Y. Yang et al., "Mean field multi-agent reinforcement learning", ICML 2018, equations 6 to 12 and algorithm 1. Deviations:

    - The paper prints the policy with ``exp(-beta Q)``. With that sign agents prefer what earns least, and the Ising model never orders.
    - Its algorithm acts on the mean action of the step before, all agents at once: that is ``simultaneous``. On an even torus the two
      halves of a chessboard then take no notice of each other, and cancel in half of all runs. ``stale`` has order where there is none,
      because who acts on yesterday's majority finds it again today. ``asynchronous`` has the order of the Ising model.
    - In Gaussian squeeze with 500 agents or more, uniform play earns nothing that differs: tables that start level stay there, wherever
      the actions start. Tables that start at ``415 - 5 a`` with ``temperature=0.1`` and exact levels reach 97 % of the optimum, also from
      uniform first actions: agents then believe that what they have not tried is nearly best, and lean to small actions.
    - The mean action is counted, or cut into levels; the paper's experiments give it to a table or a network.

    A run's profiles are ``(types, 1, mean actions, A)``, its average profiles the shares of actions as played. Its trace has
    ``population_gap`` and ``average_population_gap`` in place of ``nash_gap``, and, averaged over the sweeps since the last record,
    ``order_parameter``, (A s - 1) / (A - 1) where s is the share of the most frequent action, and ``mean_payoff``, what a turn earned.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.families.ising(10), gt.learners.MeanFieldQ(temperature=0.6), steps=2000, records=[500, 2000])
    >>> bool(abs(run.trace["order_parameter"][0, -1] - gt.ising_order(0.6)) < 0.02)
    True
    """

    temperature: float = 1.0
    step_size: Schedule | float = Schedule.by_visits(0.75)  # noqa: RUF009 -- frozen
    levels: int = 20
    update: Literal["asynchronous", "simultaneous", "stale"] = "asynchronous"
    target: Literal["value", "sample"] = "value"
    shared: bool = True
    initial: float | Sequence[float] = 0.0
    paradigm: ClassVar[str] = "joint"
    plays_populations: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if checked_number(self.temperature, "temperature") <= 0:
            raise GameError(f"temperature is {self.temperature!r}, a positive number was expected")
        if as_schedule(self.step_size, "step_size").kind not in ("visits", "constant"):
            raise GameError(f"step_size is {self.step_size!r}, a number or a schedule by visits was expected")
        if isinstance(self.levels, bool) or not isinstance(self.levels, int) or self.levels < 1:
            raise GameError(f"levels is {self.levels!r}, an integer of at least 1 was expected")
        for name, choices in (("update", UPDATES), ("target", ("value", "sample")), ("shared", (True, False))):
            if getattr(self, name) not in choices:
                raise GameError(f"{name} is {getattr(self, name)!r}, one of {', '.join(map(repr, choices))} was expected")
        for number in self.initial if isinstance(self.initial, list | tuple) else (self.initial,):
            checked_number(number, "initial")

    def init(self, game: PopulationGame) -> MeanFieldTables:
        """Return the tables of one seed."""
        if not isinstance(game, PopulationGame):
            raise GameError(f"MeanFieldQ plays a PopulationGame, such as families.ising(), not {type(game).__name__}")
        shape = (1 if self.shared else game.num_agents, game.num_bins(self.levels), game.num_actions)
        if np.prod(shape, dtype=float) > MOST_ENTRIES:
            raise GameError(f"the tables have {' x '.join(map(str, shape))} entries, {MOST_ENTRIES} are the most; share them")
        require_memory((3, *shape), "one seed's tables", "share them, or give fewer levels")
        q, policy = np.empty(shape), np.empty(shape)
        q[:] = self._first_row(game.num_actions)
        be_boltzmann(q[0, 0], float(self.temperature), policy[0, 0])
        policy[:] = policy[0, 0]
        return MeanFieldTables(
            q=q,
            policy=policy,
            counts=np.zeros(shape, np.int64),
            temperature=float(self.temperature),
            step_size=as_schedule(self.step_size, "step_size").floats,
            update=UPDATES.index(self.update),
            sampled=self.target == "sample",
        )

    def _first_row(self, count: int) -> np.ndarray:
        """Return what every row of the table holds at first, ``(A,)``."""
        row = np.broadcast_to(np.asarray(self.initial, np.float64), count) if np.size(self.initial) in (1, count) else None
        if row is None:
            raise GameError(f"initial has {np.size(self.initial)} numbers, one or {count} (one per action) were expected")
        return row

    def profile(self, tables: MeanFieldTables) -> np.ndarray:
        """Return the policy, ``(types, 1, mean actions, A)``."""
        return tables.policy[:, np.newaxis].copy()

    def train(self, game: Any, plan: Plan) -> Run:
        """Train on a PopulationGame as ``plan`` says; its judge is given the policy and everybody's action."""
        first = self.init(game)
        crowd = crowd_of(game, self.levels)
        size = 3 * first.q.nbytes + 32 * game.num_agents + 4096
        require_memory((len(plan.keys), size), "the tables of all seeds", "run fewer seeds at once", item_bytes=1)
        seeds = [fresh_seed(first if k == 0 else self.init(game), game, crowd, key) for k, key in enumerate(plan.keys)]
        done, rows = checkpoints.resume(plan, seeds)
        run_one = partial(_play, crowd)
        status, profiles = Status.FINISHED, self._profiles(seeds)
        try:
            run_one(seeds[0], done, done)  # no sweep: compiles, or loads from the disk cache
            title = str(plan.settings.get("learner", type(self).__name__))
            with (
                progress_bar(title, float(plan.steps * len(seeds)), show=plan.progress) as advance,
                workers(run_one, seeds, advance) as run_to,
            ):
                for target in plan.record_steps[plan.record_steps > done]:
                    run_to(done, int(target), f"gap {np.median(rows[-1]['population_gap']):.3g}" if rows else "")
                    done, profiles = int(target), self._profiles(seeds)
                    rows = (*rows, _row(seeds, profiles, plan, done))
                    checkpoints.save(plan, seeds, done, rows)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        return Run(*profiles, columns(rows, len(seeds)), plan.settings, status)

    def _profiles(self, seeds: Sequence[PopulationSeed]) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        return tuple(self.profile(seed.tables) for seed in seeds), tuple(_as_played(seed.tables) for seed in seeds)


def _play(crowd: Any, seed: PopulationSeed, first: int, last: int) -> None:
    play(seed, crowd, first, last)


def _as_played(tables: MeanFieldTables) -> np.ndarray:
    """Return the shares of the actions taken at each mean action; the policy where there were none."""
    totals = tables.counts.sum(axis=2, keepdims=True)
    return np.divide(tables.counts, totals, out=tables.policy.copy(), where=totals > 0)[:, np.newaxis]


def _row(seeds: Sequence[PopulationSeed], profiles: Any, plan: Plan, step: int) -> dict[str, np.ndarray]:
    """Judge every seed, and empty what it has tallied since the last record."""
    numbers = []
    for seed, profile, average in zip(seeds, *profiles, strict=True):
        actions, (sweeps, users) = seed.members.actions, seed.members.tally
        agents, count = len(actions), len(seed.members.users)
        found = dict(plan.judge(profile, actions))
        found |= {f"average_{name}": number for name, number in plan.judge(average, actions).items()}
        found["order_parameter"] = float(order_of(users / (agents * sweeps), count))
        found["mean_payoff"] = float(seed.members.income[0] / (agents * sweeps))
        seed.members.tally[:], seed.members.income[:] = 0, 0.0
        numbers.append(found)
    row = {"step": np.full(len(seeds), step, np.int64)}
    return row | {name: np.array([each[name] for each in numbers]) for name in numbers[0]}
