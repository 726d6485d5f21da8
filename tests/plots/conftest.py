"""A canvas without a window, and no figure left behind; and made-up solutions, runs and games to draw."""

import matplotlib
import numpy as np
import pytest

from gametheory_rl import Board, GameSolution, Run, Status, StochasticGame

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    from matplotlib import pyplot as plt

    before = dict(matplotlib.rcParams)
    yield
    plt.close("all")
    assert dict(matplotlib.rcParams) == before, "a plot changed the user's rcParams"


@pytest.fixture
def make_run():
    def make(learner="minimax_q", seeds=3, *, seed=0, columns=("nash_gap", "start_gap", "value_error"), records=20):
        rng = np.random.default_rng(seed)
        steps = np.broadcast_to(np.geomspace(10, 1e5, records).astype(np.int64), (seeds, records))
        trace = {name: 2.0 / steps**0.3 * np.exp(0.2 * rng.standard_normal(steps.shape)) for name in columns}
        profile = (np.ones((1, 1)), np.ones((1, 1)))
        return Run((profile,) * seeds, (profile,) * seeds, {"step": steps, **trace}, {"learner": learner, "game": "made up"})

    return make


@pytest.fixture
def make_solution():
    def make(method="value_iteration", iterations=40, rate=0.8, *, states=3, with_values=True):
        sweeps = np.arange(1, iterations + 1)
        bound = 10.0 * rate**sweeps
        trace = {"bound": bound, "residual": bound / 9, "contraction": np.full(iterations, rate)}
        if with_values:
            values = np.linspace(-1, 1, states) * (1 - rate ** sweeps[:, None])
            trace |= {"values": values, "lower": values - bound[:, None], "upper": values + bound[:, None]}
        last = np.linspace(-1, 1, states)
        return GameSolution(
            np.stack([last, -last]), (), float(bound[-1]), trace, Status.SOLVED, method, iterations, lambda: pytest.fail("judged")
        )

    return make


@pytest.fixture
def corridor():
    """Two players on a 1 x 3 board with a ball: six states, A scores at the left end, B at the right."""
    cells = [(a, b) for a in range(3) for b in range(3) if a != b]
    positions = np.array([[(0, a) for a, _ in cells], [(0, b) for _, b in cells]])
    board = Board((1, 3), positions, np.array([0] * len(cells)), ((0, -1, 0), (0, 3, 1)), ((0, 1), (0, -1), (0, 0)))
    count = len(cells)
    payoff = np.arange(count * 9, dtype=float).reshape(count, 3, 3) - 20
    labels = {"players": ("A", "B"), "actions": ("E", "W", "stand")}
    transition = np.full((count, 3, 3, count), 1 / count)
    return StochasticGame(np.stack([payoff, -payoff]), transition, 0.9, labels=labels, name="corridor", board=board)
