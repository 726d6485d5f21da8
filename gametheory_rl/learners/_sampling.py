"""Where a learner's samples come from: its own play, or a way of playing that is put in its place.

A rule's update is the same whatever the source, so the loop needs one thing more than on-policy: a coin for each player that decides
whether a uniformly random legal action replaces the one that its policy draws. A generative model is a game that restarts, from
any state with equal chance, after every single step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.learners._checks import menus, padded_legal
from gametheory_rl.learners._loop_kernels import World
from gametheory_rl.learners._schedules import Schedule

ON_POLICY, EPSILON_GREEDY, UNIFORM, GENERATIVE = SAMPLINGS = ("on_policy", "epsilon_greedy", "uniform", "generative")
"""Names that ``learn`` takes."""


def checked_sampling(sampling: Any, learner: Any, horizon: int | None) -> str:
    """Return the name of a sampling, on-policy for None; refuses what does not go with the learner or the horizon."""
    if sampling is None:
        return ON_POLICY
    if not isinstance(sampling, str):
        raise GameError(f"sampling is {sampling!r}, one of {', '.join(SAMPLINGS)} was expected")
    if sampling not in SAMPLINGS:
        raise UnknownNameError("sampling", sampling, SAMPLINGS)
    if sampling != ON_POLICY and not getattr(learner, "off_policy", True):
        raise GameError(f"{type(learner).__name__} learns from its own play alone: leave out sampling={sampling!r}")
    if sampling == GENERATIVE and horizon is not None:
        raise GameError(f"horizon is {horizon}, but a generative model draws the state of every step anew: leave it out")
    return sampling


def sampled(world: World, sampling: str, legal: Sequence[np.ndarray], tables: Any) -> World:
    """Return ``world`` as ``sampling`` walks it; the coin of ``epsilon_greedy`` is the exploration in ``tables``."""
    if sampling == ON_POLICY:
        return world
    require_memory((2, len(legal), *max(mask.shape for mask in legal)), "the menus of legal actions", "give a smaller game")
    menu, sizes = menus(padded_legal(legal))
    always = Schedule.constant(1.0).floats
    world = world._replace(steered=True, menu=menu, sizes=sizes, coin=tables.play.exploration if sampling == EPSILON_GREEDY else always)
    if sampling != GENERATIVE:
        return world
    states = np.flatnonzero(~world.terminal) if not world.terminal.all() else np.arange(len(world.terminal))
    cumulative = np.arange(1, len(states) + 1) / len(states)
    return world._replace(start_states=states, start_cumulative=cumulative, horizon=1)


def quiet(tables: Any) -> Any:
    """Return ``tables``, the same arrays, of a learner that does not explore by itself."""
    return tables._replace(play=tables.play._replace(exploration=Schedule.constant(0.0).floats))
