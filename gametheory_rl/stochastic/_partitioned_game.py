"""A game whose rows are built where they will live, because no machine holds all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl import _game_checks as checks
from gametheory_rl._games import Labels, StochasticGame, Successors
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

MOST_STATES = 2**31 - 1
"""Next states are int32."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of the states ``first`` to ``last``, the row player's; next states are numbers of the whole game."""

    payoff: np.ndarray
    """``[k, m]`` or ``[k, m, n]``"""
    successors: tuple[np.ndarray, np.ndarray, np.ndarray]
    """Offsets int64 from 0, next states int32, probabilities"""
    legal: tuple[np.ndarray, ...]
    """One ``[k, A_i]`` bool mask per player"""
    imbalance: float
    """Largest absolute sum of the two players' payoffs: 0, or rounding"""


class PartitionedGame:
    """A zero-sum game of two players, or a decision process, given as a function that builds some states' rows.

    ``gt.solve(game, client=...)`` calls the function on the workers of a Dask cluster, each for its own states, and again elsewhere
    where a worker is lost.

    Parameters
    ----------
    build : callable
        ``build(first, last)`` returns ``(payoff, transition)`` of the states from ``first`` up to but without ``last``, ``k`` of them,
        or ``(payoff, transition, legal)``. ``payoff``, ``(k, A_1)`` or ``(k, A_1, A_2)``, is player 1's; player 2 earns its negative.
        ``transition`` is a scipy sparse array ``(k * A_1 * A_2, S)``, or ``Successors`` with that many rows, next states numbered 0
        to S - 1 in the whole game. ``legal`` holds one ``(k, A_i)`` mask per player. The same call must give the same rows, anywhere:
        a function that draws seeds its generator with the states, not with the call. Dask has to be able to send it.
    num_states : int
        S
    num_actions : sequence of int
        ``(A_1,)`` or ``(A_1, A_2)``
    discount : float
        In [0, 1).
    name : str

    Raises
    ------
    GameError
        Something of another kind or out of range. What ``build`` returns is checked where it is built.

    Examples
    --------
    >>> import numpy as np
    >>> import gametheory_rl as gt
    >>> from scipy.sparse import csr_array
    >>> def ring(first, last):
    ...     states = np.arange(first, last)
    ...     payoff = np.cos(states)[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    ...     following = np.repeat((states + 1) % 60, 4)
    ...     return payoff, csr_array((np.ones(len(following)), (np.arange(len(following)), following)), shape=(len(following), 60))
    >>> game = gt.PartitionedGame(ring, 60, (2, 2), 0.9)
    >>> game.gathered()
    StochasticGame(2 players, 60 states, 2 x 2 actions, discount 0.9, zero-sum, sparse)
    """

    def __init__(
        self, build: Callable[[int, int], Any], num_states: int, num_actions: Sequence[int], discount: float, *, name: str = ""
    ) -> None:
        if not callable(build):
            raise GameError(f"build is a {type(build).__name__}, a function of (first, last) was expected")
        counts = tuple(num_actions) if isinstance(num_actions, Sequence) else ()
        if len(counts) not in (1, 2):
            raise GameError(f"num_actions is {num_actions!r}, one or two whole numbers were expected, one for each player")
        self.build = build
        self.num_states = checks.checked_integer(num_states, "num_states", 1, MOST_STATES)
        self.num_actions = tuple(checks.checked_integer(count, "num_actions", 1, None) for count in counts)
        self.discount = float(checks.checked_discount(discount, 1)[0])
        self.name = str(name)

    @property
    def num_players(self) -> int:
        """Number of players, 1 or 2."""
        return len(self.num_actions)

    def __repr__(self) -> str:
        """Return one line: name, sizes, discount."""
        sizes, name = " x ".join(map(str, self.num_actions)), f"{self.name!r}, " if self.name else ""
        return f"PartitionedGame({name}{self.num_states} states, {sizes} actions, discount {self.discount:g})"

    def gathered(self) -> StochasticGame:
        """Return the whole game, built here; for judges, and for games that fit after all."""
        require_memory((self.num_players + 2, self.num_states, *self.num_actions), "the whole game", "solve it with client=...")
        rows = rows_of(self, 0, self.num_states)
        payoff = np.stack([rows.payoff, -rows.payoff]) if self.num_players == 2 else rows.payoff[np.newaxis]
        return StochasticGame(payoff, Successors(*rows.successors), self.discount, legal=rows.legal, name=self.name)


