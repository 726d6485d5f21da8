"""Reproductions: the frame, and what it says when something is wrong."""

import csv
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError, _registry, papers
from gametheory_rl.papers._page import markdown


def experiment(lab):
    lab.stage("counting", 1.0)
    pennies = gt.StochasticGame.from_matrix_game([[1, -1], [-1, 1]], name="pennies")
    run = lab.learn(pennies, "minimax_q", steps=lab.size(1000, 100))
    lab.row("gap", run.trace["nash_gap"][:, -1], paper="0", exact=0.0, note="at the end")
    lab.keep(gap=run.trace["nash_gap"])
    lab.claim("the gap closes", True)
    lab.claim("the moon is cheese", False)
    lab.differs("nowhere, because nothing else is possible")


def panels(data):
    return [lambda ax: ax.plot(data["gap"].T)]


PAPER = papers.Paper("Pennies", "nobody, nowhere", experiment, panels, minutes=0.1)


def interrupted(lab):
    experiment(lab)
    raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    module = SimpleNamespace(PAPER=PAPER, STOPPED=papers.Paper("Stopped", "nobody", interrupted, panels, minutes=0.1))
    monkeypatch.setitem(sys.modules, "paper_of_tests", module)
    monkeypatch.setitem(_registry.TABLES["paper"], "pennies", "paper_of_tests:PAPER")
    monkeypatch.setitem(_registry.TABLES["paper"], "stopped", "paper_of_tests:STOPPED")


def test_a_reproduction_holds_what_the_experiment_found():
    shares = []
    found = gt.reproduce("pennies", seeds=4, seed=7, progress=lambda share, note: shares.append(share))
    row = found.rows[0]
    again = gt.learn(
        gt.StochasticGame.from_matrix_game([[1, -1], [-1, 1]]), "minimax_q", steps=1000, seeds=4, seed=7, records=1, progress=False
    )
    assert row.ours.tolist() == again.trace["nash_gap"][:, -1].tolist()
    assert row.interval == (row.ours.min(), row.ours.max())
    assert row.median == np.median(row.ours)
    assert row.interquartile_mean == np.sort(row.ours)[1:3].mean()
    assert row.ours.min() <= row.bootstrap[0] <= row.interquartile_mean <= row.bootstrap[1] <= row.ours.max()
    assert [claim.holds for claim in found.claims] == [True, False]
    assert found.finished
    assert found.settings["runs"]["counting"]["learner"] == "minimax_q"
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert 0.99 < shares[-1] <= 1
    assert "1 figures, 1 of 2 claims hold" in repr(found)


def test_quick_and_effort_change_sizes():
    for knobs, steps in (({}, 1000), ({"quick": True}, 100), ({"quick": True, "effort": 0.1}, 10)):
        assert gt.reproduce("pennies", **knobs, progress=False).settings["runs"]["counting"]["steps"] == steps


def test_what_is_saved_is_what_was_found(tmp_path):
    found = gt.reproduce("pennies", progress=False)
    paths = found.save(tmp_path / "made" / "here")
    assert [path.name for path in paths] == ["pennies.json", "pennies.csv", "pennies.md", "pennies.png"]
    document = json.loads(paths[0].read_text())
    assert document == json.loads(json.dumps(found.document(), allow_nan=False))
    (row,) = csv.DictReader(paths[1].read_text().splitlines())
    assert row["figure"] == "gap"
    assert float(row["ours"]) == found.rows[0].median
    assert int(row["seeds"]) == len(found.rows[0].ours) == len(document["rows"][0]["each_seed"])


def test_the_table_for_a_page_says_what_was_found(tmp_path):
    found = gt.reproduce("pennies", seeds=4, progress=False)
    row = found.rows[0]
    text = found.markdown()
    low, high = row.interval
    assert f"| gap | 0 | 0 | {row.median:.4g} | {low:.4g} to {high:.4g} | 4 |" in text
    assert "- Holds: the gap closes.\n- **Does not hold**: the moon is cheese.\n" in text
    assert "stopped" not in text
    found.save(tmp_path)
    assert markdown(json.loads((tmp_path / "pennies.json").read_text())) == (tmp_path / "pennies.md").read_text() == text
    stopped = gt.reproduce("stopped", quick=True, progress=False).markdown()
    assert "The run was stopped" in stopped
    assert "Quick size" in stopped


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "docs" / "results").glob("*.md")), ids=lambda path: path.stem)
def test_tables_of_the_pages_are_those_of_the_files(path):
    assert markdown(json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))) == path.read_text(encoding="utf-8")


def test_an_interruption_keeps_what_was_done(tmp_path):
    found = gt.reproduce("stopped", progress=False)
    assert found.status is gt.Status.INTERRUPTED
    assert len(found.rows) == 1
    assert [path.suffix for path in found.save(tmp_path)] == [".json", ".csv", ".md"]
    with pytest.raises(GameError, match="interrupted"):
        found.figure()


def test_a_run_that_is_interrupted_ends_the_experiment(monkeypatch):
    run = gt.learn(gt.load_game("matching_pennies"), "minimax_q", steps=1, progress=False)
    monkeypatch.setattr(
        "gametheory_rl.papers._lab.learn", lambda *_, **__: SimpleNamespace(status=gt.Status.INTERRUPTED, settings=run.settings)
    )
    found = gt.reproduce("pennies", progress=False)
    assert (found.rows, found.finished) == ((), False)


