"""Environments: the same learning as on tensors, episodes that end rightly, and what is refused in a sentence."""

from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete, MultiBinary

from gametheory_rl import GameError, StochasticGame, learn, load_game, load_run, solve, verify
from gametheory_rl.learners import CentralisedQ, IndependentQ, MinimaxQ
from gametheory_rl.learners._interface import interface_of
from tests.learners.environments import Apart, TensorEnv

PENNIES = load_game("matching_pennies")


def chanceless(players=2, states=6, seed=0, *, zero_sum=False):
    """One start, one successor of every joint action, the last state terminal."""
    rng = np.random.default_rng(seed)
    actions = (3, 2, 2)[:players]
    payoff = rng.normal(size=(players, states, *actions))
    payoff = np.stack([payoff[0], -payoff[0]]) if zero_sum else payoff
    transition = np.eye(states)[rng.integers(states, size=(states, *actions))]
    payoff[:, -1], transition[-1] = 0.0, np.eye(states)[-1]
    return StochasticGame(payoff, transition, 0.8, start=np.eye(states)[0])


def bits(run):
    arrays = [*run.profile, *run.average_profiles[0], run.visits, run.policies]
    return [array.tobytes() for array in arrays]


@pytest.mark.parametrize("sampling", ["on_policy", "epsilon_greedy", "uniform"])
@pytest.mark.parametrize("learner", [IndependentQ(), CentralisedQ(), MinimaxQ()])
def test_without_chance_an_environment_teaches_what_the_tensors_teach_to_the_bit(learner, sampling):
    game = chanceless(zero_sum=isinstance(learner, MinimaxQ))
    wanted = {"steps": 600, "horizon": 9, "records": [200], "policy_states": [0, 3], "sampling": sampling}
    assert bits(learn(TensorEnv(game), learner, discount=0.8, **wanted)) == bits(learn(game, learner, **wanted))


def test_three_players_too():
    game = chanceless(players=3)
    wanted = {"steps": 400, "horizon": 9, "records": 1, "policy_states": [1]}
    assert bits(learn(TensorEnv(game, start=2), "independent_q", discount=0.8, **wanted)) == bits(learn(game, "independent_q", **wanted))


def test_with_chance_it_learns_the_same_equilibrium():
    rng = np.random.default_rng(4)
    payoff = rng.normal(size=(3, 2, 2))
    transition = rng.dirichlet(np.ones(3), size=(3, 2, 2))
    game = StochasticGame([payoff, -payoff], transition, 0.5)
    run = learn(TensorEnv(game), MinimaxQ(), steps=12_000, horizon=50, records=1, discount=0.5, sampling="uniform")
    other = learn(game, MinimaxQ(), steps=12_000, horizon=50, records=1, sampling="uniform")
    assert verify(game, run.profile).epsilon < 0.1
    assert other.trace["nash_gap"][0, -1] < 0.1
    np.testing.assert_allclose(run.visits / 12_000, other.visits / 12_000, atol=0.03)


def test_the_run_says_that_nobody_knows_the_truth(tmp_path):
    run = learn(TensorEnv(PENNIES, limit=4), "independent_q", steps=203, seeds=2, records=[100], discount=0.0)
    assert list(run.trace) == ["step", "episodes", "episode_return_0", "episode_return_1", "reward_0", "reward_1"]
    assert "no gap: an environment has no tensors" in repr(run)
    assert run.trace["episodes"].tolist() == [[25, 25], [25, 25]]
    np.testing.assert_allclose(run.trace["episode_return_0"], -run.trace["episode_return_1"])
    np.testing.assert_allclose(run.trace["episode_return_0"][:, 0], 4 * run.trace["reward_0"][:, 0])
    assert (run.settings["environment"], run.settings["states"]) == ("tests.learners.environments.TensorEnv", "common")
    again = load_run(run.save(tmp_path / "run.npz"))
    assert "no gap" in repr(again)
    assert np.isnan(learn(TensorEnv(PENNIES), "independent_q", steps=9, discount=0.0, records=1).trace["episode_return_0"]).all()


def test_seeds_do_not_depend_on_their_number():
    game = load_game("prisoners_dilemma")
    two, one = (learn(TensorEnv(game, limit=5), "independent_q", steps=300, seeds=k, records=2, discount=0.0) for k in (2, 1))
    assert all(np.array_equal(two.trace[name][:1], one.trace[name], equal_nan=True) for name in one.trace)
    assert not np.array_equal(two.average_profiles[0][0], two.average_profiles[1][0])


@pytest.mark.parametrize(("limit", "expected"), [(1, 2.0), (None, 2.0)])
def test_truncation_bootstraps(limit, expected):
    for_ever = StochasticGame(np.ones((1, 1, 1)), np.ones((1, 1, 1)), 0.5)
    seen = {}

    class Spy(IndependentQ):
        def values(self, tables):
            seen["value"] = float(tables.value[0, 0])
            return super().values(tables)

    learn(TensorEnv(for_ever, limit=limit), Spy(step_size=0.5), steps=200, records=1, discount=0.5)
    assert seen["value"] == pytest.approx(expected)


def test_termination_does_not():
    payoff, transition = np.array([[[1.0, 0.0], [0.0, 0.0]]]), np.zeros((2, 2, 2))
    transition[:, :, 1] = 1.0
    ends = StochasticGame(payoff, transition, 0.5)
    run = learn(TensorEnv(ends), IndependentQ(step_size=0.5, initial=7.0), steps=300, records=1, discount=0.5)
    assert run.profile[0][0].tolist() == [1.0, 0.0]
    assert run.visits.tolist() == [[300, 0]]


