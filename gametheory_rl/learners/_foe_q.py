"""Foe-Q: every player expects the worst of the others (Littman 2001)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._support._errors import GameError
from gametheory_rl.learners._friend_or_foe import team_tables
from gametheory_rl.learners._friend_or_foe_kernels import TeamTables
from gametheory_rl.learners._joint_q import JointQ
from gametheory_rl.learners._learner import play_of


@final
@dataclass(frozen=True)
class FoeQ(JointQ):
    """Q-learning over joint actions whose bootstrap is what the player can secure, by its own table, whatever the others do.

    Each player plays the mixed action that secures it. That converges always; the values are what the players really get in
    zero-sum games (there it is Minimax-Q) and where an equilibrium has the property that deviations help the others.

    Parameters
    ----------
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the (state, joint action).
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately.
    initial : float
        Every entry and value at first.
    friends : sequence of sequences of int, optional
        For each player, who of the others helps it: its team plays the mixed joint action that secures the player most against the
        rest. By default nobody helps. With all others it is Friend-Q.

    Notes
    -----
    Littman, "Friend-or-Foe Q-learning in general-sum games", ICML 2001. Any number of players; foes act as one, who may correlate.
    A player's part of a team's mixed joint action is its marginal: the team does not share a draw.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> pennies = gt.StochasticGame.from_matrix_game([[1, -1], [-1, 1]])
    >>> [policy.round(9).tolist() for policy in gt.learn(pennies, "foe_q", steps=400, records=2).profile]
    [[[0.5, 0.5]], [[0.5, 0.5]]]
    """

    friends: Sequence[Sequence[int]] | None = None

    def init(self, spec: GameSpec) -> TeamTables:
        """Return the tables of one seed."""
        return team_tables(spec, play_of(spec, self.exploration), self.joint(spec), self._teams(spec.num_players))

    def _teams(self, players: int) -> np.ndarray:
        """Return ``(n, n)`` bool: row i is the team of player i, itself included."""
        teams = np.eye(players, dtype=np.bool_)
        if self.friends is None:
            return teams
        if len(self.friends) != players:
            raise GameError(f"friends has {len(self.friends)} entries, one for each of {players} players was expected")
        for i, helpers in enumerate(self.friends):
            for j in helpers:
                if isinstance(j, bool) or not isinstance(j, int | np.integer) or not 0 <= j < players:
                    raise GameError(f"friends of player {i} are {list(helpers)}, players from 0 to {players - 1} were expected")
                teams[i, j] = True
        return teams
