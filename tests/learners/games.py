"""Small games that the learners' tests share."""

import numpy as np

from gametheory_rl import StochasticGame


def random_game(seed=0, actions=(3, 2), states=6, *, zero_sum=False, discount=0.8, sparse=False):
    """Ragged menus, one terminal state (the last), every transition random with a few successors."""
    rng = np.random.default_rng(seed)
    players = len(actions)
    payoff = rng.normal(size=(players, states, *actions))
    if zero_sum:
        payoff = np.stack([payoff[0], -payoff[0]])
    transition = rng.dirichlet(np.full(states, 0.3), size=(states, *actions))
    payoff[:, -1] = 0.0
    transition[-1] = 0.0
    transition[-1, ..., -1] = 1.0
    legal = []
    for count in actions:
        mask = rng.random((states, count)) < 0.75
        mask[np.arange(states), rng.integers(count, size=states)] = True
        legal.append(mask)
    game = StochasticGame(payoff, transition, discount, legal=legal, name=f"random {seed}")
    return game.sparse() if sparse else game


def symmetric_game(seed=0, players=3, actions=2, states=4, *, discount=0.8):
    """What a player earns depends on its action and on what the others do, not on who does; the last state ends.

    Where there are three actions or more, the last is illegal in state 0.
    """
    rng = np.random.default_rng(seed)
    payoff = np.zeros((players, states, *[actions] * players))
    transition = np.zeros((states, *[actions] * players, states))
    paid, leads = {}, {}
    for state, *joint in np.ndindex(states, *[actions] * players):
        for i, own in enumerate(joint):
            others = tuple(sorted(joint[:i] + joint[i + 1 :]))
            payoff[(i, state, *joint)] = paid.setdefault((state, own, others), rng.normal())
        transition[(state, *joint)] = leads.setdefault((state, *sorted(joint)), rng.dirichlet(np.full(states, 0.5)))
    payoff[:, -1] = 0.0
    transition[-1] = np.eye(states)[-1]
    legal = np.ones((states, actions), bool)
    legal[0, -1] = actions < 3
    return StochasticGame(payoff, transition, discount, legal=[legal] * players, name=f"symmetric {seed}")


def state_bytes(seed):
    """Everything that training changes of one seed, as bytes by name."""
    from gametheory_rl._checkpoint import _state

    return {name: array.tobytes() for name, array in _state([seed]).items()}
