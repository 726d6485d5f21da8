"""WoLF-PHC beside PHC: trajectories in matrix games, the start of a grid game, and who is beaten at soccer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl._verify import best_response
from gametheory_rl.families import soccer
from gametheory_rl.learners import PHC, MinimaxQ, Schedule, WoLFPHC
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._matches import DRAW, exact_goals, pitch_of_soccer, until_goal
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._traced import evenly

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MATRIX_GAMES = ("matching_pennies", "rock_paper_scissors")
NEAR = 0.02
"""How near the equilibrium counts as being there, in probability."""
STEP_SIZE = Schedule.by_steps(start=0.01, scale=10**6)
"""1 / (100 + t / 10^4)"""
EXPLORATION = 0.05
WON_STEPS = 10**6


def rate(times: float, unit: float) -> Schedule:
    """Return ``times / (unit + t)``."""
    return Schedule.by_steps(start=times / unit, scale=unit)


def climbers(unit: float, step_size: Schedule, ratio: float = 2.0) -> dict[str, Any]:
    """Return WoLF-PHC, whose losing rate is ``ratio`` times its winning one, and PHC at either rate."""
    slow, fast, common = rate(1.0, unit), rate(ratio, unit), {"step_size": step_size, "exploration": EXPLORATION}
    return {
        "WoLF-PHC": WoLFPHC(delta_win=slow, delta_lose=fast, **common),
        "PHC": PHC(delta=fast, **common),
        "PHC, slow": PHC(delta=slow, **common),
    }


def experiment(lab: Lab) -> None:
    """Matrix games of two players, one of three, a grid game, soccer."""
    for name in MATRIX_GAMES:
        _matrix_game(lab, name)
    _three_players(lab)
    _grid(lab)
    _soccer(lab)
    lab.differs(
        "The paper shows trajectories, no figures, for matrix games; it leaves exploration open, 0.05 here. The distance is that of the "
        "policies at the last step, exploration not counted: both players explore alike, which leaves uniform play in equilibrium. "
        "All start at uniform play, and the first, largest, steps take them away from it."
    )
    lab.differs(
        "The paper's rates for the grid game and for soccer are not known here: 1 / (1000 + t / 10) for the policy and "
        "1 / (10 + t / 10^4) for the values stand in for them. Its challengers at soccer are trained, ours is the exact best response, "
        "and goals are counted exactly from the chain of the two policies."
    )


def _distances(policies: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """Return how far each seed is from uniform play at each record, ``(seeds, records)``: the largest difference of a probability."""
    parts = [np.abs(policies[:, :, i, 0, :count] - 1 / count).max(axis=-1) for i, count in enumerate(counts)]
    return np.max(parts, axis=0)


def late_of(distances: np.ndarray) -> np.ndarray:
    """Return each seed's largest distance at the last half of the records."""
    return distances[:, distances.shape[1] // 2 :].max(axis=1)


def _matrix_game(lab: Lab, name: str) -> None:
    game, title = load_game(name), name.replace("_", " ")
    steps, reached = lab.size(10**7, 10**6, least=200), {}
    records = np.union1d(np.geomspace(max(1, steps // 1000), steps, 80).astype(int), evenly(steps, 120)).tolist()
    for kind, learner in climbers(20_000.0, STEP_SIZE).items():
        lab.stage(f"{title}, {kind}", 0.05)
        run = lab.learn(game, learner, steps=steps, records=records, policy_states=[0])
        distances = _distances(np.asarray(run.policies), game.num_actions)
        reached[kind] = distances
        lab.row(f"{title}: {kind}, distance at the end", distances[:, -1], exact=0.0, note=f"After {steps:,} steps, as all of these.")
        lab.row(f"{title}: {kind}, largest late distance", late_of(distances), exact=0.0, note="At the last half of the records.")
        lab.keep(**{f"{name}/{kind}": np.asarray(run.policies)[0, :, :, 0]})
    lab.claim(f"{title}: WoLF-PHC ends within {NEAR} of the equilibrium in every seed", reached["WoLF-PHC"][:, -1].max() < NEAR)
    lab.claim(
        f"{title}: PHC does not: it is further than {NEAR} away late in every seed",
        late_of(reached["PHC"]).min() > NEAR,
    )


def _three_players(lab: Lab) -> None:
    game, steps = load_game("jordan"), lab.size(10**7, 10**6, least=200)
    ends: dict[float, np.ndarray] = {}
    for ratio in (2.0, 3.0):
        lab.stage(f"three players, ratio {ratio:g}", 0.05)
        run = lab.learn(game, climbers(20_000.0, STEP_SIZE, ratio)["WoLF-PHC"], steps=steps, records=50, policy_states=[0])
        distances = _distances(np.asarray(run.policies), game.num_actions)
        lab.row(f"three players' pennies: WoLF-PHC, losing {ratio:g} times as fast", distances[:, -1], exact=0.0, note=_NOTES["three"])
        ends[ratio] = distances[:, -1]
    lab.claim(
        f"three players' pennies: WoLF-PHC ends within {NEAR} if it loses three times as fast as it wins, not if twice as fast",
        ends[3.0].max() < NEAR < ends[2.0].min(),
    )


_NOTES = {
    "three": "Jordan's game, whose only equilibrium is uniform; distance at the end.",
    "grid": "Of the two players at the start. 1: one goes through the middle, the other up; 0: alike, as in the mixed equilibrium.",
    "soccer": "Player A's share of all goals against the exact best response, of games that end with a goal.",
}


def _small(kind: str) -> Any:
    """Return a learner of games with many states, where rates fall with visits of the state."""
    values = Schedule.by_visits(start=0.1, scale=10**5)
    slow, fast = Schedule.by_visits(start=0.001, scale=10**4), Schedule.by_visits(start=0.004, scale=10**4)
    if kind == "minimax-Q":
        return MinimaxQ(Schedule.exponential(1.0, 0.01, WON_STEPS), exploration=0.2, initial=1.0)
    if kind == "WoLF-PHC":
        return WoLFPHC(step_size=values, delta_win=slow, delta_lose=fast, exploration=EXPLORATION)
    return PHC(step_size=values, delta=fast if kind == "PHC" else slow, exploration=EXPLORATION)


def _grid(lab: Lab) -> None:
    game, steps = load_game("grid_game_2"), lab.size(10**7, 10**6, least=200)
    start = int(np.argmax(game.start))
    for kind in ("WoLF-PHC", "PHC"):
        lab.stage(f"grid game 2, {kind}", 0.1)
        run = lab.learn(game, _small(kind), steps=steps, records=20, policy_states=[start])
        lab.row(f"grid game 2: {kind}, gap at the start", run.trace["start_gap"][:, -1], exact=0.0)
        side = [abs(profile[0][start, 1] - profile[1][start, 0]) for profile in run.profiles]
        lab.row(
            f"grid game 2: {kind}, difference of P(middle)",
            side,
            note=_NOTES["grid"],
        )


def _soccer(lab: Lab) -> None:
    game, drawn = until_goal(pitch_of_soccer()), soccer(draw=DRAW)
    steps, won = lab.size(10**7, WON_STEPS, least=200), {}
    for kind in ("WoLF-PHC", "PHC", "PHC, slow", "minimax-Q"):
        lab.stage(f"soccer, {kind}", 0.1)
        run = lab.learn(game, _small(kind), steps=steps if kind != "minimax-Q" else min(steps, WON_STEPS), records=1)
        shares = []
        for profile in run.profiles:
            answer = best_response(game, profile, 1).policy
            pair = (profile[0][: drawn.num_states], answer[: drawn.num_states])
            shares.append(exact_goals(drawn, pair).share)
        won[kind] = np.nan_to_num(np.array(shares))
        lab.row(f"soccer: {kind} v best response: won, %", shares, note=_NOTES["soccer"])
    lab.keep(**{f"soccer/{kind}": shares for kind, shares in won.items()})
    lab.claim(
        "soccer: in the median seed WoLF-PHC wins more against its best response than PHC at the fast rate",
        np.median(won["WoLF-PHC"]) > np.median(won["PHC"]),
    )


# ---- the plot ------------------------------------------------------------------------------------------------------


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return the trajectories of one seed in both matrix games."""
    return [partial(_square, data), partial(_triangle, data)]


def _square(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import INK, dress_curves

    for index, kind in enumerate(("PHC", "WoLF-PHC")):
        path = data[f"matching_pennies/{kind}"][:, :, 0]
        _trajectory(ax, path[:, 0], path[:, 1], index, kind)
    ax.plot([0.5], [0.5], "+", color=INK, markersize=14, label="equilibrium")
    dress_curves(ax, "Matching pennies, one seed", "P(heads), player 1", "P(heads), player 2")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_aspect("equal")
    ax.legend(loc="upper right")


def _triangle(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import GREY, INK, dress_board

    height = math.sqrt(0.75)
    ax.plot([0, 1, 0.5, 0], [0, 0, height, 0], color=GREY, linewidth=1.2)
    for x, y, name, align in ((0, -0.05, "rock", "center"), (1, -0.05, "paper", "center"), (0.5, height + 0.03, "scissors", "center")):
        ax.text(x, y, name, ha=align, va="center")
    for index, kind in enumerate(("PHC", "WoLF-PHC")):
        path = data[f"rock_paper_scissors/{kind}"][:, 0]
        _trajectory(ax, path[:, 1] + path[:, 2] / 2, path[:, 2] * height, index, f"{kind}, player 1")
    ax.plot([0.5], [height / 3], "+", color=INK, markersize=14, label="equilibrium")
    dress_board(ax, "Rock, paper, scissors, one seed")
    ax.legend(loc="upper right")


def _trajectory(ax: Axes, x: np.ndarray, y: np.ndarray, index: int, label: str) -> None:
    """Draw a path and where it ends."""
    from gametheory_rl.plots._style import INK, MARKERS, colour

    ax.plot(x, y, color=colour(index), linestyle=("--", "-")[index], linewidth=1.3, alpha=0.85, label=label)
    ax.plot(x[-1:], y[-1:], MARKERS[index], color=colour(index), markeredgecolor=INK, markersize=9)


PAPER = Paper(
    title="WoLF-PHC and PHC: matching pennies, rock-paper-scissors, three players, a grid game, soccer",
    source='M. Bowling, M. Veloso, "Multiagent learning using a variable learning rate", Artificial Intelligence 136, 2002, section 5',
    experiment=experiment,
    panels=panels,
    minutes=5.0,
)
