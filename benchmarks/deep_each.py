"""Neural learners: training steps per CPU-second of every method with its defaults, one thread, on a world that it is for."""

from __future__ import annotations

from statistics import median
from typing import Any

from benchmarks.deep import ROUNDS, command_of, steps_of

EACH = {
    "ippo": "spread",
    "mappo": "spread",
    "centralised_ppo": "soccer",
    "commnet": "traffic_junction",
    "maddpg": "speaker_listener",
    "ddpg": "speaker_listener",
    "pr2": "differential",
    "deep_independent_q": "ising",
    "deep_mean_field_q": "ising",
    "mean_field_ac": "ising",
    "factorized_q": "gaussian_squeeze",
}
"""Every method on a world that it is for, with its defaults."""
STEPS = 20_000


def rows() -> list[dict[str, Any]]:
    """Return CPU-seconds a training step of each method: an environment step of all its agents."""
    return [_alone(method, world) for method, world in EACH.items()]


def _alone(method: str, world: str) -> dict[str, Any]:
    found = median(steps_of(command_of(method, world, STEPS)) for _ in range(ROUNDS))
    return {"name": f"{method} on {world}, defaults", "ours_s": 1 / found, "note": f"{found:,.0f} steps a CPU-s"}
