"""Training with a look at the learner's own tables on the way, which a run's trace does not show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Profile
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners._learner import TabularLearner
from gametheory_rl.learners._loop import fresh_seed, player_of, world_of
from gametheory_rl.learners._sampling import quiet, sampled
from gametheory_rl.papers._lab import Lab


class Traced(NamedTuple):
    """What was seen, and how it ended."""

    seen: np.ndarray
    """``[seeds, samples, ...]``: what ``look`` returned"""
    values: np.ndarray
    """``[seeds, n, S]`` what the learner believes at the end"""
    profiles: tuple[Profile, ...]


def traced(
    lab: Lab,
    game: StochasticGame,
    learner: TabularLearner,
    looks: Sequence[int],
    look: Callable[[Any], Any],
    label: str,
    sampling: str = "on_policy",
) -> Traced:
    """Train as ``learn`` does, from the same streams, and call ``look(tables)`` after each number of steps in ``looks``."""
    seen, values, profiles = [], [], []
    world = sampled(world_of(game, None), sampling, game.legal, learner.init(game.spec))
    lab.runs[label] = {
        "game": game.name,
        "learner": repr(learner),
        "steps": int(looks[-1]),
        "seeds": lab.seeds,
        "seed": lab.seed,
        "sampling": sampling,
    }
    for k, key in enumerate(stream_keys(lab.seed, lab.seeds)):
        tables = learner.init(game.spec)
        seed = fresh_seed(tables if sampling == "on_policy" else quiet(tables), key)
        play, done, found = player_of(learner, world, seed.tables), 0, []
        for target in looks:
            play(seed, done, int(target))
            done = int(target)
            found.append(look(seed.tables))
            lab.progress((k + done / looks[-1]) / lab.seeds)
        seen.append(found)
        values.append(learner.values(seed.tables))
        profiles.append(learner.profile(seed.tables))
    return Traced(np.array(seen), np.array(values), tuple(profiles))


def evenly(steps: int, samples: int) -> list[int]:
    """Return up to ``samples`` numbers of steps, evenly spaced, ``steps`` the last."""
    return np.unique(np.linspace(steps / samples, steps, samples).astype(np.int64).clip(1)).tolist()


def spread(steps: int, samples: int) -> list[int]:
    """Return up to ``samples`` numbers of steps over the last four decades, evenly on a logarithmic axis, ``steps`` the last."""
    return np.unique(np.geomspace(max(1, steps // 10**4), steps, samples).astype(np.int64)).tolist()
