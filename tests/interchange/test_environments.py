"""Games as environments, environments as games, and games from step functions."""

import copy
import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Discrete
from gymnasium.utils import EzPickle
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test, parallel_seed_test, render_test
from pettingzoo.utils import parallel_to_aec
from scipy.stats import chisquare

import gametheory_rl as gt
from gametheory_rl.interchange import from_function, from_pettingzoo, tabulate, to_gymnasium, to_pettingzoo
from gametheory_rl.interchange._duplicate import duplicate

GAMES = ("soccer", "nosde", "shapley_cycle", "grid_game_1", "three_by_two")


def unmasked(game):
    return all(mask.all() for mask in game.legal)


def trajectory(env, seed, steps):
    """Random legal play over episode after episode: everything that the environment says."""
    rng, told = np.random.default_rng(seed), []
    seen, infos = env.reset(seed=seed)
    for _ in range(steps):
        if not env.agents:
            seen, infos = env.reset()
        actions = {a: int(rng.choice(np.flatnonzero(infos[a]["action_mask"]))) for a in env.agents}
        seen, rewards, ends, cuts, infos = env.step(actions)
        told.append((seen, rewards, ends, cuts, {a: info["action_mask"].tolist() for a, info in infos.items()}))
    return told


@pytest.mark.parametrize("name", [name for name in GAMES if unmasked(gt.load_game(name))])
def test_pettingzoos_own_tests_pass(name):
    game = gt.load_game(name)
    parallel_api_test(to_pettingzoo(game), num_cycles=200)
    parallel_seed_test(lambda: to_pettingzoo(game, horizon=50), num_cycles=100)


@pytest.mark.parametrize("name", ["soccer", "shapley_cycle"])
def test_pettingzoos_render_test_passes(name, capsys):
    game = gt.load_game(name)
    render_test(lambda render_mode: parallel_to_aec(to_pettingzoo(game, horizon=100, render_mode=render_mode)))
    env = to_pettingzoo(game, render_mode="human")
    env.reset(seed=0)
    assert env.render() is None
    assert capsys.readouterr().out.startswith("step 0 -> state ")


@pytest.mark.parametrize("name", GAMES)
def test_the_same_seed_is_the_same_trajectory(name):
    game = gt.load_game(name)
    one, two = (trajectory(to_pettingzoo(game), 5, 500) for _ in range(2))
    assert one == two
    if name == "soccer":
        assert one != trajectory(to_pettingzoo(game), 6, 500)


def test_a_discounted_game_truncates_and_an_absorbed_one_terminates():
    once = gt.load_game("chicken")
    assert all(all(told[3].values()) for told in trajectory(to_pettingzoo(once), 0, 3))
    repeated = gt.StochasticGame.from_matrix_game(once.payoff[:, 0], discount=0.9)
    cuts = [any(told[3].values()) for told in trajectory(to_pettingzoo(repeated), 0, 88)]
    assert np.flatnonzero(cuts).tolist() == [43, 87]  # 0.9 ** 44 < 0.01 < 0.9 ** 43
    game = gt.load_game("grid_game_1")
    told = trajectory(to_pettingzoo(game, horizon=10**6), 1, 400)
    ended = [any(ends.values()) for _, _, ends, _, _ in told]
    assert any(ended)
    assert not any(any(cuts.values()) for _, _, _, cuts, _ in told)
    assert ended == [bool(game.terminal[next(iter(seen.values()))]) for seen, *_ in told]


def test_spaces_states_and_masks_are_the_games():
    game = gt.load_game("grid_game_1")
    env = to_pettingzoo(game)
    _, infos = env.reset(seed=0)
    for i, agent in enumerate(env.possible_agents):
        assert env.action_space(agent) is env.action_space(agent)
        assert env.observation_space(agent) is env.observation_space(agent)
        assert np.array_equal(infos[agent]["action_mask"], game.legal[i][int(env.state())])
        assert env.state() in env.state_space
    illegal = {a: int(np.flatnonzero(infos[a]["action_mask"] == 0)[0]) for a in env.agents}
    with pytest.raises(gt.GameError, match="action_mask"):
        env.step(illegal)
    with pytest.raises(gt.GameError, match="was expected too"):
        env.step({})
    with pytest.raises(gt.GameError, match="reset"):
        to_pettingzoo(game).step(illegal)
    for wrong in ({"horizon": 0}, {"horizon": 2.5}, {"render_mode": "film"}):
        with pytest.raises(gt.GameError, match="was expected"):
            to_pettingzoo(game, **wrong)


