"""Play as a film: a profile is played, and every step is a picture."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gametheory_rl._game_checks import checked_index, checked_integer, checked_profile
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Profile
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import atomic_write
from gametheory_rl.plots._game_state import canvas_for, game_state, pixels

MOST_STEPS = 2_000


class Moment(NamedTuple):
    """A state of play."""

    state: int
    last: tuple[int, ...] | None
    """The joint action that led here; None at a start."""
    step: int
    """Steps since the start."""


def animate_play(
    game: StochasticGame,
    profile: Profile | None,
    path: str | Path,
    *,
    steps: int = 40,
    seed: int = 0,
    start: int | None = None,
    per_second: float = 2.0,
) -> Path:
    """Play a profile and write what happens as an animated GIF: the board, the pieces, and below what everybody just did.

    After a terminal state play begins anew.

    Parameters
    ----------
    game : StochasticGame
    profile : tuple of arrays, or array, or None
        A product or a correlated profile; None: everybody plays uniformly at random.
    path : str or Path
        Ends in .gif; overwritten, whole or not at all.
    steps : int
        Joint actions in all, from 1 to 2,000.
    seed : int
        Same seed, same film.
    start : int, optional
        The state in which play begins each time; None: drawn from the game's ``start``.
    per_second : float
        Frames a second, above 0 and at most 50.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    GameError
        A profile that does not fit the game, another ending, numbers out of range.
    """
    from PIL import Image

    path = Path(path)
    if path.suffix.lower() != ".gif":
        raise GameError(f"the path is {str(path)!r}, a file name that ends in .gif was expected")
    if not 0 < per_second <= 50:
        raise GameError(f"per_second is {per_second!r}, frames a second above 0 and at most 50 were expected")
    moments = list(moments_of(game, profile, steps=steps, seed=seed, start=start))
    frames = [Image.fromarray(picture).quantize(64) for picture in _pictures(game, moments)]
    stream = io.BytesIO()
    beat = round(1000 / per_second)
    # Ends stay on for three beats: that is when somebody scores.
    beats = [3 * beat if game.terminal[at.state] else beat for at in moments]
    frames[0].save(stream, format="GIF", save_all=True, append_images=frames[1:], duration=beats, loop=0, optimize=False)
    return atomic_write(path, stream.getvalue())


def _pictures(game: StochasticGame, moments: list[Moment]) -> Iterator[np.ndarray]:
    """Yield the moments as pixels, drawn one after another on one canvas."""
    canvas = canvas_for(game)
    (ax,) = canvas.figure.axes
    # The layout is found once, for a moment with all its lines of text, and kept.
    fullest = max(moments, key=lambda at: at.last is not None)
    game_state(game, fullest.state, last=fullest.last, step=fullest.step, ax=ax)
    canvas.draw()
    canvas.figure.set_layout_engine("none")
    for at in moments:
        ax.clear()
        game_state(game, at.state, last=at.last, step=at.step, ax=ax)
        yield pixels(canvas)


def moments_of(game: StochasticGame, profile: Profile | None, *, steps: int, seed: int, start: int | None) -> Iterator[Moment]:
    """Yield the states of play, starts among them; see ``animate_play``."""
    if not isinstance(game, StochasticGame):
        raise GameError(f"game is {type(game).__name__}, a StochasticGame was expected")
    steps = checked_integer(steps, "steps", 1, MOST_STEPS)
    begin = None if start is None else checked_index(start, game.num_states, "start")
    played = tuple(mask / mask.sum(axis=1, keepdims=True) for mask in game.legal) if profile is None else checked_profile(game, profile)
    rng = np.random.default_rng(seed)
    offsets, states, probabilities = game.successors
    state, since = _begin(game, begin, rng), 0
    yield Moment(state, None, 0)
    for _ in range(steps):
        if game.terminal[state]:
            state, since = _begin(game, begin, rng), 0
            yield Moment(state, None, 0)
        joint = _drawn(game, played, state, rng)
        row = state * game.num_joint_actions + int(np.ravel_multi_index(joint, game.num_actions))
        span = slice(int(offsets[row]), int(offsets[row + 1]))
        state, since = int(states[span][_draw(probabilities[span], rng)]), since + 1
        yield Moment(state, joint, since)


def _begin(game: StochasticGame, start: int | None, rng: np.random.Generator) -> int:
    return _draw(game.start, rng) if start is None else start


def _drawn(game: StochasticGame, profile: Profile, state: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Return a joint action; a correlated profile is drawn once for all."""
    if isinstance(profile, tuple):
        return tuple(_draw(policy[state], rng) for policy in profile)
    flat = _draw(profile[state].ravel(), rng)
    return tuple(int(a) for a in np.unravel_index(flat, game.num_actions))


def _draw(chances: np.ndarray, rng: np.random.Generator) -> int:
    ends = np.cumsum(chances)
    return int(min(np.searchsorted(ends, rng.random() * ends[-1], side="right"), len(ends) - 1))
