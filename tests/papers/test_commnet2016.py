"""The reproduction of CommNet with runs that are made up: what it asks for, and what it says of the answers."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("jax")

import gametheory_rl as gt
from gametheory_rl.papers import Lab

ASKED = []


def made_up(quality):
    """Return a stand-in of ``Lab.learn`` whose CommNet is as good as ``quality``, its silent control at chance."""

    def learn(lab, game, learner, *, steps, seeds, records, **rest):
        ASKED.append((game.name, learner, steps))
        shape = (seeds, len(records))
        level = quality if learner.communication == "mean" else 0.5925 if learner.communication == "none" else 1.0
        rising = np.broadcast_to(np.linspace(0.3, 1.0, len(records)) * level, shape)
        measures = {
            "distinct_beyond_one": rising,
            "distinct_share": rising,
            "failure_at_end": 1 - rising,
            "greedy_failure_at_end": 1 - rising,
        }
        return SimpleNamespace(trace={"step": np.broadcast_to(records, shape), **measures})

    return learn


@pytest.mark.parametrize(("quality", "holds"), [(0.96, [True] * 5), (0.93, [True, False, True, True, True])])
def test_it_says_what_was_found(monkeypatch, tmp_path, quality, holds):
    ASKED.clear()
    monkeypatch.setattr(Lab, "learn", made_up(quality))
    found = gt.reproduce("commnet2016", seeds=3, progress=False)
    assert [claim.holds for claim in found.claims] == holds
    assert len({row.name for row in found.rows}) == len(found.rows)
    assert [learner.supervised for name, learner, _ in ASKED if name == "levers"] == [True] * 9 + [False] * 9
    assert {name for name, _, _ in ASKED} == {"levers", "traffic_junction"}
    assert all(steps % (learner.environments * learner.rollout) == 0 for _, learner, steps in ASKED)
    second = next(row for row in found.rows if row.name == "levers, supervised, CommNet: (distinct - 1) / 4")
    assert (second.paper, second.interquartile_mean) == ("0.99", pytest.approx(quality))
    assert len(found.save(tmp_path)) == 4
