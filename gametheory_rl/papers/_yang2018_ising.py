"""The Ising model learned: order against temperature, and where it sets in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from gametheory_rl._population import heat_bath, ising_order
from gametheory_rl.families import ising
from gametheory_rl.learners import MeanFieldQ
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = 20
TEMPERATURES = (0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.7, 2.0)
JUDGED = (0.8, 1.0, 1.1, 1.4)
"""Where the learned order is held against heat bath's, and how near it should be."""
NEAR = 0.03
Turns = Literal["asynchronous", "simultaneous", "stale"]
CRITICAL = 1 / math.log1p(math.sqrt(2))
"""Of the infinite lattice, exactly: 1.1346."""
CUMULANT_SIZES = (10, 20)
CUMULANT_TEMPERATURES = (1.10, 1.115, 1.13, 1.145, 1.16)
"""Near the crossing, where differences of cumulants are still straight lines."""
GAP = 50
"""Sweeps between two samples of the learned order, for its cumulant."""
TURNS: dict[Turns, str] = {"asynchronous": "in turn", "simultaneous": "at once", "stale": "at once, stale"}


def experiment(lab: Lab) -> None:
    """Measure the order at every temperature, learned and sampled; then the crossing of cumulants."""
    sweeps, short = lab.size(100_000, 10_000, least=100), lab.size(5_000, 2_000, least=100)
    lab.stage("order", 0.5)
    game = ising(SIZE)
    learned = np.zeros((len(TURNS), len(TEMPERATURES), lab.seeds))
    sampled = np.zeros((len(TEMPERATURES), lab.seeds))
    for t, temperature in enumerate(TEMPERATURES):
        for u, turns in enumerate(TURNS):
            steps = sweeps if turns == "asynchronous" else short
            learner = MeanFieldQ(temperature=temperature, turns=turns)
            run = lab.learn(game, learner, label=f"T = {temperature}, {turns}", steps=steps, records=[steps // 10, steps], progress=False)
            learned[u, t] = run.trace["order_parameter"][:, -1]
        sampled[t] = [heat_bath(game, temperature, sweeps=sweeps, seed=lab.seed + k).order for k in range(lab.seeds)]
        lab.progress((t + 1) / len(TEMPERATURES))
        _order_rows(lab, temperature, learned[:, t], sampled[t])
    lab.keep(temperatures=np.array(TEMPERATURES), learned=learned, sampled=sampled)
    _judge_order(lab, learned, sampled)
    _cumulants(lab)
    lab.differs(
        "The paper reads a critical temperature of about 1.2 off its plot. On 20 x 20 agents the order falls smoothly: it is still 0.44 "
        "at 1.2, where the infinite lattice has none, so a reading off the curve comes out high. Cumulants of two sizes cross near the "
        "exact value."
    )
    lab.differs(
        "The paper prints the policy as softmax of minus Q, with which nothing ever orders, and lets all agents act at once on the mean "
        "action of the step before: then the two halves of the chessboard take no notice of each other, and cancel in about half of "
        "all runs; learning about the stale mean action keeps order far above the critical temperature. Agents that act in turn do neither."
    )


def _order_rows(lab: Lab, temperature: float, learned: np.ndarray, sampled: np.ndarray) -> None:
    exact = ising_order(temperature)
    for name, orders in zip(TURNS.values(), learned, strict=True):
        lab.row(f"T = {temperature:g}: MF-Q {name}", orders, exact=exact, note=_NOTES[name])
    lab.row(f"T = {temperature:g}: heat bath", sampled, exact=exact, note="The same 20 x 20 agents, sampled.")


_NOTES = {
    "in turn": "Order, 1 unanimous, averaged over the last nine tenths of the sweeps; exact: the infinite lattice (Onsager).",
    "at once": "All agents act on the mean action of the sweep before, and learn about the one they then meet.",
    "at once, stale": "They learn about the one that they acted on.",
}


def _judge_order(lab: Lab, learned: np.ndarray, sampled: np.ndarray) -> None:
    places = [TEMPERATURES.index(temperature) for temperature in JUDGED]
    means = sampled.mean(axis=1)
    off = np.abs(np.median(learned, axis=2) - means)
    judged, most = ", ".join(map(str, JUDGED)), off[0, places].max()
    lab.claim(
        f"acting in turn, the order at T = {judged} is within {NEAR:g} of heat bath's (at most {most:.3f} away)",
        most <= NEAR,
    )
    cold, hot = TEMPERATURES.index(0.8), TEMPERATURES.index(1.4)
    lab.claim(
        "acting at once, some runs at T = 0.8 find order and some do not", learned[1, cold].max() > 0.9 and learned[1, cold].min() < 0.5
    )
    lab.claim("the stale variant has order above 0.7 at T = 1.4, where there is none", np.median(learned[2, hot]) > 0.7)


# ---- where order sets in -------------------------------------------------------------------------------------------


def cumulant(orders: np.ndarray) -> np.ndarray:
    """Return Binder's ``1 - <m^4> / (3 <m^2>^2)`` over the last axis; K. Binder, Zeitschrift fuer Physik B 43, 1981."""
    second, fourth = (orders**2).mean(axis=-1), (orders**4).mean(axis=-1)
    return 1 - fourth / (3 * second**2)


def crossing(temperatures: np.ndarray, small: np.ndarray, large: np.ndarray) -> float:
    """Return the temperature at which the cumulants of a small and a large lattice agree: the zero of a line through differences."""
    slope, height = np.polyfit(temperatures, large - small, 1)
    return float(-height / slope) if slope < 0 else math.nan


def _cumulants(lab: Lab) -> None:
    lab.stage("cumulants", 0.5)
    kept = lab.size(400_000, 20_000, least=100)
    samples = lab.size(3_000, 300, least=10)
    temperatures = np.array(CUMULANT_TEMPERATURES)
    learned = np.zeros((len(CUMULANT_SIZES), len(temperatures), lab.seeds))
    sampled = np.zeros_like(learned)
    for s, size in enumerate(CUMULANT_SIZES):
        for t, temperature in enumerate(CUMULANT_TEMPERATURES):
            game = ising(size)
            learned[s, t] = _learned_cumulant(lab, size, temperature, samples)
            orders = [heat_bath(game, temperature, sweeps=kept, seed=lab.seed + k).orders for k in range(lab.seeds)]
            sampled[s, t] = cumulant(np.array(orders))
            lab.progress((s * len(temperatures) + t + 1) / learned[..., 0].size)
    lab.keep(cumulant_temperatures=temperatures, learned_cumulants=learned, sampled_cumulants=sampled)
    for name, found in (("MF-Q in turn", learned), ("heat bath", sampled)):
        crossings = [crossing(temperatures, *found[:, :, k]) for k in range(lab.seeds)]
        lab.row(
            f"critical temperature, {name}",
            crossings,
            paper="1.2",
            exact=CRITICAL,
            note="Where cumulants of 10 x 10 and 20 x 20 agents cross.",
        )
        lab.claim(
            f"the cumulants' crossing of {name} is within 0.03 of the exact critical temperature",
            abs(np.median(crossings) - CRITICAL) < NEAR,
        )


def _learned_cumulant(lab: Lab, size: int, temperature: float, samples: int) -> np.ndarray:
    """Return the cumulant of each seed's order in single sweeps: a record tells the mean since the one before, one sweep earlier."""
    last = np.arange(samples // 10 + 1, samples + samples // 10 + 1) * GAP
    records = np.union1d(last - 1, last)
    label = f"{size} x {size}, T = {temperature}"
    run = lab.learn(
        ising(size), MeanFieldQ(temperature=temperature), label=label, steps=int(last[-1]), records=records.tolist(), progress=False
    )
    single = np.isin(run.trace["step"][0], last)
    return cumulant(run.trace["order_parameter"][:, single])


# ---- the plot ------------------------------------------------------------------------------------------------------


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return order against temperature, and the cumulants of two sizes."""
    return [lambda ax: _orders(data, ax), lambda ax: _crossings(data, ax)]


def _orders(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import GREY, INK, MARKERS, colour, dress_curves

    fine = np.linspace(data["temperatures"][0], data["temperatures"][-1], 400)
    ax.plot(fine, [ising_order(float(t)) for t in fine], color=GREY, linewidth=1.6, label="infinite lattice, exact")
    ax.plot(data["temperatures"], data["sampled"].mean(axis=1), color=INK, linestyle=":", linewidth=1.8, label="heat bath, 20 x 20")
    for u, name in enumerate(TURNS.values()):
        orders = data["learned"][u]
        for k in range(orders.shape[1]):
            shift = 0.008 * (u - 1)
            style = {"marker": MARKERS[u], "color": colour(u), "linestyle": "none", "markersize": 6.5, "alpha": 0.75}
            ax.plot(data["temperatures"] + shift, orders[:, k], label=f"MF-Q {name}, each seed" if k == 0 else None, **style)
    ax.axvline(1.2, color=GREY, linewidth=1.0, linestyle="--")
    ax.annotate("the paper's 1.2", (1.2, 1.03), xytext=(4, 0), textcoords="offset points", fontsize=10.5, color=GREY)
    dress_curves(ax, "Ising model: order against temperature", "temperature", "order parameter")
    ax.set_ylim(-0.03, 1.09)
    ax.legend(loc="center right", bbox_to_anchor=(1.0, 0.39))


def _crossings(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import GREY, MARKERS, colour, dress_curves

    for s, size in enumerate(CUMULANT_SIZES):
        for kind, dashes in (("learned", "-"), ("sampled", ":")):
            found = data[f"{kind}_cumulants"][s]
            label = f"{'MF-Q in turn' if kind == 'learned' else 'heat bath'}, {size} x {size}"
            shown = MARKERS[s] if kind == "learned" else None
            ax.plot(data["cumulant_temperatures"], np.median(found, axis=1), color=colour(s), linestyle=dashes, marker=shown, label=label)
            if kind == "learned":
                ax.fill_between(
                    data["cumulant_temperatures"], found.min(axis=1), found.max(axis=1), color=colour(s), alpha=0.2, linewidth=0
                )
    ax.axvline(CRITICAL, color=GREY, linewidth=1.2, linestyle="--", label="exact critical temperature")
    dress_curves(ax, "Where order sets in: cumulants cross", "temperature", "Binder's cumulant")
    ax.legend(loc="lower left")


PAPER = Paper(
    title="The Ising model: order against temperature, mean-field Q beside heat bath and Onsager",
    source='Y. Yang et al., "Mean field multi-agent reinforcement learning", ICML 2018, section 5.2',
    experiment=experiment,
    panels=panels,
    minutes=8.0,
    seeds=5,
    quick_seeds=5,
)
