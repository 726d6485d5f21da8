"""Average payoffs: against enumeration and linear programs, exact arithmetic, known games, and laws."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

import gametheory_rl as gt
from gametheory_rl import GameError, StochasticGame
from gametheory_rl import equilibria as eq
from gametheory_rl._results import Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl.stochastic import average_payoff
from gametheory_rl.stochastic._moves import Moves
from gametheory_rl.stochastic._recurrent import recurrent_state
from tests.verify_reference import exactly, normalised, solve


def zero_sum(payoff, transition, **kwargs):
    payoff = np.asarray(payoff, dtype=float)
    return StochasticGame(np.stack([payoff, -payoff]), transition, 1.0, **kwargs)


def random_game(seed, states=4, sizes=(2, 3), spread=0.3):
    rng = np.random.default_rng(seed)
    return zero_sum(rng.normal(size=(states, *sizes)), rng.dirichlet(np.full(states, spread), size=(states, *sizes)))


def exact_gain(chain, rewards):
    """The average payoff of a chain of Fractions with one recurrent class."""
    size = len(chain)
    system = np.array([[Fraction(int(s == t)) - chain[s, t] if t else Fraction(1) for t in range(size)] for s in range(size)], dtype=object)
    return solve(system, rewards)[0]


def answers(payoff, chain_of):
    """The exact averages of all pure answers to a fixed policy."""
    states, size = payoff.shape
    for answer in itertools.product(range(size), repeat=states):
        rows = np.array([chain_of[s, answer[s]] for s in range(states)], dtype=object)
        yield exact_gain(rows, np.array([payoff[s, answer[s]] for s in range(states)], dtype=object))


@pytest.mark.parametrize("seed", range(6))
def test_policies_guarantee_the_bounds_against_every_pure_answer(seed):
    game = random_game(seed, sizes=(2, 2), spread=1.0)
    found = average_payoff(game)
    assert found.status is Status.SOLVED
    payoff, moves = exactly(game.payoff[0]), normalised(exactly(game.transition), 1)
    x, y = (normalised(exactly(policy), 1) for policy in found.profile)
    held = list(answers((x[:, :, None] * payoff).sum(axis=1), (x[:, :, None, None] * moves).sum(axis=1)))
    conceded = list(answers((y[:, None] * payoff).sum(axis=2), (y[:, None, :, None] * moves).sum(axis=2)))
    assert Fraction(found.lower) <= min(held) <= max(conceded) <= Fraction(found.upper)
    assert found.upper - found.lower <= 1e-8 * game.payoff_span


@pytest.mark.parametrize("seed", range(4))
def test_one_player_is_a_linear_program(seed):
    rng = np.random.default_rng(seed)
    states, actions = 8, 3
    payoff, transition = rng.normal(size=(states, actions)), rng.dirichlet(np.full(states, 0.3), size=(states, actions))
    found = average_payoff(StochasticGame(payoff[np.newaxis], transition, 0.5))
    # Frequencies of state and action pairs.
    balance = np.repeat(np.eye(states), actions, axis=0).T - transition.reshape(-1, states).T
    program = linprog(-payoff.ravel(), A_eq=np.vstack([balance, np.ones(states * actions)]), b_eq=[*np.zeros(states), 1])
    assert found.gain == pytest.approx(-program.fun, abs=1e-7)
    assert len(found.profile) == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_single_controller_is_a_linear_program(seed):
    """Columns move the state: most ``gain`` with ``gain + h(s) <= x(s) @ r(s, :, b) + p(s, b) @ h`` for legal columns (O. Vrieze 1981)."""
    rng = np.random.default_rng(seed)
    states, rows, columns = 3, 2, 3
    payoff, moves = rng.normal(size=(states, rows, columns)), rng.dirichlet(np.ones(states), (states, 1, columns))
    legal = [np.ones((states, rows), bool), np.ones((states, columns), bool)]
    legal[0][1, 0] = legal[1][0, 1] = False
    found = average_payoff(zero_sum(payoff, np.broadcast_to(moves, (states, rows, columns, states)), legal=legal))
    gain, ones = np.ones((states * columns, 1)), np.eye(states).repeat(columns, axis=0)
    play = np.zeros((states, columns, states, rows))
    play[range(states), :, range(states)] = payoff.swapaxes(1, 2)
    above = np.hstack([gain, ones - moves.reshape(-1, states), -play.reshape(len(gain), -1)])[legal[1].ravel()]
    sums = np.hstack([np.zeros((states, 1 + states)), np.eye(states).repeat(rows, axis=1)])
    bounds = [(None, None)] * (1 + states) + [(0, float(free)) for free in legal[0].ravel()]
    program = linprog(-np.eye(len(bounds))[0], A_ub=above, b_ub=np.zeros(len(above)), A_eq=sums, b_eq=np.ones(states), bounds=bounds)
    assert found.status is Status.SOLVED
    assert found.gain == pytest.approx(-program.fun, abs=1e-7)
    assert found.upper - found.lower <= 1e-7


@pytest.mark.parametrize("seed", range(40))
def test_the_recurrent_state_is_the_first_that_no_pure_pair_avoids(seed):
    """All pairs of deterministic policies: a state is recurrent where it lies in every closed class of each of their chains."""
    rng = np.random.default_rng(seed)
    states = 5
    support = rng.random((states, 2, 1, states)) < 0.25 + 0.05 * (seed % 4)
    support[..., 0] |= ~support.any(axis=3)
    game = zero_sum(np.zeros((states, 2, 1)), support / support.sum(axis=3, keepdims=True))
    always = np.ones(states, bool)
    for chosen in itertools.product(range(2), repeat=states):
        chain = np.eye(states, dtype=bool) | support[range(states), chosen, 0]
        ahead = np.linalg.matrix_power(chain.astype(int), states) > 0
        # A state is met for certain from everywhere where everything that can be reached leads to it.
        always &= ahead.all(axis=0)
    expected = int(np.flatnonzero(always)[0]) if always.any() else None
    assert recurrent_state(Moves.of(game)) == expected


def test_a_ring_is_the_mean_of_its_stage_games():
    rng = np.random.default_rng(1)
    payoff, ring = rng.normal(size=(7, 3, 2)), np.zeros((7, 3, 2, 7))
    for s in range(7):
        ring[s, :, :, (s + 1) % 7] = 1.0
    found = average_payoff(zero_sum(payoff, ring))
    assert found.gain == pytest.approx(eq.minimax(payoff).value.mean(), abs=1e-8)
    assert found.recurrent == 0


def test_high_discounts_tend_to_it():
    game = random_game(3)
    discounted = gt.solve(StochasticGame(game.payoff, game.transition, 0.9999), tol=1e-6)
    found = average_payoff(game)
    np.testing.assert_allclose(0.0001 * discounted.values[0], found.gain, atol=0.01)
    # Relative values: differences of discounted ones in the limit.
    np.testing.assert_allclose(discounted.values[0] - discounted.values[0, 0], found.bias, atol=0.05)


def test_laws():
    game = random_game(4, sizes=(2, 2))
    found = average_payoff(game)
    moved = average_payoff(zero_sum(3 * game.payoff[0] + 5, game.transition))
    assert moved.gain == pytest.approx(3 * found.gain + 5, abs=1e-6)
    swapped = average_payoff(zero_sum(-game.payoff[0].swapaxes(1, 2), game.transition.swapaxes(1, 2)))
    assert swapped.gain == pytest.approx(-found.gain, abs=1e-6)
    assert average_payoff(game.sparse()).gain == pytest.approx(found.gain, abs=1e-12)
    legal = [np.ones((4, 3), bool), np.ones((4, 2), bool)]
    legal[0][:, 2] = False
    wider = zero_sum(
        np.pad(game.payoff[0], ((0, 0), (0, 1), (0, 0))), np.pad(game.transition, ((0, 0), (0, 1), (0, 0), (0, 0))), legal=legal
    )
    assert average_payoff(wider).gain == pytest.approx(found.gain, abs=1e-7)
    assert (np.diff(found.trace["lower"]) >= 0).all()
    assert (np.diff(found.trace["upper"]) <= 0).all()


def test_communicating_though_every_state_can_be_avoided():
    transition = np.zeros((2, 2, 2))
    transition[0] = transition[1] = np.eye(2)
    found = average_payoff(StochasticGame([[[1.0, 0.0], [0.0, 2.0]]], transition, 1.0))
    assert found.recurrent is None
    assert found.lower <= 2 <= found.upper
    assert found.error_bound < 1e-8


def test_averages_that_depend_on_the_start_are_refused():
    with pytest.raises(GameError, match="no common state"):
        average_payoff(gt.load_game("big_match"))
    # The column player may keep state 0, where nothing is paid, or leave it: the average is 0 from there, 1 from state 1.
    transition = np.zeros((2, 1, 2, 2))
    transition[0, 0] = np.eye(2)
    transition[1, :, :, 1] = 1.0
    game = zero_sum([[[0.0, 0.0]], [[1.0, 1.0]]], transition)
    with pytest.raises(SolverError, match="may depend on the start"):
        average_payoff(game)
    found = average_payoff(game, throw=False)
    assert found.status is Status.APART
    assert found.lower == pytest.approx(0, abs=1e-9)
    assert found.upper == pytest.approx(1, abs=1e-9)


def test_bad_input():
    game = random_game(0)
    with pytest.raises(GameError, match="sum to zero"):
        average_payoff(StochasticGame(game.payoff + 1, game.transition, 1.0))
    with pytest.raises(GameError, match="has 3"):
        average_payoff(StochasticGame(np.zeros((3, 1, 1, 1, 1)), np.ones((1, 1, 1, 1, 1)), 1.0))
    for settings, complaint in (({"tol": -1}, "tol"), ({"max_iterations": 0}, "max_iterations"), ({"max_iterations": True}, "max_it")):
        with pytest.raises(GameError, match=complaint):
            average_payoff(game, **settings)
    with pytest.raises(SolverError, match="raise max_iterations"):
        average_payoff(game, max_iterations=1, tol=1e-12)
