"""A stochastic game as one row per action that somebody can choose, and the derivatives of what these actions pay.

The unknowns of the path-following methods are one number per row and one value per player and state. Illegal actions and
terminal states are not among them, so that masks cost nothing and cannot be forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gametheory_rl._game_checks import joint_legal
from gametheory_rl._games import StochasticGame
from gametheory_rl.stochastic._continuation import Elimination
from gametheory_rl.stochastic._kernels._induced import induced_into


class Induced(NamedTuple):
    """What the actions pay against the others' play, and its derivatives."""

    pays: np.ndarray
    """``[R]`` expected payoff now plus discounted continuation"""
    pairs: np.ndarray
    """``[pair entries]`` d pays / d probability of another player's action in the same state"""
    flows: np.ndarray
    """``[flow entries]`` d pays / d value of the own player at a next state: discounted probabilities"""


@dataclass(frozen=True, eq=False)
class ActionRows:
    """``R`` rows ordered by state, player, action; ``G`` groups, one per player and state that is not terminal, ordered by state.

    Payoffs are divided by each player's span, so that tolerances mean the same in every game; and where play never ends, each
    player's least payoff is subtracted first, so that a constant added to all payoffs costs no digits.
    """

    game: StochasticGame
    group: np.ndarray
    """``[R]`` the group to which each row belongs"""
    group_player: np.ndarray
    """``[G]``"""
    group_state: np.ndarray
    """``[G]``"""
    action: np.ndarray
    """``[R]``"""
    span: np.ndarray
    """``[n]`` the unit of each player's payoffs"""
    base: np.ndarray
    """``[n]`` what is subtracted from each player's payoffs, in payoff units"""
    layout: tuple[np.ndarray, ...]
    """What the kernel needs, in its order."""
    pair_at: tuple[np.ndarray, np.ndarray]
    """``[pair entries]`` row and row"""
    flow_at: tuple[np.ndarray, np.ndarray]
    """``[flow entries]`` row and group; the group is -1 at terminal states"""

    @property
    def num_rows(self) -> int:
        """R."""
        return len(self.group)

    @property
    def num_groups(self) -> int:
        """G."""
        return len(self.group_player)

    @cached_property
    def group_size(self) -> np.ndarray:
        """``[G]`` number of actions."""
        return np.bincount(self.group, minlength=self.num_groups)

    @cached_property
    def first_row(self) -> np.ndarray:
        """``[G]`` the group's first row."""
        return np.concatenate([[0], np.cumsum(self.group_size)[:-1]])

    @cached_property
    def units(self) -> np.ndarray:
        """``[R + G + 1]`` the units in which arc length measures rows, values and the parameter.

        Values count per period: at a discount near 1 they move together, and far, while play hardly changes.
        """
        weight = 1.0 / (1.0 - self.game.discount[self.group_player])
        return np.concatenate([np.ones(self.num_rows), weight, [1.0]])

    def sums(self, numbers: np.ndarray) -> np.ndarray:
        """Return the sum ``(G,)`` of ``numbers`` ``(R,)`` over each group."""
        return np.bincount(self.group, numbers, minlength=self.num_groups)

    def induced(self, play: np.ndarray, values: np.ndarray) -> Induced:
        """Return what actions pay against ``play`` ``(R,)``, continued with ``values`` ``(G,)``."""
        spread = np.zeros((self.game.num_players, self.game.num_states))
        spread[self.group_player, self.group_state] = values
        found = Induced(np.empty(self.num_rows), np.empty(len(self.pair_at[0])), np.empty(len(self.flow_at[0])))
        given: Any = (*self.layout, play, spread, *found)
        induced_into(*given)
        return found

    def values_equation(self, weights: np.ndarray, flows: np.ndarray) -> Elimination:
        """Return the solver of ``values - discounted flow of values = ...``, ``flows`` weighed by ``weights`` (R,) within each group."""
        row, group = self.flow_at
        entry = np.flatnonzero(group >= 0)
        row, group, every = row[entry], group[entry], np.arange(self.num_groups)
        at = np.concatenate([self.group[row], every]), np.concatenate([group, every])
        return Elimination(*at, np.concatenate([-weights[row] * flows[entry], np.ones(len(every))]), len(every))

    def rows_of(self, profile: tuple[np.ndarray, ...]) -> np.ndarray:
        """Return a profile ``(S, A_i)`` per player as one number per row."""
        out = np.empty(self.num_rows)
        for player, policy in enumerate(profile):
            own = self.group_player[self.group] == player
            out[own] = policy[self.group_state[self.group[own]], self.action[own]]
        return out

    def profile_of(self, play: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return one row-stochastic ``(S, A_i)`` array per player; at terminal states play is uniform over the legal actions."""
        play = np.maximum(play, 0.0)
        play = play / self.sums(play)[self.group]
        out = []
        for player, mask in enumerate(self.game.legal):
            policy = mask / mask.sum(axis=1, keepdims=True)
            own = self.group_player[self.group] == player
            policy[self.group_state[self.group[own]], self.action[own]] = play[own]
            out.append(policy)
        return tuple(out)

    def values_of(self, values: np.ndarray) -> np.ndarray:
        """Return ``values`` ``(G,)`` as ``(n, S)`` in payoff units."""
        out = np.zeros((self.game.num_players, self.game.num_states))
        for_ever = self.base / (1.0 - self.game.discount)
        out[self.group_player, self.group_state] = values * self.span[self.group_player] + for_ever[self.group_player]
        return out


def action_rows(game: StochasticGame) -> ActionRows:
    """Return the rows of ``game``."""
    players = game.num_players
    live = ~game.terminal
    masks = np.concatenate(game.legal, axis=1) & live[:, None]
    row_state, column = np.nonzero(masks)
    player_of_column = np.repeat(np.arange(players), game.num_actions)
    order = np.where(live, np.cumsum(live) - 1, -1)
    sizes = masks.sum(axis=1)
    entry_state, joint = np.nonzero(joint_legal(game.legal).reshape(game.num_states, -1) & live[:, None])
    actions = _rows_of_joint_actions(game, masks, entry_state, joint)
    payoffs = game.payoff.reshape(players, game.num_states, -1)[:, entry_state, joint]
    moves, widths, next_states = _transitions(game, entry_state, joint)

    pair_row, within = _ragged(sizes[row_state])
    pair_at = (pair_row, _starts(sizes)[row_state[pair_row]] + within)
    flow_row, within = _ragged(widths[row_state])
    next_state = next_states[_starts(widths)[row_state[flow_row]] + within]
    flow_group = np.where(live[next_state], order[next_state] * players + player_of_column[column[flow_row]], -1)

    low, high = payoffs.min(axis=1, initial=np.inf), payoffs.max(axis=1, initial=-np.inf)
    if (flow_group < 0).any() or not len(entry_state):
        low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
    base = np.where((flow_group < 0).any(), 0.0, low)
    span = np.where(high > low, high - low, np.where(low != 0.0, np.abs(low), 1.0))

    local = np.arange(len(row_state)) - _starts(sizes)[row_state]
    layout = (actions, entry_state, ((payoffs - base[:, None]) / span[:, None]).T, *moves)
    layout += (local, sizes, widths, _starts(sizes * sizes), _starts(sizes * widths), game.discount)
    return ActionRows(
        game=game,
        group=order[row_state] * players + player_of_column[column],
        group_player=np.tile(np.arange(players), int(live.sum())),
        group_state=np.repeat(np.flatnonzero(live), players),
        action=np.concatenate([np.arange(a) for a in game.num_actions])[column],
        span=span,
        base=base,
        layout=tuple(np.ascontiguousarray(part, np.float64 if part.dtype.kind == "f" else np.int64) for part in layout),
        pair_at=pair_at,
        flow_at=(flow_row, flow_group),
    )


def _rows_of_joint_actions(game: StochasticGame, masks: np.ndarray, states: np.ndarray, joint: np.ndarray) -> np.ndarray:
    """Return ``(E, n)``: the rows of the actions that make up each joint action."""
    number = np.cumsum(masks).reshape(masks.shape) - 1
    first = _starts(np.array(game.num_actions))
    return np.stack([number[states, first[i] + own] for i, own in enumerate(np.unravel_index(joint, game.num_actions))], axis=1)


def _transitions(game: StochasticGame, states: np.ndarray, joint: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
    """Return the moves of each legal joint action, and how many and which states follow each state at all.

    The moves are offsets, next states, their places among those that follow the same state, and probabilities.
    """
    all_offsets, all_next, all_probabilities = game.successors
    at = states * game.num_joint_actions + joint
    counts = all_offsets[at + 1] - all_offsets[at]
    owner, within = _ragged(counts)
    entries = all_offsets[at][owner] + within
    successors = all_next[entries].astype(np.int64)
    keys, place = np.unique(states[owner] * game.num_states + successors, return_inverse=True)
    widths = np.bincount(keys // game.num_states, minlength=game.num_states)
    slots = place - _starts(widths)[states[owner]]
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return (offsets, successors, slots, all_probabilities[entries]), widths, keys % game.num_states


def _starts(counts: np.ndarray) -> np.ndarray:
    """Return where each of the consecutive blocks of these sizes begins."""
    return np.cumsum(counts) - counts


def _ragged(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the owner of each entry of consecutive blocks of these sizes, and its place in the block."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - _starts(counts)[owner]
