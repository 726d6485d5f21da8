"""What phase portraits share: the paths that they draw, and the arrows of a dynamic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl._results import Run
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.plots._style import DASHES, GREY, colour

DYNAMICS = (
    "replicator",
    "best_response",
    "logit",
    "iga",
    "wolf_iga",
    "fictitious_play",
    "smooth_fictitious_play",
    "hedge",
    "optimistic_hedge",
    "extra_gradient",
    "regret_matching",
    "regret_matching_plus",
)
MOST_PATHS = 40
"""Paths of one object that are drawn; more would hide one another."""
_MOMENT = 0.05
"""Time over which a dynamic in continuous time is followed for an arrow."""
_ROUNDS = 2_000

Paths = Mapping[str, list[tuple[np.ndarray, ...]]]
"""Label -> paths, each one ``(records, A_i)`` array per player."""


def dynamic_of(dynamic: Any) -> Callable[..., Any] | None:
    """Return a dynamic by its name in ``equilibria.dynamics``, or a function with the same arguments, or None as it is."""
    if dynamic is None or callable(dynamic):
        return dynamic
    from gametheory_rl.equilibria import dynamics

    if dynamic not in DYNAMICS:
        raise UnknownNameError("dynamic", str(dynamic), DYNAMICS)
    return getattr(dynamics, str(dynamic))


def name_of(dynamic: Any) -> str:
    """Return what a dynamic is called in a title."""
    return str(getattr(dynamic, "__name__", dynamic)).replace("_", " ")


def field(dynamic: Callable[..., Any], payoffs: np.ndarray, starts: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Return where a dynamic moves from each start, one ``(K, A_i)`` array per player: over a moment, or a round of play.

    In rounds it is the average that moves: play itself may jump.
    """
    moved = _played(dynamic, payoffs, starts, (_MOMENT, 2), (2, [1, 2]))
    average = moved.step is None
    paths = moved.average_profiles if average else moved.profiles
    return tuple(path[..., -1, :] - path[..., 0, :] for path in paths)


def follow(dynamic: Callable[..., Any], payoffs: np.ndarray, starts: tuple[np.ndarray, ...], duration: float | None) -> Any:
    """Return the ``Trajectory`` of a dynamic from ``starts``; ``duration``: time or rounds, None: enough to see where it goes."""
    # Motion is fast at first: that is where most records are.
    early = np.linspace(0.0, 1.0, 500) ** 2
    time, rounds = float(duration or 60.0), int(duration or _ROUNDS)
    return _played(dynamic, payoffs, starts, (time, early * time), (rounds, np.unique(np.maximum(early * rounds, 1.0).astype(np.int64))))


def _played(
    dynamic: Callable[..., Any], payoffs: np.ndarray, starts: tuple[np.ndarray, ...], time: tuple[float, Any], rounds: tuple[int, Any]
) -> Any:
    """Run a dynamic; ``time`` and ``rounds``: how long, and which moments are kept."""
    (first, *others) = starts
    start: Any = starts if others else first
    if "steps" in signature(dynamic).parameters:
        return dynamic(payoffs, steps=rounds[0], start=start, records=rounds[1], progress=False)
    return dynamic(payoffs, duration=time[0], start=start, records=time[1], progress=False)


