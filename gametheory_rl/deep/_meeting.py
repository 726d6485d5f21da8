"""Who meets whom in a crowd, and in which order agents answer one another: fixed before anything is compiled."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import index
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError

Graph = tuple[tuple[int, ...], ...]


class Meeting(NamedTuple):
    """Whom each agent meets, and when it answers."""

    neighbours: np.ndarray | None
    """``[n, K]`` int, filled up with n; None: everybody of the own team"""
    teams: np.ndarray
    """``[n]`` int"""
    members: np.ndarray
    """``[teams, n]`` float32: 1 where the agent is of the team"""
    turns: np.ndarray
    """``[T, W]`` int, filled up with n: who answers in each turn of a sweep"""
    sizes: np.ndarray
    """``[n]`` int: how many each agent meets while all live, at least 1"""


@lru_cache(maxsize=64)
def meeting_of(agents: int, neighbours: Graph, teams: tuple[int, ...], in_turn: bool) -> Meeting:
    """Return who meets whom; ``in_turn``: no two agents who meet answer in the same turn."""
    table = padded(neighbours, agents) if neighbours else None
    team = np.array(teams) if teams else np.zeros(agents, int)
    members = (np.arange(team.max() + 1)[:, np.newaxis] == team).astype(np.float32)
    if not in_turn:
        turns = [list(range(agents))]
    else:
        turns = colours(neighbours) if neighbours else teams_in_turn(team)
    sizes = np.array([len(row) for row in neighbours]) if neighbours else members.sum(axis=1).astype(int)[team] - 1
    return Meeting(table, team, members, padded(turns, agents), np.maximum(sizes, 1))


def padded(rows: Sequence[Sequence[int]], fill: int) -> np.ndarray:
    """Return rows of unequal lengths as one array."""
    table = np.full((len(rows), max(map(len, rows))), fill)
    for k, row in enumerate(rows):
        table[k, : len(row)] = row
    return table


def colours(neighbours: Graph) -> list[list[int]]:
    """Return agents by colours, so that no two of a colour meet, in either direction: greedily, in the order in which they are reached."""
    near: list[set[int]] = [set(row) for row in neighbours]
    for agent, row in enumerate(neighbours):
        for other in row:
            near[other].add(agent)
    colour: dict[int, int] = {}
    for root in range(len(near)):
        queue = [root] if root not in colour else []
        for agent in queue:  # grows as it goes: along edges, two colours suffice wherever they do
            if agent in colour:
                continue
            taken = {colour[other] for other in near[agent] if other in colour}
            colour[agent] = next(k for k in range(len(near)) if k not in taken)
            queue.extend(sorted(other for other in near[agent] if other not in colour))
    return [[agent for agent in range(len(near)) if colour[agent] == k] for k in range(max(colour.values()) + 1)]


def teams_in_turn(team: np.ndarray) -> list[list[int]]:
    """Return turns of one agent of each team: teams do not hear one another."""
    own = [np.flatnonzero(team == k).tolist() for k in range(team.max() + 1)]
    return [[agents[turn] for agents in own if turn < len(agents)] for turn in range(max(map(len, own)))]


def checked_graph(neighbours: Any) -> Graph:
    """Return a graph of tuples; one with a hole is refused."""
    try:
        graph = tuple(tuple(_whole(other) for other in row) for row in neighbours)
    except (TypeError, ValueError):
        shown = " ".join(repr(neighbours).split())[:80]
        raise GameError(f"neighbours is {shown}, a list of neighbours, whole numbers, for each agent was expected") from None
    for agent, row in enumerate(graph):
        if not row:
            raise GameError(f"agent {agent} has no neighbours, at least one was expected: its mean action would be of nobody")
        wrong = [other for other in row if not 0 <= other < len(graph) or other == agent]
        if wrong:
            raise GameError(f"neighbours of agent {agent} hold {wrong[0]}, other agents from 0 to {len(graph) - 1} were expected")
    return graph


def _whole(number: Any) -> int:
    if isinstance(number, bool | np.bool_):
        raise TypeError("a truth value counts nothing")
    return index(number)


# ---- means -----------------------------------------------------------------------------------------------------------


def totals_of(meeting: Meeting, messages: Array, alive: Array) -> Array:
    """Return each team's sums ``(teams, M)`` of what its living agents say."""
    return jnp.asarray(meeting.members) @ jnp.where(alive[:, jnp.newaxis], messages, 0.0)


def means_met(meeting: Meeting, messages: Array, totals: Array, alive: Array, rows: Array | np.ndarray) -> Array:
    """Return what agents ``rows`` ``(W,)`` hear, ``(W, M)``: the mean over the living whom they meet, zeros where there are none."""
    here = alive.astype(jnp.float32)
    said = messages * here[:, jnp.newaxis]
    if meeting.neighbours is not None:
        met = jnp.asarray(meeting.neighbours)[rows]
        said, here = jnp.pad(said, ((0, 1), (0, 0))), jnp.pad(here, (0, 1))
        return said[met].sum(axis=1) / jnp.maximum(here[met].sum(axis=1), 1.0)[:, jnp.newaxis]
    team = jnp.asarray(meeting.teams)[rows]
    others = (jnp.asarray(meeting.members) @ here)[team] - here[rows]
    return (totals[team] - said[rows]) / jnp.maximum(others, 1.0)[:, jnp.newaxis]
