"""Games to and from other libraries: exact round trips, other people's readings of them, and what they cannot hold."""

import sys

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl.interchange import (
    from_nashpy,
    from_networkx,
    from_openspiel,
    from_pandas,
    from_quantecon,
    from_xarray,
    to_nashpy,
    to_networkx,
    to_openspiel,
    to_pandas,
    to_quantecon,
    to_xarray,
)

NAMES = {"players": ("A", "B", "Ç"), "actions": (("up", "down"), ("a", "b", "c"), ("01", "x", "NA", "z, \n"))}
WHOLE = {
    "xarray": (to_xarray, from_xarray),
    "networkx": (to_networkx, from_networkx),
    "pandas": (to_pandas, from_pandas),
}
"""Libraries whose form holds every game, names included."""


@pytest.fixture
def asymmetric():
    """2 x 3 x 4, every payoff another number: a mistake in the order of players shows."""
    payoffs = np.arange(72).reshape(3, 2, 3, 4) * 1.1 - 7
    return gt.StochasticGame.from_matrix_game(payoffs, labels=NAMES, name="asym{metric}")


@pytest.fixture
def ragged():
    """Three players, three states, illegal actions, two discounts, a sparse transition and a start of its own."""
    rng = np.random.default_rng(3)
    legal = [np.ones((3, 2), bool), np.array([[1, 0, 1], [1, 1, 1], [0, 0, 1]], bool), np.ones((3, 4), bool)]
    legal[2][1, 2] = False
    transition = rng.dirichlet(np.full(3, 0.5), size=(3, 2, 3, 4))
    labels = {**NAMES, "states": ("here", "there", "7")}
    payoff = rng.normal(size=(3, 3, 2, 3, 4))
    return gt.StochasticGame(payoff, transition, [0.5, 0.9, 0.1], [0.25, 0.75, 0], legal, labels, name="ragged").sparse()


