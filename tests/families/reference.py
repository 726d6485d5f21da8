"""The rules of the families, told a second time: one state and one joint action at a time, in fractions, straight from the papers' text."""

from collections import defaultdict
from fractions import Fraction
from itertools import combinations, product

import numpy as np

HALF = Fraction(1, 2)
COMPASS = {"N": (-1, 0), "S": (1, 0), "E": (0, 1), "W": (0, -1), "stand": (0, 0)}


def littman(state, actions, rows, columns, goal_rows, starts, draw=Fraction(0)):
    """Return (A's expected payoff, {next state: probability}); a state is (square of A, square of B, who has the ball)."""
    payoff, after = Fraction(0), defaultdict(Fraction)
    kickoffs = [(*starts, ball) for ball in (0, 1)]
    for order in ((0, 1), (1, 0)):
        squares, ball, goal = list(state[:2]), state[2], 0
        for player in order:
            row, column = squares[player]
            down, right = COMPASS[actions[player]]
            to = (row + down, column + right)
            if ball == player and to[0] in goal_rows and to[1] == (-1 if player == 0 else columns):
                goal = 1 if player == 0 else -1
                break
            if to == squares[1 - player]:
                ball = 1 - player
            elif 0 <= to[0] < rows and 0 <= to[1] < columns:
                squares[player] = to
        payoff += HALF * goal
        if goal:
            for kickoff in kickoffs:
                after[kickoff] += HALF * HALF * (1 - draw)
        else:
            after[(*squares, ball)] += HALF * (1 - draw)
    for kickoff in kickoffs:
        after[kickoff] += HALF * draw
    return payoff, {to: p for to, p in after.items() if p}


def greenwald_hall(state, actions, rows, columns):
    """Return (A's expected payoff in goals, {next state or "end": probability})."""
    payoff, after = Fraction(0), defaultdict(Fraction)
    for order in ((0, 1), (1, 0)):
        squares, ball, goal = list(state[:2]), state[2], 0
        for player in order:
            held = ball == player
            row, column = squares[player]
            down, right = COMPASS[actions[player]]
            to = (row + down, column + right)
            if to == squares[1 - player]:
                ball = 1 - player
            elif 0 <= to[0] < rows and 0 <= to[1] < columns:
                squares[player] = to
            if held and ball == player and squares[player][1] in (0, columns - 1):
                goal = 1 if squares[player][1] == 0 else -1
                break
        payoff += HALF * goal
        after["end" if goal else (*squares, ball)] += HALF
    return payoff, dict(after)


def grid_walk(squares, moves, blocked, own_goals, chance):
    """Return (expected goals per player, expected bumps per player, {next squares or "end": probability}).

    ``blocked`` holds the hindered (square, step) pairs; ``own_goals`` one set of squares per player.
    """
    n = len(squares)
    goals, bumps, after = [Fraction(0)] * n, [Fraction(0)] * n, defaultdict(Fraction)
    hindered = [(square, move) in blocked for square, move in zip(squares, moves, strict=True)]
    for passes in product((True, False), repeat=n):
        p = Fraction(1)
        for stopped, through in zip(hindered, passes, strict=True):
            p *= (chance if through else 1 - chance) if stopped else int(through)
        if not p:
            continue
        aim = [(s[0] + m[0], s[1] + m[1]) if through else s for s, m, through in zip(squares, moves, passes, strict=True)]
        bumped = set()
        while True:
            now = [squares[i] if i in bumped else aim[i] for i in range(n)]
            pairs = [(i, j) for i, j in combinations(range(n), 2) if now[i] == now[j]]
            new = {k for i, j in pairs if now[i] not in own_goals[i] and now[j] not in own_goals[j] for k in (i, j)} - bumped
            if not new:
                break
            bumped |= new
        scored = [now[i] in own_goals[i] for i in range(n)]
        for i in range(n):
            goals[i] += p * scored[i]
            bumps[i] += p * (i in bumped)
        after["end" if any(scored) else tuple(now)] += p
    return goals, bumps, dict(after)


def zero_sum_values(stages):
    """Return the values of ``stages`` ``(k, m, n)`` by trying every square kernel (Shapley & Snow 1950)."""
    stages = np.asarray(stages, dtype=float)
    maximin, minimax = stages.min(axis=2).max(axis=1), stages.max(axis=1).min(axis=1)
    values = maximin.copy()
    mixed = np.flatnonzero(maximin < minimax)
    if mixed.size:
        values[mixed] = _kernel_values(stages[mixed])
    return values


def _kernel_values(stages):
    low = stages.min(axis=(1, 2), keepdims=True)
    span = stages.max(axis=(1, 2), keepdims=True) - low
    shifted = (stages - low) / span + 0.1
    best_gap, best = np.full(len(stages), np.inf), np.zeros(len(stages))
    _, m, n = stages.shape
    for size in range(1, min(m, n) + 1):
        for rows, columns in product(combinations(range(m), size), combinations(range(n), size)):
            gap, value = _one_kernel(shifted, rows, columns)
            better = gap < best_gap
            best_gap[better], best[better] = gap[better], value[better]
    assert (best_gap < 1e-9).all()
    return (best - 0.1) * span[:, 0, 0] + low[:, 0, 0]


def _one_kernel(shifted, rows, columns):
    """Equalise ``rows`` against ``columns``; returns the duality gap of the mixes (infinite where they are none) and the value."""
    block = shifted[:, rows][:, :, columns]
    sound = np.abs(np.linalg.det(block)) > 1e-13
    block = np.where(sound[:, np.newaxis, np.newaxis], block, np.eye(len(rows)))
    ones = np.ones((len(shifted), len(rows), 1))
    x, y = np.linalg.solve(block.transpose(0, 2, 1), ones)[..., 0], np.linalg.solve(block, ones)[..., 0]
    scale = x.sum(axis=1, keepdims=True)
    sound &= (x >= -1e-9).all(axis=1) & (y >= -1e-9).all(axis=1) & (scale[:, 0] > 1e-9)
    scale[~sound] = 1.0
    lower = np.einsum("ki,kij->kj", x / scale, shifted[:, rows]).min(axis=1)
    upper = np.einsum("kij,kj->ki", shifted[:, :, columns], y / scale).max(axis=1)
    return np.where(sound, np.abs(upper - lower), np.inf), (lower + upper) / 2


def shapley_values(game, tol=1e-10):
    """Return player 1's values ``(S,)`` of a zero-sum game in which everything is legal, within ``tol``, by value iteration."""
    values, discount = np.zeros(game.num_states), game.discount[0]
    transition = game.sparse().transition
    while True:
        stages = game.payoff[0] + discount * (transition @ values).reshape(game.payoff[0].shape)
        new = zero_sum_values(stages)
        change = np.abs(new - values).max()
        values = new
        if change * discount <= tol * (1 - discount):
            return values


def rows_of(game):
    """Return ``{(state, *joint action): {next state: probability}}`` by number."""
    offsets, states, probabilities = game.successors
    shape = (game.num_states, *game.num_actions)
    rows = {}
    for row, at in enumerate(np.ndindex(shape)):
        part = slice(offsets[row], offsets[row + 1])
        rows[at] = dict(zip(states[part].tolist(), probabilities[part].tolist(), strict=True))
    return rows
