"""Mean-field methods with networks: means against their definition, fixed points against answers, an order against heat bath's."""

import itertools
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")

import jax.numpy as jnp

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl.deep import DeepMeanFieldQ, MeanFieldAC, PopulationWorld, TensorGame, load_policy
from gametheory_rl.deep._crowd_q import last_plays
from gametheory_rl.deep._meeting import checked_graph, means_met, meeting_of, totals_of
from gametheory_rl.deep._method import Seen, Transition, spec_of
from tests.deep.fitting import fitted

SETTINGS = {"hidden": (16,), "learning_rate": 0.01, "last_rate": 0.01}


def batch_of(world, actions, rewards):
    count, n = actions.shape
    seen = Seen(
        jnp.ones((count, n, world.observation_sizes[0])), jnp.zeros((count, 0)), jnp.ones((count, n, world.action_sizes[0]), bool), None
    )
    seen = seen._replace(alive=jnp.ones((count, n), bool))
    acted, none = jnp.asarray(actions, jnp.int32), jnp.zeros(count)
    return Transition(seen, acted, acted, (), jnp.asarray(rewards, jnp.float32), none + 1, none > 1, seen, acted)


def trained(method, world, actions, rewards, steps):
    spec = spec_of(world, method, 0)
    method.require(spec)
    weights = jax.tree.map(jnp.asarray, method.draw(np.random.default_rng(0), spec))
    weights, losses = fitted(method, spec, batch_of(world, actions, rewards), steps, weights)
    return spec, weights, np.asarray(losses)


def one_of(batch):
    return jax.tree.map(lambda leaf: leaf[0], batch.seen)


# ---- who meets whom --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [4, 6])
def test_a_torus_has_two_colours_and_nobody_answers_beside_a_neighbour(size):
    graph = tuple(map(tuple, gt.families.ising(size).neighbours.tolist()))
    turns = meeting_of(size * size, graph, (), True).turns
    assert turns.shape == (2, size * size // 2)
    for row in turns:
        assert not {other for agent in row for other in graph[agent]} & set(row.tolist())


@pytest.mark.parametrize("teams", [(0,) * 7, (0, 0, 1, 0, 1, 1, 1)])
def test_means_are_over_the_living_others_of_the_team_or_the_graph(teams):
    rng = np.random.default_rng(0)
    said, alive = rng.normal(size=(7, 3)).astype(np.float32), np.array([1, 1, 1, 0, 1, 0, 1], bool)
    ragged = ((1, 2), (0,), (3, 4, 5), (5,), (0, 6), (3,), (2, 3))
    for graph in ((), ragged):
        meeting = meeting_of(7, graph, teams, True)
        found = jax.jit(lambda said, here, own=meeting: means_met(own, said, totals_of(own, said, here), here, np.arange(7)))(said, alive)
        for i in range(7):
            met = graph[i] if graph else [j for j in range(7) if j != i and teams[j] == teams[i]]
            here = [j for j in met if alive[j]]
            np.testing.assert_allclose(found[i], said[here].mean(axis=0) if here else 0.0, atol=1e-6)


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        ([[1], [], [0]], "agent 1 has no neighbours, at least one was expected"),
        ([[1], [0], [3]], "neighbours of agent 2 hold 3"),
        ([[0], [0], [1]], "neighbours of agent 0 hold 0"),
        (5, "a list of neighbours, whole numbers, for each agent"),
        ([[1.5], [0]], r"neighbours is \[\[1.5\], \[0\]\], a list of neighbours, whole numbers, for each agent"),
        ([[True], [0]], "a list of neighbours, whole numbers, for each agent"),
        (np.full((40, 1), 0.5), "a list of neighbours, whole numbers, for each agent"),
    ],
)
def test_a_graph_with_a_hole_is_refused(graph, words):
    with pytest.raises(GameError, match=words) as caught:
        DeepMeanFieldQ(neighbours=graph)
    assert "\n" not in str(caught.value)
    assert checked_graph([[1], [0]]) == ((1,), (0,))


# ---- the Ising model -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lattice():
    """A lattice of 10 x 10, and Q learned from random play on it."""
    game = gt.families.ising(10)
    world = PopulationWorld(game)
    actions = np.random.default_rng(0).integers(2, size=(8, 100))
    actions[:3] = [[0] * 100, [1] * 100, ([0] * 9 + [1]) * 10]
    rewards = np.stack([game.payoffs(each)[np.arange(100), each] for each in actions])
    method = DeepMeanFieldQ(temperature=0.8, **SETTINGS)
    return game, method, *trained(method, world, actions, rewards, 1500), batch_of(world, actions, rewards)


