"""The Markov chain of a policy pair, compressed, and its value by BiCGStab."""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel


@inline_kernel
def _merge_state(state, payoff, offsets, successors, probabilities, row_policy, column_policy, marker, first, columns, entries):
    """Append the successors of ``state`` under the pair, duplicates summed; returns (entry count, expected payoff).

    ``marker[next]`` is the place of ``next`` in this state's list where it is at least ``first``. Nothing is written
    where ``entries`` is too short: the caller counts first.
    """
    count, reward = first, 0.0
    width = column_policy.shape[1]
    base = state * payoff.shape[1]
    for a in range(row_policy.shape[1]):
        if row_policy[state, a] > 0.0:
            for b in range(width):
                weight = row_policy[state, a] * column_policy[state, b]
                if weight > 0.0:
                    action = a * width + b
                    reward += weight * payoff[state, action]
                    row = np.uint64(base + action)
                    for k in range(offsets[row], offsets[row + np.uint64(1)]):
                        place = marker[successors[k]]
                        if place < first:
                            marker[successors[k]] = count
                            place = count
                            count += 1
                            if place < entries.shape[0]:
                                columns[place] = successors[k]
                                entries[place] = 0.0
                        if place < entries.shape[0]:
                            entries[place] += weight * probabilities[k]
    return count, reward


@kernel
def pair_size(payoff, offsets, successors, probabilities, row_policy, column_policy):
    """Return the number of entries of the pair's chain."""
    marker = np.full(payoff.shape[0], -1, np.int64)
    columns, entries = np.empty(0, np.uint32), np.empty(0)
    count = 0
    for state in range(payoff.shape[0]):
        count, _ = _merge_state(
            state, payoff, offsets, successors, probabilities, row_policy, column_policy, marker, count, columns, entries
        )
    return count


@kernel
def fill_pair(payoff, offsets, successors, probabilities, row_policy, column_policy, rewards, starts, columns, entries):
    """Write the pair's chain: ``rewards (S,)``, ``starts (S + 1,)``, ``columns`` and ``entries`` (as counted by ``pair_size``)."""
    marker = np.full(payoff.shape[0], -1, np.int64)
    count = 0
    starts[0] = 0
    for state in range(payoff.shape[0]):
        count, rewards[state] = _merge_state(
            state, payoff, offsets, successors, probabilities, row_policy, column_policy, marker, count, columns, entries
        )
        starts[state + 1] = count


@inline_kernel
def _apply(discount, starts, columns, entries, values, out):
    """Write ``values - discount * P values`` to ``out``."""
    for state in range(values.shape[0]):
        flow = 0.0
        for k in range(starts[state], starts[np.uint64(state) + np.uint64(1)]):
            flow += entries[k] * values[columns[k]]
        out[state] = values[state] - discount * flow


@inline_kernel
def _dot(a, b):
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i] * b[i]
    return total


@kernel
def evaluate_pair(discount, starts, columns, entries, rewards, values, tolerance, max_iterations):
    """Solve ``(I - discount P) v = rewards`` by BiCGStab from ``values``, which is overwritten with the best iterate.

    Returns the norm of the residual reached, relative to the first one (van der Vorst 1992). A breakdown ends the iteration with
    what was reached: the caller certifies the outcome by its own bound, so that no theory is asked of this one.
    """
    size = values.shape[0]
    guess, residual, shadow = values.copy(), np.empty(size), np.empty(size)
    direction, image, image_s = np.zeros(size), np.zeros(size), np.empty(size)
    _apply(discount, starts, columns, entries, guess, residual)
    for i in range(size):
        residual[i] = rewards[i] - residual[i]
        shadow[i] = residual[i]
    first = np.sqrt(_dot(residual, residual))
    best, rho, alpha, omega = first, 1.0, 1.0, 1.0
    for _ in range(max_iterations):
        if best <= tolerance * first:
            break
        rho_next = _dot(shadow, residual)
        if rho_next == 0.0 or omega == 0.0:
            break
        beta = (rho_next / rho) * (alpha / omega)
        rho = rho_next
        for i in range(size):
            direction[i] = residual[i] + beta * (direction[i] - omega * image[i])
        _apply(discount, starts, columns, entries, direction, image)
        across = _dot(shadow, image)
        if across == 0.0:
            break
        alpha = rho / across
        for i in range(size):
            guess[i] += alpha * direction[i]
            residual[i] -= alpha * image[i]
        _apply(discount, starts, columns, entries, residual, image_s)
        square = _dot(image_s, image_s)
        omega = _dot(image_s, residual) / square if square > 0.0 else 0.0
        for i in range(size):
            guess[i] += omega * residual[i]
            residual[i] -= omega * image_s[i]
        norm = np.sqrt(_dot(residual, residual))
        if not np.isfinite(norm):
            break
        if norm < best:
            best = norm
            values[:] = guess
    return best / first if first > 0.0 else 0.0


@kernel
def sweep_pair(discount, starts, columns, entries, rewards, values, scratch, sweeps):
    """Apply ``v <- rewards + discount P v`` to ``values`` in place, ``sweeps`` times; ``scratch (S,)`` is overwritten."""
    for _ in range(sweeps):
        for state in range(values.shape[0]):
            flow = 0.0
            for k in range(starts[state], starts[np.uint64(state) + np.uint64(1)]):
                flow += entries[k] * values[columns[k]]
            scratch[state] = rewards[state] + discount * flow
        values[:] = scratch


@kernel
def improve_rows(payoff, offsets, successors, probabilities, discount, values, menu, column_policy, slack, row_policy):
    """Make ``row_policy`` greedy against a fixed ``column_policy``; returns how many states changed their action.

    An action is kept unless another one is better by more than ``slack``, so that rounding cannot make the caller cycle.
    """
    row_counts, _, row_lists, _ = menu
    shared = row_lists.shape[0] == 1
    width = column_policy.shape[1]
    changed = 0
    for state in range(payoff.shape[0]):
        actions = row_lists[0 if shared else state]
        best, best_worth, kept_worth = -1, -np.inf, -np.inf
        for i in range(row_counts[state]):
            worth = 0.0
            for b in range(width):
                weight = column_policy[state, b]
                if weight > 0.0:
                    action = actions[i] * width + b
                    row = np.uint64(state * payoff.shape[1] + action)
                    flow = 0.0
                    for k in range(offsets[row], offsets[row + np.uint64(1)]):
                        flow += probabilities[k] * values[successors[k]]
                    worth += weight * (payoff[state, action] + discount * flow)
            if row_policy[state, actions[i]] == 1.0:
                kept_worth = worth
            if worth > best_worth:
                best, best_worth = actions[i], worth
        if best_worth > kept_worth + slack:
            row_policy[state, :] = 0.0
            row_policy[state, best] = 1.0
            changed += 1
    return changed
