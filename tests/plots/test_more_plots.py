"""Contraction, visits, order against temperature, policies as bars, and films of play."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from gametheory_rl import GameError, StochasticGame, ising_order
from gametheory_rl.plots._animate_play import moments_of
from tests.plots.drawn import plots


def test_the_contraction_is_drawn_beside_its_bound(make_solution):
    ax = plots.contraction(make_solution(rate=0.8), discount=0.9)
    assert np.allclose(ax.lines[0].get_ydata(), 0.8)
    assert ax.lines[1].get_ydata()[0] == 0.9
    solution = make_solution(rate=0.7)
    bare = replace(solution, trace={"residual": solution.trace["residual"]})
    line = plots.contraction(bare).lines[0]
    assert np.allclose(line.get_ydata(), 0.7)
    assert line.get_xdata()[0] == 2


def test_value_iterations_ratio_stays_below_the_discount():
    from gametheory_rl import solve

    rng = np.random.default_rng(0)
    game = StochasticGame(np.stack([p := rng.random((4, 2, 2)), -p]), rng.dirichlet(np.ones(4), (4, 2, 2)), 0.6)
    ratios = plots.contraction(solve(game, "value_iteration"), discount=0.6).lines[0].get_ydata()
    assert len(ratios) > 5
    assert (ratios[:10] <= 0.6 + 1e-9).all()


def test_visits_are_ranked_and_the_unvisited_counted(make_run):
    run = replace(make_run(seeds=2), visits=np.array([[5, 0, 15, 0], [10, 0, 10, 0]]))
    ax = plots.visits(run)
    assert "2 of 4 states never" in ax.get_title(loc="left")
    assert np.allclose(ax.lines[0].get_ydata()[:2], [0.625, 0.375])
    assert np.isnan(ax.lines[0].get_ydata()[2:]).all()


def test_visits_on_a_board_add_up(make_run, corridor):
    run = replace(make_run(seeds=1), visits=np.array([[30, 10, 20, 0, 0, 40]]))
    ax = plots.visits(run, corridor, player=0)
    cells = [text.get_text() for text in ax.texts if "%" in text.get_text() or text.get_text() == "never"]
    assert cells == ["40.0 %", "20.0 %", "40.0 %"], "A stands at cells 0, 0, 1, 1, 2, 2 in the six states"


def test_order_is_drawn_at_its_temperatures_beside_onsagers_curve(make_run):
    runs = {
        heat: replace(make_run(), trace={"step": np.ones((3, 4)), "order_parameter": np.full((3, 4), 1.5 - heat)}) for heat in (0.6, 1.0)
    }
    ax = plots.order_parameter(runs | {1.3: [0.1, 0.2, 0.4]})
    (dots,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert np.allclose(dots.get_xydata(), [(0.6, 0.9), (1.0, 0.5), (1.3, 0.2)])
    curve = ax.lines[0]
    assert np.allclose(curve.get_ydata(), [ising_order(t) for t in curve.get_xdata()])
    assert plots.order_parameter({1.0: [0.5]}, exact=None).get_xlabel() == "temperature (payoff units)"


def test_bars_are_the_policy(corridor):
    mixed = np.tile([0.5, 0.3, 0.2], (6, 1))
    ax = plots.policy_bars(corridor, (mixed, mixed[:, ::-1]), 2)
    assert np.allclose([bar.get_height() for bar in ax.patches], [0.5, 0.3, 0.2, 0.2, 0.3, 0.5])
    joint = np.zeros((6, 3, 3))
    joint[:, 0, 2] = 1
    assert [bar.get_height() for bar in plots.policy_bars(corridor, joint).patches] == [1, 0, 0, 0, 0, 1]


def test_a_film_has_a_frame_for_each_step(corridor, tmp_path):
    mixed = np.tile([0.5, 0.3, 0.2], (6, 1))
    path = plots.animate_play(corridor, (mixed, mixed), tmp_path / "play.gif", steps=3)
    with Image.open(path) as film:
        assert film.n_frames == 4
    moments = list(moments_of(corridor, None, steps=3, seed=0, start=4))
    assert moments[0] == (4, None, 0)
    assert [m.step for m in moments] == [0, 1, 2, 3]


def test_play_follows_the_profile_and_the_rules():
    # 0 -> 1 by the joint action (1, 0) alone; 1 is terminal.
    transition = np.zeros((2, 2, 2, 2))
    transition[0, ..., 0] = transition[1, ..., 1] = 1
    transition[0, 1, 0] = [0, 1]
    payoff = np.zeros((2, 2, 2, 2))
    payoff[:, 0] = 1
    game = StochasticGame(payoff, transition, 0.5, start=[1, 0])
    profile = (np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    moments = list(moments_of(game, profile, steps=2, seed=0, start=None))
    assert [(m.state, m.last) for m in moments] == [(0, None), (1, (1, 0)), (0, None), (1, (1, 0))]
    joint = np.zeros((2, 2, 2))
    joint[:, 0, 0] = joint[:, 1, 1] = 0.5
    drawn = {m.last for m in moments_of(game, joint, steps=40, seed=1, start=None)}
    assert drawn == {None, (0, 0), (1, 1)}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g, r: plots.visits(r), "counted no visits"),
        (lambda g, r: plots.visits("run"), "run is str"),
        (lambda g, r: plots.order_parameter({}), "one or more, was expected"),
        (lambda g, r: plots.order_parameter({-1.0: [0.5]}), "positive ones"),
        (lambda g, r: plots.order_parameter({1.0: r}), "no column 'order_parameter'"),
        (lambda g, r: plots.policy_bars(g, (np.ones((6, 3)),) * 2), "not a probability distribution"),
        (lambda g, r: plots.animate_play(g, None, "film.mp4"), "ends in .gif"),
        (lambda g, r: plots.animate_play(g, None, "film.gif", steps=0), "steps is 0"),
        (lambda g, r: plots.contraction([]), "empty"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message, corridor, make_run):
    with pytest.raises(GameError, match=message):
        call(corridor, make_run())