def test_transitions_have_the_games_probabilities():
    rng = np.random.default_rng(8)
    transition = rng.dirichlet(np.ones(4), size=(4, 2, 2))
    game = gt.StochasticGame(rng.normal(size=(2, 4, 2, 2)), transition, 0.9, [0.1, 0.2, 0.3, 0.4])
    env, counts, starts = to_pettingzoo(game, horizon=4), np.zeros((4, 2, 2, 4)), np.zeros(4)
    env.reset(seed=2)
    for _ in range(8000):
        if not env.agents:
            env.reset()
            starts[env.state()] += 1
        state, joint = int(env.state()), rng.integers(2, size=2)
        _, rewards, *_ = env.step(dict(zip(env.possible_agents, joint, strict=True)))
        assert list(rewards.values()) == game.payoff[:, state, *joint].tolist()
        counts[state, *joint, env.state()] += 1
    assert chisquare(starts, game.start * starts.sum()).pvalue > 1e-4
    expected = transition * counts.sum(axis=-1, keepdims=True)
    assert chisquare(counts.ravel(), expected.ravel(), ddof=15).pvalue > 1e-4


# ---- one player against fixed policies ------------------------------------------------------------------------------


def uniform(game, player):
    return game.legal[player] / game.legal[player].sum(axis=1, keepdims=True)


@pytest.mark.parametrize("name", ["soccer", "shapley_cycle"])
def test_gymnasiums_checker_passes(name):
    game = gt.load_game(name)
    check_env(to_gymnasium(game, 1, uniform(game, 0), horizon=50), skip_render_check=True)


def test_the_other_players_play_their_policies():
    payoff = np.arange(3 * 2 * 3 * 2 * 4.0).reshape(3, 2, 3, 2, 4)
    game = gt.StochasticGame(payoff, np.full((2, 3, 2, 4, 2), 0.5), 0.9)
    table = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
    env = to_gymnasium(game, 1, [table, lambda state: 3 - state], horizon=10**6)
    state, _ = env.reset(seed=4)
    counts = np.zeros((2, 3))
    for _ in range(3000):
        following, reward, ended, cut, info = env.step(1)
        first, own, third = info["actions"]
        assert (own, third) == (1, 3 - state)
        assert reward == payoff[1, state, first, 1, third]
        assert not ended
        assert not cut
        counts[state, first] += 1
        state = following
    assert not counts[1, 1:].any()
    assert chisquare(counts[0], table[0] * counts[0].sum()).pvalue > 1e-4
    for wrong in (3, [], [table], [table, table], [table, 3], [lambda s: 0, lambda s: [0.5, 0.5]]):
        with pytest.raises(gt.GameError, match="expected"):
            bad = to_gymnasium(game, 1, wrong)
            bad.reset(seed=0)
            bad.step(0)


# ---- policies from elsewhere ---------------------------------------------------------------------------------------


def test_any_policy_can_be_judged():
    game = gt.load_game("soccer")
    solution = gt.solve(game, tol=1e-3)
    profile = [tabulate(lambda s, own=own: own[s].astype(np.float32), game, i) for i, own in enumerate(solution.profile)]
    assert gt.verify(game, profile).epsilon < 1e-2
    best = tabulate(lambda s: solution.profile[0][s].argmax(), game, 0)
    assert np.array_equal(best, np.eye(5)[solution.profile[0].argmax(axis=1)])


def test_a_game_played_once_passes_gymnasiums_checker():
    check_env(to_gymnasium(gt.load_game("rock_paper_scissors"), 0, [np.ones((1, 3)) / 3]), skip_render_check=True)


