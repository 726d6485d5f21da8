"""Decentralised Q-learning on a random zero-sum game: estimates that see nothing of the other player, against the minimax values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl.families import garnet
from gametheory_rl.learners import DecentralisedQ, Schedule
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._traced import spread, traced
from gametheory_rl.stochastic import solve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STATES, ACTIONS, DISCOUNT = 5, 3, 0.6
BOUND = 1 / (1 - DISCOUNT)
"""Of every value: payoffs lie in [-1, 1)."""
FIXED, WARM, RHO = 0.1, 0.5, 0.7
"""A temperature that is kept, one that falls, and the constant of the paper's annealing."""
SAMPLES = 150


def learners() -> dict[str, Any]:
    """Return the paper's schedules at a fixed and at a falling temperature, and the package's own."""
    paper = {"step_size": Schedule.by_visits(0.9), "value_step_size": Schedule.by_visits(1.0), "exploration": 0.0}
    return {
        "fixed temperature": DecentralisedQ(temperature=FIXED, annealing=0.0, **paper),
        "annealed as in the theorem": DecentralisedQ(temperature=WARM, annealing=WARM * 0.9 * RHO / (4 * BOUND), **paper),
        "the package's defaults": DecentralisedQ(),
    }


def experiment(lab: Lab) -> None:
    """Train all three on one game and hold player 1's estimates against the exact values."""
    game = garnet(STATES, ACTIONS, STATES, seed=lab.seed, discount=DISCOUNT)
    truth = solve(game).values
    looks = spread(lab.size(10**7, 10**6, least=1000), SAMPLES)
    lab.keep(steps=looks, truth=truth[0])
    ends = {}
    for name, learner in learners().items():
        lab.stage(name, 1 / 3)
        found = traced(lab, game, learner, looks, lambda tables: tables.value.T.copy(), name)
        errors = np.abs(found.seen - truth).max(axis=(2, 3))
        ends[name] = errors
        lab.row(f"{name}: value error", errors[:, -1], exact=0.0, note=f"Largest over players and states, after {looks[-1]:,} steps.")
        lab.row(f"{name}: mean value error", np.abs(found.seen[:, -1] - truth).mean(axis=(1, 2)), exact=0.0)
        lab.keep(**{name: found.seen[:, :, 0]})
        half = len(looks) // 2
        lab.row(f"{name}: value error half-way", errors[:, half], exact=0.0)
    _conclude(lab, ends, game.payoff_span)


def _conclude(lab: Lab, ends: Mapping[str, np.ndarray], span: float) -> None:
    close = 0.1 * span
    lab.claim(
        f"at the fixed temperature every seed ends within 10 % of the payoffs' span ({close:.2g})",
        ends["fixed temperature"][:, -1].max() < close,
    )
    lab.claim(
        "with the package's defaults every seed ends within 2 % of the payoffs' span",
        ends["the package's defaults"][:, -1].max() < close / 5,
    )
    annealed = ends["annealed as in the theorem"]
    lab.claim(
        "annealed as in the theorem the error falls from the first tenth to the end, in every seed",
        (annealed[:, -1] < annealed[:, len(annealed[0]) // 10]).all(),
    )
    lab.differs(
        f"The paper's random game is not known here entry by entry: this one has {STATES} states, {ACTIONS} actions each, discount "
        f"{DISCOUNT}, payoffs uniform on [-1, 1), every state a successor of every joint action. Size and discount are quoted from memory."
    )
    lab.differs(
        "At a fixed temperature the values settle beside the minimax values, as the paper's theorem says: softmax play pays for the "
        "actions that it does not want. The theorem's annealing is so slow that the temperature has hardly fallen at the end; it "
        "promises the limit, not the error at any time that is run."
    )


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return the estimates of every state at the fixed temperature, and all learners' errors."""
    return [lambda ax: _estimates(data, ax), lambda ax: _errors(data, ax)]


def _estimates(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import colour, dress_curves

    name = "fixed temperature"
    for state in range(STATES):
        estimates = data[name][:, :, state]
        low, middle, high = (f(estimates, axis=0) for f in (np.min, np.median, np.max))
        ax.fill_between(data["steps"], low, high, color=colour(state), alpha=0.25, linewidth=0)
        ax.plot(data["steps"], middle, color=colour(state), label=f"state {state + 1}")
        ax.axhline(data["truth"][state], color=colour(state), linewidth=1.2, linestyle=(0, (5, 1.5)))
    ax.set_xscale("log")
    low, high = data["truth"].min(), data["truth"].max()
    ax.set_ylim(low - 0.25 * (high - low), high + 0.5 * (high - low))
    dress_curves(ax, "Player 1's estimates, fixed temperature", "environment steps", "value (dashed: minimax)")
    ax.legend(loc="upper center", ncols=3)


def _errors(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import DASHES, MARKERS, colour, dress_curves

    for index, name in enumerate(learners()):
        errors = np.abs(data[name] - data["truth"]).max(axis=2)
        low, middle, high = (f(errors, axis=0) for f in (np.min, np.median, np.max))
        ax.fill_between(data["steps"], low, high, color=colour(index), alpha=0.2, linewidth=0)
        every = (10 + 5 * index, 25)
        ax.plot(data["steps"], middle, color=colour(index), linestyle=DASHES[index], marker=MARKERS[index], markevery=every, label=name)
    ax.set_xscale("log")
    ax.set_yscale("log")
    dress_curves(ax, "Distance from the minimax values", "environment steps", "largest error, player 1 (payoff units)")
    ax.legend(loc="lower left")


PAPER = Paper(
    title="Decentralised Q-learning on a random zero-sum game: value estimates against the minimax values",
    source='M. Sayin, K. Zhang, D. Leslie, T. Basar, A. Ozdaglar, "Decentralized Q-learning in zero-sum Markov games", NeurIPS 2021',
    experiment=experiment,
    panels=panels,
    minutes=3.0,
    seeds=10,
)
