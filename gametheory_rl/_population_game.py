"""Games of many alike agents as tables: who meets whom, and what a meeting pays. There is no joint tensor."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from math import prod
from typing import Any, final

import numpy as np

from gametheory_rl import _game_checks as checks
from gametheory_rl._population_checks import checked_agents, checked_load, checked_names, checked_neighbours, checked_start, finite
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

MOST_BINS = 10**6
"""Mean actions that a tabular rule may tell apart."""


@final
class PopulationGame:
    """One state, many agents with the same actions, and payoffs that depend on others only through a sum over them.

    It takes one of two forms. On a network, agent i that plays a earns ``own[a]`` and ``pair[a, b]`` from every neighbour that plays b.
    In a crowd, every agent that plays b adds ``load[a, b]`` to the load that an agent playing a meets, its own addition included, and who
    plays a and meets a load of x earns ``payoff[a, x]``.

    Parameters
    ----------
    neighbours : array_like, shape (N, K), int, optional
        The K neighbours of each of N agents; one that stands twice pays twice.
    pair : array_like, shape (A, A), optional
        What an action earns from a neighbour's action.
    own : array_like, shape (A,), optional
        What an action earns whatever the others do; None: nothing.
    agents : int, optional
        How many agents a crowd has, N, at least 2.
    load : array_like, shape (A, A) or (A,), whole numbers from 0 up, optional
        One row stands for all: everybody meets the same load.
    payoff : array_like, shape (A, X + 1) or (X + 1,), optional
        By load, where X is N times the largest entry of ``load``; one row stands for all actions.
    discount : float
        In [0, 1): of the game played for ever; 0: each time for its own sake.
    start : array_like, shape (A,), optional
        Distribution of the agents' first actions, drawn apart; None: uniform.
    actions : sequence of str
        Their names; empty: numbers.
    name : str
        Shown in tables and plots.

    Raises
    ------
    GameError
        Parts of both forms or of neither, wrong shapes, NaN or infinite numbers, neighbours that do not exist, loads that are not
        whole, a discount of 1 or more, more than fits in memory.

    Notes
    -----
    Every array is read-only. The mean action that an agent meets is counted, not rounded, on a network: how many neighbours play each
    action. In a crowd it is the others' loads, each cut into ``levels`` intervals of equal length, or taken as they are where there
    are no more loads than that.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> circle = gt.PopulationGame(neighbours=[[3, 1], [0, 2], [1, 3], [2, 0]], pair=[[1, 0], [0, 2]])
    >>> circle.payoffs([0, 1, 1, 0]).tolist()
    [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]
    """

    __slots__ = ("actions", "discount", "kinds", "load", "name", "neighbours", "num_agents", "own", "pair", "payoff", "start")

    num_agents: int
    """N"""
    neighbours: np.ndarray
    """``[N, K]`` int64; in a crowd ``[N, 0]``."""
    pair: np.ndarray
    """``[A, A]`` float64; in a crowd zeros."""
    own: np.ndarray
    """``[A]`` float64; in a crowd zeros."""
    load: np.ndarray
    """``[D, A]`` int64: the distinct loads and what each action adds to them; on a network there is none."""
    kinds: np.ndarray
    """``[A]`` int64: which of the loads an action meets."""
    payoff: np.ndarray
    """``[A, X + 1]`` float64 by action and load; on a network ``[A, 0]``."""
    discount: float
    start: np.ndarray
    """``[A]``"""
    actions: tuple[str, ...]
    name: str

    def __init__(
        self,
        *,
        neighbours: Any = None,
        pair: Any = None,
        own: Any = None,
        agents: int | None = None,
        load: Any = None,
        payoff: Any = None,
        discount: float = 0.0,
        start: Any = None,
        actions: Sequence[str] = (),
        name: str = "",
    ) -> None:
        put = functools.partial(object.__setattr__, self)
        given = [part is not None for part in (neighbours, pair, agents, load, payoff)]
        if given == [True, True, False, False, False]:
            parts = _network(neighbours, pair, own)
        elif given == [False, False, True, True, True] and own is None:
            parts = _crowd(agents, load, payoff)
        else:
            raise GameError("a PopulationGame takes neighbours and pair (and own), or agents, load and payoff; no other parts go together")
        for part, value in parts.items():
            put(part, checks.freeze(value) if isinstance(value, np.ndarray) else value)
        number = checks.numbers(discount, "discount")
        if number.shape != () or not 0 <= number < 1:
            raise GameError(f"discount is {discount!r}, one number from 0 to below 1 was expected")
        put("discount", float(number))
        put("start", checks.freeze(checked_start(start, self.num_actions)))
        put("actions", checked_names(actions, self.num_actions))
        put("name", str(name))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a game is frozen: cannot set {name!r}; build a new PopulationGame")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a game is frozen: cannot delete {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        if self.is_network:
            parts = {"neighbours": self.neighbours, "pair": self.pair, "own": self.own}
        else:
            parts = {"agents": self.num_agents, "load": self.load[self.kinds], "payoff": self.payoff}
        rest = {"discount": self.discount, "start": self.start, "actions": self.actions, "name": self.name}
        return (_rebuild, (parts | rest,))

    @property
    def num_actions(self) -> int:
        """Number of actions of every agent, A."""
        return len(self.pair)

    @property
    def is_network(self) -> bool:
        """Whether agents meet their neighbours; else they meet the crowd."""
        return self.neighbours.shape[1] > 0

    @property
    def num_neighbours(self) -> int:
        """K, or the N - 1 others of a crowd."""
        return self.neighbours.shape[1] if self.is_network else self.num_agents - 1

    @property
    def payoff_span(self) -> float:
        """Largest minus smallest payoff of an agent's turn; on a network, which knows the pairs alone, a bound on it."""
        if not self.is_network:
            return float(np.ptp(self.payoff))
        return float(np.ptp(self.num_neighbours * self.pair + self.own[:, np.newaxis]))

    # ---- mean actions ------------------------------------------------------------------------------------------

    def scales(self, levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return how mean actions are numbered: ``sum of strides * (amount * parts // tops)`` over what is counted.

        Parameters
        ----------
        levels : int
            Intervals into which each load of a crowd is cut; a network has no use for it.

        Returns
        -------
        parts, tops, strides : ndarray, int64
            On a network ``(A - 1,)``, the neighbours that play actions 1, 2, ... are counted; in a crowd ``(D,)``, the others' loads.
        """
        if self.is_network:
            tops = [self.num_neighbours + 1] * (self.num_actions - 1)
        else:
            tops = [self.num_neighbours * int(row.max()) + 1 for row in self.load]
        parts = [min(top, levels) for top in tops] if not self.is_network else tops
        if prod(parts) > MOST_BINS:
            raise GameError(
                f"there are {prod(parts)} mean actions to tell apart and {MOST_BINS} are the most that a table may have; "
                + ("give fewer neighbours or actions" if self.is_network else "give fewer levels")
            )
        strides = np.cumprod([1, *parts[:-1]]) if parts else np.zeros(0)
        return np.array(parts, np.int64), np.array(tops, np.int64), strides.astype(np.int64)

    def num_bins(self, levels: int) -> int:
        """Return how many mean actions are told apart."""
        return prod(self.scales(levels)[0].tolist())

    def bins(self, actions: Any, levels: int) -> np.ndarray:
        """Return the number of the mean action that each agent meets, ``(N,)``, when all play ``actions`` ``(N,)``."""
        actions = checked_agents(actions, self.num_agents, self.num_actions)
        parts, tops, strides = self.scales(levels)
        if self.is_network:
            met = self._counts(actions)[:, 1:].T
        else:
            met = self._others(actions)
        return ((met * parts[:, np.newaxis] // tops[:, np.newaxis]) * strides[:, np.newaxis]).sum(axis=0)

    # ---- payoffs -----------------------------------------------------------------------------------------------

    def payoffs(self, actions: Any) -> np.ndarray:
        """Return what each agent would earn by each of its actions, ``(N, A)``, while the others play ``actions`` ``(N,)``."""
        actions = checked_agents(actions, self.num_agents, self.num_actions)
        require_memory((4, self.num_agents, self.num_actions), "the payoffs of all agents", "give fewer agents")
        if self.is_network:
            return self.own + self._counts(actions) @ self.pair.T
        every = np.arange(self.num_actions)
        loads = self._others(actions)[self.kinds].T + self.load[self.kinds, every]
        return self.payoff[every, loads]

    def _counts(self, actions: np.ndarray) -> np.ndarray:
        """Return how many neighbours play each action, ``(N, A)``."""
        return np.stack([(actions[self.neighbours] == a).sum(axis=1) for a in range(self.num_actions)], axis=1)

    def _others(self, actions: np.ndarray) -> np.ndarray:
        """Return the loads of all others, ``(D, N)``."""
        added = self.load[:, actions]
        return added.sum(axis=1, keepdims=True) - added

    def __repr__(self) -> str:
        """Return one line: name, sizes, form."""
        name = f"{self.name!r}, " if self.name else ""
        form = f"{self.num_neighbours} neighbours each" if self.is_network else "in a crowd"
        return f"PopulationGame({name}{self.num_agents} agents, {self.num_actions} actions, {form}, discount {self.discount:g})"


def _rebuild(parts: dict[str, Any]) -> PopulationGame:
    return PopulationGame(**parts)


def _network(neighbours: Any, pair: Any, own: Any) -> dict[str, Any]:
    pair = finite(pair, "pair")
    if pair.ndim != 2 or pair.shape[0] != pair.shape[1] or not pair.size:
        raise GameError(f"pair has shape {pair.shape}, one row and one column for each action were expected")
    count = len(pair)
    own = finite(np.zeros(count) if own is None else own, "own")
    if own.shape != (count,):
        raise GameError(f"own has shape {own.shape}, {(count,)} was expected: one number an action")
    neighbours = checked_neighbours(neighbours)
    most = float(np.abs(own).max()) + neighbours.shape[1] * float(np.abs(pair).max())
    if not most < np.inf:
        raise GameError(f"payoffs of {neighbours.shape[1]} neighbours add up beyond float64; give them in a larger unit")
    return {
        "num_agents": len(neighbours),
        "neighbours": neighbours,
        "pair": pair,
        "own": own,
        "load": np.zeros((0, count), np.int64),
        "kinds": np.zeros(count, np.int64),
        "payoff": np.zeros((count, 0)),
    }


def _crowd(agents: Any, load: Any, payoff: Any) -> dict[str, Any]:
    count, load = checked_load(load, agents)
    actions = load.shape[1]
    payoff = finite(payoff, "payoff")
    width = count * int(load.max()) + 1
    if payoff.shape not in ((width,), (actions, width)):
        raise GameError(f"payoff has shape {payoff.shape}, {(actions, width)} or {(width,)} was expected: by loads from 0 to {width - 1}")
    rows, kinds = np.unique(np.broadcast_to(load, (actions, actions)), axis=0, return_inverse=True)
    return {
        "num_agents": count,
        "neighbours": np.zeros((count, 0), np.int64),
        "pair": np.zeros((actions, actions)),
        "own": np.zeros(actions),
        "load": np.ascontiguousarray(rows),
        "kinds": np.ascontiguousarray(kinds.reshape(-1), np.int64),
        "payoff": np.ascontiguousarray(np.broadcast_to(payoff, (actions, width))),
    }
