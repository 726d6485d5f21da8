"""Joint-action learners: what is played at a state is the concept's solution of the stage game that the tables make there."""

import numpy as np
import pytest

from gametheory_rl import GameError, StochasticGame, learn, load_game, verify
from gametheory_rl import equilibria as eq
from gametheory_rl._game_checks import checked_profile
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import CorrelatedQ, FoeQ, FriendQ, MinimaxQ, NashQ, StackelbergQ, _loop
from gametheory_rl.learners._rules_kernels import RULES
from tests.learners.games import random_game, state_bytes

CHICKEN = [[[6, 2], [7, 0]], [[6, 7], [2, 0]]]


def matrix_game(payoffs):
    payoffs = np.array(payoffs, float)
    return StochasticGame.from_matrix_game(payoffs)


def trained(learner, game, steps, *, readable=False):
    seed = _loop.fresh_seed(learner.init(game.spec), stream_keys(0, 1)[0])
    play = _loop.player_of(learner, _loop.world_of(game, 9), seed.tables)
    if readable:
        _loop.play_readably(learner, seed, _loop.world_of(game, 9), 0, steps)
    else:
        play(seed, 0, steps)
    return seed.tables


def stages(game, tables):
    """Each visited state with its stage game of legal actions, what is played there (packed), and the values."""
    for state in np.flatnonzero(tables.play.visits):
        legal = [np.flatnonzero(mask[state]) for mask in game.legal]
        payoffs = tables.joint.q[state].reshape(-1, *game.num_actions)[np.ix_(range(game.num_players), *legal)]
        yield state, payoffs, legal, tables.joint.value[state]


def played(learner, game, tables):
    profile = learner.profile(tables)
    for state, payoffs, legal, values in stages(game, tables):
        yield payoffs, tuple(policy[state, own] for policy, own in zip(profile, legal, strict=True)), values


def test_first_is_what_lemke_howson_says():
    learner, game = NashQ(), random_game(1)
    for payoffs, profile, values in played(learner, game, trained(learner, game, 3000)):
        wanted = eq.lemke_howson(*payoffs)
        np.testing.assert_allclose(values, wanted.values, atol=1e-12)
        assert all(np.allclose(a, b, atol=1e-12) for a, b in zip(profile, wanted.profile, strict=True))


@pytest.mark.parametrize("rule", ["best_for_1", "best_for_2", "welfare", "egalitarian", "risk_dominant", "max_entropy"])
@pytest.mark.parametrize("whole", [False, True])
def test_other_selections_are_what_select_says(rule, whole):
    """Stage games of small whole numbers are full of ties."""
    rng, learner = np.random.default_rng(3), NashQ(selection=rule)
    for _ in range(6 if rule == "max_entropy" else 25):
        payoffs = rng.integers(0, 4, size=(2, 3, 3)) + 0.0 if whole else rng.normal(size=(2, 3, 3))
        game = matrix_game(payoffs)
        tables = learner.init(game.spec)
        tables.joint.q[0] = payoffs.reshape(2, 9)
        # An update that moves the entry of (0, 0) onto its reward, 1, as all the rest is in place.
        tables.joint.q[0, :, 0] = 0.0
        learner.update(tables, 0, 0, np.zeros(2, np.int64), payoffs[:, 0, 0] if payoffs[:, 0, 0].any() else np.ones(2), 0, True)
        stage = tables.joint.q[0].reshape(2, 3, 3)
        wanted = eq.select(*stage, rule)
        profile = tuple(policy[0] for policy in learner.profile(tables))
        assert eq.regret(stage, profile) < 1e-7
        if rule == "risk_dominant" or rule == "max_entropy":
            if wanted.tied == 1:
                assert all(np.allclose(a, b, atol=1e-7) for a, b in zip(profile, wanted.profile, strict=True))
        else:
            np.testing.assert_allclose(tables.joint.value[0], wanted.values, atol=1e-7)


