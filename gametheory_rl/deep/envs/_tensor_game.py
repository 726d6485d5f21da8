"""A stochastic game as a world: its tensors, sampled step by step inside compiled code."""

from __future__ import annotations

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._game_checks import checked_integer
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.deep.envs._world import Step, World, require_payoffs


class Place(NamedTuple):
    """Where a play of a tensor game stands."""

    state: Array
    """``[]`` int32"""
    time: Array
    """``[]`` int32: steps since the start"""


class Behind:
    """The game behind a world; any two are equal, so that games of a shape share one compiled loop."""

    def __init__(self, game: StochasticGame) -> None:
        self.game = game

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Behind)

    def __hash__(self) -> int:
        return hash(Behind)

    def __repr__(self) -> str:
        return repr(self.game)


class TensorGame(World):
    """Any ``StochasticGame``, dense or sparse, as a world.

    Parameters
    ----------
    game : StochasticGame
    horizon : int, optional
        Cut episodes after so many steps, which is a truncation, not an end.
    observe : array_like, shape (S, n, O), or callable, optional
        What each player sees in each state, or ``observe(state)``, ``(n, O)``; None: everybody sees the state, one-hot. Two states that
        look alike to a player are one to it: partial observation.

    Raises
    ------
    GameError
        No game; a horizon below 1; an observation table of another shape, or one that is not finite; payoffs beyond 1e15; tables that
        do not fit in memory.

    Notes
    -----
    States and payoffs are looked up in float32 and int32; the next state is drawn by bisection in its row of successors, so that a
    dense game and its sparse form are the same world to the bit. Discounts are the game's own.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> import jax
    >>> world = gt.deep.TensorGame(gt.load_game("grid_game_1"))
    >>> state, step = world.reset(jax.random.PRNGKey(0))
    >>> step.observations.shape == (world.num_agents, world.num_states)
    True
    """

    behind: Behind = eqx.field(static=True)
    sizes: tuple[int, ...] = eqx.field(static=True)
    discounts: tuple[float, ...] = eqx.field(static=True)
    label: str = eqx.field(static=True)
    rounds: int = eqx.field(static=True)
    cut: bool = eqx.field(static=True)
    horizon: Array
    observed: Array
    payoff: Array
    offsets: Array
    successors: Array
    cumulative: Array
    start: Array
    final: Array
    mask: Array

    def __init__(self, game: StochasticGame, horizon: int | None = None, observe: Any = None) -> None:
        if not isinstance(game, StochasticGame):
            raise GameError(f"game is {type(game).__name__}, a StochasticGame was expected")
        horizon = None if horizon is None else checked_integer(horizon, "horizon", 1, 2**31 - 1)
        offsets, states, probabilities = game.successors
        players, count, joint = game.num_players, game.num_states, game.num_joint_actions
        require_memory((players + 4, count, joint), "the game's tables", "give a smaller game", item_bytes=8)
        if max(len(states), count * joint) >= 2**31:
            raise GameError(f"the game has {max(len(states), count * joint)} transitions, fewer than 2**31 were expected")
        require_payoffs(float(np.abs(game.payoff).max(initial=0.0)))
        self.behind = Behind(game)
        self.sizes, self.label = tuple(game.num_actions), game.name or "game"
        self.discounts = tuple(game.discount.tolist())
        self.rounds = int(np.diff(offsets).max(initial=1)).bit_length()
        self.cut = horizon is not None
        self.horizon = jnp.int32(horizon if horizon is not None else 0)
        self.observed = jnp.asarray(observation_table(game, observe))
        self.payoff = jnp.asarray(game.payoff.reshape(players, -1).T, jnp.float32)
        self.offsets, self.successors = jnp.asarray(offsets, jnp.int32), jnp.asarray(states, jnp.int32)
        self.cumulative = jnp.asarray(_cumulative(offsets, probabilities))
        self.start = jnp.asarray(_cumulative(np.array([0, count]), game.start))
        self.final = jnp.asarray(game.terminal)
        padded = [np.pad(mask, ((0, 0), (0, max(self.sizes) - mask.shape[1]))) for mask in game.legal]
        self.mask = jnp.asarray(np.stack(padded, axis=1))

    @property
    def game(self) -> StochasticGame:
        """The game itself, by which policies are judged, whatever the players see."""
        return self.behind.game

    @property
    def name(self) -> str:
        """The game's name."""
        return self.label

    @property
    def num_states(self) -> int:
        """How many states there are, S."""
        return self.observed.shape[0]

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """O for each player."""
        return (self.observed.shape[2],) * len(self.sizes)

    @property
    def action_sizes(self) -> tuple[int, ...]:
        """The game's ``num_actions``."""
        return self.sizes

    @property
    def discount(self) -> tuple[float, ...]:
        """The game's own discounts."""
        return self.discounts

    def reset(self, key: Array) -> tuple[Place, Step]:
        """Draw a state from the game's start."""
        state = _bisect(self.start, jnp.int32(0), jnp.int32(self.num_states), jax.random.uniform(key), self.num_states.bit_length())
        place = Place(state, jnp.int32(0))
        return place, self._seen(state, jnp.zeros(len(self.sizes)), jnp.float32(1), jnp.bool_(False))

    def step(self, key: Array, state: Place, actions: Array) -> tuple[Place, Step]:
        """Pay the joint action ``(n,)`` and draw the next state."""
        row = state.state
        for size, action in zip(self.sizes, actions, strict=True):
            row = row * size + action
        entry = _bisect(self.cumulative, self.offsets[row], self.offsets[row + 1], jax.random.uniform(key), self.rounds)
        following, time = self.successors[entry], state.time + 1
        ended = self.final[following]
        truncated = ~ended & (time >= self.horizon) if self.cut else jnp.bool_(False)
        return Place(following, time), self._seen(following, self.payoff[row], 1 - ended.astype(jnp.float32), truncated)

    def global_state(self, state: Place, step: Step) -> Array:
        """Return the state, one-hot, whatever the players see."""
        del step
        return jax.nn.one_hot(state.state, self.num_states, dtype=jnp.float32)

    def at(self, state: Array) -> tuple[Place, Step]:
        """Return the play that stands in ``state`` (int), and what is seen there."""
        state = jnp.asarray(state, jnp.int32)
        place = Place(state, jnp.int32(0))
        return place, self._seen(state, jnp.zeros(len(self.sizes)), jnp.float32(1), jnp.bool_(False))

    def _seen(self, state: Array, rewards: Array, continues: Array, truncated: Array) -> Step:
        return Step(self.observed[state], rewards, continues, truncated, self.mask[state], self.everybody())


