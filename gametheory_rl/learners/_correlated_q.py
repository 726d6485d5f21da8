"""Correlated-Q: Q-learning whose bootstrap is a correlated equilibrium of the next stage game (Greenwald & Hall 2003)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._results import Profile
from gametheory_rl._support._errors import UnknownNameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.learners._correlated_q_kernels import CorrelatedTables, LibertarianTables, Program
from gametheory_rl.learners._joint_q import JointQ
from gametheory_rl.learners._learner import play_of, shared_play_of

OBJECTIVES = ("utilitarian", "egalitarian", "republican", "libertarian")


@final
@dataclass(frozen=True)
class CorrelatedQ(JointQ):
    """Q-learning over joint actions whose bootstrap is a correlated equilibrium of the next state's stage game.

    A device draws a joint action and tells each player its part; nobody gains by playing anything else. The players share that
    draw: the profile is one array (S, A_1, ..., A_n), which `verify` judges as correlated. Libertarian players share nothing:
    each plays its part of the equilibrium that is best for itself by its own draw, the profile is one array per player, and the column
    ``mismatch`` of the trace counts the states where their equilibria differ.

    Parameters
    ----------
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the (state, joint action).
    exploration : Schedule or float
        Probability of a uniformly random legal joint action; libertarian: of a legal action, for each player separately.
    initial : float
        Every entry and value at first.
    objective : str
        Which equilibrium: ``utilitarian`` has the largest sum of payoffs, ``egalitarian`` the largest minimum, ``republican`` the
        largest maximum, ``libertarian`` for each player the largest payoff of its own.

    Notes
    -----
    Greenwald & Hall, "Correlated-Q learning", ICML 2003. Any number of players. Nobody has proved that it converges in general-sum
    games; the exact gap says how it ended. Linear programs in the joint actions, solved again after every update at a
    state, by the compiled dual simplex method of `equilibria.correlated`; an answer that somebody gains by disobeying (1e-9 of
    the span) or that is not the best (1e-8, by weak duality) is not taken, and the loop asks `equilibria.correlated`. Several
    distributions can be best, then one of them is played. A libertarian player expects what the product of all their parts pays it,
    which need not be an equilibrium. Deviation: their step size and exploration decay with time.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> chicken = gt.StochasticGame.from_matrix_game([[[6, 2], [7, 0]], [[6, 7], [2, 0]]])
    >>> gt.learn(chicken, "correlated_q", steps=400, records=2).profile.round(6).tolist()
    [[[0.5, 0.25], [0.25, 0.0]]]
    """

    objective: str = "utilitarian"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.objective not in OBJECTIVES:
            raise UnknownNameError("objective", str(self.objective), OBJECTIVES)

    def init(self, spec: GameSpec) -> CorrelatedTables | LibertarianTables:
        """Return the tables of one seed."""
        joint = self.joint(spec)
        if self.objective == "libertarian":
            play = play_of(spec, self.exploration)
            return LibertarianTables(play, joint, _program(spec, max(spec.num_actions)), np.zeros(spec.num_states, np.bool_))
        program, play = _program(spec, math.prod(spec.num_actions)), shared_play_of(spec, self.exploration)
        return CorrelatedTables(play, joint.strides, joint, program, OBJECTIVES.index(self.objective))

    def profile(self, tables: CorrelatedTables | LibertarianTables) -> Profile:
        """Return the policy without exploration: one array (S, A_1, ..., A_n), or libertarian one ``(S, A_i)`` per player."""
        if isinstance(tables, LibertarianTables):
            return super().profile(tables)
        return tables.play.policy[:, 0].reshape(len(tables.play.policy), *_num_actions(tables)).copy()

    def report(self, tables: CorrelatedTables | LibertarianTables) -> Mapping[str, float]:
        """Return the number of states where libertarian players had different equilibria in mind."""
        return {"mismatch": float(tables.apart.sum())} if isinstance(tables, LibertarianTables) else {}


def _num_actions(tables: CorrelatedTables) -> list[int]:
    """Return each player's action count: a stride is the product of the later ones."""
    ends = [tables.joint.q.shape[2], *tables.strides.tolist()]
    return [before // after for before, after in pairwise(ends)]


def _program(spec: GameSpec, row: int) -> Program:
    """Return room for the linear programs of one stage game; ``row`` is the length of a row of the play."""
    players, cells = spec.num_players, math.prod(spec.num_actions)
    told = sum(own * (own - 1) for own in spec.num_actions)
    require_memory((2, players + told + 2, cells + 2), "the linear program of a stage game", "use FriendQ or a decentralised learner")
    return Program(
        payoffs=np.zeros(players * cells),
        scaled=np.zeros(players * cells),
        noise=np.zeros(players),
        rows=np.zeros((told, cells)),
        worth=np.zeros((players, cells)),
        drawn=np.zeros(cells),
        kept=np.zeros((players, cells)),
        values=np.zeros(players),
        multipliers=np.zeros(players + told),
        tableau=np.zeros((players + told + 2, cells + 2)),
        basis=np.zeros(players + told + cells + 2, np.int64),
        weights=np.zeros(row),
    )
