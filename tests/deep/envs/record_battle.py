"""Record battles of MAgent2 for ``test_battle``: ``python record_battle.py battle.npz``, where magent2 0.3.4 is installed.

Play closes in and strikes, so that agents hit, die and recover. The engine shuffles attacks with C++'s ``minstd_rand0``, which is
replayed here from its seed: the order in which a step's attacks were carried out is recorded too. One thread, or it is not that order.
"""

import os
import sys

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from magent2.environments import battle_v4  # pyright: ignore[reportMissingImports]

SIZE, STEPS, EPISODES, EVERY = 22, 120, 3, 12


class MinStd:
    """C++'s minimal standard generator."""

    def __init__(self, seed):
        self.x = seed % 2147483647 or 1

    def __call__(self):
        self.x = 16807 * self.x % 2147483647
        return self.x


def moments(env):
    """Ids, positions and hit points of who is there, by team in the engine's order."""
    inner = env.env
    found = []
    for handle in env.handles:
        view, _ = inner.get_observation(handle)
        found.append((inner.get_agent_id(handle), inner.get_pos(handle), view[:, 6, 6, 2].copy(), view.copy()))
    return found


def actions_of(rng, own, other):
    """Strike neighbours, else come closer, else anything."""
    strikes = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)]
    moves = [(0, -2), (-1, -1), (0, -1), (1, -1), (-2, 0), (-1, 0), (0, 0), (1, 0), (2, 0), (-1, 1), (0, 1), (1, 1), (0, 2)]
    acts = []
    for x, y in own:
        apart = other - (x, y)
        near = np.flatnonzero(np.abs(apart).max(axis=1) <= 1)
        if len(near) and rng.random() < 0.8:
            acts.append(13 + strikes.index(tuple(apart[rng.choice(near)])))
        elif rng.random() < 0.7:
            nearest = apart[np.abs(apart).sum(axis=1).argmin()]
            acts.append(int(np.argmin([np.abs(nearest - move).sum() for move in moves])))
        else:
            acts.append(int(rng.integers(21)))
    return acts


def main(path):
    rows, views, viewed = [], [], []
    for episode in range(EPISODES):
        env = battle_v4.parallel_env(map_size=SIZE, max_cycles=10**6)
        env.reset(seed=episode + 1)
        # magent2 counts its teams before it has made them: without this, an episode's first actions are read from anywhere.
        env.team_sizes = [env.env.get_num(handle) for handle in env.handles]
        engine, rng = MinStd(episode + 1), np.random.default_rng(episode)
        total = len(env.possible_agents)
        for step in range(STEPS):
            before = moments(env)
            acts = np.full(total, -1)
            for t in (0, 1):
                acts[before[t][0]] = actions_of(rng, before[t][1], before[1 - t][1])
            attackers = [i for t in (0, 1) for i in before[t][0] if acts[i] >= 13]
            for i in range(len(attackers)):
                j = engine() % (i + 1)
                attackers[i], attackers[j] = attackers[j], attackers[i]
            names = {int(i): env.possible_agents[i] for t in (0, 1) for i in before[t][0]}
            _, rewards, ends, *_ = env.step({name: int(acts[i]) for i, name in names.items()})
            row = {key: np.full(total, fill, float) for key, fill in (("x", -1), ("y", -1), ("hp", -1), ("reward", 0))}
            for t in (0, 1):
                ids, places, hp, _ = before[t]
                row["x"][ids], row["y"][ids], row["hp"][ids] = places[:, 0], places[:, 1], hp * 10
            for i, name in names.items():
                row["reward"][i] = rewards[name]
            row["action"] = acts
            row["ends"] = np.array([ends.get(name, True) for name in env.possible_agents])
            row["order"] = np.array(attackers + [-1] * (total - len(attackers)))
            row["first"] = np.array(step == 0)
            if step % EVERY == 0:
                # Views of 13 x 13 cells: wall, own presence and health, the enemy's.
                whole_view = np.zeros((total, 13, 13, 5))
                for ids, _, _, view in before:
                    whole_view[ids] = view
                views.append(whole_view)
                viewed.append(len(rows))
            rows.append(row)
            if not env.agents:
                break
    arrays = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
    whole = {"x": np.int8, "y": np.int8, "action": np.int8, "order": np.int8, "hp": np.float32, "reward": np.float32}
    np.savez_compressed(
        path,
        size=SIZE,
        views=np.array(views, np.float32),
        viewed=viewed,
        **{key: value.astype(whole.get(key, bool)) for key, value in arrays.items()},
    )


if __name__ == "__main__":
    main(sys.argv[1])
