"""Matches of soccer between two fixed policies: who scores how often, exactly and as sampled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from gametheory_rl._games import StochasticGame
from gametheory_rl.families._ball_game import placings, play
from gametheory_rl.families._soccer import _goal_rows, _pitch, soccer

DRAW = 0.1
"""Probability that a step is declared a draw, which stands for the discount of 0.9 (Littman 1994, section 5.2)."""
ROUNDING = 1e-13
"""What the linear equations make of a rate of 0 stays below this."""
LANES = 100
"""Matches that are sampled side by side."""


class Goals(NamedTuple):
    """How often the two score."""

    first: float
    """Goals of player 1 per step."""
    second: float

    @property
    def share(self) -> float:
        """Player 1's share of all goals, in per cent; NaN where there are none."""
        total = self.first + self.second
        return 100 * self.first / total if total > 0 else float("nan")

    def completed(self, steps: int) -> float:
        """Return how many games end with a goal within so many steps."""
        return steps * (self.first + self.second)


def exact_goals(game: StochasticGame, profile: tuple[np.ndarray, ...]) -> Goals:
    """Return the goals per step in the long run, from the stationary distribution of the chain of the two policies.

    Parameters
    ----------
    game : StochasticGame
        Whose positive payoffs of player 1 are probabilities that he scores, and whose negative ones that the other does: soccer with
        ``draw`` positive, on boards of three columns or more, where no pair of moves can end with either's goal.
    profile : pair of (S, A_i) arrays
    """
    joint = (profile[0][:, :, np.newaxis] * profile[1][:, np.newaxis]).reshape(-1)
    size = game.num_states
    offsets, states, probabilities = game.successors
    rows = np.repeat(np.arange(len(joint)), np.diff(offsets))
    entries = np.bincount(rows // (len(joint) // size) * size + states, joint[rows] * probabilities, size * size)
    # One equation of the balance is redundant; in its place the weights sum to 1.
    balance = entries.reshape(size, size).T - np.eye(size)
    balance[-1] = 1.0
    weights = np.linalg.solve(balance, np.eye(size)[-1])
    payoff = (joint * game.payoff[0].reshape(-1)).reshape(size, -1)
    rates = (float(weights @ np.maximum(sign * payoff, 0).sum(axis=1)) for sign in (1, -1))
    return Goals(*(rate if rate > ROUNDING else 0.0 for rate in rates))


class Pitch(NamedTuple):
    """Littman's soccer as it is played, move by move: the tensors' expected payoffs cannot say which of two orders scored."""

    after: np.ndarray
    """``[2, S, 5, 5]`` by who moves first: the state reached."""
    points: np.ndarray
    """``[2, S, 5, 5]`` player 1's points; not 0: a goal."""
    kickoffs: np.ndarray
    """``[2]`` states"""


def pitch_of_soccer() -> Pitch:
    """Return Littman's 4 x 5 board."""
    pieces, pitch = placings(20), _pitch(4, 5, _goal_rows(None, 4))
    after, points = zip(*(play(pitch, pieces, first) for first in (0, 1)), strict=True)
    return Pitch(np.stack(after), np.stack(points), np.flatnonzero(soccer().start))


def until_goal(pitch: Pitch, discount: float = 0.9) -> StochasticGame:
    """Return soccer that ends with a goal; the last state is the end, the others are those of ``families.soccer``.

    Its values are those of soccer that goes on from a new kick-off, which is worth nothing between equals. Against a player who is no
    equal they differ: who goes on may concede a goal to be sooner at the next kick-off.
    """
    _, size, rows, columns = pitch.after.shape
    end = size
    following = np.where(pitch.points != 0, end, pitch.after)
    kept = np.full((2, 1, rows, columns), end)
    payoff = np.concatenate([pitch.points.mean(axis=0), np.zeros((1, rows, columns))])
    start = np.zeros(size + 1)
    start[pitch.kickoffs] = 0.5
    places = np.concatenate([following, kept], axis=1).reshape(2, -1)
    offsets, halves = np.arange(0, places.size + 1, 2), np.full(places.size, 0.5)
    transition = csr_array((halves, places.T.ravel(), offsets), shape=(places.shape[1], size + 1))
    return StochasticGame(np.stack([payoff, 0.0 - payoff]), transition, discount, start, name="soccer until a goal")


def sampled_goals(pitch: Pitch, profile: tuple[np.ndarray, ...], steps: int, rng: np.random.Generator) -> Goals:
    """Play ``steps`` steps in ``LANES`` matches side by side, each from the kick-off; returns the goals per step."""
    edges = [np.cumsum(policy, axis=1)[:, :-1] for policy in profile]
    state = rng.choice(pitch.kickoffs, LANES)
    scored = np.zeros(2)
    rounds = max(1, steps // LANES)
    for _ in range(rounds):
        draws = rng.random((4, LANES))
        moves = [(draws[i][:, np.newaxis] >= edges[i][state]).sum(axis=1) for i in (0, 1)]
        first = (draws[2] < 0.5).astype(np.int64)
        points = pitch.points[first, state, moves[0], moves[1]]
        scored += (points > 0).sum(), (points < 0).sum()
        over = (points != 0) | (draws[3] < DRAW)
        state = np.where(over, rng.choice(pitch.kickoffs, LANES), pitch.after[first, state, moves[0], moves[1]])
    return Goals(*(scored / (rounds * LANES)))
