"""What holds for every registered learner that is tabular."""

import copy
import dataclasses
import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from gametheory_rl import GameError, _registry, learn, load_run
from gametheory_rl._game_checks import checked_profile
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import TabularLearner, _loop
from gametheory_rl.learners._rules_kernels import RULES
from gametheory_rl.learners._sampling import SAMPLINGS, quiet, sampled
from tests.learners.games import random_game, state_bytes, symmetric_game

GAMES = {
    "zero-sum": random_game(1, zero_sum=True),
    "three players": random_game(2, (2, 3, 2)),
    "one player": random_game(3, (4,)),
    "one state": random_game(4, (2, 3), 2, zero_sum=True, discount=0.0),
    "symmetric": symmetric_game(5, actions=3),
}


def accepts(learner, game):
    try:
        learner.init(game.spec)
    except GameError:
        return False
    return True


def runs_compiled(learner, game):
    return type(learner.init(game.spec)) in RULES


def game_for(learner):
    return next(GAMES[which] for which in ("three players", "zero-sum", "symmetric") if which in played(learner))


def played(learner):
    """The games that it accepts; those that take it to the readable loop are its own tests' business."""
    return [which for which, game in GAMES.items() if accepts(learner, game) and runs_compiled(learner, game)]


def parts(profile):
    """Return a profile's arrays: one per player, or a single one of joint actions."""
    return profile if isinstance(profile, tuple) else (profile,)


LEARNERS = {name: _registry.resolve("learner", name) for name in sorted(_registry.table("learner"))}
TABULAR = {name: kind for name, kind in LEARNERS.items() if issubclass(kind, TabularLearner)}
EACH = pytest.mark.parametrize("name", TABULAR)
ALONE = ("centralised_q", "hysteretic_q")
"""The loop is compiled for each number of players: alone these play by default, the others in the slow tests."""


def cases(name):
    """The games that a learner plays, each with how long it takes."""
    for which in played(TABULAR[name]()):
        yield which, (pytest.mark.slow,) if which == "one player" and name not in ALONE else ()


def quick(name):
    return [which for which, marks in cases(name) if not marks]


PLAYS = pytest.mark.parametrize(("name", "game"), [pytest.param(n, which, marks=marks) for n in TABULAR for which, marks in cases(n)])


def trained(learner, game, steps, *, readable=False, horizon=7, seed=0, sampling="on_policy"):
    state = _loop.fresh_seed(learner.init(game.spec), stream_keys(seed, 1)[0])
    world = sampled(_loop.world_of(game, horizon), sampling, game.legal, state.tables)
    state = state if sampling == "on_policy" else state._replace(tables=quiet(state.tables))
    if readable:
        _loop.play_readably(learner, state, world, 0, steps)
    else:
        _loop.player_of(learner, world, state.tables)(state, 0, steps)
    return state


@EACH
def test_is_frozen_data_that_constructs_without_arguments(name):
    learner = TABULAR[name]()
    assert dataclasses.is_dataclass(learner)
    with pytest.raises(dataclasses.FrozenInstanceError):
        learner.exploration = 0.5
    assert learner == TABULAR[name]()
    json.dumps(dataclasses.asdict(learner), allow_nan=False)
    assert learner.paradigm in ("decentralised", "joint", "centralised")
    assert any(accepts(learner, game) for game in GAMES.values())


@EACH
def test_is_public_and_says_what_is_wrong(name):
    from gametheory_rl import learners

    kind = TABULAR[name]
    assert kind.__name__ in learners.__all__
    assert getattr(learners, kind.__name__) is kind
    for bad in (-0.1, 1.1, float("nan"), "often", None):
        with pytest.raises(GameError, match="exploration"):
            kind(exploration=bad)
        with pytest.raises(GameError, match="step_size"):
            kind(step_size=bad)


@PLAYS
def test_the_readable_loop_gives_the_compiled_loops_bits(name, game):
    learner, game = TABULAR[name](), GAMES[game]
    compiled = trained(learner, game, 1500)
    assert type(compiled.tables) in RULES
    assert state_bytes(compiled) == state_bytes(trained(learner, game, 1500, readable=True))


@pytest.mark.parametrize("sampling", SAMPLINGS[1:])
@PLAYS
def test_so_it_does_however_steps_are_sampled(name, game, sampling):
    learner, game = TABULAR[name](), GAMES[game]
    if not learner.off_policy:
        pytest.skip("learns from its own play alone")
    compiled, readable = (trained(learner, game, 400, sampling=sampling, readable=readable) for readable in (False, True))
    assert state_bytes(compiled) == state_bytes(readable)
    assert state_bytes(compiled) == state_bytes(trained(learner, game.sparse(), 400, sampling=sampling))
    if sampling == "uniform" or (sampling == "generative" and game.num_states > 1):
        assert state_bytes(compiled) != state_bytes(trained(learner, game, 400))


def fingerprint(state):
    arrays = state_bytes(state)
    return hashlib.sha256(b"".join(arrays[name] for name in sorted(arrays))).hexdigest()


@pytest.fixture(scope="module")
def plain():
    """What each learner's tables come to without a compiler: one process for all, for none takes half a second."""
    code = """
import json
from tests.contracts.test_learners import GAMES, TABULAR, fingerprint, quick, trained
print(json.dumps({name: [fingerprint(trained(kind(), GAMES[which], 150)) for which in quick(name)] for name, kind in TABULAR.items()}))
"""
    environment = os.environ | {"GAMETHEORY_RL_COMPILE": "0"}
    return json.loads(subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout)


