"""CommNet on levers and at the traffic junction: what talking in vectors is worth, beside agents that say nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gametheory_rl import deep
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

METRICS = {"distinct_beyond_one": "(distinct - 1) / 4", "distinct_share": "distinct / 5"}
"""Both ways to count; the paper's figures are of the first."""
SILENT_BEST = {"distinct_beyond_one": 0.5925, "distinct_share": 0.6740}
"""Of the best policy without communication, exactly."""
CHANCE = {"distinct_beyond_one": 0.5904, "distinct_share": 0.6723}
Communication = Literal["mean", "none", "full"]
CONTROLS: dict[Communication, str] = {"none": "independent", "mean": "CommNet", "full": "fully connected"}
PRINTED = {("none", True): "0.59", ("none", False): "0.59", ("mean", True): "0.99", ("mean", False): "0.94"}
"""The paper's figures, by control and whether supervised."""
GATES = {True: 0.95, False: 0.92}
NOTES: dict[Communication, str] = {
    "none": "exact: the best that agents can do who say nothing; a quarter of CommNet's updates",
    "full": "a quarter of CommNet's updates",
}
POOL = 500
BATCH = 128
"""Rounds to an update, levers."""
RECORDS = 12
"""Records of a run."""


def experiment(lab: Lab) -> None:
    """Levers, supervised and by reinforcement, each with its controls; then the easy traffic junction."""
    _levers(lab)
    _traffic(lab)
    lab.differs(
        "Both metrics of levers are printed, since uniform play has 0.672 of one and 0.590 of the other: the paper's figure for "
        "independent agents is the second, and is chance."
    )
    lab.differs(
        "Fully connected agents are no fair control on levers: such a network knows which of its inputs an agent is, can pull lever i for "
        "input i, and needs nobody's identity; told to sort, it must learn to, for every order of its inputs apart. The paper has no "
        "figure for them."
    )
    lab.differs(
        "Trained by Adam with a falling learning rate on batches of 128 rounds for a few thousand updates, where the paper's program takes "
        "plain descent for up to a million. At the junction: one exchange, 32 hidden units, each car its own rewards, discounted by 0.9, "
        "and an entropy bonus that falls to 0; the paper takes the sum of rewards, no discount and no bonus, and hundreds of times the "
        "episodes."
    )


def _levers(lab: Lab) -> None:
    for supervised in (True, False):
        for control in CONTROLS:
            _levers_run(lab, control, supervised)


SHARES = {
    ("none", True): 0.03,
    ("mean", True): 0.11,
    ("full", True): 0.03,
    ("none", False): 0.05,
    ("mean", False): 0.18,
    ("full", False): 0.04,
}
"""Of the whole time, by control and whether supervised."""


