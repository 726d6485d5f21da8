"""The judge against every deviation tried out, against rationals, against known equilibria, and its laws."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import GameError, StochasticGame, best_response, solve, verify
from gametheory_rl import _verify_kernels as kernels
from gametheory_rl import _verify_process as process
from gametheory_rl._results import Status
from gametheory_rl._verify import judge
from gametheory_rl.families import soccer
from tests.verify_reference import exactly, joint_of, normalised, random_correlated, random_game, random_profile, reference

CHICKEN = np.array([[[6.0, 2.0], [7.0, 0.0]], [[6.0, 7.0], [2.0, 0.0]]])
ROSHAMBO = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
SHAPES = [(1, (3, 2)), (3, (2, 2)), (4, (3, 2)), (2, (2, 2, 2)), (3, (2, 1, 3)), (4, (3,))]


def same(certificate: Any, other: Any) -> None:
    for name in ("values", "gains", "epsilon", "start_gap", "error_bound", "concept"):
        np.testing.assert_array_equal(getattr(certificate, name), getattr(other, name))


def cycle(states: int, discount: float) -> StochasticGame:
    """Return one player's walk around a circle, paid 1 on leaving state 0; his second action stays, unpaid."""
    transition = np.zeros((states, 2, states))
    transition[np.arange(states), 0, (np.arange(states) + 1) % states] = 1.0
    transition[np.arange(states), 1, np.arange(states)] = 1.0
    payoff = np.zeros((1, states, 2))
    payoff[0, 0, 0] = 1.0
    return StochasticGame(payoff, transition, discount)


# ---- against every deviation --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize(("states", "actions"), SHAPES)
def test_nash_gains_are_those_of_the_best_of_all_policies(states, actions, ragged):
    rng = np.random.default_rng([states, *actions, ragged])
    for _ in range(4):
        game = random_game(rng, states, actions, rng.uniform(0, 0.95, len(actions)), ragged=ragged)
        profile = random_profile(rng, game)
        certificate = verify(game, profile)
        values, gains = reference(game, joint_of(profile), "nash")
        np.testing.assert_allclose(certificate.values, values, rtol=0, atol=certificate.error_bound + 1e-12)
        np.testing.assert_allclose(certificate.gains, gains, rtol=0, atol=certificate.error_bound + 1e-12)
        assert certificate.concept == "nash"
        assert certificate.epsilon == pytest.approx(gains.max(), abs=1e-10)
        assert certificate.start_gap == pytest.approx((gains @ game.start).max(), abs=1e-10)


@pytest.mark.parametrize("concept", ["correlated", "coarse"])
@pytest.mark.parametrize(("states", "actions", "ragged"), [(1, (3, 2), False), (2, (2, 2), False), (2, (2, 3), True), (2, (2, 2, 2), True)])
def test_correlated_gains_are_those_of_the_best_of_all_deviations(states, actions, ragged, concept):
    rng = np.random.default_rng([states, *actions])
    game = random_game(rng, states, actions, rng.uniform(0, 0.95, len(actions)), ragged=ragged)
    joint = random_correlated(rng, game)
    certificate = verify(game, joint, concept=concept)
    values, gains = reference(game, joint, concept)
    np.testing.assert_allclose(certificate.values, values, rtol=0, atol=1e-12)
    np.testing.assert_allclose(certificate.gains, gains, rtol=0, atol=1e-12)
    assert certificate.epsilon == pytest.approx(max(0.0, gains.max()), abs=1e-12)


@pytest.mark.parametrize("discount", [0.0, 0.9, 0.99])
def test_many_states_agree_with_value_iteration(discount):
    rng = np.random.default_rng(5)
    game = random_game(rng, 120, (3, 2), discount)
    x, y = profile = random_profile(rng, game)
    payoff = [np.einsum("sab,sb->sa", game.payoff[0], y), np.einsum("sab,sa->sb", game.payoff[1], x)]
    flow = [np.einsum("sabt,sb->sat", game.transition, y), np.einsum("sabt,sa->sbt", game.transition, x)]
    certificate = verify(game, profile)
    for player, own in enumerate(profile):
        best = kept = np.zeros(120)
        for _ in range(3000 if discount else 1):
            best = (payoff[player] + discount * flow[player] @ best).max(axis=1)
            kept = (own * (payoff[player] + discount * flow[player] @ kept)).sum(axis=1)
        np.testing.assert_allclose(certificate.values[player], kept, rtol=0, atol=1e-10)
        np.testing.assert_allclose(certificate.gains[player], best - kept, rtol=0, atol=1e-10)
    assert certificate.error_bound < 1e-9