@EACH
def test_so_does_the_plain_source_without_a_compiler(name, plain):
    kind = TABULAR[name]
    assert plain[name] == [fingerprint(trained(kind(), GAMES[which], 150)) for which in quick(name)]
    assert plain[name]


@PLAYS
def test_dense_and_sparse_games_give_the_same_bits(name, game):
    learner, game = TABULAR[name](), GAMES[game]
    assert state_bytes(trained(learner, game.dense(), 2000)) == state_bytes(trained(learner, game.sparse(), 2000))


@PLAYS
def test_policies_are_legal_before_and_after_training(name, game):
    learner, game = TABULAR[name](), GAMES[game]
    for steps in (0, 1, 3000):
        tables = trained(learner, game, steps).tables
        profile = learner.profile(tables)
        checked_profile(game, profile)
        assert learner.values(tables).shape == (game.num_players, game.num_states)
        draws = np.random.default_rng(0).random((200, game.num_players))
        for state in range(game.num_states):
            for u in draws:
                actions = learner.act(tables, state, 0, 0, u)
                assert all(mask[state, a] for mask, a in zip(game.legal, actions, strict=True))


@PLAYS
def test_the_profile_is_what_is_played_without_exploration(name, game):
    learner, game = dataclasses.replace(TABULAR[name](), exploration=0.0), GAMES[game]
    tables = trained(TABULAR[name](), game, 500).tables
    quiet = learner.init(game.spec)._replace(play=tables.play._replace(exploration=learner.init(game.spec).play.exploration))
    tables = tables._replace(play=quiet.play)
    rng = np.random.default_rng(1)
    for state in range(game.num_states):
        played = np.array([learner.act(tables, state, 0, 0, u) for u in rng.random((2000, game.num_players))])
        profile = learner.profile(tables)
        if not isinstance(profile, tuple):  # one draw for all: the joint actions have to come as often as it says
            played, profile = (
                np.ravel_multi_index(tuple(played.T), game.num_actions)[:, np.newaxis],
                (profile.reshape(game.num_states, -1),),
            )
        for i, policy in enumerate(profile):
            shares = np.bincount(played[:, i], minlength=policy.shape[1]) / len(played)
            np.testing.assert_allclose(shares, policy[state], atol=0.06)


@pytest.mark.parametrize("name", [name for name, kind in TABULAR.items() if kind.paradigm == "decentralised"])
def test_a_decentralised_update_is_blind_to_the_others(name):
    learner = TABULAR[name]()
    game, rng = GAMES["three players"], np.random.default_rng(5)
    for player in range(3):
        one = learner.init(game.spec)
        other = copy.deepcopy(one)
        for step in range(400):
            state, following = rng.integers(6, size=2)
            actions = np.array([rng.choice(np.flatnonzero(mask[state])) for mask in game.legal])
            rewards, strange_rewards = rng.normal(size=(2, 3))
            strange = np.array([rng.choice(np.flatnonzero(mask[state])) for mask in game.legal])
            strange[player], strange_rewards[player] = actions[player], rewards[player]
            for tables, chosen, earned in ((one, actions, rewards), (other, strange, strange_rewards)):
                tables.play.visits[state] += 1
                learner.update(tables, int(state), step, chosen, earned, int(following), following == 5)
        assert learner.profile(one)[player].tobytes() == learner.profile(other)[player].tobytes()
        assert learner.values(one)[player].tobytes() == learner.values(other)[player].tobytes()
        others = [i for i in range(3) if i != player]
        assert any(learner.values(one)[i].tobytes() != learner.values(other)[i].tobytes() for i in others)


@EACH
def test_seeds_differ_and_do_not_depend_on_their_number(name):
    learner = TABULAR[name]()
    game = game_for(learner)
    run = learn(game, learner, steps=2000, seeds=3, records=4, seed=7)
    assert run.settings["learner"] == name
    alone = learn(game, name, steps=2000, seeds=1, records=4, seed=7)
    assert all(np.array_equal(run.trace[c][:1], alone.trace[c]) for c in alone.trace)
    assert len({b"".join(p.tobytes() for p in profile) for profile in run.average_profiles}) == 3
    assert not any(
        np.array_equal(a, b)
        for a, b in zip(*map(parts, (run.average_profiles[0], learn(game, name, steps=2000).average_profiles[0])), strict=True)
    )


@EACH
def test_resuming_gives_the_straight_runs_bits(name, tmp_path):
    learner, path = TABULAR[name](), tmp_path / "state.npz"
    game = game_for(learner)
    wanted = {"seeds": 2, "horizon": 11, "seed": 3}
    straight = learn(game, learner, steps=4000, records=[500, 2000, 3000], **wanted)
    learn(game, learner, steps=2000, records=[500], checkpoint=path, **wanted)
    resumed = learn(game, learner, steps=4000, records=[3000], checkpoint=path, **wanted)
    for column, numbers in straight.trace.items():
        assert resumed.trace[column].tobytes() == numbers.tobytes()
    for ours, theirs in ((resumed.profiles, straight.profiles), (resumed.average_profiles, straight.average_profiles)):
        for one, other in zip(ours, theirs, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@EACH
def test_runs_survive_a_file(name, tmp_path):
    learner = TABULAR[name]()
    game = game_for(learner)
    run = learn(game, learner, steps=300, records=3, seeds=2)
    again = load_run(run.save(tmp_path / "run.npz"))
    assert dict(again.settings) == json.loads(json.dumps(run.settings))
    assert again.trace.keys() == run.trace.keys()
    assert all(np.array_equal(again.trace[c], run.trace[c]) for c in run.trace)
    assert np.array_equal(again.profiles[1][0], run.profiles[1][0])
