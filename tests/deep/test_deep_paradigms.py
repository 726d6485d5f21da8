"""Networks of three paradigms side by side: judged by hand, refused with a reason, written and drawn."""

import csv
import dataclasses
import math

import numpy as np
import pytest

pytest.importorskip("jax")

import gametheory_rl as gt
from gametheory_rl import _deep_paradigms, plots
from gametheory_rl.plots._sheets import deep_paradigm_sheet

QUICK = {"rollout": 8, "environments": 2, "minibatches": 1, "epochs": 1, "hidden": (4,), "learning_rate": 0.03}


def methods():
    return {"ippo": gt.deep.IPPO(**QUICK), "centralised_ppo": gt.deep.CentralisedPPO(**QUICK)}


@pytest.fixture(scope="module")
def table():
    played = gt.compare_deep_paradigms([2], methods(), steps=64, seeds=2, progress=False)
    refused = gt.compare_deep_paradigms([8], {"centralised_ppo": methods()["centralised_ppo"]}, steps=64, seeds=2, progress=False)
    return dataclasses.replace(played, rows=played.rows + refused.rows)


def row_of(table, game, agents, method):
    return next(row for row in table.rows if (row.game, row.agents, row.method) == (game, agents, method))


@pytest.mark.parametrize("kind", ["team", "general-sum"])
@pytest.mark.parametrize("method", ["ippo", "centralised_ppo"])
def test_losses_and_gaps_are_those_of_the_policies_by_hand(table, kind, method):
    losses, gaps = [], []
    for seed in range(2):
        game = gt.families.covariant(actions=3, players=2, correlation=_deep_paradigms.CORRELATIONS[kind], seed=seed)
        profile = gt.learn(game, methods()[method], steps=64, seed=seed, records=1, progress=False).profile
        joint = profile[0] if method == "centralised_ppo" else np.multiply.outer(profile[0][0], profile[1][0])
        paid, mean = game.payoff[:, 0], game.payoff[:, 0].mean(axis=0)
        losses.append((mean.max() - (joint * mean).sum()) / np.ptp(mean))
        if method == "ippo":
            best = [(paid[0] @ joint.sum(axis=0)).max(), (joint.sum(axis=1) @ paid[1]).max()]
        else:  # the best answer to each recommendation
            best = [np.einsum("ab,cb->ac", joint, paid[0]).max(axis=1).sum(), np.einsum("ab,ac->bc", joint, paid[1]).max(axis=1).sum()]
        gaps.append(max(b - (joint * own).sum() for b, own in zip(best, paid, strict=True)) / max(map(np.ptp, paid)))
    row = row_of(table, kind, 2, method)
    assert row.welfare_loss.centre == pytest.approx(np.mean(losses), abs=1e-6)
    assert row.nash_gap.centre == pytest.approx(np.mean(gaps), abs=1e-6)
    assert row.welfare_loss.low <= row.welfare_loss.centre <= row.welfare_loss.high
    assert row.parameters > 0
    assert row.cpu_seconds > 0


def test_what_holds_too_many_joint_actions_is_refused_and_shown_so(table, tmp_path):
    row = row_of(table, "team", 8, "centralised_ppo")
    assert "6561 joint actions" in row.refused
    assert math.isnan(row.welfare_loss.centre)
    assert not row_of(table, "team", 2, "centralised_ppo").refused
    assert "| centralised_ppo | centralised | refused | - | - | - |" in table.markdown()
    assert table.markdown().count("6561 joint actions") == 1
    with table.save(tmp_path / "t.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(table.rows) == 6
    assert float(rows[0]["nash_gap"]) == pytest.approx(table.rows[0].nash_gap.centre, rel=1e-5)


def test_the_picture_has_points_and_says_what_was_refused(table):
    ax = plots.deep_paradigms(table, quantity="nash_gap", game="general-sum")
    heights = [float(bars.lines[0].get_ydata()[0]) for bars in ax.containers]
    assert heights == [row_of(table, "general-sum", 2, method).nash_gap.centre for method in ("ippo", "centralised_ppo")]
    assert [text.get_text() for text in ax.texts] == ["x", "refused"]
    assert len(deep_paradigm_sheet(table).axes) == 4
    for wrong, message in (({"quantity": "speed"}, "quantity"), ({"game": "chess"}, "team, general-sum")):
        with pytest.raises(gt.GameError, match=message):
            plots.deep_paradigms(table, **wrong)
    with pytest.raises(gt.GameError, match="compare_deep_paradigms"):
        plots.deep_paradigms([1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"agents": [0]}, "agents has 0"),
        ({"agents": []}, "nothing to compare"),
        ({"agents": [15]}, "joint actions"),
        ({"methods": ["maddgp"]}, "maddpg"),
        ({"steps": 0}, "steps is 0"),
        ({"seeds": True}, "seeds is True"),
        ({"games": {"three": lambda agents, seed: gt.load_game("jordan")}}, "3 players, 2 were expected"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(gt.GameError, match=message) as caught:
        gt.compare_deep_paradigms(**{"agents": [2], "methods": ["ippo"], "steps": 16, "seeds": 1, **arguments})
    assert "\n" not in str(caught.value)


def test_the_command(call, tmp_path, monkeypatch, table):
    asked = {}

    def told(**settings):
        asked.update(settings)
        return table

    monkeypatch.setattr(gt, "compare_deep_paradigms", told)
    answer = call("paradigms", "--deep", "--agents", "2,8", "--steps", "64", "--seeds", "2", "--out", "found")
    assert answer.code == 0
    assert asked == {"steps": 64, "seeds": 2, "seed": 0, "agents": [2, 8]}
    assert "refused: 8 agents have 6561 joint actions" in " ".join(answer.out.split())
    assert {path.name for path in (tmp_path / "found").iterdir()} == {f"deep_paradigms.{ending}" for ending in ("csv", "md", "png")}
    assert call("paradigms", "--deep", "--json").document["rows"][0]["welfare_loss"] == table.rows[0].welfare_loss.centre
