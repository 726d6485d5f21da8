"""Every zero-sum solver against exact figures, a slow reference, laws, and other people's solvers."""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import gametheory_rl as gt
from gametheory_rl.stochastic._certified import certify, iterated
from gametheory_rl.stochastic._safeguard import RESCUES, Guard
from gametheory_rl.stochastic._zero_sum import zero_sum_problem

from .reference import reference_values

METHODS = ["modified_policy_iteration", "newton", "policy_iteration", "value_iteration"]

EXACT = {
    "big_match": 0.5,
    "irrational_value": (17**0.5 - 3) / 2,
    "newton_cycle": 4.0,
}


def random_game(rng, states, rows, columns, discount, *, kind="normal", scale=1.0, offset=0.0):
    draw = {
        "normal": lambda: rng.normal(size=(states, rows, columns)),
        "integer": lambda: rng.integers(0, 3, (states, rows, columns)).astype(float),
        "constant": lambda: np.ones((states, rows, columns)),
        "duplicated": lambda: np.repeat(rng.normal(size=(states, 1, columns)), rows, axis=1),
    }[kind]
    payoff = draw() * scale + offset
    weights = rng.dirichlet(np.full(states, 0.5), size=(states, rows, columns)) * rng.integers(0, 2, (states, rows, columns, states))
    weights[..., 0] += weights.sum(axis=-1) == 0
    transition = weights / weights.sum(axis=-1, keepdims=True)
    return gt.StochasticGame(np.stack([payoff, -payoff]), transition, discount)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", EXACT)
def test_named_games_have_their_exact_values(name, method):
    solution = gt.solve(gt.load_game(name), method, tol=1e-10)
    assert solution.status is gt.Status.SOLVED
    assert abs(solution.values[0, 0] - EXACT[name]) <= solution.error_bound <= 1e-10
    np.testing.assert_array_equal(solution.values[1], -solution.values[0])


@pytest.mark.parametrize("method", METHODS)
def test_soccer_has_the_value_of_the_literature(method):
    game = gt.load_game("soccer")
    solution = gt.solve(game, method, tol=1e-9)
    kickoffs = np.flatnonzero(game.start)
    assert game.num_states == 760
    np.testing.assert_allclose(np.sort(solution.values[0, kickoffs]), [-0.218484, 0.218484], atol=5e-7)
    assert solution.certificate.epsilon <= 4e-9
    mixed = [s for s in range(760) if not saddle(game.stage(s, solution.values)[0])]
    assert len(mixed) == 56


def saddle(stage):
    return stage.min(axis=1).max() >= stage.max(axis=0).min() - 1e-7


@pytest.mark.parametrize("discount", [0.1, 0.5, 0.9, 0.99])
def test_big_match_is_worth_a_half_at_every_discount(discount):
    game = big_match(discount)
    solution = gt.solve(game, tol=1e-11)
    assert abs(solution.values[0, 0] - 0.5) <= 1e-11
    np.testing.assert_allclose(solution.profile[0][0], [(1 - discount) / (2 - discount), 1 / (2 - discount)], atol=1e-6)
    np.testing.assert_allclose(solution.profile[1][0], [0.5, 0.5], atol=1e-6)


def big_match(discount):
    payoff = np.zeros((3, 2, 2))
    payoff[0] = [[1, 0], [0, 1]]
    payoff[1] = 1
    transition = np.zeros((3, 2, 2, 3))
    transition[0, 0, 0, 1] = transition[0, 0, 1, 2] = transition[0, 1, :, 0] = transition[1, :, :, 1] = transition[2, :, :, 2] = 1
    return gt.StochasticGame(np.stack([payoff, -payoff]) * (1 - discount), transition, discount)


