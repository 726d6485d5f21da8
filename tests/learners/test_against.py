"""Learning against fixed opponents: they keep to their policies, and the learner finds its best response."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import AgainstFixed, CentralisedQ, IndependentQ, MinimaxQ, _loop
from tests.learners.games import random_game, state_bytes

GAME = random_game(1, zero_sum=True)


def policy_of(game, player, seed):
    weights = np.random.default_rng(seed).random((game.num_states, game.num_actions[player])) * game.legal[player]
    weights[::3, 0] *= weights[::3, 1:].sum(axis=1) == 0  # some actions are never played
    return weights / weights.sum(axis=1, keepdims=True)


def trained(learner, game, steps, *, readable=False):
    world = _loop.world_of(game, 7)
    state = _loop.fresh_seed(learner.init(game.spec), stream_keys(0, 1)[0])
    if readable:
        _loop.play_readably(learner, state, world, 0, steps)
    else:
        _loop.player_of(learner, world, state.tables)(state, 0, steps)
    return state


def test_the_fixed_player_plays_his_policy_whatever_is_learned():
    policy = policy_of(GAME, 1, 5)
    tables = trained(AgainstFixed(IndependentQ(exploration=1.0), [None, policy]), GAME, 40_000).tables
    counts = tables.inner.counts[:, 1, : policy.shape[1]]
    visits = counts.sum(axis=1, keepdims=True)
    assert (counts[policy == 0] == 0).all()
    often = visits[:, 0] > 1000
    assert often.any()
    error = np.sqrt(policy * (1 - policy) / np.maximum(visits, 1))
    assert (np.abs(counts / np.maximum(visits, 1) - policy) <= 5 * error + 1e-12)[often].all()


def test_the_readable_loop_gives_the_compiled_loops_bits():
    learner = AgainstFixed(IndependentQ(), [policy_of(GAME, 0, 2), None])
    assert state_bytes(trained(learner, GAME, 1000)) == state_bytes(trained(learner, GAME, 1000, readable=True))


def test_q_learning_finds_the_best_response():
    policy = policy_of(GAME, 1, 3)
    run = gt.learn(GAME, AgainstFixed(IndependentQ(exploration=0.5), [None, policy]), steps=300_000, progress=False)
    assert np.array_equal(run.profile[1], policy / policy.sum(axis=1, keepdims=True))
    best = gt.best_response(GAME, run.profile, 0)
    assert (best.gains < 0.02).all()
    assert np.array_equal(run.average_profiles[0][1], run.profile[1])
    assert "value_error" not in run.trace


def test_a_learner_alone_takes_the_same_draws():
    """Where the fixed policy is what the learner would have played anyway, nothing changes."""
    game = random_game(3, (3, 1), 4, zero_sum=True)  # player 2 has no choice
    alone, beside = trained(IndependentQ(), game, 500), trained(AgainstFixed(IndependentQ(), [None, "uniform"]), game, 500)
    assert np.array_equal(alone.tables.q, beside.tables.inner.q)


def test_it_resumes_from_a_checkpoint(tmp_path):
    learner = AgainstFixed(IndependentQ(), [None, policy_of(GAME, 1, 3)])
    knobs = {"checkpoint": tmp_path / "kept.npz", "records": 1, "progress": False}
    gt.learn(GAME, learner, steps=500, **knobs)
    resumed = gt.learn(GAME, learner, steps=1000, **knobs)
    whole = gt.learn(GAME, learner, steps=1000, records=1, progress=False)
    assert all(np.array_equal(a, b) for a, b in zip(resumed.profile, whole.profile, strict=True))
    other = AgainstFixed(IndependentQ(), [None, policy_of(GAME, 1, 4)])
    with pytest.raises(GameError, match="cannot resume"):
        gt.learn(GAME, other, steps=1500, **knobs)


@pytest.mark.parametrize(
    ("learner", "policies", "message"),
    [
        ("minimax_q", [None, "uniform"], "tabular learner"),
        (IndependentQ(), [None, None], "one entry per player"),
        (IndependentQ(), ["uniform", "uniform"], "one entry per player"),
        (IndependentQ(), "uniform", "one entry per player"),
        (IndependentQ(), [None, "uniform", None], "has 3 entries"),
        (IndependentQ(), [None, [[1.0]]], "has shape"),
        (IndependentQ(), [None, "often"], "policy of player 1"),
        (MinimaxQ(), [None, np.full((GAME.num_states, GAME.num_actions[1]), 0.7)], "no distributions"),
        (CentralisedQ(), [None, "uniform"], "decides for all players"),
    ],
)
def test_bad_input_is_refused(learner, policies, message):
    with pytest.raises(GameError, match=message):
        gt.learn(GAME, AgainstFixed(learner, policies), steps=10)
