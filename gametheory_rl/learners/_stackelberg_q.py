"""Stackelberg-Q: Q-learning whose bootstrap is the leader's best commitment in the next stage game."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from gametheory_rl._game_checks import checked_index
from gametheory_rl._games import GameSpec
from gametheory_rl._support._errors import GameError
from gametheory_rl.learners._joint_q import JointQ
from gametheory_rl.learners._learner import play_of
from gametheory_rl.learners._stackelberg_q_kernels import Commitment, StackelbergTables


@final
@dataclass(frozen=True)
class StackelbergQ(JointQ):
    """Q-learning over joint actions whose bootstrap is a strong Stackelberg solution of the next state's stage game.

    The leader commits to the mixed action that is best for it, given that the follower replies best; ties of the follower's go the
    leader's way. The commitment is renewed in every state, and no equilibrium in general: the leader could gain by breaking it, and the
    exact gap counts that.

    Parameters
    ----------
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the (state, joint action).
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately.
    initial : float
        Every entry and value at first.
    leader : int
        Who commits: 0, player 1, or 1, player 2.

    Notes
    -----
    The asymmetric Q-learning of V. Könönen, "Asymmetric multiagent reinforcement learning", IAT 2003, with mixed commitments
    (V. Conitzer & T. Sandholm 2006) where his leader commits to a pure action. Two players. Compiled, a linear program for each
    reply that could be worth it; where floating point cannot tell, the loop asks `equilibria.stackelberg`.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> game = gt.StochasticGame.from_matrix_game([[[2, 4], [1, 3]], [[1, 0], [0, 1]]])
    >>> [policy.tolist() for policy in gt.learn(game, "stackelberg_q", steps=400, records=2).profile]
    [[[0.5, 0.5]], [[0.0, 1.0]]]
    """

    leader: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        checked_index(self.leader, 2, "the leader")

    def init(self, spec: GameSpec) -> StackelbergTables:
        """Return the tables of one seed."""
        if spec.num_players != 2:
            raise GameError(f"StackelbergQ needs a leader and a follower, this game has {spec.num_players} player(s); use CorrelatedQ")
        count, most = math.prod(spec.num_actions), max(spec.num_actions)
        commitment = Commitment(
            payoffs=np.zeros(2 * count),
            scaled=np.zeros(2 * count),
            mixed=np.zeros(2 * most),
            led=np.zeros(most),
            values=np.zeros(2),
            weights=np.zeros(most),
        )
        return StackelbergTables(play_of(spec, self.exploration), self.joint(spec), commitment, int(self.leader))
