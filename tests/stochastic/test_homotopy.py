"""Stationary equilibria at the ends of paths: the named games, random ones of every kind, and the derivatives behind them."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError, StochasticGame
from gametheory_rl._results import Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl.stochastic._action_rows import action_rows
from gametheory_rl.stochastic._quantal import Quantal
from gametheory_rl.stochastic._tracing import Tracing, smoothed

PATHS = pytest.mark.parametrize("path", ["tracing", "quantal"])


def random_game(players, states, actions, seed, *, discount=0.95, integer=False, **options):
    rng = np.random.default_rng([players, states, actions, seed])
    shape = (players, states, *(actions,) * players)
    payoff = rng.integers(0, 4, shape).astype(float) if integer else rng.normal(size=shape)
    return StochasticGame(payoff, rng.dirichlet(np.ones(states), shape[1:]), discount, **options)


def masked_game(seed):
    """Three players with menus of one to three actions, a terminal state, sparse moves, a discount each."""
    rng = np.random.default_rng(seed)
    states, sizes = 5, (3, 2, 3)
    legal = tuple(rng.random((states, size)) < 0.7 for size in sizes)
    for mask in legal:
        mask[np.arange(states), rng.integers(mask.shape[1], size=states)] = True
    payoff = rng.normal(size=(3, states, *sizes))
    transition = rng.dirichlet(np.full(states, 0.2), (states, *sizes))
    payoff[:, 4], transition[4] = 0.0, np.eye(states)[4]
    return StochasticGame(payoff, transition, [0.5, 0.9, 0.8], legal=legal)


@PATHS
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("nosde", [[4, 16 / 3], [16 / 3, 4]]),
        ("irrational_value", [[(17**0.5 - 3) / 2, 0], [(3 - 17**0.5) / 2, 0]]),
        ("newton_cycle", [[4, 0], [-4, 0]]),
        ("matching_pennies", [[0], [0]]),
    ],
)
def test_named_games_to_the_last_digits(name, values, path):
    solution = gt.solve(gt.load_game(name), "homotopy", path=path)
    np.testing.assert_allclose(solution.values, values, atol=1e-9)
    assert solution.status is Status.SOLVED
    assert solution.error_bound is None
    assert solution.certificate.epsilon < 1e-11


def test_nosde_profile():
    profile = gt.solve(gt.load_game("nosde")).profile
    send = [profile[i][i].min() if i else profile[i][i].max() for i in (0, 1)]
    np.testing.assert_allclose(send, [2 / 3, 5 / 12], atol=1e-9)


@PATHS
def test_zero_sum_values_are_those_of_the_zero_sum_solvers(path):
    game = random_game(2, 6, 3, 0)
    zero_sum = StochasticGame(np.stack([game.payoff[0], -game.payoff[0]]), game.transition, 0.9)
    exact = gt.solve(zero_sum, "newton", tol=1e-10)
    np.testing.assert_allclose(gt.solve(zero_sum, "homotopy", path=path).values, exact.values, atol=1e-8)


@PATHS
@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 5, 3), (2, 20, 2), (3, 2, 3), (3, 5, 2), (4, 2, 2), (1, 6, 3)])
def test_random_games(sizes, integer, path):
    for seed in range(3):
        game = random_game(*sizes, seed, integer=integer)
        solution = gt.solve(game, "homotopy", path=path)
        assert solution.status is Status.SOLVED
        assert solution.certificate.epsilon <= 1e-8 * game.payoff_span


@PATHS
@pytest.mark.parametrize(("sizes", "seed"), [((4, 2, 2), 1), ((4, 2, 2), 8), ((2, 1, 4), 10), ((3, 3, 2), 0)])
def test_equilibria_that_are_not_isolated(sizes, seed, path):
    game = random_game(*sizes, seed, integer=True)
    twice = np.concatenate([game.payoff, game.payoff[:, :, :1]], axis=2), np.concatenate([game.transition, game.transition[:, :1]], axis=1)
    for one in (game, StochasticGame(*twice, game.discount)):
        solution = gt.solve(one, "homotopy", path=path)
        assert solution.certificate.epsilon <= 1e-8 * game.payoff_span
        if path == "quantal":  # the end belongs to the path
            end = [np.abs(solution.profile[i] - solution.trace[f"policy_{i}"][-1]).max() for i in range(game.num_players)]
            assert max(end) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize(
    "sizes", [(2, s, a) for s in (2, 5, 10, 20) for a in (2, 3, 5)] + [(3, s, a) for s in (2, 5, 10, 20) for a in (2, 3)]
)
def test_ten_of_ten_random_games(sizes, integer):
    for seed in range(10):
        game = random_game(*sizes, seed, integer=integer)
        assert gt.solve(game, "homotopy").certificate.epsilon <= 1e-8 * game.payoff_span


@PATHS
@pytest.mark.parametrize("seed", range(4))
def test_menus_terminal_states_and_discounts_of_ones_own(seed, path):
    game = masked_game(seed)
    solution = gt.solve(game, "homotopy", path=path)
    assert solution.certificate.epsilon <= 1e-8 * game.payoff_span
    for policy, mask in zip(solution.profile, game.legal, strict=True):
        assert (policy[~mask] == 0).all()
    np.testing.assert_array_equal(solution.values[:, 4], 0.0)


def test_illegal_entries_do_not_matter():
    game = masked_game(1)
    payoff = np.where(np.isnan(np.stack([game.stage(s) for s in range(5)], axis=1)), 1e6, game.payoff)
    other = StochasticGame(payoff, game.transition, game.discount, legal=game.legal)
    np.testing.assert_array_equal(gt.solve(game, "homotopy").profile[0], gt.solve(other, "homotopy").profile[0])


def test_sparse_and_dense_are_one_game():
    game = masked_game(2)
    for one, other in zip(gt.solve(game, "homotopy").profile, gt.solve(game.sparse(), "homotopy").profile, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-200, 1e-6, 1e6, 1e200])
def test_the_unit_of_payoffs_does_not_matter(scale):
    game = random_game(2, 4, 3, 7)
    other = StochasticGame(game.payoff * np.array([scale, 1.0])[:, None, None, None], game.transition, game.discount)
    for one, rescaled in zip(gt.solve(game, "homotopy").profile, gt.solve(other, "homotopy").profile, strict=True):
        np.testing.assert_allclose(one, rescaled, atol=1e-8)


def test_players_in_another_order():
    game = random_game(2, 4, 3, 8)
    swapped = StochasticGame(game.payoff[::-1].swapaxes(2, 3), game.transition.swapaxes(1, 2), game.discount)
    one, other = gt.solve(game, "homotopy"), gt.solve(swapped, "homotopy")
    np.testing.assert_allclose(one.profile[0], other.profile[1], atol=1e-8)
    np.testing.assert_allclose(one.values, other.values[::-1], atol=1e-8)


@PATHS
def test_degenerate_games(path):
    rng = np.random.default_rng(3)
    nothing = StochasticGame(np.ones((2, 3, 2, 2)), rng.dirichlet(np.ones(3), (3, 2, 2)), 0.9)
    assert gt.solve(nothing, "homotopy", path=path).certificate.epsilon < 1e-11
    payoff = rng.integers(0, 3, (2, 3, 2, 2)).astype(float)
    twice = StochasticGame(payoff[..., [0, 0, 1], :][..., [0, 1, 1]], np.full((3, 3, 3, 3), 1 / 3), 0.9)
    assert gt.solve(twice, "homotopy", path=path).certificate.epsilon < 1e-8
    over = StochasticGame(np.zeros((2, 2, 2, 2)), np.eye(2)[:, None, None, :].repeat(2, 1).repeat(2, 2), 0.9)
    np.testing.assert_array_equal(gt.solve(over, "homotopy", path=path).values, 0.0)


def test_priors_lead_to_all_three_equilibria_of_grid_game_2():
    game = gt.load_game("grid_game_2")
    found = set()
    for prior in (None, 2, 3):
        solution = gt.solve(game, "homotopy", prior=prior, max_iterations=120)
        assert solution.certificate.epsilon <= 1e-8 * game.payoff_span
        found.add(tuple((game.start @ solution.values.T).round(1)))
    assert found == {(49.4, 49.4), (98.0, 49.0), (49.0, 98.0)}


@PATHS
@pytest.mark.parametrize("constant", [1e6, -1e9, 1e12])
def test_a_constant_added_to_all_payoffs_costs_no_digits(constant, path):
    game = random_game(2, 4, 3, 2, integer=True)
    other = StochasticGame(game.payoff + constant, game.transition, game.discount)
    solution = gt.solve(other, "homotopy", path=path)
    assert solution.status is Status.SOLVED
    certificate = gt.verify(game, solution.profile)
    assert certificate.epsilon <= 1e-8 * game.payoff_span


def test_payoffs_near_the_smallest_numbers():
    game = random_game(2, 4, 3, 2)
    tiny = StochasticGame(game.payoff * 1e-300, game.transition, game.discount)
    solution = gt.solve(tiny, "homotopy", throw=False)
    assert solution.status is Status.ROUNDING
    assert gt.verify(game, solution.profile).epsilon <= 1e-8 * game.payoff_span


def test_players_who_look_far_ahead():
    game = random_game(2, 10, 3, 0, discount=0.9999)
    solution = gt.solve(game, "homotopy", max_iterations=500, throw=False)
    assert solution.status is Status.ROUNDING
    assert solution.certificate.gains.max() <= 1e-7 * game.payoff_span


def test_two_calls_give_the_same_bits():
    game = random_game(3, 4, 2, 1, integer=True)
    one, other = (gt.solve(game, "homotopy", prior=5) for _ in range(2))
    np.testing.assert_array_equal(one.values, other.values)
    for policy, again in zip(one.profile, other.profile, strict=True):
        np.testing.assert_array_equal(policy, again)


@PATHS
@pytest.mark.parametrize("players", [1, 2, 5])
def test_nothing_to_choose(players, path):
    game = StochasticGame(np.arange(2.0 * players).reshape(players, 2, *(1,) * players), np.full((2, *(1,) * players, 2), 0.5), 0.5)
    solution = gt.solve(game, "homotopy", path=path)
    np.testing.assert_allclose(solution.values, game.payoff.reshape(players, 2) + game.payoff.reshape(players, 2).mean(1, keepdims=True))


def test_an_interrupted_path_raises_or_returns_the_best_end(monkeypatch):
    game = random_game(2, 4, 2, 0)

    def stop(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr("gametheory_rl.stochastic._homotopy.end_of_tracing", stop)
    for throw in (True, False):
        with pytest.raises(KeyboardInterrupt):
            gt.solve(game, "homotopy", throw=throw)


def test_the_path_is_returned():
    game = random_game(2, 3, 2, 5)
    trace = gt.solve(game, "homotopy").trace
    steps = len(trace["parameter"])
    assert trace["parameter"][0] == 0.0
    assert trace["values"].shape == (steps, 2, 3)
    assert trace["policy_1"].shape == (steps, 3, 2)
    np.testing.assert_allclose(trace["policy_0"].sum(axis=-1), 1.0)
    quantal = gt.solve(game, "homotopy", path="quantal").trace
    np.testing.assert_allclose(quantal["policy_0"][0], 0.5)
    assert quantal["parameter"][0] == 0.0


def test_a_point_of_the_quantal_path_is_a_logit_equilibrium():
    game = random_game(2, 3, 3, 9)
    trace = gt.solve(game, "homotopy", path="quantal").trace
    k = len(trace["parameter"]) // 2
    values, precision = trace["values"][k], trace["parameter"][k]
    for state in range(3):
        stage = game.stage(state, values)
        x, y = trace["policy_0"][k][state], trace["policy_1"][k][state]
        for own, pays, span in ((x, stage[0] @ y, np.ptp(game.payoff[0])), (y, x @ stage[1], np.ptp(game.payoff[1]))):
            logit = np.exp(precision * (pays - pays.max()) / span)
            np.testing.assert_allclose(own, logit / logit.sum(), atol=1e-7)


@pytest.mark.parametrize("make", [lambda rows: Tracing(rows, rows.induced(prior_of(rows), np.zeros(rows.num_groups)), 0.3), Quantal])
def test_derivatives(make):
    rows = action_rows(masked_game(3))
    curve = make(rows)
    x = np.concatenate([np.linspace(-1.0, 0.2, rows.num_rows), np.linspace(-1, 1, rows.num_groups), [0.7]])
    at, columns, entries = curve.derivatives(x, curve.residual(x)[1])
    analytic = np.zeros((len(x) - 1, len(x)))
    np.add.at(analytic, (at, columns), entries)
    step = 1e-6
    moved = [(curve.residual(x + step * e)[0] - curve.residual(x - step * e)[0]) / (2 * step) for e in np.eye(len(x))]
    np.testing.assert_allclose(analytic, np.array(moved).T, atol=1e-7)


def prior_of(rows):
    return 1.0 / rows.group_size[rows.group]


def test_both_sides_of_the_complementarity():
    z = np.array([-3.0, -1e-9, 0.0, 2.0, 1e8])
    for mu in (0.0, 1e-14, 0.5):
        smooth = smoothed(z, mu)
        np.testing.assert_allclose(smooth.play * smooth.loss, mu, rtol=1e-12)
        np.testing.assert_allclose(smooth.play - smooth.loss, z, atol=1e-7)


def test_what_cannot_be_asked():
    game = gt.load_game("nosde")
    with pytest.raises(GameError, match="discounts below 1"):
        gt.solve(StochasticGame(game.payoff, game.transition, 1.0, legal=game.legal), "homotopy")
    with pytest.raises(GameError, match="unknown path"):
        gt.solve(game, "homotopy", path="quantum")
    with pytest.raises(GameError, match="starts from uniform play"):
        gt.solve(game, "homotopy", path="quantal", prior=1)
    with pytest.raises(GameError, match="profile or a seed"):
        gt.solve(game, "homotopy", prior=-1)
    with pytest.raises(GameError, match="profile or a seed"):
        gt.solve(game, "homotopy", prior=True)
    with pytest.raises(GameError, match="general-sum; use homotopy"):
        gt.solve(game, "newton")
    with pytest.raises(GameError, match="one array"):
        gt.solve(gt.load_game("chicken"), "homotopy", prior=np.full((1, 2, 2), 0.25))
    with pytest.raises(GameError, match="newton has no setting 'path'"):
        gt.solve(gt.load_game("big_match"), "newton", path="tracing")


def test_a_path_cut_short_is_not_called_solved():
    game = random_game(2, 5, 3, 0)
    with pytest.raises(SolverError, match="path was lost"):
        gt.solve(game, "homotopy", path="quantal", max_iterations=2)
    solution = gt.solve(game, "homotopy", path="quantal", max_iterations=2, throw=False)
    assert solution.status is Status.LOST
    assert not solution.status.ok
    assert solution.certificate.epsilon > 1e-8
