"""The two questions of a judge: what does fixed play earn, and what is the most that one player can earn against it.

Both are answered with a bound on the error that follows from the answer alone, whatever produced it: with ``T`` the backup
of the definition and ``v`` any vector, ``|v - v*| <= |T v - v| / (1 - discount)`` in the sup norm, rounding of ``T`` added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from gametheory_rl import _verify_kernels as kernels
from gametheory_rl._game_checks import joint_legal
from gametheory_rl._support._errors import GameError

_UNIT = float(np.finfo(np.float64).eps) / 2
_TINY = float(np.finfo(np.float64).tiny)
_DIRECT = 40
"""Up to so many states, linear equations are solved by elimination at once."""
_DIRECT_RESCUE = 3000
"""Up to so many, where the iteration fails."""
_LOOSE = 1e-3
"""How far one solve takes the residual; the next starts there, with the rounding of values of the right size known."""
_KRYLOV_STEPS = 400
_RESTARTS = 4
_SWEEPS_BETWEEN = 10
"""Gauss-Seidel sweeps after a breakdown, so that the next start differs."""
_SWEEPS = 300
"""Most sweeps at once."""
_ROUNDS = 2000
"""Most policy improvements; never met in practice, and the bound stays true if it is."""


@final
@dataclass(frozen=True, eq=False)
class FlatGame:
    """A game as the kernels read it; views of the game's own read-only arrays, where no constant was subtracted."""

    payoff: np.ndarray
    """``[n, S * J]`` less each player's ``offset``"""
    offsets: np.ndarray
    """``[S * J + 1]`` uint64"""
    states: np.ndarray
    """``[entries]`` uint32"""
    probabilities: np.ndarray
    """``[entries]``"""
    legal: tuple[np.ndarray, ...]
    """One ``[S, A_i]`` bool mask per player."""
    num_actions: tuple[int, ...]
    num_states: int
    discount: tuple[float, ...]
    offset: tuple[float, ...]
    """What was subtracted from each player's payoffs, see ``_centred``."""
    scale: tuple[float, ...]
    """Largest absolute payoff of each player, less the offset."""
    operations: int
    """At least as many roundings as one entry of a backup goes through."""
    excess: float
    """How far the sum of a transition row is from 1."""

    def right_count(self, player: int) -> int:
        """Return the number of joint actions of the players after ``player``."""
        return int(np.prod(self.num_actions[player + 1 :], dtype=np.int64))

    def rounding(self, player: int, values: np.ndarray) -> float:
        """Return a bound on the error of one computed backup of ``values``, the row sums' distance from 1 included."""
        size = self.discount[player] * float(np.abs(values).max())
        unit = self.operations * _UNIT
        return unit * (self.scale[player] + size) + self.excess * size + self.operations * _TINY

    def lifted(self, player: int, values: np.ndarray) -> tuple[np.ndarray, float]:
        """Return ``values`` with the offset back in every period, and a bound on what rounding adds to their error."""
        if self.offset[player] == 0.0:
            return values, 0.0
        for_ever = self.offset[player] / (1.0 - self.discount[player])
        lifted = values + for_ever
        return lifted, 4 * _UNIT * (abs(for_ever) + float(np.abs(lifted).max()))

    def slack(self, player: int) -> float:
        """Return 1 minus the modulus of contraction of the player's backup, rounded down."""
        discount = self.discount[player]
        return (1.0 - discount) * (1 - 4 * _UNIT) - discount * (self.excess + self.operations * _UNIT)


def flatten(game: Any) -> FlatGame:
    """Return ``game`` as the kernels read it; refuses discounts that leave nothing to certify."""
    if not (game.discount < 1.0).all():
        raise GameError(
            f"verify needs discounts below 1, this game's are {game.discount.tolist()}: undiscounted sums need not exist; "
            "policies with a time axis in front are judged over their stages"
        )
    payoff, constants = _centred(game.payoff.reshape(game.num_players, -1), joint_legal(game.legal).ravel())
    flat = flat_of(game, payoff, constants)
    for player, constant in enumerate(constants):
        size, slack = flat.scale[player] + abs(constant), flat.slack(player)
        if slack <= 0.0 or not np.isfinite(4.0 * size / slack):
            raise GameError(
                f"player {player} has payoffs up to {size:.3g} and discount {float(game.discount[player])!r}: "
                "float64 cannot hold values that large; rescale the payoffs or lower the discount"
            )
    return flat


