"""A training run on a population: sweeps of all seeds in threads, judged at the record steps, saved and resumed bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl import _checkpoint as checkpoints
from gametheory_rl._population import order_of
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._results import Plan, Run, Status
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import progress_bar
from gametheory_rl.learners._mean_field_q_kernels import MeanFieldTables
from gametheory_rl.learners._population_loop import PopulationSeed, crowd_of, fresh_seed, play
from gametheory_rl.learners._training import columns, workers

if TYPE_CHECKING:
    from gametheory_rl.learners._mean_field_q import MeanFieldQ

Profiles = tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]


def train_population(learner: MeanFieldQ, game: PopulationGame, plan: Plan) -> Run:
    """Train ``learner`` on ``game`` as ``plan`` says; its judge is given the policy and everybody's action."""
    first = learner.population_tables(game)
    crowd = crowd_of(game, learner.levels)
    size = 3 * first.q.nbytes + 32 * game.num_agents + 4096
    require_memory((len(plan.keys), size), "the tables of all seeds", "run fewer seeds at once", item_bytes=1)
    seeds = [fresh_seed(first if k == 0 else learner.population_tables(game), game, crowd, key) for k, key in enumerate(plan.keys)]
    done, rows = checkpoints.resume(plan, seeds)
    run_one = partial(_play, crowd)
    status, profiles = Status.FINISHED, _profiles(seeds)
    try:
        run_one(seeds[0], done, done)  # no sweep: compiles, or loads from the disk cache
        title = str(plan.settings.get("learner", type(learner).__name__))
        with (
            progress_bar(title, float(plan.steps * len(seeds)), show=plan.progress) as advance,
            workers(run_one, seeds, advance) as run_to,
        ):
            for target in plan.record_steps[plan.record_steps > done]:
                run_to(done, int(target), f"gap {np.median(rows[-1]['population_gap']):.3g}" if rows else "")
                done, profiles = int(target), _profiles(seeds)
                rows = (*rows, _row(seeds, profiles, plan, done))
                checkpoints.save(plan, seeds, done, rows)
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    return Run(*profiles, columns(rows, len(seeds)), plan.settings, status)


def policy_of(tables: MeanFieldTables) -> np.ndarray:
    """Return the policy, ``(types, 1, mean actions, A)``."""
    return tables.policy[:, np.newaxis].copy()


def _profiles(seeds: Sequence[PopulationSeed]) -> Profiles:
    return tuple(policy_of(seed.tables) for seed in seeds), tuple(as_played(seed.tables) for seed in seeds)


def _play(crowd: Any, seed: PopulationSeed, first: int, last: int) -> None:
    play(seed, crowd, first, last)


def as_played(tables: MeanFieldTables) -> np.ndarray:
    """Return the shares of the actions taken at each mean action; the policy where there were none."""
    totals = tables.counts.sum(axis=2, keepdims=True)
    return np.divide(tables.counts, totals, out=tables.policy.copy(), where=totals > 0)[:, np.newaxis]


def _row(seeds: Sequence[PopulationSeed], profiles: Profiles, plan: Plan, step: int) -> dict[str, np.ndarray]:
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
