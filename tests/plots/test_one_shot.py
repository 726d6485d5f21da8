"""Pictures of one-shot games: what is drawn is what other code finds, and degenerate games have their segments."""

import itertools
from fractions import Fraction
from typing import Any

import nashpy
import numpy as np
import pytest
from matplotlib.patches import Polygon, Rectangle
from scipy.optimize import linprog

from gametheory_rl import GameError, StochasticGame
from gametheory_rl.plots._best_responses import _corners
from gametheory_rl.plots._payoff_polygon import correlated_corners, hull
from tests.plots.drawn import plots

BATTLE = np.array([[[2, 0], [0, 1]], [[1, 0], [0, 2]]], float)
CHICKEN = np.array([[[6, 2], [7, 0]], [[6, 7], [2, 0]]], float)
PENNIES = np.array([[1, -1], [-1, 1]], float)
VON_STENGEL = np.array([[[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]]], float)
WEAK = np.array([[[1, 1], [1, 0]], [[1, 1], [0, 1]]], float)
UGLY = StochasticGame.from_matrix_game(
    np.array([[[1e6, -2.5e5], [0, 1 / 3]], [[0, 1e6], [2, 2]]]),
    labels={"players": ("a & b_c", "<them>"), "actions": (("fight 100%", "give in"), ("enter", "stay out of the market for ever"))},
    name="an_ugly_one",
)


def stars(ax):
    return np.array([tuple(point) for group in ax.collections if group.get_zorder() == 6 for point in group.get_offsets()])


# ---- the table ----------------------------------------------------------------------------------------------------------


def test_a_table_frames_exactly_the_pure_equilibria_and_underlines_best_responses():
    rng = np.random.default_rng(3)
    payoffs = rng.integers(0, 4, (2, 4, 3)).astype(float)
    ax = plots.payoff_table(payoffs)
    frames = sorted((round(p.get_y() / 0.6), round(p.get_x() - 0.05)) for p in ax.patches if p.get_gid() == "equilibrium")
    stable = [
        (i, j)
        for i, j in np.ndindex(4, 3)
        if payoffs[0, i, j] == payoffs[0, :, j].max() and payoffs[1, i, j] == payoffs[1, i].max()
    ]  # fmt: skip
    width = next(p.get_width() for p in ax.patches if p.get_zorder() == 1)
    assert [(i, round(x / width)) for i, x in frames] == stable
    assert len(stable) > 0
    best = (payoffs[0] == payoffs[0].max(axis=0)).sum() + (payoffs[1] == payoffs[1].max(axis=1, keepdims=True)).sum()
    assert len(ax.lines) == best


def test_the_forms_say_the_same():
    text = plots.payoff_table_text(UGLY)
    assert text.splitlines()[1].split() == ["fight", "100%", "1000000*,", "0", "-250000,", "1000000*"]
    assert text.splitlines()[2].split() == ["give", "in", "0,", "2*", "[1/3*,", "2*]"]
    latex = plots.payoff_table_text(UGLY, form="latex")
    assert r"fight 100\% & $\underline{1000000},\ 0$ & $-250000,\ \underline{1000000}$ \\" in latex
    assert r"a \& b\_c" in latex
    assert r"\fbox{$\underline{1/3},\ \underline{2}$}" in latex
    html = plots.payoff_table_text(UGLY, form="html")
    assert html.count('class="equilibrium"') == 1
    assert "&lt;them&gt;" in html
    assert "<them>" not in html
    ansi = plots.payoff_table_text(UGLY, form="ansi")
    assert ansi.count("\x1b[4m") == text.count("*") - 1


def test_mixed_equilibria_are_named_in_fractions():
    assert "mixed equilibrium: (0: 2/3, 1: 1/3) against (0: 1/3, 1: 2/3), worth 2/3, 2/3" in plots.payoff_table_text(BATTLE)
    assert "degenerate" in plots.payoff_table_text(np.zeros((2, 2)))
    assert plots.payoff_table(BATTLE).texts[-1].get_text().count("mixed equilibrium") == 1


# ---- 2 x 2 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("game", [BATTLE, CHICKEN, np.stack([PENNIES, -PENNIES]), WEAK, 1e6 * BATTLE - 3e5], ids=str)
def test_curves_are_the_best_responses_of_the_definition(game):
    for player in (0, 1):
        corners = _corners(game, player)
        table = game[0] if player == 0 else game[1].T
        for (other, own), (then, after) in itertools.pairwise(corners):
            for share in np.linspace(0, 1, 7):
                t, p = other + share * (then - other), own + share * (after - own)
                earned = table @ [t, 1 - t]
                assert p * earned[0] + (1 - p) * earned[1] >= earned.max() - 1e-12 * np.ptp(game)
        assert corners[0, 0] == 0
        assert corners[-1, 0] == 1


def test_crossings_are_nashpys_equilibria():
    found = stars(plots.best_responses(BATTLE))
    expected = [(x[0], y[0]) for x, y in nashpy.Game(*BATTLE).support_enumeration()]
    assert sorted(map(tuple, found.round(12))) == sorted((round(a, 12), round(b, 12)) for a, b in expected)


