"""Reachability and safety: against every pure policy in rationals, linear programs, closed forms, and the other side's view."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from gametheory_rl import GameError, StochasticGame
from gametheory_rl import equilibria as eq
from gametheory_rl._results import Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl.families import soccer
from gametheory_rl.stochastic import _patience, reachability, safety
from tests.verify_reference import exactly, normalised, solve


def game_of(transition, legal=None):
    transition = np.asarray(transition, dtype=float)
    players = transition.ndim - 2
    return StochasticGame(np.zeros((players, *transition.shape[:-1])), transition, 1.0, legal=legal)


def stage_and_ends(stage):
    """A state 0 with the given moves to itself (first), to the goal 1, or to the loss 2."""
    stage = np.asarray(stage, dtype=float)
    transition = np.zeros((3, *stage.shape))
    transition[0] = stage
    transition[1, ..., 1] = transition[2, ..., 2] = 1.0
    return game_of(transition)


def random_transition(rng, states, actions, branching):
    transition = np.zeros((states, *actions, states))
    for index in np.ndindex(states, *actions):
        chosen = rng.choice(states, branching, replace=False)
        transition[index][chosen] = rng.dirichlet(np.ones(branching)) if rng.random() < 0.5 else 1 / branching
    transition[1] = 0.0
    transition[1, ..., 1] = 1.0
    return transition


def hits(chain, target):
    """Probabilities to reach ``target`` in a Markov chain of Fractions."""
    size = len(chain)
    reach = set(target)
    while grown := {s for s in range(size) if s not in reach and any(chain[s, t] for t in reach)}:
        reach |= grown
    inner = [s for s in range(size) if s in reach and s not in target]
    values = np.array([Fraction(int(s in target)) for s in range(size)], dtype=object)
    if inner:
        matrix = np.array([[Fraction(int(s == t)) - chain[s, t] for t in inner] for s in inner], dtype=object)
        gain = np.array([sum((chain[s, t] for t in target), Fraction(0)) for s in inner], dtype=object)
        values[inner] = solve(matrix, gain)
    return values


def pure_policies(states, actions):
    return itertools.product(range(actions), repeat=states)


@pytest.mark.parametrize("seed", range(8))
def test_turns_are_brute_force_over_pure_policies(seed):
    rng = np.random.default_rng(seed)
    states, actions = 5, 2
    transition = random_transition(rng, states, (actions, actions), 1 + seed % 2)
    mine = rng.random(states) < 0.5
    transition[mine] = transition[mine][:, :, :1]
    transition[~mine] = transition[~mine][:, :1]
    found = reachability(game_of(transition), [0])
    exact = normalised(exactly(transition), 1)
    best = None
    for x in pure_policies(int(mine.sum()), actions):
        worst = None
        for y in pure_policies(int((~mine).sum()), actions):
            chosen = np.zeros(states, dtype=int)
            chosen[mine], chosen[~mine] = x, y
            chain = np.array([exact[s, chosen[s], chosen[s]] for s in range(states)], dtype=object)
            values = hits(chain, {0})
            worst = values if worst is None else np.minimum(worst, values)
        best = worst if best is None else np.maximum(best, worst)
    for s in range(states):
        assert Fraction(float(found.lower[s])) <= best[s] <= Fraction(float(found.upper[s]))
    assert found.error_bound <= 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_one_player_is_a_linear_program(seed):
    rng = np.random.default_rng(100 + seed)
    transition = random_transition(rng, 12, (3,), 2)
    found = reachability(game_of(transition), [0, 2])
    free = [s for s in range(12) if s not in (0, 2)]
    rows = np.array([np.eye(12)[s] - transition[s, a] for s in free for a in range(3)])
    bounds = [(1, 1) if s in (0, 2) else (0, None) for s in range(12)]
    program = linprog(np.ones(12), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=bounds)
    np.testing.assert_allclose(found.values, program.x, atol=1e-8)
    assert len(found.profile) == 1
    stays = safety(game_of(transition), [s for s in range(12) if s not in (0, 1)])
    assert stays.error_bound <= 1e-6
    assert (stays.lower[[0, 1]] == 0).all()


def test_hide_or_run_has_the_value_1_that_nobody_attains():
    snowball = stage_and_ends([[[0, 1, 0], [1, 0, 0]], [[0, 0, 1], [0, 1, 0]]])
    for tol in (1e-3, 1e-6):
        found = reachability(snowball, [1], tol=tol)
        assert 1 - tol <= found.lower[0] < 1.0 == found.upper[0]
        # Runs with a small probability, never with none.
        assert 0.0 < found.profile[0][0, 1] < tol


@pytest.mark.parametrize(
    ("stage", "value"),
    [
        ([[[0, 1, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], 0.5),
        ([[[0, 1, 0], [0, 1 / 3, 2 / 3]], [[0, 1 / 3, 2 / 3], [0, 1, 0]]], 2 / 3),
        # Stays, or goes out for a half: both policies at once must not leak.
        ([[[1, 0, 0], [0, 1, 0]], [[0, 0.5, 0.5], [0, 0.25, 0.75]]], 0.5),
        # v is the value of [[v / 2, 1], [1, 0]], that is 1 / (2 - v / 2).
        ([[[0.5, 0, 0.5], [0, 1, 0]], [[0, 1, 0], [0, 0, 1]]], 2 - np.sqrt(2)),
        ([[[1, 0, 0], [1, 0, 0]], [[1, 0, 0], [0, 1, 0]]], 0.0),
    ],
)
def test_closed_forms(stage, value):
    found = reachability(stage_and_ends(stage), [1])
    assert found.status is Status.SOLVED
    assert found.lower[0] - 1e-15 <= value <= found.upper[0] + 1e-15
    assert found.upper[0] - found.lower[0] <= 1e-6


def purgatory(rooms):
    """Guess right and go on, guess too low and start again, too high and lose (Hansen, Ibsen-Jensen & Miltersen 2011)."""
    states = rooms + 2
    transition = np.zeros((states, 2, 2, states))
    for room in range(rooms):
        transition[room, [0, 1], [0, 1], room + 1] = 1.0
        transition[room, 1, 0, states - 1] = transition[room, 0, 1, 0] = 1.0
    transition[rooms, :, :, rooms] = transition[rooms + 1, :, :, rooms + 1] = 1.0
    return game_of(transition)


def worst(game, x, target):
    """What ``x`` reaches against the worst pure policy, in rationals."""
    size, _, other = game.num_states, *game.num_actions
    transition = np.asarray(game.transition.toarray() if hasattr(game.transition, "toarray") else game.transition)
    exact, x = normalised(exactly(transition.reshape(size, *game.num_actions, size)), 1), normalised(exactly(x), 1)
    rows = np.array([[x[s] @ exact[s, :, b] for b in range(other)] for s in range(size)], dtype=object)
    matters = [s for s in range(size) if s not in target and not (rows[s] == rows[s, 0]).all()]
    least = None
    for answer in itertools.product(range(other), repeat=len(matters)):
        chosen = np.zeros(size, dtype=int)
        chosen[matters] = answer
        reached = hits(rows[np.arange(size), chosen], target)
        least = reached if least is None else np.minimum(least, reached)
    return least


@pytest.mark.parametrize(("rooms", "rarest"), [(2, 1e-10), (4, 1e-40)])
def test_patience_beyond_sums_of_floats(rooms, rarest):
    game = purgatory(rooms)
    found = reachability(game, [rooms])
    assert found.error_bound <= 1e-6
    x = found.profile[0]
    assert 0.0 < x[x > 0.0].min() < rarest
    reached = worst(game, x, {rooms})
    assert all(Fraction(float(found.lower[s])) <= reached[s] < 1 for s in range(rooms))
    assert (found.upper[:rooms] == 1.0).all()


def test_patience_without_end_leaves_true_bounds(monkeypatch):
    # Six rooms would do, after some seconds, where the smallest chance is a float's.
    monkeypatch.setattr(_patience, "LAST", 200)
    found = reachability(purgatory(5), [5], throw=False, max_iterations=40)
    assert not found.status.ok
    assert (found.upper[:5] == 1.0).all()
    reached = worst(purgatory(5), found.profile[0], {5})
    assert all(0.9 < Fraction(float(found.lower[s])) <= reached[s] < 1 for s in range(5))
    with pytest.raises(SolverError, match="apart"):
        reachability(purgatory(5), [5], max_iterations=3)


def forked(seed):
    """A game of moves that are certain, or even between two states: of a thousand, these need the most patient policies."""
    rng = np.random.default_rng(seed)
    states, actions, certain = int(rng.integers(3, 8)), tuple(int(a) for a in rng.integers(2, 4, 2)), rng.random() < 0.6
    transition = np.zeros((states, *actions, states))
    for index in np.ndindex(states, *actions):
        if certain or rng.random() < 0.5:
            transition[index][rng.integers(states)] = 1.0
        else:
            transition[index][rng.choice(states, 2, replace=False)] = 0.5
    for end in (0, 1):
        transition[end] = 0.0
        transition[end, ..., end] = 1.0
    return game_of(transition)


@pytest.mark.parametrize(("seed", "value"), [(225, 0.75), (304, 1), (396, 1), (521, 1), (842, 1), (912, 1)])
def test_the_most_patient_of_a_thousand_games_close(seed, value):
    game = forked(seed)
    found = reachability(game, [0])
    assert found.error_bound <= 1e-6
    assert found.lower[2] <= value <= found.upper[2]
    reached = worst(game, found.profile[0], {0})
    assert all(Fraction(float(low)) <= least for low, least in zip(found.lower, reached, strict=True))
    kept = safety(game, np.arange(game.num_states) != 0, player=1)
    assert kept.error_bound <= 1e-6
    assert (kept.lower <= 1 - found.upper + 1e-15).all()


@pytest.mark.slow
def test_a_thousand_games_close():
    for seed in range(1000):
        assert reachability(forked(seed), [0], throw=False).status is Status.SOLVED, seed


def first_goal(game):
    """Soccer that ends with the first goal, in the states that follow the others: A's, then B's."""
    size, (own, other) = game.num_states, game.num_actions
    before = game.transition.toarray() if hasattr(game.transition, "toarray") else np.asarray(game.transition)
    transition = np.zeros((size + 2, own, other, size + 2))
    transition[:size, ..., :size] = before.reshape(size, own, other, size)
    kicked_off = game.start / game.start.sum()
    for goal, mine in ((size, game.payoff[0].clip(0)), (size + 1, game.payoff[1].clip(0))):
        transition[:size, ..., :size] -= mine[..., np.newaxis] * kicked_off
        transition[:size, ..., goal] = mine
        transition[goal, ..., goal] = 1.0
    return game_of(transition.clip(0)), size


@pytest.mark.parametrize("board", [(2, 3), pytest.param((4, 5), marks=pytest.mark.slow)])
def test_soccer_until_the_first_goal(board):
    game, goal = first_goal(soccer(*board))
    found = reachability(game, [goal])
    assert found.error_bound <= 1e-6
    against = reachability(game, [goal + 1], player=1)
    # The teams are alike: A with the ball here is B with the ball at the same place seen from the other end.
    np.testing.assert_allclose(np.sort(found.values[:goal]), np.sort(against.values[:goal]), atol=1e-6)
    # What A reaches in at most 300 steps is no more than A reaches.
    assert (found.lower[:goal] + against.lower[:goal] <= 1 + 1e-12).all()
    values = np.zeros(goal + 2)
    values[goal] = 1.0
    for _ in range(300):
        stages = game.transition.reshape(-1, goal + 2) @ values
        values = eq.minimax(stages.reshape(goal + 2, 5, 5)).value
    assert (values <= found.upper + 1e-12).all()
    assert (values >= found.lower - 0.05).all()


@pytest.mark.parametrize("seed", range(12))
def test_both_sides_and_both_seats(seed):
    rng = np.random.default_rng(seed)
    states, actions = int(rng.integers(3, 9)), tuple(int(a) for a in rng.integers(1, 4, 2))
    transition = random_transition(rng, states, actions, int(rng.integers(1, 3)))
    found = reachability(game_of(transition), [0])
    assert found.error_bound <= 1e-6
    mirrored = reachability(game_of(np.swapaxes(transition, 1, 2)), [0], player=1)
    np.testing.assert_array_equal(mirrored.lower, found.lower)
    np.testing.assert_array_equal(mirrored.profile[1], found.profile[0])
    rest = np.arange(states) != 0
    kept = safety(game_of(transition), rest, player=1)
    np.testing.assert_allclose(kept.lower, 1 - found.upper, atol=1e-15)
    assert (kept.lower <= 1 - found.upper).all()
    assert (kept.upper >= 1 - found.lower).all()
    np.testing.assert_array_equal(kept.trace["upper"], 1 - found.trace["lower"])


@pytest.mark.parametrize("seed", range(6))
def test_policies_guarantee_the_bounds_against_every_pure_answer(seed):
    rng = np.random.default_rng(50 + seed)
    transition = random_transition(rng, 4, (2, 2), 2)
    found = reachability(game_of(transition), [0])
    exact = normalised(exactly(transition), 1)
    x, y = (normalised(exactly(policy), 1) for policy in found.profile)
    for answer in pure_policies(4, 2):
        held = np.array([sum(x[s, a] * exact[s, a, answer[s]] for a in range(2)) for s in range(4)], dtype=object)
        tried = np.array([sum(y[s, b] * exact[s, answer[s], b] for b in range(2)) for s in range(4)], dtype=object)
        for s, (least, most) in enumerate(zip(hits(held, {0}), hits(tried, {0}), strict=True)):
            assert least >= Fraction(float(found.lower[s]))
            assert most <= Fraction(float(found.upper[s]))


def test_illegal_actions_and_forms():
    transition = random_transition(np.random.default_rng(3), 6, (3, 2), 2)
    legal = [np.ones((6, 3), bool), np.ones((6, 2), bool)]
    legal[0][2:4, 1] = legal[1][5, 0] = False
    masked = game_of(transition, legal)
    found = reachability(masked, [0])
    replaced = transition.copy()
    replaced[2:4, 1], replaced[5, :, 0] = replaced[2:4, 0], replaced[5, :, 1]
    same = reachability(game_of(replaced), np.arange(6) == 0)
    np.testing.assert_allclose(found.values, same.values, atol=1e-6)
    assert (found.profile[0][2:4, 1] == 0).all()
    np.testing.assert_array_equal(reachability(masked.sparse(), 0).lower, found.lower)
    everything = safety(masked, np.ones(6, bool))
    assert (everything.lower == 1).all()
    assert (reachability(masked, range(6)).lower == 1).all()


def test_bad_input():
    game = stage_and_ends([[[0, 1, 0], [1, 0, 0]], [[0, 0, 1], [0, 1, 0]]])
    for target, complaint in (([], "no state"), ([3], "state 3"), ([-1], "state -1"), ([True, False], "shape"), (["a"], "real numbers")):
        with pytest.raises(GameError, match=complaint):
            reachability(game, target)
    for settings, complaint in (({"player": 2}, "player"), ({"tol": 0.0}, "tol"), ({"tol": "x"}, "tol"), ({"max_iterations": 0}, "max_it")):
        with pytest.raises(GameError, match=complaint):
            reachability(game, [1], **settings)
    many = StochasticGame(np.zeros((3, 1, 1, 1, 1)), np.ones((1, 1, 1, 1, 1)), 1.0)
    with pytest.raises(GameError, match="merge the others"):
        safety(many, [0])
