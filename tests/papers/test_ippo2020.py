"""The reproduction of IPPO with runs that are made up: what it asks for, and what it says of the answers."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("jax")

import gametheory_rl as gt
from gametheory_rl.papers import Lab

ASKED = []


def made_up(good):
    """Return a stand-in of ``Lab.learn`` whose gaps end as the claims say, or not."""

    def learn(lab, game, learner, *, steps, records=1, **rest):
        ASKED.append((game.name, learner.name, steps))
        points = [steps] if records == 1 else records
        shape = (lab.seeds, len(points))
        if game.name == "spread":
            level = -78 if not learner.learning_rate else -65 if good else -75
            names = dict.fromkeys(["episode_return", "greedy_episode_return"], level) | dict.fromkeys(
                ["covered_at_end", "greedy_covered_at_end"], 1
            )
            columns = {name: np.full(shape, float(number)) for name, number in names.items()}
        else:
            sinks = game.name == "prisoners_dilemma" or game.num_states > 1
            end = 1.5 if sinks != good else 0.0 if game.num_states == 1 else 0.5
            gap = np.linspace(1.0, end, len(points)) + (0.0 if good or learner.name == "ippo" else 1e-9)
            columns = dict.fromkeys(["nash_gap", "start_gap", "average_nash_gap"], np.broadcast_to(gap, shape))
        return SimpleNamespace(trace={"step": np.broadcast_to(points, shape)} | columns)

    return learn


@pytest.mark.parametrize("good", [True, False])
def test_it_says_what_was_found(monkeypatch, tmp_path, good):
    ASKED.clear()
    monkeypatch.setattr(Lab, "learn", made_up(good))
    found = gt.reproduce("ippo2020", seeds=3, progress=False)
    assert [claim.holds for claim in found.claims] == [good] * 12
    assert len({row.name for row in found.rows}) == len(found.rows)
    assert {steps for game, _, steps in ASKED if game == "spread"} == {1, 200_000}
    assert {method for game, method, _ in ASKED if game == "soccer"} == {"ippo", "mappo"}
    row = next(row for row in found.rows if row.name == "spread, IPPO, sampled: return")
    assert row.interquartile_mean == pytest.approx(-65 if good else -75)
    assert len(found.save(tmp_path)) == 4
