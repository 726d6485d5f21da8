"""``learn``: its arguments, its records, its checkpoints, and being interrupted."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from gametheory_rl import GameError, Status, StochasticGame, learn, load_game, load_run, solve, verify
from gametheory_rl._learn import game_hash, record_steps
from gametheory_rl.learners import CentralisedQ, IndependentQ, MinimaxQ
from tests.learners.games import random_game

PENNIES = StochasticGame.from_matrix_game([[1, -1], [-1, 1]], name="pennies")
GAME = random_game(1, zero_sum=True)
GENERAL = random_game(2, (2, 3))


def same(one, other):
    """Whether two runs hold the same bits."""
    equal = one.trace.keys() == other.trace.keys() and all(one.trace[c].tobytes() == other.trace[c].tobytes() for c in one.trace)
    for mine, theirs in ((one.profiles, other.profiles), (one.average_profiles, other.average_profiles)):
        equal &= all(a.tobytes() == b.tobytes() for p, q in zip(mine, theirs, strict=True) for a, b in zip(p, q, strict=True))
    return equal


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"steps": 0}, "steps is 0"),
        ({"steps": 1.5}, "steps is 1.5"),
        ({"steps": True}, "steps is True"),
        ({"seeds": 0}, "seeds is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"horizon": 0}, "horizon is 0"),
        ({"records": 0}, "records is 0"),
        ({"records": [0, 5]}, "record step is 0"),
        ({"records": [11]}, "record step is 11"),
        ({"records": "often"}, "record"),
        ({"records": 2.5}, "records is 2.5"),
        ({"learner": "minmax_q"}, "did you mean 'minimax_q'"),
        ({"learner": MinimaxQ}, r"give MinimaxQ\(\)"),
        ({"learner": 3}, "learner is 3"),
        ({"game": "soccer"}, "load_game"),
        ({"game": GENERAL}, "general-sum"),
        ({"game": random_game(3, (2, 2, 2))}, "3 players"),
        ({"game": StochasticGame.from_matrix_game([[1, -1], [-1, 1]], discount=1.0)}, "below 1"),
        ({"game": random_game(2, (2, 3), discount=[0.5, 0.6]), "learner": "centralised_q"}, "discount"),
        ({"learner": CentralisedQ(weights=(1.0,))}, "weights"),
        ({"exact": solve(GAME)}, "exact has values of shape"),
        ({"exact": 5}, "exact is int, a GameSolution was expected"),
        ({"checkpoint": 5}, "checkpoint is 5, a path was expected"),
        ({"sampling": "genrative"}, "did you mean 'generative'"),
        ({"sampling": 0.1}, "sampling is 0.1, one of on_policy"),
        ({"sampling": "generative", "horizon": 5}, "horizon is 5"),
        ({"sampling": "uniform", "learner": "decentralised_q"}, "its own play alone"),
        ({"policy_states": [1]}, "a policy state is 1, an integer from 0 to 0"),
        ({"policy_states": 0}, "policy_states is 0, a sequence"),
        ({"policy_states": "all"}, "a policy state is 'a'"),
        ({"seeds": 2**31}, "the tables of all seeds .* run fewer seeds"),
        ({"game": "soccer"}, r"the game itself was expected: load_game\('soccer'\)"),
    ],
)
def test_says_what_is_wrong_in_one_sentence(change, complaint):
    given = {"game": PENNIES, "learner": "minimax_q", "steps": 10} | change
    with pytest.raises(GameError, match=complaint) as error:
        learn(given.pop("game"), given.pop("learner"), **given)
    assert "\n" not in str(error.value)


def test_record_steps_are_spread_over_the_last_four_decades():
    steps = record_steps(50, 10**6)
    assert steps[0] == 100
    assert steps[-1] == 10**6
    assert len(steps) == 50
    assert np.ptp(np.diff(np.log(steps))) < 0.01
    assert record_steps(50, 3).tolist() == [1, 2, 3]
    assert record_steps(1, 7).tolist() == [7]
    assert record_steps([5, 2, 5], 9).tolist() == [2, 5, 9]
    assert record_steps(np.array([4]), 4).tolist() == [4]


def test_the_trace_is_what_the_judge_says():
    run = learn(GAME, "minimax_q", steps=3000, seeds=2, records=4, horizon=20)
    measured = ["step", "nash_gap", "start_gap", "value_error", "bellman_residual", "unvisited", "average_nash_gap", "average_start_gap"]
    assert list(run.trace) == measured
    assert all(column.shape == (2, 4) for column in run.trace.values())
    assert run.trace["step"][1].tolist() == record_steps(4, 3000).tolist()
    for k in range(2):
        certificate, average = verify(GAME, run.profiles[k]), verify(GAME, run.average_profiles[k])
        assert run.trace["nash_gap"][k, -1] == certificate.epsilon
        assert run.trace["start_gap"][k, -1] == certificate.start_gap
        assert run.trace["average_nash_gap"][k, -1] == average.epsilon
    assert run.status is Status.FINISHED


def test_value_error_is_there_where_the_truth_is():
    assert "value_error" not in learn(GENERAL, "independent_q", steps=10).trace
    exact = solve(GAME)
    assert same(learn(GAME, "minimax_q", steps=500, exact=exact), learn(GAME, "minimax_q", steps=500))
    # terminal states do not count: nothing is ever learned there
    assert learn(GAME, MinimaxQ(initial=50.0, step_size=1.0), steps=20_000).trace["value_error"][0, -1] < 5


def test_centralised_learners_are_measured_as_a_team():
    run = learn(GENERAL, "centralised_q", steps=500, records=2)
    assert {"team_gap", "value_error", "nash_gap"} <= run.trace.keys()
    joint = (run.profile[0][:, :, None] * run.profile[1][:, None, :]).reshape(GENERAL.num_states, -1)
    assert run.trace["team_gap"][0, -1] == verify(GENERAL.centralised(), (joint,)).epsilon


def test_settings_tell_the_whole_run_in_json():
    run = learn(PENNIES, CentralisedQ(weights=(1.0, 0.5)), steps=10, seeds=2, seed=4, horizon=3)
    settings = json.loads(json.dumps(dict(run.settings)))
    assert (settings["game"], settings["learner"], settings["steps"], settings["seed"]) == ("pennies", "centralised_q", 10, 4)
    assert settings["hyper_parameters"]["weights"] == [1.0, 0.5]
    assert settings["hyper_parameters"]["step_size"]["kind"] == "visits"
    assert settings["shape"] == [2, 1, 2, 2]
    assert settings["game_hash"] == game_hash(PENNIES) != game_hash(GAME)
    assert game_hash(GAME) == game_hash(GAME.sparse()) != game_hash(GENERAL)


def test_settings_are_json_whatever_numbers_the_learner_was_given(tmp_path):
    run = learn(PENNIES, CentralisedQ(weights=np.array([1.0, 2.0]), initial=np.float32(0.5)), steps=10)  # type: ignore[arg-type]
    assert run.settings["hyper_parameters"]["weights"] == [1.0, 2.0]
    assert load_run(run.save(tmp_path / "run.npz")).settings["hyper_parameters"]["initial"] == 0.5


def test_threads_change_no_bit(monkeypatch):
    runs = []
    for count in ("1", "3"):
        monkeypatch.setenv("GAMETHEORY_RL_THREADS", count)
        runs.append(learn(GAME, "minimax_q", steps=5000, seeds=5, records=3))
    assert same(*runs)


def test_the_average_policy_weighs_visits():
    rng = np.random.default_rng(0)
    run = learn(PENNIES, IndependentQ(), steps=4000)
    assert 0.2 < run.average_profiles[0][0][0, 0] < 0.8
    unmet = StochasticGame(rng.normal(size=(1, 3, 2)), np.tile(np.eye(3)[:, None], (1, 2, 1)), 0.5, start=[1, 0, 0])
    run = learn(unmet, "independent_q", steps=100)
    assert run.average_profiles[0][0][1:].tolist() == [[0.5, 0.5], [0.5, 0.5]]


# ---- sampling, and what is recorded ------------------------------------------------------------------------------------


def test_a_generative_model_visits_all_states_equally():
    run = learn(GAME, "minimax_q", steps=50_000, sampling="generative", records=1)
    assert run.visits[0, GAME.terminal].sum() == 0
    np.testing.assert_allclose(run.visits[0, ~GAME.terminal] / 50_000, 1 / 5, atol=0.01)
    assert run.settings["sampling"] == "generative"


@pytest.mark.parametrize("sampling", ["uniform", "generative"])
def test_uniform_play_draws_legal_actions_alike(sampling):
    counts = trained_counts(GAME, sampling)
    for state in np.flatnonzero(~GAME.terminal):
        legal = GAME.legal[0][state][:, None] & GAME.legal[1][state][None, :]
        assert counts[state][~legal].sum() == 0
        np.testing.assert_allclose(counts[state][legal] / counts[state].sum(), 1 / legal.sum(), atol=0.05)


def trained_counts(game, sampling):
    from gametheory_rl.learners._loop import fresh_seed, player_of, world_of
    from gametheory_rl.learners._sampling import quiet, sampled

    learner = MinimaxQ()
    seed = fresh_seed(quiet(learner.init(game.spec)), np.uint64(5))
    player_of(learner, sampled(world_of(game, None), sampling, game.legal, seed.tables), seed.tables)(seed, 0, 40_000)
    return seed.tables.counts


def test_epsilon_greedy_is_how_most_learners_explore():
    for game, learner, alike in ((GAME, "minimax_q", True), (GENERAL, "independent_q", True), (GENERAL, "centralised_q", False)):
        runs = [learn(game, learner, steps=3000, records=2, sampling=sampling) for sampling in (None, "on_policy", "epsilon_greedy")]
        assert same(runs[0], runs[1])
        assert same(runs[0], runs[2]) is alike


def test_a_coin_that_never_falls_plays_the_policy():
    quiet = MinimaxQ(exploration=0.0)
    assert same(learn(GAME, quiet, steps=2000, sampling="epsilon_greedy"), learn(GAME, quiet, steps=2000))


@pytest.mark.parametrize("sampling", ["epsilon_greedy", "uniform", "generative"])
def test_off_policy_samples_teach_the_same_values(sampling):
    run = learn(GAME, "minimax_q", steps=200_000, records=1, sampling=sampling)
    assert run.trace["value_error"][0, -1] < 0.1
    assert run.trace["unvisited"][0, -1] == 0


def test_other_samplings_resume_to_the_bit(tmp_path):
    for sampling in ("epsilon_greedy", "uniform", "generative"):
        wanted = {"seeds": 2, "sampling": sampling, "policy_states": [0, 2]}
        straight = learn(GAME, "independent_q", steps=4000, records=[1000, 2000], **wanted)
        learn(GAME, "independent_q", steps=2000, records=[1000], checkpoint=tmp_path / f"{sampling}.npz", **wanted)
        resumed = learn(GAME, "independent_q", steps=4000, records=[2000], checkpoint=tmp_path / f"{sampling}.npz", **wanted)
        assert same(resumed, straight)
        assert resumed.visits.tobytes() == straight.visits.tobytes()
        assert resumed.policies.tobytes() == straight.policies.tobytes()


def test_visits_and_policy_states_survive_a_file(tmp_path):
    run = learn(GENERAL, "independent_q", steps=900, seeds=2, records=[300, 600], policy_states=[4, 0])
    assert run.visits.sum(axis=1).tolist() == [900, 900]
    assert run.policies.shape == (2, 3, 2, 2, 3)
    for i, policy in enumerate(run.profiles[1]):
        assert np.array_equal(run.policies[1, -1, i, :, : policy.shape[1]], policy[[4, 0]])
        assert not run.policies[:, :, i, :, policy.shape[1] :].any()
    again = load_run(run.save(tmp_path / "run.npz"))
    assert np.array_equal(again.visits, run.visits)
    assert np.array_equal(again.policies, run.policies)
    with np.load(tmp_path / "run.npz") as saved:
        np.savez(tmp_path / "old.npz", **{name: saved[name] for name in saved.files if name not in ("visits", "policies")})
    old = load_run(tmp_path / "old.npz")
    assert old.visits is None
    assert old.policies is None
    assert same(old, run)


def test_unvisited_states_are_counted():
    rng = np.random.default_rng(0)
    unmet = StochasticGame(rng.normal(size=(1, 3, 2)), np.tile(np.eye(3)[:, None], (1, 2, 1)), 0.5, start=[1, 0, 0])
    assert learn(unmet, "independent_q", steps=10, records=1).trace["unvisited"].tolist() == [[2]]
    assert learn(unmet, "independent_q", steps=100, records=1, sampling="generative").trace["unvisited"].tolist() == [[0]]


def backed_up(game, values, profile=None):
    """One exact backup, state by state and stage by stage, from the definition."""
    from itertools import product

    from scipy.optimize import linprog

    after = np.zeros_like(values)
    for state in range(game.num_states):
        legal = [np.flatnonzero(mask[state]) for mask in game.legal]
        stage = game.stage(state, np.where(game.terminal, 0.0, values))
        for i in range(game.num_players):
            if profile is not None:
                weights = {a: np.prod([p[state, k] for p, k in zip(profile, a, strict=True)]) for a in product(*legal)}
                after[i, state] = sum(weight * stage[(i, *a)] for a, weight in weights.items())
            elif game.num_players == 1:
                after[i, state] = stage[0, legal[0]].max()
            else:
                matrix = stage[i][np.ix_(*legal)]
                matrix = matrix if i == 0 else matrix.T
                rows, columns = matrix.shape
                program = linprog([*np.zeros(rows), -1], np.column_stack([-matrix.T, np.ones(columns)]), np.zeros(columns),
                                  [[*np.ones(rows), 0]], [1], [*[(0, None)] * rows, (None, None)])  # fmt: skip
                after[i, state] = program.x[-1]
    return after


@pytest.mark.parametrize("which", ["zero-sum", "general-sum", "one player", "a team"])
def test_the_residual_is_that_of_the_games_own_equation(which):
    game = {"zero-sum": GAME, "one player": random_game(3, (4,))}.get(which, GENERAL)
    learner = CentralisedQ() if which == "a team" else IndependentQ(initial=0.3)
    judged = game.centralised(learner.weights) if which == "a team" else game
    rows = []

    class Spy(type(learner)):
        def values(self, tables):
            rows.append(super().values(tables))
            return rows[-1]

    run = learn(game, Spy(**learner.__dict__), steps=700, records=1)
    values = np.where(judged.terminal, 0.0, rows[-1][: judged.num_players])
    profile = run.profile if which == "general-sum" else None
    expected = np.abs(backed_up(judged, values, profile) - values)[:, ~judged.terminal].max()
    assert run.trace["bellman_residual"][0, -1] == pytest.approx(expected, abs=1e-9)
    assert expected > 0.01


def test_the_residual_bounds_the_error_of_the_values():
    run = learn(GAME, "minimax_q", steps=100_000, records=6, sampling="generative")
    assert (run.trace["value_error"] <= run.trace["bellman_residual"] / (1 - GAME.discount[0]) + 1e-9).all()
    assert run.trace["bellman_residual"][0, -1] < 0.2


def test_correlated_play_is_judged_and_saved(tmp_path):
    """Players who share one draw: chicken, where a device keeps both from daring at once."""
    chicken = StochasticGame.from_matrix_game([[[6, 2], [7, 0]], [[6, 7], [2, 0]]], name="chicken")
    device = np.array([[[1, 1], [1, 0]]]) / 3

    class Told(IndependentQ):
        def profile(self, tables):
            return device

        def average(self, tables):
            return device

    run = learn(chicken, Told(), steps=50, records=2, policy_states=[0])
    assert run.trace["nash_gap"][0, -1] == verify(chicken, device).epsilon < 1e-9
    assert run.policies.shape == (1, 2, 2, 1, 2)
    np.testing.assert_allclose(run.policies[0, 0, :, 0], [[2 / 3, 1 / 3]] * 2)
    again = load_run(run.save(tmp_path / "run.npz"))
    assert np.array_equal(again.profile, device)
    assert np.array_equal(again.average_profiles[0], device)


# ---- interrupted, saved, resumed ----------------------------------------------------------------------------------------


@pytest.fixture
def interrupted_after(monkeypatch):
    """Make Ctrl-C arrive while the n-th record is judged."""

    def arm(count):
        from gametheory_rl.learners import _training

        record = _training._record

        def counting(learner, seeds, plan, step, rows, tallies):
            if len(rows) == count:
                raise KeyboardInterrupt
            return record(learner, seeds, plan, step, rows, tallies)

        monkeypatch.setattr(_training, "_record", counting)

    return arm


def test_ctrl_c_keeps_everything_up_to_the_last_record(interrupted_after, tmp_path):
    whole = learn(GAME, "minimax_q", steps=2000, records=[100, 500, 1000])
    interrupted_after(2)
    run = learn(GAME, "minimax_q", steps=2000, records=[100, 500, 1000])
    assert run.status is Status.INTERRUPTED
    assert run.trace["step"].tolist() == [[100, 500]]
    assert run.trace["nash_gap"].tobytes() == whole.trace["nash_gap"][:, :2].tobytes()
    assert run.trace["nash_gap"][0, -1] == verify(GAME, run.profile).epsilon
    assert load_run(run.save(tmp_path / "run.npz")).status is Status.INTERRUPTED


def test_ctrl_c_before_the_first_record(interrupted_after, tmp_path):
    interrupted_after(0)
    run = learn(GAME, "minimax_q", steps=2000, seeds=2)
    assert run.trace["step"].shape == (2, 0)
    assert "interrupted" in repr(run)
    assert load_run(run.save(tmp_path / "run.npz")).profiles[1][0].shape == (6, 3)


def test_an_interrupted_run_goes_on_from_its_checkpoint(interrupted_after, tmp_path, monkeypatch):
    wanted = {"steps": 3000, "records": [100, 500, 1000], "seeds": 3, "horizon": 9}
    whole = learn(GAME, "minimax_q", **wanted)
    with monkeypatch.context():
        interrupted_after(2)
        learn(GAME, "minimax_q", checkpoint=tmp_path / "state", **wanted)
    monkeypatch.undo()
    assert same(learn(GAME, "minimax_q", checkpoint=tmp_path / "state", **wanted), whole)
    assert same(learn(GAME, "minimax_q", checkpoint=tmp_path / "state", **wanted), whole)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"seed": 1}, "its seed is 0, this run's is 1"),
        ({"seeds": 2}, "seeds"),
        ({"horizon": 5}, "horizon"),
        ({"sampling": "uniform"}, "its sampling is 'on_policy', this run's is 'uniform'"),
        ({"learner": MinimaxQ(exploration=0.3)}, "its hyper-parameter exploration is .*, this run's is 0.3;"),
        ({"learner": "independent_q"}, "its learner is 'minimax_q', this run's is 'independent_q'"),
        ({"game": random_game(8, zero_sum=True)}, "game"),
        ({"steps": 50}, "100 steps already, 50"),
    ],
)
def test_another_runs_checkpoint_is_refused_and_kept(change, complaint, tmp_path):
    path = tmp_path / "state.npz"
    learn(GAME, "minimax_q", steps=100, checkpoint=path)
    before = path.read_bytes()
    given = {"game": GAME, "learner": "minimax_q", "steps": 200, "checkpoint": path} | change
    with pytest.raises(GameError, match=complaint):
        learn(given.pop("game"), given.pop("learner"), **given)
    assert path.read_bytes() == before


def test_another_versions_checkpoint_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "state.npz"
    learn(GAME, "minimax_q", steps=100, checkpoint=path)
    monkeypatch.setattr("gametheory_rl.__version__", "9.9.9")
    with pytest.raises(GameError, match=r"its version is '.*', this run's is '9.9.9'; give another file"):
        learn(GAME, "minimax_q", steps=200, checkpoint=path)


def test_damaged_checkpoints_are_refused(tmp_path):
    path = tmp_path / "state.npz"
    learn(GAME, "minimax_q", steps=100, checkpoint=path)
    whole = path.read_bytes()
    for content in (b"", b"nothing", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(GameError, match="cannot resume .* cut short, which .* a copy may be") as error:
            learn(GAME, "minimax_q", steps=200, checkpoint=path)
        assert "\n" not in str(error.value)
        assert path.read_bytes() == content
    np.savez(path, something=np.zeros(3))
    with pytest.raises(GameError, match="not a checkpoint"):
        learn(GAME, "minimax_q", steps=200, checkpoint=path)
    with pytest.raises(GameError, match="folder"):
        learn(GAME, "minimax_q", steps=200, checkpoint=tmp_path)
    with pytest.raises(GameError, match="cannot write"):
        learn(GAME, "minimax_q", steps=200, checkpoint=tmp_path / "missing" / "state.npz")


CHILD = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started deaf to it
from gametheory_rl import learn
from tests.learners.games import random_game
run = learn(random_game(1, zero_sum=True), "minimax_q", steps=int(sys.argv[2]), seeds=2, records=range(2000, int(sys.argv[2]), 2000),
            checkpoint=sys.argv[1], progress=False)
print(run.status.name, run.trace["step"].shape[1], flush=True)
"""


