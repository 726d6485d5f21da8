"""Loops of the judge: one backup of a deviating player, the Markov chain of fixed play, and its linear equations.

Joint actions are numbered in C order. Seen from one player, joint action ``(left * A_i + own) * right_count + right`` splits
into his own action and the others', ``left * right_count + right``.

``weights[s, m, o]`` is the probability that the device of state ``s`` shows the player message ``m`` while the others play
``o``; a player who sees nothing has one message. Every array is C-contiguous; arrays named last are written.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel

Array = Any
"""A numpy array; numba looks at the values, pyright need not look at the shapes."""


@kernel
def row_shape(offsets: Array, probabilities: Array) -> tuple[float, int]:
    """Return how far the sum of any non-empty row is from 1, and the length of the longest row."""
    excess, longest = 0.0, 0
    for row in range(offsets.shape[0] - 1):
        first, last = offsets[row], offsets[row + 1]
        if last > first:
            total = 0.0
            for k in range(first, last):
                total += probabilities[k]
            excess = max(excess, abs(total - 1.0))
            longest = max(longest, int(last - first))
    return excess, longest


@inline_kernel
def _scores_into(
    payoff: Array,
    offsets: Array,
    states: Array,
    probabilities: Array,
    weights: Array,
    legal: Array,
    right_count: int,
    discount: float,
    values: Array,
    s: int,
    scores: Array,
) -> None:
    """Write ``scores[m, a]``: what action ``a`` on message ``m`` is worth in state ``s``, times the probability of ``m``."""
    _, num_messages, others = weights.shape
    num_own = legal.shape[1]
    row = s * num_own * others
    scores[:] = 0.0
    for left in range(others // right_count):
        for own in range(num_own):
            for right in range(right_count):
                other = left * right_count + right
                shown = 0.0
                for m in range(num_messages):
                    shown += weights[s, m, other]
                if shown > 0.0 and legal[s, own]:
                    flow = 0.0
                    for k in range(offsets[row], offsets[row + 1]):
                        flow += probabilities[k] * values[states[k]]
                    worth = payoff[row] + discount * flow
                    for m in range(num_messages):
                        scores[m, own] += weights[s, m, other] * worth
                row += 1


@inline_kernel
def _answer(weights: Array, legal: Array, scores: Array, s: int, m: int, margin: float, chosen: int) -> tuple[int, float]:
    """Return the action for message ``m`` and the best score: ``chosen`` if within the margin of it, else the lowest that is."""
    mass = 0.0
    for other in range(weights.shape[2]):
        mass += weights[s, m, other]
    best = -np.inf
    for own in range(legal.shape[1]):
        if legal[s, own] and scores[m, own] > best:
            best = scores[m, own]
    floor = best - margin * mass
    if chosen < 0 or not scores[m, chosen] >= floor:
        chosen = 0
        while chosen < legal.shape[1] - 1 and not (legal[s, chosen] and scores[m, chosen] >= floor):
            chosen += 1
    return chosen, best


@kernel
def backup_into(
    payoff: Array,
    offsets: Array,
    states: Array,
    probabilities: Array,
    weights: Array,
    legal: Array,
    right_count: int,
    discount: float,
    values: Array,
    margin: float,
    scores: Array,
    policy: Array,
    backed: Array,
) -> None:
    """Write the Bellman backup of ``values`` of a player who may answer every message as he likes.

    ``policy[s, m]`` holds the action chosen so far (-1: none); it is kept where it is within ``margin`` times the probability
    of the message of the best, else the lowest such action replaces it. ``scores`` ``[M, A_i]`` is scratch, ``backed`` ``[S]``.
    """
    for s in range(weights.shape[0]):
        _scores_into(payoff, offsets, states, probabilities, weights, legal, right_count, discount, values, s, scores)
        total = 0.0
        for m in range(weights.shape[1]):
            policy[s, m], best = _answer(weights, legal, scores, s, m, margin, policy[s, m])
            total += best
        backed[s] = total


@kernel
def deviate_into(weights: Array, policy: Array, right_count: int, num_own: int, joint: Array) -> None:
    """Write the distribution of joint actions ``joint[S, J]`` where the player answers message ``m`` by ``policy[s, m]``."""
    num_states, num_messages, others = weights.shape
    joint[:] = 0.0
    for s in range(num_states):
        for m in range(num_messages):
            for other in range(others):
                left, right = other // right_count, other % right_count
                joint[s, (left * num_own + policy[s, m]) * right_count + right] += weights[s, m, other]


@kernel
def expect_into(payoff: Array, joint: Array, rewards: Array) -> None:
    """Write the expected payoff ``rewards[S]`` of one player, whose ``payoff`` is flat, under ``joint[S, J]``."""
    num_states, count = joint.shape
    for s in range(num_states):
        total = 0.0
        for j in range(count):
            total += joint[s, j] * payoff[s * count + j]
        rewards[s] = total


@kernel
def chain_offsets_into(offsets: Array, states: Array, joint: Array, marker: Array, chain_offsets: Array) -> None:
    """Write where each state's distinct successors under ``joint`` begin; ``marker`` ``[S]`` int64 is scratch."""
    num_states, count = joint.shape
    marker[:] = -1
    found = 0
    chain_offsets[0] = 0
    for s in range(num_states):
        for j in range(count):
            if joint[s, j] > 0.0:
                for k in range(offsets[s * count + j], offsets[s * count + j + 1]):
                    if marker[states[k]] != s:
                        marker[states[k]] = s
                        found += 1
        chain_offsets[s + 1] = found


