"""Independent PPO and PPO with a joint critic: returns on spread, and exact distances from equilibrium on games that are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl import deep
from gametheory_rl._catalogue import load_game
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gametheory_rl._results import Run

METHODS = {"ippo": "IPPO", "mappo": "MAPPO"}
GATE = -72.0
"""Return on spread that IPPO should better after 200,000 steps, summed over the three agents."""
SPREAD_STEPS = 200_000
SPREAD_SETTINGS: Mapping[str, Any] = {"learning_rate": 1e-3, "value_clip": None}
"""At the default rate, 2.5e-4, 200,000 steps end about the gate. Returns of tens are far beyond the clip."""
RECORDS = 10
MATRIX = ("prisoners_dilemma", "stag_hunt", "matching_pennies", "rock_paper_scissors")
CYCLIC = ("matching_pennies", "rock_paper_scissors")
"""Zero-sum, and everybody mixes."""
STAGED = ("grid_game_1", "soccer")
STEPS = {"soccer": (1_000_000, 30_000), "grid_game_1": (400_000, 60_000)} | dict.fromkeys(MATRIX, (200_000, 60_000))
"""By game: the full number of steps, and the quick one."""
SHARES = {"soccer": 0.3, "grid_game_1": 0.09} | dict.fromkeys(MATRIX, 0.02)
"""Of the whole time, by game, for one method."""
SOLVED = 0.01
"""A gap below it counts as an equilibrium, in payoffs of single digits."""


def experiment(lab: Lab) -> None:
    """Spread under IPPO and MAPPO; then the exact gap of both as they learn: matrix games, grid game 1, soccer."""
    _spread(lab)
    found = {game: _gaps(lab, game) for game in (*MATRIX, *STAGED)}
    lab.claim("matrix games: prisoner's dilemma ends in equilibrium in every seed", found["prisoners_dilemma"][:, -1].max() < SOLVED)
    away = all((found[game][:, -1] > found[game][:, 0]).all() for game in CYCLIC)
    lab.claim("matching pennies and rock-paper-scissors: the gap ends larger than it began, in every seed", away)
    for game in STAGED:
        lab.claim(f"{game.replace('_', ' ')}: the gap falls, and does not vanish, in every seed", _falls(found[game]))
    lab.differs(
        "The paper plays StarCraft, which nobody can judge exactly; spread and games with known equilibria stand in, and the gap of each "
        "profile is computed over all states."
    )
    lab.differs(
        "On spread the learning rate is 1e-3 and values are not clipped, since 200,000 steps are few and returns are tens; elsewhere "
        "settings are the defaults: 2.5e-4 and 0.2."
    )
    lab.differs("Parameters are per agent: who shares a network with the others is not independent.")
    lab.differs(
        "Where everybody sees the state, as on these games, a critic that sees it too sees nothing new: IPPO and MAPPO are the same "
        "numbers. They differ on spread."
    )


def _falls(gap: np.ndarray) -> bool:
    return bool((gap[:, -1] < gap[:, 0]).all() and (gap[:, -1] > SOLVED).all())


def _records(steps: int) -> list[int]:
    return np.unique(np.linspace(steps / RECORDS, steps, RECORDS).astype(int)).tolist()


# ---- spread ----------------------------------------------------------------------------------------------------------


def _spread(lab: Lab) -> None:
    lab.stage("spread, before learning", 0.01)
    still = deep.IPPO(learning_rate=0.0, evaluation=lab.size(1000, 500, least=8))
    before = lab.learn(deep.load_world("spread"), still, steps=1).trace["episode_return"][:, -1]
    lab.row("spread, before learning: return", before, paper="", note="nearly uniform moves: about -78")
    ends = {name: _spread_run(lab, name) for name in METHODS}
    found = _interquartile(ends["ippo"]["episode_return"])
    lab.claim(f"spread: IPPO's interquartile mean is better than {GATE:g} by sampled moves", found > GATE)
    found = _interquartile(ends["ippo"]["greedy_episode_return"])
    lab.claim(f"spread: IPPO's interquartile mean is better than {GATE:g} by likeliest moves", found > GATE)
    lab.keep(before=before)


def _interquartile(numbers: np.ndarray) -> float:
    from scipy import stats

    return float(stats.trim_mean(numbers, 0.25))


def _spread_run(lab: Lab, name: str) -> Mapping[str, np.ndarray]:
    """Train on spread, and return each seed's measures at the last record."""
    lab.stage(f"spread, {METHODS[name]}", 0.05)
    steps = lab.size(SPREAD_STEPS, SPREAD_STEPS, least=10)
    method = {"ippo": deep.IPPO, "mappo": deep.MAPPO}[name](evaluation=lab.size(1000, 250, least=8), **SPREAD_SETTINGS)
    trace = lab.learn(deep.load_world("spread"), method, steps=steps, records=_records(steps)).trace
    for kind, words in (("", "sampled"), ("greedy_", "likeliest moves")):
        label = f"spread, {METHODS[name]}, {words}"
        lab.row(f"{label}: return", trace[f"{kind}episode_return"][:, -1], note="summed over the three agents")
        lab.row(f"{label}: landmarks covered at the end", trace[f"{kind}covered_at_end"][:, -1], note="of 3")
    kept = {f"spread_{name}{kind}": trace[f"{kind[1:]}{'_' if kind else ''}episode_return"] for kind in ("", "_greedy")}
    lab.keep(**kept, **{f"spread_{name}_steps": trace["step"][0]})
    return {column: numbers[:, -1] for column, numbers in trace.items()}


