"""Potentials of games of several states: one function of stationary policies that changes as each deviator's values do, from every state.

Such a game is called a Markov potential game (S. Macua, J. Zazo & S. Zazo 2018; S. Leonardos, W. Overman, I. Panageas & G. Piliouras 2021).
A game has a potential if and only if gains along every cycle of four deviations add up to 0 (D. Monderer & L. S. Shapley 1996, theorem
2.8, for any sets of strategies). Sufficient, where discounts are equal (``f`` pays ``V_f(policies)``, discounted, from every state):

1. Nobody's action matters to transitions, and every stage game has a potential ``f``. A deviation changes payoffs in the states where
   it happens, and visits to them not at all: values change as ``V_f`` does.
2. Player ``k``'s payoffs are ``f``, and of every other player's, what lies beyond ``f`` either does not depend on his own action, as
   transitions do not: his deviation moves neither what he earns beyond ``f`` nor how often; or is ``h(s) - discount * h(next state)`` in
   expectation, for some ``h``: that adds up to ``h`` of the first state whatever is played (A. Ng, D. Harada & S. Russell 1999).

Payoffs that differ by a part that a player's own action does not change are not enough where that action moves the state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gametheory_rl._game_checks import joint_legal
from gametheory_rl._games import Labels, StochasticGame
from gametheory_rl.equilibria import _structure as structure
from gametheory_rl.equilibria._structure import Trait
from gametheory_rl.stochastic._continuation import Elimination
from gametheory_rl.stochastic._influence import SAME, matters, movers_of
from gametheory_rl.stochastic._policy_cycles import cycle_with_gains

MOST_STATES = 5_000
"""In larger games nobody looks for ``h``: that takes a system of equations, one a state."""


class Found(NamedTuple):
    """A potential's stage payoffs, if there is one; and what is known of it."""

    payoff: np.ndarray | None
    """``[S, A_1, ..., A_n]`` ``f``; 0 at illegal joint actions"""
    trait: Trait


def potential_trait(game: StochasticGame) -> Trait:
    """Return whether a game of several states has a potential over stationary policies, and why."""
    if (game.discount >= 1.0).any():
        return Trait(None, "asked of discounts below 1")
    trait = potential_of(game).trait
    return cycle_with_gains(game) if trait.holds is None else trait


def potential_of(game: StochasticGame) -> Found:
    """Return stage payoffs whose discounted sum is a potential, where one of the sufficient conditions holds.

    ``trait`` is undecided where none does; false where nobody moves the state and a stage game has no potential: from that state the
    gains of the same cycle add up to at least as much.
    """
    if (game.discount != game.discount[0]).any():
        return Found(None, Trait(None, "players discount differently"))
    moved = [bool(states.any() and game.discount[0] > 0.0) for states in movers_of(game)]
    return _beyond_one(game, moved) if any(moved) else _by_state(game)


def _by_state(game: StochasticGame) -> Found:
    """Look for potentials state by state, all states with the same legal actions at once."""
    found = np.zeros(game.payoff.shape[1:])
    masks = np.concatenate(game.legal, axis=1)
    _, member = np.unique(masks, axis=0, return_inverse=True)
    for k in range(int(member.max()) + 1):
        states = np.flatnonzero(member.ravel() == k)
        actions = [np.flatnonzero(mask[states[0]]) for mask in game.legal]
        payoffs = np.moveaxis(game.payoff[np.ix_(np.arange(game.num_players), states, *actions)], 1, -1)
        if not structure.potential(payoffs, LegalNames(game.labels, actions)):
            return Found(None, _no_potential(game, payoffs, states, actions))
        found[np.ix_(states, *actions)] = np.moveaxis(structure.potential_function(payoffs), -1, 0)
    return Found(found, Trait(True, "nobody's action matters to what follows, and every stage game has an exact potential"))