# ---- the bound is a proof -----------------------------------------------------------------------------------------


def check_bound(game: StochasticGame, profile: Any, concept: str, rows_rescaled: bool) -> None:
    certificate = verify(game, profile, concept=concept)
    if isinstance(profile, tuple):
        joint = joint_of([normalised(exactly(policy), 1) for policy in profile])
    else:
        joint = normalised(exactly(profile), game.num_players)
    values, gains = reference(game, joint, concept, exact=True, rows_rescaled=rows_rescaled)
    bound = Fraction(certificate.error_bound)
    assert np.abs(exactly(certificate.values) - values).max() <= bound
    assert np.abs(exactly(certificate.gains) - gains).max() <= bound
    assert Fraction(certificate.epsilon) >= gains.max()
    assert Fraction(certificate.epsilon) <= max(0, gains.max()) + 2 * bound
    worth = np.abs(game.payoff).max() / (1 - game.discount.max())
    assert certificate.error_bound <= 1e-10 * worth


@given(
    seed=st.integers(0, 2**32 - 1),
    states=st.integers(1, 3),
    exponent=st.integers(-6, 6),
    discount=st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999]) | st.floats(0, 0.999),
    concept=st.sampled_from(["nash", "correlated", "coarse"]),
    ragged=st.booleans(),
    rows_rescaled=st.booleans(),
)
@settings(max_examples=60)
def test_error_bound_is_never_below_the_true_error(seed, states, exponent, discount, concept, ragged, rows_rescaled):
    rng = np.random.default_rng(seed)
    game = random_game(rng, states, (2, 2), [discount, 0.7 * discount], ragged=ragged, scale=10.0**exponent)
    profile = random_profile(rng, game) if concept == "nash" else random_correlated(rng, game)
    # A constant that is set aside is exact for distributions only.
    check_bound(game, profile, concept, rows_rescaled or any(process.flatten(game).offset))


@given(
    seed=st.integers(0, 2**32 - 1),
    constants=st.tuples(*[st.sampled_from([0.0, 3.5, -1e3, 1e6, -1e9, 1e13])] * 2),
    discount=st.sampled_from([0.0, 0.5, 0.9, 0.999]),
    concept=st.sampled_from(["nash", "correlated", "coarse"]),
    ragged=st.booleans(),
)
@settings(max_examples=40)
def test_error_bound_holds_with_a_constant_in_all_payoffs_which_costs_no_digits_of_gains(seed, constants, discount, concept, ragged):
    rng = np.random.default_rng(seed)
    game = random_game(rng, 2, (2, 2), [discount, 0.7 * discount], ragged=ragged)
    game = StochasticGame(game.payoff + np.reshape(constants, (2, 1, 1, 1)), game.transition, game.discount, legal=game.legal)
    profile = random_profile(rng, game) if concept == "nash" else random_correlated(rng, game)
    check_bound(game, profile, concept, True)
    certificate = verify(game, profile, concept=concept)
    assert certificate.epsilon - max(0.0, certificate.gains.max()) <= 1e-13 / (1 - discount) ** 2


@pytest.mark.parametrize("constant", [1e6, -1e9])
def test_a_constant_is_no_reason_to_doubt_an_equilibrium(constant):
    game = random_game(np.random.default_rng(0), 6, (3, 2), 0.99)
    moved = StochasticGame(game.payoff + constant, game.transition, game.discount)
    solution = solve(moved, "homotopy", tol=1e-7)
    assert solution.status is Status.SOLVED
    answer = best_response(moved, solution.profile, 0)
    np.testing.assert_allclose(answer.gains, 0.0, atol=1e-7)
    np.testing.assert_allclose(answer.values, solution.values[0], rtol=1e-14)


