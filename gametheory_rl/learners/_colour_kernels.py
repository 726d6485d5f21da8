"""Sweeps over a network by colours: agents of one colour are no neighbours, so none of them waits for another.

A turn needs the turns before it: whoever acts next to one that has just acted waits for it, and a processor idles. Agents take their
turns colour by colour, so that within a colour all can look at once; where nothing is left to learn the policy stands still, and a
turn is a few additions and one comparison. The numbers are those of one agent after the other.
"""

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel, kernel
from gametheory_rl._support._streams_kernels import uniform
from gametheory_rl.learners._borrow_kernels import borrow
from gametheory_rl.learners._mean_field_q_kernels import draw, learn_entry

MOST_COLOURS = 62
"""Bits of a mask."""
LANES = 4
"""Counters side by side: one that was just written is not read at once."""


@kernel
def colour(neighbours, colours, taken):
    """Give each agent the first colour that no agent has whom it meets or who meets it; returns how many, 0 where they run out.

    Modifies ``colours`` ``(N,)`` int64, and ``taken`` ``(N,)`` int64, zero at first: the colours that are no longer free, as bits.
    """
    agents, degree = neighbours.shape
    colours[:] = -1
    most = 0
    for i in range(agents):
        for k in range(degree):
            theirs = colours[neighbours[i, k]]
            if theirs >= 0:
                taken[i] |= 1 << theirs
        mine = 0
        while mine < MOST_COLOURS and taken[i] >> mine & 1:
            mine += 1
        if mine == MOST_COLOURS:
            return 0
        colours[i] = mine
        most = max(most, mine + 1)
        for k in range(degree):
            taken[neighbours[i, k]] |= 1 << mine
    return most


@kernel
def sweep_by_colour(tables, crowd, members, key, first, last):
    """Take the sweeps ``[first, last)`` over a network whose agents share a table, colour by colour; payoffs of now are all that counts.

    Modifies the arrays of ``tables`` and ``members``. The k-th turn of sweep t owns number t N + k of the stream.
    """
    tables, crowd, members = borrow((tables, crowd, members))
    agents, count = len(members.actions), tables.q.shape[2]
    entries = tables.q.shape[1] * count
    code, numbers, worth = np.empty(agents, np.uint32), np.empty(agents), np.empty(agents, np.uint32)
    edges, still_open, place = np.empty(entries), np.empty(entries, np.uint32), np.empty(entries, np.uint32)
    hits, booked = np.zeros((LANES, entries), np.int64), np.zeros(entries, np.int64)
    for e in range(entries):
        place[e] = crowd.places[e % count] * count
    for t in range(agents):
        worth[t] = place[members.actions[crowd.turns[t]]]
    learning = read_policy(tables, crowd, edges, still_open)
    for sweep in range(first, last):
        for t in range(agents):
            numbers[t] = uniform(key, sweep * agents + t)
        for c in range(len(crowd.breaks) - 1):
            low, high = crowd.breaks[c], crowd.breaks[c + 1]
            look(crowd.around, worth, edges, numbers, count, low, high, code)
            if learning and any_open(still_open, code, low, high):
                book(tables.counts, hits, booked, True)
                in_turn(tables, crowd, numbers, low, high, code)
                learning = read_policy(tables, crowd, edges, still_open)
                act(code, place, low, high, worth, hits)
                book(tables.counts, hits, booked, False)
            else:
                act(code, place, low, high, worth, hits)
        book(tables.counts, hits, booked, True)
        count_entries(crowd, members, hits, booked)
    for t in range(agents):
        members.actions[crowd.turns[t]] = code[t] % count if last > first else members.actions[crowd.turns[t]]


@fused_kernel
def look(around, worth, edges, numbers, count, low, high, code):
    """Fill ``code[low:high]`` with the entries, mean action and own action, that the turns ``[low, high)`` come to by the policy of now."""
    if len(around) == 4 and count == 2:
        # Of a torus with two actions: the length of the loops is known, which makes them twice as fast.
        one, two, three, four = around[0], around[1], around[2], around[3]
        for t in range(low, high):
            met = worth[one[t]] + worth[two[t]] + worth[three[t]] + worth[four[t]]
            code[t] = met + (1 if edges[met] <= numbers[t] else 0)
        return
    for t in range(low, high):
        met = np.uint64(0)
        for k in range(len(around)):
            met += worth[around[k, t]]
        entry = met
        for a in range(count - 1):
            entry += np.uint64(1 if edges[met + np.uint64(a)] <= numbers[t] else 0)
        code[t] = entry


@fused_kernel
def any_open(still_open, code, low, high):
    """Whether one of the entries ``code[low:high]`` would change the policy."""
    found = np.uint32(0)
    for t in range(low, high):
        found |= still_open[code[t]]
    return found > 0


@fused_kernel
def act(code, place, low, high, worth, hits):
    """Let the turns ``[low, high)`` play; modifies ``worth``, what each adds to its neighbours' mean action, and the tally ``hits``."""
    for t in range(low, high):
        worth[t] = place[code[t]]
    whole = low + (high - low) // LANES * LANES
    for t in range(low, whole, LANES):
        hits[0, code[t]] += 1
        hits[1, code[t + 1]] += 1
        hits[2, code[t + 2]] += 1
        hits[3, code[t + 3]] += 1
    for t in range(whole, high):
        hits[0, code[t]] += 1


@inline_kernel
def in_turn(tables, crowd, numbers, low, high, code):
    """Let the turns ``[low, high)`` choose and learn, one after the other; the mean actions that they meet are in ``code``."""
    count = tables.q.shape[2]
    for t in range(low, high):
        met = np.int64(code[t]) // count
        action = draw(tables.policy[0, met], numbers[t])
        learn_entry(tables, 0, met, action, crowd.rewards[met, action])
        code[t] = met * count + action


@inline_kernel
def read_policy(tables, crowd, edges, still_open):
    """Fill the policy's running sums, and which entries are not yet the payoff that they will be; returns whether there are any."""
    count = tables.q.shape[2]
    learning = False
    for met in range(tables.q.shape[1]):
        total = 0.0
        for a in range(count):
            total += tables.policy[0, met, a]
            edges[met * count + a] = total
            unequal = tables.q[0, met, a] != crowd.rewards[met, a]
            still_open[met * count + a] = 1 if unequal else 0
            learning = learning or unequal
    return learning


@inline_kernel
def book(counts, hits, booked, adding):
    """Bring ``counts`` up to the tally, where ``adding``; else they are there already. Modifies ``counts`` and ``booked``."""
    count = counts.shape[2]
    for e in range(len(booked)):
        total = hits[0, e] + hits[1, e] + hits[2, e] + hits[3, e]
        if adding:
            counts[0, e // count, e % count] += total - booked[e]
        booked[e] = total


@inline_kernel
def count_entries(crowd, members, hits, booked):
    """Add a sweep, whose entries were hit ``booked`` times each, to the members' tallies, and empty the sweep's own."""
    count = len(members.users)
    income = 0.0
    members.users[:] = 0
    for e in range(len(booked)):
        members.users[e % count] += booked[e]
        income += booked[e] * crowd.rewards[e // count, e % count]
    members.income[0] += income
    most = members.users[0]
    for a in range(1, count):
        most = max(most, members.users[a])
    members.tally[0] += 1
    members.tally[1] += most
    hits[:] = 0
    booked[:] = 0
