"""The rule of Friend-or-Foe-Q: what each player's team secures against the other team, by the player's own table."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel, linked_kernel
from gametheory_rl.equilibria._kernels._simplex import minimax_into
from gametheory_rl.learners._ask_kernels import MINIMAX, ask
from gametheory_rl.learners._borrow_kernels import borrow
from gametheory_rl.learners._joint_q_kernels import Joint, learn, pack_stage, play_packed
from gametheory_rl.learners._play_kernels import Play
from gametheory_rl.learners._rules_kernels import register_rule

SECURED = 1e-9
"""A larger distance between what both teams secure, in the payoffs' size, is asked about."""


class Teams(NamedTuple):
    """Where one player's team game is solved; T is the largest count of a team's joint actions, F of the other team's."""

    payoffs: np.ndarray
    """``[n J]`` the stage game, packed"""
    places: np.ndarray
    """``[2, J]`` int64: the row and the column of each joint action in the game of the teams"""
    matrix: np.ndarray
    """``[T, F]``"""
    team: np.ndarray
    """``[T]`` mixed joint action of the player's team"""
    foes: np.ndarray
    """``[F]``"""
    own: np.ndarray
    """``[A]`` the player's part of the team's"""
    weights: np.ndarray
    """``[A]``"""
    tableau: np.ndarray
    """``[T + 1, F + 1]``"""
    basis: np.ndarray
    """``[T + F]`` int64"""


class TeamTables(NamedTuple):
    """One seed of Friend-or-Foe-Q."""

    play: Play
    joint: Joint
    friends: np.ndarray
    """``[n, n]`` bool: row i is the team of player i, who is in it"""
    teams: Teams


@fused_kernel
def update_teams(tables, state, step, actions, rewards, following, ended):
    """Learn from one step; then let every player solve the game that its own table makes of the stage."""
    if learn(tables.joint, state, step, actions, rewards, following, ended):
        solve_teams(tables.play, tables.joint, tables.friends, tables.teams, state)


@linked_kernel
def solve_teams(play, joint, friends, teams, state):
    """Solve the game of each player's team at ``state``; each plays its part of what its team plays."""
    play, joint, friends, teams = borrow((play, joint, friends, teams))
    count = pack_stage(joint, state, teams.payoffs)
    for i in range(len(friends)):
        rows, columns = divide(friends[i], joint.sizes[state], count, teams.places)
        matrix = teams.matrix.reshape(-1)[: rows * columns].reshape((rows, columns))
        for c in range(count):
            matrix[teams.places[0, c], teams.places[1, c]] = teams.payoffs[i * count + c]
        joint.value[state, i] = secure(matrix, teams)
        own_part(i, friends[i], joint.sizes[state], rows, teams.team, teams.own)
        play_packed(play, state, i, joint.menu[state, i], teams.own, joint.sizes[state, i], teams.weights)


@inline_kernel
def divide(friends, sizes, count, places):
    """Write which joint action of the team, and which of the others, each joint action (in C order) is; returns how many these have."""
    rows, columns, rest = 1, 1, count
    for c in range(count):
        places[0, c], places[1, c] = 0, 0
    for j in range(len(sizes)):
        rest //= sizes[j]
        side = 0 if friends[j] else 1
        for c in range(count):
            places[side, c] = places[side, c] * sizes[j] + c // rest % sizes[j]
        rows *= sizes[j] if friends[j] else 1
        columns *= 1 if friends[j] else sizes[j]
    return rows, columns


@inline_kernel
def secure(matrix, teams):
    """Solve the zero-sum ``matrix`` for the team's mixed joint action; returns its value."""
    rows, columns = matrix.shape
    lower, upper = minimax_into(matrix, rows, columns, teams.team, teams.foes, teams.tableau, teams.basis)
    size = 0.0
    for i in range(rows):
        for j in range(columns):
            size = max(size, abs(matrix[i, j]))
    if not upper - lower <= SECURED * size:
        worth = np.empty(1)
        ask(MINIMAX, matrix.reshape(-1), np.array([rows, columns]), teams.team, worth)
        return worth[0]
    return 0.5 * (lower + upper)


@inline_kernel
def own_part(i, friends, sizes, rows, team, own):
    """Write what player ``i`` plays of the mixed joint action of its team."""
    after = 1
    for j in range(i + 1, len(sizes)):
        after *= sizes[j] if friends[j] else 1
    for k in range(sizes[i]):
        own[k] = 0.0
    for r in range(rows):
        own[r // after % sizes[i]] += team[r]


register_rule(TeamTables, update=update_teams)