def flat_of(game: Any, payoff: np.ndarray, constants: tuple[float, ...]) -> FlatGame:
    """Return ``game`` as the kernels read it, with payoffs ``(n, S * J)`` less constants."""
    offsets, states, probabilities = game.successors
    excess, longest = kernels.row_shape(offsets.view(np.uint64), probabilities)
    scale = tuple(float(max(plane.max(), -plane.min())) for plane in payoff)
    operations = 2 * (game.num_joint_actions + sum(game.num_actions) + game.num_players + longest + 8)
    return FlatGame(
        payoff,
        offsets.view(np.uint64),
        states.view(np.uint32),
        probabilities,
        game.legal,
        game.num_actions,
        game.num_states,
        tuple(float(d) for d in game.discount),
        constants,
        scale,
        operations,
        float(excess),
    )


def _centred(payoff: np.ndarray, legal: np.ndarray) -> tuple[np.ndarray, tuple[float, ...]]:
    """Return payoffs ``(n, S * J)`` less a constant for each player, so that a constant in all payoffs costs no digits of the bounds.

    It is the payoff nearest to 0, where no legal one is more than twice as large: then every difference is exact (P. Sterbenz 1974).
    As transition rows are distributions, it moves all values by ``constant / (1 - discount)`` and no gain. A payoff of 0, as terminal
    states have it, leaves none.
    """
    low = np.min(payoff, axis=1, where=legal, initial=np.inf)
    high = np.max(payoff, axis=1, where=legal, initial=-np.inf)
    constants = np.where((low > 0.0) & (0.5 * high <= low), low, np.where((high < 0.0) & (0.5 * low >= high), high, 0.0))
    if constants.any():
        payoff = np.where(legal, payoff - constants[:, np.newaxis], 0.0)
    return payoff, tuple(float(c) for c in constants)


@final
@dataclass(frozen=True, eq=False)
class Chain:
    """The Markov chain of fixed play: successors merged, one row a state."""

    offsets: np.ndarray
    """``[S + 1]`` uint64"""
    states: np.ndarray
    """``[entries]`` uint32"""
    probabilities: np.ndarray
    """``[entries]``"""

    def solve(self, discount: float, rewards: np.ndarray, guess: np.ndarray, tolerance: float) -> np.ndarray:
        """Return an approximate solution of ``v = rewards + discount * P v``; the caller measures how good it is.

        Elimination for few states; BiCGStab from ``guess`` for many, where elimination would fill in; where that
        fails, elimination if it fits, else Gauss-Seidel sweeps, which always approach.
        """
        if discount == 0.0:
            return rewards.copy()
        if len(rewards) <= _DIRECT:
            return self._eliminate(discount, rewards)
        work, values = np.empty((8, len(rewards))), guess.copy()
        for _ in range(_RESTARTS):
            if self._approach(discount, rewards, tolerance, work, values):
                return values
        residual = self._residual(discount, rewards, work[0], values)
        if residual <= tolerance:
            return values
        # Each sweep shrinks the error at least by the discount.
        wanted = np.ceil(np.log(tolerance / residual) / np.log(discount))
        if wanted > _SWEEPS and len(rewards) <= _DIRECT_RESCUE:
            return self._eliminate(discount, rewards)
        self._sweep(discount, rewards, int(min(wanted, _SWEEPS)), values)
        return values

    def _approach(self, discount: float, rewards: np.ndarray, tolerance: float, work: np.ndarray, values: np.ndarray) -> bool:
        """Improve ``values`` in place by BiCGStab, by a few sweeps where it broke down; return whether they meet ``tolerance``."""
        before, residual = values.copy(), self._residual(discount, rewards, work[0], values)
        kernels.krylov_into(self.offsets, self.states, self.probabilities, discount, rewards, tolerance, _KRYLOV_STEPS, work, values)
        reached = self._residual(discount, rewards, work[0], values)
        if reached <= tolerance:
            return True
        if not reached < residual:
            values[:] = before
        self._sweep(discount, rewards, _SWEEPS_BETWEEN, values)
        return False

    def _residual(self, discount: float, rewards: np.ndarray, backed: np.ndarray, values: np.ndarray) -> float:
        return kernels.evaluate_into(self.offsets, self.states, self.probabilities, discount, rewards, values, backed)

    def _sweep(self, discount: float, rewards: np.ndarray, sweeps: int, values: np.ndarray) -> None:
        kernels.sweep_into(self.offsets, self.states, self.probabilities, discount, rewards, sweeps, values)

    def _eliminate(self, discount: float, rewards: np.ndarray) -> np.ndarray:
        matrix = np.eye(len(rewards))
        rows = np.repeat(np.arange(len(rewards)), np.diff(self.offsets).astype(np.int64))
        matrix[rows, self.states] -= discount * self.probabilities
        return np.linalg.solve(matrix, rewards)