@given(seed=st.integers(0, 2**32 - 1), discount=st.sampled_from([0.9, 0.999]))
@settings(max_examples=20)
def test_error_bound_holds_for_three_players_and_unnormalised_policies(seed, discount):
    rng = np.random.default_rng(seed)
    game = random_game(rng, 2, (2, 2, 2), discount)
    profile = tuple(policy * (1 + rng.uniform(-9e-9, 9e-9)) for policy in random_profile(rng, game))
    check_bound(game, profile, "nash", True)


@pytest.mark.parametrize("states", [30, 200])
@pytest.mark.parametrize("discount", [0.5, 0.99, 0.9999])
def test_error_bound_holds_on_a_circle(states, discount):
    game = cycle(states, discount)
    certificate = verify(game, (np.tile([0.0, 1.0], (states, 1)),))
    away = (states - np.arange(states)) % states
    g = Fraction(discount)
    exact = [g ** int(k) / (1 - g**states) for k in away]
    worst = max(abs(Fraction(float(gain)) - truth) for gain, truth in zip(certificate.gains[0], exact, strict=True))
    assert worst <= Fraction(certificate.error_bound)
    assert certificate.error_bound <= 1e-9 / (1 - discount)
    np.testing.assert_array_equal(certificate.values, 0)


@pytest.mark.parametrize("limit", [0, 10_000])
def test_certificate_does_not_rest_on_the_iteration(monkeypatch, limit):
    rng = np.random.default_rng(2)
    game = random_game(rng, 60, (2, 2), 0.97)
    profile = random_profile(rng, game)
    right = verify(game, profile)
    monkeypatch.setattr(process, "_DIRECT_RESCUE", limit)

    def broken(*arguments: Any) -> None:
        arguments[-1][:] = np.nan

    monkeypatch.setattr(kernels, "krylov_into", broken)
    rescued = verify(game, profile)
    assert rescued.error_bound < 1e-10
    np.testing.assert_allclose(rescued.gains, right.gains, rtol=0, atol=right.error_bound + rescued.error_bound)


def test_a_wrong_answer_shows_in_the_bound(monkeypatch):
    game = random_game(np.random.default_rng(3), 5, (2, 2), 0.9)
    profile = random_profile(np.random.default_rng(4), game)
    right = verify(game, profile)
    monkeypatch.setattr(process.Chain, "solve", lambda self, discount, rewards, guess, tolerance: guess + 0.01)
    wrong = verify(game, profile)
    assert np.abs(wrong.gains - right.gains).max() <= wrong.error_bound
    assert np.abs(wrong.values - right.values).max() <= wrong.error_bound
    assert wrong.error_bound > 1e-3


# ---- known answers ------------------------------------------------------------------------------------------------


def nosde() -> StochasticGame:
    """Zinkevich, Greenwald & Littman 2005: player i alone moves in state i, keep or send."""
    payoff = np.zeros((2, 2, 2, 2))
    payoff[0, 0, 0], payoff[0, 1, :, 0], payoff[1, 0, 1], payoff[1, 1, :, 0] = 1.0, 3.0, 3.0, 1.0
    transition = np.zeros((2, 2, 2, 2))
    transition[0, 0, :, 0] = transition[0, 1, :, 1] = transition[1, :, 0, 1] = transition[1, :, 1, 0] = 1.0
    return StochasticGame(payoff, transition, 0.75, legal=[[[1, 1], [1, 0]], [[1, 0], [1, 1]]])


def test_nosde_equilibrium_and_no_deterministic_one():
    game = nosde()
    equilibrium = (np.array([[1 / 3, 2 / 3], [1, 0]]), np.array([[1, 0], [7 / 12, 5 / 12]]))
    certificate = verify(game, equilibrium)
    assert certificate.epsilon < 1e-12
    np.testing.assert_allclose(certificate.values, [[4, 16 / 3], [16 / 3, 4]], atol=1e-12)
    for a, b in itertools.product(range(2), repeat=2):
        pure = (np.array([[1 - a, a], [1, 0]]), np.array([[1, 0], [1 - b, b]]))
        assert verify(game, pure).epsilon > 0.1