def same(game, other, *, names=True):
    assert np.array_equal(game.payoff, other.payoff)
    assert np.array_equal(game.discount, other.discount)
    assert np.array_equal(game.start, other.start)
    assert all(np.array_equal(a, b) for a, b in zip(game.legal, other.legal, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(game.successors, other.successors, strict=True))
    if names:
        assert (game.labels, game.name) == (other.labels, other.name)


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("name", ["asymmetric", "ragged"])
def test_the_whole_game_comes_back(form, name, request):
    pytest.importorskip(form)
    there, back = WHOLE[form]
    game = request.getfixturevalue(name)
    same(game, back(there(game)))


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("name", ["grid_game_2", "grid_game_1", "nosde", "chicken"])
def test_games_of_the_catalogue_come_back(form, name):
    pytest.importorskip(form)
    there, back = WHOLE[form]
    game = gt.load_game(name)
    same(game, back(there(game)))


def test_quantecon_reads_the_same_payoffs(asymmetric):
    pytest.importorskip("quantecon")
    normal_form = to_quantecon(asymmetric)
    for joint in np.ndindex(2, 3, 4):
        assert np.array_equal(normal_form[joint], asymmetric.payoff[(slice(None), 0, *joint)])
    same(asymmetric, from_quantecon(normal_form, labels=asymmetric.labels, name=asymmetric.name))


def test_openspiel_reads_the_same_payoffs(asymmetric):
    pytest.importorskip("pyspiel")
    tensor = to_openspiel(asymmetric)
    for joint in np.ndindex(2, 3, 4):
        assert [tensor.player_utility(i, list(joint)) for i in range(3)] == asymmetric.payoff[(slice(None), 0, *joint)].tolist()
    again = from_openspiel(tensor)
    same(asymmetric, again, names=False)
    assert (again.name, again.labels.actions) == (asymmetric.name, asymmetric.labels.actions)


def test_openspiels_matrix_games():
    spiel = pytest.importorskip("pyspiel")
    payoffs = np.arange(12.0).reshape(2, 2, 3) ** 2
    game = gt.StochasticGame.from_matrix_game(payoffs, labels={"actions": (("a", "b"), ("x", "y", "z"))}, name="small")
    matrix = to_openspiel(game)
    assert isinstance(matrix, spiel.MatrixGame)
    assert (matrix.row_utility(1, 2), matrix.col_utility(1, 2)) == (payoffs[0, 1, 2], payoffs[1, 1, 2])
    same(game, from_openspiel(matrix))
    shapley = from_openspiel("matrix_shapleys_game")
    assert shapley.num_actions == (3, 3)
    kuhn = from_openspiel(spiel.extensive_to_tensor_game(spiel.load_game("kuhn_poker")))
    assert kuhn.zero_sum
    assert kuhn.num_actions == (64, 64)
    for wrong in ("kuhn_poker", "no_such_game"):
        with pytest.raises(gt.GameError, match="OpenSpiel"):
            from_openspiel(wrong)


def test_nashpy_reads_the_same_payoffs():
    payoffs = np.arange(12.0).reshape(2, 2, 3) ** 2
    game = gt.StochasticGame.from_matrix_game(payoffs)
    nash = to_nashpy(game)
    assert np.array_equal(nash[[0, 1], [0, 0, 1]], payoffs[:, 1, 2])
    same(game, from_nashpy(nash))


@pytest.mark.parametrize("there", [to_nashpy, to_quantecon, to_openspiel])
def test_what_a_matrix_game_cannot_hold_is_refused(there, ragged):
    chicken = gt.load_game("chicken")
    repeated = gt.StochasticGame.from_matrix_game(chicken.payoff[:, 0], discount=0.5)
    masked = gt.StochasticGame(chicken.payoff, chicken.transition, 0, legal=[[[True, False]], [[True, True]]])
    for game, message in ((ragged, "one state"), (repeated, "discount"), (masked, "illegal"), ("chicken", "StochasticGame was expected")):
        with pytest.raises(gt.GameError, match=message):
            there(game)


def test_foreign_things_are_refused(asymmetric):
    with pytest.raises(gt.GameError, match="two players"):
        to_nashpy(asymmetric)
    for back in (from_nashpy, from_quantecon, from_openspiel, from_xarray, from_networkx, from_pandas):
        with pytest.raises(gt.GameError):
            back(3)
    with pytest.raises(gt.GameError, match="a game, a run, a solution"):
        to_pandas(3)
    graph = to_networkx(asymmetric)
    del graph.edges[0, 0, (0, 0, 0)]["payoff"]
    with pytest.raises(gt.GameError, match="lacks"):
        from_networkx(graph)
    with pytest.raises(gt.GameError, match="axes"):
        from_xarray(to_xarray(asymmetric).rename(action_1="up"))
    with pytest.raises(gt.GameError, match="line 2"):
        from_pandas(to_pandas(asymmetric).drop(columns="payoff:B"))


def test_axes_may_come_in_any_order(ragged):
    table = to_xarray(ragged)
    same(ragged, from_xarray(table.transpose("action_3", "next_state", "player", "action_1", "state", "action_2")))
    payoff = table["payoff"].sel(player="B", state="there", action_1="down", action_2="c", action_3="01")
    assert float(payoff) == ragged.payoff[1, 1, 1, 2, 0]


def test_a_missing_library_is_named(monkeypatch, asymmetric):
    chicken = gt.load_game("chicken")
    calls = {
        "nashpy": (to_nashpy, "nashpy"),
        "quantecon.game_theory": (to_quantecon, "quantecon"),
        "pyspiel": (to_openspiel, "open_spiel"),
        "xarray": (to_xarray, "xarray"),
        "networkx": (to_networkx, "networkx"),
        "pandas": (to_pandas, "pandas"),
        "pettingzoo": (gt.interchange.to_pettingzoo, "pettingzoo"),
        "gymnasium": (lambda game: gt.interchange.to_gymnasium(game, 0, [lambda state: 0]), "gymnasium"),
    }
    for module, (there, package) in calls.items():
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            with pytest.raises(gt.GameError, match=rf"pip install {package}$"):
                there(chicken)


def test_traces_and_policies_are_tables():
    pytest.importorskip("pandas")
    game = gt.load_game("chicken")
    run = gt.learn(game, "independent_q", steps=200, records=3, seeds=2)
    table = to_pandas(run)
    assert table["seed"].tolist() == [0, 0, 0, 1, 1, 1]
    assert table.groupby("seed")["nash_gap"].last().tolist() == run.trace["nash_gap"][:, -1].tolist()
    grid = gt.load_game("grid_game_1")
    solution = gt.solve(grid)
    assert len(to_pandas(solution)) == len(next(column for column in solution.trace.values() if column.ndim == 1))
    policies = to_pandas(solution, grid)
    one = policies[(policies["state"] == grid.labels.state(42)) & (policies["player"] == grid.labels.player(1))]
    assert one["probability"].tolist() == solution.profile[1][42][grid.legal[1][42]].tolist()
    assert set(one["value"]) == {solution.values[1, 42]}


def test_a_correlated_profile_is_a_table(ragged):
    joint = np.zeros((3, 2, 3, 4))
    joint[:, 1, 2, 3], joint[:, 0, 2, 3] = 0.25, 0.75
    table = to_pandas(joint, ragged)
    assert table.groupby("state")["probability"].sum().tolist() == [1.0, 1.0, 1.0]
    assert set(table.loc[table["probability"] == 0.25, "action:Ç"]) == {"z, \n"}
    assert len(table) == 2 * (2 * 4 + 3 * 3 + 1 * 4)


def test_states_keep_their_names_in_whatever_order_they_come():
    pytest.importorskip("xarray")
    networkx = pytest.importorskip("networkx")
    game = gt.StochasticGame([[[1.0], [0.0]]], [[[0.0, 1.0]], [[0.0, 1.0]]], 0.9, labels={"states": ("start", "end")})
    tensors = from_xarray(to_xarray(game).sortby("state"))
    assert tensors.labels.states == ("end", "start")
    assert gt.solve(tensors).values.tolist() == [[0.0, 1.0]]
    graph = to_networkx(game)
    turned = networkx.MultiDiGraph(**graph.graph)
    turned.add_nodes_from(reversed(list(graph.nodes(data=True))))
    turned.add_edges_from(graph.edges(keys=True, data=True))
    assert from_networkx(turned).labels.states == ("end", "start")
    assert gt.solve(from_networkx(turned)).values.tolist() == [[0.0, 1.0]]


def test_next_states_of_another_name_are_refused():
    pytest.importorskip("xarray")
    game = gt.StochasticGame([[[1.0], [0.0]]], [[[0.0, 1.0]], [[0.0, 1.0]]], 0.9, labels={"states": ("start", "end")})
    with pytest.raises(gt.GameError, match="the same names were expected"):
        from_xarray(to_xarray(game).assign_coords(next_state=["a", "b"]))


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("edge", {"actions": (-1, 0)}),
        ("edge", {"actions": (0,)}),
        ("edge", {"payoff": (1, 2, 3)}),
        ("edge", {"probability": "x"}),
        ("graph", {"num_actions": 5}),
        ("graph", {"num_actions": ("a", "b")}),
        ("node", {"legal": ((0, 1),)}),
        ("node", {"legal": ((0, 7), (0,))}),
        ("node", {"legal": 5}),
    ],
)
def test_a_spoilt_graph_is_refused_in_a_sentence(where, what):
    pytest.importorskip("networkx")
    graph = to_networkx(gt.load_game("chicken"))
    (graph.graph if where == "graph" else graph.nodes[0] if where == "node" else next(iter(graph.edges(data=True)))[2]).update(what)
    with pytest.raises(gt.GameError, match="expected|edge"):
        from_networkx(graph)
