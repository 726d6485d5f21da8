"""The Markov chain of a policy pair, compressed; every kernel works on the states ``first`` to ``last`` alone."""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel


@kernel
def fill_pair(
    first, last, payoff, offsets, successors, probabilities, row_policy, column_policy, marker, starts, ends, columns, entries, rewards
):
    """Write the pair's chain for these states; what a state may need starts where its own successors start in the game.

    ``marker (S,)`` int64 is scratch, whatever it holds: the place of a successor in the list of the state at hand, if it is found
    there. The last five arrays, the chain, are written.
    """
    rows, width = row_policy.shape[1], column_policy.shape[1]
    if first == last:
        return
    count = np.int64(offsets[np.uint64(first * rows * width)])
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
                            successor = successors[k]
                            place = marker[successor]
                            if start <= place < count and columns[place] == successor:
                                entries[place] += weight * probabilities[k]
                            else:
                                marker[successor] = count
                                columns[count] = successor
                                entries[count] = weight * probabilities[k]
                                count += 1
        starts[state], ends[state], rewards[state] = start, count, reward


@inline_kernel
def flow(state, starts, ends, columns, entries, values):
    """Return the expected value of the next state."""
    total = 0.0
    for k in range(starts[state], ends[state]):
        total += entries[k] * values[columns[k]]
    return total


@kernel
def sweep(first, last, discount, starts, ends, columns, entries, rewards, values, out):
    """Write ``rewards + discount P values`` to ``out``."""
    for state in range(first, last):
        out[state] = rewards[state] + discount * flow(state, starts, ends, columns, entries, values)


BEGIN, DIRECT, AHEAD, HALF, ACROSS, FULL = range(6)
"""The phases of BiCGStab; between two of them every chunk has to be done."""
RESIDUAL, SHADOW, DIRECTION, IMAGE, SECOND, GUESS = range(6)
"""Rows of its ``work (7, S)``; two guesses, from ``GUESS`` on: the best so far, and the one at hand if that is another."""
RHO, ALPHA, OMEGA, BETA, TOLERANCE, BEST, AT_HAND, BEST_AT = range(8)
"""Entries of its ``state (8,)``; the last two are the rows of the guess at hand and of the best one."""


@inline_kernel
def _vectors(phase, first, last, state, work, sums):
    """Run a phase that combines vectors, state by state; ``sums (2,)`` are the chunk's parts of inner products."""
    residual, direction, image, second = work[RESIDUAL], work[DIRECTION], work[IMAGE], work[SECOND]
    if phase == DIRECT:
        beta, omega = state[BETA], state[OMEGA]
        for i in range(first, last):
            direction[i] = residual[i] + beta * (direction[i] - omega * image[i])
    elif phase == HALF:
        alpha = state[ALPHA]
        for i in range(first, last):
            residual[i] -= alpha * image[i]
    else:
        alpha, omega, shadow = state[ALPHA], state[OMEGA], work[SHADOW]
        best = np.int64(state[BEST_AT])
        here, there = work[np.int64(state[AT_HAND])], work[2 * GUESS + 1 - best]
        rho, square = 0.0, 0.0
        for i in range(first, last):
            there[i] = here[i] + (alpha * direction[i] + omega * residual[i])
            left = residual[i] - omega * second[i]
            residual[i] = left
            rho += shadow[i] * left
            square += left * left
        sums[0], sums[1] = rho, square


@inline_kernel
def _products(phase, first, last, discount, starts, ends, columns, entries, rewards, work, sums):
    """Run a phase that multiplies by I - discount P; ``sums (2,)`` are the chunk's parts of inner products."""
    source = work[GUESS if phase == BEGIN else DIRECTION if phase == AHEAD else RESIDUAL]
    target = work[RESIDUAL if phase == BEGIN else IMAGE if phase == AHEAD else SECOND]
    beside = work[SHADOW if phase == AHEAD else RESIDUAL]
    square, along = 0.0, 0.0
    for i in range(first, last):
        image = source[i] - discount * flow(i, starts, ends, columns, entries, source)
        if phase == BEGIN:
            image = rewards[i] - image
            work[SHADOW, i], work[DIRECTION, i], work[IMAGE, i] = image, 0.0, 0.0
        target[i] = image
        square += image * image
        along += image * beside[i]
    sums[0], sums[1] = square, along


@kernel
def settle(phase, sums, state):
    """Take a phase's inner products, chunk after chunk, into the recursion; returns whether it goes on."""
    first, second = 0.0, 0.0
    for chunk in range(sums.shape[0]):
        first += sums[chunk, 0]
        second += sums[chunk, 1]
    if phase == BEGIN:
        state[RHO], state[BETA], state[OMEGA], state[BEST] = first, 0.0, 0.0, first
        state[AT_HAND], state[BEST_AT] = GUESS, GUESS
        state[TOLERANCE] *= state[TOLERANCE] * first
        return first > state[TOLERANCE]
    if phase == AHEAD:
        if second == 0.0:
            return False
        state[ALPHA] = state[RHO] / second
    elif phase == ACROSS:
        state[OMEGA] = second / first if first > 0.0 else 0.0
    elif phase == FULL:
        if not second < np.inf:
            return False
        state[AT_HAND] = 2 * GUESS + 1 - state[BEST_AT]
        if second < state[BEST]:
            state[BEST], state[BEST_AT] = second, state[AT_HAND]
        if first == 0.0 or state[OMEGA] == 0.0 or state[BEST] <= state[TOLERANCE]:
            return False
        state[BETA] = (first / state[RHO]) * (state[ALPHA] / state[OMEGA])
        state[RHO] = first
    return True


@inline_kernel
def _run(phase, first, last, discount, starts, ends, columns, entries, rewards, state, work, sums):
    if phase in (BEGIN, AHEAD, ACROSS):
        _products(phase, first, last, discount, starts, ends, columns, entries, rewards, work, sums)
    else:
        _vectors(phase, first, last, state, work, sums)


@kernel
def run_phase(phase, first, last, size, discount, starts, ends, columns, entries, rewards, state, work, sums):
    """Run one phase over the states ``first`` to ``last``, one of the chunks of ``size``; inner products go to ``sums (chunks, 2)``."""
    _run(phase, first, last, discount, starts, ends, columns, entries, rewards, state, work, sums[first // size])


@kernel
def run_phases(phase, steps, size, discount, starts, ends, columns, entries, rewards, state, work, sums):
    """Run at most ``steps`` phases from ``phase`` on over all chunks; returns the next phase, BEGIN if there is none.

    The numbers are those of ``run_phase`` over each chunk and ``settle`` in turn.
    """
    for _ in range(steps):
        for chunk in range(sums.shape[0]):
            first = chunk * size
            last = min(first + size, work.shape[1])
            _run(phase, first, last, discount, starts, ends, columns, entries, rewards, state, work, sums[chunk])
        if not settle(phase, sums, state):
            return BEGIN
        phase = phase + 1 if phase < FULL else DIRECT
    return phase


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
