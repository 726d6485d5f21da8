"""How stage games are played: a rule takes all stage games of one size, and says what is played in each and what it is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gametheory_rl import equilibria as eq
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError, UnknownNameError

RULES = ("first", "best_for_1", "best_for_2", "welfare", "egalitarian", "risk_dominant", "max_entropy")
OBJECTIVES = ("welfare", "egalitarian", "republican", "libertarian", "entropy")


@dataclass(frozen=True, eq=False)
class Played:
    """What a rule says of ``B`` stage games of one size."""

    values: np.ndarray
    """``[B, n]`` what each player expects"""
    play: tuple[np.ndarray, ...]
    """One ``[B, A_i]`` per player, or a single ``[B, A_1, ..., A_n]`` of joint actions"""
    matched: np.ndarray
    """``[B]`` bool: whether all players have the same equilibrium in mind"""
    joint: bool = False
    """Whether ``play`` is one array of joint actions"""


Rule = Callable[[np.ndarray], Played]
"""``rule(stages)`` with stages ``(B, n, A_1, ..., A_n)``"""


def nash_rule(select: Any, players: int) -> Rule:
    """Return the rule that plays a Nash equilibrium chosen by ``select``: a name, or one name per player."""
    if isinstance(select, tuple | list):
        if len(select) != players or players != 2:
            raise GameError(f"select is {tuple(select)!r}, one rule, or one for each of two players, was expected")
        one, other = (_checked_rule(name, players) for name in select)
        return _pair_rule(one, other) if one != other else nash_rule(one, players)
    name = _checked_rule("first" if select is None else select, players)
    if players == 1:
        return _best_action
    if players > 2:
        return partial(_each, _nash_of_many)
    return _first if name == "first" else partial(_each, partial(_selected, eq.selector(name)))


def _checked_rule(name: Any, players: int) -> str:
    if name not in RULES:
        raise UnknownNameError("selection", str(name), RULES)
    if name != "first" and players > 2:
        raise GameError(
            f"selection {name!r} needs all equilibria, which only games of two players give; this one has {players}: use 'first'"
        )
    return str(name)


def _pair_rule(*names: str) -> Rule:
    """Return the rule of two players who choose by different names: each expects, and plays its part of, the one it has in mind."""
    own = [nash_rule(name, 2) for name in names]

    def rule(stages: np.ndarray) -> Played:
        first, second = own[0](stages), own[1](stages)
        apart = [np.abs(a - b).max(axis=1) for a, b in zip(first.play, second.play, strict=True)]
        values = np.stack([first.values[:, 0], second.values[:, 1]], axis=1)
        return Played(values, (first.play[0], second.play[1]), np.maximum(*apart) <= 1e-9)

    return rule


def correlated_rule(select: Any, players: int) -> Rule:
    """Return the rule that plays the correlated equilibrium which is best for the objective ``select``; libertarian: player 1's."""
    name = "welfare" if select is None else select
    if name not in OBJECTIVES:
        raise UnknownNameError("objective", str(name), OBJECTIVES)
    del players
    return partial(_each, partial(_correlated, name), joint=True)


def friend_rule(select: Any, players: int) -> Rule:
    """Return Littman's (2001) friend: each player plays its part of the joint action that is best for itself."""
    _no_selection("friend", select)
    del players
    return _friend


def foe_rule(select: Any, players: int) -> Rule:
    """Return Littman's (2001) foe: each player secures what it can against all others together."""
    _no_selection("foe", select)
    del players
    return _foe


def stackelberg_rule(select: Any, players: int) -> Rule:
    """Return the rule of a leader, player 1, who commits to a mixed action; ties of the follower go the leader's way."""
    _no_selection("stackelberg", select)
    if players != 2:
        raise GameError(f"stackelberg needs a leader and a follower, this game has {players} players; use correlated or homotopy")
    return _stackelberg


def _no_selection(concept: str, select: Any) -> None:
    if select is not None:
        raise GameError(f"{concept} has nothing to select among, select is {select!r}; leave it out")


