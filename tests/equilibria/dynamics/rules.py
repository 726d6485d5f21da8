"""The rules of play written out once more, from their definitions, in NumPy; and the games they are tried on."""

import numpy as np

PENNIES = np.array([[[1.0, -1.0], [-1.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]]])
SCISSORS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
SHAPLEY = np.array([np.eye(3), np.roll(np.eye(3), 1, axis=1)])
"""L. S. Shapley (1964): the column player wants to be one ahead, round and round."""
CHICKEN = np.array([[[6.0, 2.0], [7.0, 0.0]], [[6.0, 7.0], [2.0, 0.0]]])
INNER = ([0.7, 0.3], [0.4, 0.6])


def a_game(seed, shape):
    return np.random.default_rng(seed).normal(size=(len(shape), *shape))


def a_start(seed, shape):
    rng = np.random.default_rng(seed)
    return tuple(rng.dirichlet(np.ones(k)) for k in shape)


def earned(payoffs, profile):
    """What each action of each player earns against the others: one array a player."""
    found = []
    for i, payoff in enumerate(payoffs):
        for j in reversed(range(len(profile))):
            if j != i:
                payoff = np.tensordot(payoff, profile[j], axes=(j, 0))
        found.append(payoff)
    return found


def spans(payoffs):
    return [np.ptp(p) for p in payoffs]


def project(v):
    """The nearest point of the simplex, by sorting."""
    ordered = np.sort(v)[::-1]
    levels = (np.cumsum(ordered) - 1.0) / np.arange(1, len(v) + 1)
    return np.maximum(v - levels[np.flatnonzero(ordered > levels)[-1]], 0.0)


def softmax(v):
    w = np.exp(v - v.max())
    return w / w.sum()


def play(payoffs, start, steps, rule):
    """Profiles of ``steps`` rounds and their running averages; ``rule(t, profiles so far)`` names the next one."""
    rounds = [tuple(np.array(x, float) for x in start)]
    for t in range(1, steps):
        rounds.append(rule(t, rounds))
    averages = [tuple(np.mean([r[i] for r in rounds[: t + 1]], axis=0) for i in range(len(start))) for t in range(steps)]
    return rounds, averages


def hedge_rule(payoffs, rate, optimistic):
    def rule(t, rounds):
        met = [earned(payoffs, r) for r in rounds]
        following = []
        for i, x in enumerate(rounds[-1]):
            push = 2 * met[-1][i] - (met[-2][i] if t > 1 else 0.0) if optimistic else met[-1][i]
            weights = x * np.exp(rate * (push - push.max()))
            following.append(weights / weights.sum())
        return tuple(following)

    return rule


def regret_rule(payoffs, plus):
    def rule(t, rounds):
        following = []
        for i in range(len(payoffs)):
            regrets = np.zeros(payoffs.shape[i + 1])
            for r in rounds:
                u = earned(payoffs, r)[i]
                regrets = regrets + u - r[i] @ u
                if plus:
                    regrets = np.maximum(regrets, 0.0)
            positive = np.maximum(regrets, 0.0)
            following.append(positive / positive.sum() if positive.sum() > 0 else np.full(len(positive), 1 / len(positive)))
        return tuple(following)

    return rule


def extra_gradient_rule(payoffs, rate):
    def rule(t, rounds):
        x = rounds[-1]
        lead = [project(x[i] + rate * u) for i, u in enumerate(earned(payoffs, x))]
        return tuple(project(x[i] + rate * u) for i, u in enumerate(earned(payoffs, lead)))

    return rule


def smooth_rule(payoffs, precision):
    def rule(t, rounds):
        beliefs = [np.mean([r[i] for r in rounds], axis=0) for i in range(len(payoffs))]
        return tuple(softmax(precision * u) for u in earned(payoffs, beliefs))

    return rule
