"""What a tabular learner is: frozen hyper-parameters; its state is a NamedTuple of arrays, one a seed."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from gametheory_rl._game_checks import joint_legal
from gametheory_rl._games import GameSpec, StochasticGame
from gametheory_rl._results import Plan, Profile, Run
from gametheory_rl._support._memory import require_memory
from gametheory_rl.learners import _rules_kernels as rules
from gametheory_rl.learners._checks import menus, padded_legal
from gametheory_rl.learners._play_kernels import BEYOND, Play
from gametheory_rl.learners._schedules import Schedule, as_schedule
from gametheory_rl.learners._training import train


class TabularLearner(ABC):
    """Base of the tabular learners: frozen dataclasses that construct without arguments.

    ``init`` makes the tables of one seed, whose ``play`` holds the policy; ``act`` and ``update`` are the two kernels that the
    learner's file has registered for that type of tables, run here as plain Python. Arrays of the tables that are writeable are
    the learner's state, the rest are constants.
    """

    paradigm: ClassVar[str]
    """``decentralised``: a player sees its own action and reward; ``joint``: every player sees all actions, and all rewards or its own;
    ``centralised``: one super-agent sees and chooses everything (it has ``weights``, the team's reward)."""
    off_policy: ClassVar[bool] = True
    """Whether the rule may learn from samples that its own policy did not draw."""

    @abstractmethod
    def init(self, spec: GameSpec) -> Any:
        """Return the tables of one seed; refuses in a sentence a game that the learner cannot play."""

    @abstractmethod
    def values(self, tables: Any) -> np.ndarray:
        """Return the learner's own estimate of each player's value, ``(n, S)``; a centralised learner's are the team's."""

    def act(self, tables: Any, state: int, step: int, visits: int, draws: np.ndarray) -> np.ndarray:
        """Return every player's action ``(n,)``, exploration included, from ``n`` uniform numbers."""
        actions = np.empty(len(draws), np.int64)
        rules.act(tables, state, step, visits, draws, actions)
        return actions

    def update(self, tables: Any, state: int, step: int, actions: np.ndarray, rewards: np.ndarray, following: int, ended: bool) -> None:
        """Learn from one step, in place: ``following`` is the next state, ``ended`` says that it is terminal."""
        rules.update(tables, state, step, actions, rewards, following, ended)

    def profile(self, tables: Any) -> Profile:
        """Return the policy without exploration: one ``(S, A_i)`` array per player.

        Where the players share one draw, the override returns one array ``(S, A_1, ..., A_n)`` over joint actions; the play then
        has a single row, which chooses the joint action by its number in C order.
        """
        return tuple(tables.play.policy[:, i, :count].copy() for i, count in enumerate(tables.play.num_actions))

    def average(self, tables: Any) -> Profile:
        """Return the policy averaged over the visits of each state; where there was none, the policy as it is."""
        profile, play = self.profile(tables), tables.play
        if isinstance(profile, tuple):
            return tuple(_averaged(play, i, policy) for i, policy in enumerate(profile))
        return _averaged(play, 0, profile.reshape(len(profile), -1)).reshape(profile.shape)

    def report(self, tables: Any) -> Mapping[str, float]:
        """Return what a record says of the tables themselves, beside the judge's numbers: further columns of the trace."""
        del tables
        return {}

    def train(self, game: StochasticGame, plan: Plan) -> Run:
        """Train on ``game`` as ``plan`` says."""
        return train(self, game, plan)


def _averaged(play: Play, i: int, policy: np.ndarray) -> np.ndarray:
    """Return the average of row ``i`` of the play, whose policy now is ``policy`` (S, A)."""
    pending = play.visits - play.booked[:, i]
    sums = play.sums[:, i, : policy.shape[1]] + pending[:, np.newaxis] * policy
    totals = sums.sum(axis=1, keepdims=True)
    return np.divide(sums, totals, out=policy.copy(), where=totals > 0)


def constant(values: Any, dtype: Any = np.int64) -> np.ndarray:
    """Return a read-only array: a constant of the tables, which a checkpoint need not hold."""
    array = np.ascontiguousarray(values, dtype)
    array.setflags(write=False)
    return array


def padded(spec: GameSpec) -> np.ndarray:
    """Return the masks of legal actions as one array ``(S, n, A)``, A the largest action count."""
    return padded_legal(spec.legal)


def play_of(spec: GameSpec, exploration: Schedule | float) -> Play:
    """Return a Play whose policy is uniform over legal actions."""
    _require_tables(spec.num_states, spec.num_players, max(spec.num_actions))
    return _uniform_play(padded(spec), spec.num_actions, exploration)


def shared_play_of(spec: GameSpec, exploration: Schedule | float) -> Play:
    """Return a Play of one row, for players who share one draw: its actions are the joint ones, by their numbers in C order."""
    count = math.prod(spec.num_actions)
    _require_tables(spec.num_states, 1, count)
    return _uniform_play(joint_legal(spec.legal).reshape(spec.num_states, 1, count), (count,), exploration)


def _require_tables(*shape: int) -> None:
    require_memory((9, *shape), "one seed's tables", "give a smaller game")


def _uniform_play(legal: np.ndarray, num_actions: tuple[int, ...], exploration: Schedule | float) -> Play:
    """Return a Play over ``legal`` (S, rows, A)."""
    menu, sizes = menus(legal)
    last = np.take_along_axis(menu, sizes[:, :, np.newaxis] - 1, axis=2)
    policy = legal / sizes[:, :, np.newaxis]
    return Play(
        policy=policy,
        edges=np.where(np.arange(legal.shape[2]) < last, policy.cumsum(axis=2), BEYOND),
        sure=np.where(sizes == 1, legal.argmax(axis=2), -1),
        visits=np.zeros(len(legal), np.int64),
        booked=np.zeros(sizes.shape, np.int64),
        sums=np.zeros(legal.shape),
        menu=constant(menu),
        sizes=constant(sizes),
        num_actions=constant(num_actions),
        exploration=as_schedule(exploration, "exploration").floats,
    )