def test_states_are_what_all_see_or_a_product_or_what_the_environment_says():
    game = chanceless(seed=3)
    ends = game.terminal.nonzero()[0]
    common, apart = interface_of(TensorEnv(game)), interface_of(Apart(game, (2, 3)))
    assert (common.states, common.num_states) == ("common", 6)
    assert (apart.states, apart.num_states) == ("joint", 6)
    wanted = {"steps": 300, "records": 1, "policy_states": [0], "horizon": 9, "discount": 0.8}
    assert bits(learn(Apart(game, (2, 3)), "independent_q", **wanted)) == bits(learn(TensorEnv(game), "independent_q", **wanted))

    class Told(Apart):
        state_space = Discrete(6)

        def state(self):
            return self.place

    assert interface_of(Told(game, (2, 3))).states == "state"
    assert bits(learn(Told(game, (2, 3)), "independent_q", **wanted)) == bits(learn(TensorEnv(game), "independent_q", **wanted))
    assert len(ends)


class Changed(TensorEnv):
    """Matching pennies with one thing that is not right."""

    def __init__(self, **changes):
        super().__init__(PENNIES, limit=3)
        self.__dict__.update(changes)

    def reset(self, seed=None, options=None) -> Any:
        found = super().reset(seed, options)
        return found[0] if "old" in self.__dict__ else found

    def step(self, actions):
        seen, rewards, ends, cuts, infos = super().step(actions)
        if "mask" in self.__dict__:
            infos["p1"] = {"action_mask": np.array(self.mask)}
        if "early" in self.__dict__:
            ends = ends | {"p0": True}
        if "gone" in self.__dict__:
            seen = {"p0": seen["p0"]}
        rewards = self.unpaid if "unpaid" in self.__dict__ else rewards | self.__dict__.get("paid", {})
        return seen, rewards, ends, cuts, infos


class InTurn(Changed):
    def agent_iter(self):
        return iter(())


@pytest.mark.parametrize(
    ("env", "change", "complaint"),
    [
        (Changed(observed=Box(0, 1, (2,))), {}, "observation space of p0 is Box.*Discrete"),
        (Changed(acted=dict.fromkeys(("p0", "p1"), Box(0, 1, (2,)))), {}, "action space of p0 is Box.*Discrete"),
        (Changed(acted=dict.fromkeys(("p0", "p1"), MultiBinary(3))), {}, "action space of p0 is MultiBinary"),
        (Changed(observed=Discrete(10**7)), {}, "10000000 states, tables take at most 1000000"),
        (Apart(chanceless(), (2000, 3000)), {}, r"6000000 states \(2000 x 3000 observations\)"),
        (Changed(observed=Discrete(1, start=5)), {}, "the observation of p0 is 0, an integer from 5 to 5"),
        (Changed(mask=[1, 0]), {}, "masks actions of p1"),
        (Changed(early=True), {}, "p0 ended before or otherwise than the others"),
        (Changed(gone=True), {}, "observations of p0, of all of p0, p1"),
        (Changed(paid={"p0": np.nan}), {}, "pays .*finite"),
        (Changed(paid={"p0": "much"}), {}, "pays .*much.* a finite reward for each of p0, p1"),
        (Changed(paid={"p0": np.zeros(2)}), {}, "pays .* a finite reward for each of p0, p1"),
        (Changed(unpaid={"p0": 1.0}), {}, "pays {'p0': 1.0}, a finite reward for each of p0, p1"),
        (Changed(unpaid=None), {}, "returned rewards of type NoneType, a dict by agent"),
        (TensorEnv, {}, "game is .*, a StochasticGame was expected"),
        (object(), {}, "game is object, a StochasticGame was expected"),
        (Changed(paid={"p0": 5.0}), {"learner": "minimax_q"}, "needs a zero-sum game"),
        (Changed(old=True), {}, "reset of Changed returned dict"),
        (Changed(possible_agents=[]), {}, "no possible_agents"),
        (InTurn(), {}, "aec_to_parallel"),
        (Changed(lock=open), {"learner": "mean_field_q"}, "mean_field_q does not play environments"),
        (Changed(held=(each for each in ())), {"seeds": 2}, "cannot be copied .*seeds=1"),
        (Changed(), {"discount": None}, "has no discount: give discount"),
        (Changed(), {"discount": 1.0}, "discount is 1.0, a number below 1"),
        (Changed(), {"discount": "half"}, "discount"),
        (Changed(), {"checkpoint": "state.npz"}, "checkpoint is given, but an environment cannot be saved"),
        (Changed(), {"exact": solve(PENNIES)}, "exact is given, but an environment has no tensors"),
        (Changed(), {"sampling": "generative"}, "does not let itself be put"),
        (Changed(), {"policy_states": [1]}, "a policy state is 1"),
        (Changed(), {"learner": CentralisedQ(), "discount": [0.1, 0.2]}, "common discount"),
        (PENNIES, {}, "discount is 0.5, but the game has its own"),
    ],
)
def test_says_what_is_wrong_in_one_sentence(env, change, complaint):
    given = {"learner": "independent_q", "steps": 10, "discount": 0.5} | change
    with pytest.raises(GameError, match=complaint) as error:
        learn(env, given.pop("learner"), **given)
    assert "\n" not in str(error.value)


def test_agents_that_saw_the_same_and_then_do_not():
    class Later(Changed):
        count = 0

        def _seen(self):
            self.count += 1
            return {"p0": 0, "p1": int(self.count > 1800)}

    with pytest.raises(GameError, match=r"saw the same for 1000 steps .* state_space"):
        learn(Later(observed=Discrete(2)), "independent_q", steps=2000, discount=0.5)


def test_pettingzoos_own_checker_takes_the_test_environment():
    from pettingzoo.test import parallel_api_test

    parallel_api_test(TensorEnv(PENNIES, limit=5), num_cycles=30)
