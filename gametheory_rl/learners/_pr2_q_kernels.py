"""The rule of probabilistic recursive reasoning: answer how the others would answer what one is about to do."""

import math
from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel
from gametheory_rl.learners._decentralised_q_kernels import respond_smoothly
from gametheory_rl.learners._independent_q_kernels import target_of
from gametheory_rl.learners._play_kernels import Play
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate, slow_exp


class RecursiveTables(NamedTuple):
    """One seed of PR2-Q. A is the largest of the players' action counts, J counts joint actions.

    Player i's tables over joint actions have a row for each own action, ``widths[i]`` long, over the others' joint actions in C order.
    """

    play: Play
    q: np.ndarray
    """``[S, n, J]`` what a joint action is worth to each player."""
    counts: np.ndarray
    """``[S, n, J]`` int64: how often each has been seen."""
    rho: np.ndarray
    """``[S, n, J]`` the others' answer to each own action: rows of probabilities."""
    worth: np.ndarray
    """``[S, n, A]`` what an own action is worth."""
    value: np.ndarray
    """``[S, n]`` the soft maximum of ``worth``."""
    mixed: np.ndarray
    """``[A]`` where the next policy is made."""
    answers: np.ndarray
    """``[S, n, J]`` int64: the others' legal joint actions, packed to the left; the first ``answer_sizes[s, i]`` count."""
    answer_sizes: np.ndarray
    """``[S, n]`` int64"""
    widths: np.ndarray
    """``[n]`` int64: how many joint actions the others have."""
    discount: np.ndarray
    """``[n]``"""
    temperature: float
    annealing: float
    by_counts: int
    """1: rho is how the others have answered; 0: what would be best for the player itself, softly."""
    soft_worth: int
    """1: an own action is worth its row's soft maximum; 0: its row's mean under rho."""
    step_size: tuple[float, float, float, float, float]
    rho_step_size: tuple[float, float, float, float, float]


@fused_kernel
def update_recursive(tables, state, step, actions, rewards, following, ended):
    """Move q_i(s, a_i, a_-i) towards r_i + discount_i v_i(s') and rho_i(. | s, a_i) towards a_-i; then play softly again."""
    visits = tables.play.visits[state] - 1
    # At the c-th visit, c = 1, 2, ..., the temperature has 1 + annealing * log(c) below the line; this is for the next visit.
    temperature = tables.temperature / (1.0 + tables.annealing * math.log(visits + 2.0))
    for i in range(len(actions)):
        answer = np.int64(0)
        for j in range(len(actions)):
            answer = answer * tables.play.num_actions[j] + actions[j] if j != i else answer
        row = actions[i] * tables.widths[i]
        target = target_of(tables, i, rewards[i], following, ended)
        _learn(tables, state, step, i, row, answer, target)
        for k in range(tables.play.sizes[state, i]):
            action = tables.play.menu[state, i, k]
            tables.worth[state, i, action] = _worth(tables, state, i, action * tables.widths[i], temperature)
        respond_smoothly(tables.play, state, i, tables.worth[state, i], temperature, tables.mixed)
        best = tables.play.menu[state, i, 0]
        for k in range(1, tables.play.sizes[state, i]):
            action = tables.play.menu[state, i, k]
            best = action if tables.worth[state, i, action] > tables.worth[state, i, best] else best
        # The soft maximum, from pi = exp((worth - value) / temperature), where pi is largest.
        tables.value[state, i] = tables.worth[state, i, best] - temperature * math.log(tables.play.policy[state, i, best])


@fused_kernel
def _learn(tables, state, step, i, row, answer, target):
    """Move one entry of q; where rho is counted, the row of rho too, whose entries count how often the own action was played."""
    q, rho, counts = tables.q[state, i], tables.rho[state, i], tables.counts[state, i]
    answers, size = tables.answers[state, i], tables.answer_sizes[state, i]
    q[row + answer] += rate(tables.step_size, step, counts[row + answer]) * (target - q[row + answer])
    if tables.by_counts == 1:
        seen = np.int64(0)
        for c in range(size):
            seen += counts[row + answers[c]]
        weight = rate(tables.rho_step_size, step, seen)
        for c in range(size):
            told = 1.0 if answers[c] == answer else 0.0
            rho[row + answers[c]] += weight * (told - rho[row + answers[c]])
    counts[row + answer] += 1


@fused_kernel
def _worth(tables, state, i, row, temperature):
    """Return what the own action of this ``row`` is worth; writes the row of rho where it follows from q."""
    q, rho = tables.q[state, i], tables.rho[state, i]
    answers, size = tables.answers[state, i], tables.answer_sizes[state, i]
    soft = 0.0
    if tables.by_counts == 0 or tables.soft_worth == 1:
        top, total = q[row + answers[0]], 0.0
        for c in range(1, size):
            entry = q[row + answers[c]]
            top = entry if entry > top else top
        for c in range(size):
            total += slow_exp((q[row + answers[c]] - top) / temperature)
        soft = top + temperature * math.log(total)
        if tables.by_counts == 0:
            for c in range(size):
                rho[row + answers[c]] = slow_exp((q[row + answers[c]] - top) / temperature) / total
    if tables.soft_worth == 1:
        return soft
    mean = 0.0
    for c in range(size):
        mean += rho[row + answers[c]] * q[row + answers[c]]
    return mean


register_rule(RecursiveTables, update=update_recursive)
