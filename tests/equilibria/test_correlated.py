import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from gametheory_rl import GameError, Status
from gametheory_rl._support._compile import COMPILED
from gametheory_rl.equilibria import _correlated, _devices, _incentives, _scaling, coarse_correlated, correlated, obedience, pure
from gametheory_rl.equilibria._kernels import _programs

ROOT = Path(__file__).parents[2]
CHICKEN = np.array([[[6.0, 2.0], [7.0, 0.0]], [[6.0, 7.0], [2.0, 0.0]]])
COARSE_ONLY = np.array([[[3, 2, 1], [0, 3, 3], [1, 1, 3]], [[0, 1, 1], [2, 0, 0], [1, 3, 0]]], float)
"""Its best coarse correlated equilibrium, welfare 29/9, is no correlated one: those reach 35/12."""
KINDS = (correlated, coarse_correlated)


def a_game(seed, players=None):
    rng = np.random.default_rng(seed)
    players = players or int(rng.integers(1, 4))
    shape = (players, *rng.integers(1, 4, players))
    return rng.integers(0, 3, shape).astype(float) if seed % 2 else rng.normal(size=shape)


def constraints(payoffs, *, coarse):
    """The definition, one dense row per deviation: what obeying earns more, which must not be negative."""
    shape = payoffs.shape[1:]
    for i, own in enumerate(shape):
        for played in range(own):
            rows = np.zeros((1 if coarse else own, *shape))
            for cell in np.ndindex(*shape):
                other = (*cell[:i], played, *cell[i + 1 :])
                rows[(0 if coarse else cell[i], *cell)] = payoffs[(i, *cell)] - payoffs[(i, *other)]
            yield from rows.reshape(len(rows), -1)


def oracle(payoffs, worth, *, coarse):
    """The best worth by scipy on the definition."""
    rows = np.array(list(constraints(payoffs, coarse=coarse)))
    found = linprog(-np.ravel(worth), A_ub=-rows, b_ub=np.zeros(len(rows)), A_eq=np.ones((1, rows.shape[1])), b_eq=[1.0])
    return -found.fun


def check(payoffs, solution, *, coarse):
    span = np.ptp(np.asarray(payoffs))
    assert solution.status is Status.SOLVED
    assert (solution.distribution >= 0).all()
    assert solution.distribution.sum() == pytest.approx(1.0, abs=1e-14)
    assert solution.slack == obedience(payoffs, solution.distribution, coarse=coarse)
    assert solution.slack <= 1e-9 * span
    np.testing.assert_allclose(solution.values, np.tensordot(payoffs, solution.distribution, solution.distribution.ndim), atol=1e-14 * span)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_every_objective_against_scipy_on_the_definition(seed, coarse):
    payoffs = a_game(seed)
    solve = KINDS[coarse]
    best = [oracle(payoffs, payoff, coarse=coarse) for payoff in payoffs]
    welfare, republican = solve(payoffs), solve(payoffs, "republican")
    assert welfare.values.sum() == pytest.approx(oracle(payoffs, payoffs.sum(axis=0), coarse=coarse), abs=1e-8)
    assert republican.values.max() == pytest.approx(max(best), abs=1e-8)
    for i, wanted in enumerate(best):
        libertarian = solve(payoffs, "libertarian", player=i)
        check(payoffs, libertarian, coarse=coarse)
        assert libertarian.values[i] == pytest.approx(wanted, abs=1e-8)
    egalitarian = solve(payoffs, "egalitarian")
    assert egalitarian.values.min() >= welfare.values.min() - 1e-8
    assert egalitarian.values.min() <= min(best) + 1e-8
    for solution in (welfare, republican, egalitarian):
        check(payoffs, solution, coarse=coarse)
        assert solution.gap <= 1e-8
    assert all(welfare.values.sum() >= values.sum() - 1e-9 for values in pure(payoffs).values.T)


