"""Mean-field Q on a population: what one agent does in its turn, and sweeps over all of them.

``_population_loop.play_readably`` is the same, written to be read.
"""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, kernel
from gametheory_rl._support._streams_kernels import uniform
from gametheory_rl.learners._borrow_kernels import borrow
from gametheory_rl.learners._schedule_kernels import rate, slow_exp

IN_TURN, TOGETHER, STALE = 0, 1, 2
"""One agent after the other; all at once, and learning about the mean action they then meet; or about the one they acted on."""


class Crowd(NamedTuple):
    """A population game as the loop reads it; read-only, shared by all seeds."""

    neighbours: np.ndarray
    """``[N, K]`` int64, K = 0 where agents meet the crowd."""
    places: np.ndarray
    """``[A]`` int64: what a neighbour's action adds to the number of the mean action."""
    rewards: np.ndarray
    """``[bins, A]`` on a network, where the mean action says it all; else ``[0, A]``."""
    load: np.ndarray
    """``[D, A]`` int64"""
    kinds: np.ndarray
    """``[A]`` int64"""
    payoff: np.ndarray
    """``[A, X + 1]``"""
    parts: np.ndarray
    """``[D]`` int64: intervals of each load"""
    tops: np.ndarray
    """``[D]`` int64: how many loads of the others there are"""
    strides: np.ndarray
    """``[D]`` int64"""
    start: np.ndarray
    """``[A]`` running sums of the distribution of first actions; the last is 1."""
    discount: float
    turns: np.ndarray
    """``[N]`` int64: the agents in the order of their turns; on a network by colours, and no two of one colour are neighbours."""
    breaks: np.ndarray
    """``[C + 1]`` int64: where the turns of each colour begin."""
    around: np.ndarray
    """``[K, N]`` uint32: the neighbours' turns by turn; ``[0, 0]`` where ``sweep_by_colour`` is of no use."""


class MeanFieldTables(NamedTuple):
    """One seed of mean-field Q. ``types`` is 1 where the agents share a table, else N."""

    q: np.ndarray
    """``[types, bins, A]``"""
    policy: np.ndarray
    """``[types, bins, A]`` the Boltzmann policy of ``q``."""
    counts: np.ndarray
    """``[types, bins, A]`` int64: updates of each entry."""
    temperature: float
    step_size: tuple[float, float, float, float, float]
    update: int
    """``IN_TURN``, ``TOGETHER`` or ``STALE``"""
    sampled: bool


class Members(NamedTuple):
    """Where everybody stands; the loop writes to it."""

    actions: np.ndarray
    """``[N]`` int64"""
    totals: np.ndarray
    """``[D]`` int64: the loads"""
    users: np.ndarray
    """``[A]`` int64: how many play each action"""
    met: np.ndarray
    """``[N]`` int64: the mean action of each agent's last turn, -1 before its first."""
    earned: np.ndarray
    """``[N]``: its last reward"""
    tally: np.ndarray
    """``[2]`` int64, since the last record: sweeps, and the users of the most frequent action, summed over sweeps."""
    income: np.ndarray
    """``[1]`` since the last record: rewards, summed over agents and sweeps."""