def paths_of(given: Any, actions: tuple[int, ...], state: int, *, average: bool) -> Paths:
    """Return the paths of trajectories and runs, by label.

    Parameters
    ----------
    given : Trajectory, Run, a sequence of these, or a mapping from labels to these
    actions : how many actions each player of the portrait has
    state : of a run's ``policy_states``, which, counted from 0
    average : whether averages of trajectories are drawn rather than play

    Raises
    ------
    GameError
        A run without policies, other numbers of actions, something else.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        items = [(str(label), each) for label, each in given.items()]
    else:
        items = [("", each) for each in (given if isinstance(given, Sequence) and not isinstance(given, str) else [given])]
    found: dict[str, list[tuple[np.ndarray, ...]]] = {}
    for number, (label, each) in enumerate(items):
        paths = _run_paths(each, state, len(actions)) if isinstance(each, Run) else _trajectory_paths(each, average=average)
        sizes = tuple(part.shape[-1] for part in paths[0]) if paths else ()
        if sizes != actions:
            raise GameError(
                f"paths[{number}] is of {' x '.join(map(str, sizes))} actions, the portrait's are {' x '.join(map(str, actions))}"
            )
        named = label or (str(each.settings.get("learner", "run")).replace("_", " ") if isinstance(each, Run) else f"paths {number + 1}")
        found[named if named not in found else f"{named} ({number + 1})"] = paths[:MOST_PATHS]
    return found


def _run_paths(run: Run, state: int, players: int) -> list[tuple[np.ndarray, ...]]:
    policies = run.policies
    if policies is None:
        raise GameError("the run kept no policies along its way: train with learn(..., policy_states=[state])")
    if not 0 <= state < policies.shape[3]:
        raise GameError(f"state is {state!r}, a place from 0 to {policies.shape[3] - 1} among the run's policy_states was expected")
    game_actions = [len(profile[0]) for profile in run.profile] if isinstance(run.profile, tuple) else [*run.profile.shape[1:]]
    if policies.shape[2] != players:
        raise GameError(f"the run has {policies.shape[2]} players, the portrait {players}")
    return [tuple(seed[:, i, state, : game_actions[i]] for i in range(players)) for seed in policies]


def _trajectory_paths(given: Any, *, average: bool) -> list[tuple[np.ndarray, ...]]:
    from gametheory_rl.equilibria.dynamics import Trajectory

    if not isinstance(given, Trajectory):
        raise GameError(f"paths holds {type(given).__name__}, a Trajectory of a dynamic or a Run was expected")
    parts = [part.reshape(-1, *part.shape[-2:]) for part in (given.average_profiles if average else given.profiles)]
    return list(zip(*parts, strict=True))


def draw_path(ax: Axes, points: np.ndarray, index: int, label: str) -> None:
    """Draw a path ``(records, 2)``: a hollow circle where it starts, an arrowhead on its way, a filled circle where it ends."""
    shade = colour(index)
    ax.plot(*points.T, color=shade, linestyle=DASHES[index % len(DASHES)], linewidth=1.8, zorder=4, label=label)
    ax.plot(*points[0], marker="o", markersize=6, markerfacecolor="white", markeredgecolor=shade, markeredgewidth=1.6, zorder=5)
    ax.plot(*points[-1], marker="o", markersize=7, color=shade, zorder=5)
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    if lengths.sum() < 0.05:
        return
    # The arrowhead stands after a third of the way, on a long way early enough to be seen alone.
    middle = int(np.searchsorted(np.cumsum(lengths), min(0.35 * lengths.sum(), 0.5)))
    before, after = points[max(0, middle - 1)], points[min(len(points) - 1, middle + 1)]
    ax.annotate("", after, before, arrowprops={"arrowstyle": "-|>", "color": shade, "lw": 1.8, "mutation_scale": 17}, zorder=5)


def draw_arrows(ax: Axes, points: np.ndarray, moves: np.ndarray, spacing: float) -> None:
    """Draw arrows ``moves`` (K, 2) at ``points`` (K, 2), the longest 0.9 of ``spacing``: slow ones are shorter, none is invisible."""
    speed = np.linalg.norm(moves, axis=1)
    most = speed.max(initial=0.0)
    moving = speed > 1e-9 * most
    if most <= 0.0 or not moving.any():
        return
    lengths = spacing * (0.35 + 0.55 * np.sqrt(speed[moving] / most))
    ahead = moves[moving] / speed[moving, np.newaxis] * lengths[:, np.newaxis]
    style: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1.0, "width": 0.0042, "headwidth": 4.4, "headlength": 4.8}
    ax.quiver(*points[moving].T, *ahead.T, color=GREY, alpha=0.85, zorder=2, pivot="middle", **style)
