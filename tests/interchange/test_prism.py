"""PRISM: explicit files read, the language written, each against a reader or writer that shares nothing with ours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory_rl as gt
from gametheory_rl.interchange import _prism_language
from tests.interchange.prism_texts import Model, explicit_files

FILES = {
    "m.tra": "# Transitions (CSG)\n2:2 4 6\n"
    "0 0 0 0.5 [a,x]\n0 0 1 1/2 [a,x]\n0 1 1 1 [a,y]\n1 0 0 0.25 [-,y]\n1 0 1 0.75 [-,y]\n1 1 0 1 [-,x]\n",
    "m.lab": '# Labels\n0="init" 1="deadlock" 2="goal"\n1: 0 2\n',
    "m.sta": "(s,t)\n0:(0,false)\n1:(1,true)\n",
    "m1.srew": '# Reward structure "gain"\n# State rewards\n2 1\n1 2.5\n',
    "m1.trew": '# Reward structure "gain"\n# Transition rewards\n2 4 3\n0 0 0 4\n1 0 0 3\n1 0 1 3\n',
    "m2.srew": "2 0\n",
}


@pytest.fixture
def model(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path / "m.tra"


def test_a_model_with_its_sisters(model):
    game = gt.load_game(model, discount=0.9)
    assert game.labels == gt.Labels((), ("(0,false)", "(1,true)"), (("a", "-"), ("x", "y")))
    assert [mask.tolist() for mask in game.legal] == [[[True, False], [False, True]], [[True, True], [True, True]]]
    assert game.dense().transition[0, 0].tolist() == [[0.5, 0.5], [0.0, 1.0]]
    assert game.dense().transition[1, 1].tolist() == [[1.0, 0.0], [0.25, 0.75]]
    assert game.payoff[0, 0, 0].tolist() == [0.5 * 4, 0.0]
    assert game.payoff[0, 1, 1].tolist() == [2.5, 2.5 + 3]  # not 0.25 * 3 + 0.75 * 3 + 2.5, rounded
    assert not game.payoff[1].any()
    assert (game.start.tolist(), game.discount.tolist(), game.name) == ([0.0, 1.0], [0.9, 0.9], "m")


def test_labels_go_where_a_game_has_room_for_them(model, tmp_path):
    found = {name: mask.tolist() for name, mask in gt.interchange.prism_labels(model).items()}
    assert found == {"init": [False, True], "deadlock": [False, False], "goal": [False, True]}
    (tmp_path / "m.sta").unlink()
    assert gt.load_game(model, discount=0.9).labels.states == ("0", "1 goal")
    (tmp_path / "m.lab").write_text('0="init" 1="deadlock"\n1: 0\n')
    assert gt.load_game(model, discount=0.9).labels.states == ()
    (tmp_path / "m.lab").unlink()
    assert gt.interchange.prism_labels(model) == {}
    with pytest.raises(gt.GameError, match=r"a \.tra file was expected"):
        gt.interchange.prism_labels(tmp_path / "m.lab")


@settings(max_examples=30)
@given(data=st.data())
def test_any_labels_survive(data, tmp_path_factory):
    game, folder = gt.load_game("nosde"), tmp_path_factory.mktemp("labels")
    path = explicit_files(game, folder)
    held = {"init": data.draw(st.sets(st.integers(0, game.num_states - 1), min_size=1))}
    names = data.draw(st.lists(st.from_regex(r"[a-z]\w{0,5}", fullmatch=True).filter(lambda name: name != "init"), unique=True, max_size=4))
    held |= {name: data.draw(st.sets(st.integers(0, game.num_states - 1))) for name in names}
    numbers = dict(zip(held, data.draw(st.permutations(range(len(held)))), strict=True))
    head = " ".join(f'{numbers[name]}="{name}"' for name in held)
    lines = [f"{s}: {' '.join(str(numbers[n]) for n in held if s in held[n])}".rstrip() for s in range(game.num_states)]
    (folder / "model.lab").write_text(f"{head}\n" + "".join(f"{line}\n" for line in lines if not line.endswith(":")))
    back = gt.load_game(path, discount=game.discount)
    masks = gt.interchange.prism_labels(path)
    assert {name: set(np.flatnonzero(mask)) for name, mask in masks.items()} == held
    assert set(np.flatnonzero(back.start)) == held["init"]
    told = [set(name.split()[1:]) for name in back.labels.states or [str(s) for s in range(game.num_states)]]
    assert told == [{n for n in names if s in held[n]} for s in range(game.num_states)]


def test_structures_are_chosen_by_number_and_by_name(model):
    swapped = gt.load_game(model, discount=0.9, rewards=[2, "gain"])
    assert np.array_equal(swapped.payoff[1], gt.load_game(model, discount=0.9).payoff[0])
    with pytest.raises(gt.GameError, match="rewards names 'loss', and .* has the structures gain, 2"):
        gt.load_game(model, discount=0.9, rewards=["gain", "loss"])
    with pytest.raises(gt.GameError, match="one structure for each of 2 players"):
        gt.load_game(model, discount=0.9, rewards=["gain"])


def test_a_single_structure_of_two_players_is_zero_sum(model):
    (model.parent / "m2.srew").unlink()
    game = gt.load_game(model, discount=0.9)
    assert game.zero_sum
    assert game.payoff[0, 1, 1, 1] == 5.5


@pytest.mark.parametrize("name", gt.list_games())
def test_every_game_survives_the_explicit_files(name, tmp_path):
    game = gt.load_game(name)
    if game.num_states > 200:
        pytest.skip("a smaller one shows as much")
    back = gt.load_game(explicit_files(game, tmp_path), discount=game.discount)
    same(back, game)


def same(back, game):
    """Check that ``back`` is ``game``, less the actions that are nowhere legal, in the order in which the rows name them."""
    kept = [np.flatnonzero(mask.any(axis=0)) for mask in game.legal]
    order = [[menu.index(f"p{i}a{a}") for a in kept[i]] for i, menu in enumerate(back.labels.actions)]
    assert back.num_actions == tuple(map(len, kept))
    states = range(game.num_states)
    assert np.array_equal(back.payoff[np.ix_(range(len(order)), states, *order)], game.payoff[np.ix_(range(len(order)), states, *kept)])
    there, here = back.dense().transition, game.dense().transition
    assert np.array_equal(there[np.ix_(states, *order, states)], here[np.ix_(states, *kept, states)])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("m.tra", "", "line 1 column 1: '' was found, states:players choices transitions"),
        ("m.tra", "2 4 6\n", "'2 4 6' was found, states:players"),
        ("m.tra", "2:2 4 999999\n", "2 states, 4 choices and 999999 transitions"),
        ("m.tra", "1:99 1 1\n0 0 0 1 [a]\n", "there are 99 players"),
        ("m.tra", "1:2 1 1\n0 0 0 1\n", "line 2 column 1: the row has 4 entries, 5 were expected"),
        ("m.tra", "1:2 1 1\n0 0  7 1 [a,b]\n", "line 2 column 6: '7' was found, a state from 0 to 0"),
        ("m.tra", "1:2 1 1\n# no row\n0 0 0 one [a,b]\n", "line 3 column 7: 'one' was found, a probability"),
        ("m.tra", "1:2 1 1\n0 0 0 1_0 [a,b]\n", "'1_0' was found, a probability"),
        ("m.tra", "1:2 1 1\n0 0 0_0 1 [a,b]\n", "'0_0' was found, a state"),
        ("m.tra", "1:2 1 1\n0 \u0660 0 1 [a,b]\n", "'\u0660' was found, a choice"),
        ("m.tra", "1:2 1 1\n0 0 0 1e999 [a,b]\n", "'1e999' was found"),
        ("m.tra", "1:2 1 1\n0 " + "9" * 5000 + " 0 1 [a,b]\n", "a choice from 0 to 0"),
        ("m.tra", "1:2 1 1\n0 0 0 1 [a]\n", "'[a]' was found, actions of 2 players"),
        ("m.tra", "1:2 1 1\n0:1 0 0 1 [a,b]\n", "'0:1' was found, a state"),
        ("m.tra", "1:2 1 2\n0 0 0 .5 [a,b]\n0 0 0 .5 [a,b]\n", "choice 0 of state 0 names a target twice"),
        ("m.tra", "2:2 2 2\n0 0 0 .5 [a,b]\n1 0 0 1 [a,b]\n", "'2 4 3' was found, the numbers of states, of choices"),
        ("m.tra", "2:2 2 2\n0 0 0 1 [a,b]\n1 0 0 1 [a,b]\n1 0 1 1 [a,b]\n", "3 transitions, the first row says 2"),
        ("m.tra", "1:2 2 2\n0 0 0 1 [a,b]\n0 1 0 1 [a,b]\n", "has the joint action of another choice"),
        ("m.tra", "1:2 1 2\n0 0 0 .5 [a,b]\n0 0 0 .5 [c,d]\n", "rows with different actions"),
        ("m.tra", "1:2 1 1\n" + "0" * 200_000, "line 2: the line is longer than"),
        ("m.lab", "init\n", "labels as in"),
        ("m.lab", '0="init"\n5: 0\n', "line 2 column 1: '5: 0' was found, a state from 0 to 1"),
        ("m.lab", '0="init"\n1: 9\n', "line 2"),
        ("m.lab", '0="init"\n', "no state has the label init"),
        ("m.sta", "(x)\n0:(1)\n0:(2)\n", "line 3 column 1: '0:(2)' was found, state 1 of 2"),
        ("m.sta", "(x)\n0:(1)\n1:(1)\n", "1 different states, 2 were expected"),
        ("m1.srew", "3 1\n0 1\n", "'3 1' was found, the numbers of states and of rewards"),
        ("m1.srew", "2 2\n0 1\n0 2\n", "line 3 column 1: the state has a reward already"),
        ("m1.trew", "2 4 1\n0 7 0 1\n", "line 2 column 3: '7' was found, a choice from 0 to 1"),
        ("m1.trew", "2 4 1\n0 1 0 1\n", "line 2 column 5: the choice does not lead to this state"),
        ("m1.trew", "2 4 2\n0 1 1 1\n0 1 1 1\n", "line 3 column 1: the transition has a reward already"),
        ("m1.trew", "2 4 1\n0 1 1 nan\n", "line 2 column 7: 'nan' was found, a reward"),
    ],
)
def test_a_wrong_file_says_where(model, name, text, message):
    (model.parent / name).write_text(text)
    with pytest.raises(gt.GameError) as caught:
        gt.load_game(model, discount=0.5)
    assert message in str(caught.value)
    assert str(model.parent) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1:2 1 1\n0 0 0 .5 [a,b]\n", "sums to 0.5"),
        ("1:2 2 2\n0 0 0 1 [a,b]\n0 1 0 1 [c,d]\n", "(0, 1) of state 0 has no row"),
    ],
)
def test_rows_that_are_no_game_are_refused(tmp_path, text, message):
    (tmp_path / "m.tra").write_text(text)
    (tmp_path / "m.srew").write_text("1 0\n")
    with pytest.raises(gt.GameError) as caught:
        gt.load_game(tmp_path / "m.tra", discount=0.5)
    assert message in str(caught.value)


def test_what_prism_does_not_say_is_asked_for(model, tmp_path):
    with pytest.raises(gt.GameError, match="PRISM has none: give discount"):
        gt.load_game(model)
    with pytest.raises(gt.GameError, match="are discount and rewards"):
        gt.load_game(model, discount=0.5, size=3)
    for sister in ("m1.srew", "m1.trew", "m2.srew"):
        (tmp_path / sister).unlink()
    with pytest.raises(gt.GameError, match=r"m\.srew or m\.trew was expected"):
        gt.load_game(model, discount=0.5)
    with pytest.raises(gt.GameError, match=r"are read here; write \.prism"):
        gt.save_game(gt.load_game("chicken"), tmp_path / "x.tra")
    with pytest.raises(gt.GameError, match="written here; let PRISM build"):
        gt.load_game(gt.save_game(gt.load_game("chicken"), tmp_path / "x.prism"))


def test_names_that_are_local_to_states_cost_no_table(tmp_path):
    """2000 states with actions of their own: a table by names would have 8e9 entries."""
    rows = [f"{s} {c} {(s + 1) % 2000} 1 [a{s}_{c % 2},b{s}_{c // 2}]" for s in range(2000) for c in range(4)]
    (tmp_path / "m.tra").write_text("2000:2 8000 8000\n" + "\n".join(rows))
    (tmp_path / "m.srew").write_text("2000 1\n7 1\n")
    game = gt.load_game(tmp_path / "m.tra", discount=0.5)
    assert (game.num_actions, game.labels.actions) == ((2, 2), ())
    assert game.payoff[0].sum() == 4.0


# ---- the language ----------------------------------------------------------------------------------------------------


def compare(game, text):
    """Check every number of ``game`` against what the text says, and the stop probabilities."""
    model = Model(text)
    discount, table = model.tensors()
    assert discount == game.discount[0]
    menus = [dict(zip(_prism_language._names(game, i), range(game.num_actions[i]), strict=True)) for i in range(game.num_players)]
    offsets, states, chances = game.successors
    assert len(table) == np.count_nonzero(np.diff(offsets))
    for (state, joint), moves in table.items():
        actions = [menu[name] for menu, name in zip(menus, joint.split(","), strict=True)]
        row = int(np.ravel_multi_index((state, *actions), (game.num_states, *game.num_actions)))
        part = slice(offsets[row], offsets[row + 1])
        if discount > 0:
            assert moves == dict(zip(states[part].tolist(), chances[part].tolist(), strict=True))
        for player in range(game.num_players):
            assert model.rewards[f"payoff_{player + 1}"].get((state, joint), 0.0) == game.payoff[(player, state, *actions)]
    return model


@pytest.mark.parametrize("name", gt.list_games())
def test_every_number_of_the_catalogue_is_in_the_model(name):
    game = gt.load_game(name)
    if game.num_states > 200:
        pytest.skip("a smaller one shows as much")
    model = compare(game, _prism_language.write(game, "x"))
    if model.discount is not None:
        assert set(model.moves(model.last)) == {",".join(model.menu(p, model.last)[0] for p in model.owners)}


def test_stopping_is_discounting():
    """The total reward before the end, found by summing over the model's own steps, is the discounted value of a fixed profile."""
    game = gt.load_game("nosde")
    model = Model(_prism_language.write(game, "x"))
    profile = tuple(mask / mask.sum(axis=1, keepdims=True) for mask in game.legal)
    totals = np.zeros((2, model.last + 1))
    for _ in range(200):
        following = np.zeros_like(totals)
        for state in range(model.last):
            moves = model.moves(state)
            for joint, parts in moves.items():
                flow = sum(float(model.probability(p)) * totals[:, target] for target, p in parts.items())
                now = [model.rewards[f"payoff_{i}"].get((state, joint), 0.0) for i in (1, 2)]
                following[:, state] += (now + flow) / len(moves)
        totals = following
    assert np.allclose(totals[:, :2], gt.verify(game, profile).values, atol=1e-12)
    assert not totals[:, 2].any()


