"""How much an agent gains by leaving a small population's policy for ever: its decision process, solved exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._game_checks import whole_numbers
from gametheory_rl._population import _checked_profile, _levels
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

MOST_NUMBERS = 2 * 10**7
"""Entries of one agent's transition tables."""
PRECISION = 1e-10
"""Of the values, relative to the largest payoff over 1 - discount."""


@dataclass(frozen=True, eq=False)
class PopulationExploitability:
    """What each agent gains at most by deviating for ever while all others go on as the profile says."""

    largest: np.ndarray
    """``[N]`` discounted gain at the agent's turn, in the worst case of the others' actions."""
    at_start: np.ndarray
    """``[N]`` the same where the others' actions are drawn from ``game.start``."""
    error_bound: float
    """Largest error of any of these numbers; exact arithmetic assumed."""

    @property
    def gap(self) -> float:
        """Largest gain over agents and cases: 0 where the profile is an equilibrium in these policies."""
        return float(self.largest.max())

    @property
    def start_gap(self) -> float:
        """Largest gain over agents, from the start."""
        return float(self.at_start.max())


def population_exploitability(game: PopulationGame, profile: Any, *, order: Any = None) -> PopulationExploitability:
    """Return what agents gain by their best answer for ever, discounted, to a profile that all others follow.

    Agents take turns, each by the others' actions of now. To one agent the others are then a decision process: its state is what they
    play, it acts, they answer one after the other by the profile, and its turn comes again. That process is solved.

    Parameters
    ----------
    game : PopulationGame
        Small: the others' joint actions are counted out, 2^15 of them for 16 agents with two actions.
    profile : (types, 1, bins, A) array
        As ``learn`` returns it: one type for all, or one each.
    order : (N,) int, optional
        The order of turns; None: by number.

    Returns
    -------
    PopulationExploitability

    Raises
    ------
    GameError
        A profile that does not fit, an order that is none, or a population too large: ``population_gap`` judges those.

    Notes
    -----
    ``population_gap`` is the gain of one turn at given actions. Where nobody else ever answers, which is so in the limit of a crowd in
    which one agent does not count, and where everybody stands still in an equilibrium in pure actions, the gain for ever is that times
    ``1 / (1 - discount)``. In a small population what an agent does comes back to it through its neighbours' answers, and a myopic best
    action need not be the best: this judge counts that in. With a discount of 0 it is ``population_gap`` of the worst actions.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> game = gt.families.ising(3, discount=0.9)
    >>> follow = [[[[1, 0], [1, 0], [0.5, 0.5], [0, 1], [0, 1]]]]  # what most neighbours do
    >>> found = gt.population_exploitability(game, follow)
    >>> bool(found.gap < 1e-6)
    False
    """
    if not isinstance(game, PopulationGame):
        raise GameError(f"game is {type(game).__name__}, a PopulationGame was expected; verify judges stochastic games")
    table = _checked_profile(game, profile)
    levels = _levels(game, table.shape[2])
    turns = _checked_order(game, order)
    agents, count = game.num_agents, game.num_actions
    if float(count) ** (agents + 1) * agents > MOST_NUMBERS:
        raise GameError(
            f"{agents} agents with {count} actions have more joint actions than can be counted out; population_gap judges large populations"
        )
    require_memory((3 * agents, count ** (agents + 1)), "an agent's decision process", "give fewer agents")
    found = [_gains(game, table, levels, turns, place) for place in range(agents)]
    largest, at_start = np.empty(agents), np.empty(agents)
    for agent, (most, first, _) in zip(turns, found, strict=True):
        largest[agent], at_start[agent] = most, first
    return PopulationExploitability(largest, at_start, max(bound for *_, bound in found))


