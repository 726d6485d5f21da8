"""The class behind ``to_pettingzoo``: in a file of its own, since it cannot exist without PettingZoo."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from gymnasium.spaces import Box, Discrete
from pettingzoo import ParallelEnv

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs._world import Step, World


class WorldEnv(ParallelEnv):
    """A World that is played step by step; see ``to_pettingzoo``."""

    def __init__(self, world: World, render_mode: str | None) -> None:
        self.world, self.render_mode = world, render_mode
        self.metadata = {"name": world.name, "render_modes": ["rgb_array"], "is_parallelizable": True, "render_fps": 5}
        self.possible_agents = list(getattr(world, "agent_names", ())) or [f"agent_{i}" for i in range(world.num_agents)]
        self.agents: list[str] = []
        self.observation_spaces: dict[str, Any] = {
            agent: Box(-np.inf, np.inf, (size,), np.float32)
            for agent, size in zip(self.possible_agents, world.observation_sizes, strict=True)
        }
        self.action_spaces: dict[str, Any] = {
            agent: Box(-1.0, 1.0, (size,), np.float32) if world.continuous else Discrete(size)
            for agent, size in zip(self.possible_agents, world.action_sizes, strict=True)
        }
        self._reset, self._advance = jax.jit(world.reset), jax.jit(world.step)
        self._key: jax.Array | None = None
        self._state: Any = None

    def observation_space(self, agent: str) -> Box:
        """Return the agent's space of observations, the same object each time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        """Return the agent's space of actions, the same object each time."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin an episode; without ``seed`` the stream of chance goes on."""
        del options
        if seed is not None or self._key is None:
            self._key = jax.random.key(int(np.random.default_rng(seed).integers(1 << 32)))
        self.agents = list(self.possible_agents)
        self._state, step = self._reset(self._next_key())
        return self._told(step)

    def step(self, actions: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, bool], dict[str, bool], dict[str, Any]]:
        """Take everyone's action."""
        if not self.agents:
            raise GameError("the episode has not begun or is over: call reset before step")
        self._state, step = self._advance(self._next_key(), self._state, self._joint(actions))
        ended, cut = float(step.continues) == 0, bool(step.truncated)
        observations, infos = self._told(step)
        rewards = dict(zip(self.possible_agents, np.asarray(step.rewards, float).tolist(), strict=True))
        ends, cuts = (dict.fromkeys(self.possible_agents, flag) for flag in (ended, cut and not ended))
        if ended or cut:
            self.agents = []
        return observations, rewards, ends, cuts, infos

    def render(self) -> np.ndarray | None:
        """Return the picture ``(height, width, 3)``, uint8."""
        if self.render_mode is None or self._state is None:
            return None
        from gametheory_rl._registry import resolve

        return resolve("plot", "world_image")(self.world.scene(self._state), title=self.world.name)

    def close(self) -> None:
        """Nothing is held open."""

    def _next_key(self) -> jax.Array:
        if self._key is None:
            raise GameError("the episode has not begun: call reset before step")
        self._key, key = jax.random.split(self._key)
        return key

    def _joint(self, actions: dict[str, Any]) -> np.ndarray:
        missing = [agent for agent in self.possible_agents if agent not in actions]
        if missing:
            raise GameError(f"actions name {', '.join(map(str, actions)) or 'nobody'}, an action of {missing[0]} was expected too")
        sizes = self.world.action_sizes
        joint = np.zeros((len(sizes), max(sizes)), np.float32) if self.world.continuous else np.zeros(len(sizes), np.int32)
        for i, (agent, size) in enumerate(zip(self.possible_agents, sizes, strict=True)):
            given = np.asarray(actions[agent])
            if self.world.continuous:
                if given.shape != (size,):
                    raise GameError(f"the action of {agent} has shape {given.shape}, ({size},) was expected")
                joint[i, :size] = given
            else:
                if given.shape or not 0 <= int(given) < size:
                    raise GameError(f"the action of {agent} is {actions[agent]!r}, an integer from 0 to {size - 1} was expected")
                joint[i] = int(given)
        return joint

    def _told(self, step: Step) -> tuple[dict[str, Any], dict[str, Any]]:
        seen, legal, alive = np.asarray(step.observations), np.asarray(step.legal), np.asarray(step.alive)
        observations, infos = {}, {}
        for i, agent in enumerate(self.possible_agents):
            observations[agent] = seen[i, : self.world.observation_sizes[i]].copy()
            infos[agent] = {"alive": bool(alive[i])}
            if not self.world.continuous:
                infos[agent]["action_mask"] = legal[i, : self.world.action_sizes[i]].astype(np.int8)
        return observations, infos
