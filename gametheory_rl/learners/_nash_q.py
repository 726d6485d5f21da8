"""Nash-Q: Q-learning for general-sum games whose bootstrap is a Nash equilibrium of the next stage game (Hu & Wellman 2003)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.learners._ask_kernels import SELECTIONS
from gametheory_rl.learners._joint_q import JointQ, friendly
from gametheory_rl.learners._joint_q_kernels import Joint, learn
from gametheory_rl.learners._learner import constant, play_of
from gametheory_rl.learners._nash_q_kernels import ChosenTables, FirstTables, Stage
from gametheory_rl.learners._play_kernels import Play, act_apart
from gametheory_rl.learners._rules_kernels import RULES, plain
from gametheory_rl.learners._stage_solvers import named, play_solvers

BASES = 4000
"""Up to so many bases of a best-response polytope are all equilibria enumerated by the compiled rule."""


class OwnTables(NamedTuple):
    """One seed of Nash-Q whose stage games are solved in Python: by a user's function, or for three players and more."""

    play: Play
    joint: Joint
    apart: np.ndarray
    """``[S]`` bool: whether the players had different equilibria in mind when the stage game was last solved"""


@final
@dataclass(frozen=True)
class NashQ(JointQ):
    """Q-learning over joint actions whose bootstrap is a Nash equilibrium of the next state's stage game.

    Each player keeps everybody's table, finds an equilibrium of the stage game that they make, plays its part of it and expects what
    it pays. With one selection for all they have the same equilibrium in mind. With one each they may not: then each expects
    what its own pays, and the column ``mismatch`` of the trace counts the states where the players' equilibria differ.

    Parameters
    ----------
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the (state, joint action).
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately.
    initial : float
        Every entry and value at first.
    selection : str, callable, or tuple of one for each player
        ``first``: where the method of Lemke and Howson ends that drops label 0; ``best_for_1``, ``best_for_2``, ``welfare``,
        ``egalitarian``, ``risk_dominant``, ``max_entropy``: see `equilibria.select`. Three players and more: ``first``, the
        equilibrium that `equilibria.nash` certifies. Or a function of payoffs (n, A_1, ..., A_n), legal actions only, that returns
        one mixed action (A_i,) per player.

    Raises
    ------
    GameError
        From ``init``: a selection that needs two players, or tables that do not fit in memory. While training: a function that returns
        no profile. SolverError: a stage game that no solver could tell.

    Notes
    -----
    Hu & Wellman, "Nash Q-learning for general-sum stochastic games", JMLR 2003, equations 9 and 10. Their theorem asks that every stage
    game on the way have a global optimum, or each a saddle point, always of the same kind, which hardly any game
    grants: without it nothing is promised, and the exact gap says how it ended. Deviations: their step size is 1 / visits of the
    (state, joint action), ``Schedule.by_visits()``; with discounts near 1 it forgets its first guesses too slowly to be the default.
    Their players learn the others' tables from what they observe; all see the same, so that one set serves.

    A table says nothing of states that play never comes to, and the gap is that of the worst state. On ``grid_game_1``, 200,000
    steps of its own play leave 32 of 57 states unvisited (the trace's column ``unvisited``): the gap from the start state is 0, that of
    the worst state 49. With ``sampling="generative"``, which starts each step in a state drawn uniformly, both are 0 up to rounding.

    Two players run compiled. What is within 1e-9 (payoffs mapped to [1, 2]) of a tie counts as one: the stage games are estimates. Where
    floating point cannot tell, and where the equilibrium of largest entropy need not be an extreme one, the loop asks
    `equilibria.lemke_howson` or `equilibria.select`. Selections other than ``first`` enumerate all equilibria: compiled up to
    some 6 x 6 actions, beyond which each update takes milliseconds. A user's function and three or more players run in the readable
    loop.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> stag_hunt = gt.StochasticGame.from_matrix_game([[[4, 0], [3, 3]], [[4, 3], [0, 3]]])
    >>> run = gt.learn(stag_hunt, gt.learners.NashQ(selection="welfare"), steps=400, records=2)
    >>> [policy.tolist() for policy in run.profile]
    [[[1.0, 0.0]], [[1.0, 0.0]]]
    """

    selection: str | Callable[[np.ndarray], Any] | tuple[Any, ...] = "first"

    def __post_init__(self) -> None:
        super().__post_init__()
        for each in self._each():
            if not callable(each) and each not in SELECTIONS:
                raise UnknownNameError("selection", str(each), SELECTIONS)

    def _each(self) -> tuple[Any, ...]:
        """Return one selection, or one for each player."""
        return tuple(self.selection) if isinstance(self.selection, tuple | list) else (self.selection,)

    def init(self, spec: GameSpec) -> Any:
        """Return the tables of one seed."""
        each, players = self._each(), spec.num_players
        if len(each) not in (1, players):
            raise GameError(f"selection has {len(each)} entries, one selection or one for each of {players} players was expected")
        if players == 1 and not callable(each[0]):
            return friendly(self, spec)
        if players != 2 and any(not callable(one) and one != "first" for one in each):
            names = ", ".join(repr(one) for one in each if not callable(one) and one != "first")
            raise GameError(f"NashQ's selection {names} needs a game of two players, this one has {players}; use 'first' or a function")
        joint, play = self.joint(spec), play_of(spec, self.exploration)
        if players != 2 or any(map(callable, each)):
            return OwnTables(play, joint, np.zeros(spec.num_states, np.bool_))
        most = max(spec.num_actions)
        rules = tuple(dict.fromkeys(each)) if len(set(each)) == 1 else each
        stage = Stage(
            payoffs=np.zeros(2 * math.prod(spec.num_actions)),
            mixed=np.zeros((len(rules), 2 * most)),
            values=np.zeros((len(rules), 2)),
            weights=np.zeros(most),
        )
        if rules == ("first",):
            return FirstTables(play, joint, stage)
        bases = math.comb(sum(spec.num_actions), spec.num_actions[0])
        room = np.zeros((2, bases if bases <= BASES else 0, most))
        codes = constant([SELECTIONS.index(rule) for rule in rules])
        return ChosenTables(play, joint, stage, codes, np.zeros(spec.num_states, np.bool_), room)

    def act(self, tables: Any, state: int, step: int, visits: int, draws: np.ndarray) -> np.ndarray:
        """Return every player's action ``(n,)``, exploration included, from ``n`` uniform numbers."""
        if type(tables) in RULES:
            return super().act(tables, state, step, visits, draws)
        actions = np.empty(len(draws), np.int64)
        plain(act_apart)(tables, state, step, visits, draws, actions)
        return actions

    def update(self, tables: Any, state: int, step: int, actions: np.ndarray, rewards: np.ndarray, following: int, ended: bool) -> None:
        """Learn from one step, in place, and solve the stage game at ``state`` again."""
        if type(tables) in RULES:
            super().update(tables, state, step, actions, rewards, following, ended)
        elif plain(learn)(tables.joint, state, step, actions, rewards, following, ended):
            play_solvers(tables, state, [one if callable(one) else named(one) for one in self._each()])

    def report(self, tables: Any) -> Mapping[str, float]:
        """Return the number of states where the players had different equilibria in mind, where they may."""
        return {"mismatch": float(tables.apart.sum())} if len(set(self._each())) > 1 else {}
