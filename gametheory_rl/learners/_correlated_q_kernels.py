"""The rules of Correlated-Q: the correlated equilibrium of the stage game that is best for an objective."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel, linked_kernel
from gametheory_rl.equilibria._kernels._certify import extremes
from gametheory_rl.equilibria._kernels._incentives import incentive_rows
from gametheory_rl.equilibria._kernels._programs import BEST, greatest_least_into
from gametheory_rl.equilibria._kernels._replies import units
from gametheory_rl.learners._ask_kernels import CORRELATED, LIBERTARIAN, ask
from gametheory_rl.learners._borrow_kernels import borrow
from gametheory_rl.learners._joint_q_kernels import Joint, learn, pack_stage, play_packed
from gametheory_rl.learners._play_kernels import Play, act_shared
from gametheory_rl.learners._rules_kernels import register_rule

WELFARE, EGALITARIAN, REPUBLICAN = 0, 1, 2
EPS = 2.220446049250313e-16
OBEYED, OPTIMAL = 1e-9, 1e-8
"""Largest gain by disobeying and largest distance from the best objective, in spans, of an answer that is taken."""
APART = 1e-9
"""Distributions of which no probability differs by more are the same."""


class Program(NamedTuple):
    """Where one stage game is solved; n players, J joint actions, R ways to disobey."""

    payoffs: np.ndarray
    """``[n J]`` the stage game, packed"""
    scaled: np.ndarray
    """``[n J]`` each player's mapped to [0, 1]"""
    noise: np.ndarray
    """``[n]`` up to which difference of these rounding may be the cause"""
    rows: np.ndarray
    """``[R, J]`` what the players lose by disobeying"""
    worth: np.ndarray
    """``[n, J]`` what is maximised: the least of the rows' expectations"""
    drawn: np.ndarray
    """``[J]`` the answer"""
    kept: np.ndarray
    """``[n, J]`` the answers for one player each"""
    values: np.ndarray
    """``[n]``"""
    multipliers: np.ndarray
    """``[n + R]``"""
    tableau: np.ndarray
    """``[n + R + 2, J + 2]``"""
    basis: np.ndarray
    """``[n + R + J + 2]`` int64"""
    weights: np.ndarray
    """``[J]`` or ``[A]``: one row of the play"""


class CorrelatedTables(NamedTuple):
    """One seed of Correlated-Q whose players share a draw: the play is over joint actions."""

    play: Play
    strides: np.ndarray
    """``[n]`` int64: a joint action's number is the sum of action times stride"""
    joint: Joint
    program: Program
    objective: int


class LibertarianTables(NamedTuple):
    """One seed of libertarian Correlated-Q: every player draws from its own equilibrium."""

    play: Play
    joint: Joint
    program: Program
    apart: np.ndarray
    """``[S]`` bool: whether the players had different equilibria in mind when the stage game was last solved"""


@fused_kernel
def update_correlated(tables, state, step, actions, rewards, following, ended):
    """Learn from one step; then find the stage game's correlated equilibrium that is best for the objective."""
    if learn(tables.joint, state, step, actions, rewards, following, ended):
        solve_shared(tables.play, tables.joint, tables.program, tables.objective, state)


@linked_kernel
def solve_shared(play, joint, program, objective, state):
    """Solve the stage game at ``state``; all play one distribution of joint actions."""
    play, joint, program = borrow((play, joint, program))
    count, told = constrain(joint, program, state)
    players = len(program.noise)
    if objective != REPUBLICAN:
        best_device(joint, program, CORRELATED + objective, -1, count, told, state)
    else:
        top, best = -np.inf, 0
        for i in range(players):
            best_device(joint, program, LIBERTARIAN + i, i, count, told, state)
            earned = expected(program.payoffs, i, program.drawn, count)
            copy(program.drawn, program.kept[i], count)
            top, best = (earned, i) if earned > top else (top, best)
        copy(program.kept[best], program.drawn, count)
    for i in range(players):
        joint.value[state, i] = expected(program.payoffs, i, program.drawn, count)
    play_packed(play, state, 0, joint.cells[state], program.drawn, count, program.weights)


@fused_kernel
def update_libertarian(tables, state, step, actions, rewards, following, ended):
    """Learn from one step; then find the stage game's correlated equilibrium that is best for each player."""
    if learn(tables.joint, state, step, actions, rewards, following, ended):
        solve_apart(tables.play, tables.joint, tables.program, tables.apart, state)


