"""Mean-field learning with networks: the order of the Ising model beside heat bath, Gaussian squeeze, and the battle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl import deep
from gametheory_rl._population import heat_bath, ising_order
from gametheory_rl.families import ising
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._mean_field_battle import battle_panel, battles
from gametheory_rl.papers._mean_field_squeeze import squeeze, squeeze_panel
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._yang2018_ising import CRITICAL, CUMULANT_TEMPERATURES, crossing, cumulant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEMPERATURES = (0.6, 0.8, 1.0, 1.1, 1.2, 1.4, 2.0)
JUDGED = (0.8, 1.0, 1.1, 1.4)
SIZES = (10, 20)
NEAR = 0.05
LEARNER: dict[str, Any] = {"hidden": (16,), "learning_rate": 0.01, "last_rate": 0.02, "evaluation": 1}


def experiment(lab: Lab) -> None:
    """Learn the lattice once from hot to cold, watch it at every temperature; then squeeze, and fight."""
    policies = _learned_lattice(lab)
    _orders(lab, policies)
    _cumulants(lab, policies)
    squeeze(lab)
    battles(lab)
    lab.differs(
        "One network for all agents learns while the temperature falls from 2 to 0.6, and is then watched at every temperature; the paper "
        "learns at each apart. Agents answer in turn, colour by colour: all at once, on the mean action of before, the two colours of the "
        "lattice go their own ways."
    )
    lab.differs(
        "The authors' networks, targets of the largest Q and inert schedule of temperatures are not followed; the paper's equations are."
    )


# ---- the lattice -----------------------------------------------------------------------------------------------------


def _learned_lattice(lab: Lab) -> list[Mapping[int, Any]]:
    """Return each seed's policy by the lattice's size: the networks are the same."""
    lab.stage("Ising: learning", 0.1)
    method = deep.DeepMeanFieldQ(
        temperature=2.0, last_temperature=0.6, environments=2, rollout=8, replay=512, batch_size=4, warmup=16, updates=4, **LEARNER
    )
    steps = 16 * lab.size(1500, 500, least=4)
    run = lab.learn(ising(SIZES[-1]), method, steps=steps, records=[steps * 3 // 4, steps], horizon=200)
    lab.row(
        "Ising: error of Q",
        np.sqrt(run.trace["q_loss"][:, -1]) * 2.0,
        note="Root mean square since the last record, in payoffs of -2 to 2.",
    )
    return [{size: deep.load_policy(run, ising(size), seed=k) for size in SIZES} for k in range(lab.seeds)]


def _watched(lab: Lab, policy: Any, size: int, temperature: float, sweeps: int, seed: int) -> np.ndarray:
    """Return the order after each sweep, the first tenth left out."""
    from gametheory_rl.deep._watch import watch

    del lab
    discard = sweeps // 10
    shares = watch(policy, sweeps + discard, "largest_share", actions=np.ones(size * size), temperature=temperature, seed=seed)
    return 2 * shares[discard:] - 1


def _orders(lab: Lab, policies: Sequence[Mapping[int, Any]]) -> None:
    lab.stage("Ising: order", 0.1)
    size, sweeps = SIZES[-1], lab.size(100_000, 20_000, least=50)
    learned = np.zeros((len(TEMPERATURES), lab.seeds))
    sampled = np.zeros_like(learned)
    for t, temperature in enumerate(TEMPERATURES):
        for k, policy in enumerate(policies):
            learned[t, k] = _watched(lab, policy[size], size, temperature, sweeps, lab.seed + k).mean()
            sampled[t, k] = heat_bath(ising(size), temperature, sweeps=max(20, sweeps), seed=lab.seed + k).order
        exact = ising_order(temperature)
        lab.row(f"T = {temperature:g}: network", learned[t], exact=exact, note="Order, 1 unanimous; exact: the infinite lattice.")
        lab.row(f"T = {temperature:g}: heat bath", sampled[t], exact=exact, note="The same 20 x 20 agents, sampled.")
        lab.progress((t + 1) / len(TEMPERATURES))
    lab.keep(temperatures=np.array(TEMPERATURES), learned=learned, sampled=sampled)
    places = [TEMPERATURES.index(temperature) for temperature in JUDGED]
    off = np.abs(np.median(learned, axis=1) - sampled.mean(axis=1))[places].max()
    lab.claim(f"the order at T = {', '.join(map(str, JUDGED))} is within {NEAR:g} of heat bath's (at most {off:.3f} away)", off <= NEAR)


def _cumulants(lab: Lab, policies: Sequence[Mapping[int, Any]]) -> None:
    lab.stage("Ising: cumulants", 0.2)
    sweeps, temperatures = lab.size(200_000, 30_000, least=100), np.array(CUMULANT_TEMPERATURES)
    learned = np.zeros((len(SIZES), len(temperatures), lab.seeds))
    sampled = np.zeros_like(learned)
    for s, size in enumerate(SIZES):
        for t, temperature in enumerate(CUMULANT_TEMPERATURES):
            for k, policy in enumerate(policies):
                learned[s, t, k] = cumulant(_watched(lab, policy[size], size, temperature, sweeps, lab.seed + k))
                sampled[s, t, k] = cumulant(heat_bath(ising(size), temperature, sweeps=sweeps, seed=lab.seed + k).orders)
            lab.progress((s * len(temperatures) + t + 1) / (len(SIZES) * len(temperatures)))
    lab.keep(cumulant_temperatures=temperatures, learned_cumulants=learned, sampled_cumulants=sampled)
    found = {}
    for name, each in (("network", learned), ("heat bath", sampled)):
        where = [crossing(temperatures, *each[..., k]) for k in range(lab.seeds)]
        lab.row(f"critical temperature, {name}", where, paper="1.2", exact=CRITICAL, note="Where cumulants of 10 x 10 and 20 x 20 cross.")
        found[name] = np.median(where)
    off = abs(found["network"] - found["heat bath"])
    lab.claim(f"the network's critical temperature is within {NEAR:g} of heat bath's ({off:.3f} away)", off <= NEAR)


# ---- the plot --------------------------------------------------------------------------------------------------------


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return order against temperature, cumulants, the squeeze, and who wins battles."""
    shown = (_orders_panel, _crossing_panel, squeeze_panel, battle_panel)
    return [lambda ax, each=each: each(data, ax) for each in shown]


