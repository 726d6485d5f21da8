"""A game of each class, and the same game with one payoff or one transition nudged: told apart, and solved either way."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import StochasticGame

SHAPE = (3, 2, 2)


def moves_of(rng, *shape):
    return np.broadcast_to(rng.dirichlet(np.ones(3), shape), (*SHAPE, 3))


def by_turns(rng):
    """Player 2 alone matters in state 1, player 1 elsewhere."""
    pays, moves = rng.normal(size=(2, 3, 2, 1)) * np.ones(2), rng.dirichlet(np.ones(3), (3, 2, 1)) * np.ones((2, 1))
    pays[:, 1], moves[1] = pays[:, 1].swapaxes(1, 2).copy(), moves[1].swapaxes(0, 1).copy()
    return pays, moves


def game_of(kind):
    """Return a game of a class: payoffs (2, S, A, B) and transitions."""
    rng = np.random.default_rng(0)
    pays, moves = rng.normal(size=(2, *SHAPE)), moves_of(rng, *SHAPE)
    turns = by_turns(rng)
    return {
        "zero_sum": lambda: (np.stack([pays[0], -pays[0]]), moves),
        "constant_sum": lambda: (np.stack([pays[0], 3.0 - pays[0]]), moves),
        "common_interest": lambda: (np.stack([pays[0], pays[0]]), moves),
        "symmetric": lambda: (np.stack([pays[0], pays[0].swapaxes(1, 2)]), 0.5 * (moves + moves.swapaxes(1, 2))),
        "potential": lambda: (
            pays[0] + rng.normal(size=(2, 3, 1, 1)) + [rng.normal(size=(3, 1, 2)) * np.ones((2, 1)), 0 * pays[0]],
            moves_of(rng, 3, 1, 1),
        ),
        "turn_based": lambda: turns,
        "switching_control": lambda: (pays, turns[1]),
        "single_controller": lambda: (pays, moves_of(rng, 3, 1, 2)),
        "separable": lambda: (rng.normal(size=(2, 3, 1, 1)) + pays[:, :1], moves_of(rng, 1, 2, 2)),
    }[kind]()


NUDGED = {
    "zero_sum": (True, False),
    "constant_sum": (True, False),
    "common_interest": (True, False),
    "symmetric": (True, True),
    "potential": (True, True),
    "turn_based": (True, True),
    "switching_control": (False, True),
    "single_controller": (False, True),
    "separable": (True, True),
}
"""Whether a payoff, or a transition, nudged takes the game out of its class."""
USED = {"zero_sum": "newton", "common_interest": "team", "potential": "potential", "separable": "stage_game"}


def judged(game):
    solution = gt.solve(game)
    assert gt.verify(game, solution.profile).epsilon <= 1e-8 * game.payoff_span
    return solution.method


@pytest.mark.parametrize("kind", NUDGED)
@pytest.mark.parametrize("size", [1e-3, 1e-9])
def test_a_class_and_its_near_misses(kind, size):
    payoff, moves = game_of(kind)
    game = StochasticGame(payoff, moves, 0.9)
    trait = getattr(gt.classify(game), kind)
    assert trait.holds, trait.reason
    assert judged(game) == USED.get(kind, "homotopy")
    payoff, moves = payoff.copy(), moves.copy()
    payoff[0, 1, 1, 0] += size
    moves[1, 1, 0] += [size, -size, 0.0]
    for other, breaks in zip(
        (StochasticGame(payoff, game.transition, 0.9), StochasticGame(game.payoff, moves, 0.9)), NUDGED[kind], strict=True
    ):
        found = getattr(gt.classify(other), kind)
        assert found.holds is not breaks, found.reason
        assert (found.reason == trait.reason) is not breaks
        method = judged(other)
        assert not breaks or kind not in USED or method != USED[kind]
