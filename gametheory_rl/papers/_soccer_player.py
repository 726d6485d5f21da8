"""A hand-built soccer player: deterministic rules for scoring and for blocking, from the geometry of the board alone.

All that Littman says of his own is that it was deterministic, with simple rules for scoring and blocking. This one is ours.
"""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import Board, StochasticGame
from gametheory_rl._support._errors import GameError

Cell = tuple[int, int]


def hand_built(game: StochasticGame, player: int) -> np.ndarray:
    """Return the hand-built policy of ``player``, ``(S, A)``: one action in each state.

    - With the ball: the move that brings the nearest square of the goal's mouth closest, into the goal where that is one move; of
      equals along the row, then up, then down, then back. Never into the opponent, whom that would give the ball; stand if
      nothing else is left.
    - Without it: to the first square of the holder's way to goal that one reaches no later than he does, by the shortest way, and
      stand there, so that he runs into one and loses the ball. Never into the holder, who would keep the ball.

    Parameters
    ----------
    game : StochasticGame
        With a board that has a ball, goals and moves: ``families.soccer`` of any size.
    player : int
        0 or 1.

    Raises
    ------
    GameError
        A game without such a board.
    """
    board = game.board
    if board is None or board.holder is None or not board.goals or not board.moves or game.num_players != 2:
        raise GameError(f"{game!r} has no board with a ball and two goals, which the hand-built player needs; families.soccer has one")
    policy = np.zeros((game.num_states, game.num_actions[player]))
    for state in range(game.num_states):
        own, other = (_place(board, who, state) for who in (player, 1 - player))
        decide = attack if board.holder[state] == player else defend
        policy[state, decide(board, player, own, other)] = 1.0
    return policy


def attack(board: Board, player: int, own: Cell, other: Cell | None) -> int:
    """Return what ``player`` at ``own`` does with the ball; None: nobody is in his way."""
    mouth = _mouth(board, player)
    ahead = -1 if _distance((own[0], own[1] - 1), mouth) < _distance((own[0], own[1] + 1), mouth) else 1

    def key(action: int) -> tuple[int, int]:
        down, right = board.moves[action]
        return _distance((own[0] + down, own[1] + right), mouth), 0 if right == ahead else 1 if down else 2

    moves = [a for a in _moves(board, own) if _after(board, own, a) != other]
    goals = [a for a in range(len(board.moves)) if _step(board, own, a) in mouth]
    return min(goals or moves, key=key, default=_standing(board))


def defend(board: Board, player: int, own: Cell, holder: Cell) -> int:
    """Return what ``player`` at ``own`` does while the other has the ball."""
    way = _way(board, 1 - player, holder)
    if not way:
        return _standing(board)
    post = next((cell for moves, cell in enumerate(way, 1) if _distance(own, (cell,)) <= moves), way[-1])
    choices = [_standing(board), *(a for a in _moves(board, own) if _after(board, own, a) != holder)]
    return min(choices, key=lambda action: _distance(_after(board, own, action), (post,)))


def _way(board: Board, player: int, cell: Cell) -> list[Cell]:
    """Return the squares over which ``player`` carries the ball to goal when nobody is in his way, the first one ahead of ``cell``."""
    way: list[Cell] = []
    while _inside(board, cell := _step(board, cell, attack(board, player, cell, None))):
        way.append(cell)
    return way


def _place(board: Board, player: int, state: int) -> Cell:
    row, column = board.positions[player, state].tolist()
    return row, column


def _mouth(board: Board, player: int) -> tuple[Cell, ...]:
    return tuple((row, column) for row, column, who in board.goals if who in (player, -1))


def _distance(cell: Cell, goals: tuple[Cell, ...]) -> int:
    return min(abs(cell[0] - row) + abs(cell[1] - column) for row, column in goals)


def _step(board: Board, cell: Cell, action: int) -> Cell:
    return cell[0] + board.moves[action][0], cell[1] + board.moves[action][1]


def _inside(board: Board, cell: Cell) -> bool:
    return 0 <= cell[0] < board.shape[0] and 0 <= cell[1] < board.shape[1]


def _after(board: Board, cell: Cell, action: int) -> Cell:
    target = _step(board, cell, action)
    return target if _inside(board, target) else cell


def _moves(board: Board, cell: Cell) -> list[int]:
    """Return the actions that lead to another square of the board."""
    return [action for action in range(len(board.moves)) if _after(board, cell, action) != cell]


def _standing(board: Board) -> int:
    return board.moves.index((0, 0))