def test_what_had_ended_is_not_run_again(monkeypatch, tmp_path):
    ran = []

    def learn(lab, game, learner, *, seed, seeds, progress, label, **rest):
        ran.append((label, seed))
        lab.runs[label] = {"learner": learner, "seed": seed}
        return SimpleNamespace(trace={"gap": np.full((seeds, 2), float(seed))})

    def parted(lab):
        for learner in ("one", "other"):
            lab.stage(learner, 0.5)
            lab.row(learner, lab.trace("pennies", learner, steps=lab.size(10, 1))["gap"][:, -1])

    monkeypatch.setattr(papers.Lab, "learn", learn)
    monkeypatch.setattr(sys.modules["paper_of_tests"], "PAPER", papers.Paper("Parted", "nobody", parted, panels, minutes=0.1))
    first = gt.reproduce("pennies", seeds=2, progress=False, parts=tmp_path)
    assert [label for label, _ in ran] == ["one, seed 0", "one, seed 1", "other, seed 0", "other, seed 1"]
    assert len({row.ours[0] for row in first.rows} | {row.ours[1] for row in first.rows}) == 2
    again = gt.reproduce("pennies", seeds=3, progress=False, parts=tmp_path)
    assert [label for label, _ in ran[4:]] == ["one, seed 2", "other, seed 2"]
    for before, after in zip(first.rows, again.rows, strict=True):
        assert after.ours[:2].tolist() == before.ours.tolist()
    assert again.settings["runs"]["one, seed 0"] == first.settings["runs"]["one, seed 0"]
    for knobs in ({"seed": 1}, {"quick": True}):
        ran.clear()
        gt.reproduce("pennies", seeds=2, progress=False, parts=tmp_path, **knobs)
        assert len(ran) == 4
    ran.clear()
    gt.reproduce("pennies", seeds=2, progress=False)
    assert len(ran) == 4


@pytest.mark.parametrize("knobs", [{"seeds": 0}, {"seeds": 1.5}, {"seed": -1}, {"effort": 0}, {"effort": 2}, {"effort": True}])
def test_bad_arguments_are_refused(knobs):
    with pytest.raises(GameError, match=next(iter(knobs))):
        gt.reproduce("pennies", **knobs)


def test_an_unknown_paper_is_refused_with_the_nearest():
    with pytest.raises(GameError, match="did you mean 'pennies'"):
        gt.reproduce("penies")


@pytest.mark.parametrize("name", sorted(_registry.TABLES["paper"]))
def test_every_paper_says_what_it_is(name):
    paper = _registry.resolve("paper", name)
    assert isinstance(paper, papers.Paper)
    assert paper.title
    assert paper.source
    assert paper.minutes > 0
    assert paper.seeds >= 1


def _all_papers():
    """Return the papers; neural ones compile for long, and have a short test of their own."""
    needs = {name: _registry.resolve("paper", name).needs for name in _registry.TABLES["paper"]}
    return [pytest.param(name, marks=pytest.mark.slow) if needs[name] else name for name in sorted(needs)]


@pytest.mark.parametrize("name", _all_papers())
def test_every_paper_runs_through_at_a_tiny_size(name, tmp_path):
    for package in _registry.resolve("paper", name).needs:
        pytest.importorskip(package)
    found = gt.reproduce(name, quick=True, seeds=1, effort=0.002, progress=False)
    assert found.finished
    assert found.rows
    assert found.claims
    assert found.differences
    assert len(found.save(tmp_path)) == 4
    assert len({row.name for row in found.rows}) == len(found.rows)


# ---- the command ---------------------------------------------------------------------------------------------------


def test_the_command_prints_the_papers_figures_beside_ours(call, tmp_path):
    answer = call("reproduce", "pennies", "--seeds", "3", "--out", "found")
    assert answer.code == 0
    for text in ("Pennies", "nobody, nowhere", "median of 3 seeds", "holds: the gap closes", "DOES NOT HOLD: the moon", "- nowhere"):
        assert text in answer.out
    assert sorted(path.name for path in (tmp_path / "found").iterdir()) == ["pennies.csv", "pennies.json", "pennies.md", "pennies.png"]


def test_animations_lie_beside_the_plot(call, tmp_path):
    (tmp_path / "found" / "parts").mkdir(parents=True)
    (tmp_path / "found" / "parts" / "film.gif").write_bytes(b"GIF")
    answer = call("reproduce", "pennies", "--quick", "--out", "found")
    assert "film.gif" in answer.err
    assert (tmp_path / "found" / "film.gif").read_bytes() == b"GIF"


def test_the_command_writes_json(call):
    answer = call("reproduce", "pennies", "--quick", "--json")
    assert answer.document["settings"]["quick"] is True
    assert answer.document["rows"][0]["figure"] == "gap"


def test_the_command_keeps_what_was_done(call, tmp_path):
    answer = call("reproduce", "stopped")
    assert answer.code == 130
    assert "interrupted" in answer.err
    assert (tmp_path / "stopped" / "stopped.csv").exists()


@pytest.mark.parametrize("arguments", [["--list"], []])
def test_the_command_lists_the_papers(call, arguments):
    answer = call("reproduce", *arguments)
    assert answer.code == 0
    for name in papers.list_papers():
        assert name in answer.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["penies"], "did you mean 'pennies'"),
        (["pennies", "--seeds", "0"], "seeds is 0"),
        (["pennies", "--seed", "-1"], "seed is -1"),
        (["pennies", "--out", "taken"], "cannot write into taken"),
        (["pennies", "--out", "\0"], "cannot write into"),
    ],
)
def test_the_command_refuses_bad_input_in_a_sentence(call, tmp_path, arguments, message):
    (tmp_path / "taken").write_text("a file")
    answer = call("reproduce", *arguments)
    assert answer.code == 2
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir() if path.is_dir() and path.name == "penies"] == []