def _no_potential(game: StochasticGame, payoffs: np.ndarray, states: np.ndarray, actions: list[np.ndarray]) -> Trait:
    for at, state in enumerate(states):
        trait = structure.potential(payoffs[..., at], LegalNames(game.labels, actions))
        if not trait:
            return Trait(trait.holds, f"in state {game.labels.state(int(state))}, {trait.reason}")
    return Trait(None, "payoffs differ by so little that rounding decides")


@dataclass(frozen=True)
class LegalNames:
    """The names of a game's players, and of their legal actions, which are numbered without gaps."""

    labels: Labels
    actions: list[np.ndarray]

    def player(self, player: int) -> str:
        """Return a player's name."""
        return self.labels.player(player)

    def action(self, player: int, action: int) -> str:
        """Return the name of a player's legal action."""
        return self.labels.action(player, int(self.actions[player][action]))


def _beyond_one(game: StochasticGame, moved: list[bool]) -> Found:
    """Look at what others earn beyond the first player who moves the state."""
    one = moved.index(True)
    legal, f = joint_legal(game.legal), game.payoff[one]
    noise = 4.0 * SAME * max(float(np.abs(game.payoff).max()), 1e-300)
    shape: Callable[[np.ndarray], bool] | None = None
    shaped = False
    for player in range(game.num_players):
        beyond = np.where(legal, game.payoff[player] - f, 0.0)
        if player == one or np.abs(beyond).max() <= noise:
            continue
        if not moved[player] and not _own_action_matters(game, player, beyond, noise):
            continue
        shape = shape or _Shaping(game, legal, noise)
        if not shape(beyond):
            return Found(None, Trait(None, "no sufficient condition holds"))
        shaped = True
    return Found(np.where(legal, f, 0.0), Trait(True, _says(game, moved, one, shaped)))


def _own_action_matters(game: StochasticGame, player: int, beyond: np.ndarray, noise: float) -> bool:
    scaled = np.where(np.abs(beyond) <= noise, 0.0, beyond)[np.newaxis]
    return bool(matters(scaled, game.legal[player], joint_legal(game.legal), player).any())


def _says(game: StochasticGame, moved: list[bool], one: int, shaped: bool) -> str:
    first = game.labels.player(one)
    if shaped:
        return f"beyond what {first} earns, payoffs are worth a function of the state less its discounted next value: deviations leave it"
    alone = sum(moved) == 1
    who = f"{first} alone moves the state, and" if alone else f"who moves the state earns the same as {first}, and"
    return f"{who} nobody's own action changes what others earn beyond {first}" if game.num_players > 1 else "there is one player"


class _Shaping:
    """Whether numbers of joint actions are ``h(s) - discount * E h(next state)``; the first legal actions decide ``h``."""

    def __init__(self, game: StochasticGame, legal: np.ndarray, noise: float) -> None:
        self.game, self.legal, self.noise = game, legal.reshape(game.num_states, -1), noise
        self.first = self.legal.argmax(axis=1)
        self.solve: Elimination | None = None

    def __call__(self, beyond: np.ndarray) -> bool:
        game, states = self.game, np.arange(self.game.num_states)
        discount = float(game.discount[0])
        if game.num_states > MOST_STATES or discount >= 1.0:
            return False
        offsets, following, probabilities = game.successors
        owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        if self.solve is None:
            row_of = np.full(len(offsets) - 1, -1)
            row_of[states * game.num_joint_actions + self.first] = states
            kept = np.flatnonzero(row_of[owner] >= 0)
            at = np.concatenate([row_of[owner[kept]], states]), np.concatenate([following[kept], states])
            self.solve = Elimination(*at, np.concatenate([-discount * probabilities[kept], np.ones(len(states))]), len(states))
        flat = beyond.reshape(game.num_states, -1)
        h = self.solve(flat[states, self.first])
        later = np.bincount(owner, probabilities * h[following], minlength=len(offsets) - 1).reshape(flat.shape)
        off = np.where(self.legal, h[:, np.newaxis] - discount * later - flat, 0.0)
        return bool(np.abs(off).max() <= self.noise + 8.0 * SAME * float(np.abs(h).max()))
