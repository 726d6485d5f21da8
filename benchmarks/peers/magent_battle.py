"""Random play in MAgent2's battle, 64 against 64: its compiled engine by itself, without PettingZoo's dictionaries.

Prints steps per CPU-s; each ends with what every agent sees. Usage: episodes.
"""

import json
import sys
import time

import numpy as np
from magent2.environments import battle_v4

STEPS = 400


def main(episodes):
    world = battle_v4.parallel_env(map_size=40, max_cycles=STEPS).unwrapped
    world.reset(seed=0)
    engine, teams = world.env, world.handles
    rng = np.random.default_rng(0)
    done, begin = 0, time.process_time()
    for _ in range(episodes):
        world.reset()
        assert [engine.get_num(team) for team in teams] == [64, 64]
        for _ in range(STEPS):
            for team in teams:
                engine.set_action(team, rng.integers(21, size=engine.get_num(team), dtype=np.int32))
            over = engine.step()
            for team in teams:
                engine.get_reward(team)
            engine.clear_dead()
            for team in teams:
                engine.get_observation(team)
            done += 1
            if over:
                break
    print(json.dumps({"steps_per_cpu_s": done / (time.process_time() - begin)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