def test_networks_learn_what_neighbours_pay(lattice):
    game, method, spec, weights, losses, batch = lattice
    assert losses[-1] < 1e-5
    actions = np.random.default_rng(1).integers(2, size=100)
    _, worths = jax.jit(lambda plays: method.all_worths(spec, weights["nets"], one_of(batch), plays))(np.eye(2, dtype=np.float32)[actions])
    np.testing.assert_allclose(worths * spec.scale, game.payoffs(actions), atol=0.03)


def test_answers_in_turn_have_heat_baths_order_and_the_temperature_acts(lattice):
    game, method, spec, weights, _, batch = lattice
    seen = one_of(batch)

    @jax.jit
    def order(temperature):
        def sweep(actions, key):
            acted = method.act(spec, {**weights, "temperature": temperature}, seen, actions, key).actions
            return acted, jnp.abs(2 * acted.mean() - 1)

        keys = jax.random.split(jax.random.PRNGKey(0), 3000)
        return jax.lax.scan(sweep, jnp.ones(100, jnp.int32), keys)[1][300:].mean()

    for temperature in (0.8, 1.4):
        sampled = gt.heat_bath(game, temperature, sweeps=20_000).order
        assert float(order(jnp.float32(temperature))) == pytest.approx(sampled, abs=0.04)


def test_the_schedule_goes_from_first_to_last():
    method = DeepMeanFieldQ(temperature=2.0, last_temperature=0.5)
    assert [float(method.heat(jnp.float32(share))) for share in (0, 0.5, 1)] == pytest.approx([2, 1, 0.5])


@pytest.mark.parametrize(
    "game", [gt.families.ising(4, field=0.3), gt.families.gaussian_squeeze(9, 4, mu=10.0, sigma=5.0)], ids=lambda game: game.name
)
def test_the_gap_that_a_world_counts_is_the_judges(game):
    world = PopulationWorld(game)
    state, step = world.reset(jax.random.PRNGKey(2))
    found = jax.jit(lambda: world.measures(state, step)["population_gap"])()
    assert float(found) == pytest.approx(gt.population_gap(game, np.asarray(state.actions)), rel=1e-4)
    assert float(found) > 0


# ---- one number of the mean that an action makes ---------------------------------------------------------------------