@fused_kernel
def bin_of(crowd, members, i):
    """Return the number of the mean action that agent ``i`` meets."""
    found = np.int64(0)
    for k in range(crowd.neighbours.shape[1]):
        found += crowd.places[members.actions[crowd.neighbours[i, k]]]
    for d in range(len(crowd.tops)):
        others = members.totals[d] - crowd.load[d, members.actions[i]]
        found += crowd.strides[d] * (others * crowd.parts[d] // crowd.tops[d])
    return found


@fused_kernel
def reward_of(crowd, members, i, met, action):
    """Return what agent ``i`` earns by ``action`` while the others stay; ``met`` is the number of their mean action."""
    if len(crowd.tops) == 0:
        return crowd.rewards[met, action]
    d = crowd.kinds[action]
    return crowd.payoff[action, members.totals[d] - crowd.load[d, members.actions[i]] + crowd.load[d, action]]


@fused_kernel
def draw(policy, u):
    """Return the action that ``u`` in [0, 1) draws: never one of weight zero, but for rounding at the end."""
    chosen, total = 0, policy[0]
    while chosen < len(policy) - 1 and total <= u:
        chosen += 1
        total += policy[chosen]
    return chosen


@fused_kernel
def move(crowd, members, i, action):
    """Let agent ``i`` play ``action``; modifies ``members``."""
    old = members.actions[i]
    members.users[old] -= 1
    members.users[action] += 1
    for d in range(len(crowd.tops)):
        members.totals[d] += crowd.load[d, action] - crowd.load[d, old]
    members.actions[i] = action


@fused_kernel
def learn_entry(tables, kind, met, action, target):
    """Move an entry towards ``target``, and the policy with it."""
    visits = tables.counts[kind, met, action]
    tables.counts[kind, met, action] = visits + 1
    old = tables.q[kind, met, action]
    if target != old:
        tables.q[kind, met, action] = old + rate(tables.step_size, 0, visits) * (target - old)
        be_boltzmann(tables.q[kind, met], tables.temperature, tables.policy[kind, met])


@kernel
def be_boltzmann(q, temperature, policy):
    """Fill ``policy`` with the weights exp(q / temperature), normalised."""
    best = q[0]
    for a in range(1, len(q)):
        best = q[a] if q[a] > best else best
    total = 0.0
    for a in range(len(q)):
        policy[a] = slow_exp((q[a] - best) / temperature)
        total += policy[a]
    for a in range(len(q)):
        policy[a] /= total


@fused_kernel
def look_back(crowd, members, tables, kind, i, met, coming):
    """Learn from the turn before of agent ``i``, now that it is known which mean action came next; where the future counts."""
    if crowd.discount > 0.0 and members.met[i] >= 0:
        future = 0.0
        if tables.sampled:
            future = tables.q[kind, met, coming]
        else:
            for a in range(tables.q.shape[2]):
                future += tables.policy[kind, met, a] * tables.q[kind, met, a]
        learn_entry(tables, kind, members.met[i], members.actions[i], members.earned[i] + crowd.discount * future)


@fused_kernel
def take_in(crowd, members, tables, kind, i, met, action, reward):
    """Learn from a reward at once where there is no future, else keep it for the next turn."""
    members.income[0] += reward
    if crowd.discount > 0.0:
        members.met[i], members.earned[i] = met, reward
    else:
        learn_entry(tables, kind, met, action, reward)


@fused_kernel
def count_sweep(members):
    """Add the sweep's order to the tally."""
    most = members.users[0]
    for a in range(1, len(members.users)):
        most = max(most, members.users[a])
    members.tally[0] += 1
    members.tally[1] += most


@kernel
def first_actions(crowd, members, key):
    """Draw everybody's first action; agent i owns number -1 - i of the stream."""
    for i in range(len(members.actions)):
        u, chosen = uniform(key, -1 - i), 0
        while u >= crowd.start[chosen]:
            chosen += 1
        members.actions[i] = chosen
        members.users[chosen] += 1
        for d in range(len(crowd.tops)):
            members.totals[d] += crowd.load[d, chosen]


@kernel
def sweep_in_turn(tables, crowd, members, key, first, last):
    """Take the sweeps ``[first, last)``: one agent after the other sees the others' actions of now, and acts.

    Modifies the arrays of ``tables`` and ``members``. The k-th turn of sweep t owns number t N + k of the stream.
    """
    tables, crowd, members = borrow((tables, crowd, members))
    agents = len(members.actions)
    for sweep in range(first, last):
        for k in range(agents):
            i = crowd.turns[k]
            kind = i if len(tables.q) > 1 else 0
            met = bin_of(crowd, members, i)
            action = draw(tables.policy[kind, met], uniform(key, sweep * agents + k))
            look_back(crowd, members, tables, kind, i, met, action)
            reward = reward_of(crowd, members, i, met, action)
            move(crowd, members, i, action)
            take_in(crowd, members, tables, kind, i, met, action, reward)
        count_sweep(members)


@kernel
def sweep_together(tables, crowd, members, key, first, last):
    """Take the sweeps ``[first, last)``: all act at once on the actions of the sweep before, then all are paid.

    Modifies the arrays of ``tables`` and ``members``. Agent i in sweep t owns number t N + i of the stream.
    """
    tables, crowd, members = borrow((tables, crowd, members))
    agents = len(members.actions)
    chosen, seen = np.empty(agents, np.int64), np.empty(agents, np.int64)
    for sweep in range(first, last):
        for i in range(agents):
            kind = i if len(tables.q) > 1 else 0
            seen[i] = bin_of(crowd, members, i)
            chosen[i] = draw(tables.policy[kind, seen[i]], uniform(key, sweep * agents + i))
        for i in range(agents):
            kind = i if len(tables.q) > 1 else 0
            look_back(crowd, members, tables, kind, i, seen[i], chosen[i])
        for i in range(agents):
            move(crowd, members, i, chosen[i])
        for i in range(agents):
            kind = i if len(tables.q) > 1 else 0
            now = bin_of(crowd, members, i)
            reward = reward_of(crowd, members, i, now, chosen[i])
            take_in(crowd, members, tables, kind, i, seen[i] if tables.update == STALE else now, chosen[i], reward)
        count_sweep(members)
