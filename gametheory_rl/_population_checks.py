"""The door of a population game: its parts checked one by one."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory_rl._game_checks import numbers, whole_numbers
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

MOST_AGENTS = 10**8
MOST_LOAD = 2**40


def finite(value: Any, what: str) -> np.ndarray:
    """Return ``value`` as finite float64."""
    array = numbers(value, what)
    if not np.isfinite(array).all():
        raise GameError(f"{what} holds {array[~np.isfinite(array)][0]}, finite numbers were expected")
    return array


def checked_neighbours(neighbours: Any) -> np.ndarray:
    """Return ``(N, K)`` int64: N at least 2, K at least 1, nobody its own neighbour."""
    table = whole_numbers(neighbours, "neighbours")
    if table.ndim != 2 or len(table) < 2 or not table.shape[1]:
        raise GameError(f"neighbours has shape {table.shape}, two agents or more with as many neighbours each were expected")
    count = len(table)
    if not ((table >= 0) & (table < count)).all():
        agent, place = (int(i) for i in np.argwhere((table < 0) | (table >= count))[0])
        raise GameError(f"neighbours of agent {agent} hold {table[agent, place]}, agents from 0 to {count - 1} were expected")
    alone = (table == np.arange(count)[:, np.newaxis]).any(axis=1)
    if alone.any():
        raise GameError(f"agent {int(np.flatnonzero(alone)[0])} is its own neighbour, others were expected")
    return table


def checked_load(load: Any, agents: Any) -> tuple[int, np.ndarray]:
    """Return the number of agents, and loads ``(A, A)`` or ``(1, A)`` int64."""
    try:
        count = operator.index(agents)
    except TypeError:
        count = -1
    if isinstance(agents, bool) or not 2 <= count <= MOST_AGENTS:
        raise GameError(f"agents is {agents!r}, an integer from 2 to {MOST_AGENTS} was expected")
    table = np.atleast_2d(whole_numbers(load, "load"))
    if table.ndim != 2 or not table.size or len(table) not in (1, table.shape[1]):
        raise GameError(f"load has shape {table.shape}, one row for all actions or a row for each was expected")
    if table.min() < 0 or not 0 < table.max() <= MOST_LOAD // count:
        raise GameError(f"load lies in [{table.min()}, {table.max()}], from 0 to {MOST_LOAD // count} was expected, and not 0 throughout")
    require_memory((table.shape[1], count * int(table.max()) + 1), "payoffs by load", "give fewer agents or smaller loads")
    return count, table


def checked_start(start: Any, count: int) -> np.ndarray:
    """Return ``(A,)`` probabilities."""
    if start is None:
        return np.full(count, 1.0 / count)
    weights = finite(start, "start")
    if weights.shape != (count,) or (weights < 0).any() or abs(weights.sum() - 1) > 1e-8:
        raise GameError(f"start is {weights.tolist()}, {count} probabilities that sum to 1 were expected")
    return weights / weights.sum()


def checked_names(names: Any, count: int) -> tuple[str, ...]:
    """Return the actions' names: none, or one each."""
    if isinstance(names, str) or not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise GameError(f"actions is {names!r}, a list of names was expected")
    if len(names) not in (0, count):
        raise GameError(f"actions has {len(names)} names, {count} were expected")
    return tuple(names)


def checked_agents(actions: Any, agents: int, count: int) -> np.ndarray:
    """Return everybody's action ``(N,)`` int64."""
    given = whole_numbers(actions, "actions")
    if given.shape != (agents,):
        raise GameError(f"actions has shape {given.shape}, {(agents,)} was expected: one an agent")
    if not ((given >= 0) & (given < count)).all():
        raise GameError(f"actions lie in [{given.min()}, {given.max()}], from 0 to {count - 1} was expected")
    return given
