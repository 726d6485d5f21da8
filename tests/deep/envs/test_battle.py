"""The battle against recordings of MAgent2 (see record_battle.py), and against its rules carried out one agent after another."""

from pathlib import Path

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")


from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs import Battle
from gametheory_rl.deep.envs._battle import BattleState
from gametheory_rl.deep.envs._battle_rules import MOVES, STRIKES

STAY = 6
RECORDED = Path(__file__).with_name("battle.npz")


@pytest.fixture(scope="module")
def recorded():
    with np.load(RECORDED) as arrays:
        return {key: arrays[key] for key in arrays.files}


@pytest.fixture(scope="module")
def replayed(recorded):
    """Every recorded step, carried out by our rules from the recorded state, in the recorded order of strikes."""
    world = Battle(map_size=int(recorded["size"]), max_cycles=7)
    alive = recorded["hp"] >= 0
    cells = np.where(alive, recorded["y"].astype(int) * world.map_size + recorded["x"], 0).astype(np.int32)
    steps = len(cells)
    states = BattleState(cells, recorded["hp"], alive, np.zeros(steps, np.int32))
    turns = np.full(cells.shape, np.inf, np.float32)
    for t, order in enumerate(recorded["order"].astype(int)):
        attackers = order[order >= 0]
        turns[t] = 1000 + np.arange(len(order))
        turns[t, attackers] = np.arange(len(attackers))
    resolve = jax.jit(jax.vmap(world.resolve))
    after = resolve(turns, states, np.maximum(recorded["action"], 0).astype(np.int32))
    views = resolve(turns, states, np.full(cells.shape, STAY, np.int32))[1].observations[recorded["viewed"]]
    return world, states, jax.tree.map(np.asarray, after), np.asarray(views), resolve


def test_every_recorded_step_is_reproduced(recorded, replayed):
    _, before, (after, step), *_ = replayed
    present = recorded["hp"] >= 0
    np.testing.assert_allclose(step.rewards[present], recorded["reward"][present], atol=2e-6)
    # The next recorded state, within an episode.
    same = ~recorded["first"][1:]
    np.testing.assert_array_equal(after.alive[:-1][same], present[1:][same])
    lives = present[1:] & same[:, None]
    np.testing.assert_array_equal(after.cells[:-1][lives], before.cells[1:][lives])
    np.testing.assert_allclose(after.health[:-1][lives], recorded["hp"][1:][lives], atol=2e-5)
    ended = step.continues == 0
    np.testing.assert_array_equal(ended, recorded["ends"].all(axis=1))
    # The recording has something to say: deaths, blows by who dies, moves into cells that were left or taken in the same step.
    died = present & ~after.alive
    assert died.sum() > 30
    assert np.any(recorded["reward"][died] > 0)
    wished = before.cells + np.where(recorded["action"] < 13, (MOVES[:, 1] * 22 + MOVES[:, 0])[np.minimum(recorded["action"], 12)], 0)
    assert np.sum(present & after.alive & (wished != after.cells)) > 100


def test_first_positions_are_the_engines(recorded, replayed):
    world, before, *_ = replayed
    state, _ = jax.jit(world.reset)(jax.random.key(0))
    for t in np.flatnonzero(recorded["first"]):
        np.testing.assert_array_equal(state.cells, before.cells[t])


def test_views_hold_what_the_engine_shows(recorded, replayed):
    world, before, _, views, _ = replayed
    # A step in which all stay and heal shows everybody's neighbourhood with .1 more health, at most 10.
    sight = world._sight
    for k, t in enumerate(recorded["viewed"]):
        for i in np.flatnonzero(before.alive[t]):
            theirs = recorded["views"][k, i][sight[:, 1] + 6, sight[:, 0] + 6]
            wall, own, other = views[k, i, : 3 * len(sight)].reshape(3, -1)
            # The engine's map ends at the wall; beyond it we see wall, it sees nothing.
            x, y = recorded["x"][t, i] + sight[:, 0], recorded["y"][t, i] + sight[:, 1]
            beyond = (x < 0) | (y < 0) | (x >= world.map_size) | (y >= world.map_size)
            np.testing.assert_array_equal(wall[~beyond], theirs[~beyond, 0])
            for ours, presence, health in ((own, theirs[:, 1], theirs[:, 2]), (other, theirs[:, 3], theirs[:, 4])):
                healed = np.minimum(health + 0.01, 1.0)
                np.testing.assert_allclose(ours, np.where(presence > 0, (1 + healed) / 2, 0.0), atol=1e-5)


