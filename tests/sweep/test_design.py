"""What a sweep runs: the grid, the draws, and what is refused before anything runs."""

import pytest

import gametheory_rl as gt
from gametheory_rl._sweep._axes import Axis
from gametheory_rl._sweep._design import read_design

BASE = {"games": "climbing", "learners": "independent_q", "steps": 10}
RANDOM = {
    "games": [{"name": "garnet", "states": {"integers": [6, 12]}}, "climbing"],
    "learners": [{"name": "independent_q", "exploration": {"log_uniform": [0.01, 1.0]}}],
    "steps": [10, 20],
    "seeds": 2,
}


def test_a_grid_is_every_value_with_every_other():
    learner = {"name": "independent_q", "exploration": [0.1, 0.2], "step_size": ["by_visits(0.75)", "constant(0.1)"]}
    games = [{"name": "garnet", "states": [6, 7, 8]}, "climbing"]
    tasks = read_design({"games": games, "learners": [learner, "nash_q"], "steps": [10, 20], "seeds": [7, 9]}).tasks()
    assert len(tasks) == (3 + 1) * (2 * 2 + 1) * 2 * 2
    assert len({task.id for task in tasks}) == len(tasks)
    assert {(task.parameters.get("states"), task.learner, task.steps, task.seed) for task in tasks} == {
        (states, name, steps, seed)
        for states in (6, 7, 8, None)
        for name in ("independent_q", "nash_q")
        for steps in (10, 20)
        for seed in (7, 9)
    }


def test_what_is_written_twice_is_run_once():
    design = read_design({**BASE, "learners": ["independent_q", "independent_q"], "seeds": [1, 1, 2]})
    assert len(design.tasks()) == 2


def test_draws_stay_the_same_when_there_are_more_of_them_or_other_axes():
    few = read_design({**RANDOM, "design": {"kind": "random", "runs": 5, "seed": 3}}).tasks()
    many = read_design({**RANDOM, "design": {"kind": "random", "runs": 50, "seed": 3}}).tasks()
    other = read_design({**RANDOM, "design": {"kind": "random", "runs": 5, "seed": 4}}).tasks()
    assert few == many[: len(few)]
    assert few != other
    assert len(few) == 10
    more = {**RANDOM, "learners": [{**RANDOM["learners"][0], "initial": {"uniform": [0.0, 1.0]}}]}
    widened = read_design({**more, "design": {"kind": "random", "runs": 5, "seed": 3}}).tasks()
    assert [t.settings["exploration"] for t in widened] == [t.settings["exploration"] for t in few]
    states = {t.parameters["states"] for t in many if t.parameters}
    assert states <= set(range(6, 13))
    assert len(states) > 3
    assert all(0.01 <= t.settings["exploration"] < 1.0 for t in many)


def test_ranges_reach_their_ends():
    whole = Axis("a", (), "integers", 2, 5)
    assert [whole.at(share) for share in (0.0, 0.25, 0.999999)] == [2, 3, 5]
    logarithmic = Axis("a", (), "log_uniform", 1e-4, 1.0)
    assert logarithmic.at(0.5) == pytest.approx(1e-2)


def test_a_file_is_read_as_a_mapping_is_and_names_games_beside_it(tmp_path):
    gt.save_game(gt.load_game("climbing"), tmp_path / "mine.npz")
    file = tmp_path / "study.toml"
    file.write_text('games = ["mine.npz"]\nsteps = 10\n[[learners]]\nname = "independent_q"\nexploration = [0.1, 0.2]\n')
    design = read_design(file)
    assert design.name == "study"
    assert [task.settings for task in design.tasks()] == [{"exploration": 0.1}, {"exploration": 0.2}]
    given = read_design({"games": gt.load_game(tmp_path / "mine.npz"), "learners": "independent_q", "steps": 10})
    assert given.tasks()[0].game_file == design.tasks()[0].game_file is not None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"learner": "nash_q"}, "did you mean 'learners'"),
        ({"games": ["climbin"]}, "did you mean 'climbing'"),
        ({"games": [{"name": "garnet", "state": 3}]}, "did you mean 'states'"),
        ({"games": []}, "games is empty"),
        ({"games": None}, "has no games"),
        ({"learners": ["independant_q"]}, "did you mean 'independent_q'"),
        ({"learners": [{"name": "independent_q", "explore": 0.1}]}, "did you mean 'exploration'"),
        ({"learners": [{"name": "independent_q", "exploration": []}]}, "empty list"),
        ({"learners": [{"name": "independent_q", "exploration": [0.1, 7.0]}]}, "exploration"),
        ({"learners": [{"name": "independent_q", "exploration": {"uniform": [0, 1]}}]}, "a grid cannot run through"),
        ({"learners": [3]}, "a name or a table"),
        ({"steps": 0}, "steps"),
        ({"steps": []}, "empty list"),
        ({"seeds": 0}, "seeds"),
        ({"seeds": []}, "empty list"),
        ({"seeds": [2**63]}, "a seed is 9223372036854775808"),
        ({"records": [5, 30]}, "records has step 30, but there are runs of 10 steps"),
        ({"name": "a\0b"}, "can be printed"),
        ({"games": [gt.StochasticGame.from_matrix_game([[1]], name="a\ud800")]}, "can be printed"),
        ({"sampling": "on-policy"}, "did you mean 'on_policy'"),
        ({"design": {"kind": "gird"}}, "did you mean 'grid'"),
        ({"design": "random"}, "needs runs"),
        ({"design": {"runs": 3}}, "a grid has no runs"),
        ({"seeds": 3_000_000}, "3,000,000 runs"),
        ({"seeds": list(range(2000)), "steps": list(range(1, 7000))}, "13,998,000 runs"),
    ],
)
def test_bad_designs_are_refused_before_anything_runs(change, sentence, tmp_path):
    design = {key: value for key, value in {**BASE, **change}.items() if value is not None}
    with pytest.raises(gt.GameError, match=sentence):
        gt.sweep(design, out=tmp_path / "out", workers=0)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["a/b", "../b", "", "a:b", "\u6e38" * 100])
def test_a_name_that_is_no_folder_s_needs_one_said(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(gt.GameError, match="say where results go"):
        gt.sweep({**BASE, "name": name}, workers=0)
    assert gt.sweep({**BASE, "name": name}, out="plain", workers=0).name == name


@pytest.mark.parametrize(("out", "reason"), [("", "an empty name"), ("a\0b", "a null character"), ("x" * 300, "too long")])
def test_what_is_no_path_is_refused(out, reason):
    with pytest.raises(gt.GameError, match=f"the path of a folder was expected: .*{reason}"):
        gt.sweep(BASE, out=out, workers=0)


def test_a_plan_is_timed_and_says_who_refuses():
    plan = gt.plan_sweep({**BASE, "learners": ["independent_q", "minimax_q"], "steps": 3000, "seeds": 4, "records": 2})
    assert plan.count == 8
    one, other = plan.parts
    assert one.seconds > 0
    assert "zero-sum" in other.refusal
    assert plan.seconds == one.seconds
