"""The Markov chain of a policy pair, compressed; every kernel works on the states ``first`` to ``last`` alone."""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel


@kernel
def count_pair(first, last, offsets, row_policy, column_policy):
    """Return how many transitions the pair can take from these states, duplicates not yet merged."""
    rows, width = row_policy.shape[1], column_policy.shape[1]
    count = np.int64(0)
    for state in range(first, last):
        for a in range(rows):
            if row_policy[state, a] > 0.0:
                for b in range(width):
                    if column_policy[state, b] > 0.0:
                        row = np.uint64((state * rows + a) * width + b)
                        count += np.int64(offsets[row + np.uint64(1)] - offsets[row])
    return count


@kernel
def fill_pair(first, last, begin, payoff, offsets, successors, probabilities, row_policy, column_policy, marker, chain):
    """Write the pair's chain for these states, whose entries start at ``begin`` of the shared arrays.

    ``marker (S,)`` int64, all -1, is scratch: the place of a successor in the list of the state at hand, if it is at least that list's
    start. ``chain`` = (starts, ends, columns, entries, rewards) is written.
    """
    starts, ends, columns, entries, rewards = chain
    rows, width = row_policy.shape[1], column_policy.shape[1]
    count = begin
    for state in range(first, last):
        start, reward = count, 0.0
        for a in range(rows):
            if row_policy[state, a] > 0.0:
                for b in range(width):
                    weight = row_policy[state, a] * column_policy[state, b]
                    if weight > 0.0:
                        action = a * width + b
                        reward += weight * payoff[state, action]
                        row = np.uint64(state * rows * width + action)
                        for k in range(offsets[row], offsets[row + np.uint64(1)]):
                            place = marker[successors[k]]
                            if place < start:
                                marker[successors[k]] = count
                                columns[count] = successors[k]
                                entries[count] = weight * probabilities[k]
                                count += 1
                            else:
                                entries[place] += weight * probabilities[k]
        starts[state], ends[state], rewards[state] = start, count, reward


@inline_kernel
def flow(state, starts, ends, columns, entries, values):
    """Return the expected value of the next state."""
    total = 0.0
    for k in range(starts[state], ends[state]):
        total += entries[k] * values[columns[k]]
    return total


@kernel
def sweep(first, last, discount, chain, values, out):
    """Write ``rewards + discount P values`` to ``out``."""
    starts, ends, columns, entries, rewards = chain
    for state in range(first, last):
        out[state] = rewards[state] + discount * flow(state, starts, ends, columns, entries, values)


@kernel
def direct(first, last, beta, omega, residual, image, direction):
    """BiCGStab's new direction: ``p <- r + beta (p - omega v)``."""
    for i in range(first, last):
        direction[i] = residual[i] + beta * (direction[i] - omega * image[i])


@kernel
def apply_to_direction(first, last, discount, chain, direction, shadow, image):
    """``v <- (I - discount P) p``; returns the part of shadow . v."""
    starts, ends, columns, entries, _ = chain
    across = 0.0
    for i in range(first, last):
        image[i] = direction[i] - discount * flow(i, starts, ends, columns, entries, direction)
        across += shadow[i] * image[i]
    return across


@kernel
def half_step(first, last, alpha, direction, image, guess, residual):
    """``x <- x + alpha p`` and ``s <- r - alpha v``, which takes the place of r."""
    for i in range(first, last):
        guess[i] += alpha * direction[i]
        residual[i] -= alpha * image[i]


@kernel
def apply_to_residual(first, last, discount, chain, residual, image):
    """``t <- (I - discount P) s``; returns the parts of t . t and t . s."""
    starts, ends, columns, entries, _ = chain
    square, along = 0.0, 0.0
    for i in range(first, last):
        image[i] = residual[i] - discount * flow(i, starts, ends, columns, entries, residual)
        square += image[i] * image[i]
        along += image[i] * residual[i]
    return square, along


@kernel
def full_step(first, last, omega, image, shadow, guess, residual):
    """``x <- x + omega s`` and ``r <- s - omega t``; returns the parts of shadow . r and r . r."""
    rho, square = 0.0, 0.0
    for i in range(first, last):
        guess[i] += omega * residual[i]
        residual[i] -= omega * image[i]
        rho += shadow[i] * residual[i]
        square += residual[i] * residual[i]
    return rho, square


@kernel
def improve_rows(first, last, payoff, offsets, successors, probabilities, discount, values, menu, column_policy, slack, row_policy):
    """Make ``row_policy`` greedy against a fixed ``column_policy``; returns how many states changed their action.

    An action is kept unless another one is better by more than ``slack``, so that rounding cannot make the caller cycle.
    """
    row_counts, _, row_lists, _ = menu
    shared = row_lists.shape[0] == 1
    width = column_policy.shape[1]
    changed = 0
    for state in range(first, last):
        actions = row_lists[0 if shared else state]
        best, best_worth, kept_worth = -1, -np.inf, -np.inf
        for i in range(row_counts[state]):
            worth = 0.0
            for b in range(width):
                weight = column_policy[state, b]
                if weight > 0.0:
                    action = actions[i] * width + b
                    row = np.uint64(state * payoff.shape[1] + action)
                    total = 0.0
                    for k in range(offsets[row], offsets[row + np.uint64(1)]):
                        total += probabilities[k] * values[successors[k]]
                    worth += weight * (payoff[state, action] + discount * total)
            if row_policy[state, actions[i]] == 1.0:
                kept_worth = worth
            if worth > best_worth:
                best, best_worth = actions[i], worth
        if best_worth > kept_worth + slack:
            row_policy[state, :] = 0.0
            row_policy[state, best] = 1.0
            changed += 1
    return changed