def _levers_run(lab: Lab, control: Communication, supervised: bool) -> None:
    """Train on levers, all seeds at once, and report both metrics of the last record."""
    way, name = "supervised" if supervised else "REINFORCE", CONTROLS[control]
    lab.stage(f"levers, {way}, {name}", SHARES[control, supervised])
    updates = lab.size(3000, 1000, least=4) if supervised else lab.size(4000, 1500, least=4)
    # Silent agents have nothing to learn; the wide network costs four times as much.
    steps = BATCH * (updates if control == "mean" else max(2, updates // 4))
    method = deep.CommNet(
        communication=control,
        lookup=POOL,
        supervised=supervised,
        learning_rate=3e-3 if supervised else 2e-3,
        environments=BATCH,
        rollout=1,
        evaluation=lab.size(4096, 2048, least=64),
    )
    trace = lab.trace(deep.load_world("levers", pool=POOL, one_hot=False), method, steps=steps, records=_evenly(steps))
    silent = control == "none"
    for metric, words in METRICS.items():
        lab.row(
            f"levers, {way}, {name}: {words}",
            trace[metric][:, -1],
            paper=PRINTED.get((control, supervised), "") if metric == "distinct_beyond_one" else "",
            exact=SILENT_BEST[metric] if silent else None,
            note=NOTES.get(control, ""),
        )
    key, curve = f"levers_{control}_{way}", trace["distinct_beyond_one"]
    lab.keep(**{key: curve, f"{key}_steps": trace["step"][0]})
    if control != "full":
        _judge_levers(lab, control, supervised, curve[:, -1])


def _evenly(steps: int) -> list[int]:
    return np.unique(np.linspace(steps / RECORDS, steps, RECORDS).astype(int)).tolist()


def _judge_levers(lab: Lab, control: Communication, supervised: bool, found: np.ndarray) -> None:
    way, gate = ("supervised" if supervised else "by REINFORCE"), GATES[supervised]
    if control == "mean":
        lab.claim(f"levers: CommNet {way} reaches {gate} in every seed", found.min() >= gate)
    else:
        exact = SILENT_BEST["distinct_beyond_one"]
        lab.claim(f"levers: independent agents {way} stay at chance", np.abs(found - exact).max() < 0.02)


# ---- traffic ---------------------------------------------------------------------------------------------------------


TRAFFIC_PRINTED = {"none": "15.8 (12.5)", "mean": "0.3 (0.1)"}
"""Failures of the easy version in %, mean (standard deviation), from the paper's second table."""


TRAFFIC: dict[str, Any] = {
    "hidden": 32,
    "exchanges": 1,
    "environments": 64,
    "rollout": 20,
    "discount": 0.9,
    "learning_rate": 3e-3,
    "baseline_weight": 0.5,
    # Without a strong bonus everybody drives on for ever after 50 updates: who brakes is hit from behind by others who do not know.
    "entropy": 1.0,
    "evaluation": 512,
}


def _traffic(lab: Lab) -> None:
    failures = {control: _traffic_run(lab, control) for control in ("none", "mean")}
    lab.claim("traffic junction: who talks fails less than half as often", np.median(failures["mean"]) < np.median(failures["none"]) / 2)


def _traffic_run(lab: Lab, control: Communication) -> np.ndarray:
    """Train at the junction, and return how many episodes of the last record fail, in %, playing by the softmax."""
    lab.stage(f"traffic junction, {CONTROLS[control]}", 0.28)
    method = deep.CommNet(communication=control, **TRAFFIC)
    steps = lab.size(1500, 250, least=2) * method.environments * method.rollout
    trace = lab.trace(deep.load_world("traffic_junction", difficulty="easy"), method, steps=steps, records=_evenly(steps))
    found, greedy = (trace[f"{kind}failure_at_end"] * 100 for kind in ("", "greedy_"))
    name = f"traffic junction, easy, {CONTROLS[control]}: failures, %"
    lab.row(name, found[:, -1], paper=TRAFFIC_PRINTED[control], note="the paper: mean (standard deviation)")
    lab.row(f"{name}, greedy", greedy[:, -1], note="each agent plays its likeliest action")
    lab.keep(**{f"traffic_{control}": found, f"traffic_{control}_steps": trace["step"][0]})
    return found[:, -1]


# ---- the plot --------------------------------------------------------------------------------------------------------


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return learning curves: levers supervised, levers by reinforcement, the junction."""
    return [
        lambda ax: _levers_panel(data, ax, "supervised"),
        lambda ax: _levers_panel(data, ax, "REINFORCE"),
        lambda ax: _traffic_panel(data, ax),
    ]


def _curve(data: Mapping[str, np.ndarray], ax: Axes, key: str, place: int, label: str) -> None:
    from gametheory_rl.plots._style import MARKERS, colour

    steps, found = data[f"{key}_steps"] / 1000, data[key]
    ax.plot(steps, np.median(found, axis=0), color=colour(place), marker=MARKERS[place], markersize=5, label=label)
    ax.fill_between(steps, found.min(axis=0), found.max(axis=0), color=colour(place), alpha=0.2, linewidth=0)


def _levers_panel(data: Mapping[str, np.ndarray], ax: Axes, way: str) -> None:
    from gametheory_rl.plots._style import GREY, dress_curves

    for place, (control, name) in enumerate(CONTROLS.items()):
        _curve(data, ax, f"levers_{control}_{way}", place, name)
    ax.axhline(CHANCE["distinct_beyond_one"], color=GREY, linewidth=1.2, linestyle="--", label="uniform play")
    printed = float(PRINTED[("mean", way == "supervised")])
    ax.axhline(printed, color=GREY, linewidth=1.2, linestyle=":", label=f"the paper's CommNet, {printed:g}")
    dress_curves(ax, f"Levers, {way}", "thousand rounds", "(distinct levers - 1) / 4")
    ax.set_ylim(0.5, 1.03)
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 0.22))


def _traffic_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import dress_curves

    for place, control in enumerate(("none", "mean")):
        _curve(data, ax, f"traffic_{control}", place, CONTROLS[control])
    dress_curves(ax, "Traffic junction, easy", "thousand steps", "episodes with a collision, %")
    ax.set_ylim(0, 100)
    ax.legend(loc="upper right")


PAPER = Paper(
    title="CommNet: levers and the easy traffic junction, with communication and without",
    source='S. Sukhbaatar, A. Szlam and R. Fergus, "Learning multiagent communication with backpropagation", NeurIPS 2016, 4.1 and 4.2',
    experiment=experiment,
    panels=panels,
    minutes=25.0,
    seeds=5,
    quick_seeds=2,
    summary="interquartile",
    needs=("jax", "optax", "equinox"),
)
