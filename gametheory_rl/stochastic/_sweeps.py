"""Sweeps over all stage games of a stochastic game, each solved by one rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Profile
from gametheory_rl.stochastic._stage_rules import Menus, Played, Rule


@dataclass(eq=False)
class Sweeps:
    """The stage games as last solved; a stage game that has not changed by a bit is not solved again."""

    menus: Menus
    rule: Rule
    stages: np.ndarray
    values: np.ndarray
    play: tuple[np.ndarray, ...] | None
    matched: np.ndarray
    joint: bool = False
    """Whether the rule draws joint actions"""

    @classmethod
    def of(cls, game: StochasticGame, rule: Rule) -> Sweeps:
        """Return sweeps of which none has been made."""
        shape = (game.num_states, game.num_players, *game.num_actions)
        nothing = np.full(shape, np.nan)
        return cls(Menus.of(game), rule, nothing, np.zeros((game.num_players, game.num_states)), None, np.ones(game.num_states, np.bool_))

    def copy(self) -> Sweeps:
        """Return sweeps that go on from here on their own."""
        play = None if self.play is None else tuple(part.copy() for part in self.play)
        return Sweeps(self.menus, self.rule, self.stages, self.values.copy(), play, self.matched.copy(), self.joint)

    def sweep(self, values: np.ndarray) -> np.ndarray:
        """Return the values ``(n, S)`` of all stage games continued with ``values``."""
        stages = self.menus.stages(values)
        changed = (stages != self.stages).reshape(len(stages), -1).any(axis=1)
        self.stages = stages
        for states, menu in self.menus.groups:
            states = states[changed[states]]
            if states.size:
                self._solve(states, menu, stages[np.ix_(states, np.arange(stages.shape[1]), *menu)])
        return self.values.copy()

    def _solve(self, states: np.ndarray, menu: tuple[np.ndarray, ...], stages: np.ndarray) -> None:
        found: Played = self.rule(np.ascontiguousarray(stages))
        self.joint = found.joint
        if self.play is None:
            self.play = self.menus.blank(self.joint)
        self.values[:, states], self.matched[states] = found.values.T, found.matched
        if self.joint:
            self.play[0][np.ix_(states, *menu)] = found.play[0]
        else:
            for policy, actions, part in zip(self.play, menu, found.play, strict=True):
                policy[np.ix_(states, actions)] = part

    def parts(self) -> tuple[np.ndarray, ...]:
        """Return what is played: one ``(S, A_i)`` per player, or a single array of joint actions."""
        assert self.play is not None
        return self.play

    def profile(self) -> Profile:
        """Return what is played, as a profile."""
        parts = self.parts()
        return parts[0] if self.joint else parts
