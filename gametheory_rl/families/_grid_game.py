"""Grid games of Hu and Wellman, from a drawing."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from gametheory_rl._games import Board, Labels, StochasticGame
from gametheory_rl.families._arguments import LABELLED_STATES, real, require_rows, successor_rows
from gametheory_rl.families._layout import ACTIONS, MOVES, parse_layout

GRID_GAME_1 = "b . a\n\n. . .\n\n1 . 2"
"""Two players who start in the lower corners and want to reach the opposite upper ones."""


def grid_game(
    layout: str = GRID_GAME_1,
    discount: float = 0.99,
    goal_reward: float = 100.0,
    bump_penalty: float = 1.0,
    pass_probability: float = 0.5,
    name: str = "grid game",
) -> StochasticGame:
    """Return the game in which every player walks to a goal and bumps into the others on the way.

    All players move at once, L, R, U or D; moves off the board and through walls are illegal. A move across a hindered edge
    succeeds with ``pass_probability`` and otherwise leaves the player where he is. Players who would end on one square that is
    a goal of none of them all stay where they were and pay ``bump_penalty``; if that puts one of them in the way of another,
    those two bump likewise. Whoever enters a goal of his own earns ``goal_reward``, and the episode ends for all.

    Parameters
    ----------
    layout : str
        The drawing. Squares stand at the first, third, ... lines and columns of the text, the edges between them in between. A square
        is ``.`` (free), ``1`` to ``9`` (the start of that player), ``a`` to ``i`` (a goal of player 1 to 9), ``*`` (a goal of every
        player) or ``#`` (no square). An edge is blank (open), ``#`` (a wall), or it hinders a move across it: ``^`` upwards,
        ``v`` downwards, ``<`` to the left, ``>`` to the right, ``~`` either way.
    discount : float
        In [0, 1].
    goal_reward, bump_penalty : float
        In payoff units; the penalty is subtracted.
    pass_probability : float
        In [0, 1].
    name : str

    Returns
    -------
    StochasticGame
        One state for every placing of the players on different squares with nobody at a goal of his own, ordered by the squares of
        player 1, player 2, ... (row by row from the top), and one terminal state after them.

    Raises
    ------
    GameError
        A drawing that makes no sense, an argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    Hu & Wellman, "Nash Q-learning for general-sum stochastic games", JMLR 4, 2003, section 5. Two players may change places, as
    nothing in the rules forbids it. The paper leaves open who bumps where a hindered player stays in another's way: here both do.
    """
    plan = parse_layout(layout)
    discount, chance = real(discount, "discount", 0, 1), real(pass_probability, "pass_probability", 0, 1)
    goal_reward, bump_penalty = real(goal_reward, "goal_reward"), real(bump_penalty, "bump_penalty")
    num_players, num_cells = len(plan.starts), len(plan.cells)
    outcomes = 2**num_players if plan.hindered.any() else 1
    require_rows((num_cells * len(ACTIONS)) ** num_players, outcomes, f"a grid game of {num_players} players on {num_cells} squares")
    walk = _Walk(plan.target, plan.hindered, plan.is_goal(num_players), goal_reward, bump_penalty, chance)
    squares, number = _placings(walk.is_goal)
    payoff, after, weights = _joint_moves(walk, squares, number, outcomes)
    end = squares.shape[1]
    start = np.zeros(end + 1)
    start[number[plan.starts]] = 1.0
    off = np.full((num_players, 1, 2), -1)
    goals = tuple((*plan.cells[square].tolist(), player) for square, player in plan.goals)
    board = Board(plan.shape, np.concatenate([plan.cells[squares], off], axis=1), None, goals, MOVES)
    legal = [np.concatenate([plan.target[own] >= 0, np.ones((1, len(ACTIONS)), dtype=bool)]) for own in squares]
    return StochasticGame(payoff, successor_rows(after, weights), discount, start, legal, _labels(board, end), name=name, board=board)


class _Walk(NamedTuple):
    target: np.ndarray
    hindered: np.ndarray
    is_goal: np.ndarray
    """``[n, C]`` bool"""
    goal_reward: float
    bump_penalty: float
    pass_probability: float


def _placings(is_goal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the players' squares in each state of play, ``[n, S]``, and the number of each placing, ``[C, ..., C]`` (the end: S)."""
    num_players, num_cells = is_goal.shape
    allowed = np.ones((num_cells,) * num_players, dtype=bool)
    axes = np.ogrid[(slice(num_cells),) * num_players]
    for player in range(num_players):
        allowed &= ~is_goal[player][axes[player]]
    for one, other in itertools.combinations(range(num_players), 2):
        allowed &= axes[one] != axes[other]
    squares = np.stack(np.nonzero(allowed))
    number = np.full(allowed.shape, squares.shape[1], dtype=np.int32)
    number[allowed] = np.arange(squares.shape[1], dtype=np.int32)
    return squares, number


