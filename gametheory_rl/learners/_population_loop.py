"""The loop over a population, to be read; its compiled twin in ``_mean_field_q_kernels`` gives the same bits."""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np

from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._streams_kernels import uniform
from gametheory_rl.learners import _mean_field_q_kernels as loop
from gametheory_rl.learners._colour_kernels import colour, sweep_by_colour
from gametheory_rl.learners._schedule_kernels import rate, slow_exp

FEW_ENTRIES, LONG_TURNS = 64, 16
"""Sweeps go by colours where a table has so few entries, and a colour so many agents on average."""


class PopulationSeed(NamedTuple):
    """All that one seed's run consists of, apart from the sweep it is at."""

    tables: loop.MeanFieldTables
    members: loop.Members
    key: np.uint64


def crowd_of(game: PopulationGame, levels: int) -> loop.Crowd:
    """Return ``game`` as the loop reads it."""
    parts, tops, strides = game.scales(levels)
    counted = not game.is_network
    start = game.start.cumsum()
    start[np.flatnonzero(game.start)[-1] :] = 1.0
    turns, breaks = _turns(game)
    rewards = np.zeros((0, game.num_actions)) if counted else _rewards(game)
    by_colour = not counted and game.discount == 0 and rewards.size <= FEW_ENTRIES and len(turns) >= LONG_TURNS * (len(breaks) - 1)
    return loop.Crowd(
        neighbours=game.neighbours,
        places=np.zeros(0, np.int64) if counted else np.append(0, strides),
        rewards=rewards,
        load=game.load,
        kinds=game.kinds,
        payoff=game.payoff,
        parts=parts if counted else parts[:0],
        tops=tops if counted else tops[:0],
        strides=strides if counted else strides[:0],
        start=start,
        discount=game.discount,
        turns=turns,
        breaks=breaks,
        around=np.ascontiguousarray(turns.argsort()[game.neighbours[turns]].T, np.uint32) if by_colour else np.zeros((0, 0), np.uint32),
    )


def _turns(game: PopulationGame) -> tuple[np.ndarray, np.ndarray]:
    """Return the agents in the order of their turns ``(N,)``, and where each colour begins; one each where colours run out."""
    agents = game.num_agents
    colours = np.zeros(agents, np.int64)
    count = colour(game.neighbours, colours, np.zeros(agents, np.int64)) if game.is_network else 0
    if count == 0:
        return np.arange(agents), np.arange(agents + 1)
    return colours.argsort(kind="stable"), np.append(0, np.bincount(colours, minlength=count).cumsum())


def _rewards(game: PopulationGame) -> np.ndarray:
    """Return ``(bins, A)``: what each action earns when so many neighbours play actions 1, 2, ..., the rest action 0."""
    degree, others = game.num_neighbours, game.num_actions - 1
    require_memory((2 * (degree + 1) ** others, game.num_actions), "rewards by mean action", "give fewer neighbours or actions")
    # The first count varies fastest, as in PopulationGame.scales.
    points = [tuple(reversed(point)) for point in product(range(degree + 1), repeat=others)]
    counts = np.array(points, np.int64).reshape(len(points), others)
    return game.own + np.column_stack([degree - counts.sum(axis=1), counts]) @ game.pair.T


def fresh_seed(tables: loop.MeanFieldTables, game: PopulationGame, crowd: loop.Crowd, key: np.uint64) -> PopulationSeed:
    """Return a seed in which everybody has drawn its first action."""
    members = loop.Members(
        actions=np.zeros(game.num_agents, np.int64),
        totals=np.zeros(len(crowd.tops), np.int64),
        users=np.zeros(game.num_actions, np.int64),
        met=np.full(game.num_agents, -1),
        earned=np.zeros(game.num_agents),
        tally=np.zeros(2, np.int64),
        income=np.zeros(1),
    )
    loop.first_actions(crowd, members, key)
    return PopulationSeed(tables, members, key)


def play(seed: PopulationSeed, crowd: loop.Crowd, first: int, last: int) -> None:
    """Take the sweeps ``[first, last)``, compiled; modifies the seed's arrays."""
    sweep = sweep_by_colour if _by_entry(seed.tables, crowd) else loop.sweep_in_turn
    if seed.tables.update != loop.IN_TURN:
        sweep = loop.sweep_together
    sweep(seed.tables, crowd, seed.members, seed.key, first, last)


# ---- the same, to be read ------------------------------------------------------------------------------------------


def play_readably(seed: PopulationSeed, crowd: loop.Crowd, first: int, last: int) -> None:
    """Take the sweeps ``[first, last)`` in plain Python; modifies the seed's arrays."""
    tables, members, key = seed
    agents = len(members.actions)
    for sweep in range(first, last):
        draws = [uniform(key, sweep * agents + i) for i in range(agents)]
        if tables.update != loop.IN_TURN:
            _all_at_once(tables, crowd, members, draws)
        else:
            _one_after_another(tables, crowd, members, draws)
        members.tally[:] += 1, members.users.max()


