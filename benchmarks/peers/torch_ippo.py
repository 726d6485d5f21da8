"""IPPO as many write it: PettingZoo parallel environments over tensors, stepped in Python, networks in torch.

Prints steps per CPU-s. Usage: rollouts environments.
"""

import json
import sys
import time

import numpy as np
import torch
from gymnasium.spaces import Box, Discrete
from pettingzoo import ParallelEnv

STEPS, EPOCHS, PARTS = 128, 4, 4
ENVS = int(sys.argv[2])


class Tensors(ParallelEnv):
    def __init__(self, payoff, transition, seed):
        self.payoff, self.transition, self.rng = payoff, transition, np.random.default_rng(seed)
        self.possible_agents = self.agents = ["0", "1"]
        self.eye = np.eye(len(transition), dtype=np.float32)
        self.place = 0

    def observation_space(self, agent):
        return Box(0, 1, (len(self.eye),))

    def action_space(self, agent):
        return Discrete(5)

    def reset(self, seed=None, options=None):
        self.place = self.rng.integers(len(self.eye))
        return dict.fromkeys(self.agents, self.eye[self.place]), {agent: {} for agent in self.agents}

    def step(self, actions):
        a, b = actions["0"], actions["1"]
        rewards = {agent: self.payoff[i, self.place, a, b] for i, agent in enumerate(self.agents)}
        self.place = self.rng.choice(len(self.eye), p=self.transition[self.place, a, b])
        off = dict.fromkeys(self.agents, False)
        return dict.fromkeys(self.agents, self.eye[self.place]), rewards, off, off, {agent: {} for agent in self.agents}


def net(out, gain):
    layers = [torch.nn.Linear(50, 64), torch.nn.Tanh(), torch.nn.Linear(64, 64), torch.nn.Tanh(), torch.nn.Linear(64, out)]
    for layer, scale in zip(layers[::2], (2**0.5, 2**0.5, gain), strict=True):
        torch.nn.init.orthogonal_(layer.weight, scale)
        torch.nn.init.zeros_(layer.bias)
    return torch.nn.Sequential(*layers)


class Agent:
    def __init__(self):
        self.actor, self.critic = net(5, 0.01), net(1, 1.0)
        self.weights = [*self.actor.parameters(), *self.critic.parameters()]
        self.adam = torch.optim.Adam(self.weights, 2.5e-4, eps=1e-5)

    def act(self, seen):
        with torch.no_grad():
            chances = torch.distributions.Categorical(logits=self.actor(seen))
            action = chances.sample()
            return action, chances.log_prob(action), self.critic(seen)[..., 0]

    def learn(self, seen, actions, logs, values, rewards, last):
        advantages, running = torch.zeros_like(rewards), torch.zeros(ENVS)
        for t in reversed(range(STEPS)):
            ahead = last if t == STEPS - 1 else values[t + 1]
            running = rewards[t] + 0.9 * ahead - values[t] + 0.9 * 0.95 * running
            advantages[t] = running
        batch = [each.reshape(STEPS * ENVS, *each.shape[2:]) for each in (seen, actions, logs, values, advantages, advantages + values)]
        for _ in range(EPOCHS):
            for rows in torch.randperm(STEPS * ENVS).chunk(PARTS):
                s, a, old, value_old, adv, target = (each[rows] for each in batch)
                chances = torch.distributions.Categorical(logits=self.actor(s))
                adv = (adv - adv.mean()) / (adv.std() + 1e-8)
                ratio = (chances.log_prob(a) - old).exp()
                policy = -torch.minimum(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()
                value = self.critic(s)[:, 0]
                near = value_old + (value - value_old).clamp(-0.2, 0.2)
                errors = torch.maximum((value - target) ** 2, (near - target) ** 2).mean() / 2
                self.adam.zero_grad()
                (policy + 0.5 * errors - 0.01 * chances.entropy().mean()).backward()
                torch.nn.utils.clip_grad_norm_(self.weights, 0.5)
                self.adam.step()


def main(rollouts):
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    transition = rng.random((50, 5, 5, 50))
    transition /= transition.sum(-1, keepdims=True)
    payoff = rng.standard_normal((2, 50, 5, 5))
    envs, agents = [Tensors(payoff, transition, k) for k in range(ENVS)], [Agent(), Agent()]
    seen = [env.reset()[0] for env in envs]
    begin = time.process_time()
    for _ in range(rollouts):
        rows = ([], [])
        for _ in range(STEPS):
            stacked = [torch.from_numpy(np.stack([each[str(i)] for each in seen])) for i in range(2)]
            acted = [agent.act(each) for agent, each in zip(agents, stacked, strict=True)]
            stepped = [env.step({str(i): int(acted[i][0][k]) for i in range(2)}) for k, env in enumerate(envs)]
            seen = [each[0] for each in stepped]
            for i in range(2):
                rows[i].append((stacked[i], *acted[i], torch.tensor([each[1][str(i)] for each in stepped], dtype=torch.float32)))
        for i, agent in enumerate(agents):
            last = agent.act(torch.from_numpy(np.stack([each[str(i)] for each in seen])))[2]
            s, a, old, value, reward = (torch.stack(each) for each in zip(*rows[i], strict=True))
            agent.learn(s, a, old, value, reward, last)
    print(json.dumps({"steps_per_cpu_s": rollouts * STEPS * ENVS / (time.process_time() - begin)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