def _gains(game: PopulationGame, table: np.ndarray, levels: int, turns: np.ndarray, place: int) -> tuple[float, float, float]:
    """Return the largest gain, the gain at the start and the error bound of the agent whose turn is number ``place``."""
    me = int(turns[place])
    others = [int(j) for j in (*turns[place + 1 :], *turns[:place])]
    shape = (game.num_actions,) * len(others)
    cases = np.indices(shape).reshape(len(others), -1).T
    joint = np.empty((len(cases), game.num_agents), np.int64)
    joint[:, others] = cases
    rewards, answers = np.empty((game.num_actions, *shape)), []
    for action in range(game.num_actions):
        joint[:, me] = action
        rewards[action] = _rewards(game, joint, me, action).reshape(shape)
        answers.append([_policy(game, table, levels, joint, j).reshape(*shape, -1) for j in others])
    mine = np.moveaxis(_policy(game, table, levels, joint, me).reshape(*shape, -1), -1, 0)

    def ahead(values: np.ndarray) -> np.ndarray:
        """Return what each action is worth, ``(A, ...)``, if ``values`` is what the next turn is worth."""
        return rewards + game.discount * np.stack([_back(values, each) for each in answers])

    best, error = _fixed_point(game, rewards, lambda values: ahead(values).max(axis=0))
    played, other_error = _fixed_point(game, rewards, lambda values: (mine * ahead(values)).sum(axis=0))
    gains = np.maximum(best - played, 0.0)
    weights = np.ones(1)
    for _ in others:
        weights = np.multiply.outer(weights, game.start)
    return float(gains.max()), float((gains * weights[0]).sum()), error + other_error


def _back(values: np.ndarray, answers: list[np.ndarray]) -> np.ndarray:
    """Return the expectation of ``values`` before the others answer in turn, by what all others play before."""
    for axis in reversed(range(len(answers))):
        # Whatever this one played, it plays afresh; what it sees does not depend on that, so any slice of its answer serves.
        answer = np.moveaxis(answers[axis], axis, 0)[0]
        fresh = (np.moveaxis(values, axis, -1) * answer).sum(axis=-1)
        values = np.broadcast_to(np.expand_dims(fresh, axis), values.shape)
    return values


def _fixed_point(game: PopulationGame, rewards: np.ndarray, step: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, float]:
    """Return where the contraction ``step`` ends, and the bound of its error."""
    scale = float(np.abs(rewards).max())
    values = np.zeros(rewards.shape[1:])
    while True:
        after = step(values)
        error = game.discount * float(np.abs(after - values).max()) / (1 - game.discount)
        values = after
        if error <= PRECISION * scale / (1 - game.discount):
            return values, error


def _policy(game: PopulationGame, table: np.ndarray, levels: int, joint: np.ndarray, agent: int) -> np.ndarray:
    """Return how ``agent`` answers each of the joint actions ``(cases, N)``, ``(cases, A)``."""
    parts, tops, strides = game.scales(levels)
    if game.is_network:
        met = np.append(0, strides)[joint[:, game.neighbours[agent]]].sum(axis=1)
    else:
        met = ((_others(game, joint, agent) * parts[:, np.newaxis] // tops[:, np.newaxis]) * strides[:, np.newaxis]).sum(axis=0)
    return table[agent if len(table) > 1 else 0, 0, met]


def _rewards(game: PopulationGame, joint: np.ndarray, agent: int, action: int) -> np.ndarray:
    """Return what ``agent`` earns by ``action`` at each of the joint actions, ``(cases,)``."""
    if game.is_network:
        return game.own[action] + game.pair[action, joint[:, game.neighbours[agent]]].sum(axis=1)
    kind = game.kinds[action]
    return game.payoff[action, _others(game, joint, agent)[kind] + game.load[kind, action]]


def _others(game: PopulationGame, joint: np.ndarray, agent: int) -> np.ndarray:
    """Return the loads of all but ``agent``, ``(D, cases)``."""
    return game.load[:, joint].sum(axis=2) - game.load[:, joint[:, agent]]


def _checked_order(game: PopulationGame, order: Any) -> np.ndarray:
    turns = np.arange(game.num_agents) if order is None else whole_numbers(order, "order")
    if sorted(turns.ravel().tolist()) != list(range(game.num_agents)) or turns.ndim != 1:
        raise GameError(f"order is {turns.tolist()}, each agent from 0 to {game.num_agents - 1} once was expected")
    return turns