def test_a_user_s_solver_is_the_built_in_one_in_the_readable_loop():
    game = random_game(1)
    compiled = NashQ(selection="welfare")
    own = NashQ(selection=lambda payoffs: eq.select(*payoffs, "welfare").profile)
    ours, theirs = trained(compiled, game, 600), trained(own, game, 600)
    np.testing.assert_allclose(own.values(theirs), compiled.values(ours), atol=1e-9)
    for bad in (lambda payoffs: None, lambda payoffs: [payoffs[0, :, 0] * 0, payoffs[0, 0] * 0]):
        with pytest.raises(GameError, match="the selection returned"):
            trained(NashQ(selection=bad), game, 60)


def test_three_players_play_a_certified_equilibrium():
    learner, game = NashQ(), random_game(2, (2, 3, 2))
    for payoffs, profile, values in played(learner, game, trained(learner, game, 250)):
        assert eq.regret(payoffs, profile) < 1e-6
        np.testing.assert_allclose(values, [np.einsum("abc,a,b,c", payoff, *profile) for payoff in payoffs], atol=1e-12)


def test_the_readable_loop_keeps_the_contract(tmp_path):
    """Three players are solved in Python: legal policies, the same bits from sparse games, and resumed."""
    learner, game = NashQ(), random_game(2, (2, 3, 2))
    tables = trained(learner, game, 60)
    assert type(tables) not in RULES
    checked_profile(game, learner.profile(tables))
    assert learner.values(tables).shape == (3, game.num_states)
    assert state_bytes(tables) == state_bytes(trained(learner, game.sparse(), 60))
    straight = learn(game, learner, steps=60, records=[20, 40, 50], horizon=9)
    learn(game, learner, steps=40, records=[20], horizon=9, checkpoint=tmp_path / "state.npz")
    resumed = learn(game, learner, steps=60, records=[50], horizon=9, checkpoint=tmp_path / "state.npz")
    assert resumed.trace["nash_gap"].tobytes() == straight.trace["nash_gap"].tobytes()
    assert all(np.array_equal(a, b) for a, b in zip(resumed.profile, straight.profile, strict=True))


def test_a_user_s_solver_has_a_name_that_outlives_the_process(tmp_path):
    def choosing(which):
        def choose(payoffs):
            return eq.select(*payoffs, "welfare").profile

        def other(payoffs):
            return eq.select(*payoffs, "egalitarian").profile

        return choose if which == 0 else other

    game, path = matrix_game(CHICKEN), tmp_path / "state.npz"
    run = learn(game, NashQ(selection=choosing(0)), steps=20, checkpoint=path)
    assert run.settings["hyper_parameters"]["selection"].startswith("tests.learners.test_joint_q:")
    assert "0x" not in str(run.settings["hyper_parameters"])
    learn(game, NashQ(selection=choosing(0)), steps=30, checkpoint=path)  # another function object of that name
    with pytest.raises(GameError, match="selection is"):
        learn(game, NashQ(selection=choosing(1)), steps=30, checkpoint=path)


