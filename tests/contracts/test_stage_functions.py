"""What holds for every public solver of stage games: bad input is refused in one sentence, and answers obey the laws of games."""

from fractions import Fraction

import numpy as np
import pytest

from gametheory_rl import GameError, Status
from gametheory_rl import equilibria as eq
from gametheory_rl.equilibria import dynamics, exact

NAN, INF = float("nan"), float("inf")
FINE = [[2.0, 0.0], [0.0, 1.0]]
HALF = [0.5, 0.5]
BAD_MATRICES = {
    "nan": [[1, NAN], [0, 1]],
    "infinite": [[1, INF], [0, 1]],
    "minus infinity": [[1, -INF], [0, 1]],
    "ragged": [[1, 2], [3]],
    "no rows": np.zeros((0, 2)),
    "no columns": np.zeros((2, 0)),
    "empty": [],
    "a number": 3.0,
    "a row": [1, 2, 3],
    "words": [["a", "b"], ["c", "d"]],
    "numbers as words": [["1", "2"], ["3", "4"]],
    "complex": [[1j, 0], [0, 1]],
    "nothing": None,
    "an empty cell": [[None, 1], [1, 2]],
    "a mapping": {"a": 1},
    "a word": "abc",
}
BIMATRIX = {
    "lemke_howson": eq.lemke_howson,
    "lemke_howson, shortest": lambda A, B: eq.lemke_howson(A, B, None),
    "lemke_howson by nashpy": lambda A, B: eq.lemke_howson(A, B, engine="nashpy"),
    "lemke_howson_all": eq.lemke_howson_all,
    "lemke_howson_graph": eq.lemke_howson_graph,
    "support_enumeration": eq.support_enumeration,
    "vertex_enumeration": eq.vertex_enumeration,
    "select": eq.select,
    "select, welfare": lambda A, B: eq.select(A, B, "welfare"),
    "select, max_entropy": lambda A, B: eq.select(A, B, "max_entropy"),
    "stackelberg": eq.stackelberg,
    "stackelberg, weak": lambda A, B: eq.stackelberg(A, B, strong=False),
    "rationalizable": eq.rationalizable,
    "exact.lemke_howson": exact.lemke_howson,
    "exact.lemke_howson_graph": exact.lemke_howson_graph,
    "exact.support_enumeration": exact.support_enumeration,
    "exact.vertex_enumeration": exact.vertex_enumeration,
}
MATRIX = {
    "minimax": eq.minimax,
    "optimal_strategies": eq.optimal_strategies,
    "duality_gap": lambda A: eq.duality_gap(A, HALF, HALF),
    "is_ess": lambda A: eq.is_ess(A, HALF),
    "approximate_minimax": dynamics.approximate_minimax,
    "exact.minimax": exact.minimax,
    "exact.optimal_strategies": exact.optimal_strategies,
}
HALVES = [[Fraction(1, 2)] * 2] * 2
TENSOR = {
    "pure": eq.pure,
    "nash": eq.nash,
    "logit": lambda payoffs: eq.logit(payoffs, 1.0),
    "logit_path": eq.logit_path,
    "correlated": eq.correlated,
    "correlated, entropy": lambda payoffs: eq.correlated(payoffs, "entropy"),
    "coarse_correlated": eq.coarse_correlated,
    "dominance": eq.dominance,
    "dominance, weak": lambda payoffs: eq.dominance(payoffs, strict=False),
    "security": lambda payoffs: eq.security(payoffs, 0),
    "best_responses": lambda payoffs: eq.best_responses(payoffs, (HALF, HALF), 0),
    "regret": lambda payoffs: eq.regret(payoffs, (HALF, HALF)),
    "obedience": lambda payoffs: eq.obedience(payoffs, [[0.25, 0.25], [0.25, 0.25]]),
    "random_starts": lambda payoffs: dynamics.random_starts(payoffs, 3),
    "exact.regret": lambda payoffs: exact.regret(payoffs, HALVES),
    "exact.recognise": lambda payoffs: exact.recognise(payoffs, (HALF, HALF)),
    "exact.recognise_device": lambda payoffs: exact.recognise_device(payoffs, [[0.25, 0.25], [0.25, 0.25]]),
}


