"""Who helps and who harms, and the tables of Friend-or-Foe-Q; ``_friend_q`` and ``_foe_q`` are its recipes."""

from __future__ import annotations

import math

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._kernels._simplex import workspace
from gametheory_rl.learners._friend_or_foe_kernels import Teams, TeamTables
from gametheory_rl.learners._joint_q_kernels import Joint
from gametheory_rl.learners._learner import constant
from gametheory_rl.learners._play_kernels import Play


def team_tables(spec: GameSpec, play: Play, joint: Joint, friends: np.ndarray) -> TeamTables:
    """Return the tables of one seed where row i of ``friends`` (n, n) bool is player i's team."""
    count, most, sizes = math.prod(spec.num_actions), max(spec.num_actions), np.array(spec.num_actions)
    rows = max(math.prod(sizes[team].tolist()) for team in friends)
    columns = max(math.prod(sizes[~team].tolist()) for team in friends)
    require_memory((2, rows + 1, columns + 1), "the game of one team against the other", "use a decentralised learner")
    tableau, basis = workspace(rows, columns)
    teams = Teams(
        payoffs=np.zeros(spec.num_players * count),
        places=np.zeros((2, count), np.int64),
        matrix=np.zeros((rows, columns)),
        team=np.zeros(rows),
        foes=np.zeros(columns),
        own=np.zeros(most),
        weights=np.zeros(most),
        tableau=np.zeros_like(tableau),
        basis=np.zeros_like(basis),
    )
    return TeamTables(play, joint, constant(friends, np.bool_), teams)