@settings(max_examples=40)
@given(
    st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([(1,), (1, 1), (5, 5), (1, 6), (7, 3), (3, 3, 3), (2, 1, 4), (2, 2, 2, 2)])
)
def test_the_compiled_method_reaches_what_highs_reaches(seed, coarse, shape):
    rng = np.random.default_rng(seed)
    payoffs = [rng.integers(0, 2 + seed % 3, (len(shape), *shape)).astype(float), rng.normal(size=(len(shape), *shape))][seed % 2]
    scaled, noise = _scaling.with_rounding(payoffs)
    rows = _incentives.incentives(scaled, noise, coarse=coarse)
    for worth in (rng.random((1, rows.shape[1])), scaled.reshape(len(shape), -1), np.zeros((1, rows.shape[1]))):
        ours, theirs = (_devices.greatest_least(worth, rows, method) for method in ("compiled", "highs"))
        assert ours.gap <= 1e-12
        assert (worth @ ours.drawn).min() == pytest.approx((worth @ theirs.drawn).min(), abs=1e-8)
        assert (rows @ ours.drawn).min(initial=0.0) >= -1e-12
        assert ours.drawn.min() >= 0.0


@pytest.mark.parametrize("goals", [1, 3])
def test_no_distribution_obeys_what_contradicts_itself(goals):
    worth, rows = np.random.default_rng(0).random((goals, 3)), np.array([[1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [0.0, 0.0, -1.0]])
    drawn, _, ended = _programs.greatest_least(worth, rows)
    assert ended == _programs.BEST
    np.testing.assert_allclose(drawn, [0.5, 0.5, 0], atol=1e-12)
    assert _programs.greatest_least(worth, np.vstack([rows, [[1.0, -0.5, 0.0], [-0.5, -1.0, 0.0]]]))[2] == _programs.NOTHING
    assert _devices.greatest_least(worth, -np.ones((1, 3)), "compiled") is None


def test_the_plain_source_gives_the_same_bits():
    if not COMPILED:
        pytest.skip("there is only the plain source")
    code = "import numpy as np; from tests.equilibria.test_correlated import fingerprint; print(fingerprint())"
    plain = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"GAMETHEORY_RL_COMPILE": "0"}, cwd=ROOT, capture_output=True, text=True
    )
    assert plain.stdout.strip() == fingerprint()


def fingerprint():
    rng = np.random.default_rng(7)
    games = [rng.random((2, 4, 4)), rng.normal(size=(3, 2, 3, 2)), rng.integers(0, 3, (2, 3, 4)).astype(float)]
    found = [solve(game, goal) for game in games for solve in KINDS for goal in ("welfare", "egalitarian", "republican")]
    return "".join(solution.distribution.tobytes().hex() for solution in found)


def test_chicken():
    for objective in ("welfare", "egalitarian"):
        solution = correlated(CHICKEN, objective)
        np.testing.assert_allclose(solution.distribution, [[0.5, 0.25], [0.25, 0.0]], atol=1e-12)
        np.testing.assert_allclose(solution.values, [5.25, 5.25])
    np.testing.assert_allclose(np.sort(correlated(CHICKEN, "republican").values), [2, 7])
    np.testing.assert_allclose(correlated(CHICKEN, "libertarian", player=1).values, [2, 7])
    np.testing.assert_allclose(correlated(CHICKEN, CHICKEN).values, [5.25, 5.25])
    worst = correlated(CHICKEN, -CHICKEN.sum(axis=0))
    assert worst.values.sum() == pytest.approx(oracle(CHICKEN, -CHICKEN.sum(axis=0), coarse=False) * -1)


def test_egalitarian_is_the_best_smallest_payoff():
    # Along the segment between the pure equilibria of the battle of the sexes both get the same in the middle alone.
    battle = np.array([[[2.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 2.0]]])
    solution = correlated(battle, "egalitarian")
    np.testing.assert_allclose(solution.distribution, [[0.5, 0], [0, 0.5]], atol=1e-12)
    np.testing.assert_allclose(solution.values, [1.5, 1.5])


def test_coarse_and_correlated_differ():
    game = COARSE_ONLY
    strict, coarse = correlated(game), coarse_correlated(game)
    check(game, strict, coarse=False)
    check(game, coarse, coarse=True)
    assert obedience(game, coarse.distribution) > 0.1
    assert obedience(game, strict.distribution, coarse=True) <= 1e-12
    for kind, solution in ((False, strict), (True, coarse)):
        assert solution.values.sum() == pytest.approx(oracle(game, game.sum(axis=0), coarse=kind))
    assert coarse.values.sum() == pytest.approx(29 / 9)
    assert strict.values.sum() == pytest.approx(35 / 12)


