"""Factorized Q-learning: payoffs of low rank regressed and climbed, answers in turn and at once, and the cost of a thousand agents."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl import deep
from gametheory_rl._games import StochasticGame
from gametheory_rl.families import gaussian_squeeze
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AGENTS, ACTIONS, RANK = 5, 3, 2
JOINT = np.array(list(itertools.product(range(ACTIONS), repeat=AGENTS)))
GATE = 1e-4
CROWDS = (125, 250, 500, 1000)
STEPS = 16
"""Of the longer sample; the first is one as long, and compiles."""
LEARNER: dict[str, Any] = {
    "hidden": (32,),
    "learning_rate": 0.01,
    "last_rate": 0.01,
    "temperature": 1000.0,
    "environments": 16,
    "rollout": 16,
    "batch_size": 256,
    "warmup": 256,
    "updates": 8,
}


def payoffs(seed: int) -> np.ndarray:
    """Return a random pairwise game's payoffs ``(n, 243)``: ``x_i + v_i . mean of u_j``, u and v of rank 2."""
    rng = np.random.default_rng(seed)
    own, u, v = (rng.normal(size=(AGENTS, ACTIONS, *more)) for more in ((), (RANK,), (RANK,)))
    agents = np.arange(AGENTS)
    said, heard = u[agents, JOINT], v[agents, JOINT]
    return (own[agents, JOINT] + (heard * (said.sum(axis=1, keepdims=True) - said)).sum(axis=2) / (AGENTS - 1)).T


def experiment(lab: Lab) -> None:
    """Regress, climb, solve the two by two game, and count seconds."""
    _regress(lab)
    _two(lab)
    _scale(lab)
    lab.differs(
        "The paper prints no figures for these games: they are checks of its equations. Its policy is greedy with chance, ours "
        "is Boltzmann's."
    )
    lab.differs(
        "A common value of exactly the payoff's rank often ends in a local minimum, of an error of about 4e-3: the team's networks have "
        "one number more. Values of each agent's own need none."
    )


def _regress(lab: Lab) -> None:
    for common in (False, True):
        words = "one value of the team" if common else "each its own value"
        lab.stage(f"pairwise game, {words}", 0.35)
        paid = payoffs(lab.seed)
        paid = np.broadcast_to(paid.sum(axis=0), paid.shape) if common else paid
        game = StochasticGame.from_matrix_game(paid.reshape(AGENTS, *[ACTIONS] * AGENTS))
        method = deep.FactorizedQ(common=common, rank=RANK + common, **LEARNER)
        steps = 256 * lab.size(800, 250, least=4)
        run = lab.learn(game, method, steps=steps, records=np.unique(np.geomspace(512, steps, 12).astype(int)).tolist())
        errors = run.trace["q_loss"] * np.abs(paid).max() ** 2 / (1 if common else AGENTS)
        lab.row(f"{words}: squared error", errors[:, -1], exact=0.0, note="Of payoffs of rank 2, five agents with three actions.")
        lab.claim(f"{words}: the error is below {GATE:g} in every seed", errors[:, -1].max() < GATE)
        lab.keep(**{f"error/{words}": errors, f"steps/{words}": run.trace["step"][0]})
        if common:
            _climb(lab, run, game, paid[0])


def _climb(lab: Lab, run: Any, game: StochasticGame, paid: np.ndarray) -> None:
    """Answer in turn from every joint action, and hold the ends against brute force."""
    from gametheory_rl.deep._watch import ascend

    found, least = [], np.inf
    for k in range(lab.seeds):
        paths = ascend(deep.load_policy(run, game, seed=k), JOINT, 8) @ (ACTIONS ** np.arange(AGENTS)[::-1])
        rising = np.diff(paid[paths], axis=1)
        least = min(least, float(rising.min()))
        found.append(float((paid[paths[:, -1]] >= paid.max() - 1e-9).mean()))
    lab.row("answers in turn that end at the best joint action", found, note="Share of all 243 starts; the best by brute force.")
    lab.claim("answers in turn never lower the team's payoff by more than the error of Q", least > -0.1)


