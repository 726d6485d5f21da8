"""What the actions of each player earn against the others' mixed ones, and small things done with mixed actions."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import inline_kernel

TIE = 1e-12
"""Payoffs, in spans, that differ by less count as equal: best replies do not hang on the last bit."""


class Game(NamedTuple):
    """A stage game as the loops read it; strategies of all players lie one after the other in one row of numbers."""

    payoffs: np.ndarray
    """``[n, cells]`` float64, flat in C order, each player's mapped to [0, 1]"""
    shape: np.ndarray
    """``[axes]`` int64: actions along each axis of the payoffs"""
    begin: np.ndarray
    """``[axes]`` int64: where the strategy of the player on that axis begins; one population sits on both axes"""


@inline_kernel
def contract(source, target, left, size, right, x, begin):
    """Sum the middle axis of ``source`` (left, size, right) with weights ``x[begin:]``; writes ``target``, which may be ``source``."""
    for block in range(left):
        out, place = block * right, block * size * right
        weight = x[begin]
        for r in range(right):
            target[out + r] = weight * source[place + r]
        for k in range(1, size):
            weight = x[begin + k]
            place += right
            for r in range(right):
                target[out + r] += weight * source[place + r]


@inline_kernel
def earn(game, x, u, scratch):
    """Write what each action of each player earns against ``x`` to ``u``, laid out alike; ``scratch`` (cells,) is overwritten."""
    axes = game.shape.size
    for i in range(game.payoffs.shape[0]):
        source, left, right = game.payoffs[i], scratch.size, 1
        for j in range(axes - 1, -1, -1):
            size = game.shape[j]
            left //= size
            if j == i:
                right = size
                continue
            contract(source, scratch, left, size, right, x, game.begin[j])
            source = scratch
        for k in range(game.shape[i]):
            u[game.begin[i] + k] = source[k]


@inline_kernel
def mix(game, x, weight, joint, scratch):
    """Add ``weight`` times the product of the players' mixed actions to ``joint`` (cells,); ``scratch`` is overwritten."""
    scratch[0], cells = weight, 1
    for j in range(game.shape.size):
        size, begin = game.shape[j], game.begin[j]
        for c in range(cells - 1, -1, -1):  # from the end on, so that nothing is overwritten before it is read
            prefix = scratch[c]
            for k in range(size):
                scratch[c * size + k] = prefix * x[begin + k]
        cells *= size
    for c in range(cells):
        joint[c] += scratch[c]


@inline_kernel
def inner(x, u, first, last):
    """Return the sum of ``x * u`` from ``first`` to ``last``."""
    total = 0.0
    for k in range(first, last):
        total += x[k] * u[k]
    return total


@inline_kernel
def best_of(u, first, last):
    """Return the first action that earns the most, rounding apart."""
    top = u[first]
    for k in range(first + 1, last):
        top = max(top, u[k])
    for k in range(first, last):
        if u[k] >= top - TIE:
            return k
    return first


@inline_kernel
def project(x, first, last):
    """Replace ``x[first:last]`` by the nearest mixed action (C. Michelot 1986: numbers that end at zero are dropped in turns)."""
    kept, total = last - first, 0.0
    for k in range(first, last):
        total += x[k]
    level, before = (total - 1.0) / kept, kept + 1
    while kept < before:
        before, kept, total = kept, 0, 0.0
        for k in range(first, last):
            if x[k] > level:
                kept += 1
                total += x[k]
        level = (total - 1.0) / kept
    for k in range(first, last):
        x[k] = max(x[k] - level, 0.0)


@inline_kernel
def draw(x, first, last, number, drawn):
    """Write the pure action that ``number`` in [0, 1) draws from ``x[first:last]`` to ``drawn``."""
    chosen, total = first, 0.0
    for k in range(first, last):
        drawn[k] = 0.0
        if x[k] > 0.0 and total <= number:
            chosen = k
        total += x[k]
    drawn[chosen] = 1.0