def refused(function, *given, **options):
    """Assert that a call is refused in one sentence, and return it."""
    with pytest.raises(GameError) as caught:
        function(*given, **options)
    said = str(caught.value)
    assert 15 < len(said) < 400
    assert "\n" not in said
    return said


@pytest.mark.parametrize("bad", BAD_MATRICES)
@pytest.mark.parametrize("name", BIMATRIX)
def test_bad_payoffs_of_either_of_two_are_refused(name, bad):
    refused(BIMATRIX[name], BAD_MATRICES[bad], FINE)
    refused(BIMATRIX[name], FINE, BAD_MATRICES[bad])


@pytest.mark.parametrize("name", BIMATRIX)
def test_payoffs_of_different_games_are_refused(name):
    refused(BIMATRIX[name], FINE, [[1, 2, 3], [1, 2, 3]])
    refused(BIMATRIX[name], [[1, 2, 3], [1, 2, 3]], np.zeros((3, 2)))
    refused(BIMATRIX[name], np.zeros((3, 2, 2)), np.zeros((2, 2, 2)))


@pytest.mark.parametrize("bad", BAD_MATRICES)
@pytest.mark.parametrize("name", MATRIX)
def test_bad_matrices_are_refused(name, bad):
    refused(MATRIX[name], BAD_MATRICES[bad])


@pytest.mark.parametrize("name", TENSOR)
@pytest.mark.parametrize("bad", BAD_MATRICES)
def test_bad_payoffs_of_many_are_refused(name, bad):
    whole = {"no rows": np.zeros((2, 0, 2)), "no columns": np.zeros((2, 2, 0)), "no players": np.zeros(0)}
    inside = np.ndim(BAD_MATRICES[bad]) == 2 if bad != "ragged" else False
    refused(TENSOR[name], whole.get(bad, [BAD_MATRICES[bad], FINE] if inside else BAD_MATRICES[bad]))


@pytest.mark.parametrize("name", TENSOR)
def test_arrays_that_do_not_say_how_many_play_are_refused(name):
    refused(TENSOR[name], np.zeros((3, 2, 2)))
    refused(TENSOR[name], np.zeros(0))
    refused(TENSOR[name], [[[1, 2], [3, 4]], [[1, 2]]])


PAIR = [FINE, FINE]
OPTIONS = {
    "label": lambda bad: eq.lemke_howson(FINE, FINE, bad),
    "exact label": lambda bad: exact.lemke_howson(FINE, FINE, bad),
    "precision": lambda bad: eq.logit(PAIR, bad),
    "player": lambda bad: eq.security(PAIR, bad),
    "replying player": lambda bad: eq.best_responses(PAIR, (HALF, HALF), bad),
    "libertarian player": lambda bad: eq.correlated(PAIR, "libertarian", player=bad),
    "leader": lambda bad: eq.stackelberg(FINE, FINE, leader=bad),
    "time limit": lambda bad: eq.lemke_howson(FINE, FINE, engine="nashpy", time_limit=bad),
    "max_steps": lambda bad: eq.logit_path(PAIR, max_steps=bad),
    "max_iterations": lambda bad: dynamics.approximate_minimax(FINE, max_iterations=bad),
    "max_pivots": lambda bad: eq.lemke_howson_graph(FINE, FINE, max_pivots=bad),
    "exact max_pivots": lambda bad: exact.lemke_howson(FINE, FINE, max_pivots=bad),
    "tol of logit_path": lambda bad: eq.logit_path(PAIR, tol=bad),
    "tol of nash": lambda bad: eq.nash(PAIR, tol=bad),
    "tol of pure": lambda bad: eq.pure(PAIR, tol=bad),
    "tol of best_responses": lambda bad: eq.best_responses(PAIR, (HALF, HALF), 0, tol=bad),
    "tol of minimax": lambda bad: eq.minimax(FINE, tol=bad),
    "tol of approximate_minimax": lambda bad: dynamics.approximate_minimax(FINE, tol=bad),
}


@pytest.mark.parametrize("bad", [-1, NAN, "a", [1.5, 2]], ids=str)
@pytest.mark.parametrize("option", OPTIONS)
def test_bad_numbers_are_refused(option, bad):
    refused(OPTIONS[option], bad)