def _two(lab: Lab) -> None:
    from gametheory_rl.deep._watch import ascend

    lab.stage("who should differ", 0.15)
    table = np.array([[0.0, 1.0], [1.0, 0.0]])
    game, starts = StochasticGame.from_matrix_game([table, table]), list(itertools.product(range(2), repeat=2))
    kept = {}
    for order in ("asynchronous", "synchronous"):
        method = deep.FactorizedQ(rank=2, order=order, **LEARNER)
        run = lab.learn(game, method, steps=256 * lab.size(150, 100, least=4), label=order)
        earned = []
        for k in range(lab.seeds):
            paths = ascend(deep.load_policy(run, game, seed=k), starts, 6)
            earned.append(table[paths[..., 0], paths[..., 1]][:, 1:])
        kept[order] = np.array(earned)
        lab.row(
            f"[[0, 1], [1, 0]], {order}: payoff",
            kept[order].mean(axis=(1, 2)),
            exact=1.0,
            note="Mean over six steps from each of four starts.",
        )
        lab.keep(**{f"two/{order}": kept[order]})
    lab.claim("answers in turn solve [[0, 1], [1, 0]] from every start", kept["asynchronous"].min() == 1)
    same = kept["synchronous"][:, [0, 3]]
    lab.claim("all at once, those who start alike go round for ever", same.max() == 0)


def _scale(lab: Lab) -> None:
    lab.stage("a thousand agents", 0.15)
    method = deep.FactorizedQ(rank=4, hidden=(32,), environments=1, rollout=8, replay=64, batch_size=8, warmup=8, evaluation=1)
    seconds = []
    for agents in CROWDS:
        game, steps = gaussian_squeeze(agents), STEPS * lab.size(100, 20)
        lab.learn(game, method, steps=8, seeds=1, label=f"{agents} agents, once")
        begun = time.process_time()
        lab.learn(game, method, steps=steps, seeds=1, label=f"{agents} agents")
        seconds.append((time.process_time() - begun) / steps)
        lab.row(f"{agents} agents: CPU-milliseconds a step", 1000 * seconds[-1], note="Acting, and four batches of 8 each 8 steps.")
    slope = float(np.polyfit(np.log(CROWDS), np.log(seconds), 1)[0])
    each = 1e6 * float(np.polyfit(CROWDS, seconds, 1)[0])
    lab.row("CPU-microseconds an agent adds to a step", each, note="The slope of time against agents.")
    lab.row("slope of log time against log agents", slope, exact=1.0, note="1 is linear; below it, what does not depend on agents counts.")
    lab.keep(crowds=np.array(CROWDS), seconds=np.array(seconds))
    lab.claim("time is linear in agents, or less", slope < 1.15)


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return regression errors, the two orders of answers, and time against agents."""
    return [lambda ax: _error_panel(data, ax), lambda ax: _two_panel(data, ax), lambda ax: _time_panel(data, ax)]


def _error_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import GREY, MARKERS, colour, dress_curves

    for place, name in enumerate(name for name in data if name.startswith("error/")):
        words = name.removeprefix("error/")
        steps = data[f"steps/{words}"]
        ax.plot(steps, np.maximum(np.median(data[name], axis=0), 1e-16), color=colour(place), marker=MARKERS[place], label=words)
    ax.axhline(GATE, color=GREY, linewidth=1.2, linestyle=":")
    ax.set_xscale("log")
    ax.set_yscale("log")
    dress_curves(ax, "Payoffs of rank 2: error of Q", "steps", "mean squared error")
    ax.legend(loc="lower left")


def _two_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import MARKERS, colour, dress_curves

    for place, (order, words) in enumerate((("asynchronous", "in turn"), ("synchronous", "all at once"))):
        earned = data[f"two/{order}"][0][0]
        ax.plot(np.arange(1, len(earned) + 1), earned, color=colour(place), marker=MARKERS[place], label=words)
    dress_curves(ax, "[[0, 1], [1, 0]] from (0, 0)", "step", "payoff")
    ax.set_ylim(-0.08, 1.12)
    ax.legend(loc="center right")


def _time_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import GREY, MARKERS, colour, dress_curves

    crowds, cost = data["crowds"], 1000 * data["seconds"]
    ax.plot(crowds, cost, color=colour(0), marker=MARKERS[0], linestyle="none", label="measured")
    line = np.polyfit(crowds, cost, 1)
    ax.plot(
        [0, crowds[-1]], np.polyval(line, [0, crowds[-1]]), color=GREY, linewidth=1.2, label=f"{1000 * line[0]:.2g} microseconds an agent"
    )
    ax.set_xlim(left=0)
    ax.set_ylim(0, 1.1 * cost.max())
    ax.legend(loc="upper left")
    dress_curves(ax, "Cost of a step", "agents", "CPU-milliseconds")


PAPER = Paper(
    title="Factorized Q-learning: payoffs of low rank, answers in turn and at once, a thousand agents",
    source='M. Zhou et al., "Factorized Q-learning for large-scale multi-agent systems", arXiv 1809.03738, 2018, section 4',
    experiment=experiment,
    panels=panels,
    minutes=4.0,
    seeds=3,
    quick_seeds=1,
    needs=("jax", "optax", "equinox"),
)
