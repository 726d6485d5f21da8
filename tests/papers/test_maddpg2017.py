"""The reproduction of MADDPG with runs that are made up: what it asks for, and what it says of the answers."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("jax")

import gametheory_rl as gt
from gametheory_rl.papers import Lab

ASKED = []
REACHES = [f"{who}reach_{near}_at_end" for who in ("", "team_", "adversary_") for near in (10, 15, 25)]


def made_up(better):
    """Return a stand-in of ``Lab.learn`` in which central critics are ``better``, or not."""

    def learn(lab, game, learner, *, steps, seeds, records=(1,), **rest):
        local = {agent for agent, is_local in enumerate(learner.is_local(SimpleNamespace(num_agents=game.num_agents))) if is_local}
        ASKED.append((game.name, frozenset(local), steps))
        first, second = ({0, 1, 2}, {3}) if game.name == "tag" else ({1, 2}, {0})
        ahead = (bool(second & local) - bool(first & local)) * (1 if better else -1)
        distance = 0.2 if better != bool(local) else 0.66
        measures = dict.fromkeys(REACHES, 0.5) | {"distance_at_end": distance, "team_reward": -0.3, "touches": 0.5 + 0.1 * ahead}
        measures["team_reach_15_at_end"] = 0.5 + 0.3 * ahead
        shape = (seeds, len(records))
        return SimpleNamespace(trace={"step": np.broadcast_to(records, shape)} | {k: np.full(shape, v) for k, v in measures.items()})

    return learn


@pytest.mark.parametrize("better", [True, False])
def test_it_says_what_was_found(monkeypatch, tmp_path, better):
    ASKED.clear()
    monkeypatch.setattr(Lab, "learn", made_up(better))
    found = gt.reproduce("maddpg2017", seeds=3, progress=False)
    assert [claim.holds for claim in found.claims] == [better] * 4
    assert len({row.name for row in found.rows}) == len(found.rows)
    assert {steps for _, _, steps in ASKED} == {625_000}
    assert [local for name, local, _ in ASKED if name == "speaker_listener"][::3] == [frozenset(), frozenset({0, 1})]
    assert [local for name, local, _ in ASKED if name == "tag"][::3] == [frozenset(each) for each in ((), (3,), (0, 1, 2), (0, 1, 2, 3))]
    assert [local for name, local, _ in ASKED if name == "adversary"][::3] == [frozenset(each) for each in ((), (0,), (1, 2), (0, 1, 2))]
    row = next(row for row in found.rows if row.name == "communication, MADDPG: return")
    assert row.interquartile_mean == pytest.approx(-7.5)
    assert len(found.save(tmp_path)) == 4