def _each(solve: Callable[[np.ndarray], tuple[np.ndarray, tuple[np.ndarray, ...]]], stages: np.ndarray, *, joint: bool = False) -> Played:
    """Apply a function of one stage game to each."""
    found = [solve(stage) for stage in stages]
    play = tuple(np.stack(part) for part in zip(*(play for _, play in found), strict=True))
    return Played(np.stack([values for values, _ in found]), play, np.ones(len(stages), np.bool_), joint)


def _best_action(stages: np.ndarray) -> Played:
    pays = stages[:, 0]
    best = pays.argmax(axis=1)
    return Played(pays.max(axis=1, keepdims=True), (np.eye(pays.shape[1])[best],), np.ones(len(stages), np.bool_))


def _first(stages: np.ndarray) -> Played:
    found = eq.lemke_howson(stages[:, 0], stages[:, 1])
    return Played(found.values.T, found.profile, np.ones(len(stages), np.bool_))


def _nash_of_many(stage: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    found = eq.nash(stage)
    return found.values, found.profile


def _selected(choose: Callable[..., Any], stage: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    found = choose(stage[0], stage[1])
    return found.values, found.profile


def _correlated(objective: str, stage: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    found = eq.correlated(stage, objective, player=0 if objective == "libertarian" else None)
    return found.values, (found.distribution,)


def _friend(stages: np.ndarray) -> Played:
    batch, players, *sizes = stages.shape
    flat = stages.reshape(batch, players, -1)
    wanted = np.unravel_index(flat.argmax(axis=2), sizes)
    play = tuple(np.eye(size)[wanted[i][:, i]] for i, size in enumerate(sizes))
    return Played(flat.max(axis=2), play, (flat.argmax(axis=2) == flat.argmax(axis=2)[:, :1]).all(axis=1))


def _foe(stages: np.ndarray) -> Played:
    batch, players, *sizes = stages.shape
    values, play = np.empty((batch, players)), []
    for i, size in enumerate(sizes):
        against = np.moveaxis(stages[:, i], 1 + i, 1).reshape(batch, size, -1)
        found = eq.minimax(against)
        values[:, i] = found.value
        play.append(found.profile[0])
    return Played(values, tuple(play), np.ones(batch, np.bool_))


def _stackelberg(stages: np.ndarray) -> Played:
    found = eq.stackelberg(stages[:, 0], stages[:, 1])
    return Played(found.values.T, found.profile, np.ones(len(stages), np.bool_))


@dataclass(frozen=True, eq=False)
class Menus:
    """The states of a game, grouped by the actions that are legal in them, so that stage games of one size are solved together."""

    game: StochasticGame
    groups: tuple[tuple[np.ndarray, tuple[np.ndarray, ...]], ...]
    """States, and each player's legal actions in them."""

    @classmethod
    def of(cls, game: StochasticGame) -> Menus:
        """Return the groups of ``game``, in the order of their first states."""
        masks = np.concatenate(game.legal, axis=1)
        _, first, member = np.unique(masks, axis=0, return_index=True, return_inverse=True)
        groups = []
        for k in np.argsort(first):
            states = np.flatnonzero(member.ravel() == k)
            groups.append((states, tuple(np.flatnonzero(mask[states[0]]) for mask in game.legal)))
        return cls(game, tuple(groups))

    def stages(self, values: np.ndarray) -> np.ndarray:
        """Return all stage games ``(S, n, A_1, ..., A_n)``, continued with ``values`` ``(n, S)``."""
        from scipy.sparse import csr_array

        game = self.game
        offsets, states, probabilities = game.successors
        moves = csr_array((probabilities, states, offsets), shape=(game.num_states * game.num_joint_actions, game.num_states))
        later = (moves @ values.T) * game.discount
        shape = (game.num_states, *game.num_actions, game.num_players)
        return np.moveaxis(game.payoff, 0, 1) + np.moveaxis(later.reshape(shape), -1, 1)

    def blank(self, joint: bool) -> tuple[np.ndarray, ...]:
        """Return room for what is played: zeros, one array per player or one of joint actions."""
        game = self.game
        if joint:
            return (np.zeros((game.num_states, *game.num_actions)),)
        return tuple(np.zeros((game.num_states, size)) for size in game.num_actions)