def _joint_moves(walk: _Walk, squares: np.ndarray, number: np.ndarray, outcomes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return payoffs ``[n, S + 1, 4, ..., 4]``, successors and probabilities ``[(S + 1) * 4^n, outcomes]``."""
    num_players, num_states = squares.shape
    sizes = (len(ACTIONS),) * num_players
    payoff = np.zeros((num_players, num_states + 1, *sizes))
    after = np.full((num_states + 1, *sizes, outcomes), num_states, dtype=np.int32)
    weights = np.zeros(after.shape)
    weights[-1, ..., 0] = 1.0
    for joint in np.ndindex(sizes):
        legal = np.all([walk.target[own, action] >= 0 for own, action in zip(squares, joint, strict=True)], axis=0)
        for k, passes in enumerate(itertools.islice(itertools.product((True, False), repeat=num_players), outcomes)):
            reached, reward, chance = _outcome(walk, squares[:, legal], joint, passes)
            at = (np.flatnonzero(legal), *joint)
            after[(*at, k)] = number[tuple(reached)]
            weights[(*at, k)] = chance
            payoff[(slice(None), *at)] += chance * reward
    return payoff, after.reshape(-1, outcomes), weights.reshape(-1, outcomes)


def _outcome(
    walk: _Walk, squares: np.ndarray, joint: tuple[int, ...], passes: tuple[bool, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the squares reached ``[n, L]``, the rewards ``[n, L]`` and the chance ``[L]`` where player i passes as ``passes[i]`` says."""
    chance = np.ones(squares.shape[1])
    wanted = np.empty_like(squares)
    for player, (own, action, through) in enumerate(zip(squares, joint, passes, strict=True)):
        hindered = walk.hindered[own, action]
        # An unhindered player always passes, so the outcome in which he fails has no chance.
        chance *= np.where(hindered, walk.pass_probability if through else 1 - walk.pass_probability, 1.0 if through else 0.0)
        wanted[player] = walk.target[own, action] if through else own
    reached, bumped = _bounce(walk.is_goal, squares, wanted)
    scored = np.stack([walk.is_goal[player][where] for player, where in enumerate(reached)])
    return reached, walk.goal_reward * scored - walk.bump_penalty * bumped, chance


def _bounce(is_goal: np.ndarray, squares: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Send players who meet back to their squares until nobody meets; returns the squares reached and who bumped, ``[n, L]`` each."""
    reached, bumped = wanted.copy(), np.zeros(wanted.shape, dtype=bool)
    for _ in range(len(wanted)):
        meets = np.zeros(wanted.shape, dtype=bool)
        for one, other in itertools.combinations(range(len(wanted)), 2):
            together = (reached[one] == reached[other]) & ~is_goal[one][reached[one]] & ~is_goal[other][reached[other]]
            meets[one] |= together
            meets[other] |= together
        bumped |= meets
        reached = np.where(bumped, squares, wanted)
    return reached, bumped


def _labels(board: Board, end: int) -> Labels:
    num_players = len(board.positions)
    states: tuple[str, ...] = ()
    if end < LABELLED_STATES:
        cells = board.positions[:, :end].transpose(1, 0, 2).tolist()
        named = (" ".join(f"{i + 1}({row},{column})" for i, (row, column) in enumerate(placing)) for placing in cells)
        states = (*named, "end")
    return Labels(tuple(f"player {i + 1}" for i in range(num_players)), states, (ACTIONS,) * num_players)
