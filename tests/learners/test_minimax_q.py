"""Minimax-Q: skipping a stage solve loses nothing."""

import numpy as np
import pytest

from gametheory_rl import StochasticGame, load_game
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.equilibria._kernels._batch import minimax_lockstep
from gametheory_rl.learners import MinimaxQ, _loop
from gametheory_rl.learners import _minimax_q_kernels as kernels


def full_game(actions=(3, 2), states=6, scale=1.0):
    """A random zero-sum game with full menus, which the lockstep kernels take; the last state is terminal."""
    rng = np.random.default_rng(0)
    payoff, transition = rng.normal(size=(states, *actions)) * scale, rng.dirichlet(np.full(states, 0.3), size=(states, *actions))
    payoff[-1], transition[-1] = 0.0, np.eye(states)[-1]
    return StochasticGame(np.stack([payoff, -payoff]), transition, 0.8)


def regrets(tables):
    """How far the policies are from solving the stage games of the table, and the values from theirs, in the payoffs' size."""
    q, x, y = tables.q[0], tables.play.policy[:, 0, : tables.q.shape[2]], tables.play.policy[:, 1, : tables.q.shape[3]]
    lower = np.einsum("si,sij->sj", x, q).min(axis=1)
    upper = np.einsum("sij,sj->si", q, y).max(axis=1)
    size = np.abs(q).max(axis=(1, 2)) + 1e-300
    return (upper - lower) / size, np.maximum(upper - tables.value[0], tables.value[0] - lower) / size


@pytest.mark.parametrize("game", [full_game(), load_game("soccer")], ids=["3x2", "soccer"])
def test_skipping_is_exact(game):
    learner, world = MinimaxQ(), _loop.world_of(game, 9)
    for key in stream_keys(3, 4):
        seed = _loop.fresh_seed(learner.init(game.spec), key)
        _loop.player_of(learner, world, seed.tables)(seed, 0, 60_000)
        gap, error = regrets(seed.tables)
        assert gap.max() < 1e-11
        assert error.max() < 1e-11


def test_still_solved_is_what_the_definition_says():
    rng = np.random.default_rng(0)
    menu, sizes = np.tile(np.arange(3), (2, 1)), np.array([3, 3])
    skipped = 0
    for _ in range(1500):
        q = rng.integers(-3, 4, size=(3, 3)) + 0.0
        x, y, value, gap = np.empty((1, 3)), np.empty((1, 3)), np.empty(1), np.empty(1)
        with np.errstate(all="ignore"):
            minimax_lockstep(q[None], x, y, value, gap)
        if not gap[0] < 1:
            continue
        a, b = rng.integers(3, size=2)
        q[a, b] += rng.choice([-1.0, 1.0, 0.5])
        if kernels.still_solved(q, x[0], y[0], value[0], a, b, menu, sizes):
            skipped += 1
            lower, upper = (x[0] @ q).min(), (q @ y[0]).max()
            assert upper - lower < 1e-11
            assert abs((q[a, b] if x[0, a] == y[0, b] == 1 else value[0]) - lower) < 1e-11
        else:
            assert (x[0] @ q).min() < (q @ y[0]).max() - 1e-13 or (x[0, a] > 0 and y[0, b] > 0)
    assert skipped > 300


@pytest.mark.parametrize("actions", [(2, 2), (3, 3), (4, 5), (5, 5), (7, 6)])
def test_a_game_solved_on_its_old_supports_is_solved(actions):
    rng = np.random.default_rng(1)
    rows, columns = actions
    scratch = MinimaxQ().init(full_game(actions).spec).scratch
    menu, sizes = np.tile(np.arange(max(actions)), (2, 1)), np.array(actions)
    solved = mixed = 0
    for _ in range(300):
        q = rng.normal(size=actions) * 10.0 ** rng.integers(-6, 7) + rng.choice([0.0, 100.0])
        x, y, value, gap = np.empty((1, rows)), np.empty((1, columns)), np.empty(1), np.empty(1)
        with np.errstate(all="ignore"):
            minimax_lockstep(q[None], x, y, value, gap)
        if x.max() == 1.0:
            continue
        mixed += 1
        a, b = rng.choice(np.flatnonzero(x[0])), rng.choice(np.flatnonzero(y[0]))
        q[a, b] += 0.1 * rng.normal() * np.ptp(q)
        fine, value = kernels.solve_on_support(q, x[0], y[0], menu, sizes, scratch)
        row, column = scratch.mixed[0, :rows], scratch.mixed[1, :columns]
        if fine:
            solved += 1
            assert ((row > 0) == (x[0] > 0)).all()
            assert row.sum() == pytest.approx(1.0, abs=1e-14)
            assert (q @ column).max() - (row @ q).min() < 1e-11 * np.abs(q).max()
            assert value == pytest.approx(row @ q @ column, rel=1e-9, abs=1e-11 * np.abs(q).max())
    assert mixed > 20
    assert solved > mixed / 4
