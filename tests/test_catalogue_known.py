"""The known solutions in games/*.toml against the definitions, in closed form or by other people's solvers."""

from itertools import product

import nashpy
import numpy as np
import pytest

from gametheory_rl import list_games, load_game
from gametheory_rl._catalogue import game_info
from tests.families.reference import shapley_values, zero_sum_values

MATRIX_GAMES = [name for name in list_games() if load_game(name).num_states == 1]
TENSOR_GAMES = ["big_match", "irrational_value", "newton_cycle", "nosde"]
COMPUTED = ["garnet", "greenwald_hall_soccer", "soccer"]
IN_USE = {
    *("value", "values", "profile", "equilibria", "pure_equilibria", "optimum", "unique", "correlated"),
    *("states", "terminal_states", "state_values", "states_without_saddle_point", "stage", "cycle", "tolerance"),
}


@pytest.mark.parametrize("name", list_games())
def test_every_game_says_where_it_is_from_and_what_is_known(name):
    info = game_info(name)
    assert info.title
    assert info.notes
    assert any(year in info.source for year in map(str, range(1700, 2030)))
    assert info.known
    assert set(info.known) <= IN_USE
    game = load_game(name)
    assert game.name == name
    assert info.known.get("states", game.num_states) == game.num_states
    assert info.known.get("terminal_states", game.terminal.sum()) == game.terminal.sum()


def solutions(known):
    """The equilibria that a file lists, one or several."""
    return known.get("equilibria") or [{"values": known.get("values", [known.get("value"), 0]), "profile": known["profile"]}]


@pytest.mark.parametrize("name", MATRIX_GAMES)
def test_matrix_games(name):
    game, known = load_game(name), game_info(name).known
    a, b = game.payoff[:, 0]
    for solution in solutions(known):
        x, y = map(np.array, solution["profile"])
        assert x.sum() == pytest.approx(1)
        assert y.sum() == pytest.approx(1)
        assert [x @ a @ y, x @ b @ y] == pytest.approx(solution["values"], abs=1e-12)
        assert (a @ y).max() == pytest.approx(x @ a @ y, abs=1e-12)
        assert (x @ b).max() == pytest.approx(x @ b @ y, abs=1e-12)


@pytest.mark.parametrize("name", MATRIX_GAMES)
def test_matrix_games_lack_no_equilibrium(name):
    game, known = load_game(name), game_info(name).known
    a, b = game.payoff[:, 0]
    if known.get("unique"):
        found = list(nashpy.Game(a, b).support_enumeration())
        listed = [tuple(map(np.array, solution["profile"])) for solution in solutions(known)]
        assert len(found) == len(listed)
        for x, y in listed:
            assert any(np.allclose(x, p) and np.allclose(y, q) for p, q in found)
    if "pure_equilibria" in known:
        pure = [[i, j] for i, j in np.ndindex(a.shape) if a[i, j] == a[:, j].max() and b[i, j] == b[i].max()]
        assert pure == known["pure_equilibria"]
        assert np.array_equal(a, b)
        assert a.max() == known["optimum"]


def test_chickens_correlated_equilibrium_obeys_and_is_the_best():
    from scipy.optimize import linprog

    game, known = load_game("chicken"), game_info("chicken").known["correlated"]
    a, b = game.payoff[:, 0]
    p = np.array(known["distribution"])
    assert [(p * a).sum(), (p * b).sum()] == pytest.approx(known["values"])
    obey = [-np.outer(np.eye(2)[i], a[i] - a[1 - i]).ravel() for i in (0, 1)]
    obey += [-np.outer(b[:, j] - b[:, 1 - j], np.eye(2)[j]).ravel() for j in (0, 1)]
    assert (np.array(obey) @ p.ravel() <= 1e-12).all()
    best = linprog(-(a + b).ravel(), A_ub=obey, b_ub=np.zeros(4), A_eq=np.ones((1, 4)), b_eq=[1])
    assert -best.fun == pytest.approx(sum(known["values"]))


def test_shapleys_cycle_makes_fictitious_play_go_round():
    a, b = load_game("shapley_cycle").payoff[:, 0]
    seen_a, seen_b, cells = np.array([1.0, 0, 0]), np.array([1.0, 0, 0]), []
    for _ in range(20000):
        i, j = int((a @ seen_b).argmax()), int((seen_a @ b).argmax())
        seen_a[i] += 1
        seen_b[j] += 1
        cells.append((i, j))
    played = seen_a / seen_a.sum()
    assert np.abs(played - 1 / 3).max() > 0.05
    assert set(cells[1000:]) == {(i, j) for i, j in np.ndindex(3, 3) if a[i, j] + b[i, j] > 0}


def policy_values(game, profile):
    """Values ``(n, S)`` of a profile."""
    x, y = profile
    joint = x[:, :, np.newaxis] * y[:, np.newaxis, :]
    flow = np.einsum("sij,sijt->st", joint, game.dense().transition)
    rewards = np.einsum("sij,nsij->ns", joint, game.payoff)
    return np.stack([np.linalg.solve(np.eye(len(flow)) - game.discount[i] * flow, rewards[i]) for i in range(2)])