def test_matching_pennies():
    game = StochasticGame.from_matrix_game([[1, -1], [-1, 1]])
    heads, even = np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])
    assert verify(game, (even, even)).epsilon < 1e-13
    np.testing.assert_array_equal(verify(game, (heads, even)).gains, [[0], [1]])
    np.testing.assert_array_equal(verify(game, (heads, heads)).gains, [[0], [2]])


def test_repeated_prisoners_dilemma():
    game = StochasticGame.from_matrix_game([[[3, 0], [5, 1]], [[3, 5], [0, 1]]], discount=0.9)
    stay, defect = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert verify(game, (defect, defect)).epsilon < 1e-11
    np.testing.assert_allclose(verify(game, (stay, stay)).gains, 20.0, atol=1e-12)


def test_chicken_correlated_equilibrium():
    game = StochasticGame.from_matrix_game(CHICKEN)
    thirds = np.array([[[1, 1], [1, 0]]]) / 3
    obedience, coarse = verify(game, thirds), verify(game, thirds, concept="coarse")
    assert obedience.concept == "correlated"
    assert obedience.epsilon < 1e-13
    np.testing.assert_allclose(obedience.values, 5, atol=1e-13)
    np.testing.assert_allclose(coarse.gains, -1 / 3, atol=1e-13)
    assert coarse.epsilon == 0.0
    assert best_response(game, thirds, 0).gains == pytest.approx(-1 / 3)


def test_a_coarse_equilibrium_need_not_be_correlated():
    game = StochasticGame.from_matrix_game(ROSHAMBO)
    together = np.eye(3)[np.newaxis] / 3
    assert verify(game, together, concept="coarse").epsilon < 1e-13
    assert verify(game, together).epsilon == pytest.approx(1, abs=1e-13)


def test_a_deviator_deviates_for_ever():
    """A device that is obeyed for fear of nothing: leaving it once leads where leaving it pays again."""
    payoff = np.zeros((1, 2, 2))
    payoff[0, 0], payoff[0, 1] = [0, -1], [0, 10]
    transition = np.zeros((2, 2, 2))
    transition[0, 0, 0] = transition[0, 1, 1] = transition[1, :, 1] = 1.0
    game = StochasticGame(payoff, transition, 0.5)
    certificate = verify(game, np.array([[1.0, 0.0], [1.0, 0.0]]), concept="correlated")
    np.testing.assert_allclose(certificate.gains, [[-1 + 0.5 * 20, 20]], atol=1e-12)


def test_soccer():
    game = soccer()
    prepared = judge(game)
    uniform = (np.full((760, 5), 0.2), np.full((760, 5), 0.2))
    certificate = prepared(uniform)
    same(certificate, verify(game, uniform))
    assert certificate.error_bound < 1e-11
    for player in range(2):
        answer = best_response(game, uniform, player)
        replaced = tuple(answer.policy if i == player else p for i, p in enumerate(uniform))
        answered = prepared(replaced)
        np.testing.assert_allclose(answered.values[player], answer.values, rtol=0, atol=1e-11)
        np.testing.assert_allclose(answer.gains, certificate.gains[player], rtol=0, atol=1e-11)
        assert answered.gains[player].max() < 1e-11
    # Best answers bound the value from both sides: V = +-0.218484 at the two starts.
    lower, upper = -best_response(game, uniform, 1).values, best_response(game, uniform, 0).values
    starts = np.flatnonzero(game.start)
    assert np.sort(lower[starts])[0] <= -0.218484 <= np.sort(upper[starts])[0]
    assert np.sort(lower[starts])[1] <= 0.218484 <= np.sort(upper[starts])[1]


def test_terminal_states_have_no_gain():
    transition = np.zeros((2, 2, 2, 2))
    transition[..., 1] = 1.0
    payoff = np.zeros((2, 2, 2, 2))
    payoff[:, 0] = [[[1, 2], [3, 4]], [[1, 2], [3, 4]]]
    game = StochasticGame(payoff, transition, 0.99)
    first = np.array([[1.0, 0.0], [1.0, 0.0]])
    np.testing.assert_allclose(verify(game, (first, first)).gains, [[2, 0], [1, 0]], atol=1e-12)


