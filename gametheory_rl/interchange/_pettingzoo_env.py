"""The class behind ``to_pettingzoo``: in a file of its own, since it cannot exist without PettingZoo."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.spaces import Discrete
from pettingzoo import ParallelEnv

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._play import MODES, Play


class GameEnv(ParallelEnv):
    """A StochasticGame that is played step by step; see ``to_pettingzoo``."""

    def __init__(self, game: StochasticGame, horizon: int | None, render_mode: str | None) -> None:
        self.game, self.render_mode = game, render_mode
        self.metadata = {"name": game.name or "game", "render_modes": list(MODES), "is_parallelizable": True, "render_fps": 2}
        names = game.labels.players
        distinct = len(set(names)) == game.num_players and all(names)
        self.possible_agents = list(names) if distinct else [f"player_{i}" for i in range(game.num_players)]
        self.agents: list[str] = []
        self.state_space = Discrete(game.num_states)
        self.observation_spaces: dict[str, Any] = {agent: Discrete(game.num_states) for agent in self.possible_agents}
        self.action_spaces: dict[str, Any] = {
            agent: Discrete(count) for agent, count in zip(self.possible_agents, game.num_actions, strict=True)
        }
        self._play = Play(game, horizon)
        self._rng: np.random.Generator | None = None

    def observation_space(self, agent: str) -> Discrete:
        """Return the agent's space of observations, the same object each time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Discrete:
        """Return the agent's space of actions, the same object each time."""
        return self.action_spaces[agent]

    def state(self) -> Any:
        """Return the state's number."""
        return np.int64(self._play.state)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin an episode; without ``seed`` the stream of chance goes on."""
        del options
        if seed is not None or self._rng is None:
            self._rng = np.random.default_rng(seed)
        self.agents = list(self.possible_agents)
        self._play.begin(self._rng)
        return self._seen(), self._infos()

    def step(self, actions: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, bool], dict[str, bool], dict[str, Any]]:
        """Take everyone's action."""
        if self._rng is None or not self.agents:
            raise GameError("the episode has not begun or is over: call reset before step")
        missing = [agent for agent in self.possible_agents if agent not in actions]
        if missing:
            raise GameError(f"actions name {', '.join(map(str, actions)) or 'nobody'}, an action of {missing[0]} was expected too")
        payoffs = self._play.move([int(actions[agent]) for agent in self.possible_agents], self._rng)
        rewards = dict(zip(self.possible_agents, payoffs.tolist(), strict=True))
        ends, cuts = (dict.fromkeys(self.possible_agents, flag) for flag in (self._play.ended, self._play.cut))
        if self._play.ended or self._play.cut:
            self.agents = []
        return self._seen(), rewards, ends, cuts, self._infos()

    def render(self) -> Any:
        """Print the line, or return the line or the picture ``(height, width, 3)``."""
        return self._play.shown(self.render_mode)

    def close(self) -> None:
        """Nothing is held open."""

    def _seen(self) -> dict[str, Any]:
        return {agent: np.int64(self._play.state) for agent in self.possible_agents}

    def _infos(self) -> dict[str, Any]:
        return {agent: {"action_mask": self._play.mask(i)} for i, agent in enumerate(self.possible_agents)}
