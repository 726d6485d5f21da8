"""Learning against opponents who do not learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from gametheory_rl._game_checks import numbers
from gametheory_rl._games import GameSpec
from gametheory_rl._results import Profile
from gametheory_rl._support._errors import GameError
from gametheory_rl.learners._against_kernels import AgainstTables
from gametheory_rl.learners._learner import TabularLearner, constant, padded
from gametheory_rl.learners._play_kernels import BEYOND
from gametheory_rl.learners._rules_kernels import RULES


@final
@dataclass(frozen=True, eq=False)
class AgainstFixed(TabularLearner):
    """A learner, with some players held to given policies: a random opponent, a champion to beat.

    The learner sees what it always sees, the opponent's actions among it where it is a joint-action learner, and learns for everybody;
    what it would have had the fixed players do is ignored. They never explore.

    Parameters
    ----------
    learner : TabularLearner
        With a compiled rule; its ``exploration`` is that of the players who learn.
    policies : sequence of n entries: None, "uniform" or array_like, shape (S, A_i)
        None: this player learns. Else his policy, for ever.

    Raises
    ------
    GameError
        Nobody or everybody is fixed; from ``init``: policies that do not fit the game, a learner that cannot play it.

    Notes
    -----
    A run's profiles have the fixed policies in their places, so that a gap is that of the play as it is: the fixed players' gains say
    how far the learned policy can be beaten. Seeds draw as the learner alone would: step t owns the same numbers.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> from gametheory_rl.learners import AgainstFixed, IndependentQ
    >>> pennies = gt.load_game("matching_pennies")
    >>> run = gt.learn(pennies, AgainstFixed(IndependentQ(), [None, [[0.9, 0.1]]]), steps=1000)
    >>> run.profile[0].tolist()
    [[1.0, 0.0]]
    """

    learner: TabularLearner
    policies: Sequence[Any]

    def __post_init__(self) -> None:
        if not isinstance(self.learner, TabularLearner):
            raise GameError(f"learner is {self.learner!r}, a tabular learner such as MinimaxQ() was expected")
        if self.learner.paradigm == "centralised":
            raise GameError(f"{type(self.learner).__name__} decides for all players at once, so that none of them can be held to a policy")
        known = isinstance(self.policies, list | tuple)
        if not known or all(p is None for p in self.policies) or all(p is not None for p in self.policies):
            raise GameError("policies must be a list with one entry per player, None for those who learn, and a policy for at least one")

    @property
    def paradigm(self) -> str:  # type: ignore[override] -- that of the learner
        """What the learner sees."""
        return self.learner.paradigm

    def init(self, spec: GameSpec) -> AgainstTables:
        """Return the tables of one seed."""
        if len(self.policies) != spec.num_players:
            raise GameError(f"policies has {len(self.policies)} entries, one for each of {spec.num_players} players was expected")
        inner, legal = self.learner.init(spec), padded(spec)
        if type(inner) not in RULES:
            raise GameError(f"{type(self.learner).__name__} has no compiled rule, which AgainstFixed needs")
        if not isinstance(self.learner.profile(inner), tuple):
            raise GameError(f"{type(self.learner).__name__} plays a joint policy on this game, so that no player can be held to his own")
        policies = np.zeros(legal.shape)
        for player, policy in enumerate(self.policies):
            if policy is not None:
                policies[:, player, : spec.num_actions[player]] = _checked(policy, spec, player)
        fixed = [policy is not None for policy in self.policies]
        return AgainstTables(
            inner.play, inner, constant(fixed, np.bool_), constant(policies, np.float64), constant(edges_of(policies), np.float64)
        )

    def values(self, tables: AgainstTables) -> Any:
        """Return None: what is learned against one opponent is not the game's value, which a trace would compare it with."""
        del tables
        return None

    def profile(self, tables: AgainstTables) -> Profile:
        """Return the learned policies, and the fixed ones in their places."""
        return self._with_fixed(tables, self.learner.profile(tables.inner))

    def average(self, tables: AgainstTables) -> Profile:
        """Return the learned policies averaged over visits, and the fixed ones in their places."""
        return self._with_fixed(tables, self.learner.average(tables.inner))

    def report(self, tables: AgainstTables) -> Mapping[str, float]:
        """Return what the learner reports."""
        return self.learner.report(tables.inner)

    def _with_fixed(self, tables: AgainstTables, learned: Profile) -> Profile:
        return tuple(tables.policies[:, i, : policy.shape[1]].copy() if tables.fixed[i] else policy for i, policy in enumerate(learned))


def _checked(policy: Any, spec: GameSpec, player: int) -> np.ndarray:
    legal = spec.legal[player]
    if isinstance(policy, str) and policy == "uniform":
        return legal / legal.sum(axis=1, keepdims=True)
    what = f"the policy of player {player}"
    table = numbers(policy, what)
    if table.shape != legal.shape:
        raise GameError(f"{what} has shape {table.shape}, {legal.shape} was expected")
    if (table < 0).any() or (table[~legal] > 0).any() or (np.abs(table.sum(axis=1) - 1) > 1e-8).any():
        raise GameError(f"{what} holds rows that are no distributions over legal actions")
    return table / table.sum(axis=1, keepdims=True)


def edges_of(policies: np.ndarray) -> np.ndarray:
    """Return running sums along the last axis, ``BEYOND`` from the last positive weight on, as ``Play`` has them."""
    width = policies.shape[-1]
    last = width - 1 - (policies[..., ::-1] > 0).argmax(axis=-1)
    return np.where(np.arange(width) < last[..., np.newaxis], policies.cumsum(axis=-1), BEYOND)
