"""One small kernel a rule: what a player does in the next round of play, and how fast a mixed action moves in continuous time.

``x``, ``u`` and ``scores`` hold all players' numbers; each kernel reads and writes those of one player, from ``first`` to ``last``.
"""

import math

from gametheory_rl._support._compile import inline_kernel
from gametheory_rl.equilibria.dynamics._kernels._game import best_of, inner, project

BEST_REPLY, LOGIT_REPLY, HEDGE, OPTIMISTIC_HEDGE, REGRET, REGRET_PLUS, CONDITIONAL_REGRET, EXTRA_GRADIENT = range(8)
REPLICATOR, LOGIT_FLOW, GRADIENT_FLOW, BEST_REPLY_FLOW = range(4)


@inline_kernel
def reply_best(x, u, first, last):
    """Put all weight on the best action."""
    best = best_of(u, first, last)
    for k in range(first, last):
        x[k] = 1.0 if k == best else 0.0


@inline_kernel
def exponentiate(x, first, last):
    """Replace numbers by weights that go as their exponentials."""
    top, total = -math.inf, 0.0
    for k in range(first, last):
        top = max(top, x[k])
    for k in range(first, last):
        x[k] = math.exp(x[k] - top)
        total += x[k]
    for k in range(first, last):
        x[k] /= total


@inline_kernel
def reply_logit(x, u, precision, first, last):
    """Weigh actions by exp(precision * u)."""
    for k in range(first, last):
        x[k] = precision * u[k]
    exponentiate(x, first, last)


@inline_kernel
def hedge(x, u, scores, rate, foresight, first, last):
    """Weigh actions by exp(rate * what they have earned so far); ``foresight`` 1 counts the last round twice."""
    for k in range(first, last):
        scores[k] += rate * u[k]
        x[k] = scores[k] + foresight * rate * u[k]
    exponentiate(x, first, last)


@inline_kernel
def match_regret(x, played, u, scores, floor, first, last):
    """Weigh actions by their positive regrets, summed; sums never fall below ``floor`` (0: regret matching+)."""
    earned, total = inner(played, u, first, last), 0.0
    for k in range(first, last):
        scores[k] = max(scores[k] + (u[k] - earned), floor)
        x[k] = max(scores[k], 0.0)
        total += x[k]
    for k in range(first, last):
        x[k] = x[k] / total if total > 0.0 else 1.0 / (last - first)


@inline_kernel
def match_conditional_regret(x, played, u, scores, place, inertia, rounds, first, last):
    """Leave the action just drawn with probabilities that go as the regret for not having played others in its stead.

    ``scores[place:]`` holds a square: what playing the column whenever the row was played would have gained.
    """
    size, own = last - first, best_of(played, first, last)
    row, stays = place + (own - first) * size, 1.0
    for k in range(size):
        scores[row + k] += u[first + k] - u[own]
        moves = max(scores[row + k], 0.0) / (inertia * rounds)
        x[first + k] = moves
        stays -= moves
    x[own] += stays


@inline_kernel
def step_along(x, u, rate, first, last):
    """Take a step along the payoffs and return to the simplex."""
    for k in range(first, last):
        x[k] += rate * u[k]
    project(x, first, last)


@inline_kernel
def respond(rule, i, x, played, u, scores, place, rounds, first, last):
    """Replace player i's ``x`` by its action of the next round, given what its actions earned in this one."""
    rate = rule.rates[i]
    if rule.kind == BEST_REPLY:
        reply_best(x, u, first, last)
    elif rule.kind == LOGIT_REPLY:
        reply_logit(x, u, rate, first, last)
    elif rule.kind == HEDGE:
        hedge(x, u, scores, rate, 0.0, first, last)
    elif rule.kind == OPTIMISTIC_HEDGE:
        hedge(x, u, scores, rate, 1.0, first, last)
    elif rule.kind == REGRET:
        match_regret(x, played, u, scores, -math.inf, first, last)
    elif rule.kind == REGRET_PLUS:
        match_regret(x, played, u, scores, 0.0, first, last)
    elif rule.kind == CONDITIONAL_REGRET:
        match_conditional_regret(x, played, u, scores, place, rate, rounds, first, last)
    elif rule.kind == EXTRA_GRADIENT:
        step_along(x, u, rate, first, last)


@inline_kernel
def flow_replicator(x, u, velocity, rate, first, last):
    """Let shares grow by what they earn above the average (P. D. Taylor and L. B. Jonker 1978)."""
    earned = inner(x, u, first, last)
    for k in range(first, last):
        velocity[k] = rate * x[k] * (u[k] - earned)


@inline_kernel
def flow_logit(x, u, velocity, precision, first, last):
    """Move to the logit reply (D. Fudenberg and D. K. Levine 1998)."""
    reply_logit(velocity, u, precision, first, last)
    for k in range(first, last):
        velocity[k] -= x[k]


@inline_kernel
def flow_gradient(x, u, velocity, speed, first, last):
    """Climb along the payoffs projected to the directions that stay inside; for two actions the first moves by u[0] - u[1]."""
    kept, before, level = 0, -1, -math.inf
    while kept != before:
        before, kept, total = kept, 0, 0.0
        for k in range(first, last):
            if x[k] > 0.0 or u[k] > level:
                kept += 1
                total += u[k]
        level = total / kept
    for k in range(first, last):
        velocity[k] = speed * 2.0 * (u[k] - level) if x[k] > 0.0 or u[k] > level else 0.0


@inline_kernel
def flow(rule, i, x, u, velocity, first, last):
    """Write how fast player i's mixed action moves to ``velocity``."""
    rate = rule.rates[i]
    if rule.kind == REPLICATOR:
        flow_replicator(x, u, velocity, rate, first, last)
    elif rule.kind == LOGIT_FLOW:
        flow_logit(x, u, velocity, rate, first, last)
    elif rule.kind == GRADIENT_FLOW:
        wins = inner(x, u, first, last) > inner(rule.reference, u, first, last)
        flow_gradient(x, u, velocity, rate if wins else rule.losing[i], first, last)
    else:
        best = best_of(u, first, last)
        for k in range(first, last):
            velocity[k] = (1.0 if k == best else 0.0) - x[k]
