"""The one tabular loop, to be read; its compiled twin in ``_loop_kernels`` gives the same bits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._streams_kernels import uniform
from gametheory_rl.learners import _loop_kernels as loop
from gametheory_rl.learners._checks import strides_of
from gametheory_rl.learners._rules_kernels import RULES, is_cacheable

if TYPE_CHECKING:
    from gametheory_rl.learners._learner import TabularLearner

FOREVER = 2**62
"""The horizon of a run without one."""
CHUNK_SECONDS = 0.1
"""How long a kernel may run before it looks whether it should stop."""


class Seed(NamedTuple):
    """All that one seed's run consists of, apart from the step it is at."""

    tables: Any
    place: np.ndarray
    """``[2]`` int64: the state, and the steps since the last restart."""
    key: np.uint64


def world_of(game: StochasticGame, horizon: int | None) -> loop.World:
    """Return ``game`` as the loop reads it."""
    offsets, states, probabilities = game.successors
    require_memory((game.num_players + 4, max(len(offsets), len(states))), "the game as the loop reads it", "give a smaller game")
    cumulative = np.empty(len(probabilities))
    loop.cumulate(offsets, probabilities, cumulative)
    start_states = np.flatnonzero(game.start)
    start_cumulative = np.empty(len(start_states))
    loop.cumulate(np.array([0, len(start_states)]), game.start[start_states], start_cumulative)
    return loop.World(
        outcomes=_outcomes(game, cumulative),
        offsets=offsets,
        successors=states,
        cumulative=cumulative,
        terminal=game.terminal,
        strides=tuple(strides_of(game.num_actions).tolist()),
        start_states=start_states,
        start_cumulative=start_cumulative,
        joint_actions=game.num_joint_actions,
        horizon=FOREVER if horizon is None else horizon,
    )


def _outcomes(game: StochasticGame, cumulative: np.ndarray) -> np.ndarray:
    """Return ``World.outcomes``."""
    offsets, states, _ = game.successors
    count = np.diff(offsets)
    few = np.flatnonzero((count == 1) | (count == 2))
    outcomes = np.empty((len(count), 3 + game.num_players))
    outcomes[:, :3] = -1.0
    outcomes[few, 0] = cumulative[offsets[few]]
    outcomes[few, 1] = states[offsets[few]]
    outcomes[few, 2] = states[offsets[few + 1] - 1]
    outcomes[:, 3:] = game.payoff.reshape(game.num_players, -1).T
    return outcomes


def fresh_seed(tables: Any, key: np.uint64) -> Seed:
    """Return a seed that has not moved yet."""
    return Seed(tables, np.zeros(2, np.int64), key)


def play_readably(learner: TabularLearner, seed: Seed, world: loop.World, first: int, last: int) -> None:
    """Take the steps ``[first, last)`` of one seed, in plain Python; modifies the seed's arrays.

    Step t owns n + 2 numbers of the seed's stream: one for each player's action, one for the next state, one for a restart.
    """
    tables, place, key = seed
    num_players = len(world.strides)
    owned = num_players + 2
    if first == 0 and last > 0:
        loop.restart(world, place, uniform(key, -1))
    for step in range(first, last):
        state, age = (int(number) for number in place)
        *draws, next_draw, restart_draw = (uniform(key, step * owned + j) for j in range(owned))
        actions = learner.act(tables, state, step, int(tables.play.visits[state]), np.array(draws))

        row = state * world.joint_actions + int(sum(actions * world.strides))
        following = int(loop.next_state(world, row, next_draw))
        ended = bool(world.terminal[following])

        tables.play.visits[state] += 1
        learner.update(tables, state, step, actions, world.outcomes[row, 3:], following, ended)

        if ended or age + 1 >= world.horizon:
            loop.restart(world, place, restart_draw)
        else:
            place[:] = following, age + 1


def player_of(learner: TabularLearner, world: loop.World, tables: Any) -> Callable[[Seed, int, int], None]:
    """Return ``play(seed, first, last)``: compiled where the learner's rule is registered, else the readable loop."""
    if type(tables) not in RULES:
        return lambda seed, first, last: play_readably(learner, seed, world, first, last)
    play = loop.play if is_cacheable(type(tables)) else loop.play_uncached
    return lambda seed, first, last: play(seed.tables, world, seed.place, seed.key, first, last)


def play_in_chunks(
    play: Callable[[Seed, int, int], None], seed: Seed, first: int, last: int, stop: threading.Event, report: Callable[[int], None]
) -> None:
    """Take the steps ``[first, last)``, or as many as fit before ``stop`` is set; ``report(n)`` after every n.

    The chunks follow the clock; no number depends on them.
    """
    size = 100
    while first < last and not stop.is_set():
        until = min(first + size, last)
        began = time.perf_counter()
        play(seed, first, until)
        taken = time.perf_counter() - began
        report(until - first)
        first = until
        size = max(1, int(size * min(10.0, CHUNK_SECONDS / max(taken, 1e-9))))