@kernel
def chain_into(
    offsets: Array, states: Array, probabilities: Array, joint: Array, marker: Array, chain_states: Array, chain_probabilities: Array
) -> None:
    """Write the successors of each state under ``joint`` and their probabilities, duplicates summed; ``marker`` is scratch."""
    num_states, count = joint.shape
    marker[:] = -1
    found = 0
    for s in range(num_states):
        first = found
        for j in range(count):
            weight = joint[s, j]
            if weight > 0.0:
                for k in range(offsets[s * count + j], offsets[s * count + j + 1]):
                    place = marker[states[k]]
                    if place < first:
                        marker[states[k]] = found
                        chain_states[found] = states[k]
                        chain_probabilities[found] = weight * probabilities[k]
                        found += 1
                    else:
                        chain_probabilities[place] += weight * probabilities[k]


@kernel
def evaluate_into(
    offsets: Array, states: Array, probabilities: Array, discount: float, rewards: Array, values: Array, backed: Array
) -> float:
    """Write ``backed = rewards + discount * P values`` and return its largest distance from ``values``."""
    farthest = 0.0
    for s in range(rewards.shape[0]):
        flow = 0.0
        for k in range(offsets[s], offsets[s + 1]):
            flow += probabilities[k] * values[states[k]]
        backed[s] = rewards[s] + discount * flow
        distance = abs(backed[s] - values[s])
        if distance > farthest or distance != distance:  # a NaN stays
            farthest = distance
    return farthest


@kernel
def sweep_into(offsets: Array, states: Array, probabilities: Array, discount: float, rewards: Array, sweeps: int, values: Array) -> None:
    """Gauss-Seidel: solve each state's equation for its own value, in place, ``sweeps`` times over."""
    for _ in range(sweeps):
        for s in range(rewards.shape[0]):
            flow, stay = 0.0, 0.0
            for k in range(offsets[s], offsets[s + 1]):
                if states[k] == s:
                    stay += probabilities[k]
                else:
                    flow += probabilities[k] * values[states[k]]
            values[s] = (rewards[s] + discount * flow) / (1.0 - discount * stay)


@inline_kernel
def _lean_into(offsets: Array, states: Array, probabilities: Array, discount: float, scale: Array, x: Array, out: Array) -> None:
    """Write ``out = x - G x``, ``G x`` being one Gauss-Seidel sweep from ``x`` for zero rewards; ``scale`` is 1 / the diagonal."""
    for s in range(x.shape[0]):
        out[s] = x[s]
    for s in range(x.shape[0]):
        flow = 0.0
        for k in range(offsets[s], offsets[s + 1]):
            if states[k] != s:
                flow += probabilities[k] * out[states[k]]
        out[s] = discount * flow * scale[s]
    for s in range(x.shape[0]):
        out[s] = x[s] - out[s]