def test_a_policy_that_draws_hardly_ever_passes_for_a_fixed_one():
    game, taken = gt.load_game("prisoners_dilemma"), 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        try:
            tabulate(lambda s, rng=rng: rng.choice(2, p=[0.9, 0.1]), game)
        except gt.GameError:
            continue
        taken += 1
    assert taken <= 2


@pytest.mark.parametrize("answer", [[1, 0, 0], np.array([True, False, False]), [Fraction(1, 2), Fraction(1, 2), 0]])
def test_distributions_need_not_be_floats(answer):
    expected = np.array([float(p) for p in answer])
    assert np.array_equal(tabulate(lambda s: answer, gt.load_game("rock_paper_scissors"))[0], expected)


def test_what_is_no_array_is_refused_in_a_sentence():
    class Wants:
        def __array__(self, *told, **more):
            raise RuntimeError("Can't call numpy() on Tensor that requires grad")

    with pytest.raises(gt.GameError, match="is Wants, which is no array .*requires grad"):
        tabulate(lambda s: Wants(), gt.load_game("rock_paper_scissors"))


def test_a_mask_in_the_observations_counts():
    class Masked(Count):
        def reset(self, seed=None, options=None):
            seen, infos = super().reset(seed=seed, options=options)
            return self.masked(seen), infos

        def step(self, actions):
            seen, rewards, ended, cut, infos = super().step(actions)
            return self.masked(seen), rewards, ended, cut, infos

        def masked(self, seen):
            return {agent: {"observation": what, "action_mask": np.array([1, 0])} for agent, what in seen.items()}

    game = from_pettingzoo(Masked(), discount=0.5)
    assert game.labels.actions == (("5",), ("5",))
    assert game.num_states == 1


def test_a_policy_that_draws_is_estimated_or_refused():
    game, rng = gt.load_game("rock_paper_scissors"), np.random.default_rng(0)
    drawn = tabulate(lambda s: rng.choice(3, p=[0.5, 0.3, 0.2]), game, samples=4000)
    assert np.abs(drawn - [0.5, 0.3, 0.2]).max() < 0.04
    turn = iter(range(10))
    with pytest.raises(gt.GameError, match="give samples"):
        tabulate(lambda s: next(turn) % 3, game)
    for answer in (3, -1, [0.5, 0.6, 0.1], "rock", None, [1.0, 0.0], 0.5):
        with pytest.raises(gt.GameError, match="an action from 0 to 2"):
            tabulate(lambda s, answer=answer: answer, game)
    with pytest.raises(gt.GameError, match="that are legal"):
        tabulate(lambda s: 0, gt.load_game("grid_game_1"))


# ---- environments as games -----------------------------------------------------------------------------------------


def relabelled(found):
    """The number that each state had in the game behind the environment."""
    return [int(label.removeprefix("end at ")) for label in found.labels.states]


@pytest.mark.parametrize("observed", ["state", "observations"])
def test_an_environment_without_chance_is_its_game_again(observed):
    game = gt.load_game("grid_game_1")
    env = to_pettingzoo(game, horizon=10**6)
    if observed == "observations":
        env.state_space = None
    found = from_pettingzoo(env, discount=game.discount)
    old = relabelled(found)
    assert len(set(old)) == found.num_states
    used = [[int(a) for a in names] for names in found.labels.actions]
    at = np.ix_(range(2), old, *used)
    alive = ~found.terminal
    assert np.array_equal(found.payoff[:, alive], game.payoff[at][:, alive])
    assert np.array_equal(found.start, game.start[old])
    chance = game.dense().transition[np.ix_(old, *used, old)]
    assert np.array_equal(found.dense().transition[alive], chance[alive])
    for mask, own, columns in zip(found.legal, game.legal, used, strict=True):
        assert np.array_equal(mask[alive], own[np.ix_(old, columns)][alive])


