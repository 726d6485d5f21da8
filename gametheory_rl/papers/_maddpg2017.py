"""MADDPG against DDPG: a speaker and a listener, and who wins when each side learns by another method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl import deep
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EPISODE = 25
"""Steps."""
EPISODES = 25_000
RECORDS = 10
REPLAY = 1_000_000
REACHED = (10, 15, 25)
"""Hundredths: within which distance a target counts as reached."""
IDEAL = -6.2
"""Return of a controller who knows the target."""
DEAF = 0.61
"""Final distance of the best listener who ignores the message."""
METHODS = {"maddpg": "MADDPG", "ddpg": "DDPG"}
SIDES = [(first, second) for first in METHODS for second in METHODS]
TAG_PRINTED = {("maddpg", "ddpg"): "16.1", ("ddpg", "maddpg"): "10.3"}
"""Touches an episode in the paper, by the predators' method and the prey's."""
DECEPTION_PRINTED = {("maddpg", "ddpg"): ("about 94", "16.4")}
"""How often team and adversary are at the target, in %, by the team's method and the adversary's."""


def experiment(lab: Lab) -> None:
    """Cooperative communication under both methods; then predator-prey and physical deception, both methods on both sides."""
    _communication(lab)
    _tag(lab)
    _deception(lab)
    lab.differs(
        "The paper does not say at which distance a target is reached: all of .1, .15 and .25 are printed, and the distance itself, which "
        "is the telling figure, since who goes to the middle of the landmarks has a return of -14.7 without having heard a word."
    )
    lab.differs("The two agents' shared reward is counted once; public programs add it up for both, so that their returns are double.")
    lab.differs(
        "The learning rate falls from .003 to 0; the paper's .01, falling, leaves the listener at some .22 to .25, and kept to the end "
        "at .35 to .5 (single seeds)."
    )
    lab.differs("Four episodes are played at once; gradients are clipped by the norm of each agent's network, not layer by layer.")


def _steps(lab: Lab) -> int:
    # An update needs more than 1024 episodes in the replay, so that fewer would learn nothing.
    return EPISODE * lab.size(EPISODES, 2_500, least=8)


def _settings(lab: Lab, steps: int) -> dict[str, Any]:
    return {"replay": min(REPLAY, max(steps, 1000)), "warmup": min(25_600, steps // 4), "evaluation": lab.size(1000, 250, least=4)}


def _records(steps: int) -> list[int]:
    return np.unique(np.linspace(steps / RECORDS, steps, RECORDS).astype(int)).tolist()


# ---- communication ---------------------------------------------------------------------------------------------------


def _communication(lab: Lab) -> None:
    found = {name: _communication_run(lab, name) for name in METHODS}
    lab.claim("communication: MADDPG ends nearer than the best listener who ignores the message", np.median(found["maddpg"]) < DEAF)
    lab.claim("communication: DDPG ends at less than half of MADDPG's nearness", np.median(found["ddpg"]) > 2 * np.median(found["maddpg"]))


def _communication_run(lab: Lab, name: str) -> np.ndarray:
    """Train speaker and listener, and return each seed's mean final distance."""
    lab.stage(f"communication, {METHODS[name]}", 0.09)
    steps = _steps(lab)
    method = {"maddpg": deep.MADDPG, "ddpg": deep.DDPG}[name](**_settings(lab, steps))
    trace = lab.trace(deep.load_world("speaker_listener"), method, steps=steps, records=_records(steps))
    label, last = f"communication, {METHODS[name]}", -1
    printed = {"maddpg": "84.0", "ddpg": "32.0"}[name]
    for near in REACHED:
        share = 100 * trace[f"reach_{near}_at_end"][:, last]
        lab.row(f"{label}: target within .{near:02d} at the end, %", share, paper=printed, note="the paper does not say within what")
    lab.row(f"{label}: distance at the end", trace["distance_at_end"][:, last], note=f"{DEAF} ignoring the message")
    lab.row(f"{label}: return", trace["team_reward"][:, last] * EPISODE, note=f"{IDEAL} for an ideal controller")
    lab.keep(**{f"distance_{name}": trace["distance_at_end"], f"distance_{name}_steps": trace["step"][0]})
    return trace["distance_at_end"][:, last]


# ---- both methods on both sides --------------------------------------------------------------------------------------


def _sides(lab: Lab, world: str, first: tuple[int, ...], second: tuple[int, ...], methods: tuple[str, str]) -> Mapping[str, np.ndarray]:
    """Train a world whose sides have the critics of these methods, and return what it measures at the last record."""
    steps = _steps(lab)
    local = [agent for agents, method in zip((first, second), methods, strict=True) if method == "ddpg" for agent in agents]
    method = deep.MADDPG(local_agents=tuple(local), **_settings(lab, steps))
    trace = lab.trace(deep.load_world(world), method, steps=steps)
    return {name: column[:, -1] for name, column in trace.items()}


