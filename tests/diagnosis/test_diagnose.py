"""Diagnoses of made-up traces with known answers, and of real runs; never a false ``converged``."""

import dataclasses

import numpy as np
import pytest

from gametheory_rl import GameError, Run, Verdict, _registry, diagnose, learn, load_game, load_run
from gametheory_rl._results import Watch
from gametheory_rl.learners import CentralisedQ, IndependentQ, MinimaxQ, TabularLearner
from gametheory_rl.learners._watch import watch_steps
from tests.learners.games import random_game

STEPS = np.unique(np.geomspace(10, 100_000, 50).astype(np.int64))
TIMES = watch_steps(100_000)


def made(gaps, *, average=None, path=None, values=0.0, watched=True, team=None):
    """A run of one state and two players of two actions, with the gaps ``(seeds, records)`` given."""
    gaps = np.atleast_2d(gaps)
    seeds, records = gaps.shape
    trace = {"step": np.broadcast_to(STEPS[len(STEPS) - records :], gaps.shape), "nash_gap": gaps}
    if average is not None:
        trace["average_nash_gap"] = np.broadcast_to(average, gaps.shape)
    if team is not None:
        trace["team_gap"] = np.broadcast_to(team, gaps.shape)
    profile = (np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]))
    sketches = np.broadcast_to(np.array([1.0, 0.0, 1.0, 0.0]) if path is None else path, (seeds, len(TIMES), 4))
    start_values = np.broadcast_to(np.asarray(values, float).reshape(1, -1, 1), (seeds, records, 2))
    watch = Watch(TIMES, sketches.astype(np.float32), start_values) if watched else None
    return Run((profile,) * seeds, (profile,) * seeds, trace, {"payoff_span": 1.0, "shape": [2, 1, 2, 2]}, watch=watch)


