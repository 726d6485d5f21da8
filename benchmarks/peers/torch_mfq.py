"""Mean-field Q as many write it: mpe2's spread stepped in Python, one network over (observation, mean action) in torch, a replay.

Prints environment steps per CPU-s. Usage: steps environments. Settings are those of XuanCe's file for the same world.
"""

import json
import sys
import time

import numpy as np
import torch
from mpe2 import simple_spread_v3

AGENTS, SEEN, ACTIONS, HIDDEN = 3, 18, 5, 64
BATCH, EVERY, SYNC, KEPT, DISCOUNT, TEMPERATURE = 256, 25, 100, 12_500, 0.95, 0.1


def network():
    layers = [torch.nn.Linear(SEEN + ACTIONS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, HIDDEN), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(HIDDEN, ACTIONS))


def means(plays):
    """Return of one-hot plays (..., agents, actions) the mean of the others'."""
    return (plays.sum(-2, keepdim=True) - plays) / (AGENTS - 1)


class Replay:
    def __init__(self, environments):
        shape = (KEPT, environments, AGENTS)
        self.seen, self.next = (torch.zeros(*shape, SEEN) for _ in range(2))
        self.plays = torch.zeros(*shape, ACTIONS)
        self.rewards, self.ended = torch.zeros(shape), torch.zeros(KEPT, environments)
        self.count, self.environments = 0, environments

    def put(self, *row):
        for kept, new in zip((self.seen, self.plays, self.rewards, self.next, self.ended), row, strict=True):
            kept[self.count % KEPT] = new
        self.count += 1

    def draw(self):
        rows, lanes = torch.randint(min(self.count, KEPT), (BATCH,)), torch.randint(self.environments, (BATCH,))
        return [each[rows, lanes] for each in (self.seen, self.plays, self.rewards, self.next, self.ended)]


def learn(net, target, adam, replay):
    seen, plays, rewards, after, ended = replay.draw()
    mean = means(plays)
    with torch.no_grad():
        ahead = target(torch.cat([after, mean], -1))
        value = (torch.softmax(ahead / TEMPERATURE, -1) * ahead).sum(-1)
        wanted = rewards + DISCOUNT * (1 - ended[:, None]) * value
    said = (net(torch.cat([seen, mean], -1)) * plays).sum(-1)
    adam.zero_grad()
    ((said - wanted) ** 2).mean().backward()
    adam.step()


def stacked(rows, names):
    return torch.from_numpy(np.stack([[row[name] for name in names] for row in rows])).float()


def main(steps, environments):
    torch.set_num_threads(1)
    worlds = [simple_spread_v3.parallel_env(N=AGENTS, max_cycles=25) for _ in range(environments)]
    seen = [world.reset(seed=k)[0] for k, world in enumerate(worlds)]
    names, eye = worlds[0].possible_agents, torch.eye(ACTIONS)
    net, target, replay = network(), network(), Replay(environments)
    target.load_state_dict(net.state_dict())
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    mean, updates = torch.full((environments, AGENTS, ACTIONS), 1 / ACTIONS), 0
    begin = time.process_time()
    for step in range(steps // environments):
        looked = stacked(seen, names)
        with torch.no_grad():
            chosen = torch.distributions.Categorical(logits=net(torch.cat([looked, mean], -1)) / TEMPERATURE).sample()
        plays = eye[chosen]
        rewards, after, ended = [], [], []
        for k, world in enumerate(worlds):
            new, paid, _, over, _ = world.step({name: int(chosen[k, i]) for i, name in enumerate(names)})
            rewards.append(paid)
            after.append(new)
            ended.append(float(any(over.values())))
            seen[k] = world.reset()[0] if ended[-1] else new
        replay.put(looked, plays, stacked(rewards, names), stacked(after, names), torch.tensor(ended))
        mean = means(plays)
        if step % EVERY == EVERY - 1:
            learn(net, target, adam, replay)
            updates += 1
            if updates % SYNC == 0:
                target.load_state_dict(net.state_dict())
    print(json.dumps({"steps_per_cpu_s": steps / (time.process_time() - begin)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