# ---- exact gaps ------------------------------------------------------------------------------------------------------


def _gaps(lab: Lab, game: str) -> np.ndarray:
    """Learn under both methods, report the gaps, and return IPPO's in the worst state ``(seeds, records)``."""
    found = {name: _gap_run(lab, game, name) for name in METHODS}
    gaps = {name: run.trace["nash_gap"] for name, run in found.items()}
    same = bool(np.array_equal(gaps["ippo"], gaps["mappo"]))
    lab.claim(f"{game.replace('_', ' ')}: everybody sees the state, and MAPPO's gaps are IPPO's, to the last bit", same)
    return gaps["ippo"]


def _gap_run(lab: Lab, game: str, name: str) -> Run:
    """Train on one tensor game, and report the gap of the last policy and of the average one."""
    title = game.replace("_", " ")
    lab.stage(f"{title}, {METHODS[name]}", SHARES[game])
    steps = lab.size(*STEPS[game], least=10)
    method = {"ippo": deep.IPPO, "mappo": deep.MAPPO}[name]()
    # The untrained policy's gap is where a curve begins.
    run = lab.learn(load_game(game), method, steps=steps, records=[1, *_records(steps)])
    trace, note = run.trace, f"after {int(run.trace['step'][0, -1]):,} steps"
    lab.row(f"{title}, {METHODS[name]}: gap in the worst state", trace["nash_gap"][:, -1], note=note)
    if game in STAGED:
        lab.row(f"{title}, {METHODS[name]}: gap at the start", trace["start_gap"][:, -1], note=note)
    lab.row(f"{title}, {METHODS[name]}: gap of the average policy", trace["average_nash_gap"][:, -1], note="each state's over its visits")
    lab.keep(**{f"gap_{game}_{name}": trace["nash_gap"], f"average_{game}_{name}": trace["average_nash_gap"]})
    lab.keep(**{f"gap_{game}_{name}_steps": trace["step"][0]})
    return run


# ---- the plot --------------------------------------------------------------------------------------------------------


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return the returns on spread, and IPPO's gap on the matrix games, on grid game 1 and on soccer."""
    return [
        lambda ax: _spread_panel(data, ax),
        lambda ax: _matrix_panel(data, ax),
        *((lambda ax, game=game: _staged_panel(data, ax, game)) for game in STAGED),
    ]


def _band(data: Mapping[str, np.ndarray], ax: Axes, key: str, steps: str, place: int, label: str) -> None:
    from gametheory_rl.plots._style import MARKERS, colour

    at, found = data[f"{steps}_steps"] / 1000, data[key]
    ax.plot(at, np.median(found, axis=0), color=colour(place), marker=MARKERS[place], markersize=5, label=label)
    ax.fill_between(at, found.min(axis=0), found.max(axis=0), color=colour(place), alpha=0.2, linewidth=0)


def _spread_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import GREY, dress_curves

    for place, (name, label) in enumerate(METHODS.items()):
        _band(data, ax, f"spread_{name}", f"spread_{name}", 2 * place, f"{label}, sampled")
        _band(data, ax, f"spread_{name}_greedy", f"spread_{name}", 2 * place + 1, f"{label}, likeliest")
    ax.axhline(float(np.median(data["before"])), color=GREY, linewidth=1.2, linestyle="--", label="before learning")
    ax.axhline(GATE, color=GREY, linewidth=1.2, linestyle=":", label=f"{GATE:g}")
    dress_curves(ax, "Spread: the three agents' return", "thousand steps", "return of an episode")
    ax.legend(loc="lower right", ncols=2, fontsize="small")


def _matrix_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import dress_curves

    for place, game in enumerate(MATRIX):
        _band(data, ax, f"gap_{game}_ippo", f"gap_{game}_ippo", place, game.replace("_", " "))
    dress_curves(ax, "Matrix games, IPPO", "thousand steps", "exact gap")
    ax.set_ylim(bottom=0)
    ax.legend(loc="best")


def _staged_panel(data: Mapping[str, np.ndarray], ax: Axes, game: str) -> None:
    from gametheory_rl.plots._style import dress_curves

    _band(data, ax, f"gap_{game}_ippo", f"gap_{game}_ippo", 0, "last policy")
    _band(data, ax, f"average_{game}_ippo", f"gap_{game}_ippo", 1, "average policy")
    dress_curves(ax, f"{game.replace('_', ' ').capitalize()}, IPPO", "thousand steps", "exact gap, worst state")
    ax.set_ylim(bottom=0)
    ax.legend(loc="best")


PAPER = Paper(
    title="IPPO and MAPPO: spread, and the exact gap on soccer, grid game 1 and matrix games",
    source='C. Schroeder de Witt et al., "Is independent learning all you need in the StarCraft multi-agent challenge?", 2020',
    experiment=experiment,
    panels=panels,
    minutes=30.0,
    seeds=5,
    quick_seeds=2,
    summary="interquartile",
    needs=("jax", "optax", "equinox"),
)
