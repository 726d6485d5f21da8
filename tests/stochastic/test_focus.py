"""A few states as a game of their own, and what settling them first does to a solver."""

import numpy as np

import gametheory_rl as gt
from gametheory_rl.stochastic import _focus
from gametheory_rl.stochastic._certified import Trial
from gametheory_rl.stochastic._zero_sum import back_up, zero_sum_problem


def part_and_whole(legal=None):
    rng = np.random.default_rng(3)
    payoff, transition = rng.normal(size=(40, 3, 2)), rng.dirichlet(np.full(40, 0.1), size=(40, 3, 2))
    problem = zero_sum_problem(gt.StochasticGame(np.stack([payoff, -payoff]), transition, 0.9, legal=legal), "newton")
    values, states = rng.normal(size=40), np.sort(rng.permutation(40)[:7])
    return problem, values, states


def test_stage_games_of_a_part_are_those_of_the_whole():
    legal = np.ones((40, 3), bool), np.ones((40, 2), bool)
    legal[0][5:25, 1] = legal[1][20:, 0] = False
    for masks in (None, legal):
        problem, values, states = part_and_whole(masks)
        whole, part = back_up(problem, values), back_up(_focus.problem_of(problem, states, values), values[states])
        np.testing.assert_allclose(part.value, whole.value[states], rtol=0, atol=1e-12)
        np.testing.assert_allclose(part.row_policy, whole.row_policy[states], rtol=0, atol=1e-9)
        np.testing.assert_allclose(part.column_policy, whole.column_policy[states], rtol=0, atol=1e-9)


def test_few_states_far_off_are_settled_and_the_others_kept():
    problem, values, _ = part_and_whole()
    for _ in range(300):
        values = back_up(problem, values).value
    backup, before = back_up(problem, values), values.copy()
    before[[4, 31]] += 1.0
    trial = Trial(before, backup, 1.0)
    policies = backup.row_policy, backup.column_policy
    settled, (rows, _) = _focus.focused(problem, trial, policies, lambda _, trial: trial.backup.value)
    others = np.setdiff1d(np.arange(40), [4, 31])
    np.testing.assert_array_equal(settled[others], backup.value[others])
    np.testing.assert_array_equal(rows[others], policies[0][others])
    np.testing.assert_allclose(settled, values, rtol=0, atol=1e-9)
    assert not np.shares_memory(settled, backup.value)


def test_many_states_far_off_are_left_to_the_next_sweep():
    problem, values, _ = part_and_whole()
    backup = back_up(problem, values)
    trial = Trial(values, backup, float(np.abs(backup.value - values).max()))
    policies = backup.row_policy, backup.column_policy
    assert _focus.focused(problem, trial, policies, lambda _, trial: trial.backup.value) == (backup.value, policies)
