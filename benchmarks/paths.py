"""General-sum stochastic games: random ones of each size solved by ``homotopy``, in CPU seconds of one thread.

No peer runs beside it: sgamesolver, the only other package, does not install on NumPy 2. Where the notes give its figures they were
measured on another machine with an older NumPy, and are not medians of this run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

SIZES = ((2, 5, 3), (2, 10, 5), (2, 20, 5), (3, 5, 3), (3, 10, 3), (3, 20, 3), (4, 5, 3), (2, 50, 5))
GAMES = 10
SLOW_GAMES = 3
"""Games of sizes with 50 states"""
PEER = {(2, 20, 5): "sgamesolver, elsewhere: 12 s", (3, 20, 3): "sgamesolver, elsewhere: no end"}
CHILD = """
import json, sys, time
import numpy as np
import gametheory_rl as gt

def game(players, states, actions, seed, integer):
    rng = np.random.default_rng([players, states, actions, seed])
    shape = (players, states, *(actions,) * players)
    payoff = rng.integers(0, 4, shape).astype(float) if integer else rng.normal(size=shape)
    return gt.StochasticGame(payoff, rng.dirichlet(np.ones(states), shape[1:]), 0.95)

*sizes, games, integer = map(int, sys.argv[1:])
gt.solve(game(2, 2, 2, 0, False), "homotopy")
found = []
for seed in range(games):
    one = game(*sizes, seed, integer)
    begin = time.process_time()
    solution = gt.solve(one, "homotopy", throw=False)
    spent = time.process_time() - begin
    found.append((spent, solution.iterations, solution.certificate.epsilon / one.payoff_span))
print(json.dumps(found))
"""


def rows() -> list[dict[str, Any]]:
    """Return the median CPU seconds of each size; notes say how many were solved, in how many steps, with what regret."""
    return [_row(sizes, integer) for sizes in SIZES for integer in (False, True)]


def _row(sizes: tuple[int, int, int], integer: bool) -> dict[str, Any]:
    games = SLOW_GAMES if sizes[1] >= 50 else GAMES
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "GAMETHEORY_RL_THREADS"), "1")
    command = [sys.executable, "-c", CHILD, *map(str, (*sizes, games, int(integer)))]
    out = subprocess.run(command, env=os.environ | one_thread, capture_output=True, text=True, check=True).stdout
    seconds, steps, regrets = (sorted(column) for column in zip(*json.loads(out), strict=True))
    solved = sum(regret <= 1e-8 for regret in regrets)
    note = f"{solved} of {games} solved, slowest {seconds[-1]:.2g} s, {steps[games // 2]} steps, regret {regrets[-1]:.0e} spans"
    players, states, actions = sizes
    name = f"{players} players, {states} states, {actions} actions, {'payoffs 0 to 3' if integer else 'normal payoffs'}"
    beside = PEER.get(sizes, "")
    return {"name": name, "ours_s": seconds[games // 2], "note": f"{note}; {beside}" if beside else note}