def by_hand(world, turn, cells, health, alive, actions):
    """One step as the engine does it: strike after strike, move after move."""
    size, teams = world.map_size, world.teams
    cells, health, alive = cells.copy(), health.astype(float), alive.copy()
    reward = np.where(alive, -0.005, 0.0)
    struck = np.zeros(len(cells))
    grid = {cells[i]: i for i in np.flatnonzero(alive)}
    for i in np.argsort(turn):
        if not alive[i] or actions[i] < 13:
            continue
        x, y = STRIKES[actions[i] - 13]
        j = grid.get(cells[i] + y * size + x)
        reward[i] -= 0.1
        if j is None or teams[j] == teams[i]:
            continue
        health[j] -= 2
        if health[j] < 0:
            alive[j] = False
            del grid[cells[j]]
            reward[j] = -0.1
            reward[i] += 5
        else:
            struck[i] = 0.2
    health = np.where(alive, np.minimum(health + 0.1, 10), health)
    for i in np.flatnonzero(alive):
        if actions[i] < 13:
            goal = cells[i] + MOVES[actions[i], 1] * size + MOVES[actions[i], 0]
            row, column = divmod(goal, size)
            if goal not in grid and 0 < row < size - 1 and 0 < column < size - 1:
                del grid[cells[i]]
                grid[goal], cells[i] = i, goal
    return cells, health, alive, reward + struck


def test_crowds_are_resolved_as_one_after_another(replayed):
    # Agents packed as densely as can be, of little health: long chains of who depends on whom.
    world, before, *_, resolve = replayed
    shape = draws, n = before.cells.shape
    rng, size = np.random.default_rng(0), world.map_size
    inside = np.array([row * size + column for row in range(5, 10) for column in range(5, 11)])
    for _ in range(4):
        cells = np.stack([rng.choice(inside, n, replace=False) for _ in range(draws)]).astype(np.int32)
        health = rng.choice([0.1, 1.9, 2.0, 2.1, 4.1, 10.0], shape).astype(np.float32)
        alive = rng.random(shape) < 0.9
        actions = np.where(rng.random(shape) < 0.6, rng.integers(13, 21, shape), rng.integers(0, 13, shape)).astype(np.int32)
        turns = np.argsort(rng.random(shape), axis=1).astype(np.float32)
        after, step = jax.tree.map(np.asarray, resolve(turns, BattleState(cells, health, alive, np.zeros(draws, np.int32)), actions))
        for k in range(draws):
            places, points, lives, rewards = by_hand(world, turns[k], cells[k], health[k], alive[k], actions[k])
            np.testing.assert_array_equal(after.alive[k], lives)
            np.testing.assert_array_equal(after.cells[k][lives], places[lives])
            np.testing.assert_allclose(after.health[k][lives], points[lives], atol=1e-5)
            np.testing.assert_allclose(step.rewards[k], rewards, atol=1e-5)


def turned(world, views, flip):
    """Return the views of all cells, health and place with the map's columns (1) or rows (0) the other way round."""
    sight = world._sight
    count = len(sight)
    order = np.array([np.flatnonzero((sight == at).all(axis=1))[0] for at in sight * ([-1, 1] if flip else [1, -1])])
    place = views[..., 3 * count : 3 * count + 3].copy()
    place[..., 2 - flip] = 1 - place[..., 2 - flip]
    return np.concatenate([views[..., np.concatenate([order + k * count for k in range(3)])], place], axis=-1)


