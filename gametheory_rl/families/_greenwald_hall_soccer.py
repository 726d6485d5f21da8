"""The small soccer of Greenwald and Hall, in which a goal ends the episode."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import Board, StochasticGame
from gametheory_rl.families._arguments import integer, real, require_rows, successor_rows
from gametheory_rl.families._ball_game import ACTIONS, MOVES, Pieces, Pitch, labels, placings, play, positions, targets


def greenwald_hall_soccer(rows: int = 2, columns: int = 4, discount: float = 0.9, reward: float = 100.0) -> StochasticGame:
    """Return soccer in which the end columns are the goals and an episode ends with the first goal.

    Both choose among N, S, E, W and stand; the moves are executed in random order, either order with probability 1/2. A move
    into the square that the other occupies at that moment does not happen, and if the mover held the ball it goes to the
    other. A move off the board does nothing. The holder whose own turn ends in the left column earns A ``reward`` and B
    ``-reward``, in the right column the reverse, whoever carries the ball, and the episode ends. One who is handed the ball in an
    end column has not scored yet: he does at his next turn, unless he leaves the column or loses the ball.

    Parameters
    ----------
    rows, columns : int
        Size of the board; at least 3 columns.
    discount : float
        In [0, 1].
    reward : float
        Payoff of a goal, above 0.

    Returns
    -------
    StochasticGame
        Zero-sum; ``2 n (n - 1)`` states of play for ``n`` squares (112 on 2 x 4), ordered as in ``soccer``, any of which may be the
        start, and one terminal state after them.

    Raises
    ------
    GameError
        An argument out of its range, or a board that does not fit in memory.

    Notes
    -----
    Greenwald & Hall, "Correlated-Q learning", ICML 2003, section 5.3.
    The paper leaves open what a move off the board does in an end column: here it ends the turn there, so the holder scores as by standing.
    """
    rows, columns = integer(rows, "rows", 1), integer(columns, "columns", 3)
    discount, reward = real(discount, "discount", 0, 1), real(reward, "reward", np.nextafter(0, 1))
    squares = rows * columns
    require_rows(2 * squares * (squares - 1) * len(ACTIONS) ** 2, 2, f"soccer on {rows} x {columns}")
    pieces, pitch = placings(squares), _pitch(rows, columns, reward)
    outcomes = [play(pitch, pieces, first) for first in (0, 1)]
    payoff = np.zeros((len(pieces.holder) + 1, len(ACTIONS), len(ACTIONS)))
    payoff[:-1] = (outcomes[0][1] + outcomes[1][1]) / 2
    goals = tuple((row, column, player) for player, column in enumerate((0, columns - 1)) for row in range(rows))
    return StochasticGame(
        np.stack([payoff, 0.0 - payoff]),
        successor_rows(_after(outcomes, len(pieces.holder)), np.array([0.5, 0.5])),
        discount,
        labels=labels(pieces, columns, ("end",)),
        name="greenwald_hall_soccer" if (rows, columns) == (2, 4) else f"greenwald_hall_soccer {rows}x{columns}",
        board=_board(rows, columns, pieces, goals),
    )


def _pitch(rows: int, columns: int, reward: float) -> Pitch:
    target, _, _ = targets(rows, columns)
    column = target % columns
    points = np.where(column == 0, reward, np.where(column == columns - 1, -reward, 0.0))
    return Pitch(target, np.stack([points, points]))


def _after(outcomes: list[tuple[np.ndarray, np.ndarray]], end: int) -> np.ndarray:
    """Return ``[(S + 1) * 25, 2]``: the successor in either order, the terminal state included as the last."""
    after = [np.where(points != 0, end, state).reshape(-1) for state, points in outcomes]
    absorbed = np.full((len(ACTIONS) ** 2, 2), end, dtype=np.int32)
    return np.concatenate([np.stack(after, axis=1).astype(np.int32), absorbed])


def _board(rows: int, columns: int, pieces: Pieces, goals: tuple[tuple[int, int, int], ...]) -> Board:
    off = np.full((2, 1, 2), -1)
    return Board((rows, columns), np.concatenate([positions(pieces, columns), off], axis=1), np.append(pieces.holder, -1), goals, MOVES)
