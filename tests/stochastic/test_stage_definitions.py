"""Iterations over stage solutions against their definitions: a sweep written here, with linear programs, leaves their ends in place."""

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

import gametheory_rl as gt
from gametheory_rl import StochasticGame
from gametheory_rl._results import Status


def ragged(seed, players, size, discount):
    """Each player has some legal actions of its own in every state."""
    rng = np.random.default_rng(seed)
    legal = [rng.random((3, size)) < 0.7 for _ in range(players)]
    for mask in legal:
        mask[np.arange(3), rng.integers(size, size=3)] = True
    shape = (3, *(size,) * players)
    payoff = rng.normal(size=(players, *shape)) if seed % 2 else rng.integers(0, 3, (players, *shape)).astype(float)
    return StochasticGame(payoff, rng.dirichlet(np.ones(3), shape), discount, legal=legal)


def stage(game, state, values):
    """Payoffs ``(n, ...)`` of the legal actions, continued with ``values``, and those actions."""
    actions = [np.flatnonzero(mask[state]) for mask in game.legal]
    later = game.discount[:, None] * (game.transition[state].reshape(-1, game.num_states) @ values.T).T
    payoffs = game.payoff[:, state] + later.reshape(game.num_players, *game.num_actions)
    return payoffs[np.ix_(range(game.num_players), *actions)], actions


def largest(objective, above=()):
    """The largest ``objective @ p`` over distributions ``p`` with ``row @ p <= 0`` for rows of ``above``; -inf where there is none."""
    rows = {"A_ub": np.array(above), "b_ub": np.zeros(len(above))} if len(above) else {}
    size = len(objective)
    found = linprog(-objective, A_eq=np.ones((1, size)), b_eq=[1.0], bounds=[(0, None)] * size, **rows)
    return -float(found.fun) if found.status == 0 else -np.inf


def friend(payoffs, *_):
    return [own.max() for own in payoffs]


def foe(payoffs, *_):
    """The other side's program: the mixture of the others' joint actions that concedes least."""
    found = []
    for i, own in enumerate(payoffs):
        own = np.moveaxis(own, i, 0).reshape(own.shape[i], -1)
        rows, columns = own.shape
        program = linprog(
            np.append(np.zeros(columns), 1.0),
            A_ub=np.hstack([own, -np.ones((rows, 1))]),
            b_ub=np.zeros(rows),
            A_eq=np.append(np.ones(columns), 0.0)[None],
            b_eq=[1.0],
            bounds=[(0, None)] * columns + [(None, None)],
        )
        found.append(program.fun)
    return found


def stackelberg(payoffs, *_):
    """The leader's: one program for each answer that the follower may be led to (V. Conitzer & T. Sandholm 2006)."""
    leader, follower = payoffs
    answers = range(leader.shape[1])
    return [max(largest(leader[:, b], [follower[:, c] - follower[:, b] for c in answers if c != b]) for b in answers)]


def welfare_of_correlated(payoffs):
    cells = list(np.ndindex(*payoffs.shape[1:]))
    gains = []
    for i, size in enumerate(payoffs.shape[1:]):
        for told, other in itertools.permutations(range(size), 2):
            turned = [(*cell[:i], other, *cell[i + 1 :]) for cell in cells]
            gains.append([(payoffs[i][b] - payoffs[i][a]) * (a[i] == told) for a, b in zip(cells, turned, strict=True)])
    return largest(payoffs.sum(axis=0).ravel(), gains)


def deviations(payoffs, mixed):
    """What each player earns, and at most by another action, in one stage game."""
    for i in range(len(payoffs)):
        pays = np.moveaxis(payoffs[i], i, 0)
        for other in reversed([x for k, x in enumerate(mixed) if k != i]):
            pays = pays @ other
        yield mixed[i] @ pays, pays.max()


GAMES = [(1, 2, 3, 0.9), (2, 2, 3, [0.8, 0.3]), (3, 3, 2, 0.6), (4, 3, 2, [0.5, 0.0, 0.7]), (5, 2, 2, 0.0)]


RULES = {"friend_iteration": friend, "foe_iteration": foe, "stackelberg_iteration": stackelberg}
SWEPT = [(method, settings) for method in RULES for settings in GAMES if settings[1] == 2 or method != "stackelberg_iteration"]


@pytest.mark.parametrize(("method", "settings"), SWEPT)
def test_a_sweep_leaves_the_values(method, settings):
    game = ragged(*settings)
    solution = gt.solve(game, method)
    assert solution.status is Status.SOLVED
    for state in range(3):
        swept = RULES[method](stage(game, state, solution.values)[0])
        np.testing.assert_allclose(solution.values[: len(swept), state], swept, atol=1e-7)


@pytest.mark.parametrize("settings", GAMES)
def test_the_end_of_nash_iteration_is_an_equilibrium_of_every_stage_game(settings):
    game = ragged(*settings)
    solution = gt.solve(game, "nash_iteration")
    for state in range(3):
        payoffs, actions = stage(game, state, solution.values)
        mixed = [policy[state, own] for policy, own in zip(solution.profile, actions, strict=True)]
        np.testing.assert_allclose([x.sum() for x in mixed], 1.0, atol=1e-12)
        for value, (earned, best) in zip(solution.values[:, state], deviations(payoffs, mixed), strict=True):
            assert abs(value - earned) < 1e-7
            assert best - earned < 1e-7


@pytest.mark.parametrize("settings", GAMES)
def test_the_end_of_correlated_iteration_is_the_best_device_of_every_stage_game(settings):
    game = ragged(*settings)
    solution = gt.solve(game, "correlated_iteration")
    for state in range(3):
        payoffs, actions = stage(game, state, solution.values)
        drawn = solution.profile[state][np.ix_(*actions)]
        assert drawn.sum() == pytest.approx(1.0, abs=1e-12)
        np.testing.assert_allclose((payoffs * drawn).reshape(len(payoffs), -1).sum(axis=1), solution.values[:, state], atol=1e-7)
        assert solution.values[:, state].sum() == pytest.approx(welfare_of_correlated(payoffs), abs=1e-7)


@pytest.mark.parametrize("method", ["friend_iteration", "foe_iteration", "nash_iteration", "stackelberg_iteration"])
@pytest.mark.parametrize("share", [1e-8, 1e-9])
def test_values_that_turn_while_they_converge_are_no_cycle(method, share):
    # Two states in turn that pay 1 and -1: every sweep turns the values round, to within this share.
    swap, payoff = np.zeros((2, 1, 1, 2)), np.zeros((2, 2, 1, 1))
    swap[0, ..., 1] = swap[1, ..., 0] = 1.0
    payoff[:, 0], payoff[:, 1] = 1.0, -1.0
    solution = gt.solve(StochasticGame(payoff, swap, 1.0 - share), method, throw=False, max_iterations=100)
    assert solution.status is not Status.CYCLES
    assert not solution.period