@pytest.mark.parametrize("flip", [0, 1], ids=["rows", "columns"])
def test_neither_side_is_favoured(replayed, flip):
    """The other way round, and with the teams exchanged, everything is the same, but for who moves first into one cell."""
    world, before, *_, resolve = replayed
    shape = draws, n = before.cells.shape
    rng, size = np.random.default_rng(2), world.map_size
    inside = np.array([row * size + column for row in range(1, 12) for column in range(1, 11)])
    cells = np.stack([rng.choice(inside, n, replace=False) for _ in range(draws)]).astype(np.int32)
    health, alive = rng.choice([0.1, 1.9, 4.1, 10.0], shape).astype(np.float32), rng.random(shape) < 0.9
    actions, turns = rng.integers(0, 21, shape).astype(np.int32), np.argsort(rng.random(shape), axis=1).astype(np.float32)
    swapped = np.roll(np.arange(n), n // 2)

    def mirrored(cells):
        row, column = cells // size, cells % size
        return row * size + size - 1 - column if flip else (size - 1 - row) * size + column

    sign = np.array([-1, 1] if flip else [1, -1])
    both = [np.array([np.flatnonzero((moves == at).all(axis=1))[0] for at in moves * sign]) for moves in (MOVES, STRIKES)]
    answers = np.concatenate([both[0], 13 + both[1]]).astype(np.int32)[actions]
    time = np.zeros(draws, np.int32)
    here, step = resolve(turns, BattleState(cells, health, alive, time), actions)
    states = BattleState(mirrored(cells)[:, swapped], health[:, swapped], alive[:, swapped], time)
    there, other = resolve(turns[:, swapped], states, answers[:, swapped])
    for one, two in ((here.alive, there.alive), (here.health, there.health), (step.rewards, other.rewards)):
        np.testing.assert_array_equal(np.asarray(one)[:, swapped], two)
    # Who stands where is the same in every draw in which no two want one cell, and nobody one that another holds.
    moving = np.asarray(here.alive) & (actions < 13)
    goals = np.where(moving, cells + (MOVES[:, 1] * size + MOVES[:, 0])[np.minimum(actions, 12)], cells)
    stands = np.where(np.asarray(here.alive), goals, -1 - np.arange(n))
    held = np.where(np.asarray(here.alive), cells, -1 - n - np.arange(n))
    rivals = (stands[:, :, None] == stands[:, None, :]) | (stands[:, :, None] == held[:, None, :])
    free = ~(rivals & ~np.eye(n, dtype=bool)).any(axis=2)
    same = mirrored(np.asarray(here.cells))[:, swapped] == there.cells
    assert same[free[:, swapped]].all()
    assert free.mean() > 0.3
    # And the living see the same, in draws where nobody stands elsewhere.
    views, whole = turned(world, np.asarray(step.observations)[:, swapped], flip), same.all(axis=1)
    lives = np.asarray(there.alive)[whole]
    np.testing.assert_allclose(views[whole][lives], np.asarray(other.observations)[whole][lives][:, : views.shape[2]], atol=1e-6)
    assert lives.sum() > 50


def test_measures_ends_and_dead_agents(replayed):
    world, before, *_, resolve = replayed
    draws, n = before.cells.shape
    state, first = jax.jit(world.reset)(jax.random.key(0))
    assert first.observations.shape == (n, world.observation_sizes[0])
    alive = np.ones((draws, n), bool)
    alive[0] = world.teams == 0
    states = BattleState(*(np.broadcast_to(leaf, (draws, *leaf.shape)) for leaf in state))._replace(
        alive=alive, time=np.full(draws, 6, np.int32)
    )
    after, step = jax.tree.map(
        np.asarray, resolve(np.tile(np.arange(n, dtype=np.float32), (draws, 1)), states, np.full((draws, n), STAY, np.int32))
    )
    # Team 1 is gone in the first: an end, and the time limit is none.
    np.testing.assert_array_equal(step.continues, [0, *[1] * (draws - 1)])
    np.testing.assert_array_equal(step.truncated, [False, *[True] * (draws - 1)])
    np.testing.assert_array_equal(step.rewards[0, n // 2 :], 0)
    np.testing.assert_array_equal(step.observations[0, n // 2 :], 0)
    one = jax.tree.map(lambda leaf: leaf[0], (after, step))
    counted = {key: float(value) for key, value in world.measures(*one).items()}
    assert counted == {"alive_0": n // 2, "alive_1": 0, "won_0": 1, "won_1": 0}
    assert float(world.global_state(*one).sum()) == pytest.approx(n // 2)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"map_size": 11}, "map_size is 11, an integer from 12 to 200"),
        ({"view": 0}, "view is 0"),
        ({"dead_penalty": float("nan")}, "dead_penalty is nan, a number in \\[-1e\\+15, 1e\\+15\\] was expected"),
    ],
)
def test_bad_settings_are_refused(settings, words):
    with pytest.raises(GameError, match=words):
        Battle(**settings)
