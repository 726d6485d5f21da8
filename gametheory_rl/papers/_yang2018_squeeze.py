"""Gaussian squeeze: mean-field Q beside independent Q, from starts that are said outright."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gametheory_rl._population import squeeze_optimum
from gametheory_rl._population_game import PopulationGame
from gametheory_rl.families import gaussian_squeeze
from gametheory_rl.learners import MeanFieldQ
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CROWDS = (100, 500, 1000)
LEVEL = "level tables"
"""Every entry 0 at first, so that the first policy is uniform."""
LEANING = "leaning tables"
"""Every row ``415 - 5 a`` at first: what has not been tried is nearly best, small actions a little more so."""
REACHED = 95.0
"""Per cent of the optimum that count as having found it."""


def learner_of(kind: str, tables: str, agents: int) -> MeanFieldQ:
    """Return ``mean-field`` or ``independent`` Q; the latter is the former with one level: it takes no notice of the others.

    Mean-field Q with leaning tables tells every load apart; with level ones the paper's discretisation is unknown, and 20 levels are taken.
    """
    initial, temperature = ([415.0 - 5.0 * a for a in range(10)], 0.1) if tables == LEANING else (0.0, 1.0)
    if kind == "independent":
        return MeanFieldQ(temperature=temperature, initial=initial, levels=1, shared=False)
    return MeanFieldQ(temperature=temperature, initial=initial, levels=9 * agents if tables == LEANING else 20)


def uniform_play(game: PopulationGame) -> float:
    """Return the expected payoff where everybody plays uniformly: the load's distribution is a convolution."""
    one, load = np.full(game.num_actions, 1.0 / game.num_actions), np.ones(1)
    for _ in range(game.num_agents):
        load = np.convolve(load, one)
    return float(load @ game.payoff.reshape(-1)[: len(load)])


def experiment(lab: Lab) -> None:
    """Train every kind of learner in every crowd, and report what a turn earns in the last tenth of the sweeps."""
    best = squeeze_optimum()[1]
    sweeps = lab.size(20_000, 2_000, least=20)
    records = np.unique([*np.geomspace(max(1, sweeps // 1000), sweeps, 25).astype(int), sweeps * 9 // 10, sweeps]).tolist()
    cases = [(kind, tables) for kind in ("mean-field", "independent") for tables in (LEVEL, LEANING)]
    reached: dict[tuple[int, str, str], float] = {}
    for agents in CROWDS:
        game = gaussian_squeeze(agents)
        lab.stage(f"N = {agents}", agents / sum(CROWDS))
        lab.row(f"N = {agents}: uniform play", 100 * uniform_play(game) / best, note="Expected payoff, computed exactly.")
        for kind, tables in cases:
            run = lab.learn(game, learner_of(kind, tables, agents), label=f"N = {agents}: {kind}, {tables}", steps=sweeps, records=records)
            share = 100 * run.trace["mean_payoff"] / best
            last = run.trace["step"][0] > sweeps * 9 // 10
            ours = np.average(share[:, last], axis=1, weights=np.diff(run.trace["step"][0], prepend=0)[last])
            reached[agents, kind, tables] = float(np.median(ours))
            lab.row(f"N = {agents}: {kind} Q, {tables}", ours, paper=_paper(kind, tables, agents), exact=100.0, note=_NOTES[tables])
            lab.keep(**{f"{agents}/{kind}/{tables}": share, "sweeps": run.trace["step"][0]})
    _conclude(lab, reached)


_NOTES = {
    LEVEL: "All entries 0 at first, temperature 1; first actions uniform.",
    LEANING: "All rows 415 - 5 a at first, temperature 0.1; first actions uniform.",
}


def _paper(kind: str, tables: str, agents: int) -> str:
    """Return what the paper's figure shows; it prints no numbers, and does not say how its tables start."""
    if tables != LEVEL:
        return ""
    return "optimal" if kind == "mean-field" or agents == CROWDS[0] else "fails"


def _conclude(lab: Lab, reached: Mapping[tuple[int, str, str], float]) -> None:
    for agents in CROWDS[1:]:
        lab.claim(
            f"with {agents} agents and leaning tables, mean-field Q reaches {REACHED:g} % of the optimum and independent Q does not",
            reached[agents, "mean-field", LEANING] >= REACHED > reached[agents, "independent", LEANING],
        )
        lab.claim(
            f"with {agents} agents and level tables, mean-field Q reaches {REACHED:g} % of the optimum",
            reached[agents, "mean-field", LEVEL] >= REACHED,
        )
    lab.differs(
        "The paper does not say where its tables, its networks or the agents' actions start. With 500 agents or more uniform play earns "
        "2.6e-28 or less, so every action earns the same, nothing: from level tables no learner finds out anything, and stays uniform."
    )
    lab.differs(
        "From tables that lean to small actions, mean-field Q learns row by row of the load that it meets; independent Q has one row, "
        "which the first payoffs of nothing flatten before the crowd has become small enough."
    )
    lab.differs(
        "With 100 agents uniform play earns 97.7 % of the optimum in expectation, so that success there shows nothing; the paper's "
        "learners are networks or tables over an unstated discretisation, ours are tables."
    )


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return a panel a crowd: what a turn earns, in per cent of the optimum, over the sweeps."""
    return [partial(_panel, data, agents) for agents in CROWDS]


def _panel(data: Mapping[str, np.ndarray], agents: int, ax: Axes) -> None:
    from gametheory_rl.plots._style import DASHES, GREY, MARKERS, colour, dress_curves

    names = [name for name in data if name.startswith(f"{agents}/")]
    for index, name in enumerate(names):
        _, kind, tables = name.split("/")
        low, middle, high = (f(data[name], axis=0) for f in (np.min, np.median, np.max))
        ax.fill_between(data["sweeps"], low, high, color=colour(index), alpha=0.2, linewidth=0)
        style = {"color": colour(index), "linestyle": DASHES[index], "marker": MARKERS[index], "markevery": (2 * index, 8)}
        ax.plot(data["sweeps"], middle, label=f"{kind} Q, {tables}", **style)
    ax.axhline(REACHED, color=GREY, linewidth=1.2, linestyle=":")
    ax.set_xscale("log")
    ax.set_ylim(-3, 104)
    dress_curves(ax, f"Gaussian squeeze, {agents} agents", "sweeps", "payoff of a turn (% of the optimum)")
    if agents == CROWDS[0]:
        ax.legend(loc="lower right")


PAPER = Paper(
    title="Gaussian squeeze with 100, 500 and 1000 agents: mean-field Q and independent Q",
    source='Y. Yang et al., "Mean field multi-agent reinforcement learning", ICML 2018, section 5.1',
    experiment=experiment,
    panels=panels,
    minutes=1.0,
)