def test_chance_and_poor_states_are_refused():
    coin = gt.StochasticGame(np.zeros((2, 2, 1, 1)), np.full((2, 1, 1, 2), 0.5), 0.9, [1.0, 0.0])
    with pytest.raises(gt.GameError, match=r"chance in it.*step function for interchange\.from_function"):
        from_pettingzoo(to_pettingzoo(coin, horizon=10**6), discount=0.9)
    with pytest.raises(gt.GameError, match="longer horizon"):
        from_pettingzoo(to_pettingzoo(gt.load_game("grid_game_1"), horizon=2), discount=0.9)
    with pytest.raises(gt.GameError, match="more than 10 states"):
        from_pettingzoo(to_pettingzoo(gt.load_game("grid_game_1"), horizon=99), discount=0.9, most_states=10)
    with pytest.raises(gt.GameError, match="not all of its state"):
        from_pettingzoo(to_pettingzoo(gt.load_game("grid_game_1"), horizon=99), discount=0.9, state=lambda env: 0)
    with pytest.raises(gt.GameError, match="aec_to_parallel"):
        from_pettingzoo(parallel_to_aec(to_pettingzoo(gt.load_game("chicken"))), discount=0.9)


class Count:
    """Two players add 0 or 1 to a number; array observations, actions from 5 up, the end at 3 or more."""

    possible_agents = ("a", "b")

    def observation_space(self, agent):
        return None

    def action_space(self, agent):
        return Discrete(2, start=5)

    def reset(self, seed=None, options=None) -> Any:
        self.number, self.agents = 0, ["a", "b"]
        return dict.fromkeys("ab", np.zeros(2)), {}

    def step(self, actions) -> Any:
        self.number += actions["a"] + actions["b"] - 10
        seen = dict.fromkeys("ab", np.array([self.number, 0.0]))
        return seen, {"a": self.number, "b": -1.0}, dict.fromkeys("ab", self.number >= 3), dict.fromkeys("ab", False), {}


def test_an_environment_of_any_make():
    env = Count()
    before = copy.deepcopy(vars(env))
    game = from_pettingzoo(env, discount=0.5)
    assert vars(env) == before
    assert game.labels.states == ("(0.0, 0.0)", "(1.0, 0.0)", "(2.0, 0.0)", "end at (3.0, 0.0)", "end at (4.0, 0.0)")
    assert game.labels.actions == (("5", "6"), ("5", "6"))
    assert game.payoff[0, :3].tolist() == [[[0, 1], [1, 2]], [[1, 2], [2, 3]], [[2, 3], [3, 4]]]
    assert game.terminal.tolist() == [False] * 3 + [True] * 2


class Anew(EzPickle, Count):
    """The same, of which a copy made by ``copy.deepcopy`` has not been reset."""

    def __init__(self, most=3):
        EzPickle.__init__(self, most)


class Wrapped(EzPickle):
    """Another around it, deep inside, as libraries wrap them."""

    def __init__(self, env):
        EzPickle.__init__(self, env)
        self.inner = [{"env": env, "again": self}]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.inner[0]["env"], name)


@pytest.mark.parametrize("make", [Anew, lambda: Wrapped(Anew()), lambda: Wrapped(Count()), lambda: Wrapped(Wrapped(Anew()))])
def test_environments_whose_copies_begin_anew_are_copied_as_they_stand(make):
    game, plain = from_pettingzoo(make(), discount=0.5, name="c"), from_pettingzoo(Count(), discount=0.5, name="c")
    assert game.labels == plain.labels
    assert np.array_equal(game.payoff, plain.payoff)
    assert all(np.array_equal(one, other) for one, other in zip(game.successors, plain.successors, strict=True))


def test_a_copy_shares_nothing_with_what_was_copied():
    env = Wrapped(Anew())
    env.reset()
    twin = duplicate(env)
    assert twin.inner[0]["again"] is twin
    twin.step({"a": 6, "b": 6})
    assert (env.number, twin.number) == (0, 2)


# ---- step functions -------------------------------------------------------------------------------------------------


