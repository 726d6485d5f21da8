"""Gaussian squeeze with networks: mean-field Q and actor-critic, factorized and independent Q, by settings that follow from the crowd."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl import deep
from gametheory_rl._population import squeeze_optimum
from gametheory_rl.families import gaussian_squeeze
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._yang2018_squeeze import uniform_play

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CROWDS = (100, 500, 1000)
UNIFORM = 97.7
"""Per cent of the optimum that uniform play of 100 earns: what a learner is to reach."""
FIRST_LOAD = 250.0
"""What everybody's actions add up to at first; the optimum is at 445."""
COLD = 0.2
"""The temperature at the end. Near the optimum one more is worth 0.025 for each unit of load that is off: it moves the load by 10."""
SETTINGS: dict[str, Any] = {
    "environments": 1,
    "rollout": 8,
    "replay": 8192,
    "batch_size": 8,
    "warmup": 16,
    "updates": 8,
    "hidden": (32, 32),
    "learning_rate": 0.002,
    "last_rate": 0.02,
    "last_temperature": COLD,
    "evaluation": 2,
}
"""The replay keeps everything: a network that forgets loads that are off no longer tells which way the optimum is."""
MEAN_FIELD, INDEPENDENT = "mean-field Q", "independent Q"
METHODS: Mapping[str, tuple[Any, dict[str, Any]]] = {
    MEAN_FIELD: (deep.DeepMeanFieldQ, {"temperature": COLD, "joined": True, "order": "asynchronous"}),
    "mean-field AC": (
        deep.MeanFieldAC,
        # The actor climbs at the means that the replay holds, so that these must be of what is played now. Beyond the optimum payoffs
        # fall by at most 1.8 for one more, and 1000 agents must lean by 1.2 temperatures to small actions: a high one is too strong.
        {"temperature": COLD, "joined": True, "actor_rate": 5e-4, "order": "synchronous", "replay": 64},
    ),
    "factorized Q": (deep.FactorizedQ, {"temperature": COLD, "common": True, "rank": 4, "order": "asynchronous", "batch_size": 16}),
    INDEPENDENT: (deep.DeepIndependentQ, {"temperature": COLD, "order": "synchronous"}),
}
TEAM_RATE = 0.1
"""Over the number of agents, the learning rate of factorized Q's one value of the team, which is the sum of everybody's part."""


def leaning(agents: int, temperature: float, load: float = FIRST_LOAD, actions: int = 10) -> tuple[float, ...]:
    """Return Q's in proportion to the action whose Boltzmann policy adds up to ``load``, in expectation; at most uniform play's."""
    from scipy.optimize import brentq

    numbers = np.arange(actions, dtype=float)
    wanted = min(load / agents, numbers.mean())

    def above(slope: float) -> float:
        chances = np.exp(slope * numbers)
        return float(chances @ numbers / chances.sum()) - wanted

    # The end is past 0, so that the signs differ where uniform play is wanted.
    return tuple((temperature * float(np.asarray(brentq(above, -50.0, 1.0))) * numbers).tolist())


def method_of(name: str, agents: int) -> Any:
    """Return a learner of ``METHODS`` for a crowd."""
    kind, own = METHODS[name]
    rate = {"learning_rate": TEAM_RATE / agents} if kind is deep.FactorizedQ else {}
    settings: dict[str, Any] = {**SETTINGS, **own, **rate, "initial": leaning(agents, own["temperature"])}
    return kind(**settings)


def crowd_of(agents: int) -> Any:
    """Return the game, begun from action 0 of everybody."""
    return gaussian_squeeze(agents, start=np.eye(10)[0])


