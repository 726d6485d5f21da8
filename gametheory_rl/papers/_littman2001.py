"""Friend-or-Foe-Q on grid games: what each learner believes, and what the learners earn against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl._games import StochasticGame
from gametheory_rl._verify import judge
from gametheory_rl.learners import FoeQ, FriendQ
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._traced import traced
from gametheory_rl.stochastic import solve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAMES = ("grid_game_1", "grid_game_2")
LEARNERS: dict[str, Any] = {"Friend-Q": FriendQ(exploration=1.0), "Foe-Q": FoeQ(exploration=1.0)}
ITERATIONS = {"Friend-Q": "friend_iteration", "Foe-Q": "foe_iteration"}
"""What has the limit of each learner's tables as its fixed point."""
TOL = 1e-3
PLAYERS = (*LEARNERS, "random")
NEAR = 1.0
"""How near its limit a learned value should be, payoff units."""


def experiment(lab: Lab) -> None:
    """Train both in both games, then let everybody play everybody, exactly."""
    for name in GAMES:
        _game(lab, name)
    lab.differs(
        "The paper's tables are not quoted: its grid games are Hu and Wellman's with rules of its own, and its figures are not known here. "
        "What two policies earn is computed exactly from the chain that they make, so nothing is sampled but the training."
    )
    lab.differs(
        "Both learners see the same joint actions and rewards whoever plays, so each is trained once, on uniformly random play, not once "
        "for each opponent. Ties decide much: two friends who see the same table agree, two whose best joint actions differ may "
        "meet head on, for ever, at -1 a step."
    )


def _game(lab: Lab, name: str) -> None:
    game, title = load_game(name), name.replace("_", " ")
    start, steps = int(np.argmax(game.start)), lab.size(10**6, 200_000, least=200)
    policies: dict[str, Sequence[Any]] = {}
    limits: dict[str, np.ndarray] = {}
    for kind, learner in LEARNERS.items():
        lab.stage(f"{title}, {kind}", 0.22)
        found = traced(lab, game, learner, [steps], lambda tables: 0, f"{title}, {kind}")
        limit = solve(game, ITERATIONS[kind], tol=TOL, throw=False).values
        limits[kind] = limit
        for player in (0, 1):
            learned = found.values[:, player, start]
            lab.row(f"{title}: {kind}, player {player + 1} expects", learned, exact=float(limit[player, start]), note=_NOTES["exact"])
        off = np.abs(np.median(found.values[:, :, start], axis=0) - limit[:, start]).max()
        lab.claim(f"{title}: what {kind} expects at the start is, in the median seed, within {NEAR:g} of its limit", off < NEAR)
        if kind == "Friend-Q":
            pure = all(np.isin(policy[~game.terminal], (0.0, 1.0)).all() for profile in found.profiles for policy in profile)
            lab.claim(f"{title}: Friend-Q's policies are deterministic in every seed", pure)
        policies[kind] = found.profiles
    policies["random"] = [_uniform(game)] * lab.seeds
    lab.stage(f"{title}, play", 0.05)
    _matches(lab, game, title, policies, limits["Foe-Q"])


_NOTES = {
    "exact": "Exact: the fixed point that the learner approaches, from the known game; not what play earns.",
    "play": "Exact expected discounted payoff from the start.",
}


def _uniform(game: StochasticGame) -> tuple[np.ndarray, ...]:
    return tuple(legal / legal.sum(axis=1, keepdims=True) for legal in game.legal)


def _matches(lab: Lab, game: StochasticGame, title: str, policies: Mapping[str, Sequence[Any]], security: np.ndarray) -> None:
    """Let every kind play every kind, a pair a seed, and report what both earn, and what a deviation would."""
    verdict, earned = judge(game), np.zeros((len(PLAYERS), len(PLAYERS), lab.seeds, 2))
    for i, first in enumerate(PLAYERS):
        for j, second in enumerate(PLAYERS):
            found = [verdict((policies[first][k][0], policies[second][k][1])) for k in range(lab.seeds)]
            earned[i, j] = [certificate.values @ game.start for certificate in found]
            for player in (0, 1):
                lab.row(f"{title}: {first} v {second}, player {player + 1} earns", earned[i, j, :, player], note=_NOTES["play"])
            if first == second != "random":
                lab.row(f"{title}: {first} v {second}, gap", [certificate.start_gap for certificate in found], exact=0.0)
    lab.keep(**{title: earned})
    foe = PLAYERS.index("Foe-Q")
    secured = float(np.min(security @ game.start))
    worst = min(earned[foe, :, :, 0].min(), earned[:, foe, :, 1].min())
    lab.claim(f"{title}: nobody gets a Foe-Q player below what it secures, less {NEAR:g}", worst > secured - NEAR)


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return a panel a game: what both players of every pair earn."""
    return [partial(_bars, data, name.replace("_", " ")) for name in GAMES]


def _bars(data: Mapping[str, np.ndarray], title: str, ax: Axes) -> None:
    from gametheory_rl.plots._style import INK, colour, dress_curves

    earned = data[title].reshape(-1, data[title].shape[2], 2)
    places = np.arange(len(earned))
    for player in (0, 1):
        middle, low, high = (f(earned[:, :, player], axis=1) for f in (np.median, np.min, np.max))
        x = places + 0.4 * (player - 0.5)
        style = {"color": colour(player), "edgecolor": INK, "linewidth": 0.6, "hatch": ("", "//")[player]}
        ax.bar(x, middle, 0.38, label=f"player {player + 1}", **style)
        ax.errorbar(x, middle, [middle - low, high - middle], fmt="none", ecolor=INK, elinewidth=1.2, capsize=3)
    short = [name.removesuffix("-Q") for name in PLAYERS]
    dress_curves(ax, f"{title.capitalize()}: what pairs earn", "player 1 over player 2", "expected payoff from the start")
    ax.set_xticks(places, [f"{first}\n{second}" for first in short for second in short], fontsize=10.5)
    ax.grid(False, axis="x")
    ax.set_ylim(min(0.0, 1.1 * earned.min()), 125)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.legend(loc="upper right", ncols=2)


PAPER = Paper(
    title="Friend-or-Foe-Q on two grid games: what friends and foes expect, and what they get against each other",
    source='M. L. Littman, "Friend-or-foe Q-learning in general-sum games", ICML 2001, section 5',
    experiment=experiment,
    panels=panels,
    minutes=2.0,
)