# ---- best responses -----------------------------------------------------------------------------------------------


def test_ties_go_to_the_lowest_legal_action():
    legal = [[[0, 1, 1], [1, 1, 1]], [[1, 1, 1], [1, 1, 1]]]
    payoff = np.stack([ROSHAMBO, -ROSHAMBO])[:, np.newaxis].repeat(2, axis=1)
    game = StochasticGame(payoff, np.full((2, 3, 3, 2), 0.5), 0.999, legal=legal)
    even = (np.array([[0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]]), np.full((2, 3), 1 / 3))
    np.testing.assert_array_equal(best_response(game, even, 0).policy, [[0, 1, 0], [1, 0, 0]])


def test_best_response_to_a_correlated_profile_faces_the_marginal():
    rng = np.random.default_rng(8)
    game = random_game(rng, 3, (2, 3), 0.8)
    joint = random_correlated(rng, game)
    for player in range(2):
        answer = best_response(game, joint, player)
        coarse = verify(game, joint, concept="coarse")
        np.testing.assert_allclose(answer.gains, coarse.gains[player], atol=1e-12)
        assert set(np.unique(answer.policy)) <= {0.0, 1.0}
        assert (answer.policy.sum(axis=1) == 1).all()


@pytest.mark.parametrize("seed", range(4))
def test_who_is_told_answers_every_recommendation(seed):
    rng = np.random.default_rng(seed)
    game = random_game(rng, 2, (2, 3), [0.7, 0.9])
    joint = random_correlated(rng, game)
    values, gains = reference(game, joint, "correlated")
    for player in range(2):
        answer = best_response(game, joint, player, told=True)
        np.testing.assert_allclose(answer.gains, gains[player], atol=1e-11)
        np.testing.assert_allclose(answer.values, values[player] + gains[player], atol=1e-11)
        size = game.num_actions[player]
        assert answer.policy.shape == (2, size, size)
        assert (answer.policy.sum(axis=2) == 1).all()
        assert (answer.values >= best_response(game, joint, player).values - 1e-12).all()


def test_told_in_rationals():
    rng = np.random.default_rng(5)
    game = random_game(rng, 2, (2, 2), 0.75)
    joint = random_correlated(rng, game)
    values, gains = reference(game, normalised(exactly(joint), 2), "correlated", exact=True, rows_rescaled=True)
    for player in range(2):
        answer = best_response(game, joint, player, told=True)
        for s in range(2):
            assert abs(Fraction(float(answer.values[s])) - values[player, s] - gains[player, s]) <= Fraction(1, 10**13)


def test_opponents_as_a_function():
    rng = np.random.default_rng(6)
    game = random_game(rng, 3, (2, 3, 2), 0.8, ragged=True)
    profile, joint = random_profile(rng, game), random_correlated(rng, game)
    for player in range(3):

        def opponents(state, player=player):
            return tuple(None if i == player else policy[state].tolist() for i, policy in enumerate(profile))

        answer, known = best_response(game, opponents, player), best_response(game, profile, player)
        np.testing.assert_array_equal(answer.policy, known.policy)
        np.testing.assert_allclose(answer.values, known.values, atol=1e-12)
        assert np.isnan(answer.gains).all()
        for told in (False, True):
            drawn, known = (best_response(game, play, player, told=told) for play in (joint.__getitem__, joint))
            np.testing.assert_array_equal(drawn.policy, known.policy)
            np.testing.assert_array_equal(drawn.gains, known.gains)
    alone = random_game(rng, 3, (2,), 0.5)
    np.testing.assert_allclose(best_response(alone, lambda state: [None], 0).values, alone_values(alone), atol=1e-12)


def alone_values(game: StochasticGame) -> Any:
    """Return what one player earns at best, by trying everything."""
    policies = itertools.product(range(game.num_actions[0]), repeat=game.num_states)
    earned = []
    for choice in policies:
        rows, rewards = game.transition[np.arange(game.num_states), choice], game.payoff[0, np.arange(game.num_states), choice]
        earned.append(np.linalg.solve(np.eye(game.num_states) - game.discount[0] * rows, rewards))
    return np.max(earned, axis=0)