def observation_table(game: StochasticGame, observe: Any) -> np.ndarray:
    """Return what each player sees in each state, ``(S, n, O)`` float32."""
    count, players = game.num_states, game.num_players
    if observe is None:
        require_memory(
            (count, players, count), "what is seen in all states", "give an observation function with fewer numbers", item_bytes=4
        )
        return np.broadcast_to(np.eye(count, dtype=np.float32)[:, np.newaxis], (count, players, count)).copy()
    try:
        table = np.asarray([observe(state) for state in range(count)] if callable(observe) else observe, np.float32)
    except (TypeError, ValueError):
        table = np.empty((0, 0, 0), np.float32)
    if table.ndim != 3 or table.shape[:2] != (count, players) or not table.shape[2]:
        raise GameError(f"observe gives shape {table.shape}, {(count, players)} and a number of observations were expected")
    if not np.isfinite(table).all():
        raise GameError("observe gives numbers that are not finite; every observation must be")
    return table


def _cumulative(offsets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return each row's running sums, float32; each row's last entry with a probability is beyond every draw."""
    sums = np.cumsum(probabilities)
    before = np.concatenate([[0.0], sums])[offsets[:-1]]
    widths = np.diff(offsets)
    running = sums - np.repeat(before, widths)
    owner = np.repeat(np.arange(len(widths)), widths)
    last = np.zeros(len(widths), np.int64)
    positive = np.flatnonzero(probabilities > 0)
    last[owner[positive]] = positive  # ascending: the last one stays
    running[np.arange(len(running)) >= last[owner]] = 2.0
    return running.astype(np.float32)


def _bisect(cumulative: Array, low: Array, high: Array, draw: Array, rounds: int) -> Array:
    """Return the first entry of ``[low, high)`` whose running sum exceeds ``draw``."""
    high = high - 1
    for _ in range(rounds):
        middle = (low + high) // 2
        beyond = cumulative[middle] > draw
        low, high = jnp.where(beyond, low, jnp.minimum(middle + 1, high)), jnp.where(beyond, middle, high)
    return low