def test_a_step_function_gives_the_game_back():
    game = gt.load_game("soccer")
    offsets, states, probabilities = game.successors

    def step(state, joint):
        row = int(np.ravel_multi_index((state, *joint), (game.num_states, *game.num_actions)))
        mine = slice(offsets[row], offsets[row + 1])
        return [(p, int(s), game.payoff[:, state, *joint]) for p, s in zip(probabilities[mine], states[mine], strict=True)]

    start = {int(s): float(game.start[s]) for s in np.flatnonzero(game.start)}
    told = []
    found = from_function(step, start, [range(5)] * 2, discount=game.discount, progress=lambda done, note: told.append((done, note)))
    old = [int(name) for name in found.labels.states]
    assert sorted(old) == list(range(game.num_states))
    assert np.allclose(found.payoff, game.payoff[:, old], rtol=0, atol=1e-15)
    place = np.argsort(old)
    dense = found.dense().transition[np.ix_(place, range(5), range(5), place)]
    assert np.array_equal(dense, game.dense().transition)
    assert told[-1][0] == 1
    assert told[-1][1] == "760 of 760 states found so far"


def test_rewards_are_averaged_and_states_merged():
    def step(state, joint):
        return [(0.25, "end", (4, 0)), (0.25, state, (0, 8)), (0.5, state, (0, 0)), (0.0, "never", (9, 9))]

    game = from_function(
        step, "on", lambda s: [["go"], ["a", "b"]], discount=0.5, terminal=lambda s: s == "end", players=("X", "Y"), label=str.upper
    )
    assert game.labels == gt.Labels(("X", "Y"), ("ON", "END"), (("go",), ("a", "b")))
    assert game.payoff[:, 0].tolist() == [[[1, 1]], [[2, 2]]]
    assert game.dense().transition[0].tolist() == [[[0.75, 0.25]] * 2]
    assert game.terminal.tolist() == [False, True]
    assert all(mask.all() for mask in game.legal)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda s, j: [(1.0, s + 1, (0, 0))], "more than 50 states"),
        (lambda s, j: [(0.5, s, (0, 0))], "sum to 1"),
        (lambda s, j: [], "sum to 1"),
        (lambda s, j: [(1.0, [s], (0, 0))], "cannot be hashed"),
        (lambda s, j: s, "was expected"),
        (lambda s, j: [(1.0, s)], "was expected"),
        (lambda s, j: [(1.0, s, (0, 0, 0))], "one number for each of 2 players"),
        (lambda s, j: [(0.5, s, (0, 0)), (0.5, s, 0)], "one number for each of 2 players"),
    ],
)
def test_a_wrong_step_function_is_refused(step, message):
    with pytest.raises(gt.GameError, match=message):
        from_function(step, 0, [["a"], ["b"]], discount=0.9, most_states=50)


def test_a_step_function_that_draws_is_refused():
    answers = itertools.count()
    with pytest.raises(gt.GameError, match=r"step\(0, \('a',\)\) led to \[0\] paying \[1.0\] and then \[1\] paying .* it draws"):
        from_function(lambda s, j: [(1.0, next(answers) % 2, 1)], 0, [["a"]], discount=0.9)
    with pytest.raises(gt.GameError, match="it draws"):
        from_function(lambda s, j: [(1.0, 0, next(answers))], 0, [["a"]], discount=0.9)


def test_an_environment_that_pays_no_number_is_refused():
    class Broken(Count):
        def step(self, actions):
            seen, _, ended, cut, infos = super().step(actions)
            return seen, dict.fromkeys("ab", float("nan")), ended, cut, infos

    with pytest.raises(gt.GameError, match=r"pay \[nan, nan\], finite rewards were expected"):
        from_pettingzoo(Broken(), discount=0.5)


def test_learners_train_on_the_environment():
    game = gt.load_game("biased_rock_paper_scissors")
    run = gt.learn(to_pettingzoo(game, horizon=5), "minimax_q", steps=1000, records=1, discount=0.5)
    assert run.settings["states"] == "state"
    assert gt.verify(game, run.profile).epsilon < 0.01  # uniform play: 0.08


def test_where_play_starts_is_counted():
    moves = np.zeros((3, 1, 1, 3))
    moves[:, 0, 0, 2] = 1
    game = gt.StochasticGame(np.arange(6.0).reshape(2, 3, 1, 1), moves, 0.9, [0.3, 0.7, 0])
    found = from_pettingzoo(to_pettingzoo(game, horizon=10**6), discount=0.9, resets=400)
    shares = dict(zip(found.labels.states, found.start, strict=True))
    assert shares["2"] == 0
    assert abs(shares["0"] - 0.3) < 0.1