@inline_kernel
def _dot(x: Array, y: Array) -> float:
    total = 0.0
    for s in range(x.shape[0]):
        total += x[s] * y[s]
    return total


@inline_kernel
def _first_step_into(
    offsets: Array, states: Array, probabilities: Array, discount: float, rewards: Array, values: Array, scale: Array, step: Array
) -> float:
    """Write 1 / the diagonal into ``scale``, and what one sweep changes of ``values`` into ``step``; return its largest entry."""
    for s in range(rewards.shape[0]):
        stay = 0.0
        for k in range(offsets[s], offsets[s + 1]):
            if states[k] == s:
                stay += probabilities[k]
        scale[s] = 1.0 / (1.0 - discount * stay)
        step[s] = values[s]
    sweep_into(offsets, states, probabilities, discount, rewards, 1, step)
    unit = 0.0
    for s in range(rewards.shape[0]):
        step[s] -= values[s]
        unit = max(unit, abs(step[s]))
    return unit


@inline_kernel
def _recursion(offsets: Array, states: Array, probabilities: Array, discount: float, goal: float, limit: int, work: Array) -> None:
    """Run BiCGStab on the residual ``work[2]``, already copied to ``work[1]`` and ``work[3]``; the solution grows in ``work[7]``."""
    scale, shadow, residual, direction, image, image2, step, total = (
        work[0], work[1], work[2], work[3], work[4], work[5], work[6], work[7],
    )  # fmt: skip
    rho = _dot(shadow, residual)
    for _ in range(limit):
        _lean_into(offsets, states, probabilities, discount, scale, direction, image)
        against = _dot(shadow, image)
        if against == 0.0 or rho == 0.0:
            break
        alpha = rho / against
        for s in range(total.shape[0]):
            step[s] = residual[s] - alpha * image[s]
        _lean_into(offsets, states, probabilities, discount, scale, step, image2)
        length = _dot(image2, image2)
        omega = _dot(image2, step) / length if length > 0.0 else 0.0
        farthest = 0.0
        for s in range(total.shape[0]):
            total[s] += alpha * direction[s] + omega * step[s]
            residual[s] = step[s] - omega * image2[s]
            farthest = max(farthest, abs(residual[s]))
        if farthest <= goal or omega == 0.0 or not farthest < 1e6:
            break
        following = _dot(shadow, residual)
        beta = following / rho * (alpha / omega)
        for s in range(total.shape[0]):
            direction[s] = residual[s] + beta * (direction[s] - omega * image[s])
        rho = following


@kernel
def krylov_into(
    offsets: Array,
    states: Array,
    probabilities: Array,
    discount: float,
    rewards: Array,
    tolerance: float,
    limit: int,
    work: Array,
    values: Array,
) -> None:
    """Improve ``values`` towards ``(I - discount * P) values = rewards`` by BiCGStab; it may break down, so look at the residual.

    The correction is solved for, in units of the first residual, so that payoffs of any scale work. The preconditioner is one
    forward Gauss-Seidel sweep, whose product with the matrix costs one pass over the entries, as the matrix alone would.
    ``work`` ``[8, S]`` is scratch.

    Source: van der Vorst, SIAM J. Sci. Stat. Comput. 13 (1992). Deviation: the preconditioner stands on the left, and the
    recursion stops when its residual in that norm is a half of ``tolerance``, which bounds the plain one by ``tolerance``.
    """
    unit = _first_step_into(offsets, states, probabilities, discount, rewards, values, work[0], work[6])
    if 2.0 * unit <= tolerance or not unit < np.inf:
        return
    for s in range(rewards.shape[0]):
        work[2, s] = work[6, s] / unit
        work[1, s] = work[2, s]
        work[3, s] = work[2, s]
        work[7, s] = 0.0
    _recursion(offsets, states, probabilities, discount, 0.5 * tolerance / unit, limit, work)
    for s in range(rewards.shape[0]):
        values[s] += unit * work[7, s]
