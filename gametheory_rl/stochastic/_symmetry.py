"""Whether players can change places, state by state."""

from __future__ import annotations

import numpy as np

from gametheory_rl._game_checks import joint_legal
from gametheory_rl._games import StochasticGame
from gametheory_rl.stochastic._classes import SAME, _flow


def asymmetry(game: StochasticGame) -> str:
    """Return what tells two players apart, in half a sentence; empty where players can change places in every state.

    Players change places where exchanging their actions exchanges their payoffs and leaves the next state as it is, in every state
    by itself. Where a state says who stands where, as on a board, its mirror image is another state, and such a game is not symmetric
    in this sense. Transitions are compared by two random linear functions of each row.
    """
    if len(set(game.num_actions)) > 1:
        return f"they have {', '.join(map(str, game.num_actions))} actions"
    if (game.discount != game.discount[0]).any():
        return "they discount differently"
    legal = joint_legal(game.legal)
    payoff, flow = np.where(legal, game.payoff, 0.0), np.nan_to_num(_flow(game, legal))
    for i in range(game.num_players - 1):  # exchanges of neighbours generate all others
        names = f"{game.labels.player(i)} and {game.labels.player(i + 1)}"
        axes = [0, *range(1, game.num_players + 1)]
        axes[i + 1], axes[i + 2] = axes[i + 2], axes[i + 1]
        if (legal != legal.transpose(axes)).any():
            return f"{names} have different legal actions"
        order = [*range(i), i + 1, i, *range(i + 2, game.num_players)]
        swapped = payoff[order].transpose(0, *(axis + 1 for axis in axes))
        found = _furthest(payoff, swapped, 4 * SAME * np.abs(payoff).max(initial=1e-300))
        if found is not None:
            (player, state, *joint), apart = found
            entry = f"what {game.labels.player(player)} earns there by {_named(game, joint)}"
            return f"where {names} change places in state {game.labels.state(state)}, {entry} changes by {apart:g}"
        moved = _furthest(flow, flow.transpose(0, *(axis + 1 for axis in axes)), 4 * SAME)
        if moved is not None:
            (_, state, *joint), _ = moved
            return (
                f"where {names} change places in state {game.labels.state(state)}, {_named(game, joint)} leads elsewhere (a state that "
                "says who is where cannot be symmetric)"
            )
    return ""


def _furthest(one: np.ndarray, other: np.ndarray, noise: float) -> tuple[list[int], float] | None:
    """Return where two arrays differ the most, and by how much; None where that is rounding."""
    apart = np.abs(one - other)
    if apart.max(initial=0.0) <= noise:
        return None
    return [int(k) for k in np.unravel_index(apart.argmax(), apart.shape)], float(apart.max())


def _named(game: StochasticGame, joint: list[int]) -> str:
    return "(" + ", ".join(game.labels.action(player, action) for player, action in enumerate(joint)) + ")"
