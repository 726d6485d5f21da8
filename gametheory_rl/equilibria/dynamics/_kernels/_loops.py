"""The two loops: rounds of play, and motion in continuous time. Every rule and every start runs through one of them."""

import math
from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel
from gametheory_rl._support._streams_kernels import uniform
from gametheory_rl.equilibria.dynamics._kernels._game import draw, earn, mix, project
from gametheory_rl.equilibria.dynamics._kernels._rules import BEST_REPLY_FLOW, GRADIENT_FLOW, flow, respond, step_along

AT_PLAY, AT_AVERAGE, AT_LEADING_POINT = range(3)
"""Where payoffs are read: against what the others play, their average play, or the point one step ahead."""


class Rule(NamedTuple):
    """Which rule, and its numbers, in units of normalised payoffs."""

    kind: int
    reads: int
    """AT_PLAY, AT_AVERAGE or AT_LEADING_POINT"""
    drawn: bool
    """Whether actions are drawn from the mixed ones."""
    power: int
    """Round t weighs t**power in averages."""
    rates: np.ndarray
    """``[n]``"""
    losing: np.ndarray
    """``[n]`` rates of those who do worse than with ``reference``"""
    reference: np.ndarray
    """``[total]`` a profile"""


class Play(NamedTuple):
    """Where B runs stand; modified by the loops."""

    x: np.ndarray
    """``[B, total]`` mixed actions"""
    sums: np.ndarray
    """``[B, total]`` weighted sums of what was played, or integrals"""
    scores: np.ndarray
    """``[B, ...]`` what the rule remembers"""
    joint: np.ndarray
    """``[B, cells]`` weighted sums of joint actions; no cells where they are not kept"""
    weight: np.ndarray
    """``[B]`` sum of weights, or time"""
    keys: np.ndarray
    """``[B]`` uint64 streams"""


class Log(NamedTuple):
    """What is kept of the runs; written by the loops."""

    steps: np.ndarray
    """``[records]`` int64, ascending: rounds, or steps of the integrator"""
    x: np.ndarray
    """``[B, records, total]``"""
    average: np.ndarray
    """``[B, records, total]``"""


@inline_kernel
def record(log, b, place, x, sums, weight):
    """Write one record."""
    for k in range(x.size):
        log.x[b, place, k] = x[k]
        log.average[b, place, k] = sums[k] / weight if weight > 0.0 else x[k]


@inline_kernel
def choose(game, rule, x, played, u, scratch, key, step):
    """Write what is played, given mixed actions ``x``, to ``played``; ``u`` and ``scratch`` are overwritten."""
    for k in range(x.size):
        played[k] = x[k]
    players = game.payoffs.shape[0]
    if rule.reads == AT_LEADING_POINT:
        earn(game, x, u, scratch)
        for i in range(players):
            step_along(played, u, rule.rates[i], game.begin[i], game.begin[i] + game.shape[i])
    elif rule.drawn:
        for i in range(players):
            draw(x, game.begin[i], game.begin[i] + game.shape[i], uniform(key, step * players + i), played)


@kernel
def play_rounds(game, rule, state, log, place, first, last, begin, end):
    """Play rounds ``first + 1`` to ``last`` of the runs from ``begin`` to ``end``; modifies ``state`` and ``log`` from ``place`` on."""
    total, cells = state.x.shape[1], game.payoffs.shape[1]
    u, played, point, scratch = np.empty(total), np.empty(total), np.empty(total), np.empty(cells)
    for b in range(begin, end):
        x, sums, scores, joint, written = state.x[b], state.sums[b], state.scores[b], state.joint[b], place
        for step in range(first, last):
            choose(game, rule, x, played, u, scratch, state.keys[b], step)
            share = 1.0
            for _ in range(rule.power):
                share *= step + 1
            state.weight[b] += share
            for k in range(total):
                sums[k] += share * played[k]
                point[k] = sums[k] / state.weight[b] if rule.reads == AT_AVERAGE else played[k]
            if joint.size:
                mix(game, played, share, joint, scratch)
            if written < log.steps.size and log.steps[written] == step + 1:
                record(log, b, written, x, sums, state.weight[b])
                written += 1
            earn(game, point, u, scratch)
            square = 0
            for i in range(game.payoffs.shape[0]):
                respond(rule, i, x, played, u, scores, square, step + 1, game.begin[i], game.begin[i] + game.shape[i])
                square += game.shape[i] * game.shape[i]


