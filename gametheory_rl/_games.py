"""Stochastic games as tensors: frozen, and checked once, here, at the door."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from gametheory_rl import _game_checks as checks
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class Successors(NamedTuple):
    """Transitions as successor lists: row ``state * joint_actions + joint_action`` in compressed sparse row form.

    Within a row the states ascend and are distinct, and the probabilities are positive and sum to 1.
    Rows of illegal joint actions are empty.
    """

    offsets: np.ndarray
    """``[rows + 1]`` int64: row ``r`` is ``offsets[r]:offsets[r + 1]`` of the other two."""
    states: np.ndarray
    """``[entries]`` int32: the next state."""
    probabilities: np.ndarray
    """``[entries]`` float64: its probability."""


@dataclass(frozen=True)
class Labels:
    """Names for people; an empty tuple means plain numbers."""

    players: tuple[str, ...] = ()
    """``[n]``"""
    states: tuple[str, ...] = ()
    """``[S]``"""
    actions: tuple[tuple[str, ...], ...] = ()
    """``[n][A_i]``"""

    def state(self, state: int) -> str:
        """Return the name of ``state``."""
        return self.states[state] if self.states else str(state)

    def player(self, player: int) -> str:
        """Return the name of ``player``, counted from 1 where it has none."""
        return self.players[player] if self.players else f"player {player + 1}"

    def action(self, player: int, action: int) -> str:
        """Return the name of ``action`` of ``player``."""
        return self.actions[player][action] if self.actions else str(action)


@dataclass(frozen=True)
class Board:
    """Where the pieces stand in each state of a game that is played on a grid; only drawings read it."""

    shape: tuple[int, int]
    """``(rows, columns)``, row 0 drawn at the top."""
    positions: np.ndarray
    """``[n, S, 2]`` int: (row, column) of each player, -1 where it is off the board."""
    holder: np.ndarray | None = None
    """``[S]`` int: the player who has the ball, -1 for nobody; None where the game has no ball."""
    goals: tuple[tuple[int, int, int], ...] = ()
    """``(row, column, player)``: the cell (a column of -1 or ``columns`` lies outside) where ``player`` scores; -1: any player."""
    moves: tuple[tuple[int, int], ...] = ()
    """``[A]``: the (row, column) step that each action tries, the same for all players."""


@dataclass(frozen=True)
class GameSpec:
    """What a learner may know of a game: its shape, never its tensors."""

    num_players: int
    num_states: int
    num_actions: tuple[int, ...]
    legal: tuple[np.ndarray, ...]
    """One ``[S, A_i]`` bool mask per player."""
    discount: np.ndarray
    """``[n]``"""
    zero_sum: bool


@final
class StochasticGame:
    """A finite stochastic (Markov) game of ``n >= 1`` players.

    Parameters
    ----------
    payoff : array_like, shape (n, S, A_1, ..., A_n)
        Expected payoff of each joint action; also the reward that a learner sees.
    transition : array_like, shape (S, A_1, ..., A_n, S), or scipy sparse array, shape (S * A_1 * ... * A_n, S), or Successors
        Probability of the next state. Duplicate sparse entries are summed. Rows may be off 1 by ``1e-8`` and are rescaled.
    discount : float or array_like, shape (n,)
        In [0, 1], one for all or one per player.
    start : array_like, shape (S,), optional
        Distribution of the first state; None: uniform over the non-terminal states.
    legal : sequence of array_like, shape (S, A_i), bool, optional
        One mask per player; entries of illegal joint actions are ignored, whatever they hold.
    labels : Labels or mapping with any of the keys players, states, actions, optional
    name : str
        Shown in tables and plots.
    board : Board, optional
        Where the pieces stand, for drawings.

    Raises
    ------
    GameError
        Wrong shapes, NaN or infinite numbers, rows that do not sum to 1, a state where a player has no legal action,
        a discount outside [0, 1]; the message names player, state and action.

    Notes
    -----
    Every array is read-only. A terminal state is absorbing with payoff 0 for every player.
    """

    __slots__ = ("__dict__", "board", "discount", "labels", "legal", "name", "payoff", "start")

    payoff: np.ndarray
    """``[n, S, A_1, ..., A_n]`` float64, 0 at illegal joint actions."""
    discount: np.ndarray
    """``[n]`` float64"""
    start: np.ndarray
    """``[S]`` float64"""
    legal: tuple[np.ndarray, ...]
    """One ``[S, A_i]`` bool mask per player."""
    labels: Labels
    name: str
    board: Board | None

    def __init__(
        self,
        payoff: Any,
        transition: Any,
        discount: Any,
        start: Any = None,
        legal: Sequence[Any] | None = None,
        labels: Labels | Mapping[str, Any] | None = None,
        *,
        name: str = "",
        board: Board | None = None,
    ) -> None:
        put = functools.partial(object.__setattr__, self)
        payoff = checks.payoff_array(payoff)
        num_players, num_states, *num_actions = payoff.shape
        masks = checks.legal_masks(legal, num_states, tuple(num_actions))
        labels = checks.checked_labels(labels, num_players, num_states, tuple(num_actions), Labels)
        joint = checks.joint_legal(masks)
        put("payoff", checks.freeze(checks.checked_payoff(payoff, joint, labels)))
        put("legal", masks)
        put("labels", labels)
        put("discount", checks.freeze(checks.checked_discount(discount, num_players)))
        put("name", str(name))
        put("board", checks.checked_board(board, num_players, num_states))
        dense, successors = checks.checked_transition(transition, joint, labels, Successors)
        if dense is not None:
            self.__dict__["transition"] = checks.freeze(dense)
        if successors is not None:
            self.__dict__["successors"] = Successors(*(checks.freeze(part) for part in successors))
        put("start", checks.freeze(checks.checked_start(start, self.terminal)))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a game is frozen: cannot set {name!r}; build a new StochasticGame")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a game is frozen: cannot delete {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        keep = (self.payoff, self.__dict__.get("transition", self.__dict__.get("successors")), self.discount, self.start)
        return (_rebuild, (*keep, self.legal, self.labels, self.name, self.board))

    # ---- shape -------------------------------------------------------------------------------------------------

    @property
    def num_players(self) -> int:
        """Number of players, n."""
        return self.payoff.shape[0]

    @property
    def num_states(self) -> int:
        """Number of states, S."""
        return self.payoff.shape[1]

    @property
    def num_actions(self) -> tuple[int, ...]:
        """Number of actions of each player, padding included: ``(A_1, ..., A_n)``."""
        return self.payoff.shape[2:]

    @property
    def num_joint_actions(self) -> int:
        """Number of joint actions, the product of ``num_actions``."""
        return int(np.prod(self.num_actions))

    @functools.cached_property
    def spec(self) -> GameSpec:
        """What a learner may know."""
        return GameSpec(self.num_players, self.num_states, self.num_actions, self.legal, self.discount, self.zero_sum)

    @functools.cached_property
    def zero_sum(self) -> bool:
        """Whether there are two players with payoffs that sum to zero (up to rounding) and equal discounts."""
        if self.num_players != 2 or self.discount[0] != self.discount[1]:
            return False
        scale = np.abs(self.payoff).max(initial=0.0)
        return bool((np.abs(self.payoff[0] + self.payoff[1]) <= 1e-12 * scale).all())

    @functools.cached_property
    def terminal(self) -> np.ndarray:
        """``[S]`` bool: absorbing with payoff 0 for every player."""
        flat = self.payoff.reshape(self.num_players, self.num_states, -1)
        quiet = ~np.any(flat, axis=(0, 2))
        offsets, successors, _ = self.successors
        ends = offsets[:: self.num_joint_actions]
        # Rows ascend, so most states that are left show it in their first or last entry.
        quiet &= (successors[ends[:-1]] == np.arange(self.num_states)) & (successors[ends[1:] - 1] == np.arange(self.num_states))
        for state in np.flatnonzero(quiet):
            quiet[state] = bool((successors[ends[state] : ends[state + 1]] == state).all())
        return checks.freeze(quiet)

    def _row_range(self, state: int) -> tuple[int, int]:
        offsets, joint = self.successors.offsets, self.num_joint_actions
        return int(offsets[state * joint]), int(offsets[(state + 1) * joint])

    @property
    def payoff_span(self) -> float:
        """Largest minus smallest payoff of any one player over legal joint actions; the unit of the default ``tol``."""
        joint = checks.joint_legal(self.legal)
        flat = self.payoff[:, joint]
        # Python's own floats: a span beyond float64 is inf, without a warning.
        return max(float(high) - float(low) for high, low in zip(flat.max(axis=1), flat.min(axis=1), strict=True))

    # ---- transitions -------------------------------------------------------------------------------------------

    @functools.cached_property
    def transition(self) -> np.ndarray | csr_array:
        """``[S, A_1, ..., A_n, S]`` float64, or a CSR array ``[S * A_1 * ... * A_n, S]`` where the game was built sparse."""
        from scipy.sparse import csr_array

        offsets, states, probabilities = self.successors
        shape = (self.num_states * self.num_joint_actions, self.num_states)
        return csr_array((probabilities, states, offsets), shape=shape)

    @functools.cached_property
    def successors(self) -> Successors:
        """The transitions as successor lists, whatever form the game was built from."""
        return Successors(*(checks.freeze(part) for part in checks.successors_of_dense(self.transition)))

    @property
    def is_sparse(self) -> bool:
        """Whether ``transition`` is a CSR array."""
        return not isinstance(self.__dict__.get("transition"), np.ndarray)

    def dense(self) -> StochasticGame:
        """Return the same game with a dense ``transition``; refuses what does not fit in memory."""
        if not self.is_sparse:
            return self
        shape = (self.num_states, *self.num_actions, self.num_states)
        require_memory(shape, "the dense transition", "keep it sparse")
        dense = np.zeros((self.num_states * self.num_joint_actions, self.num_states))
        offsets, states, probabilities = self.successors
        dense[np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)), states] = probabilities
        return self._with(dense.reshape(shape))

    def sparse(self) -> StochasticGame:
        """Return the same game with a CSR ``transition``."""
        return self if self.is_sparse else self._with(self.successors)

    def _with(self, transition: Any) -> StochasticGame:
        kept = (self.discount, self.start, self.legal, self.labels)
        return StochasticGame(self.payoff, transition, *kept, name=self.name, board=self.board)

    # ---- views -------------------------------------------------------------------------------------------------

    def stage(self, state: int, values: Any = None) -> np.ndarray:
        """Return the stage game at ``state``: payoffs now plus discounted continuation values.

        Parameters
        ----------
        state : int
        values : array_like, shape (n, S), optional
            Continuation values; None: zero.

        Returns
        -------
        ndarray, shape (n, A_1, ..., A_n)
            NaN at illegal joint actions, so that nobody takes them for payoffs.
        """
        state = checks.checked_index(state, self.num_states, "state")
        stage = self.payoff[:, state].reshape(self.num_players, -1).copy()
        if values is not None:
            values = checks.checked_values(values, self.num_players, self.num_states)
            first, last = self._row_range(state)
            joint = self.num_joint_actions
            owner = np.repeat(np.arange(joint), np.diff(self.successors.offsets[state * joint : (state + 1) * joint + 1]))
            for player in range(self.num_players):
                flow = self.successors.probabilities[first:last] * values[player, self.successors.states[first:last]]
                stage[player] += self.discount[player] * np.bincount(owner, flow, minlength=joint)
        stage[:, ~checks.joint_legal(tuple(mask[state : state + 1] for mask in self.legal)).ravel()] = np.nan
        return stage.reshape(self.num_players, *self.num_actions)

    def centralised(self, weights: Any = None) -> StochasticGame:
        """Return the super-agent's decision process: one player whose actions are the joint actions.

        Parameters
        ----------
        weights : array_like, shape (n,), optional
            The team reward is the weighted sum of payoffs; None: their mean, which is the common payoff of a team game.

        Returns
        -------
        StochasticGame
            One player, ``A_1 * ... * A_n`` actions in C order.
        """
        if (self.discount != self.discount[0]).any():
            raise GameError(f"discounts are {self.discount.tolist()}, one common discount is needed to centralise a game")
        weights = checks.checked_weights(weights, self.num_players)
        payoff = np.tensordot(weights, self.payoff, axes=1).reshape(1, self.num_states, -1)
        joint = checks.joint_legal(self.legal).reshape(self.num_states, -1)
        actions = tuple(" ".join(self.labels.action(i, a) for i, a in enumerate(index)) for index in np.ndindex(self.num_actions))
        labels = Labels(("team",), self.labels.states, (actions,))
        return StochasticGame(
            payoff, self.successors, self.discount[0], self.start, (joint,), labels, name=f"{self.name}, centralised".lstrip(", ")
        )

    def __repr__(self) -> str:
        """Return one line: name, sizes, discount, kind."""
        sizes = " x ".join(str(a) for a in self.num_actions)
        discount = f"{self.discount[0]:g}" if (self.discount == self.discount[0]).all() else str(self.discount.tolist())
        kind = "zero-sum" if self.zero_sum else "one player" if self.num_players == 1 else "general-sum"
        form = "sparse" if self.is_sparse else "dense"
        name = f"{self.name!r}, " if self.name else ""
        terminal = int(self.terminal.sum())
        ends = f", {terminal} terminal" if terminal else ""
        players = f"{self.num_players} player{'s' if self.num_players > 1 else ''}"
        return f"StochasticGame({name}{players}, {self.num_states} states{ends}, {sizes} actions, discount {discount}, {kind}, {form})"

    # ---- builders ----------------------------------------------------------------------------------------------

    @classmethod
    def from_arrays(cls, payoff: Any, transition: Any, discount: Any, **kwargs: Any) -> StochasticGame:
        """Return ``StochasticGame(payoff, transition, discount, **kwargs)``."""
        return cls(payoff, transition, discount, **kwargs)

    @classmethod
    def from_matrix_game(cls, payoffs: Any, *, discount: float = 0.0, **kwargs: Any) -> StochasticGame:
        """Return a matrix game as one state with a self-loop.

        Parameters
        ----------
        payoffs : array_like, shape (n, A_1, ..., A_n) or (A_1, A_2)
            A single matrix is the zero-sum game of its row player; a single row is a choice of one player.
        discount : float
            0: played once; above 0: repeated, discounted.
        """
        payoffs = checks.numbers(payoffs, "the matrix game")
        if payoffs.ndim < 2:
            raise GameError(f"the matrix game has shape {payoffs.shape}, (players, actions of player 1, ...) or one matrix was expected")
        if payoffs.ndim == 2 and payoffs.shape[0] != 1:
            payoffs = np.stack([payoffs, -payoffs])
        transition = np.ones((1, *payoffs.shape[1:], 1))
        return cls(payoffs[:, np.newaxis], transition, discount, **kwargs)

    @classmethod
    def from_functions(cls, states: Any, actions: Any, payoff: Any, transition: Any, discount: Any, **kwargs: Any) -> StochasticGame:
        """Build a game from functions over enumerable states.

        Parameters
        ----------
        states : iterable of hashable
            The states, in the order of their numbers.
        actions : sequence of sequences, or callable
            One list of actions per player, or ``actions(state)`` that returns them where they differ by state.
        payoff : callable
            ``payoff(state, joint_action) -> (n,)`` numbers.
        transition : callable
            ``transition(state, joint_action)`` -> the next state, or a mapping from next states to probabilities.
        discount : float or array_like, shape (n,)
        **kwargs
            ``start`` (a state, a mapping from states to probabilities, or an array), ``name``, ``board``.
        """
        from gametheory_rl._game_functions import arrays_from_functions

        arrays = arrays_from_functions(states, actions, payoff, transition, kwargs.pop("start", None))
        return cls(discount=discount, **{**arrays, **kwargs})


def _rebuild(payoff: Any, transition: Any, discount: Any, start: Any, legal: Any, labels: Any, name: str, board: Any) -> StochasticGame:
    return StochasticGame(payoff, transition, discount, start, legal, labels, name=name, board=board)
