"""Damaged files: a reader returns or says one sentence. By hypothesis always; by coverage, a short run, where atheris is installed."""

import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory_rl as gt
from gametheory_rl import _registry
from tests.fuzz import readers

PIECES = [
    b"",
    b"\0",
    b"\n",
    b"\r",
    b"\xef\xbb\xbf",
    b"\xff",
    b"[" * 2000,
    b"{" * 90,
    b"9" * 5000,
    b"1e999999999",
    b"-1",
    b"NaN",
    b"null",
    b'"',
    b"%%%",
]
PIECES += [b".a" * 90, b"0x" + b"F" * 200, b'"1/0"', b"\\ud800", b",", b" ", b"999999999", b"0", b":", b"(", b"#", b"true", b"1e308", b"_"]
RUNS = 1500


@pytest.fixture(scope="module")
def place():
    """A folder for inputs; no family is built."""
    found, resolve = readers.folder(), _registry.resolve
    readers.without_families()
    yield found
    _registry.resolve = resolve
    for path in found.iterdir():
        path.unlink()
    found.rmdir()


@pytest.mark.parametrize("name", readers.READERS)
def test_the_corpus_is_read(name, place):
    accepted = [readers.attack(name, data, place) for data in readers.seeds(name)]
    assert any(accepted)


@pytest.mark.parametrize("name", readers.READERS)
@settings(max_examples=80)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_in_a_sentence(name, place, data):
    content = data.draw(st.sampled_from(readers.seeds(name)), "seed")
    for _ in range(data.draw(st.integers(0, 3), "damages")):
        at, length = data.draw(st.integers(0, len(content))), data.draw(st.integers(0, 8))
        piece = data.draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)))
        content = content[:at] + piece + content[at + length :]
    readers.attack(name, content, place)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", ["json", *(pytest.param(each, marks=pytest.mark.slow) for each in ("nfg", "csv", "tra", "arrays"))])
