"""The section of matches: two policies play on a board, frame by frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gametheory_rl import StochasticGame, learn, load_game, plots, solve
from gametheory_rl._results import Profile
from gametheory_rl.app._figures import png
from gametheory_rl.interchange._play import Play

FRAMES = 40
"""Steps of a match, unless it ends sooner."""
POLICIES = ("equilibrium", "uniform", "learned")


class Frame(NamedTuple):
    """One moment of a match."""

    state: int
    last: tuple[int, ...] | None
    """The joint action that led here; None at the start"""
    payoffs: np.ndarray
    """``[n]`` earned by it"""


def policies(name: str, kinds: tuple[str, str], learner: str = "minimax_q", steps: int = 200_000) -> Profile:
    """Return a profile in which player i plays by ``kinds[i]``: the equilibrium, uniformly, or as ``learner`` learned in ``steps``."""
    game = load_game(name)
    made = {kind: _profile(game, kind, learner, steps) for kind in dict.fromkeys(kinds)}
    return tuple(made[kind][player] for player, kind in enumerate(kinds))


def _profile(game: StochasticGame, kind: str, learner: str, steps: int) -> tuple[np.ndarray, ...]:
    if kind == "uniform":
        return tuple(legal / legal.sum(axis=1, keepdims=True) for legal in game.legal)
    found = solve(game, progress=False).profile if kind == "equilibrium" else learn(game, learner, steps=steps, progress=False).profile
    if isinstance(found, tuple):
        return found
    players = range(1, game.num_players + 1)
    return tuple(found.sum(axis=tuple(other for other in players if other != player)) for player in players)


def play(game: StochasticGame, profile: Profile, seed: int, frames: int = FRAMES) -> list[Frame]:
    """Return a match from the kick-off: at most ``frames`` steps, fewer where the game ends.

    Each player's action takes one draw of the generator, in the order of players, and the next state another.
    """
    rng = np.random.default_rng(seed)
    match = Play(game, frames)
    match.begin(rng)
    found = [Frame(match.state, None, np.zeros(game.num_players))]
    while not match.ended and not match.cut:
        joint = [_drawn(policy[match.state], rng) for policy in profile]
        payoffs = match.move(joint, rng)
        found.append(Frame(match.state, match.last, payoffs))
    return found


def _drawn(chances: np.ndarray, rng: np.random.Generator) -> int:
    positive = np.flatnonzero(chances > 0)
    sums = np.cumsum(chances[positive])
    return int(positive[min(int(np.searchsorted(sums, rng.random() * sums[-1], side="right")), len(positive) - 1)])


def frame_picture(game: StochasticGame, frames: list[Frame], k: int) -> bytes:
    """Return frame ``k`` of a match as a picture."""
    frame = frames[k]
    return png(lambda ax: plots.game_state(game, frame.state, last=frame.last, step=k, ax=ax), (6.6, 5.2))


def score(game: StochasticGame, frames: list[Frame], k: int) -> str:
    """Return what each player has earned up to frame ``k``."""
    total = np.sum([frame.payoffs for frame in frames[: k + 1]], axis=0)
    earned = ", ".join(f"{game.labels.player(i)} {float(value):g}" for i, value in enumerate(total))
    return f"Step {k} of {len(frames) - 1}. Earned so far: {earned}."