def squeeze(lab: Lab) -> None:
    """Train every method in every crowd, and report what a turn earns while it is played as learned, chance included."""
    best, steps = squeeze_optimum()[1], 8 * lab.size(100, 50, least=4)
    reached: dict[tuple[int, str], np.ndarray] = {}
    for agents in CROWDS:
        lab.stage(f"squeeze, N = {agents}", 0.1)
        lab.row(f"squeeze, N = {agents}: uniform play", 100 * uniform_play(crowd_of(agents)) / best, note="Expected, exactly.")
        records = np.unique(np.linspace(steps / 8, steps, 8).astype(int)).tolist()
        for name in METHODS:
            method = method_of(name, agents)
            # Each by itself, so that each is kept as soon as it ends.
            runs = [
                lab.trained(crowd_of(agents), method, seed=lab.seed + k, steps=steps, records=records, horizon=25) for k in range(lab.seeds)
            ]
            share = 100 * np.concatenate([run.trace["mean_payoff"] for run in runs]) / best
            lab.row(f"squeeze, N = {agents}: {name}", share[:, -1], exact=100.0, note=_NOTE)
            lab.keep(**{f"{agents}/{name}": share, f"{agents}/{name}/steps": runs[0].trace["step"][0]})
            reached[agents, name] = share[:, -1]
            if lab.folder is not None and agents == CROWDS[1] and name == MEAN_FIELD:
                film_crowd(deep.load_policy(runs[0], crowd_of(agents)), lab.folder / "squeeze.gif", lab.seed)
    for agents in CROWDS:
        least, most = reached[agents, MEAN_FIELD].min(), reached[agents, INDEPENDENT].max()
        lab.claim(
            f"with {agents} agents mean-field Q reaches {UNIFORM} % of the optimum in every seed ({least:.1f} at least)", least >= UNIFORM
        )
        lab.claim(f"with {agents} agents independent Q does not in any ({most:.1f} at most)", most < UNIFORM)
    lab.differs(
        "Gaussian squeeze: the paper does not say how it starts. Here everybody has done action 0, and Q at first leans to small actions "
        f"so that a turn adds up to {FIRST_LOAD:g} in any crowd: uniform play of 500 earns 2.6e-28, of 1000 nothing that float32 can hold."
    )
    lab.differs(
        "In a crowd of N an action changes what is earned by 1 / N of its range. Networks with a number for each action differ by more "
        "than that through the chance of learning: all take the same action, and N = 100 ends at 92 or 95 %, 500 or 400 in all. "
        "Mean-field methods are therefore given the mean that an action makes (joined), factorized Q has one value of the team. "
        "Independent agents have no such way."
    )


_NOTE = "What a turn earns of the optimum, in %, at the end: mean of episodes of 25 turns, played as learned, chance included."


def film_crowd(policy: Any, path: Path, seed: int, steps: int = 24) -> None:
    """Write what a trained crowd does from its start on as an animation: discs that grow with the action."""
    from gametheory_rl.deep._watch import scenes
    from gametheory_rl.plots import world_animation

    shown = scenes(policy.world, [policy] * policy.world.num_agents, steps, seed=seed)
    titles = [f"step {k}: sum of actions {scene.circles[:, 3].sum():.0f}" for k, scene in enumerate(shown)]
    path.parent.mkdir(parents=True, exist_ok=True)
    world_animation(shown, path, titles=titles, per_second=2.0)


def squeeze_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    """Draw what a turn earns over the steps, a colour a method, a style a crowd."""
    from gametheory_rl.plots._style import DASHES, GREY, MARKERS, colour, dress_curves

    names = [name for name in data if "/" in name and not name.endswith("/steps")]
    crowds, kinds = list(dict.fromkeys(name.split("/")[0] for name in names)), list(dict.fromkeys(name.split("/")[1] for name in names))
    for name in names:
        crowd, kind = (each.index(part) for each, part in zip((crowds, kinds), name.split("/"), strict=True))
        style = {"color": colour(kind), "linestyle": DASHES[crowd], "marker": MARKERS[kind], "markersize": 5}
        label = kinds[kind] if crowd == 0 else None
        ax.plot(data[f"{name}/steps"], np.median(data[name], axis=0), label=label, **style)
    for crowd, agents in enumerate(crowds):
        ax.plot([], [], color=GREY, linestyle=DASHES[crowd], label=f"N = {agents}")
    ax.axhline(UNIFORM, color=GREY, linewidth=1.2, linestyle=":")
    ax.set_ylim(-3, 104)
    dress_curves(ax, "Gaussian squeeze", "steps", "payoff of a turn (% of the optimum)")
    ax.legend(loc="center right", fontsize=8)