def test_bad_opponents():
    game = random_game(np.random.default_rng(7), 3, (2, 2), 0.8)
    even = np.full((3, 2), 0.5)
    bad = [
        (lambda state: None, "a tuple of 2 distributions"),
        (lambda state: ([0.5, 0.5],), "a tuple of 2 distributions"),
        (lambda state: (None, None), "player 1 in state 0"),
        (lambda state: (None, [0.5, 0.25, 0.25]), "shape"),
        (lambda state: (None, [0.5, 0.6]), "distribution"),
        (lambda state: (None, [np.nan, 1.0]), "distribution"),
        (lambda state: np.full((2, 3), 1 / 6), "joint distribution"),
        (lambda state: np.full((2, 2), 0.25) if state else (None, [0.5, 0.5]), "in every state"),
    ]
    for opponents, complaint in bad:
        with pytest.raises(GameError, match=complaint):
            best_response(game, opponents, 0)
    with pytest.raises(GameError, match="recommend nothing"):
        best_response(game, (even, even), 0, told=True)


# ---- laws ---------------------------------------------------------------------------------------------------------


@given(seed=st.integers(0, 2**32 - 1), ragged=st.booleans())
@settings(max_examples=25)
def test_a_product_is_judged_alike_under_every_concept(seed, ragged):
    rng = np.random.default_rng(seed)
    game = random_game(rng, 4, (3, 2), [0.9, 0.6], ragged=ragged)
    profile = random_profile(rng, game)
    nash = verify(game, profile)
    for judged in (joint_of(profile), profile):
        for concept in ("correlated", "coarse"):
            certificate = verify(game, judged, concept=concept)
            margin = nash.error_bound + certificate.error_bound
            np.testing.assert_allclose(certificate.gains, nash.gains, rtol=0, atol=margin)
            assert certificate.epsilon == pytest.approx(nash.epsilon, abs=margin)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_seeing_recommendations_never_hurts(seed):
    rng = np.random.default_rng(seed)
    game = random_game(rng, 3, (2, 2, 2), 0.9, ragged=True)
    joint = random_correlated(rng, game)
    obedience, coarse = verify(game, joint), verify(game, joint, concept="coarse")
    assert (coarse.gains <= obedience.gains + coarse.error_bound + obedience.error_bound).all()
    assert (obedience.gains >= 0).all()


@pytest.mark.parametrize("states", [4, 50])
def test_dense_and_sparse_agree_to_the_bit(states):
    rng = np.random.default_rng(1)
    dense = random_game(rng, states, (2, 3), 0.9, ragged=True)
    profile = random_profile(rng, dense)
    same(verify(dense, profile), verify(dense.sparse(), profile))


def test_permuting_players_permutes_gains():
    rng = np.random.default_rng(6)
    game = random_game(rng, 3, (2, 3, 2), [0.9, 0.5, 0.7], ragged=True)
    profile = random_profile(rng, game)
    certificate = verify(game, profile)
    for order in itertools.permutations(range(3)):
        axes = [1 + i for i in order]
        payoff = game.payoff[list(order)].transpose(0, 1, *(1 + a for a in axes))
        moved = StochasticGame(
            payoff, game.transition.transpose(0, *axes, 4), game.discount[list(order)], legal=[game.legal[i] for i in order]
        )
        other = verify(moved, tuple(profile[i] for i in order))
        np.testing.assert_allclose(other.gains, certificate.gains[list(order)], rtol=0, atol=1e-12)


@pytest.mark.parametrize("exponent", [-600, -20, 20, 600])
def test_scaling_payoffs_scales_gains(exponent):
    rng = np.random.default_rng(7)
    game = random_game(rng, 60, (2, 3), 0.95)
    profile = random_profile(rng, game)
    scale = 2.0**exponent
    scaled = verify(StochasticGame(scale * game.payoff, game.transition, game.discount), profile)
    certificate = verify(game, profile)
    np.testing.assert_allclose(scaled.gains / scale, certificate.gains, rtol=0, atol=2 * certificate.error_bound)
    assert scaled.error_bound / scale == pytest.approx(certificate.error_bound, rel=10)


