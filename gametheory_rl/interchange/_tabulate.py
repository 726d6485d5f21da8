"""A policy that is a function, of whatever make, as the table that ``verify`` judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_index
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._library import checked_game

ASKED = 64
"""So often a policy is asked in all, to see whether it draws: one that plays 90 : 10 then answers alike once in a thousand times."""


def tabulate(policy: Callable[[Any], Any], game: StochasticGame, player: int = 0, *, samples: int | None = None) -> np.ndarray:
    """Return the policy ``(S, A_i)`` of a function of the observation, asked at every state.

    Parameters
    ----------
    policy : callable
        ``policy(observation)`` returns an action's number, or one probability for each action. The observation is the state's number,
        as environments made by ``to_pettingzoo`` and ``to_gymnasium`` show it.
    game : StochasticGame
    player : int
        Whose policy it is, counted from 0.
    samples : int, optional
        For a policy that draws its actions: ask so often at each state and return the shares, which are an estimate with a standard
        error of up to ``0.5 / sqrt(samples)``. None: the policy is asked again and again, 64 times in all or twice a state if that is
        more, and refused if its answers differ.

    Returns
    -------
    ndarray, shape (S, A_i)
        At terminal states, where nothing is at stake, an answer that is no legal action becomes uniform play.

    Raises
    ------
    GameError
        Answers that are neither an action nor a distribution, that are illegal, or that differ from one time to the next.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> game = gt.load_game("chicken")
    >>> profile = [gt.interchange.tabulate(lambda seen: 0, game, player) for player in range(2)]
    >>> gt.verify(game, profile).gains.tolist()
    [[1.0], [1.0]]
    """
    game = checked_game(game)
    player = checked_index(player, game.num_players, "player")
    if not callable(policy):
        raise GameError(f"policy is {type(policy).__name__}, a function of the observation was expected (an array needs no tabulating)")
    if samples is not None and (not isinstance(samples, int | np.integer) or samples < 1):
        raise GameError(f"samples is {samples!r}, a whole number from 1 up was expected")
    table = np.empty((game.num_states, game.num_actions[player]))
    times = samples or max(2, -(-ASKED // game.num_states))
    for state in range(game.num_states):
        legal = game.legal[player][state]
        try:
            table[state] = _row(policy, state, legal, times, draws=samples is not None)
        except GameError:
            if not game.terminal[state]:
                raise
            table[state] = legal / legal.sum()
    return table


def _row(policy: Callable[[Any], Any], state: int, legal: np.ndarray, times: int, *, draws: bool) -> np.ndarray:
    rows = (answered(policy(np.int64(state)), legal, f"the policy at state {state}") for _ in range(times))
    if draws:
        return np.mean(list(rows), axis=0)
    first = next(rows)
    for row in rows:
        if not np.allclose(first, row, rtol=0, atol=1e-6):
            raise GameError(
                f"the policy at state {state} answered {_said(first)} and then {_said(row)}, the same answer was expected of a fixed "
                "policy; if it draws its actions, give samples"
            )
    return first


def _as_floats(found: np.ndarray) -> tuple[np.ndarray, str]:
    """Return whole numbers, Booleans or Fractions as floats, where they are."""
    try:
        return found.astype(np.float64), "f"
    except (TypeError, ValueError):
        return found, "?"


def _said(row: np.ndarray) -> str:
    return f"action {int(row.argmax())}" if row.max() == 1 else str(row.round(4).tolist())


def answered(answer: Any, legal: np.ndarray, who: str) -> np.ndarray:
    """Return the distribution ``(A,)`` that an answer means: an action's number, or probabilities; others and illegal ones are refused."""
    try:
        found = np.asarray(answer)
        kind = found.dtype.kind
    except Exception as error:  # whatever it is may refuse in its own way, as tensors do that want gradients
        raise GameError(
            f"{who} is {type(answer).__name__}, which is no array ({error!s:.60}); an action or probabilities were expected"
        ) from None
    if (kind in "iub" and found.shape == legal.shape and len(legal) > 1) or (kind == "O" and found.shape == legal.shape):
        found, kind = _as_floats(found)
    if found.size == 1 and kind in "iu" and 0 <= int(found.ravel()[0]) < len(legal):
        row = np.zeros(len(legal))
        row[int(found.ravel()[0])] = 1.0
    # Networks answer in float32, whose rounding is 1e-7 a number.
    elif found.shape == legal.shape and kind == "f" and (found >= 0).all() and abs(found.sum() - 1) < 1e-5:
        row = found.astype(np.float64) / found.sum(dtype=np.float64)
    else:
        raise GameError(f"{who} is {str(answer)[:60]}, an action from 0 to {len(legal) - 1} or one probability for each was expected")
    if row[~legal].any():
        raise GameError(f"{who} plays {np.flatnonzero((row > 0) & ~legal).tolist()}, of {np.flatnonzero(legal).tolist()} that are legal")
    return row
