"""What each player does at a state, as bars: for every game, on a board or not."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl._game_checks import checked_index, checked_profile
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Profile
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._one_shot import short
from gametheory_rl.plots._style import INK, at_state, axes_for, colour, dress_curves, house_style

HATCHES = ("", "///", "...", "xxx", "\\\\\\", "ooo")
MOST_BARS = 60


@house_style()
def policy_bars(game: StochasticGame, profile: Profile, state: int = 0, *, ax: Axes | None = None) -> Axes:
    """Draw each player's mixed action at ``state`` as bars, the probability above each.

    Parameters
    ----------
    game : StochasticGame
        With at most 60 legal actions of all players together at the state.
    profile : tuple of arrays, or array
        A product profile, or a correlated one, of which each player's marginal is drawn.
    state : int
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        An unknown state, a profile that does not fit the game, too many actions.
    """
    if not isinstance(game, StochasticGame):
        raise GameError(f"game is {type(game).__name__}, a StochasticGame was expected")
    state = checked_index(state, game.num_states, "state")
    checked = checked_profile(game, profile)
    legal = [np.flatnonzero(mask[state]) for mask in game.legal]
    bars = sum(map(len, legal))
    if bars > MOST_BARS:
        raise GameError(f"the players have {bars} legal actions at state {state}, there is room for {MOST_BARS} bars")
    ax = axes_for(ax, (float(np.clip(1.5 + 0.75 * bars, 5.5, 15.0)), 4.4))
    place, ticks, names = 0.0, list[float](), list[str]()
    for player, actions in enumerate(legal):
        chances = _marginal(checked, state, player)[actions]
        spots = place + np.arange(len(actions))
        style: dict[str, Any] = {"color": colour(player), "edgecolor": "white", "hatch": HATCHES[player % len(HATCHES)]}
        ax.bar(spots, chances, width=0.8, label=short(game.labels.player(player), 24), **style)
        for x, chance in zip(spots, chances, strict=True):
            text = "0" if chance < 5e-4 else f"{chance:.3f}".rstrip("0").rstrip(".")
            ax.text(x, chance + 0.015, text, ha="center", va="bottom", fontsize=10.5 if bars <= 16 else 7.5, color=INK)
        ticks += list(spots)
        names += [short(game.labels.action(player, int(a)), 14) for a in actions]
        place += len(actions) + 0.8
    ax.set_ylim(0.0, 1.14)
    named = game.name.replace("_", " ") or "the policy"
    dress_curves(ax, f"{named}: what is played{at_state(game, state)}", "action", "probability")
    steep = max(map(len, names)) > 5
    ax.set_xticks(ticks, names, rotation=35 if steep else 0, ha="right" if steep else "center", rotation_mode="anchor")
    ax.grid(visible=False, axis="x")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def _marginal(profile: Profile, state: int, player: int) -> np.ndarray:
    if isinstance(profile, tuple):
        return profile[player][state]
    return profile[state].sum(axis=tuple(k for k in range(profile.ndim - 1) if k != player))