@inline_kernel
def move(game, rule, x, u, velocity, scratch):
    """Write the velocity at ``x`` of all players; ``u`` and ``scratch`` are overwritten."""
    earn(game, x, u, scratch)
    for i in range(game.payoffs.shape[0]):
        flow(rule, i, x, u, velocity, game.begin[i], game.begin[i] + game.shape[i])


@inline_kernel
def runge_kutta(game, rule, h, x, stage, mean, u, velocity, slope, scratch):
    """Advance ``x`` by the classical method of order four; ``mean`` becomes what x was on average, of the same order."""
    move(game, rule, x, u, velocity, scratch)
    for k in range(x.size):
        slope[k], mean[k], stage[k] = velocity[k], x[k], x[k] + 0.5 * h * velocity[k]
    for part in range(1, 4):
        move(game, rule, stage, u, velocity, scratch)
        weight, ahead = (1.0, 1.0) if part == 3 else (2.0, 1.0 if part == 2 else 0.5)
        for k in range(x.size):
            mean[k] += weight * stage[k]
            slope[k] += weight * velocity[k]
            stage[k] = x[k] + ahead * h * velocity[k]
    for k in range(x.size):
        mean[k] /= 6.0
        x[k] += h * slope[k] / 6.0


@inline_kernel
def approach(game, rule, h, x, mean, u, velocity, scratch):
    """Advance ``x`` towards the best replies: exactly, where they stay the same during the step."""
    move(game, rule, x, u, velocity, scratch)
    way = -math.expm1(-h)
    for k in range(x.size):
        mean[k] = x[k] + (1.0 - way / h) * velocity[k]
        x[k] += way * velocity[k]


@inline_kernel
def return_inside(kind, x, first, last):
    """Put ``x[first:last]`` back onto the simplex, which rounding, or a border crossed in a step, makes it leave."""
    if kind == GRADIENT_FLOW:
        project(x, first, last)
        return
    total = 0.0
    for k in range(first, last):
        x[k] = max(x[k], 0.0)
        total += x[k]
    for k in range(first, last):
        x[k] /= total


@kernel
def flow_on(game, rule, h, state, log, place, first, last, begin, end):
    """Take the steps from ``first`` to ``last`` of length ``h``; modifies ``state`` and ``log`` from ``place`` on."""
    total, cells = state.x.shape[1], game.payoffs.shape[1]
    u, velocity, slope, scratch = np.empty(total), np.empty(total), np.empty(total), np.empty(cells)
    stage, mean = np.empty(total), np.empty(total)
    for b in range(begin, end):
        x, sums, written = state.x[b], state.sums[b], place
        for step in range(first, last + 1):
            if written < log.steps.size and log.steps[written] == step:
                record(log, b, written, x, sums, state.weight[b])
                written += 1
            if step == last:
                break
            if rule.kind == BEST_REPLY_FLOW:
                approach(game, rule, h, x, mean, u, velocity, scratch)
            else:
                runge_kutta(game, rule, h, x, stage, mean, u, velocity, slope, scratch)
            for i in range(game.payoffs.shape[0]):
                return_inside(rule.kind, x, game.begin[i], game.begin[i] + game.shape[i])
                return_inside(rule.kind, mean, game.begin[i], game.begin[i] + game.shape[i])
            state.weight[b] += h
            for k in range(total):
                sums[k] += h * mean[k]
