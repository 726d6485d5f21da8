"""A few states of a game as a game of their own."""

import numpy as np

from gametheory_rl._support._compile import kernel


@kernel
def restrict(states, payoff, offsets, successors, probabilities, discount, values, places, part):
    """Write the game of ``states (K,)`` int64 whose other states are worth ``values (S,)`` for ever.

    What leads to other states becomes payoff, so that rows of transitions may sum to less than 1. ``places (S,)`` int64 is scratch,
    whatever it holds. ``part`` = (payoff, offsets, successors, probabilities) is written; returns how many entries the last two have.
    """
    part_payoff, part_offsets, part_successors, part_probabilities = part
    size, joint = states.shape[0], payoff.shape[1]
    for k in range(size):
        places[states[k]] = k
    count = 0
    for k in range(size):
        state = states[k]
        for j in range(joint):
            row, outside = np.uint64(state * joint + j), 0.0
            part_offsets[k * joint + j] = count
            for entry in range(offsets[row], offsets[row + np.uint64(1)]):
                successor = successors[entry]
                place = places[successor]
                if 0 <= place < size and states[place] == successor:
                    part_successors[count] = place
                    part_probabilities[count] = probabilities[entry]
                    count += 1
                else:
                    outside += probabilities[entry] * values[successor]
            part_payoff[k, j] = payoff[state, j] + discount * outside
    part_offsets[size * joint] = count
    return count