def test_degenerate_crossings_are_segments_and_areas():
    ax = plots.best_responses(WEAK)
    segments = [line.get_xydata() for line in ax.lines if line.get_gid() == "equilibria"]
    assert segments, "the weak action gives a whole stretch of equilibria"
    for (p, q), share in itertools.product([(s[0], s[1]) for s in segments], np.linspace(0, 1, 5)):
        x, y = p + share * (q - p)
        for payoff, own in ((WEAK[0] @ [y, 1 - y], x), (np.array([x, 1 - x]) @ WEAK[1], y)):
            assert own * payoff[0] + (1 - own) * payoff[1] == pytest.approx(payoff.max())
    everywhere = plots.best_responses(np.zeros((2, 2, 2)))
    areas = [p for p in everywhere.patches if isinstance(p, Rectangle) and p.get_gid() == "equilibria"]
    assert [(a.get_width(), a.get_height()) for a in areas] == [(1, 1)]


def test_arrows_of_the_replicator_are_its_equation():
    ax = plots.unit_square(BATTLE, grid=5)
    (arrows,) = [c for c in ax.collections if c.get_zorder() == 2]
    p, q = np.asarray(arrows.XY).T
    # One over each player's span of payoffs, 2, is the rate.
    dp, dq = p * (1 - p) * (3 * q - 1) / 2, q * (1 - q) * (3 * p - 2) / 2
    turned = arrows.U * dq - arrows.V * dp
    assert np.abs(turned / np.hypot(arrows.U, arrows.V) / np.hypot(dp, dq)).max() < 0.05
    assert (arrows.U * dp + arrows.V * dq > 0).all()


def test_paths_of_runs_are_their_policies(make_run):
    from dataclasses import replace

    rng = np.random.default_rng(0)
    policies = rng.dirichlet([1, 1], size=(3, 20, 2, 1))[..., :].reshape(3, 20, 2, 1, 2)
    profile = (np.array([[0.5, 0.5]]),) * 2
    run = replace(make_run(), policies=policies, profiles=(profile,) * 3)
    ax = plots.unit_square(PENNIES, None, paths={"mine": run})
    lines = [line for line in ax.lines if len(line.get_xdata()) == 20]
    assert len(lines) == 3
    assert np.array_equal(lines[1].get_xydata(), policies[1, :, :, 0, 0])
    assert lines[0].get_label() == "mine"


def test_a_population_circles_on_the_simplex():
    scissors = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]
    ax = plots.simplex(scissors, starts=[[0.5, 0.3, 0.2]], duration=30, grid=4)
    (path,) = [line for line in ax.lines if len(line.get_xdata()) > 100]
    x, y = path.get_xydata().T
    second_third = np.stack([x - y / 3**0.5, 2 * y / 3**0.5])
    shares = np.vstack([1 - second_third.sum(axis=0), second_third])
    assert np.abs(shares.prod(axis=0) - 0.03).max() < 1e-6
    assert stars(ax).round(9).tolist() == [[0.5, round(3**0.5 / 6, 9)]]


def test_two_players_have_a_triangle_each():
    shapley = np.stack([np.eye(3)[[2, 0, 1]], np.eye(3)[[1, 2, 0]]])
    ax = plots.simplex(shapley, starts=([[0.6, 0.3, 0.1]], [[0.2, 0.2, 0.6]]), duration=30)
    begins = [line.get_xydata()[0] for line in ax.lines if len(line.get_xdata()) > 100]
    assert len(begins) == 2
    assert begins[1][0] - begins[0][0] > 1


# ---- payoffs, polytopes, the branch ---------------------------------------------------------------------------------------


def _reaches(payoffs, direction) -> float:
    """Return the best of a direction over correlated equilibria, by another solver from the definition."""
    _, m, n = payoffs.shape
    rows = []
    for player, size in ((0, m), (1, n)):
        for told, other in itertools.permutations(range(size), 2):
            gain = np.zeros((m, n))
            if player == 0:
                gain[told] = payoffs[0, other] - payoffs[0, told]
            else:
                gain[:, told] = payoffs[1, :, other] - payoffs[1, :, told]
            rows.append(gain.ravel())
    worth = np.tensordot(direction, payoffs, axes=1).ravel()
    return -linprog(-worth, A_ub=rows, b_ub=np.zeros(len(rows)), A_eq=np.ones((1, m * n)), b_eq=[1.0]).fun


@pytest.mark.parametrize("payoffs", [CHICKEN, 1e6 * BATTLE], ids=["chicken", "large"])
def test_the_correlated_polygon_is_the_whole_set(payoffs):
    corners = correlated_corners(payoffs)
    ax = plots.payoff_polygon(payoffs)
    (drawn,) = [p for p in ax.patches if isinstance(p, Polygon) and p.get_gid() == "correlated"]
    assert np.allclose(drawn.get_xy()[:-1], corners)
    for angle in np.linspace(0, 2 * np.pi, 23):
        direction = np.array([np.cos(angle), np.sin(angle)])
        assert (corners @ direction).max() == pytest.approx(_reaches(payoffs, direction), abs=1e-7 * np.ptp(payoffs))


