"""What the recipes over the engine of joint-action learning share; the engine's rules are in ``_joint_q_kernels``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gametheory_rl._game_checks import joint_legal
from gametheory_rl._games import GameSpec
from gametheory_rl._support._memory import require_memory
from gametheory_rl.learners._checks import checked_number, strides_of
from gametheory_rl.learners._friend_or_foe import team_tables
from gametheory_rl.learners._friend_or_foe_kernels import TeamTables
from gametheory_rl.learners._joint_q_kernels import Joint
from gametheory_rl.learners._learner import TabularLearner, constant, padded, play_of
from gametheory_rl.learners._schedules import Schedule, as_schedule


@dataclass(frozen=True)
class JointQ(TabularLearner):
    """Base of the joint-action learners: each player keeps a table over joint actions, and all see all actions and rewards.

    Q_i(s, a) moves towards r_i + discount_i V_i(s'), where V_i(s') is what player i expects of the stage game that all tables make
    at s'. What is played there is the recipe's concept of a solution; it is solved again whenever an entry at s has changed.
    """

    step_size: Schedule | float = Schedule.by_visits(0.75)  # noqa: RUF009 -- frozen
    exploration: Schedule | float = 0.5
    initial: float = 0.0
    paradigm: ClassVar[str] = "joint"

    def __post_init__(self) -> None:
        as_schedule(self.step_size, "step_size")
        as_schedule(self.exploration, "exploration")
        checked_number(self.initial, "initial")

    def values(self, tables: Any) -> np.ndarray:
        """Return what each player expects, ``(n, S)``."""
        return tables.joint.value.T.copy()

    def joint(self, spec: GameSpec) -> Joint:
        """Return the tables over joint actions."""
        states, players, count = spec.num_states, spec.num_players, math.prod(spec.num_actions)
        require_memory((players + 2, states, count), f"{type(self).__name__}'s tables over joint actions", "use a decentralised learner")
        legal = joint_legal(spec.legal).reshape(states, count)
        menus = padded(spec)
        return Joint(
            q=np.full((states, players, count), float(self.initial)),
            counts=np.zeros((states, count), np.int64),
            value=np.full((states, players), float(self.initial)),
            cells=constant(np.argsort(~legal, axis=1, kind="stable")),
            menu=constant(np.argsort(~menus, axis=2, kind="stable")),
            sizes=constant(menus.sum(axis=2)),
            strides=constant(strides_of(spec.num_actions)),
            discount=constant(spec.discount, np.float64),
            step_size=as_schedule(self.step_size, "step_size").floats,
        )


def friendly(learner: JointQ, spec: GameSpec) -> TeamTables:
    """Return the tables of players who all take each other for friends; a single player has nobody else."""
    everybody = np.ones((spec.num_players, spec.num_players), np.bool_)
    return team_tables(spec, play_of(spec, learner.exploration), learner.joint(spec), everybody)