@pytest.mark.parametrize("game", [gt.families.ising(4), gt.families.gaussian_squeeze(16, 2)], ids=lambda game: game.name)
def test_joined_networks_are_given_the_mean_that_an_action_makes(game):
    """Held against its definition, agent by agent: everybody who is met adds 1 / k, and so does the action itself."""
    method, world = DeepMeanFieldQ(joined=True, initial=(0.5, -0.25), hidden=(8,)), PopulationWorld(game)
    spec = spec_of(world, method, 0)
    rng, actions = np.random.default_rng(0), np.random.default_rng(1).integers(2, size=16)
    nets = method.draw(rng, spec)["nets"]
    nets["q"] = tuple(layer._replace(weight=rng.normal(size=layer.weight.shape).astype(np.float32)) for layer in nets["q"])
    seen, plays = one_of(batch_of(world, actions[np.newaxis], np.zeros((1, 16)))), np.eye(2, dtype=np.float32)[actions]
    found = method.all_worths(spec, nets, seen, plays)[1]
    np.testing.assert_allclose(method.worth_of(spec, nets, seen, plays), (found * plays).sum(axis=1), rtol=1e-4, atol=1e-5)
    (first, _), (last, _) = ((layer.weight[0], layer.bias[0]) for layer in nets["q"])
    for i, own in itertools.product(range(16), range(2)):
        met = game.neighbours[i] if game.is_network else np.delete(np.arange(16), i)
        made = (np.bincount(actions[met], minlength=2) + np.eye(2)[own]) / len(met)
        told = np.concatenate([[1.0], made * len(met) ** 0.5, np.eye(2)[own] / len(met)])
        wanted = np.maximum(told @ first, 0) @ last[:, 0] + (0.5, -0.25)[own] / spec.scale
        assert float(found[i, own]) == pytest.approx(wanted, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("method", [DeepMeanFieldQ, MeanFieldAC, partial(DeepMeanFieldQ, joined=True), partial(MeanFieldAC, joined=True)])
def test_play_begins_as_initial_says_from_what_the_crowd_shows(method):
    world = PopulationWorld(gt.families.gaussian_squeeze(9, 3, start=[0, 1, 0]))
    method = method(initial=(1.0, 3.0, -2.0), temperature=2.0)
    spec = spec_of(world, method, 0)
    weights = method.draw(np.random.default_rng(0), spec)
    _, step = world.reset(jax.random.PRNGKey(0))
    seen = Seen(step.observations, jnp.zeros(0), step.legal, step.alive)
    shown = last_plays(spec, seen, method.memory(spec))
    np.testing.assert_array_equal(shown, np.tile([0, 1, 0], (9, 1)))
    context, worths = method.all_worths(spec, weights["nets"], seen, shown)
    np.testing.assert_allclose(worths * spec.scale, np.tile([1, 3, -2], (9, 1)), rtol=1e-5)
    rows = np.arange(9)
    asked = method.worths(spec, weights["nets"], context, method.met(spec, context, seen, shown), rows)
    chances = method.chances(spec, weights["nets"], context, asked, jnp.float32(2.0), seen.legal, rows)
    np.testing.assert_allclose(chances, np.tile(np.exp([0.5, 1.5, -1.0]) / np.exp([0.5, 1.5, -1.0]).sum(), (9, 1)), rtol=1e-5)


# ---- tensor games ----------------------------------------------------------------------------------------------------


TEMPERATURE = 0.5


@pytest.fixture(scope="module")
def bar():
    """Three players of whom at most two should go out."""
    joint = np.array(list(itertools.product(range(2), repeat=3)))
    payoff = np.array([[0.5 if not own[i] else (1.0 if own.sum() < 3 else -1.0) for own in joint] for i in range(3)])
    game = gt.StochasticGame.from_matrix_game(payoff.reshape(3, 2, 2, 2))
    return game, joint, payoff.T


@pytest.mark.parametrize("kind", [DeepMeanFieldQ, partial(DeepMeanFieldQ, joined=True), MeanFieldAC], ids=["q", "joined", "ac"])
def test_the_policy_judged_is_the_fixed_point_of_policy_and_mean_action(bar, kind):
    game, joint, rewards = bar
    settings = {"actor_rate": 0.01, "informed": True} if kind is MeanFieldAC else {}
    method = kind(temperature=TEMPERATURE, **SETTINGS, **settings)
    world = TensorGame(game)
    spec, weights, losses = trained(method, world, joint, rewards, 1500)
    seen = one_of(batch_of(world, joint, rewards))
    assert losses[-1] < 1e-3

    @jax.jit
    def point():
        chances = method.policy(spec, weights, seen, method.memory(spec))
        worths = method.all_worths(spec, weights["nets"], seen, chances)[1]
        return chances, jax.nn.softmax(worths * spec.scale / TEMPERATURE, axis=-1)

    chances, answer = point()
    np.testing.assert_allclose(chances, answer, atol=0.03)
    rows = np.asarray(chances, float)
    rows /= rows.sum(axis=1, keepdims=True)
    assert gt.verify(game, [each[np.newaxis] for each in rows]).epsilon < TEMPERATURE


def test_what_is_next_is_the_mean_field_value_and_samples_average_to_it(bar):
    game, joint, rewards = bar
    method = DeepMeanFieldQ(temperature=TEMPERATURE, order="synchronous", **SETTINGS)
    world = TensorGame(game)
    spec = spec_of(world, method, 0)
    nets = jax.tree.map(jnp.asarray, method.draw(np.random.default_rng(3), spec)["nets"])
    seen, memory, hot = one_of(batch_of(world, joint, rewards)), jnp.asarray([0, 1, 1]), jnp.float32(TEMPERATURE)

    told = jax.jit(lambda plays: method.all_worths(spec, nets, seen, plays)[1])

    def answers(plays):
        worths = np.asarray(told(plays), float)
        weights = np.exp(worths * spec.scale / TEMPERATURE)
        return weights / weights.sum(axis=1, keepdims=True), worths

    chances, worths = answers(answers(np.eye(2, dtype=np.float32)[np.asarray(memory)])[0].astype(np.float32))
    wanted = (chances * worths).sum(axis=1)
    keys = jax.random.split(jax.random.PRNGKey(0), 2000)
    sampling = replace(method, target="sample")
    worth = jax.jit(lambda: method.worth(spec, nets, hot, seen, memory, keys[0]))()
    np.testing.assert_allclose(worth, wanted, rtol=1e-4)
    drawn = np.asarray(jax.jit(jax.vmap(lambda key: sampling.worth(spec, nets, hot, seen, memory, key)))(keys))
    np.testing.assert_allclose(drawn.mean(axis=0), wanted, atol=4 * float(drawn.std()) / 2000**0.5 + 1e-3)


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_worlds_without_a_mean_are_refused():
    pennies = gt.StochasticGame.from_matrix_game([[1.0, -1.0], [-1.0, 1.0]])
    with pytest.raises(GameError, match="answers the mean of many, and this game has 2 agents, 3 or more were expected"):
        gt.learn(pennies, "deep_mean_field_q", steps=10)
    uneven = gt.StochasticGame.from_matrix_game(np.zeros((3, 2, 2, 3)))
    with pytest.raises(GameError, match="takes means of actions, and agents have 2, 2, 3"):
        gt.learn(uneven, "mean_field_ac", steps=10)
    with pytest.raises(GameError, match="neighbours are those of 2 agents, and there are 16"):
        gt.learn(gt.families.ising(4), DeepMeanFieldQ(neighbours=((1,), (0,))), steps=10)
    with pytest.raises(GameError, match="target is 'max', one of 'value', 'sample'"):
        DeepMeanFieldQ(target="max")


def test_payoffs_beyond_single_precision_are_refused_and_large_ones_are_divided():
    crowd = {"agents": 4, "load": [0, 1]}
    for game in (gt.PopulationGame(payoff=[0, 1e300, 0, 0, 0], **crowd), gt.families.ising(4, coupling=1e15)):
        with pytest.raises(GameError, match="payoffs reach .* at most 1e\\+15"):
            gt.learn(game, "deep_mean_field_q", steps=10)
    large = PopulationWorld(gt.PopulationGame(payoff=[0, 1e15, 0, 0, 0], **crowd))
    assert spec_of(large, DeepMeanFieldQ(), 0).scale == pytest.approx(1e15)
    small = PopulationWorld(gt.PopulationGame(payoff=[0, 1e-39, 0, 0, 0], **crowd))
    assert spec_of(small, DeepMeanFieldQ(), 0).scale == 1
    with pytest.raises(GameError, match="horizon is 0"):
        PopulationWorld(gt.families.ising(4), horizon=0)
    with pytest.raises(GameError, match="initial reaches 1e\\+300"):
        DeepMeanFieldQ(initial=(1e300, 0))
    with pytest.raises(GameError, match="initial over temperature reaches 1e\\+20"):
        MeanFieldAC(initial=(1e12, 0), temperature=1e-8)


def test_a_crowd_is_drawn_as_it_stands():
    world = PopulationWorld(gt.load_game("gaussian_squeeze", agents=10))
    state, _ = world.reset(jax.random.PRNGKey(0))
    discs = world.scene(state).circles
    np.testing.assert_array_equal(discs[:, 3], state.actions)
    assert len({(x, y) for x, y in discs[:, :2]}) == 10
    assert (np.argsort(discs[:, 2], kind="stable") == np.argsort(np.asarray(state.actions), kind="stable")).all()


def test_an_actor_learns_at_its_own_rate_whatever_the_critics():
    game = gt.families.ising(4)
    small = {"environments": 2, "rollout": 4, "replay": 64, "warmup": 8, "hidden": 8, "evaluation": 2, "batch_size": 16}
    for rate in (0.0, 1e-12):
        run = gt.learn(game, MeanFieldAC(learning_rate=rate, actor_rate=1e-2, **small), steps=80, records=[1, 80], progress=False)
        weights = load_policy(run, game).weights["nets"]["actor"]
        begun = load_policy(gt.learn(game, MeanFieldAC(learning_rate=rate, **small), steps=1, records=1, progress=False), game)
        moved = [float(jnp.abs(a - b).max()) for a, b in zip(*map(jax.tree.leaves, (weights, begun.weights["nets"]["actor"])), strict=True)]
        assert min(moved) > 1e-3, (rate, moved)


@pytest.mark.parametrize("word", ["target", "order", "sharing"])
def test_words_that_are_arrays_are_refused(word):
    with pytest.raises(GameError, match=f"{word} is array.*, one of"):
        DeepMeanFieldQ(**{word: np.array([1.0, 2.0])})
