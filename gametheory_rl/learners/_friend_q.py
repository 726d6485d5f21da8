"""Friend-Q: every player takes the others for helpers (Littman 2001)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from gametheory_rl._games import GameSpec
from gametheory_rl.learners._friend_or_foe_kernels import TeamTables
from gametheory_rl.learners._joint_q import JointQ, friendly


@final
@dataclass(frozen=True)
class FriendQ(JointQ):
    """Q-learning over joint actions whose bootstrap is the best joint action of the player's own table.

    Each player plays its part of the joint action that is best for itself, as if the others would play theirs. That converges
    always, to an equilibrium where some joint action is best for everybody; elsewhere the values are hopes, and the gap says so.

    Parameters
    ----------
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the (state, joint action).
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately.
    initial : float
        Every entry and value at first.

    Notes
    -----
    Littman, "Friend-or-Foe Q-learning in general-sum games", ICML 2001. Any number of players. Of equally good joint actions the
    first in C order is played: two players with the same table have the same one in mind.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> both = gt.StochasticGame.from_matrix_game([[[2, 0], [0, 1]], [[2, 0], [0, 1]]])
    >>> [policy.tolist() for policy in gt.learn(both, "friend_q", steps=400, records=2).profile]
    [[[1.0, 0.0]], [[1.0, 0.0]]]
    """

    def init(self, spec: GameSpec) -> TeamTables:
        """Return the tables of one seed."""
        return friendly(self, spec)
