"""PR2-Q: every step by the definition, and where its forms settle in the paper's game, which is known."""

import numpy as np
import pytest

from gametheory_rl import GameError, StochasticGame, learn, load_game
from gametheory_rl.learners import PR2Q
from tests.learners.games import random_game

R1 = np.array([[0.0, 3.0], [1.0, 2.0]])


def forms(rho, worth, temperature=1.0):
    return PR2Q(step_size=1.0, rho=rho, worth=worth, temperature=temperature, annealing=0.0, exploration=0.0)


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_counted_answers_lead_to_the_equilibrium(temperature):
    run = learn(load_game("recursive_reasoning"), forms("counts", "mean", temperature), steps=500, seeds=20, records=1)
    firsts = np.array([[policy[0, 0] for policy in profile] for profile in run.profiles])
    assert np.abs(firsts - 0.5).max() < 0.1


@pytest.mark.parametrize(("worth", "printed"), [("soft", 0.676), ("mean", 0.755)])
def test_theorem_1_settles_elsewhere(worth, printed):
    rows = np.log(np.exp(R1).sum(axis=1))
    if worth == "mean":
        rho = np.exp(R1 - rows[:, np.newaxis])
        rows = (rho * R1).sum(axis=1)
    wanted = np.exp(rows[0]) / np.exp(rows).sum()
    assert wanted == pytest.approx(printed, abs=1e-3)
    run = learn(load_game("recursive_reasoning"), forms("soft", worth), steps=500, seeds=20, records=1)
    for profile in run.profiles:
        np.testing.assert_allclose([policy[0, 0] for policy in profile], wanted, atol=1e-12)
    assert (run.trace["nash_gap"][:, -1] > 0.15).all()


def by_hand(game, learner, steps):
    """Q, rho, worth, v and pi by dictionaries of joint actions, from random steps given to both."""
    rng, n = np.random.default_rng(0), game.num_players
    tables = learner.init(game.spec)
    q = [np.zeros((game.num_states, *game.num_actions)) for _ in range(n)]
    v = np.zeros((n, game.num_states))
    policies = [mask / mask.sum(axis=1, keepdims=True) for mask in game.legal]
    seen = np.zeros((game.num_states, *game.num_actions))
    visits = np.zeros(game.num_states)
    for step in range(steps):
        state, following = rng.integers(game.num_states, size=2)
        actions = tuple(int(rng.choice(np.flatnonzero(mask[state]))) for mask in game.legal)
        rewards, ended = rng.normal(size=n), bool(following == game.num_states - 1)
        tables.play.visits[state] += 1
        learner.update(tables, int(state), step, np.array(actions), rewards, int(following), ended)
        visits[state] += 1
        temperature = learner.temperature / (1 + learner.annealing * np.log(visits[state] + 1))
        seen[(state, *actions)] += 1
        for i in range(n):
            future = 0.0 if ended else v[i, following]
            q[i][(state, *actions)] += learner.step_size * (rewards[i] + game.discount[i] * future - q[i][(state, *actions)])
            worth = np.full(game.num_actions[i], -np.inf)
            for action in np.flatnonzero(game.legal[i][state]):
                rest = np.ix_(*(np.flatnonzero(mask[state]) if j != i else [action] for j, mask in enumerate(game.legal)))
                row, counted = q[i][state][rest].ravel(), seen[state][rest].ravel()
                soft = temperature * np.log(np.exp(row / temperature).sum())
                rho = np.exp((row - soft) / temperature)
                if learner.rho == "counts":
                    rho = counted / counted.sum() if counted.sum() else np.full(len(row), 1 / len(row))
                worth[action] = soft if learner.worth == "soft" else rho @ row
            v[i, state] = temperature * np.log(np.exp(worth / temperature).sum())
            policies[i][state] = np.exp((worth - v[i, state]) / temperature)
    return tables, v, policies, seen


@pytest.mark.parametrize("rho", ["counts", "soft"])
@pytest.mark.parametrize("worth", ["mean", "soft"])
def test_every_step_is_the_definition(rho, worth):
    game, learner = random_game(2, (2, 3, 2)), PR2Q(0.3, rho, worth, temperature=0.7, annealing=0.5)
    tables, v, policies, seen = by_hand(game, learner, 300)
    np.testing.assert_allclose(learner.values(tables), v, atol=1e-9)
    for ours, theirs in zip(learner.profile(tables), policies, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
    for i in range(3):
        answers = learner.answers(tables, i)
        np.testing.assert_allclose(answers.sum(axis=2), 1.0, atol=1e-12)
        if rho == "counts":
            counted = np.moveaxis(seen, i + 1, 1).reshape(answers.shape)
            known = counted.sum(axis=2) > 0
            np.testing.assert_allclose(answers[known], counted[known] / counted[known].sum(axis=1, keepdims=True), atol=1e-12)


def test_teams_find_their_best_joint_action():
    team = StochasticGame.from_matrix_game(load_game("climbing").payoff[:, 0])
    for seed in range(2):
        run = learn(team, PR2Q(rho="soft", temperature=5.0), steps=20_000, seed=seed, records=1)
        assert [int(policy[0].argmax()) for policy in run.profile] == [0, 0]


def test_in_zero_sum_games_average_play_nears_equilibrium():
    run = learn(load_game("biased_rock_paper_scissors"), "pr2_q", steps=200_000, seeds=2, records=[500])
    gap = run.trace["average_nash_gap"]
    assert (gap[:, -1] < 0.02).all()
    assert (gap[:, -1] < gap[:, 0]).all()


@pytest.mark.parametrize("name", ["rho", "worth"])
def test_forms_that_are_none_are_refused(name):
    for bad in ("softly", None, 1):
        with pytest.raises(GameError, match=f"{name} is .*, one of .* was expected"):
            PR2Q(**{name: bad})


def test_numbers_out_of_range_are_refused():
    for bad in (0.0, -1.0, float("nan"), True, "hot"):
        with pytest.raises(GameError, match="temperature"):
            PR2Q(temperature=bad)
    with pytest.raises(GameError, match="annealing"):
        PR2Q(annealing=-0.1)
    with pytest.raises(GameError, match="rho_step_size"):
        PR2Q(rho_step_size=2.0)