def test_players_with_different_equilibria_in_mind_are_reported():
    """In the battle of the sexes each expects its own: both are wrong, and the run says in how many states."""
    game = matrix_game([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    run = learn(game, NashQ(selection=("best_for_1", "best_for_2")), steps=400, records=2)
    assert run.trace["mismatch"][0, -1] == 1
    assert [policy[0].tolist() for policy in run.profile] == [[1.0, 0.0], [0.0, 1.0]]
    assert run.trace["nash_gap"][0, -1] == pytest.approx(1)
    agreed = learn(game, NashQ(selection=("best_for_1", "best_for_1")), steps=400, records=2)
    assert "mismatch" not in agreed.trace
    assert agreed.trace["nash_gap"][0, -1] < 1e-12


@pytest.mark.parametrize("objective", ["utilitarian", "egalitarian", "republican"])
def test_correlated_players_draw_what_correlated_says(objective):
    learner, game = CorrelatedQ(objective=objective), random_game(2, (2, 3, 2))
    tables = trained(learner, game, 1500)
    joint = learner.profile(tables)
    for state, payoffs, legal, values in stages(game, tables):
        drawn = joint[state][np.ix_(*legal)]
        wanted = eq.correlated(payoffs, {"utilitarian": "welfare"}.get(objective, objective))
        assert eq.obedience(payoffs, drawn) < 1e-7
        assert drawn.sum() == pytest.approx(1)
        goal = {"utilitarian": np.sum, "egalitarian": np.min, "republican": np.max}[objective]
        assert goal(values) == pytest.approx(goal(wanted.values), abs=1e-7)


def test_libertarians_share_nothing():
    learner, game = CorrelatedQ(objective="libertarian"), matrix_game(CHICKEN)
    run = learn(game, learner, steps=2000, records=2)
    assert [policy[0].tolist() for policy in run.profile] == [[0.0, 1.0], [0.0, 1.0]]  # each goes straight: a crash
    assert run.trace["mismatch"][0, -1] == 1
    tables = trained(learner, game, 2000)
    np.testing.assert_allclose(learner.values(tables)[:, 0], [0.0, 0.0], atol=1e-9)


def test_a_shared_draw_is_judged_as_correlated():
    """The best correlated equilibrium of chicken: 5.25 each, which no product of mixed actions earns."""
    run = learn(matrix_game(CHICKEN), CorrelatedQ(), steps=4000, records=3)
    np.testing.assert_allclose(run.profile, [[[0.5, 0.25], [0.25, 0.0]]], atol=1e-6)
    assert run.trace["nash_gap"][0, -1] < 1e-6
    assert run.average_profiles[0].shape == (1, 2, 2)
    assert run.average_profiles[0].sum() == pytest.approx(1)


def test_correlated_is_not_coarse():
    """Who has to decide before it is told may earn 5 in all where 2 is all that obedience allows, whoever is told what."""
    own = np.array([[0, 3, 0], [2, 1, 1], [3, 1, 1]])
    stage = [own, own.T]
    game, coarse = matrix_game(stage), eq.coarse_correlated(stage)
    assert coarse.values.sum() == pytest.approx(5)
    assert eq.obedience(stage, coarse.distribution) > 0.5
    assert verify(game, coarse.distribution[np.newaxis], concept="correlated").epsilon > 0.5
    run = learn(game, CorrelatedQ(), steps=3000, records=2)
    assert eq.obedience(stage, run.profile[0]) < 1e-7
    assert verify(game, run.profile, concept="correlated").epsilon < 1e-7
    assert run.trace["nash_gap"][0, -1] < 1e-7
    assert sum((payoff * run.profile[0]).sum() for payoff in stage) == pytest.approx(2)


def test_friends_hope_and_foes_fear():
    game, friend, foe = random_game(2, (2, 3, 2)), FriendQ(), FoeQ()
    for _, payoffs, _, values in stages(game, tables := trained(friend, game, 1500)):
        np.testing.assert_array_equal(values, payoffs.reshape(3, -1).max(axis=1))
    for payoffs, profile, values in played(foe, game, tables := trained(foe, game, 1500)):
        for i, own in enumerate(profile):
            against = np.moveaxis(payoffs[i], i, 0).reshape(len(own), -1)
            assert (own @ against).min() == pytest.approx(float(eq.minimax(against).value), abs=1e-9)
            assert values[i] == pytest.approx((own @ against).min(), abs=1e-9)
    del tables


def test_teams_of_friends_against_foes():
    game = random_game(2, (2, 3, 2))
    everybody = FoeQ(friends=((1, 2), (0, 2), (0, 1)))
    assert state_bytes_of(everybody, game) == state_bytes_of(FriendQ(), game)
    pair = FoeQ(friends=((1,), (0,), ()))
    for _, payoffs, _, values in stages(game, trained(pair, game, 1200)):
        sizes = payoffs.shape[1:]
        team = payoffs[:2].reshape(2, sizes[0] * sizes[1], sizes[2])
        np.testing.assert_allclose(values[:2], eq.minimax(team).value, atol=1e-9)
    with pytest.raises(GameError, match="friends has 1 entries"):
        FoeQ(friends=((1,),)).init(game.spec)
    with pytest.raises(GameError, match="players from 0 to 2"):
        FoeQ(friends=((1,), (3,), ())).init(game.spec)


def state_bytes_of(learner, game):
    return {name: array for name, array in state_bytes([trained(learner, game, 800)][0]).items() if "joint" in name or "play" in name}


def test_foes_of_a_zero_sum_game_are_minimax_players():
    game = random_game(1, zero_sum=True)
    ours, theirs = trained(FoeQ(), game, 4000), trained(MinimaxQ(), game, 4000)
    uniform = FoeQ(exploration=1.0), MinimaxQ(exploration=1.0)
    ours, theirs = (trained(learner, game, 4000) for learner in uniform)
    np.testing.assert_allclose(uniform[0].values(ours), uniform[1].values(theirs), atol=1e-9)


@pytest.mark.parametrize("leader", [0, 1])
def test_leaders_commit_as_stackelberg_says(leader):
    learner, game = StackelbergQ(leader=leader), random_game(1)
    for payoffs, _, values in played(learner, game, trained(learner, game, 2000)):
        wanted = eq.stackelberg(*payoffs, leader=leader)
        assert values[leader] == pytest.approx(wanted.values[leader], abs=1e-8)


@pytest.mark.parametrize(
    ("learner", "game", "complaint"),
    [
        (StackelbergQ(), random_game(2, (2, 3, 2)), "3 player"),
        (NashQ(selection="welfare"), random_game(2, (2, 3, 2)), "two players, this one has 3"),
        (NashQ(selection=("first", "first", "first")), random_game(1), "3 entries"),
    ],
)
def test_games_that_a_rule_cannot_play(learner, game, complaint):
    with pytest.raises(GameError, match=complaint):
        learner.init(game.spec)


@pytest.mark.parametrize(
    ("build", "complaint"),
    [
        (lambda: NashQ(selection="wellfare"), "'welfare'"),
        (lambda: NashQ(selection=("first", "fist")), "'first'"),
        (lambda: CorrelatedQ(objective="utilitarism"), "'utilitarian'"),
        (lambda: StackelbergQ(leader=2), "leader"),
        (lambda: NashQ(initial=float("nan")), "initial"),
    ],
)
def test_words_that_nobody_answers_to(build, complaint):
    with pytest.raises(GameError, match=complaint):
        build()


def test_grid_game_1_is_worth_97_03():
    game = load_game("grid_game_1")
    for selection in ("first", "welfare", "best_for_2"):
        learner = NashQ(selection=selection)
        values = learner.values(trained(learner, game, 300_000))[:, np.flatnonzero(game.start)]
        np.testing.assert_allclose(values, 97.0299, atol=0.1)


def test_states_that_its_own_play_never_sees_are_learned_from_a_generative_model():
    """On its own way two robots of grid game 1 stand in 25 of 57 places: there, it is an equilibrium from the start."""
    game = load_game("grid_game_1")
    own, generative = (learn(game, NashQ(), steps=200_000, records=[100_000], sampling=way) for way in ("on_policy", "generative"))
    assert own.trace["start_gap"][0, -1] < 1e-6
    assert own.trace["unvisited"][0, -1] > 20
    assert own.trace["nash_gap"][0, -1] > 40
    assert generative.trace["unvisited"][0, -1] == 0
    assert generative.trace["nash_gap"][0, -1] < 1e-6


def test_nosde_is_not_called_converged():
    run = learn(load_game("nosde"), NashQ(), steps=20_000, records=[10_000])
    assert run.trace["nash_gap"].min() > 0.5
