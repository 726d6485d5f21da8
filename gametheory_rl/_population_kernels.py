"""Heat bath on a network, compiled: the judge of learners at a temperature. It shares nothing with any of them."""

import math

import numpy as np

from gametheory_rl._support._compile import kernel
from gametheory_rl._support._streams_kernels import uniform


@kernel
def heat_bath_sweeps(neighbours, pair, own, temperature, key, first, last, actions, tops):
    """Let every agent in turn draw its action with weights exp(payoff / temperature), once a sweep.

    Modifies ``actions`` ``(N,)`` int64, and ``tops`` ``(last - first,)`` int64: after each sweep, how many agents play the action that
    most of them play. Sweep t owns the N numbers of stream ``key`` that start at t N.
    """
    agents, degree = neighbours.shape
    count = len(own)
    earned, weights = np.empty(count), np.empty(count)
    users = np.zeros(count, np.int64)
    for i in range(agents):
        users[actions[i]] += 1
    for sweep in range(first, last):
        for i in range(agents):
            best = -np.inf
            for a in range(count):
                total = own[a]
                for k in range(degree):
                    total += pair[a, actions[neighbours[i, k]]]
                earned[a] = total
                best = max(best, total)
            mass = 0.0
            for a in range(count):
                mass += math.exp((earned[a] - best) / temperature)
                weights[a] = mass
            u = uniform(key, sweep * agents + i) * mass
            chosen = 0
            while chosen < count - 1 and weights[chosen] <= u:
                chosen += 1
            users[actions[i]] -= 1
            users[chosen] += 1
            actions[i] = chosen
        most = users[0]
        for a in range(1, count):
            most = max(most, users[a])
        tops[sweep - first] = most
