"""A population as a world: many alike agents, each seeing what its neighbours, or the crowd, did last."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.deep.envs._world import Scene, Step, World, require_payoffs
from gametheory_rl.families._arguments import integer

ROUNDS = 25
"""Steps of an episode where no horizon is given."""


class Crowd(NamedTuple):
    """Where a play of a population stands."""

    actions: Array
    """``[N]`` int32: what everybody did last"""
    time: Array
    """``[]`` int32"""


class PopulationWorld(World):
    """Any ``PopulationGame``, all of whose agents act at once, step after step.

    Parameters
    ----------
    game : PopulationGame
    horizon : int, optional
        Steps of an episode, at whose end it is cut, not ended; None: 25.

    Notes
    -----
    Agent i sees ``A`` numbers: the shares of its neighbours, or of all others in a crowd, that played each action in the step before; at
    the start actions drawn from the game's ``start``. The discount is the game's own. All agents move in the same step, where
    ``MeanFieldQ`` lets them move in turns: an ordered network may then oscillate between its two halves.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> import jax
    >>> world = gt.deep.PopulationWorld(gt.load_game("gaussian_squeeze", agents=20))
    >>> state, step = world.reset(jax.random.PRNGKey(0))
    >>> step.observations.shape == (20, world.action_sizes[0])
    True
    """

    count: int = eqx.field(static=True)
    actions: int = eqx.field(static=True)
    network: bool = eqx.field(static=True)
    future: float = eqx.field(static=True)
    label: str = eqx.field(static=True)
    horizon: Array
    neighbours: Array
    pair: Array
    own: Array
    load: Array
    kinds: Array
    payoff: Array
    start: Array

    def __init__(self, game: PopulationGame, horizon: int | None = None) -> None:
        if not isinstance(game, PopulationGame):
            raise GameError(f"game is {type(game).__name__}, a PopulationGame was expected")
        if horizon is not None:
            integer(horizon, "horizon", 1, 2**31 - 1)
        met = max(game.neighbours.shape[1], 1)
        sizes = [float(np.abs(each).max(initial=0.0)) for each in (game.payoff, game.own, game.pair)]
        require_payoffs(max(sizes[0], sizes[1] + met * sizes[2]))
        require_memory((game.num_agents, met, game.num_actions), "the population's step", "give fewer agents")
        self.count, self.actions, self.network = game.num_agents, game.num_actions, game.is_network
        self.future, self.label = float(game.discount), game.name or "population"
        self.horizon = jnp.int32(ROUNDS if horizon is None else horizon)
        self.neighbours, self.load = jnp.asarray(game.neighbours, jnp.int32), jnp.asarray(game.load, jnp.int32)
        self.pair, self.own = jnp.asarray(game.pair, jnp.float32), jnp.asarray(game.own, jnp.float32)
        self.kinds, self.payoff = jnp.asarray(game.kinds, jnp.int32), jnp.asarray(game.payoff, jnp.float32)
        self.start = jnp.asarray(game.start, jnp.float32)

    @property
    def name(self) -> str:
        """The game's name."""
        return self.label

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """A for each agent."""
        return (self.actions,) * self.count

    @property
    def action_sizes(self) -> tuple[int, ...]:
        """A for each agent."""
        return (self.actions,) * self.count

    @property
    def discount(self) -> tuple[float, ...]:
        """The game's own discount."""
        return (self.future,) * self.count

    def reset(self, key: Array) -> tuple[Crowd, Step]:
        """Draw everybody's first action, which only shows: it is not paid."""
        chances = jnp.broadcast_to(jnp.log(self.start), (self.count, self.actions))
        first = jax.random.categorical(key, chances).astype(jnp.int32)
        return Crowd(first, jnp.int32(0)), self._seen(first, jnp.zeros(self.count), jnp.bool_(False))

    def step(self, key: Array, state: Crowd, actions: Array) -> tuple[Crowd, Step]:
        """Pay everybody's action against everybody else's."""
        del key
        time, actions = state.time + 1, jnp.asarray(actions, jnp.int32)
        return Crowd(actions, time), self._seen(actions, self.pay(actions), time >= self.horizon)

    def pay(self, actions: Array) -> Array:
        """Return what each agent earns, ``(N,)``."""
        if self.network:
            return self.own[actions] + self.pair[actions[:, jnp.newaxis], actions[self.neighbours]].sum(axis=1)
        met = self.load[:, actions].sum(axis=1)  # the own addition is among them
        return self.payoff[actions, met[self.kinds[actions]]]

    def global_state(self, state: Any, step: Step) -> Array:
        """Return the shares of all agents that played each action."""
        del step
        return jax.nn.one_hot(state.actions, self.actions, dtype=jnp.float32).mean(axis=0)

    def measures(self, state: Any, step: Step) -> Mapping[str, Array]:
        """Return the mean payoff, the share of the action that most agents play, and what a best answer would gain (``population_gap``)."""
        gap = (self.answers(state.actions).max(axis=1) - self.pay(state.actions)).mean()
        return {"mean_payoff": step.rewards.mean(), "largest_share": self.global_state(state, step).max(), "population_gap": gap}

    def answers(self, actions: Array) -> Array:
        """Return what each agent would earn by each of its actions, ``(N, A)``, while the others play ``actions``."""
        if self.network:
            played = jax.nn.one_hot(actions, self.actions, dtype=jnp.float32)
            return self.own + played[self.neighbours].sum(axis=1) @ self.pair.T
        added, every = self.load[:, actions], jnp.arange(self.actions)
        others = added.sum(axis=1, keepdims=True) - added
        return self.payoff[every, others[self.kinds].T + self.load[self.kinds, every]]

    def scene(self, state: Any) -> Scene:
        """Every agent as a disc, in rows, its colour and size the action that it took last; a square lattice is drawn as it lies."""
        columns = math.isqrt(self.count - 1) + 1
        rows = -(-self.count // columns)
        agents = np.arange(self.count)
        radius = 0.18 + 0.27 * np.asarray(state.actions) / max(self.actions - 1, 1)
        discs = np.stack([agents % columns, rows - 1 - agents // columns, radius, np.asarray(state.actions)], axis=1).astype(float)
        names = tuple(f"action {k}" for k in range(self.actions))
        return Scene((-0.7, columns - 0.3, -0.7, rows - 0.3), discs, np.zeros((0, 5)), np.zeros((0, 4)), (), names)

    def _seen(self, actions: Array, rewards: Array, truncated: Array) -> Step:
        played = jax.nn.one_hot(actions, self.actions, dtype=jnp.float32)
        if self.network:
            shares = played[self.neighbours].mean(axis=1)
        else:
            shares = (played.sum(axis=0) - played) / (self.count - 1)
        legal = jnp.ones((self.count, self.actions), bool)
        return Step(shares, rewards, jnp.float32(1), truncated, legal, self.everybody())
