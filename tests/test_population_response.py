"""Exploitability of small populations, against the same process written out state by state."""

from itertools import product

import numpy as np
import pytest

from gametheory_rl import GameError, PopulationGame, families, learn, load_game, population_exploitability, population_gap
from gametheory_rl.learners import MeanFieldQ

RNG = np.random.default_rng(0)
GAMES = {
    "network": PopulationGame(
        neighbours=[[1, 2], [2, 3], [3, 0], [0, 0]], pair=RNG.normal(size=(2, 2)), own=[0.1, -0.2], discount=0.8, start=[0.3, 0.7]
    ),
    "crowd": PopulationGame(agents=3, load=[[1, 2, 0], [0, 1, 3], [1, 2, 0]], payoff=RNG.normal(size=(3, 10)), discount=0.6),
}


def random_profile(game, levels, types):
    return RNG.dirichlet(np.ones(game.num_actions), size=(types, 1, game.num_bins(levels)))


def written_out(game, profile, levels, order):
    """Gains of each agent, from matrices over the others' joint actions, with one linear system per deterministic policy's update."""
    gains, firsts = {}, {}
    for place, me in enumerate(order):
        others = [*order[place + 1 :], *order[:place]]
        cases = list(product(range(game.num_actions), repeat=len(others)))
        number = {case: k for k, case in enumerate(cases)}
        moves = np.zeros((game.num_actions, len(cases), len(cases)))
        rewards, mine = np.zeros((2, game.num_actions, len(cases)))
        for action, case in product(range(game.num_actions), cases):
            spread = {case: 1.0}
            for k, j in enumerate(others):
                after = {}
                for now, chance in spread.items():
                    joint = np.zeros(game.num_agents, int)
                    joint[others], joint[me] = now, action
                    row = profile[j if len(profile) > 1 else 0, 0, game.bins(joint, levels)[j]]
                    for a, p in enumerate(row):
                        then = (*now[:k], a, *now[k + 1 :])
                        after[then] = after.get(then, 0.0) + chance * p
                spread = after
            for then, chance in spread.items():
                moves[action, number[case], number[then]] = chance
            joint = np.zeros(game.num_agents, int)
            joint[others] = case
            rewards[action, number[case]] = game.payoffs(joint)[me, action]
            mine[action, number[case]] = profile[me if len(profile) > 1 else 0, 0, game.bins(joint, levels)[me], action]
        eye = np.eye(len(cases))
        played = np.linalg.solve(eye - game.discount * np.einsum("ac,acd->cd", mine, moves), (mine * rewards).sum(axis=0))
        choice, best = np.zeros(len(cases), int), played
        for _ in range(100):  # policy iteration
            at = np.arange(len(cases))
            best = np.linalg.solve(eye - game.discount * moves[choice, at], rewards[choice, at])
            choice = (rewards + game.discount * moves @ best).argmax(axis=0)
        start = np.array([np.prod(game.start[list(case)]) for case in cases])
        gains[me], firsts[me] = (best - played).max(), (best - played) @ start
    agents = range(game.num_agents)
    return [gains[i] for i in agents], [firsts[i] for i in agents]


@pytest.mark.parametrize("types", ["one", "each"])
@pytest.mark.parametrize("name", GAMES)
def test_it_is_the_process_written_out(name, types):
    game, levels = GAMES[name], 3
    profile = random_profile(game, levels, 1 if types == "one" else game.num_agents)
    for order in (list(range(game.num_agents)), list(RNG.permutation(game.num_agents))):
        found = population_exploitability(game, profile, order=order)
        gains, firsts = written_out(game, profile, levels, order)
        np.testing.assert_allclose(found.largest, gains, atol=1e-8)
        np.testing.assert_allclose(found.at_start, firsts, atol=1e-8)
        assert found.gap == found.largest.max() > 0.1
        assert found.start_gap == found.at_start.max() < found.gap
        assert found.error_bound < 1e-8


def test_without_a_future_it_is_the_gap_of_the_worst_actions():
    game = families.ising(3)
    profile = random_profile(game, 1, 1)
    worst = 0.0
    for actions in product(range(2), repeat=9):
        paid = game.payoffs(actions)
        worst = max(worst, (paid.max(axis=1) - (profile[0, 0, game.bins(actions, 1)] * paid).sum(axis=1)).max())
    assert population_exploitability(game, profile).gap == pytest.approx(worst, abs=1e-12)


def test_looking_ahead_can_beat_the_best_action_of_now():
    """All down is stable turn by turn; where up pays more in the end and others follow, a patient agent turns them."""
    follow = np.eye(2)[[0, 1]][np.newaxis, np.newaxis]
    pair = [[1.0, 0.0], [0.0, 3.0]]
    stands = {d: PopulationGame(neighbours=[[1], [0]], pair=pair, discount=d, start=[1.0, 0.0]) for d in (0.0, 0.9)}
    assert population_gap(stands[0.9], [0, 0], follow) == 0
    assert population_exploitability(stands[0.0], follow).start_gap == 0
    # Up once costs 1 now, then the other follows: 3 a turn from the next on, in place of 1.
    assert population_exploitability(stands[0.9], follow).start_gap == pytest.approx(0.9 * 3 / 0.1 - 1 / 0.1, abs=1e-7)


def test_a_colder_learner_is_less_exploitable():
    game = families.congestion_population(6, 2, discount=0.5)
    gaps = []
    for temperature in (1.0, 0.02):
        run = learn(game, MeanFieldQ(temperature=temperature), steps=4000, records=[4000])
        gaps.append(population_exploitability(game, run.profile).start_gap)
    assert gaps[1] < 0.5 * gaps[0]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: population_exploitability(load_game("soccer"), []), "verify judges stochastic games"),
        (lambda: population_exploitability(families.ising(5), np.full((1, 1, 5, 2), 0.5)), "population_gap judges large populations"),
        (lambda: population_exploitability(families.ising(3), np.ones((1, 1, 5, 2))), "no distributions"),
        (lambda: population_exploitability(families.ising(3), np.full((1, 1, 5, 2), 0.5), order=[0] * 9), "each agent from 0 to 8 once"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, says):
    with pytest.raises(GameError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)