def test_a_short_run_guided_by_coverage(name, tmp_path):
    command = [sys.executable, "-m", "tests.fuzz", name, "--runs", str(RUNS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=readers.CORPUS.parent.parent.parent, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    inputs = int(done.stdout.splitlines()[1].split()[1])
    assert inputs >= RUNS


HOSTILE = {
    "deep.json": ("[" * 100_000, "nested too deeply"),
    "deeper.json": ('{"payoffs":' + "[" * 900 + "1" + "]" * 900 + "}", "nested too deeply"),
    "twice.json": ('{"payoffs":[[1,2],[3,4]],"payoffs":[[1,2],[3,5]]}', "'payoffs' twice"),
    "digits.json": ('{"payoffs":\n [' + "9" * 1_000_000 + "]}", "line 2 column 3: the integer has 1000000 digits"),
    "infinite.json": ('{"payoffs":[[1e999999999,1],[1,1]]}', "is inf, a finite number was expected"),
    "nothing.json": ("null", "a table with named entries was expected, NoneType was found"),
    "cut.json": ('{"payoffs":\n[[1,2],', "line 2 column 8"),
    "dotted.toml": ("a" + ".a" * 100_000 + " = 1", "nested too deeply"),
    "spaced.toml": ("a" + " . a" * 100_000 + " = 1", "nested too deeply"),
    "hexadecimal.toml": ("name = 0x" + "F" * 1_000_000, "line 1 column 8: the integer has 1000002 digits"),
    "twice.toml": ("name = 'a'\nname = 'b'\n", "line 2, column 11"),
    "null.toml": ('name = "\0"', "line 1, column 9"),
    "states.csv": ('# {"states": 999999999}\naction_1,payoff_1\nx,1\n', "states is 999999999, and the table has fewer rows"),
    "rows.csv": ("action_1,action_2,payoff_1,payoff_2\n" + "".join(f"a{k},b{k},1,1\n" for k in range(20_000)), "has no row"),
    "size.nfg": ('NFG 1 R "" { "a" "b" } { 999999999 999999999 } 1', "actions need"),
    "size.gam": ("30\n" + "999999999 " * 30, "actions need"),
    "states.tra": ("999999999:2 999999999 999999999\n0 0 0 1 [a,b]\n", "transitions were found"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_nothing(name, tmp_path):
    text, message = HOSTILE[name]
    (tmp_path / name).write_bytes(text.encode())
    with pytest.raises(gt.GameError) as caught:
        gt.load_game(tmp_path / name)
    if name.endswith(".tra"):
        with pytest.raises(gt.GameError) as caught:
            gt.load_game(tmp_path / name, discount=0.5)
    assert message in str(caught.value)
    assert len(str(caught.value)) < readers.LONGEST


def test_a_mark_of_byte_order_and_mixed_line_ends_are_fine(tmp_path):
    texts = {
        "a.json": '\ufeff{"payoffs":\r\n[[1,2],\n[3,4]]}',
        "a.toml": "\ufeffpayoffs = [[1, 2],\r\n[3, 4]]\n",
        "a.nfg": '\ufeffNFG 1 R ""\r\n{ "1" "2" } { 2 2 }\n1 -1 3 -3\r\n2 -2 4 -4',
        "a.gam": "\ufeff2\r\n2 2\n1 3 2 4\r\n-1 -3 -2 -4",
        "a.csv": "\ufeffaction_1,action_2,payoff_1,payoff_2\r\n0,0,1,-1\n0,1,2,-2\r\n1,0,3,-3\n1,1,4,-4\r\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.encode())
        assert gt.load_game(tmp_path / name).payoff[:, 0].tolist() == [[[1, 2], [3, 4]], [[-1, -2], [-3, -4]]], name


def test_damaged_runs_are_refused(tmp_path):
    for meta in ("[" * 5000, "3", '{"format":"gametheory_rl run 1","settings":3,"status":"FINISHED"}', "9" * 5000, "{}"):
        np.savez(tmp_path / "run.npz", meta=np.array(meta))
        with pytest.raises(gt.GameError, match="not a run saved by gametheory_rl"):
            gt.load_run(tmp_path / "run.npz")


@pytest.mark.parametrize(
    "change",
    [{"done": 1e999}, {"done": -1}, {"settings": 3}, {"done": "x"}, {"rows": "rows/x/step"}, {"rows": "rows/" + "9" * 40 + "/step"}],
)
def test_damaged_checkpoints_are_refused(change, place):
    meta = {"format": "gametheory_rl checkpoint 1", "done": 7, "settings": {"a": 1}} | {k: v for k, v in change.items() if k != "rows"}
    arrays = {"seeds/0/q": np.zeros((2, 3)), change.get("rows", "rows/0/step"): np.array([1]), "meta": np.array(json.dumps(meta))}
    assert not readers.attack("checkpoint", readers.flat(arrays), place)


# ---- every form of ours ----------------------------------------------------------------------------------------------

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


@st.composite
def games(draw):
    """Any game, of several states and with illegal actions, all names unlike."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    states = draw(st.integers(2, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    masks = [random.random((states, size)) < 0.7 for size in sizes]
    for mask in masks:
        mask[:, 0] |= ~mask.any(axis=1)
        mask[0] |= ~mask.any(axis=0)
    weights = random.random((states, *sizes, states)) * (random.random((states, *sizes, states)) < 0.6)
    weights[..., 0] += ~weights.any(axis=-1)
    shape = (len(sizes), states, *sizes)
    payoff = np.array(draw(st.lists(FLOATS, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))).reshape(shape)

    def unlike(count):
        return tuple(draw(st.lists(NAMES, min_size=count, max_size=count, unique=True)))

    labels = gt.Labels(unlike(len(sizes)), unlike(states), tuple(map(unlike, sizes)))
    discount = draw(st.lists(st.floats(0, 1), min_size=len(sizes), max_size=len(sizes)))
    start = random.dirichlet(np.ones(states))
    transition = weights / weights.sum(axis=-1, keepdims=True)
    game = gt.StochasticGame(payoff, transition, discount, start, masks, draw(st.sampled_from([None, labels])), name="g")
    return game.sparse() if draw(st.booleans()) else game


@pytest.mark.parametrize("ending", [".toml", ".json", ".npz", ".csv"])
@settings(max_examples=25)
@given(game=games())
def test_any_stochastic_game_survives(ending, game, tmp_path_factory):
    back = gt.load_game(gt.save_game(game, tmp_path_factory.mktemp("game") / f"g{ending}"))
    assert (back.labels, back.name) == (game.labels, game.name)
    for name in ("payoff", "discount", "start"):
        assert np.array_equal(getattr(back, name), getattr(game, name)), name
    for one, other in ((back.legal, game.legal), (back.successors, game.successors)):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert back.is_sparse == (game.is_sparse or ending == ".csv")