NAMED = {
    "engine": lambda bad: eq.lemke_howson(FINE, FINE, engine=bad),
    "engine of an enumeration": lambda bad: eq.vertex_enumeration(FINE, FINE, engine=bad),
    "method of nash": lambda bad: eq.nash(PAIR, method=bad),
    "method of polymatrix": lambda bad: eq.polymatrix({(0, 1): FINE}, method=bad),
    "method of approximate_minimax": lambda bad: dynamics.approximate_minimax(FINE, method=bad),
    "rule": lambda bad: eq.select(FINE, FINE, bad),
    "selector": eq.selector,
    "objective": lambda bad: eq.correlated(PAIR, bad),
    "coarse objective": lambda bad: eq.coarse_correlated(PAIR, bad),
    "among": lambda bad: eq.select(FINE, FINE, "welfare", among=bad),
}


@pytest.mark.parametrize("bad", ["", "no such name", 3], ids=repr)
@pytest.mark.parametrize("option", NAMED)
def test_unknown_names_are_refused(option, bad):
    refused(NAMED[option], bad)


PROFILES = {
    "regret": lambda bad: eq.regret(PAIR, bad),
    "exact.regret": lambda bad: exact.regret(PAIR, bad),
    "recognise": lambda bad: exact.recognise(PAIR, bad),
    "best_responses": lambda bad: eq.best_responses(PAIR, bad, 0),
    "polymatrix_regret": lambda bad: eq.polymatrix_regret({(0, 1): FINE, (1, 0): FINE}, bad),
    "prior": lambda bad: eq.logit(PAIR, 1.0, prior=bad),
    "prior of a path": lambda bad: eq.logit_path(PAIR, prior=bad),
    "start": lambda bad: eq.nash(PAIR, start=bad),
}


@pytest.mark.parametrize("bad", [3, "ab", [HALF], [HALF, [1, 0, 0]], [HALF, [NAN, 1]], [HALF, ["a", "b"]], [HALF, "ab"]], ids=repr)
@pytest.mark.parametrize("function", PROFILES)
def test_bad_profiles_are_refused(function, bad):
    refused(PROFILES[function], bad)


def test_sizes_whose_enumeration_does_not_end_are_refused_with_the_count():
    large = np.zeros((30, 30))
    for enumerate_all in (eq.vertex_enumeration, eq.support_enumeration, exact.vertex_enumeration, exact.support_enumeration):
        said = refused(enumerate_all, large, large)
        assert any(sign.isdigit() for sign in said)
        assert "use " in said
    assert "use minimax" in refused(eq.optimal_strategies, np.zeros((200, 200)))


def test_equilibria_of_another_game_are_not_chosen_from():
    other = eq.vertex_enumeration([[0, 3], [2, 0]], [[0, 3], [2, 0]])
    assert "another game" in refused(eq.select, FINE, FINE, "welfare", among=other)
    ours = exact.vertex_enumeration(FINE, FINE)
    assert eq.select(FINE, FINE, "welfare", among=ours).values.tolist() == [2.0, 2.0]


# ---- laws ------------------------------------------------------------------------------------------------------------


def profiles_of(found):
    """Return what a solver found as rows, in an order of their own."""
    rows = np.array([np.concatenate([np.asarray(x, float) for x in profile]) for profile in found])
    return rows[np.lexsort(rows.round(6).T[::-1])]


def one(answer):
    return profiles_of([answer.profile])


SETS = {
    "lemke_howson_all": lambda A, B: profiles_of(eq.lemke_howson_all(A, B).profiles),
    "lemke_howson_graph": lambda A, B: profiles_of(eq.lemke_howson_graph(A, B).profiles),
    "vertex_enumeration": lambda A, B: profiles_of(eq.vertex_enumeration(A, B).profiles),
    "support_enumeration": lambda A, B: profiles_of(eq.support_enumeration(A, B).profiles),
    "pure": lambda A, B: profiles_of(list(eq.pure([A, B]).mixed) or [(np.zeros(1),)]),
    "exact.vertex_enumeration": lambda A, B: profiles_of(exact.vertex_enumeration(A, B).profiles),
    "select, best_for_1": lambda A, B: one(eq.select(A, B, "best_for_1")),
    "select, risk_dominant": lambda A, B: one(eq.select(A, B, "risk_dominant")),
    "select, max_entropy": lambda A, B: one(eq.select(A, B, "max_entropy")),
    "logit_path": lambda A, B: one(eq.logit_path([A, B])),
    "stackelberg": lambda A, B: one(eq.stackelberg(A, B)),
    "stackelberg, weak": lambda A, B: one(eq.stackelberg(A, B, strong=False)),
    "security": lambda A, B: np.concatenate([eq.security([A, B], i).strategy for i in (0, 1)])[None],
    "dominance": lambda A, B: np.concatenate([left + 100 * i for i, left in enumerate(eq.dominance([A, B]).survivors)])[None],
    "rationalizable": lambda A, B: np.concatenate(eq.rationalizable(A, B))[None],
    "correlated, entropy": lambda A, B: eq.correlated([A, B], "entropy").distribution.reshape(1, -1),
}
"""Answers that generic games have one of, as rows of probabilities (of action numbers for dominance)."""
DRAWN = [np.random.default_rng(k).integers(-9, 10, (2, 3, 4)).astype(float) for k in range(3)]