def _by_entry(tables: loop.MeanFieldTables, crowd: loop.Crowd) -> bool:
    """Whether a sweep's income is added up by entries, times hit by payoff, rather than turn by turn: rounding tells the two apart."""
    return tables.update == loop.IN_TURN and crowd.around.size > 0 and len(tables.q) == 1


def _one_after_another(tables: loop.MeanFieldTables, crowd: loop.Crowd, members: loop.Members, draws: list[float]) -> None:
    before, hits = members.income[0], np.zeros(crowd.rewards.shape, np.int64)
    for i, u in zip(crowd.turns.tolist(), draws, strict=True):
        met = _bin(crowd, members, i)
        action = _choose(tables, i, met, u)
        _look_back(tables, crowd, members, i, met, action)
        reward = _reward(crowd, members, i, met, action)
        _move(crowd, members, i, action)
        _take_in(tables, crowd, members, i, met, action, reward)
        if len(hits):
            hits[met, action] += 1
    if _by_entry(tables, crowd):
        members.income[0] = before + sum((hits * crowd.rewards).ravel().tolist())


def _all_at_once(tables: loop.MeanFieldTables, crowd: loop.Crowd, members: loop.Members, draws: list[float]) -> None:
    seen = [_bin(crowd, members, i) for i in range(len(draws))]
    chosen = [_choose(tables, i, met, draws[i]) for i, met in enumerate(seen)]
    for i, met in enumerate(seen):
        _look_back(tables, crowd, members, i, met, chosen[i])
    for i, action in enumerate(chosen):
        _move(crowd, members, i, action)
    for i, (met, action) in enumerate(zip(seen, chosen, strict=True)):
        now = _bin(crowd, members, i)
        reward = _reward(crowd, members, i, now, action)
        _take_in(tables, crowd, members, i, met if tables.update == loop.STALE else now, action, reward)


def _bin(crowd: loop.Crowd, members: loop.Members, i: int) -> int:
    if len(crowd.rewards):
        return int(crowd.places[members.actions[crowd.neighbours[i]]].sum())
    others = members.totals - crowd.load[:, members.actions[i]]
    return int(np.sum(crowd.strides * (others * crowd.parts // crowd.tops)))


def _choose(tables: loop.MeanFieldTables, i: int, met: int, u: float) -> int:
    edges = tables.policy[_kind(tables, i), met].cumsum()[:-1]
    return int(np.searchsorted(edges, u, side="right"))


def _reward(crowd: loop.Crowd, members: loop.Members, i: int, met: int, action: int) -> Any:
    if len(crowd.rewards):
        return crowd.rewards[met, action]
    d = crowd.kinds[action]
    return crowd.payoff[action, members.totals[d] - crowd.load[d, members.actions[i]] + crowd.load[d, action]]


def _move(crowd: loop.Crowd, members: loop.Members, i: int, action: int) -> None:
    old = members.actions[i]
    members.users[old] -= 1
    members.users[action] += 1
    members.totals[:] += crowd.load[:, action] - crowd.load[:, old]
    members.actions[i] = action


def _look_back(tables: loop.MeanFieldTables, crowd: loop.Crowd, members: loop.Members, i: int, met: int, coming: int) -> None:
    if crowd.discount == 0 or members.met[i] < 0:
        return
    kind, future = _kind(tables, i), 0.0
    if tables.sampled:
        future = tables.q[kind, met, coming]
    else:
        for weight, value in zip(tables.policy[kind, met], tables.q[kind, met], strict=True):
            future += weight * value
    _learn(tables, kind, members.met[i], members.actions[i], members.earned[i] + crowd.discount * future)


def _take_in(tables: loop.MeanFieldTables, crowd: loop.Crowd, members: loop.Members, i: int, met: int, action: int, reward: Any) -> None:
    members.income[0] += reward
    if crowd.discount > 0:
        members.met[i], members.earned[i] = met, reward
    else:
        _learn(tables, _kind(tables, i), met, action, reward)


def _learn(tables: loop.MeanFieldTables, kind: int, met: int, action: int, target: float) -> None:
    entry = (kind, met, action)
    step = rate(tables.step_size, 0, int(tables.counts[entry]))
    tables.counts[entry] += 1
    if target != tables.q[entry]:
        tables.q[entry] += step * (target - tables.q[entry])
        weights = [slow_exp((value - tables.q[kind, met].max()) / tables.temperature) for value in tables.q[kind, met]]
        tables.policy[kind, met] = np.array(weights) / sum(weights)


def _kind(tables: loop.MeanFieldTables, i: int) -> int:
    return i if len(tables.q) > 1 else 0