def rows_of(game: PartitionedGame, first: int, last: int) -> Rows:
    """Return what ``game.build`` says of these states, checked; whatever goes wrong is said in a sentence that names them."""
    where = f"states {first} to {last - 1}"
    try:
        built = game.build(first, last)
    except Exception as error:
        raise GameError(f"the function that builds {where} failed: {type(error).__name__}: {error}") from error
    if not isinstance(built, tuple) or len(built) not in (2, 3):
        raise GameError(f"the function that builds {where} returned {type(built).__name__}, (payoff, transition) was expected")
    payoff, transition, legal = (*built, None)[:3]
    try:
        return _checked(game, last - first, payoff, transition, legal)
    except GameError as error:
        raise GameError(f"{where}, counted from {first}: {error}") from None


def _checked(game: PartitionedGame, count: int, payoff: Any, transition: Any, legal: Any) -> Rows:
    payoff = checks.numbers(payoff, "payoff")
    if payoff.shape != (count, *game.num_actions):
        raise GameError(f"payoff has shape {payoff.shape}, {(count, *game.num_actions)} was expected")
    masks = checks.legal_masks(legal, count, game.num_actions)
    joint = checks.joint_legal(masks)
    payoff = checks.checked_payoff(payoff[np.newaxis], joint, Labels())[0]
    if hasattr(transition, "tocsr"):
        shape = (joint.size, game.num_states)
        if tuple(transition.shape) != shape:
            raise GameError(f"transition has shape {tuple(transition.shape)}, {shape} (states * joint actions, all states) was expected")
        csr = transition.tocsr()
        transition = (csr.indptr, csr.indices, csr.data)
    if not isinstance(transition, tuple) or len(transition) != 3:
        raise GameError(f"transition is a {type(transition).__name__}, a scipy sparse array or Successors was expected")
    return Rows(payoff, _checked_lists(*transition, joint.ravel(), game.num_states), masks, 0.0)


def _checked_lists(
    offsets: Any, states: Any, probabilities: Any, legal: np.ndarray, num_states: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return successor lists of which every legal row sums to 1 and every other one is empty."""
    offsets, states = checks.whole_numbers(offsets, "the successor offsets"), checks.whole_numbers(states, "the successor states")
    probabilities = checks.numbers(probabilities, "the successor probabilities")
    if offsets.shape != (legal.size + 1,) or offsets[0] != 0 or (np.diff(offsets) < 0).any():
        raise GameError(f"successor offsets of shape {offsets.shape} must rise from 0 and number {legal.size + 1}")
    if states.shape != (offsets[-1],) or probabilities.shape != states.shape:
        raise GameError(f"there are {states.shape} next states and {probabilities.shape} probabilities, {offsets[-1]} were expected")
    if states.size and not 0 <= states.min() <= states.max() < num_states:
        raise GameError(f"a next state is {states.max() if states.min() >= 0 else states.min()}, 0 to {num_states - 1} was expected")
    row_of = np.repeat(np.arange(legal.size), np.diff(offsets))
    if not legal.all():
        kept = legal[row_of]
        row_of, states, probabilities = row_of[kept], states[kept], probabilities[kept]
        offsets = np.concatenate([[0], np.cumsum(np.bincount(row_of, minlength=legal.size))])
    if not (np.isfinite(probabilities) & (probabilities >= 0.0)).all():
        raise GameError("a probability is negative, NaN or infinite")
    sums = np.bincount(row_of, probabilities, legal.size)
    off = np.abs(sums - 1.0) * legal
    if off.max(initial=0.0) > checks.ROW_SUM_TOLERANCE:
        raise GameError(f"transition row {int(off.argmax())} sums to {sums[off.argmax()]:.12g}, 1 was expected")
    return offsets, states.astype(np.int32), probabilities / sums[row_of]
