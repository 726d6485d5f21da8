"""Littman's soccer: the hand-built player, goals counted exactly and by playing, and the table's last row."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl.learners import AgainstFixed
from gametheory_rl.papers._littman1994 import paper_learner, standard_errors
from gametheory_rl.papers._matches import DRAW, Goals, exact_goals, pitch_of_soccer, sampled_goals, until_goal
from gametheory_rl.papers._soccer_player import hand_built

SOCCER, DRAWN = gt.families.soccer(), gt.families.soccer(draw=DRAW)
PITCH = pitch_of_soccer()
UNIFORM = np.full((760, 5), 0.2)


def random_policy(seed):
    return np.random.default_rng(seed).dirichlet(np.full(5, 0.3), 760)


# ---- goals ---------------------------------------------------------------------------------------------------------


def test_goals_of_a_chain_that_can_be_counted_by_hand():
    """State 0 passes to state 1; there player 1 scores with 1/4 or player 2 with 1/2 by what player 1 does, then all begins anew."""
    payoff = np.array([[[[0.0], [0.0]], [[0.25], [-0.5]]]])
    transition = np.zeros((2, 2, 1, 2))
    transition[0, :, :, 1] = transition[1, :, :, 0] = 1.0
    game = gt.StochasticGame(np.concatenate([payoff, -payoff]), transition, 0.9)
    goals = exact_goals(game, (np.array([[0.5, 0.5], [0.8, 0.2]]), np.ones((2, 1))))
    assert goals.first == pytest.approx(0.5 * 0.8 * 0.25, abs=1e-14)
    assert goals.second == pytest.approx(0.5 * 0.2 * 0.5, abs=1e-14)
    assert goals.share == pytest.approx(100 * 2 / 3)
    assert goals.completed(1000) == pytest.approx(150)


@pytest.mark.parametrize("seed", range(3))
def test_goals_counted_exactly_are_those_that_play_shows(seed):
    """The exact ones come from the game's tensors, the sampled ones from the moves as they are executed."""
    pair, steps = (random_policy(2 * seed), random_policy(2 * seed + 1)), 400_000
    exact, sampled = exact_goals(DRAWN, pair), sampled_goals(PITCH, pair, steps, np.random.default_rng(seed))
    assert standard_errors(exact, sampled, steps) < 4.5
    # Goals per step scatter by no more than a Poisson count's times the length of a memory of ten steps.
    assert abs(sampled.completed(1) - exact.completed(1)) < 4.5 * np.sqrt(exact.completed(steps) * 2) / steps + 1e-3 * exact.completed(1)


def test_two_alike_score_alike():
    assert exact_goals(DRAWN, (UNIFORM, UNIFORM)).share == pytest.approx(50, abs=1e-8)
    assert np.isnan(Goals(0.0, 0.0).share)


def test_soccer_until_a_goal_is_worth_what_soccer_is():
    """Between equals the next kick-off is worth nothing, so that ending there changes no value."""
    ending, going_on = gt.solve(until_goal(PITCH)), gt.solve(SOCCER)
    assert np.abs(ending.values[:, :-1] - going_on.values).max() < 1e-7
    assert until_goal(PITCH).terminal.nonzero()[0].tolist() == [760]


# ---- the hand-built player -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(4, 5), (3, 4), (5, 7), (1, 4), (4, 2)])
@pytest.mark.parametrize("player", [0, 1])
def test_the_hand_built_player_has_one_legal_action_everywhere(sizes, player):
    game = gt.families.soccer(*sizes)
    policy = hand_built(game, player)
    assert ((policy == 1).sum(axis=1) == 1).all()
    assert ((policy == 0) | game.legal[player]).all()
    gt.verify(game, (policy, np.full(policy.shape, 0.2)))


@pytest.mark.parametrize("player", [0, 1])
def test_it_never_gives_the_ball_away_and_scores_where_it_can(player):
    board, choice = SOCCER.board, hand_built(SOCCER, player).argmax(axis=1)
    moves = np.array(board.moves)
    target = board.positions[player] + moves[choice]
    assert not (target == board.positions[1 - player]).all(axis=1).any()
    edge = 0 if player == 0 else 4
    own = board.positions[player]
    before_goal = (board.holder == player) & (own[:, 1] == edge) & np.isin(own[:, 0], (1, 2))
    assert before_goal.sum() == 2 * 19
    assert (choice[before_goal] == (3 if player == 0 else 2)).all()


def test_it_beats_a_random_player_from_either_side():
    assert exact_goals(DRAWN, (hand_built(SOCCER, 0), UNIFORM)).share > 99.5
    assert exact_goals(DRAWN, (UNIFORM, hand_built(SOCCER, 1))).share < 0.5


def test_it_blocks_the_way():
    """B, in A's way between two goals' rows, stands where A would step; being deterministic, it can be beaten all the same."""
    state = SOCCER.labels.states.index("A(1,3) B(1,2), A has the ball")
    assert hand_built(SOCCER, 1)[state].argmax() == 4
    answer = gt.best_response(SOCCER, (UNIFORM, hand_built(SOCCER, 1)), 0).policy
    assert exact_goals(DRAWN, (answer, hand_built(SOCCER, 1))).share > 90


def test_it_needs_a_board():
    with pytest.raises(GameError, match="board"):
        hand_built(gt.load_game("matching_pennies"), 0)


# ---- the table -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("agent", "lowest", "highest"), [("QR", 0.0, 0.5), ("QQ", 0.0, 0.5), ("MR", 10.0, 50.0), ("MM", 10.0, 50.5)])
def test_deterministic_learners_lose_everything_and_minimax_q_does_not(agent, lowest, highest):
    game, learner = until_goal(PITCH), paper_learner(agent[0], 10**6)
    if agent[1] == "R":
        learner = AgainstFixed(learner, [None, "uniform"])
    run = gt.learn(game, learner, steps=10**6, records=1, progress=False)
    champion = run.profile[0]
    answer = gt.best_response(game, (champion, np.full_like(champion, 0.2)), 1).policy
    assert lowest <= exact_goals(DRAWN, (champion[:-1], answer[:-1])).share <= highest
    assert exact_goals(DRAWN, (champion[:-1], UNIFORM)).share > 98


@pytest.mark.slow
def test_minimax_q_comes_close_on_steps_that_decay():
    learner = gt.learners.MinimaxQ(gt.learners.Schedule.by_visits(1.0, scale=5), exploration=1.0)
    run = gt.learn(SOCCER, learner, steps=10**8, seeds=2, records=1, progress=False)
    assert run.trace["nash_gap"].max() < 0.1
    assert run.trace["start_gap"].max() < 0.02
