"""Cycles of four stationary policies: where gains along one do not add up to zero, a game has no potential."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.equilibria._structure import Trait
from gametheory_rl.stochastic._evaluation import evaluated, joint_play

MIXED, PURE = 3, 20
"""Cycles of random mixed policies that are looked at, per pair of players; and of deviations in one state each, to show an example."""
MOST_STATES, MOST_ENTRIES = 2_000, 2_000_000
MOST_PAIRS = 15

Policies = list[np.ndarray]
"""One ``(S, A_i)`` per player"""


class Sum(NamedTuple):
    """What the gains along a cycle add up to, from the state where that is most; and what rounding explains."""

    gain: float
    state: int
    rounding: float

    @property
    def proved(self) -> bool:
        """Whether the sum is not 0."""
        return abs(self.gain) > self.rounding


def cycle_with_gains(game: StochasticGame) -> Trait:
    """Return that a game has no potential, by a cycle whose gains do not add up to zero; or that random cycles show none.

    Gains along a cycle are analytic functions of the mixed policies: those of a game without a potential are zero on a random cycle
    with probability zero.
    """
    if game.num_states > MOST_STATES or len(game.successors[1]) > MOST_ENTRIES:
        return Trait(None, "not looked at: the game is large")
    rng = np.random.default_rng(0)
    pairs = list(combinations(range(game.num_players), 2))
    for pair in pairs[:MOST_PAIRS]:
        for _ in range(MIXED):
            found = gains_along(game, _random(game, rng), pair, _random(game, rng))
            if found.proved:
                told = _example(game, pair, rng)
                return _named(game, f"a cycle of four random policies of {_who(game, pair)}", found) if told is None else told
    if len(pairs) > MOST_PAIRS:
        return Trait(None, "not looked at: there are many players")
    return Trait(True, "on random cycles of four deviations gains add up to 0, which without a potential has probability 0")


def gains_along(game: StochasticGame, policies: Policies, pair: tuple[int, int], others: Policies) -> Sum:
    """Return the gains where one of a pair turns to the policy in ``others``, then the second, then the first turns back, and so on."""
    i, j = pair
    turns = [list(policies) for _ in range(4)]
    turns[1][i] = turns[2][i] = others[i]
    turns[2][j] = turns[3][j] = others[j]
    values, errors = zip(*(evaluated(game, joint_play(turn), pair) for turn in turns), strict=True)
    (a, b, c, d), bound = values, 2.0 * sum(errors)
    total = (b[0] - a[0]) + (c[1] - b[1]) + (d[0] - c[0]) + (a[1] - d[1])
    state = int(np.abs(total).argmax())
    return Sum(float(total[state]), state, bound)


def _random(game: StochasticGame, rng: np.random.Generator) -> Policies:
    weights = [np.where(mask, rng.exponential(size=mask.shape), 0.0) for mask in game.legal]
    return [weight / weight.sum(axis=1, keepdims=True) for weight in weights]


def _example(game: StochasticGame, pair: tuple[int, int], rng: np.random.Generator) -> Trait | None:
    """Return a cycle that can be retold: each of the pair changes one action in one state, all else are first legal actions."""
    first = [np.eye(mask.shape[1])[mask.argmax(axis=1)] for mask in game.legal]
    free = [np.flatnonzero(game.legal[player].sum(axis=1) > 1) for player in pair]
    if not all(states.size for states in free):
        return None
    both = np.intersect1d(free[0], free[1])
    for k in range(PURE):
        states = [int(rng.choice(states)) for states in free]
        if k % 2 == 0 and both.size:
            states = [int(rng.choice(both))] * 2
        others, says = list(first), []
        for player, state in zip(pair, states, strict=True):
            action = int(rng.choice(np.flatnonzero(game.legal[player][state])[1:]))
            others[player] = first[player].copy()
            others[player][state] = np.eye(game.num_actions[player])[action]
            start = game.labels.action(player, int(first[player][state].argmax()))
            says.append(f"{game.labels.player(player)}'s {start} and {game.labels.action(player, action)} in {game.labels.state(state)}")
        found = gains_along(game, first, pair, others)
        if found.proved and abs(found.gain) > 1e3 * found.rounding:
            return _named(game, f"the cycle of {' and '.join(says)}, where all else are first actions", found)
    return None


def _who(game: StochasticGame, pair: tuple[int, int]) -> str:
    return " and ".join(game.labels.player(player) for player in pair)


def _named(game: StochasticGame, cycle: str, found: Sum) -> Trait:
    return Trait(False, f"on {cycle}, gains add up to {abs(found.gain):.3g}, not 0, from state {game.labels.state(found.state)}")