def started(path, steps):
    """A run in a process of its own, which has written a checkpoint, or one more."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(steps)], stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while (path.stat().st_mtime_ns if path.exists() else 0) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    return child


def goes_on_bit_for_bit(path):
    """Resume the run in this process, and compare it with one that was never disturbed."""
    with np.load(path) as saved:
        done = json.loads(str(saved["meta"]))["done"]
    end = done + 3000
    wanted = {"steps": end, "seeds": 2, "records": range(2000, end, 2000)}
    resumed, straight = learn(GAME, "minimax_q", checkpoint=path, **wanted), learn(GAME, "minimax_q", **wanted)
    assert done > 0
    assert same(resumed, straight)
    assert resumed.visits.tobytes() == straight.visits.tobytes()
    assert resumed.watch.sketches.tobytes() == straight.watch.sketches.tobytes()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_process_leaves_a_checkpoint_that_goes_on_bit_for_bit(tmp_path):
    child = started(tmp_path / "state.npz", 100_000_000)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    try:
        assert child.communicate(timeout=60)[0].startswith("INTERRUPTED")
    finally:
        child.kill()
    goes_on_bit_for_bit(tmp_path / "state.npz")


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("kills", [2, pytest.param(25, marks=pytest.mark.slow)])
def test_a_run_killed_again_and_again_goes_on_bit_for_bit(kills, tmp_path):
    rng, path = np.random.default_rng(kills), tmp_path / "state.npz"
    for _ in range(kills):
        child = started(path, 100_000_000)
        time.sleep(rng.uniform(0.0, 0.4))
        child.kill()
        child.communicate(timeout=60)
    goes_on_bit_for_bit(path)


def test_progress_shows_the_gap(capsys, monkeypatch):
    monkeypatch.setattr("gametheory_rl._support._progress.LINE_EVERY", 0.0)
    learn(load_game("matching_pennies"), "minimax_q", steps=200_000, records=5, progress=True)
    assert re.search(r"minimax_q: 100%  gap \S+", capsys.readouterr().err)
