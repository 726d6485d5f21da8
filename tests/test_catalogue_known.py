"""The known solutions in games/*.toml against the definitions, in closed form or by other people's solvers."""

from fractions import Fraction
from itertools import combinations, product

import nashpy
import numpy as np
import pytest
from quantecon.game_theory import NormalFormGame, Player, support_enumeration

from gametheory_rl import GameError, list_games, load_game, load_payoffs, save_game
from gametheory_rl import equilibria as eq
from gametheory_rl._catalogue import _catalogue_file, game_info
from gametheory_rl._catalogue_files import read_document
from tests.families.reference import shapley_values, zero_sum_values

MATRIX_GAMES = [name for name in list_games() if load_game(name).num_states == 1]
TENSOR_GAMES = ["big_match", "irrational_value", "newton_cycle", "nosde"]
COMPUTED = ["garnet", "greenwald_hall_soccer", "soccer"]
IN_USE = {
    *("value", "values", "profile", "equilibria", "pure_equilibria", "optimum", "unique", "correlated"),
    *("count", "extreme", "reached", "path_lengths"),
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
    """The equilibria that a file lists: one, several, or none where it only counts them."""
    if "profile" in known:
        return [
            {
                "values": known.get("values", [known["value"], negative(known["value"])] if "value" in known else None),
                "profile": known["profile"],
            }
        ]
    return known.get("equilibria", [])


def negative(value):
    return -Fraction(value) if isinstance(value, str) else -value


def exactly(value):
    """Fractions as a file writes them."""
    if isinstance(value, list):
        return [exactly(entry) for entry in value]
    return Fraction(value)


def earned(payoffs, profile):
    """What a profile pays to each player, in the arithmetic of what is given."""
    values = []
    for payoff in payoffs:
        for mixed in reversed(profile):
            payoff = np.tensordot(payoff, np.array(mixed), axes=(payoff.ndim - 1, 0))
        values.append(payoff[()])
    return values


@pytest.mark.parametrize("name", MATRIX_GAMES)
def test_matrix_games(name):
    payoffs, known = load_game(name).payoff[:, 0], game_info(name).known
    assert solutions(known) or "count" in known
    for solution in solutions(known):
        profile = [np.array(mixed) for mixed in solution["profile"]]
        tolerance = 1e-12 * np.abs(payoffs).max()
        assert [mixed.sum() for mixed in profile] == pytest.approx([1] * len(profile))
        if solution["values"] is not None:
            assert earned(payoffs, profile) == pytest.approx(solution["values"], abs=tolerance)
        assert eq.regret(payoffs, profile) <= tolerance


@pytest.mark.parametrize("name", MATRIX_GAMES)
def test_matrix_games_exactly(name):
    """What a file writes in fractions holds in fractions: not a digit is lost between the file and the definition."""
    known = read_document(_catalogue_file(name), exact=True)["known"]
    if known["tolerance"] != 0:
        assert name == "nau"
        return
    payoffs = load_payoffs(name)
    for solution in solutions(known):
        profile = exactly(solution["profile"])
        assert eq.exact.regret(payoffs, profile) == 0
        if solution["values"] is not None:
            assert earned(payoffs, profile) == exactly(solution["values"])


@pytest.mark.parametrize("name", [name for name in MATRIX_GAMES if load_game(name).num_players == 2])
def test_matrix_games_lack_no_equilibrium(name):
    game, known = load_game(name), game_info(name).known
    a, b = game.payoff[:, 0]
    listed = [tuple(map(np.array, solution["profile"])) for solution in solutions(known)]
    if known.get("unique") and "path_lengths" not in known:
        found = list(nashpy.Game(a, b).support_enumeration())
        assert len(found) == len(listed)
        for x, y in listed:
            assert any(np.allclose(x, p) and np.allclose(y, q) for p, q in found)
    if "count" in known:
        assert len(support_enumeration(normal_form(a, b))) == known["count"]
    if "extreme" in known:
        assert len(listed) == known["extreme"] == len(extreme_equilibria(a, b))
    if "reached" in known:
        assert len(eq.lemke_howson_all(a, b).profiles) == known["reached"]
    if "path_lengths" in known:
        assert eq.lemke_howson_all(a, b).path_length.tolist() == known["path_lengths"]
        # A path ends at an equilibrium whatever its label; where each ends at the same one, there is no second within reach.
        assert len(eq.lemke_howson_all(a, b).profiles) == 1
        assert len(support_enumeration(normal_form(a, b))) == 1
    if "pure_equilibria" in known:
        pure = [[i, j] for i, j in np.ndindex(a.shape) if a[i, j] == a[:, j].max() and b[i, j] == b[i].max()]
        assert pure == known["pure_equilibria"]
        assert np.array_equal(a, b)
        assert a.max() == known["optimum"]


def normal_form(a, b):
    return NormalFormGame((Player(a), Player(b.T.copy())))


def extreme_equilibria(a, b):
    """Pairs of vertices of the best-reply polyhedra that share all labels, vertices by solving all square systems exactly."""
    m, n = a.shape
    found = []
    for x, first in vertices(b.T):
        for y, second in vertices(a):
            # Labels of x: own actions unplayed, the other's actions that are best; of y likewise.
            unplayed = {i for i in range(m) if x[i] == 0}, {m + j for j in range(n) if y[j] == 0}
            best = {m + j for j in first}, set(second)
            if unplayed[0] | unplayed[1] | best[0] | best[1] == set(range(m + n)):
                found.append((x, y))
    return found


def vertices(payoff):
    """Mixed actions ``x`` at which as many of ``payoff @ x <= v`` and ``x >= 0`` hold with equality as there are, with the best rows."""
    rows, columns = payoff.shape
    found = {}
    for size in range(1, min(rows, columns) + 1):
        for support, best in product(combinations(range(columns), size), combinations(range(rows), size)):
            system = np.zeros((size + 1, size + 1))
            system[:size, :size], system[:size, size], system[size, :size] = payoff[np.ix_(best, support)], -1, 1
            if abs(np.linalg.det(system)) < 1e-9:
                continue
            solution = np.linalg.solve(system, np.eye(size + 1)[size])
            x = np.zeros(columns)
            x[list(support)] = solution[:size]
            if x.min() >= -1e-12 and (payoff @ x <= solution[size] + 1e-12).all():
                found[tuple((x + 0.0).round(10))] = np.flatnonzero(payoff @ x >= solution[size] - 1e-12).tolist()
    return found.items()


@pytest.mark.parametrize("name", ["mckelvey_mclennan", "jordan", "nau"])
def test_games_of_three_lack_no_equilibrium(name):
    game, known = load_game(name), game_info(name).known
    assert known["unique"]
    found = equilibria_of_two_by_two_by_two(game.payoff[:, 0])
    listed = [[mixed[0] for mixed in solution["profile"]] for solution in solutions(known)]
    assert len(found) == len(listed)
    for profile in listed:
        assert any(np.allclose(profile, other, atol=1e-7) for other in found)


def equilibria_of_two_by_two_by_two(payoffs):
    """Probabilities of first actions in the equilibria of a generic game: for each set of players who mix, their indifference, solved."""
    # gains[i]: what player i's first action earns more than its second, (2, 2) over the two others' actions.
    gains = [np.moveaxis(payoff, i, 0)[0] - np.moveaxis(payoff, i, 0)[1] for i, payoff in enumerate(payoffs)]
    found = []
    for fixed in product((None, 0.0, 1.0), repeat=3):
        mixing = [i for i in range(3) if fixed[i] is None]
        for start in product((0.1, 0.35, 0.6, 0.85), repeat=len(mixing)):
            profile = indifferent(gains, [value or 0.0 for value in fixed], mixing, start)
            new = profile is not None and not any(np.allclose(profile, other, atol=1e-7) for other in found)
            if new and all(0 < profile[i] < 1 for i in mixing) and eq.regret(payoffs, [[v, 1 - v] for v in profile]) < 1e-9:
                found.append(profile)
    return found


def indifferent(gains, profile, mixing, start):
    """Newton's method for what ``mixing`` players do so that each of them is indifferent; None where it leads nowhere."""
    profile = np.array(profile)
    profile[mixing] = start
    for _ in range(25 if mixing else 0):
        sides = np.stack([profile, 1 - profile], axis=1)
        others = [[k for k in range(3) if k != i] for i in range(3)]
        short = [sides[others[i][0]] @ gains[i] @ sides[others[i][1]] for i in mixing]
        slopes = np.zeros((3, 3))
        for i in range(3):
            first, second = others[i]
            slopes[i, first], slopes[i, second] = [1, -1] @ gains[i] @ sides[second], sides[first] @ gains[i] @ [1, -1]
        slopes = slopes[np.ix_(mixing, mixing)]
        if not np.isfinite(slopes).all() or abs(np.linalg.det(slopes)) < 1e-12:
            return None
        profile[mixing] -= np.linalg.solve(slopes, short)
    return profile


def test_load_payoffs_reads_fractions_and_decimals_as_they_are_written(tmp_path):
    (tmp_path / "a.toml").write_text('payoffs = [["1/3", 0.1], [-2, 1e-3]]')
    (tmp_path / "a.json").write_text('{"payoffs": [["1/3", 0.1], [-2, 1e-3]]}')
    for name in ("a.toml", "a.json"):
        exact = load_payoffs(tmp_path / name)
        assert exact[0].tolist() == [[Fraction(1, 3), Fraction(1, 10)], [-2, Fraction(1, 1000)]]
        assert (exact[1] == -exact[0]).all()
        assert exact.astype(float).tolist() == load_game(tmp_path / name).payoff[:, 0].tolist()
    path = save_game(load_game("chicken"), tmp_path / "b.npz")
    assert load_payoffs(path).tolist() == load_payoffs("chicken").tolist()
    (tmp_path / "c.toml").write_text("payoffs = [[1e-99999999, 1.0], [0.0, 3.0]]")
    assert load_payoffs(tmp_path / "c.toml")[0, 0, 0] == 0


@pytest.mark.parametrize(("name", "message"), [("soccer", "760 states"), ("chikcen", "chicken")])
def test_load_payoffs_refuses_what_is_no_stage_game(name, message):
    with pytest.raises(GameError, match=message):
        load_payoffs(name)


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
