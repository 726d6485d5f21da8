"""A catalogue game behind PettingZoo's parallel interface."""

from typing import Any

import numpy as np
from gymnasium.spaces import Discrete
from pettingzoo import ParallelEnv


class TensorEnv(ParallelEnv):
    """Plays a StochasticGame; ``blind`` players observe only their own part of a state that is a product."""

    metadata = {"name": "tensors"}

    def __init__(self, game, *, limit=None, start=0):
        self.game, self.limit, self.first = game, limit, start
        self.possible_agents = [f"p{i}" for i in range(game.num_players)]
        self.agents = []
        self.observed = Discrete(game.num_states, start=start)
        self.acted = {agent: Discrete(count, start=start) for agent, count in zip(self.possible_agents, game.num_actions, strict=True)}

    def observation_space(self, agent):
        return self.observed

    def action_space(self, agent):
        return self.acted[agent]

    def _seen(self) -> Any:
        return {agent: np.int64(self.place + self.first) for agent in self.possible_agents}

    def reset(self, seed=None, options=None) -> Any:
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        self.agents, self.age = list(self.possible_agents), 0
        self.place = self.rng.choice(self.game.num_states, p=self.game.start)
        return self._seen(), {agent: {} for agent in self.agents}

    def step(self, actions):
        chosen = tuple(actions[agent] - self.first for agent in self.possible_agents)
        rewards = {agent: self.game.payoff[(i, self.place, *chosen)] for i, agent in enumerate(self.possible_agents)}
        row = np.ravel_multi_index((self.place, *chosen), (self.game.num_states, *self.game.num_actions))
        offsets, states, probabilities = self.game.successors
        mine = slice(offsets[row], offsets[row + 1])
        self.place, self.age = self.rng.choice(states[mine], p=probabilities[mine]), self.age + 1
        ended, cut = bool(self.game.terminal[self.place]), self.limit is not None and self.age >= self.limit
        ends, cuts = (dict.fromkeys(self.possible_agents, flag) for flag in (ended, cut))
        seen, infos = self._seen(), {agent: {} for agent in self.possible_agents}
        if ended or cut:
            self.agents = []
        return seen, rewards, ends, cuts, infos


class Apart(TensorEnv):
    """Each of two players observes one digit of the state."""

    def __init__(self, game, shape, **options):
        super().__init__(game, **options)
        self.shape = shape

    def observation_space(self, agent):
        return Discrete(self.shape[self.possible_agents.index(agent)])

    def _seen(self):
        return dict(zip(self.possible_agents, np.unravel_index(self.place, self.shape), strict=True))