def test_security_levels_and_equilibria_stand_in_the_polygon():
    ax = plots.payoff_polygon(BATTLE)
    (one, other) = (line for line in ax.lines if str(line.get_label()).startswith("player"))
    assert one.get_xdata()[0] == pytest.approx(2 / 3)
    assert other.get_ydata()[0] == pytest.approx(2 / 3)
    assert sorted(map(tuple, stars(ax).round(9))) == [(0.666666667, 0.666666667), (1, 2), (2, 1)]
    assert hull(np.array([[1.0, 1.0]])).tolist() == [[1, 1]]


def test_polytopes_have_the_vertices_of_the_definition():
    from gametheory_rl.equilibria import exact

    for polytope, matrix, own, other in zip(
        exact.best_response_polytopes(*VON_STENGEL),
        (VON_STENGEL[1].T, VON_STENGEL[0]),
        ((0, 1, 2), (3, 4)),
        ((3, 4), (0, 1, 2)),
        strict=True,
    ):
        scaled = 1 + (matrix - matrix.min()) / np.ptp(matrix)
        size = len(own)
        sides = [(np.eye(size)[k], 0.0, own[k]) for k in range(size)] + [(scaled[k], 1.0, other[k]) for k in range(len(other))]
        expected = set()
        for chosen in itertools.combinations(sides, size):
            rows = np.array([side for side, _, _ in chosen])
            if abs(np.linalg.det(rows)) < 1e-9:
                continue
            point = np.linalg.solve(rows, [level for _, level, _ in chosen])
            if (point > -1e-9).all() and (scaled @ point < 1 + 1e-9).all():
                expected.add((tuple(np.abs(point).round(9)), frozenset(label for _, _, label in chosen)))
        found = {(tuple(point.astype(float).round(9)), labels) for point, labels in zip(polytope.points, polytope.labels, strict=True)}
        assert found == expected


def test_the_path_walks_along_edges_to_an_equilibrium():
    from gametheory_rl.equilibria import exact

    for label in range(5):
        path = exact.lemke_howson_path(*VON_STENGEL, label)
        solution = exact.lemke_howson(*VON_STENGEL, label)
        assert all((a == b).all() for a, b in zip(path.profile, solution.profile, strict=True))
        assert len(path.moved) == solution.path_length
        for points, polytope in zip(path.points, exact.best_response_polytopes(*VON_STENGEL), strict=True):
            labels = {tuple(point): each for point, each in zip(polytope.points, polytope.labels, strict=True)}
            for one, other in itertools.pairwise(points):
                assert len(labels[tuple(one)] & labels[tuple(other)]) >= len(one) - 1
        assert isinstance(path.points[0][-1][0], Fraction)


def test_every_pivot_is_an_arrow_and_every_facet_has_its_label():
    ax = plots.polytopes(VON_STENGEL, label=1)
    assert [t.get_text() for t in ax.texts if t.get_gid() == "pivot"] == ["1", "2", "3", "4"]
    facets = [t.get_text() for t in ax.texts if t.get_gid() == "facet"]
    assert sorted(facets) == sorted([*"01234", *"01234"])
    edges = [line for line in ax.lines if line.get_gid() == "edge"]
    assert len(edges) == 9 + 5, "a prism of six corners and a pentagon"
    assert [t.get_text() for t in plots.polytopes(VON_STENGEL, label=1, steps=2).texts if t.get_gid() == "pivot"] == ["1", "2"]
    assert not [t for t in plots.polytopes(VON_STENGEL, label=None).texts if t.get_gid() == "pivot"]


def test_the_branch_is_the_paths_points():
    from gametheory_rl.equilibria import logit_path

    path = logit_path(BATTLE)
    ax: Any = plots.logit_branch(BATTLE, path)
    line = next(line for line in ax.lines if line.get_label() == "player 1: 0")
    shown = len(line.get_xdata())
    assert np.array_equal(line.get_ydata(), path.profiles[0][:shown, 0])
    assert line.get_ydata()[0] == 0.5
    assert abs(line.get_ydata()[-1] - path.profile[0][0]) <= 1e-3
    assert ax.get_xlabel() == "precision (1 / payoff unit)"


# ---- bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.payoff_table(np.zeros((3, 2, 2, 2))), "3 players"),
        (lambda: plots.payoff_table(np.zeros((2, 13, 2))), "13 x 2 actions"),
        (lambda: plots.payoff_table_text(BATTLE, form="markdown"), "unknown form"),
        (lambda: plots.best_responses(VON_STENGEL), "3 x 2 actions, 2 x 2 were expected"),
        (lambda: plots.unit_square(BATTLE, "gradient"), "unknown dynamic"),
        (lambda: plots.simplex(BATTLE), "2 x 2 actions"),
        (lambda: plots.polytopes(np.zeros((2, 4, 2))), "4 x 2 actions"),
        (lambda: plots.polytopes(BATTLE, label=4), "the label is 4"),
        (lambda: plots.polytopes(BATTLE, steps=-1), "steps is -1"),
        (lambda: plots.unit_square(BATTLE, None, paths=[3]), "paths holds int"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(GameError, match=message):
        call()