@st.composite
def stochastic_games(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    states = draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    masks = [random.random((states, size)) < 0.7 for size in sizes]
    for mask in masks:
        mask[:, 0] |= ~mask.any(axis=1)
    weights = random.random((states, *sizes, states)) * (random.random((states, *sizes, states)) < 0.6)
    weights[..., 0] += ~weights.any(axis=-1)
    payoff = random.normal(size=(len(sizes), states, *sizes)) * 10.0 ** random.integers(-300, 300)
    discount = draw(st.sampled_from([0.0, 1.0, 0.1, random.random()]))
    return gt.StochasticGame(payoff, weights / weights.sum(axis=-1, keepdims=True), discount, legal=masks, name="g").sparse()


@settings(max_examples=60)
@given(game=stochastic_games())
def test_any_game_survives_both_forms(game, tmp_path_factory):
    compare(game, _prism_language.write(game, "x"))
    folder = tmp_path_factory.mktemp("prism")
    back = gt.load_game(explicit_files(game, folder), discount=game.discount)
    same(back, game)


def test_names_are_identifiers_and_comments_stay_on_their_line():
    labels = {"players": ("a\nmodule", "b"), "states": ("x\ny",), "actions": (("go!", "go?"), ("", "é"))}
    game = gt.StochasticGame.from_matrix_game(np.arange(8.0).reshape(2, 2, 2), labels=labels, name="one\n// two")
    text = _prism_language.write(game, "x")
    compare(game, text)
    assert _prism_language._names(game, 0) == ["p1_0_go_", "p1_1_go_"]
    assert _prism_language._names(game, 1) == ["p2_", "p2__"]
    assert text.index("csg\n") == len("".join(line + "\n" for line in text.split("\n")[:5]))


def test_what_prism_cannot_say_is_refused(tmp_path):
    game = gt.StochasticGame(np.zeros((2, 1, 1, 1)), np.ones((1, 1, 1, 1)), [0.5, 0.9])
    with pytest.raises(gt.GameError, match="players of a PRISM game stop together"):
        gt.save_game(game, tmp_path / "x.prism")
    assert list(tmp_path.iterdir()) == []


def test_the_command_converts_to_prism(call, tmp_path):
    assert call("convert", "nosde", "nosde.prism").code == 0
    compare(gt.load_game("nosde"), (tmp_path / "nosde.prism").read_text())