def _orders_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import GREY, INK, MARKERS, colour, dress_curves

    fine = np.linspace(data["temperatures"][0], data["temperatures"][-1], 400)
    ax.plot(fine, [ising_order(float(t)) for t in fine], color=GREY, linewidth=1.6, label="infinite lattice, exact")
    ax.plot(data["temperatures"], data["sampled"].mean(axis=1), color=INK, linestyle=":", linewidth=1.8, label="heat bath, 20 x 20")
    for k, orders in enumerate(data["learned"].T):
        style = {"marker": MARKERS[0], "color": colour(0), "linestyle": "none", "markersize": 6.5, "alpha": 0.75}
        ax.plot(data["temperatures"], orders, label="network, each seed" if k == 0 else None, **style)
    dress_curves(ax, "Ising model: order", "temperature", "order parameter")
    ax.set_ylim(-0.03, 1.09)
    ax.legend(loc="upper right")


def _crossing_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import GREY, MARKERS, colour, dress_curves

    for s, size in enumerate(SIZES):
        for kind, dashes, name in (("learned", "-", "network"), ("sampled", ":", "heat bath")):
            shown = {"linestyle": dashes, "marker": MARKERS[s] if kind == "learned" else None, "color": colour(s)}
            middle = np.median(data[f"{kind}_cumulants"][s], axis=1)
            ax.plot(data["cumulant_temperatures"], middle, label=f"{name}, {size} x {size}", **shown)
    ax.axvline(CRITICAL, color=GREY, linewidth=1.2, linestyle="--", label="exact critical temperature")
    dress_curves(ax, "Cumulants cross", "temperature", "Binder's cumulant")
    ax.legend(loc="lower left")


PAPER = Paper(
    title="Mean-field learning with networks: the Ising model beside heat bath, Gaussian squeeze, and the battle",
    source='Y. Yang et al., "Mean field multi-agent reinforcement learning", ICML 2018, sections 5.1 to 5.3',
    experiment=experiment,
    panels=panels,
    minutes=45.0,
    seeds=3,
    quick_seeds=1,
    needs=("jax", "optax", "equinox"),
)