# One precision is measured in everybody's payoffs: where their units change by different factors, the branch is another one.
@pytest.mark.parametrize("name", [name for name in SETS if name != "logit_path"])
@pytest.mark.parametrize("units", [(1e-300, 1e300), (1e200, 1e-7), (3.0, 1.0)], ids=str)
def test_scales_do_not_matter(name, units):
    for A, B in DRAWN:
        before, after = SETS[name](A, B), SETS[name](A * units[0], B * units[1])
        np.testing.assert_allclose(after, before, atol=1e-7)


def test_the_branch_of_logit_equilibria_is_in_units_of_payoffs():
    for A, B in DRAWN:
        before = eq.logit_path([A, B])
        for unit in (1e-300, 1e-7, 1e300):
            after = eq.logit_path([A * unit, B * unit])
            np.testing.assert_allclose(after.precisions * unit, before.precisions, rtol=1e-6)
            np.testing.assert_allclose(one(after), one(before), atol=1e-7)


def test_a_branch_that_cannot_reach_its_regret_is_not_called_solved():
    A, B = DRAWN[0]
    refused(eq.logit_path, [A * 1e200, B * 1e-7])
    assert eq.logit_path([A * 1e200, B * 1e-7], throw=False).status is Status.UNREACHED


@pytest.mark.parametrize("name", SETS)
def test_offsets_do_not_matter(name):
    for A, B in DRAWN:
        before, after = SETS[name](A, B), SETS[name](A + 1e9, B - 1e9)
        np.testing.assert_allclose(after, before, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in SETS if name not in ("dominance", "rationalizable")])
def test_names_of_actions_do_not_matter(name):
    for A, B in DRAWN:
        rows, columns = np.array([2, 0, 1]), np.array([3, 1, 0, 2])
        order = np.concatenate([rows, 3 + columns])
        before, after = SETS[name](A, B), SETS[name](A[np.ix_(rows, columns)], B[np.ix_(rows, columns)])
        if name.startswith("correlated"):
            order = np.arange(12).reshape(3, 4)[np.ix_(rows, columns)].ravel()
        before = before if before.shape[1] == 1 else before[:, order]
        assert same_rows(before, after)


def same_rows(one, other):
    return len(one) == len(other) and all(np.abs(other - row).max(axis=1).min() < 1e-6 for row in one)


SYMMETRIC = {name for name in SETS if name.split(",")[0] not in ("stackelberg", "select", "dominance", "rationalizable")}


@pytest.mark.parametrize("name", sorted(SYMMETRIC))
def test_players_can_change_places(name):
    for A, B in DRAWN:
        before, after = SETS[name](A, B), SETS[name](B.T, A.T)
        order = np.arange(12).reshape(3, 4).T.ravel() if name.startswith("correlated") else [3, 4, 5, 6, 0, 1, 2]
        before = before if before.shape[1] == 1 else before[:, order]
        assert same_rows(before, after)