def test_threads_share_a_judge():
    rng = np.random.default_rng(9)
    game = random_game(rng, 50, (3, 3), 0.9)
    profiles = [random_profile(rng, game) for _ in range(24)]
    prepared = judge(game)
    alone = [prepared(p) for p in profiles]
    with ThreadPoolExecutor(4) as pool:
        for one, other in zip(alone, pool.map(prepared, profiles), strict=True):
            same(one, other)


SCRIPT = """
import numpy as np
from gametheory_rl import verify
from tests.verify_reference import random_correlated, random_game, random_profile
rng = np.random.default_rng(0)
game = random_game(rng, 41, (2, 2), [0.9, 0.8], ragged=True)
for profile in (random_profile(rng, game), random_correlated(rng, game)):
    c = verify(game, profile)
    print(c.values.tobytes().hex(), c.gains.tobytes().hex(), c.error_bound.hex())
"""


def test_the_plain_source_gives_the_same_bits():
    def printed(compiling: str) -> str:
        environment = os.environ | {"GAMETHEORY_RL_COMPILE": compiling}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    assert printed("0") == printed("1")


# ---- bad input ----------------------------------------------------------------------------------------------------


def spoil(state: int, row: list[float]) -> np.ndarray:
    policy = np.tile([0.5, 0.5], (3, 1))
    policy[state] = row
    return policy


@pytest.mark.parametrize(
    ("policy", "complaint"),
    [
        (np.full((2, 2), 0.5), r"player 1 has shape \(2, 2\), \(3, 2\) was expected"),
        (spoil(1, [np.nan, 0.5]), "player 1 in state 1 is not a probability distribution"),
        (spoil(2, [0.5, 0.6]), "player 1 in state 2 is not a probability distribution"),
        (spoil(2, [1.5, -0.5]), "player 1 in state 2 is not a probability distribution"),
        (spoil(0, [0.5, 0.5]), "player 1 plays an illegal action in state 0"),
    ],
)
def test_bad_policies_are_refused(policy, complaint):
    game = StochasticGame(np.zeros((2, 3, 2, 2)), np.full((3, 2, 2, 3), 1 / 3), 0.5, legal=[np.ones((3, 2)), [[1, 0], [1, 1], [1, 1]]])
    with pytest.raises(GameError, match=complaint):
        verify(game, (np.full((3, 2), 0.5), policy))
    with pytest.raises(GameError, match=complaint):
        best_response(game, (np.full((3, 2), 0.5), policy), 0)


def test_other_bad_input_is_refused():
    game = StochasticGame.from_matrix_game(CHICKEN)
    even, joint = np.array([[0.5, 0.5]]), np.full((1, 2, 2), 0.25)
    with pytest.raises(GameError, match="1 players' policies, 2 were expected"):
        verify(game, (even,))
    with pytest.raises(GameError, match=r"correlated profile has shape \(1, 2\)"):
        verify(game, even)
    with pytest.raises(GameError, match="one policy per player was expected for concept 'nash'"):
        verify(game, joint, concept="nash")
    with pytest.raises(GameError, match="unknown concept 'coarsest'; did you mean 'coarse'"):
        verify(game, joint, concept="coarsest")
    with pytest.raises(GameError, match="player is 2, an integer from 0 to 1 was expected"):
        best_response(game, joint, 2)


def test_discounts_that_leave_nothing_to_certify_are_refused():
    even = np.array([[0.5, 0.5]])
    with pytest.raises(GameError, match="verify needs discounts below 1"):
        verify(StochasticGame.from_matrix_game(CHICKEN, discount=1.0), (even, even))
    with pytest.raises(GameError, match="float64 cannot hold values that large"):
        verify(StochasticGame.from_matrix_game(1e307 * CHICKEN, discount=0.9), (even, even))
    with pytest.raises(GameError, match="lower the discount"):
        verify(StochasticGame.from_matrix_game(CHICKEN, discount=1 - 1e-16), (even, even))