def chain_of(flat: FlatGame, joint: np.ndarray) -> Chain:
    """Return the Markov chain of the joint play ``joint`` ``(S, J)``."""
    marker, offsets = np.empty(flat.num_states, dtype=np.int64), np.empty(flat.num_states + 1, dtype=np.int64)
    kernels.chain_offsets_into(flat.offsets, flat.states, joint, marker, offsets)
    states, probabilities = np.empty(offsets[-1], dtype=np.uint32), np.empty(offsets[-1])
    kernels.chain_into(flat.offsets, flat.states, flat.probabilities, joint, marker, states, probabilities)
    return Chain(offsets.view(np.uint64), states, probabilities)


def evaluate(flat: FlatGame, player: int, joint: np.ndarray, chain: Chain) -> tuple[np.ndarray, float]:
    """Return what the joint play earns ``player``, ``(S,)``, and a bound on its error."""
    discount, rewards = flat.discount[player], np.empty(flat.num_states)
    kernels.expect_into(flat.payoff[player], joint, rewards)
    values, backed, before = rewards, np.empty_like(rewards), np.inf
    while True:
        rounding = flat.rounding(player, values)
        residual = kernels.evaluate_into(chain.offsets, chain.states, chain.probabilities, discount, rewards, values, backed)
        if residual <= rounding or not residual < 0.9 * before:
            return _bounded(flat, player, backed, residual, rounding)
        before = residual
        values = chain.solve(discount, rewards, backed, max(rounding / 2, _LOOSE * residual))


def _bounded(flat: FlatGame, player: int, backed: np.ndarray, residual: float, rounding: float) -> tuple[np.ndarray, float]:
    """Return the backup of a vector that lay ``residual`` off it, and the bound on its distance from the fixed point."""
    reached = (residual * (1 + 4 * _UNIT) + rounding) / flat.slack(player)
    return backed, (flat.discount[player] * reached + rounding) * (1 + 16 * _UNIT)


def optimum(flat: FlatGame, player: int, weights: np.ndarray, guess: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Return the most that ``player`` can earn, a bound on its error, and actions that earn it.

    Policy iteration from ``guess``; an action is kept while it is within rounding of the best, so that ties end.

    Parameters
    ----------
    flat : FlatGame
    player : int
    weights : ndarray, shape (S, M, others' joint actions)
        Probability that the player sees message m while the others play o.
    guess : ndarray, shape (S,)

    Returns
    -------
    values : ndarray, shape (S,)
    error : float
    policy : ndarray of int, shape (S, M)
    """
    discount = flat.discount[player]
    policy = np.full(weights.shape[:2], -1, dtype=np.int64)
    values, backed, rewards = guess, np.empty(flat.num_states), np.empty(flat.num_states)
    residual = rounding = before = np.inf
    for _ in range(_ROUNDS):
        last, rounding = policy.copy(), flat.rounding(player, values)
        residual = backup(flat, player, weights, values, rounding, policy, backed)
        stalled = not residual < 0.9 * before and np.array_equal(policy, last)
        if residual <= 2 * rounding or stalled:
            break
        before = residual
        joint = deviate(flat, player, weights, policy)
        kernels.expect_into(flat.payoff[player], joint, rewards)
        values = chain_of(flat, joint).solve(discount, rewards, backed, max(rounding / 2, _LOOSE * residual))
    values, error = _bounded(flat, player, backed, residual, rounding)
    return values, error, policy


def deviate(flat: FlatGame, player: int, weights: np.ndarray, policy: np.ndarray) -> np.ndarray:
    """Return the joint play ``(S, J)`` where ``player`` answers message m by ``policy[s, m]``."""
    own = flat.num_actions[player]
    joint = np.empty((flat.num_states, weights.shape[2] * own))
    kernels.deviate_into(weights, policy, flat.right_count(player), own, joint)
    return joint


def backup(
    flat: FlatGame, player: int, weights: np.ndarray, values: np.ndarray, margin: float, policy: np.ndarray, backed: np.ndarray
) -> float:
    """Write the player's best answer to ``values`` into ``policy`` and its worth into ``backed``; return the sup-norm residual."""
    scores = np.empty((weights.shape[1], flat.num_actions[player]))
    table = (flat.payoff[player], flat.offsets, flat.states, flat.probabilities, weights, flat.legal[player], flat.right_count(player))
    kernels.backup_into(*table, flat.discount[player], values, margin, scores, policy, backed)
    return float(np.abs(backed - values).max())
