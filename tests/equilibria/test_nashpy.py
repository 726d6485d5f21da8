import json
import subprocess

import numpy as np
import pytest

from gametheory_rl import GameError, Status
from gametheory_rl._support._errors import SolverError, UnknownNameError
from gametheory_rl.equilibria import _nashpy, lemke_howson
from gametheory_rl.equilibria._nashpy import run_nashpy
from tests.equilibria.bimatrix_games import VON_STENGEL

LOOPS = np.random.default_rng(16).integers(0, 3, (2, 10, 10))
"""A game whose ties send nashpy's path round for ever."""


def test_its_equilibrium_is_judged_like_ours():
    found = lemke_howson(*VON_STENGEL, 1, engine="nashpy")
    ours = lemke_howson(*VON_STENGEL, 1)
    assert found.status is Status.SOLVED
    assert (int(found.path_length), int(found.label), bool(found.exact)) == (-1, 1, False)
    for mine, theirs in zip(ours.profile, found.profile, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
    np.testing.assert_allclose(found.values, ours.values)
    assert found.regret < 1e-14


def test_all_that_a_generator_yields():
    answer = run_nashpy("support_enumeration", *VON_STENGEL, time_limit=60)
    assert len(answer.profiles) == 3
    assert answer.equilibria.all()
    assert (answer.regrets < 1e-14).all()
    assert answer.failure is None
    answer = run_nashpy("support_enumeration", np.zeros((2, 2)), np.zeros((2, 2)), time_limit=60)
    assert "even number" in answer.warnings[0]


def play(events, monkeypatch):
    """Let the child say ``events``."""
    said = "".join(json.dumps({"kind": kind, "what": what}) + "\n" for kind, what in events)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, said.encode(), b""))


def test_a_path_without_end_is_stopped():
    with pytest.raises(SolverError, match="nashpy's lemke_howson was still at work after 0.5 s and was stopped, with 0 profiles found"):
        lemke_howson(*LOOPS, engine="nashpy", time_limit=0.5)
    found = lemke_howson(*LOOPS, engine="nashpy", time_limit=0.5, throw=False)
    assert found.status is Status.UNSETTLED
    assert np.isnan(found.profile[0]).all()
    assert np.isnan(found.regret)


def test_a_profile_that_is_no_equilibrium(monkeypatch):
    play([("profile", [[1, 0], [0, 1]]), ("end", None)], monkeypatch)
    answer = run_nashpy("lemke_howson", np.eye(2), np.eye(2), time_limit=1)
    assert answer.failure == (
        "nashpy's lemke_howson: 1 of the 1 profiles returned are no equilibria, the first ([1.0, 0.0], [0.0, 1.0]): regret 1"
    )
    assert answer.equilibria.tolist() == [False]
    with pytest.raises(SolverError, match="regret 1"):
        lemke_howson(np.eye(2), np.eye(2), engine="nashpy")
    found = lemke_howson(np.eye(2), np.eye(2), engine="nashpy", throw=False)
    assert found.status is Status.UNSETTLED
    assert found.regret == 1
    assert found.profile[0].tolist() == [1, 0]


@pytest.mark.parametrize("profile", [[[0.5], [1, 0]], [[float("nan")] * 2, [1, 0]], [[0.4, 0.4], [1, 0]]])
def test_what_is_no_pair_of_distributions(profile, monkeypatch):
    play([("profile", profile), ("end", None)], monkeypatch)
    answer = run_nashpy("lemke_howson", np.eye(2), np.eye(2), time_limit=1)
    assert answer.regrets.tolist() == [np.inf]
    assert "no pair of distributions" in answer.failure
    found = lemke_howson(np.eye(2), np.eye(2), engine="nashpy", throw=False)
    assert found.regret == np.inf
    assert np.isnan(found.profile[0]).all()


def test_nothing_at_all_and_exceptions(monkeypatch):
    play([("end", None)], monkeypatch)
    assert run_nashpy("vertex_enumeration", np.eye(2), np.eye(2), time_limit=1).failure == (
        "nashpy's vertex_enumeration returned nothing, though every game has an equilibrium"
    )
    play([("error", "ValueError: no")], monkeypatch)
    assert (
        run_nashpy("vertex_enumeration", np.eye(2), np.eye(2), time_limit=1).failure == "nashpy's vertex_enumeration raised ValueError: no"
    )


def test_no_process_and_no_nashpy(monkeypatch):
    monkeypatch.setattr(_nashpy, "CHILD", _nashpy.CHILD.with_name("nowhere.py"))
    with pytest.raises(SolverError, match="could not be started: .*nowhere"):
        run_nashpy("lemke_howson", np.eye(2), np.eye(2), time_limit=1)
    monkeypatch.setattr(_nashpy.sys, "executable", "/nowhere/python")
    with pytest.raises(SolverError, match="none could be started"):
        run_nashpy("lemke_howson", np.eye(2), np.eye(2), time_limit=1)


def test_bad_input_is_refused():
    for limit in (0, -1, np.nan, np.inf, "1", True, None):
        with pytest.raises(GameError, match="time limit"):
            run_nashpy("lemke_howson", np.eye(2), np.eye(2), time_limit=limit)
    with pytest.raises(GameError, match="one game"):
        lemke_howson(np.ones((2, 2, 2)), np.ones((2, 2, 2)), engine="nashpy")
    with pytest.raises(GameError, match="nan"):
        lemke_howson([[np.nan]], [[1.0]], engine="nashpy")
    with pytest.raises(GameError, match="one label in one game"):
        lemke_howson(np.eye(2), np.eye(2), [0, 1], engine="nashpy")
    with pytest.raises(GameError, match="the label is 4"):
        lemke_howson(np.eye(2), np.eye(2), 4, engine="nashpy")
    with pytest.raises(UnknownNameError, match="did you mean 'nashpy'"):
        lemke_howson(np.eye(2), np.eye(2), engine="nashpi")