def test_prisoners_have_one_equilibrium_of_any_kind():
    prisoners = np.array([[[-1.0, -3.0], [0.0, -2.0]], [[-1.0, 0.0], [-3.0, -2.0]]])
    for solve in KINDS:
        for objective in ("welfare", "egalitarian", "republican", "entropy", -prisoners):
            np.testing.assert_allclose(solve(prisoners, objective).distribution, [[0, 0], [0, 1]], atol=1e-9)


@pytest.mark.parametrize("scale", [1e-306, 1e-300, 1e-9, 1e9, 1e300, 2.5e307])
def test_scale_does_not_matter(scale):
    for objective in ("welfare", "egalitarian", "entropy"):
        for solve in KINDS:
            np.testing.assert_allclose(solve(CHICKEN * scale, objective).distribution, solve(CHICKEN, objective).distribution, atol=1e-7)
    np.testing.assert_allclose(correlated(CHICKEN * scale).values / scale, [5.25, 5.25])


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_rescaling_and_relabelling_change_nothing(seed):
    rng = np.random.default_rng(seed)
    payoffs = a_game(seed)
    players, shape = len(payoffs), payoffs.shape[1:]
    worth = rng.normal(size=shape)
    scale, offset = (rng.choice(values, players).reshape(-1, *[1] * players) for values in ([1e-6, 0.1, 3.0, 1e9], [-3.0, 0.0, 1e3]))
    order = rng.permutation(players)
    relabel = [rng.permutation(k) for k in shape]
    for solve in KINDS:
        wanted = (worth * solve(payoffs, worth).distribution).sum()
        rescaled = solve((payoffs + offset) * scale, worth)
        assert (worth * rescaled.distribution).sum() == pytest.approx(wanted, abs=1e-7)
        swapped = solve(np.stack([payoffs[i].transpose(order) for i in order]), worth.transpose(order))
        assert (worth.transpose(order) * swapped.distribution).sum() == pytest.approx(wanted, abs=1e-8)
        shuffled = solve(payoffs[np.ix_(range(players), *relabel)], worth[np.ix_(*relabel)])
        assert (worth[np.ix_(*relabel)] * shuffled.distribution).sum() == pytest.approx(wanted, abs=1e-8)
        twice = np.concatenate([payoffs, payoffs[:, :1]], axis=1)
        assert solve(twice).values.sum() == pytest.approx(solve(payoffs).values.sum(), abs=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_maximum_entropy(seed):
    payoffs = a_game(seed, 2)
    for coarse, solve in enumerate(KINDS):
        solution = solve(payoffs, "entropy")
        check(payoffs, solution, coarse=bool(coarse))
        assert solution.gap < 1e-8
        rows = np.array(list(constraints(payoffs, coarse=bool(coarse))))
        cells = payoffs[0].size
        rules = [{"type": "ineq", "fun": lambda p, rows=rows: rows @ p}, {"type": "eq", "fun": lambda p: p.sum() - 1}]
        start = solve(payoffs).distribution.ravel()
        other = minimize(lambda p: p @ np.log(p + 1e-12), start, bounds=[(0, 1)] * cells, constraints=rules, options={"maxiter": 200})
        drawn = solution.distribution[solution.distribution > 0]
        assert -drawn @ np.log(drawn) >= -other.fun - 1e-6


def test_the_most_random_device_of_games_without_stakes_is_uniform():
    for solve in KINDS:
        np.testing.assert_allclose(solve(np.zeros((3, 2, 3, 2)), "entropy").distribution, 1 / 12)
        np.testing.assert_allclose(solve(np.ones((2, 1, 1)), "entropy").distribution, 1.0)
        np.testing.assert_allclose(solve([[1.0, 3.0, 3.0]], "entropy").distribution, [0, 0.5, 0.5], atol=1e-9)
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    np.testing.assert_allclose(correlated([pennies, -pennies], "entropy").distribution, 0.25, atol=1e-9)


def test_many_players_and_rounding_noise():
    rng = np.random.default_rng(0)
    payoffs = rng.normal(size=(6, *[2] * 6))
    for solve in KINDS:
        check(payoffs, solve(payoffs, "egalitarian"), coarse=solve is coarse_correlated)
    # Actions that differ by rounding alone are the same action: both may be recommended.
    twins = np.array([[[0.3], [0.1 + 0.2], [-1.0]], [[0.0], [0.0], [0.0]]])
    np.testing.assert_allclose(correlated(twins, [[1.0], [0.0], [0.0]]).distribution.ravel(), [1, 0, 0], atol=1e-12)


def test_what_the_first_method_spoils_the_second_mends(monkeypatch):
    right = _correlated.greatest_least

    def spoilt(worth, rows, method):
        found = right(worth, rows, method)
        return _correlated.Device(np.full_like(found.drawn, 1 / found.drawn.size), 1.0) if method == "compiled" else found

    monkeypatch.setattr(_correlated, "greatest_least", spoilt)
    check(CHICKEN, correlated(CHICKEN), coarse=False)
    monkeypatch.setattr(_correlated, "METHODS", ("compiled",))
    assert correlated(CHICKEN).status is Status.ROUNDING
    monkeypatch.setattr(_correlated, "greatest_least", lambda *_: None)
    with pytest.raises(GameError, match="HiGHS found no equilibrium"):
        correlated(CHICKEN)


@pytest.mark.parametrize("solve", KINDS)
@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        ((np.zeros((2, 2)),), {}, "one axis per player"),
        ((np.full((2, 2, 2), np.nan),), {}, "nan at"),
        (([[1, 2], [3]],), {}, "ragged"),
        ((CHICKEN, "wellfare"), {}, "did you mean 'welfare'"),
        ((CHICKEN, "libertarian"), {}, "needs player="),
        ((CHICKEN, "libertarian"), {"player": 2}, "from 0 to 1"),
        ((CHICKEN, "welfare"), {"player": 0}, "only the libertarian"),
        ((CHICKEN, np.zeros((3, 2))), {}, r"the objective has shape \(3, 2\)"),
        ((CHICKEN, None), {}, "the objective holds object"),
        ((CHICKEN, np.full((2, 2), np.inf)), {}, "the objective is inf"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(solve, arguments, options, says):
    with pytest.raises(GameError, match=says):
        solve(*arguments, **options)


@pytest.mark.parametrize("objective", ["welfare", "egalitarian", "republican", "entropy"])
def test_sparse_and_dense_programs_agree(monkeypatch, objective):
    payoffs = np.random.default_rng(4).normal(size=(3, 3, 2, 3))
    dense = [solve(payoffs, objective) for solve in KINDS]
    monkeypatch.setattr(_incentives, "DENSE_UP_TO", 0)
    monkeypatch.setattr(_correlated, "METHODS", ("highs",))
    for solve, wanted in zip(KINDS, dense, strict=True):
        solution = solve(payoffs, objective)
        check(payoffs, solution, coarse=solve is coarse_correlated)
        np.testing.assert_allclose(solution.distribution, wanted.distribution, atol=1e-7)


def test_payoffs_that_are_nearly_equal_are_not_taken_for_infeasible():
    """A stage game met while learning soccer: in all but one row the payoffs differ by 1e-9 to 1e-1 of a span of 181."""
    first = [
        [99.99905149656267, 99.99719455244512, 99.99857026649549, 99.99999994278839, 99.99999983404611],
        [99.97307403389638, 99.99999997921758, 99.99999999907132, 99.99999565208417, 99.99999842589423],
        [49.31702415095951, -80.99937560308221, 53.57035617126067, 46.05746878100939, -80.99999505530825],
        [99.99992186957353, 99.99999994192767, 99.99997832693866, 99.99979085236987, 99.9038759888147],
        [99.99994303713451, 99.99999970122923, 99.99999252160075, 99.9783344597837, 99.99999915136787],
    ]
    game = np.array([first, -np.array(first)])
    for objective in ("welfare", "egalitarian", "republican", game[0]):
        solution = correlated(game, objective)
        assert solution.slack <= 1e-9 * 181
        assert solution.status is Status.SOLVED
