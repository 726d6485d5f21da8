"""Results: the same whoever performs the runs; filtered, grouped, aggregated, exported; the index made again."""

import csv
import hashlib
import json

import numpy as np
import pytest
from scipy import stats

import gametheory_rl as gt
from gametheory_rl._support._statistics import bootstrap_interval, interquartile_mean
from gametheory_rl._sweep._folder import FORMAT
from gametheory_rl._sweep._index import Index, Row

DESIGN = {
    "name": "small",
    "games": ["climbing", gt.StochasticGame.from_matrix_game([[1, -1], [-1, 1]], name="mine")],
    "learners": [{"name": "independent_q", "exploration": [0.1, 0.3]}],
    "steps": 200,
    "records": 3,
    "seeds": 4,
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return gt.sweep(DESIGN, out=tmp_path_factory.mktemp("small"), workers=0)


def digests(results):
    return {path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in results.folder.glob("runs/*/run.npz")}


def test_processes_give_the_same_bits(results, tmp_path):
    pooled = gt.sweep(DESIGN, out=tmp_path / "pooled", workers=2)
    assert digests(pooled) == digests(results)
    assert len(digests(results)) == 16


def test_each_run_is_what_learn_returns(results):
    row = results.where("exploration = 0.3", game="climbing", seed=2).rows[0]
    run = gt.learn(gt.load_game("climbing"), gt.learners.IndependentQ(exploration=0.3), steps=200, records=3, seed=2)
    kept = results.run(row.id)
    assert all(np.array_equal(run.trace[name], kept.trace[name]) for name in run.trace)
    assert all(np.array_equal(*pair) for pair in zip(run.profile, kept.profile, strict=True))
    assert row.end["nash_gap"] == run.trace["nash_gap"][0, -1]


def test_a_design_may_grow_and_keeps_its_runs(results, tmp_path):
    small = {**DESIGN, "games": "climbing", "seeds": 2}
    gt.sweep(small, out=tmp_path, workers=0)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*")}
    grown = gt.sweep({**small, "seeds": 3, "games": ["matching_pennies", "climbing"]}, out=tmp_path, workers=0)
    assert grown.counts == {"done": 12, "failed": 0, "missing": 0}
    assert all(path.stat().st_mtime_ns == then for path, then in before.items())
    assert [row.number for row in grown.rows] == list(range(12))
    with pytest.raises(gt.GameError, match="holds another sweep"):
        gt.sweep(small, out=tmp_path, workers=0)


def test_folders_that_are_none_are_refused(tmp_path, results):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(gt.GameError, match="holds other files"):
        gt.sweep(DESIGN, out=tmp_path, workers=0)
    with pytest.raises(gt.GameError, match="holds no results"):
        gt.load_results(tmp_path)
    with pytest.raises(gt.GameError, match="there is no folder"):
        gt.load_results(tmp_path / "nowhere")
    with pytest.raises(gt.GameError, match="which is a file"):
        gt.sweep(DESIGN, out=tmp_path / "notes.txt", workers=0)


def test_one_sweep_at_a_time(results):
    from gametheory_rl._sweep._folder import Folder

    pytest.importorskip("fcntl")
    held = Folder(results.folder)
    try:
        with pytest.raises(gt.GameError, match="another sweep is writing"):
            gt.sweep(DESIGN, out=results.folder, workers=0)
        assert len(gt.load_results(results.folder).rows) == 16  # readers do not wait
        assert len(gt.load_results(results.folder, rebuild=True).rows) == 16
    finally:
        held.close()


@pytest.mark.parametrize("damage", ["gone", "garbage", "cut"])
def test_the_index_is_made_again_from_the_folders(results, damage):
    index = results.folder / "index.sqlite"
    whole = index.read_bytes()
    if damage == "gone":
        index.unlink()
    else:
        index.write_bytes(b"no database" * 100 if damage == "garbage" else whole[: len(whole) // 2])
    assert gt.load_results(results.folder).rows == results.rows
    assert gt.load_results(results.folder).rows == results.rows


def test_conditions_filter(results):
    gaps = np.array(results.column("nash_gap"))
    assert len(results.where("nash_gap<0.5").rows) == (gaps < 0.5).sum()
    assert len(results.where("nash_gap >= 0.5", "game=mine").rows) == (gaps[8:] >= 0.5).sum()
    assert len(results.where("seed!=0", exploration=0.1).rows) == 6
    assert results.where("learner=nash_q").rows == ()
    for bad, sentence in (("nash_gap", "a comparison"), ("nash_gup<1", "did you mean 'nash_gap'")):
        with pytest.raises(gt.GameError, match=sentence):
            results.where(bad)


def test_groups_are_aggregated_as_others_do(results):
    groups = results.group("game", "exploration")
    assert [group.runs for group in groups] == [4, 4, 4, 4]
    for group in groups:
        gaps = results.where(**group.key).column("nash_gap")
        assert group.centre == pytest.approx(stats.trim_mean(gaps, 0.25))
        assert group.low <= group.centre <= group.high
    (overall,) = results.group(metric="start_gap", aggregate="median")
    assert overall.centre == np.median(results.column("start_gap"))
    with pytest.raises(gt.GameError, match="aggregate"):
        results.group("game", aggregate="avg")
    with pytest.raises(gt.GameError, match="holds no numbers"):
        results.group("game", metric="learner")


def test_the_bootstrap_covers_the_mean_and_agrees_with_scipy():
    values = np.random.default_rng(5).exponential(size=200)
    low, high = bootstrap_interval(values, np.mean)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=2000, rng=1).confidence_interval
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.02)
    assert interquartile_mean(values) == pytest.approx(stats.trim_mean(values, 0.25))
    covered = [
        (lambda ends: ends[0] < 1.0 < ends[1])(bootstrap_interval(np.random.default_rng(k).exponential(size=60), np.mean, resamples=300))
        for k in range(200)
    ]
    assert 0.85 < np.mean(covered) <= 0.99


def test_exports_have_every_column(results, tmp_path):
    with results.save(tmp_path / "all.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["nash_gap"]) for row in rows] == results.column("nash_gap")
    pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(results.save(tmp_path / "all.parquet"))
    assert frame["nash_gap"].tolist() == results.column("nash_gap")
    assert frame["exploration"].tolist() == [0.1] * 4 + [0.3] * 4 + [0.1] * 4 + [0.3] * 4
    with pytest.raises(gt.GameError, match=r"\.csv or \.parquet"):
        results.save(tmp_path / "all.xlsx")


def test_the_commands(call, results, tmp_path):
    (tmp_path / "d.toml").write_text('games = ["climbing"]\nlearners = ["independent_q"]\nsteps = 100\nseeds = 2\n')
    plan = call("sweep", "d.toml", "--dry-run")
    assert (plan.code, "2 runs" in plan.out) == (0, True)
    assert not (tmp_path / "d-results").exists()
    ran = call("sweep", "d.toml", "--workers", "0")
    assert (ran.code, "2 done" in ran.out) == (0, True), ran.err
    listed = call("results", "d-results", "--group-by", "learner", "--json", "--plot", "p.png")
    assert json.loads(listed.out)["groups"][0]["runs"] == 2
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"
    for arguments in (
        ["sweep", "none.toml"],
        ["results", "nowhere"],
        ["results", "d-results", "--where", "gap"],
        ["sweep", "d.toml", "--dask", "tcp://127.0.0.1:1"],
    ):
        (tmp_path / "d.toml").write_text('games = ["climbing"]\nlearners = ["independent_q"]\nsteps = 100\nseeds = 3\n')
        refused = call(*arguments)
        assert (refused.code, refused.err.count("\n")) == (2, 1), refused.err


def test_ten_thousand_runs_are_read_from_the_index_alone(tmp_path):  # there are no folders to walk through
    design = {"games": ["climbing"], "learners": ["independent_q"], "steps": 10, "seeds": 10_000}
    (tmp_path / "sweep.json").write_text(json.dumps({"format": FORMAT, "name": "many", "design": design}))
    rows = {
        f"r{k}": Row(k, f"r{k}", "done", "climbing", "independent_q", 10, k, {"a": k % 7}, {"nash_gap": k / 10_000}, 0.1, "", "")
        for k in range(10_000)
    }
    index = Index(tmp_path / "index.sqlite")
    index.align(rows, {name: k for k, name in enumerate(rows)}, "many")
    index.close()
    results = gt.load_results(tmp_path)
    groups = results.where("nash_gap<0.5").group("a")
    assert len(results.rows) == 10_000
    assert [group.runs for group in groups] == [715, 715, 714, 714, 714, 714, 714]
