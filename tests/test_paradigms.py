"""The paradigms in numbers: what is stored, and how far from the optimum it ends."""

import csv
import math

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import plots
from gametheory_rl._paradigms import _budgets

LEARNERS = ("centralised_q", "independent_q")


@pytest.fixture(scope="module")
def table():
    return gt.compare_paradigms((2, 3), LEARNERS, steps=2000, seeds=2)


def test_tables_over_joint_actions_grow_by_a_factor_and_those_over_own_ones_by_a_sum(table):
    entries = {(row.learner, row.agents): row.entries for row in table.rows}
    assert entries == {("centralised_q", 2): 9, ("centralised_q", 3): 27, ("independent_q", 2): 6, ("independent_q", 3): 9}
    assert [row.joint_actions for row in table.rows] == [9, 9, 27, 27]
    assert {row.learner: row.paradigm for row in table.rows} == {"centralised_q": "centralised", "independent_q": "decentralised"}


def test_every_agent_of_a_joint_learner_keeps_a_table_over_joint_actions():
    row = gt.compare_paradigms([2], ["friend_q"], steps=100, seeds=1).rows[0]
    assert (row.entries, row.paradigm) == (18, "joint")


def test_a_super_agent_finds_the_optimum(table):
    for row in table.rows:
        if row.learner == "centralised_q":
            assert row.team_loss == 0.0
            assert row.near_share == 1.0
            assert row.nash_gap < 1e-9


def trap(agents, seed):
    """Two agents; miscoordination around the optimum is punished: Claus and Boutilier's penalty game."""
    del agents, seed
    return gt.load_game("penalty")


def test_losses_are_exact_and_against_the_best_joint_action():
    found = gt.compare_paradigms([2], {"blind": gt.learners.IndependentQ(exploration=1.0)}, game=trap, steps=20_000, seeds=1)
    game = trap(2, 0)
    run = gt.learn(game, gt.learners.IndependentQ(exploration=1.0), steps=20_000, records=1)
    value = gt.verify(game, run.profile).values[0, 0]
    assert found.rows[0].team_loss == pytest.approx((game.payoff.max() - value) / game.payoff_span)
    assert found.rows[0].team_loss > 0.05  # averaged over a partner who explores, the penalties hide the optimum
    assert found.rows[0].steps_to_near == math.inf
    assert found.rows[0].near_share == 0.0


def test_several_states_are_measured_against_the_teams_decision_process():
    def two_states(agents, seed):
        rng = np.random.default_rng(seed)
        common = rng.random((2, *[2] * agents))
        transition = rng.dirichlet(np.ones(2), (2, *[2] * agents))
        return gt.StochasticGame(np.stack([common] * agents), transition, 0.8)

    row = gt.compare_paradigms([2], ["centralised_q"], game=two_states, steps=50_000, seeds=1).rows[0]
    assert 0 <= row.team_loss < 0.05


def test_budgets_are_1_2_5_and_the_last_is_the_longest():
    assert _budgets(100) == [100]
    assert _budgets(3000) == [100, 200, 500, 1000, 2000, 3000]


def test_the_table_is_written(table, tmp_path):
    with table.save(tmp_path / "p.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["entries"]) for row in rows] == [row.entries for row in table.rows]
    assert table.markdown().count("\n") == 2 + len(table.rows)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"agents": [0]}, "agents has 0"),
        ({"agents": []}, "nothing to compare"),
        ({"agents": [20]}, "joint actions"),
        ({"learners": ["centralized_q"]}, "centralised_q"),
        ({"steps": 10}, "steps is 10"),
        ({"seeds": 0}, "seeds is 0"),
        ({"game": lambda agents, seed: gt.load_game("chicken")}, "not paid the same"),
        ({"game": lambda agents, seed: gt.load_game("jordan")}, "3 players, 2 were expected"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(gt.GameError, match=message) as caught:
        gt.compare_paradigms(**{"agents": [2], "learners": ["centralised_q"], "steps": 200, "seeds": 1, **arguments})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("quantity", ["entries", "steps_to_near", "team_loss"])
def test_the_picture_has_a_line_for_each_learner(table, quantity):
    ax = plots.paradigms(table, quantity=quantity)
    for line, learner in zip(ax.lines, LEARNERS, strict=True):
        mine = [row for row in table.rows if row.learner == learner]
        heights = [getattr(row, quantity) for row in mine]
        np.testing.assert_array_equal(line.get_ydata(), [height if math.isfinite(height) else np.nan for height in heights])
        assert line.get_xdata().tolist() == [row.agents for row in mine]
    with pytest.raises(gt.GameError, match="quantity"):
        plots.paradigms(table, quantity="speed")
    with pytest.raises(gt.GameError, match="compare_paradigms"):
        plots.paradigms([1])


def test_the_command(call, tmp_path):
    answer = call("paradigms", "--agents", "2", "--steps", "200", "--seeds", "1", "--out", "found")
    assert answer.code == 0
    assert "centralised_q" in answer.out
    assert {path.name for path in (tmp_path / "found").iterdir()} == {"paradigms.csv", "paradigms.md", "paradigms.png"}
    assert call("paradigms", "--agents", "two").code == 2
    document = call("paradigms", "--agents", "2", "--steps", "200", "--seeds", "1", "--json").document
    assert [row["learner"] for row in document["rows"]] == ["centralised_q", "friend_q", "hysteretic_q", "independent_q"]