def going_round(period):
    bits = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])[TIMES * 4 // period % 4]
    return np.stack([bits, 1 - bits], axis=2).reshape(len(TIMES), 4)


def wandering(seed=0):
    flips = np.random.default_rng(seed).integers(2, size=(len(TIMES), 2))
    return np.stack([flips, 1 - flips], axis=2).reshape(len(TIMES), 4)


SMALL = np.full(len(STEPS), 0.001)
LARGE = np.full(len(STEPS), 0.1)


def test_a_gap_that_falls_as_the_square_root_is_still_falling_at_rate_a_half():
    found = diagnose(made(10 * STEPS**-0.5 + 0.0))
    assert found.verdict is Verdict.FALLING
    assert found.rate.slope == pytest.approx(-0.5, abs=0.01)
    assert "steps^-0.5" in found.sentence
    assert "not converged" in found.sentence


def test_a_small_gap_of_a_policy_that_stands_still_is_convergence():
    found = diagnose(made(np.stack([SMALL, 2 * SMALL])))
    assert found.verdict is Verdict.CONVERGED
    assert "converged to within 0.01: the exact gap of every one of 2 seeds is at most 0.002" in found.sentence


def test_a_flat_gap_is_not_convergence():
    found = diagnose(made(LARGE))
    assert found.verdict is Verdict.STALLED
    still = "the policy has stood still over the last factor 4 of the steps, at no equilibrium"
    assert found.sentence == f"the gap has stopped falling at 0.1: {still}; no guarantee."
    assert diagnose(made(LARGE), tol=0.2).verdict is Verdict.CONVERGED


@pytest.mark.parametrize("bad", [-1, -3, -5])
def test_a_gap_that_is_small_for_a_moment_is_not_convergence(bad):
    gaps = SMALL.copy()
    gaps[bad] = 0.05
    assert diagnose(made(gaps)).verdict is not Verdict.CONVERGED


def test_nothing_converges_that_moves_in_value_cycles_or_was_not_watched():
    moving = np.linspace(0, 1, len(STEPS))
    assert diagnose(made(SMALL, values=moving)).verdict is Verdict.CLOSE
    assert diagnose(made(SMALL, path=going_round(1000))).verdict is Verdict.CLOSE
    assert diagnose(made(SMALL, watched=False)).verdict is Verdict.CLOSE
    assert diagnose(made(SMALL[:4])).verdict is Verdict.UNKNOWN
    assert diagnose(made(np.zeros((1, 0)))).verdict is Verdict.UNKNOWN


def test_a_policy_that_goes_round_cycles_and_says_through_what():
    found = diagnose(made(LARGE, path=going_round(2000)))
    assert found.verdict is Verdict.CYCLES
    assert found.route == ("0/0", "1/0", "1/1", "0/1")
    assert "with period 4: through 4 greedy profiles (0/0 > 1/0 > 1/1 > 0/1), once round in about " in found.sentence
    cycle = found.seeds[0].cycle
    assert cycle is not None
    assert cycle.steps == pytest.approx(2000, rel=0.1)


def test_a_policy_that_wanders_does_not_cycle():
    found = diagnose(made(LARGE, path=wandering()))
    assert found.verdict is Verdict.WANDERS
    assert found.route == ()


def test_a_gap_that_moves_without_a_trend_has_not_stopped_falling():
    gaps = np.where(STEPS < 20_000, 0.1, np.where(STEPS < 50_000, 0.3, 0.15))
    found = diagnose(made(gaps))
    assert found.verdict is Verdict.DRIFTS
    assert "the gap went from 0.3 to 0.15" in found.sentence


def test_few_records_that_reach_far_back_say_nothing_of_the_end():
    sparse = np.array([1, 10, 100, 1000, 10_000, 100_000])
    run = made(np.where(sparse < 50_000, 0.5, 0.0))
    run = dataclasses.replace(run, trace={**run.trace, "step": sparse[None], "average_nash_gap": np.zeros((1, 6))})
    found = diagnose(run)
    assert found.verdict is Verdict.UNKNOWN
    assert "1 record in the last factor 4" in found.sentence


def test_a_policy_that_stands_still_says_how_often_it_came_round_before():
    """Round and round in ever longer turns, and then at rest for now: what stood still may move on."""
    path = going_round(2000)
    path[TIMES > 20_000] = path[-1]
    found = diagnose(made(LARGE, path=path))
    assert found.verdict is Verdict.STALLED
    assert found.seeds[0].returns >= 4
    assert "so that it may move on" in found.sentence


def test_seeds_none_of_which_converged_say_so():
    found = diagnose(made(np.stack([LARGE, 10 * STEPS**-0.5])))
    assert found.verdict is Verdict.DIVIDED
    assert found.sentence.endswith("; none has converged.")
    assert "none has converged" not in diagnose(made(np.stack([LARGE, SMALL]))).sentence


def test_the_average_may_converge_alone():
    found = diagnose(made(LARGE, average=SMALL, path=going_round(500)))
    assert found.verdict is Verdict.AVERAGES
    assert found.sentence == "the average policy converges (gap at most 0.001), the policy itself does not (gap 0.1), which cycles."


def test_a_teams_optimum_is_no_equilibrium():
    assert diagnose(made(LARGE, team=0 * SMALL)).verdict is Verdict.TEAM
    assert diagnose(made(SMALL, team=0 * SMALL)).verdict is Verdict.CONVERGED


def test_seeds_that_disagree_are_counted():
    found = diagnose(made(np.stack([SMALL, SMALL, LARGE, 10 * STEPS**-0.5])))
    assert found.verdict is Verdict.DIVIDED
    assert "2 of 4 converged to within 0.01" in found.sentence
    assert found.counts() == {Verdict.CONVERGED: 2, Verdict.STALLED: 1, Verdict.FALLING: 1}
    assert [len(share.seeds) for share in found.shares] == [2, 2]
    assert [share.equilibrium for share in found.shares] == [True, False]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diagnose(3), "run is int"),
        (lambda: diagnose(made(SMALL), tol=0), "tol is 0"),
        (lambda: diagnose(made(SMALL), game=load_game("soccer")), "give the game of the run"),
        (lambda: diagnose(Run((), (), {}, {})), "no exact gap"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(GameError, match=message):
        call()


# ---- real runs ---------------------------------------------------------------------------------------------------------


def test_independent_q_goes_round_on_nosde_as_the_paper_says():
    game = load_game("nosde")
    found = diagnose(learn(game, "independent_q", steps=10**6, seeds=4), game=game)
    assert found.verdict is Verdict.CYCLES
    assert found.route == ("keep/keep", "send/keep", "send/send", "keep/send")


TABULAR = [name for name in sorted(_registry.table("learner")) if issubclass(_registry.resolve("learner", name), TabularLearner)]


@pytest.mark.parametrize("name", TABULAR)
def test_no_learner_says_converged_on_nosde(name):
    game = load_game("nosde")
    learner = _registry.resolve("learner", name)()
    try:
        learner.init(game.spec)
    except GameError:
        pytest.skip("does not play general-sum games")
    found = diagnose(learn(game, learner, steps=100_000, seeds=3))
    assert not {Verdict.CONVERGED, Verdict.CLOSE} & set(found.counts())


def test_nosde_with_step_sizes_that_do_not_fall():
    assert diagnose(learn(load_game("nosde"), IndependentQ(step_size=0.1), steps=50_000, seeds=3)).verdict is Verdict.CYCLES


def test_matching_pennies():
    game = load_game("matching_pennies")
    found = diagnose(learn(game, "independent_q", steps=100_000, seeds=3))
    assert set(found.counts()) <= {Verdict.CYCLES, Verdict.AVERAGES}
    assert all(seed.cycle is not None for seed in found.seeds)
    assert diagnose(learn(game, "minimax_q", steps=10_000, seeds=3)).verdict is Verdict.CONVERGED


def test_minimax_q_converges_on_a_small_stochastic_game():
    game = random_game(1, (3, 3), 5, zero_sum=True, discount=0.6)
    assert diagnose(learn(game, MinimaxQ(exploration=1.0), steps=400_000, seeds=2)).verdict is Verdict.CONVERGED


def test_the_best_plan_of_the_team_on_the_prisoners_dilemma_is_none_of_its_equilibria():
    game = load_game("prisoners_dilemma")
    assert diagnose(learn(game, "independent_q", steps=20_000, seeds=4)).verdict is Verdict.CONVERGED
    found = diagnose(learn(game, CentralisedQ(), steps=20_000, seeds=2))
    assert found.verdict is Verdict.TEAM
    assert "no equilibrium" in found.sentence


def test_battle_of_the_sexes_has_two_equilibria_to_end_in():
    found = diagnose(learn(load_game("battle_of_the_sexes"), "independent_q", steps=20_000, seeds=12))
    values = sorted(tuple(share.values.round(6).tolist()) for share in found.shares)
    assert values == [(1.0, 2.0), (2.0, 1.0)]
    assert sum(len(share.seeds) for share in found.shares) == 12
    assert sum(share.share for share in found.shares) == pytest.approx(1)


def test_a_saved_run_has_the_same_diagnosis(tmp_path):
    run = learn(load_game("nosde"), "independent_q", steps=20_000, seeds=3)
    assert diagnose(load_run(run.save(tmp_path / "run.npz"))).sentence == diagnose(run).sentence


def test_a_population_is_judged_by_its_own_gap():
    run = made(LARGE)
    crowd = Run(
        run.profiles, run.average_profiles, {"step": run.trace["step"], "population_gap": LARGE[None]}, run.settings, watch=run.watch
    )
    found = diagnose(crowd)
    assert found.column == "population_gap"
    assert found.verdict is Verdict.STALLED
    assert found.shares == ()