@pytest.mark.parametrize("discount", [0.0, 0.3, 0.7, 0.9])
def test_error_bound_is_never_smaller_than_the_true_error(discount):
    """Two hundred and fifty games at each of four discounts, the methods in turn: a thousand games."""
    rng = np.random.default_rng(20)
    kinds = ("normal", "integer", "constant", "duplicated")
    games = []
    for k in range(250):
        scale, offset = 10.0 ** rng.integers(-6, 7), (0.0, 0.0, 1e3)[k % 3]
        rows = int(rng.integers(1, 4))
        game = random_game(rng, 3, rows, 2, discount, kind=kinds[(k // 4) % 4], scale=scale, offset=offset * scale)
        games.append(game)
    # Three rows each: repeating a row changes no value.
    padded = [np.arange(3) % game.num_actions[0] for game in games]
    payoff = np.array([game.payoff[0][:, rows] for game, rows in zip(games, padded, strict=True)])
    transition = np.array([game.transition[:, rows] for game, rows in zip(games, padded, strict=True)])
    sweeps = 2 + int(np.ceil(np.log(1e-22) / np.log(discount))) if discount else 2
    truth, slack = reference_values(payoff, transition, discount, sweeps)
    for k, game in enumerate(games):
        tol = game.payoff_span * (1e-3, 1e-8, 1e-15)[k % 3] or None
        solution = gt.solve(game, METHODS[k % len(METHODS)], tol=tol)
        assert np.abs(solution.values[0] - truth[k]).max() <= solution.error_bound + slack[k]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("excess", [0, -1, 39])
@pytest.mark.parametrize("states", [3, 100])
def test_error_bound_covers_rows_that_miss_one_by_rounding(method, excess, states):
    """Everything pays 1, so the value of the rows as they are stored is 1 / (1 - discount * sum): known in rationals."""
    row = np.zeros(states)
    row[:3] = 1 / 3
    row[2] += excess * np.finfo(float).eps
    discount = 0.999
    game = gt.StochasticGame(np.ones((1, states, 2)), np.tile(row, (states, 2, 1)), discount)
    stored = sum(map(Fraction, game.transition[0, 0].tolist()))
    if excess == 39 and states == 100:
        assert abs(stored - 1) > 30 * np.finfo(float).eps  # not rescaled: the sum of a hundred numbers may be so far off
    solution = gt.solve(game, method, tol=1e-11, throw=False)
    for total in (stored, Fraction(1)):  # the rows as they are, and divided by their sums
        truth = 1 / (1 - Fraction(discount) * total)
        assert max(abs(Fraction(v) - truth) for v in solution.values[0].tolist()) <= Fraction(solution.error_bound)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("exponent", [-900, -660, 500, 900])
def test_payoffs_of_any_size_take_the_same_steps(method, exponent):
    game = random_game(np.random.default_rng(11), 6, 3, 3, 0.95)
    scaled = gt.StochasticGame(np.ldexp(game.payoff, exponent), game.transition, 0.95)
    plain, far = gt.solve(game, method, tol=2.0**-20), gt.solve(scaled, method, tol=2.0 ** (exponent - 20))
    assert far.iterations == plain.iterations
    np.testing.assert_allclose(np.ldexp(far.values, -exponent), plain.values, atol=2.0**-20)


@pytest.mark.parametrize("method", METHODS)
def test_payoffs_at_the_lower_end_of_float64_end_in_rounding(method):
    game = random_game(np.random.default_rng(12), 3, 3, 3, 0.9, scale=1e-310)
    solution = gt.solve(game, method, tol=1e-323)
    assert solution.status is gt.Status.ROUNDING
    assert solution.iterations < 1000
    assert solution.error_bound < 1e-318


def test_values_that_float64_cannot_hold_are_refused():
    for payoff, discount in ((1e308, 0.0), (1e307, 0.99)):
        with pytest.raises(gt.GameError, match="too large for float64; rescale"):
            gt.solve(gt.StochasticGame.from_matrix_game([[payoff, -payoff], [-payoff, payoff]], discount=discount))
    fits = gt.solve(gt.StochasticGame.from_matrix_game([[1e307, 0.0], [0.0, 1e307]]))
    assert abs(fits.values[0, 0] - 5e306) <= fits.error_bound <= 1e299


@pytest.mark.parametrize("method", METHODS)
def test_trace_bounds_enclose_the_value_at_every_sweep(method):
    game = random_game(np.random.default_rng(3), 6, 3, 2, 0.95)
    solution = gt.solve(game, method, tol=1e-9)
    trace = solution.trace
    truth, slack = reference_values(game.payoff[0], game.transition, 0.95, 1100)
    assert (trace["lower"] <= truth + slack).all()
    assert (trace["upper"] >= truth - slack).all()
    assert len(trace["residual"]) == len(trace["bound"]) == len(trace["values"]) == solution.iterations
    assert trace["bound"].min() == solution.error_bound <= 1e-9


def test_value_iteration_contracts_by_the_discount_at_least():
    solution = gt.solve(random_game(np.random.default_rng(4), 5, 3, 3, 0.8), "value_iteration", tol=1e-8)
    assert np.nanmax(solution.trace["contraction"][:-1]) <= 0.8 + 1e-6


def test_newton_needs_few_steps_and_survives_its_cycle():
    cycling = gt.solve(gt.load_game("newton_cycle"), "newton", tol=1e-10)
    assert cycling.iterations < 30
    assert abs(cycling.values[0, 0] - 4.0) <= 1e-10
    soccer = gt.load_game("soccer")
    assert gt.solve(soccer, "newton").iterations < gt.solve(soccer, "value_iteration").iterations
    generic = random_game(np.random.default_rng(1), 20, 4, 4, 0.99)
    assert gt.solve(generic, "newton").iterations <= 10


@pytest.mark.parametrize(("discount", "seed", "most"), [(0.99, 1, 25), (0.99, 7, 25), (0.999, 0, 90), (0.999, 1, 90), (0.999, 2, 90)])
def test_newton_does_not_go_round_on_rings(discount, seed, most):
    game = gt.families.ring(200, discount=discount, seed=seed)
    solution = gt.solve(game, "newton")
    assert solution.status is gt.Status.SOLVED
    assert solution.iterations <= most
    truth = gt.solve(game, "value_iteration")
    assert np.abs(solution.values - truth.values).max() <= solution.error_bound + truth.error_bound


def test_the_watchdog_converges_whatever_steps_and_rescue_do():
    game = gt.families.ring(30, discount=0.9, seed=3)
    problem, rng, calls = zero_sum_problem(game, "newton"), np.random.default_rng(0), []

    def wild(problem, *_):
        return 1e3 * rng.normal(size=problem.num_states)

    def rescue(problem, trial):
        calls.append(trial)
        return wild(problem)

    guard, start = Guard(wild, rescue, focus=False), np.zeros(30)
    best, _, _, status = iterated(
        "wild", partial(certify, problem), partial(guard.improve, problem), start, tol=0.05, limit=30_000, throw=False, progress=False
    )
    assert status is gt.Status.SOLVED
    assert len(calls) >= RESCUES
    truth = gt.solve(game, "value_iteration").values[0]
    assert np.abs(0.5 * (best.lower + best.upper) - truth).max() <= 0.05 + 1e-8


@pytest.mark.parametrize("method", METHODS)
def test_one_player_is_a_decision_process(method):
    rng = np.random.default_rng(5)
    payoff, transition = rng.normal(size=(1, 12, 4)), rng.dirichlet(np.ones(12), size=(12, 4))
    game = gt.StochasticGame(payoff, transition, 0.9)
    rows = (np.eye(12)[:, None] - 0.9 * transition).reshape(-1, 12)
    truth = linprog(np.ones(12), A_ub=-rows, b_ub=-payoff.ravel(), bounds=(None, None)).x
    solution = gt.solve(game, method, tol=1e-9)
    np.testing.assert_allclose(solution.values, truth[None], atol=1e-7)
    assert len(solution.profile) == 1
    assert solution.certificate.epsilon <= 4e-9


@pytest.mark.parametrize("method", METHODS)
def test_turn_based_game_is_solved_in_pure_actions(method):
    """States 0 to 3 are player 1's, 4 to 7 player 2's: the values solve a min-max recursion."""
    rng = np.random.default_rng(6)
    payoff, transition = rng.normal(size=(8, 3, 3)), rng.dirichlet(np.ones(8), size=(8, 3, 3))
    mine = np.arange(8)[:, None] < 4
    legal = (mine | (np.arange(3) == 0), ~mine | (np.arange(3) == 0))
    game = gt.StochasticGame(np.stack([payoff, -payoff]), transition, 0.8, legal=legal)
    values = np.zeros(8)
    for _ in range(200):
        worth = payoff + 0.8 * transition @ values
        values = np.where(mine[:, 0], worth[:, :, 0].max(axis=1), worth[:, 0, :].min(axis=1))
    solution = gt.solve(game, method, tol=1e-10)
    np.testing.assert_allclose(solution.values[0], values, atol=1e-9)
    assert all(np.isin(policy, (0.0, 1.0)).all() for policy in solution.profile)


@pytest.mark.parametrize("method", METHODS)
def test_illegal_entries_do_not_count(method):
    rng = np.random.default_rng(7)
    plain = random_game(rng, 4, 2, 2, 0.7)
    payoff, transition = np.full((2, 4, 3, 3), np.nan), np.full((4, 3, 3, 4), np.nan)
    legal = [np.zeros((4, 3), bool), np.zeros((4, 3), bool)]
    for state in range(4):
        keep = np.sort(rng.permutation(3)[:2])
        payoff[:, state, keep[:, None], keep] = plain.payoff[:, state]
        transition[state, keep[:, None], keep] = plain.transition[state]
        legal[0][state, keep] = legal[1][state, keep] = True
    padded = gt.StochasticGame(payoff, transition, 0.7, legal=legal)
    np.testing.assert_allclose(gt.solve(padded, method).values, gt.solve(plain, method).values, rtol=0, atol=1e-13)
    assert gt.solve(padded, method).certificate.epsilon <= 1e-7


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 10_000), discount=st.floats(0, 0.9))
def test_laws(method, seed, discount):
    rng = np.random.default_rng(seed)
    game = random_game(rng, 3, 3, 4, discount)
    solution = gt.solve(game, method, tol=1e-9)
    swapped = gt.StochasticGame(game.payoff[::-1].swapaxes(2, 3), game.transition.swapaxes(1, 2), discount)
    np.testing.assert_allclose(gt.solve(swapped, method, tol=1e-9).values, solution.values[::-1], atol=2e-9)
    scaled = gt.StochasticGame(game.payoff * 1e-3 + np.array([2.0, -2.0])[:, None, None, None], game.transition, discount)
    expected = solution.values * 1e-3 + np.array([[2.0], [-2.0]]) / (1 - discount)
    np.testing.assert_allclose(gt.solve(scaled, method, tol=1e-11).values, expected, atol=1e-9)
    order = rng.permutation(3)
    permuted = gt.StochasticGame(game.payoff[:, order], game.transition[order][..., order], discount)
    np.testing.assert_allclose(gt.solve(permuted, method, tol=1e-9).values, solution.values[:, order], atol=2e-9)
    copied = gt.StochasticGame(game.payoff[:, :, [0, 0, 1, 2]], game.transition[:, [0, 0, 1, 2]], discount)
    np.testing.assert_allclose(gt.solve(copied, method, tol=1e-9).values, solution.values, atol=2e-9)
    np.testing.assert_allclose(gt.solve(game.sparse(), method, tol=1e-9).values, solution.values, rtol=0, atol=0)


def test_one_state_without_a_future_is_the_stage_game():
    matrix = np.random.default_rng(8).normal(size=(5, 4))
    solution = gt.solve(gt.StochasticGame.from_matrix_game(matrix), tol=1e-12)
    assert abs(solution.values[0, 0] - gt.equilibria.minimax(matrix).value) <= 1e-12
    repeated = gt.solve(gt.StochasticGame.from_matrix_game(matrix, discount=0.9), tol=1e-11)
    assert abs(repeated.values[0, 0] - 10 * solution.values[0, 0]) <= 1e-10


@pytest.mark.parametrize("method", METHODS)
def test_numbers_do_not_depend_on_the_number_of_threads(method, monkeypatch):
    game = gt.families.ring(states=6000, actions=4, discount=0.9, seed=1)
    found = []
    for threads in "1", "3":
        monkeypatch.setenv("GAMETHEORY_RL_THREADS", threads)
        solution = gt.solve(game, method, tol=1e-6)
        found.append((solution.values, *solution.profile))
    for alone, together in zip(*found, strict=True):
        np.testing.assert_array_equal(alone, together)


def test_asked_for_more_than_floats_hold_it_says_so():
    game = random_game(np.random.default_rng(9), 4, 3, 3, 0.99, offset=1e6)
    solution = gt.solve(game, tol=1e-15)
    assert solution.status is gt.Status.ROUNDING
    assert 1e-15 < solution.error_bound < 1e-3


def test_too_few_iterations_raise_or_are_said():
    game = random_game(np.random.default_rng(10), 4, 3, 3, 0.9)
    with pytest.raises(gt.GameError, match="max_iterations"):
        gt.solve(game, "value_iteration", max_iterations=3, tol=1e-12)
    reached = gt.solve(game, "value_iteration", max_iterations=3, tol=1e-12, throw=False)
    assert reached.status is gt.Status.MAX_ITERATIONS
    assert reached.iterations == 3


@pytest.mark.parametrize(
    ("game", "settings", "message"),
    [
        ("prisoners_dilemma", {"method": "newton"}, "general-sum"),
        ("soccer", {"method": "newtom"}, "did you mean 'newton'"),
        ("soccer", {"tol": 0.0}, "tol is 0.0"),
        ("soccer", {"tol": float("nan")}, "tol is nan"),
        ("soccer", {"max_iterations": 0}, "max_iterations is 0"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(game, settings, message):
    with pytest.raises(gt.GameError, match=message):
        gt.solve(gt.load_game(game), **settings)


def test_discount_one_and_strangers_are_refused():
    with pytest.raises(gt.GameError, match="below 1"):
        gt.solve(gt.StochasticGame.from_matrix_game([[1, 0], [0, 1]], discount=1.0))
    with pytest.raises(gt.GameError, match="load_game"):
        gt.solve("soccer")