@linked_kernel
def solve_apart(play, joint, program, apart, state):
    """Solve the stage game at ``state`` once for each player, who plays its part of what is best for itself, by its own draw."""
    play, joint, program, apart = borrow((play, joint, program, apart))
    count, told = constrain(joint, program, state)
    product, rest = program.drawn, count
    apart[state] = False
    for i in range(len(program.noise)):
        best_device(joint, program, LIBERTARIAN + i, i, count, told, state)
        copy(program.drawn, program.kept[i], count)
        for c in range(count):
            apart[state] |= abs(program.kept[i, c] - program.kept[0, c]) > APART
    product[:count] = 1.0
    for i in range(len(program.noise)):
        own, marginal = joint.sizes[state, i], program.worth[0]
        rest //= own
        for k in range(own):
            marginal[k] = 0.0
        for c in range(count):
            marginal[c // rest % own] += program.kept[i, c]
        for c in range(count):
            product[c] *= marginal[c // rest % own]
        play_packed(play, state, i, joint.menu[state, i], marginal, own, program.weights)
    for i in range(len(program.noise)):
        joint.value[state, i] = expected(program.payoffs, i, product, count)


@inline_kernel
def copy(source, target, count):
    """Write the leading entries of one array to another; an assignment of slices takes numba a second more to compile."""
    for k in range(count):
        target[k] = source[k]


@inline_kernel
def expected(payoffs, i, drawn, count):
    """Return what player ``i`` expects of a distribution of joint actions; never outside the range of its payoffs."""
    total, low, high = 0.0, np.inf, -np.inf
    for c in range(count):
        payoff = payoffs[i * count + c]
        total += payoff * drawn[c]
        low, high = min(low, payoff), max(high, payoff)
    return min(max(total, low), high)


@inline_kernel
def constrain(joint, program, state):
    """Pack the stage game and write what the players lose by disobeying; returns the counts of joint actions and of these rows."""
    count, players = pack_stage(joint, state, program.payoffs), len(program.noise)
    for i in range(players):
        low, high, _ = extremes(program.payoffs[i * count : (i + 1) * count].reshape((1, count)), 1, count)
        scale, base, inverse = units(low, high)
        program.noise[i] = 8.0 * EPS * (max(abs(low), abs(high)) * scale * inverse if low < high else 1.0)
        for c in range(i * count, (i + 1) * count):
            program.scaled[c] = (program.payoffs[c] * scale - base) * inverse
    every = 0
    for i in range(players):
        every += joint.sizes[state, i] * (joint.sizes[state, i] - 1)
    rows = program.rows.reshape(-1)[: every * count].reshape((every, count))
    rows[:] = 0.0
    scaled = program.scaled[: players * count].reshape((players, count))
    return count, incentive_rows(scaled, joint.sizes[state], program.noise, False, rows)


@inline_kernel
def best_device(joint, program, question, player, count, told, state):
    """Write the best distribution that is obeyed to ``program.drawn``: for ``player``'s payoff, or, if negative, as the question says."""
    players, worth, drawn = len(program.noise), program.worth, program.drawn[:count]
    goals = players if question == CORRELATED + EGALITARIAN else 1
    write_goals(program.payoffs, worth, goals, player, players, count)
    rows = program.rows.reshape(-1)[: told * count].reshape((told, count))
    ended = greatest_least_into(worth, goals, rows, told, drawn, program.multipliers, program.tableau, program.basis)
    if ended != BEST or not is_best(worth, goals, rows, drawn, program.multipliers):
        ask(question, program.payoffs[: players * count], joint.sizes[state], program.drawn, program.values)


@inline_kernel
def write_goals(payoffs, worth, goals, player, players, count):
    """Write what is maximised, mapped to [0, 1]: the sum of all payoffs, one player's, or each player's beside the others'."""
    low, high = np.inf, -np.inf
    for k in range(goals):
        for c in range(count):
            total = 0.0
            for i in range(players):
                total += payoffs[i * count + c] if i == player or (player < 0 and (goals == 1 or i == k)) else 0.0
            worth[k, c] = total
            low, high = min(low, total), max(high, total)
    scale, base, inverse = units(low, high)
    for k in range(goals):
        for c in range(count):
            worth[k, c] = (worth[k, c] * scale - base) * inverse


@inline_kernel
def is_best(worth, goals, rows, drawn, multipliers):
    """Make ``drawn`` sum to 1; whether nobody gains by disobeying it and, by weak duality, nothing that is obeyed is better."""
    total, shares, least, bound = 0.0, 0.0, np.inf, -np.inf
    for c in range(drawn.size):
        total += drawn[c]
    if not total > 0.0:
        return False
    for c in range(drawn.size):
        drawn[c] /= total
    obeyed = True
    for r in range(len(rows)):
        loses = 0.0
        for c in range(drawn.size):
            loses += rows[r, c] * drawn[c]
        obeyed &= loses >= -OBEYED
    for k in range(goals):
        shares += multipliers[k]
        earned = 0.0
        for c in range(drawn.size):
            earned += worth[k, c] * drawn[c]
        least = min(least, earned)
    for c in range(drawn.size):
        column = 0.0
        for k in range(goals):
            column += multipliers[k] * worth[k, c]
        for r in range(len(rows)):
            column += multipliers[goals + r] * rows[r, c]
        bound = max(bound, column)
    return obeyed and shares > 0.0 and bound / shares - least <= OPTIMAL


register_rule(CorrelatedTables, update=update_correlated, act=act_shared)
register_rule(LibertarianTables, update=update_libertarian)