@pytest.mark.parametrize("name", TENSOR_GAMES)
def test_tensor_games(name):
    game, known = load_game(name), game_info(name).known
    profile, values = [np.array(policy) for policy in known["profile"]], np.array(known["values"], dtype=float)
    assert policy_values(game, profile) == pytest.approx(values, abs=1e-14)
    assert known.get("value", game.start @ values[0]) == pytest.approx(game.start @ values[0], abs=1e-15)
    for state in range(game.num_states):
        stage = np.where(np.isnan(game.stage(state, values)), -np.inf, game.stage(state, values))
        own, other = (np.nan_to_num(stage[i], neginf=0) for i in (0, 1))
        legal = [mask[state] for mask in game.legal]
        gain = [(own @ profile[1][state])[legal[0]].max(), (profile[0][state] @ other)[legal[1]].max()]
        assert gain == pytest.approx(values[:, state], abs=1e-13)


@pytest.mark.parametrize("name", COMPUTED)
def test_computed_values(name):
    game, known = load_game(name), game_info(name).known
    values = shapley_values(game, known["tolerance"] / 4)
    names = game.labels.states or tuple(map(str, range(game.num_states)))
    for label, value in known["state_values"].items():
        assert values[names.index(label)] == pytest.approx(value, abs=known["tolerance"])
    if "value" in known:
        assert game.start @ values == pytest.approx(known["value"], abs=known["tolerance"])


def test_big_match_is_worth_half_whatever_the_discount():
    game = load_game("big_match")
    for discount in (0.1, 0.5, 0.99):
        scaled = game.payoff[0] * (1 - discount) / (1 - game.discount[0])
        values, absorb = np.array([0.5, 1.0, 0.0]), (1 - discount) / (2 - discount)
        stage = scaled[0] + discount * game.transition[0] @ values
        assert zero_sum_values(stage[np.newaxis]) == pytest.approx(0.5)
        assert np.array([absorb, 1 - absorb]) @ stage == pytest.approx([0.5, 0.5])
        assert stage @ [0.5, 0.5] == pytest.approx([0.5, 0.5])


def test_newtons_method_cycles_without_a_safeguard():
    game, known = load_game("newton_cycle"), game_info("newton_cycle").known
    value, iterates = 12.0, []
    for _ in range(4):
        x, y = solve_two_by_two(game.stage(0, [[value, 0], [-value, 0]])[0])
        value = (x @ game.payoff[0, 0] @ y) / (1 - game.discount[0] * (x @ game.transition[0, :, :, 0] @ y))
        iterates.append(value)
    assert iterates == pytest.approx([known["cycle"]["iterates"][k] for k in (1, 0, 1, 0)])
    assert known["cycle"]["period"] == 2


def solve_two_by_two(stage):
    """Optimal mixes of a 2 x 2 zero-sum game: a saddle point, else the mixes that equalise."""
    i, j = int(stage.min(axis=1).argmax()), int(stage.max(axis=0).argmin())
    if stage[i].min() == stage[:, j].max():
        return np.eye(2)[i], np.eye(2)[j]
    (a, b), (c, d) = stage
    p, q = (d - c) / (a - b - c + d), (d - b) / (a - b - c + d)
    return np.array([p, 1 - p]), np.array([q, 1 - q])


def test_nosde_has_no_deterministic_equilibrium_and_greedy_iteration_goes_round():
    game, known = load_game("nosde"), game_info("nosde").known
    assert not any(is_equilibrium_of_nosde(game, first, second) for first, second in product((0, 1), repeat=2))
    values, names = np.zeros((2, 2)), []
    for _ in range(200):
        values, name = greedy_step(game, values)
        names.append(name)
    wanted, period = known["cycle"]["policies"], known["cycle"]["period"]
    tail = names[-4 * period :]
    assert tail == tail[:period] * 4
    assert any(tail[k : k + period] == wanted for k in range(period))
    assert all(tail[k:] != tail[: len(tail) - k] for k in range(1, period))


def is_equilibrium_of_nosde(game, first, second):
    values = policy_values(game, [np.array([np.eye(2)[first], [1, 0]]), np.array([[1, 0], np.eye(2)[second]])])
    one, two = game.stage(0, values)[0][:, 0], game.stage(1, values)[1][0]
    return one[first] >= one.max() and two[second] >= two.max()


def greedy_step(game, values):
    """One sweep: the mover of each state takes his best action for the values so far, both players' values follow."""
    first, second = int(game.stage(0, values)[0][:, 0].argmax()), int(game.stage(1, values)[1][0].argmax())
    new = np.stack([game.stage(0, values)[:, first, 0], game.stage(1, values)[:, 0, second]], axis=1)
    return new, "KS"[first] + "KS"[second]
