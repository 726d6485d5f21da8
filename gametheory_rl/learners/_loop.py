"""The one tabular loop, to be read; its compiled twin in ``_loop_kernels`` gives the same bits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._streams_kernels import uniform
from gametheory_rl.learners import _loop_kernels as loop
from gametheory_rl.learners._checks import strides_of
from gametheory_rl.learners._play_kernels import stretch
from gametheory_rl.learners._rules_kernels import RULES, is_cacheable
from gametheory_rl.learners._schedule_kernels import rate
from gametheory_rl.learners._schedules import Schedule

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
        steered=False,
        coin=Schedule.constant(0.0).floats,
        menu=np.zeros((0, 0, 0), np.int64),
        sizes=np.zeros((0, 0), np.int64),
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


class Walk(Protocol):
    """What the readable loop walks through: the tensors of a game, or an environment that has none."""

    num_players: int
    horizon: int
    steered: bool
    coin: tuple[float, ...]
    menu: np.ndarray
    sizes: np.ndarray

    def restart(self, place: np.ndarray, u: float) -> None:
        """Begin anew, as the uniform number ``u`` decides; writes the state to ``place[0]`` and 0 to ``place[1]``."""
        ...

    def step(self, state: int, actions: np.ndarray, u: float) -> tuple[int, np.ndarray, bool, bool]:
        """Return the next state, every player's reward, whether that state is terminal, and whether play is cut off there."""
        ...


class Tensors:
    """A game's tensors as the readable loop walks through them."""

    def __init__(self, world: loop.World) -> None:
        self.world = world
        self.num_players, self.horizon = len(world.strides), world.horizon
        self.steered, self.coin, self.menu, self.sizes = world.steered, world.coin, world.menu, world.sizes

    def restart(self, place: np.ndarray, u: float) -> None:
        """Draw a state from the start distribution."""
        loop.restart(self.world, place, u)

    def step(self, state: int, actions: np.ndarray, u: float) -> tuple[int, np.ndarray, bool, bool]:
        """Draw the next state; a game is never cut off but by the horizon."""
        row = state * self.world.joint_actions + int(sum(actions * self.world.strides))
        following = int(loop.next_state(self.world, row, u))
        return following, self.world.outcomes[row, 3:], bool(self.world.terminal[following]), False


def play_readably(learner: TabularLearner, seed: Seed, world: loop.World | Walk, first: int, last: int) -> None:
    """Take the steps ``[first, last)`` of one seed, in plain Python; modifies the seed's arrays.

    Step t owns n + 2 numbers of the seed's stream: one for each player's action, one for the next state, one for a restart.
    """
    walk = Tensors(world) if isinstance(world, loop.World) else world
    tables, place, key = seed
    owned = walk.num_players + 2
    if first == 0 and last > 0:
        walk.restart(place, uniform(key, -1))
    for step in range(first, last):
        state, age = (int(number) for number in place)
        *draws, next_draw, restart_draw = (uniform(key, step * owned + j) for j in range(owned))
        actions = _acted(learner, tables, walk, state, step, np.array(draws))
        following, rewards, ended, cut = walk.step(state, actions, next_draw)

        tables.play.visits[state] += 1
        learner.update(tables, state, step, actions, rewards, following, ended)

        if ended or cut or age + 1 >= walk.horizon:
            walk.restart(place, restart_draw)
        else:
            place[:] = following, age + 1


def _acted(learner: TabularLearner, tables: Any, walk: Walk, state: int, step: int, draws: np.ndarray) -> np.ndarray:
    """Return every player's action: as the learner explores, or as each player's own coin decides."""
    visits = int(tables.play.visits[state])
    if not walk.steered:
        return learner.act(tables, state, step, visits, draws)
    chance = rate(walk.coin, step, visits)
    exploring = draws < chance
    left = np.array([stretch(u, chance, heads) for u, heads in zip(draws, exploring, strict=True)])
    actions = learner.act(tables, state, step, visits, left)
    for i in np.flatnonzero(exploring):
        menu = walk.menu[state, i, : walk.sizes[state, i]]
        actions[i] = menu[min(int(left[i] * len(menu)), len(menu) - 1)]
    return actions


def player_of(learner: TabularLearner, world: loop.World, tables: Any) -> Callable[[Seed, int, int], None]:
    """Return ``play(seed, first, last)``: compiled where the learner's rule is registered, else the readable loop."""
    if type(tables) not in RULES:
        return lambda seed, first, last: play_readably(learner, seed, world, first, last)
    play = loop.play if is_cacheable(tables) else loop.play_uncached
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
