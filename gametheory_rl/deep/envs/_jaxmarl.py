"""Environments of JaxMARL as worlds; whatever has its methods will do, and the library itself is not needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs._world import Scene, Step, World
from gametheory_rl.families._arguments import integer

NEEDED = ("agents", "reset", "step_env", "observation_space", "action_space")


class ForeignState(NamedTuple):
    """The environment's own state, and what it does not say."""

    inner: Any
    time: Array
    """``[]`` int32: steps since the reset."""
    alive: Array
    """``[n]`` bool: agents that are not done."""


class JaxMARLWorld(World):
    """What ``from_jaxmarl`` returns."""

    env: Any = eqx.field(static=True)
    agents: tuple[str, ...] = eqx.field(static=True)
    sizes: tuple[tuple[int, ...], tuple[int, ...]] = eqx.field(static=True)
    box: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...] | None = eqx.field(static=True)
    time_limit: int | None = eqx.field(static=True)

    @property
    def name(self) -> str:
        """What the environment calls itself."""
        return str(getattr(self.env, "name", type(self.env).__name__))

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """Numbers of its observations, flattened."""
        return self.sizes[0]

    @property
    def action_sizes(self) -> tuple[int, ...]:
        """As its spaces say."""
        return self.sizes[1]

    @property
    def continuous(self) -> bool:
        """Whether its actions are boxes."""
        return self.box is not None

    def reset(self, key: Array) -> tuple[ForeignState, Step]:
        """Reset the environment."""
        seen, inner = self.env.reset(key)
        alive = self.everybody()
        state = ForeignState(inner, jnp.zeros((), jnp.int32), alive)
        nothing = jnp.zeros(self.num_agents, jnp.float32)
        return state, self._step(seen, inner, nothing, jnp.ones((), jnp.float32), jnp.zeros((), bool), alive)

    def step(self, key: Array, state: ForeignState, actions: Array) -> tuple[ForeignState, Step]:
        """Step the environment; it does not reset itself."""
        chosen = {agent: self._action(i, actions[i]) for i, agent in enumerate(self.agents)}
        seen, inner, rewards, done, _ = self.env.step_env(key, state.inner, chosen)
        time = state.time + 1
        over = jnp.asarray(done["__all__"], bool).reshape(())
        cut = over & (time >= self.time_limit) if self.time_limit is not None else jnp.zeros((), bool)
        # Who is done is gone, but at a common end everybody is, and nobody died of it.
        gone = jnp.stack([jnp.asarray(done[agent], bool).reshape(()) for agent in self.agents])
        alive = state.alive & (over | ~gone)
        earned = jnp.stack([jnp.asarray(rewards[agent], jnp.float32).reshape(()) for agent in self.agents])
        return ForeignState(inner, time, alive), self._step(seen, inner, earned, 1.0 - (over & ~cut).astype(jnp.float32), cut, alive)

    def scene(self, state: ForeignState) -> Scene:
        """JaxMARL draws its own pictures."""
        del state
        raise GameError(f"{self.name} is JaxMARL's, and has no scene here; JaxMARL's visualizers draw it")

    def _action(self, i: int, action: Array) -> Array:
        if self.box is None:
            return action.astype(jnp.int32)
        low, high = (np.array(bound, np.float32) for bound in self.box[i])
        return jnp.asarray(low) + (action[: len(low)] + 1.0) / 2.0 * (high - low)

    def _step(self, seen: Mapping[str, Array], inner: Any, rewards: Array, continues: Array, cut: Array, alive: Array) -> Step:
        width = max(self.observation_sizes)
        rows = [jnp.ravel(jnp.asarray(seen[agent], jnp.float32)) for agent in self.agents]
        observations = jnp.stack([jnp.pad(row, (0, width - row.shape[0])) for row in rows])
        return Step(observations, rewards, continues, cut, self._legal(inner), alive)

    def _legal(self, inner: Any) -> Array:
        if self.continuous:
            return jnp.zeros((self.num_agents, 0), bool)
        most = max(self.action_sizes)
        legal = np.arange(most) < np.array(self.action_sizes)[:, None]
        if not hasattr(self.env, "get_avail_actions"):
            return jnp.asarray(legal)
        try:
            told = self.env.get_avail_actions(inner)
        except NotImplementedError:
            return jnp.asarray(legal)
        rows = [jnp.ravel(jnp.asarray(told[agent], bool)) for agent in self.agents]
        return jnp.stack([jnp.pad(row, (0, most - row.shape[0])) for row in rows]) & legal


def from_jaxmarl(env: Any, *, time_limit: int | None = None) -> JaxMARLWorld:
    """Return a JaxMARL environment as a world.

    Parameters
    ----------
    env : jaxmarl.environments.MultiAgentEnv
        Or anything with its ``agents``, ``reset``, ``step_env``, ``observation_space`` and ``action_space``.
    time_limit : int, optional
        JaxMARL says only that an episode is done: at this step, that is a time limit and is bootstrapped through; before, an end.
        None: its ``max_steps``, where it has one, else every end is one for good. (Its particle worlds take one step more than that.)

    Returns
    -------
    JaxMARLWorld
        Agents in the environment's order; observations are flattened and padded; actions of boxes are scaled from [-1, 1].

    Raises
    ------
    GameError
        What it lacks, or spaces that are neither all discrete nor all boxes.

    Notes
    -----
    A. Rutherford et al., "JaxMARL: multi-agent RL environments and algorithms in JAX", NeurIPS 2024. Its ``step`` resets by itself, so
    that the last observation of an episode is lost; ``step_env`` does not.
    """
    missing = [name for name in NEEDED if not hasattr(env, name)]
    if missing:
        raise GameError(f"env is {type(env).__name__}, without {', '.join(missing)}; an environment with JaxMARL's methods was expected")
    agents = tuple(env.agents)
    if not agents:
        raise GameError("env has no agents, at least one was expected")
    spaces = [env.action_space(agent) for agent in agents]
    discrete = [hasattr(space, "n") for space in spaces]
    if any(discrete) != all(discrete) or not all(flag or hasattr(space, "low") for flag, space in zip(discrete, spaces, strict=True)):
        raise GameError("the action spaces of env are of several kinds or nested, all discrete or all boxes were expected")
    limit = getattr(env, "max_steps", None) if time_limit is None else integer(time_limit, "time_limit", 1)
    limit = int(limit) if isinstance(limit, int | np.integer) and limit > 0 else None
    shapes = jax.eval_shape(lambda key: env.reset(key)[0], jax.random.key(0))
    seen = tuple(int(np.prod(shapes[agent].shape)) for agent in agents)
    if all(discrete):
        return JaxMARLWorld(env, agents, (seen, tuple(int(space.n) for space in spaces)), None, limit)
    ranges = tuple(_range(space) for space in spaces)
    return JaxMARLWorld(env, agents, (seen, tuple(len(low) for low, _ in ranges)), ranges, limit)


def _range(space: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return lowest and highest numbers of a box, flat."""
    size = int(np.prod(space.shape))
    low, high = (np.broadcast_to(np.asarray(bound, np.float32), space.shape).reshape(size) for bound in (space.low, space.high))
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise GameError("an action space of env has no finite bounds, they are needed to scale actions from [-1, 1]")
    return tuple(low.tolist()), tuple(high.tolist())