VALUES = {
    "minimax": lambda A, B: [eq.minimax(A).value],
    "exact.minimax": lambda A, B: [float(exact.minimax(A).value)],
    "optimal_strategies": lambda A, B: [float(eq.optimal_strategies(A).value)],
    "correlated, welfare": lambda A, B: [eq.correlated([A, B]).values.sum()],
    "correlated, egalitarian": lambda A, B: [eq.correlated([A, B], "egalitarian").values.min()],
    "correlated, republican": lambda A, B: [eq.correlated([A, B], "republican").values.max()],
    "correlated, libertarian": lambda A, B: [eq.correlated([A, B], "libertarian", player=1).values[1]],
    "coarse_correlated": lambda A, B: [eq.coarse_correlated([A, B]).values.sum()],
    "stackelberg": lambda A, B: eq.stackelberg(A, B).values,
    "stackelberg, weak": lambda A, B: eq.stackelberg(A, B, strong=False).values[:1],
    "stackelberg, pure": lambda A, B: eq.stackelberg(A, B, mixed=False).values[:1],
    "security": lambda A, B: [eq.security([A, B], i).value for i in (0, 1)],
    "select, welfare": lambda A, B: [eq.select(A, B, "welfare").values.sum()],
    "select, egalitarian": lambda A, B: [eq.select(A, B, "egalitarian").values.min()],
    "vertex_enumeration": lambda A, B: np.unique(eq.vertex_enumeration(A, B).values.round(8), axis=1),
    "pure": lambda A, B: np.unique(eq.pure([A, B]).values, axis=1),
    "dominance": lambda A, B: np.unique(eq.dominance([A, B]).payoffs),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_copy_of_an_action_changes_no_value(name):
    for A, B in DRAWN:
        before = np.asarray(VALUES[name](A, B))
        for rows, columns in (([0, 1, 2, 1], [0, 1, 2, 3]), ([0, 1, 2], [3, 0, 1, 2, 3]), ([0, 0, 1, 2, 2], [0, 1, 1, 2, 3])):
            after = VALUES[name](A[np.ix_(rows, columns)], B[np.ix_(rows, columns)])
            np.testing.assert_allclose(after, before, atol=1e-7)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("unit", [1e-290, 1e290])
def test_values_have_the_unit_of_payoffs(name, unit):
    for A, B in DRAWN:
        before = np.asarray(VALUES[name](A, B), float)
        if name == "vertex_enumeration":
            continue  # rounded to digits of the unit 1
        after = np.asarray(VALUES[name](A * unit, B * unit), float) / unit
        np.testing.assert_allclose(after, before, atol=1e-7)


# ---- batches ---------------------------------------------------------------------------------------------------------

BATCHED = {
    "minimax": lambda A, B: (eq.minimax(A).value, eq.minimax(A).gap),
    "lemke_howson": lambda A, B: (*eq.lemke_howson(A, B).profile, eq.lemke_howson(A, B).regret),
    "lemke_howson, shortest": lambda A, B: (*eq.lemke_howson(A, B, None).profile,),
    "stackelberg": lambda A, B: (*np.asarray(eq.stackelberg(A, B).values),),
    "stackelberg, weak": lambda A, B: (*np.asarray(eq.stackelberg(A, B, strong=False).values),),
    "rationalizable": eq.rationalizable,
}


@pytest.mark.parametrize("name", BATCHED)
@pytest.mark.parametrize("batch", [(), (1,), (0,), (7,), (80,), (3, 2), (2, 0)], ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (2, 3), pytest.param((3, 5), marks=pytest.mark.slow), (8, 7)], ids=str)
def test_a_batch_is_its_games_one_by_one(name, batch, shape):
    rng = np.random.default_rng(3)
    A, B = rng.integers(-5, 6, (2, *batch, *shape)) + rng.normal(0, 0.1, (2, *batch, *shape))
    found = BATCHED[name](A, B)
    for place in np.ndindex(*batch):
        for part, single in zip(found, BATCHED[name](A[place], B[place]), strict=True):
            np.testing.assert_allclose(np.asarray(part)[place], single, atol=1e-9)
    assert all(np.shape(part)[: len(batch)] == batch for part in found)


@pytest.mark.parametrize("name", [name for name in BATCHED if name != "minimax"])
def test_leading_axes_broadcast(name):
    rng = np.random.default_rng(4)
    A, B = rng.normal(size=(3, 1, 3, 4)), rng.normal(size=(2, 3, 4))
    full_A, full_B = np.broadcast_to(A, (3, 2, 3, 4)), np.broadcast_to(B, (3, 2, 3, 4))
    for part, full in zip(BATCHED[name](A, B), BATCHED[name](full_A, full_B), strict=True):
        np.testing.assert_allclose(part, full, atol=1e-12)