def _tag(lab: Lab) -> None:
    touches = {}
    for sides in SIDES:
        predators, prey = (METHODS[side] for side in sides)
        lab.stage(f"predator-prey, {predators} after {prey}", 0.125)
        found = _sides(lab, "tag", (0, 1, 2), (3,), sides)
        touches[sides] = found["touches"] * EPISODE
        lab.row(f"predator-prey, {predators} predators, {prey} prey: touches an episode", touches[sides], paper=TAG_PRINTED.get(sides, ""))
    lab.keep(**{"_".join(("touches", *sides)): found for sides, found in touches.items()})
    better = np.median(touches["maddpg", "ddpg"]) > np.median(touches["ddpg", "maddpg"])
    lab.claim("predator-prey: MADDPG's predators touch DDPG's prey more often than the other way round", better)


def _deception(lab: Lab) -> None:
    ahead = {}
    for sides in SIDES:
        team, adversary = (METHODS[side] for side in sides)
        lab.stage(f"deception, {team} against {adversary}", 0.08)
        found = _sides(lab, "adversary", (1, 2), (0,), sides)
        label, printed = f"deception, {team} team, {adversary} adversary", DECEPTION_PRINTED.get(sides, ("", ""))
        for near in REACHED:
            own, other = (100 * found[f"{who}_reach_{near}_at_end"] for who in ("team", "adversary"))
            lab.row(f"{label}: team within .{near:02d}, %", own, paper=printed[0])
            lab.row(f"{label}: adversary within .{near:02d}, %", other, paper=printed[1])
        ahead[sides] = 100 * (found["team_reach_15_at_end"] - found["adversary_reach_15_at_end"])
    lab.keep(**{"_".join(("ahead", *sides)): found for sides, found in ahead.items()})
    better = np.median(ahead["maddpg", "ddpg"]) > np.median(ahead["ddpg", "maddpg"])
    lab.claim("deception: MADDPG's team is further ahead of DDPG's adversary than the other way round, within .15", better)


# ---- the plot --------------------------------------------------------------------------------------------------------


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return the listener's distance as it learns, touches, and who is ahead in deception."""
    return [
        lambda ax: _distance_panel(data, ax),
        lambda ax: _sides_panel(data, ax, "touches", "predators", "prey", "Predator-prey", "touches an episode"),
        lambda ax: _sides_panel(data, ax, "ahead", "team", "adversary", "Physical deception", "team at target minus adversary, %"),
    ]


def _distance_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import GREY, MARKERS, colour, dress_curves

    for place, (name, label) in enumerate(METHODS.items()):
        episodes, found = data[f"distance_{name}_steps"] / EPISODE / 1000, data[f"distance_{name}"]
        ax.plot(episodes, np.median(found, axis=0), color=colour(place), marker=MARKERS[place], markersize=5, label=label)
        ax.fill_between(episodes, found.min(axis=0), found.max(axis=0), color=colour(place), alpha=0.2, linewidth=0)
    ax.axhline(DEAF, color=GREY, linewidth=1.2, linestyle="--", label="best without listening")
    dress_curves(ax, "Communication: how far from the target", "thousand episodes", "distance at the end")
    ax.set_ylim(bottom=0)
    ax.legend(loc="upper right")


def _sides_panel(data: Mapping[str, np.ndarray], ax: Axes, key: str, first: str, second: str, title: str, axis: str) -> None:
    from gametheory_rl.plots._style import colour, dress_curves

    for place, sides in enumerate(SIDES):
        found = data["_".join((key, *sides))]
        ax.plot([place] * len(found), found, "o", color=colour(METHODS_PLACE[sides[0]]), markersize=6)
        ax.plot([place - 0.25, place + 0.25], [np.median(found)] * 2, color=colour(METHODS_PLACE[sides[0]]), linewidth=2)
    ax.set_xticks(range(len(SIDES)), [f"{METHODS[a]}\n{METHODS[b]}" for a, b in SIDES])
    dress_curves(
        ax, title, f"above: the {first}' method; below: the {second}'s" if first.endswith("s") else f"above: {first}; below: {second}", axis
    )


METHODS_PLACE = {name: place for place, name in enumerate(METHODS)}

PAPER = Paper(
    title="MADDPG and DDPG: communication, predator-prey, physical deception",
    source='R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017, 5.2 and 5.3',
    experiment=experiment,
    panels=panels,
    minutes=90.0,
    seeds=5,
    quick_seeds=2,
    summary="interquartile",
    needs=("jax", "optax", "equinox"),
)
