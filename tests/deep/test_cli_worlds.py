"""Worlds on the command line: listed, shown, filmed, and refused in a sentence."""

import json

import pytest

pytest.importorskip("jax")
pytest.importorskip("equinox")

from gametheory_rl.deep import list_worlds


def test_games_of_kind_world_lists_all_worlds(call):
    answer = call("games", "--kind", "world", "--json")
    assert answer.code == 0
    assert [entry["name"] for entry in json.loads(answer.out)] == list_worlds()
    assert "tag" in call("games", "--kind", "world").out


def test_a_world_is_shown_and_filmed(call, tmp_path):
    answer = call("show", "levers", "-p", "pool=9", "--seed", "2", "--json", "--animate", "film.gif", "--plot", "end.png")
    assert answer.code == 0
    shown = json.loads(answer.out)
    assert (shown["agents"], shown["sees"], shown["steps"]) == (5, "9", 1)
    assert shown["returns"] == pytest.approx([shown["measures"]["distinct_share"]["last"]] * 5)
    assert (tmp_path / "film.gif").read_bytes()[:3] == b"GIF"
    assert (tmp_path / "end.png").exists()
    text = call("show", "levers", "-p", "pool=9")
    assert "Sukhbaatar" in text.out
    assert "plays    at random" in text.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "spred"), "unknown game or world 'spred'; did you mean 'spread'?"),
        (("show", "levers", "-p", "leevers=3"), "did you mean 'levers'?"),
        (("show", "levers", "--state", "3"), "--state is for games"),
        (("show", "ising", "--animate", "a.gif"), "--animate films worlds"),
        (("show", "levers", "--animate", "a.mp4"), "a file name ending in .gif was expected"),
        (("games", "--kind", "wrld"), "unknown kind 'wrld'; did you mean 'world'?"),
    ],
)
def test_bad_input_is_one_sentence(call, arguments, words):
    answer = call(*arguments)
    assert answer.code == 2
    assert words in answer.err


@pytest.mark.slow  # compiles a training loop
def test_a_world_is_played_as_a_run_learned(call, tmp_path):
    import gametheory_rl as gt

    learner = gt.deep.IPPO(environments=2, rollout=8, minibatches=1, epochs=1)
    gt.learn(gt.deep.load_world("levers", pool=9), learner, steps=16, records=1).save(tmp_path / "run.npz")
    played = call("show", "levers", "-p", "pool=9", "--policy", "run.npz", "--json")
    assert played.code == 0, played.err
    assert json.loads(played.out)["play"] == "run.npz"
    refused = call("show", "levers", "--policy", "run.npz")
    assert refused.code == 2
    assert "does not fit" in refused.err
