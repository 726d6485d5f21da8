"""What plots of one-shot games are given: payoffs over legal actions, and what players and actions are called."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError

MINUS = "\N{MINUS SIGN}"
_WRITABLE = 999
"""Probabilities with larger denominators are written as decimals."""
_MOST_ENUMERATED = 9
"""Equilibria of games with more actions a player are not all looked for: their number can be exponential."""


class OneShot(NamedTuple):
    """A stage game, and its names."""

    payoffs: np.ndarray
    """``[n, A_1, ..., A_n]`` over legal actions"""
    players: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    name: str

    def titled(self, text: str) -> str:
        """Return a title that begins with the game's name, where it has one."""
        return f"{self.name}: {text}" if self.name else text[:1].upper() + text[1:]


def one_shot(game: Any, *, players: int | None = 2, actions: int | None = None) -> OneShot:
    """Return a game of one state, or an array of payoffs, as a stage game with names.

    Parameters
    ----------
    game : StochasticGame or array_like
        Of one state; or ``(n, A_1, ..., A_n)`` payoffs, or the ``(A_1, A_2)`` ones of a zero-sum game's row player.
    players, actions : int, optional
        How many players, and actions a player, are wanted; None: any number.

    Raises
    ------
    GameError
        Several states, or other numbers of players or actions.
    """
    if not isinstance(game, StochasticGame):
        game = StochasticGame.from_matrix_game(game)
    if game.num_states != 1:
        raise GameError(
            f"{game!r} has {game.num_states} states, a game of one was expected: pass game.stage(state, values), or use stage_game"
        )
    if players is not None and game.num_players != players:
        raise GameError(f"the game has {game.num_players} players, {players} were expected")
    legal: list[Any] = [np.flatnonzero(mask[0]) for mask in game.legal]
    sizes = tuple(map(len, legal))
    if actions is not None and set(sizes) != {actions}:
        raise GameError(f"the game has {' x '.join(map(str, sizes))} actions, {' x '.join([str(actions)] * len(sizes))} were expected")
    payoffs = np.ascontiguousarray(game.stage(0)[np.ix_(np.arange(game.num_players), *legal)])
    names = tuple(tuple(game.labels.action(i, int(a)) for a in chosen) for i, chosen in enumerate(legal))
    players_named = tuple(game.labels.player(i) for i in range(game.num_players))
    return OneShot(payoffs, players_named, names, game.name.replace("_", " "))


def enumerated(stage: OneShot) -> Any:
    """Return the ``EquilibriumSet`` of a game of two players; None where there are too many actions to enumerate."""
    from gametheory_rl.equilibria import vertex_enumeration

    return vertex_enumeration(*stage.payoffs) if max(stage.payoffs.shape[1:]) <= _MOST_ENUMERATED else None


def payoff_text(value: float) -> str:
    """Return a payoff as a person writes it: 1000000, 0.25, 1/3, and four digits of what is no such number."""
    value = float(value) + 0.0
    if abs(value) < 1e9 and value == round(value):
        return str(int(value))
    short = f"{value:.6g}"
    if float(short) == value:
        return short
    near = Fraction(value).limit_denominator(_WRITABLE) if abs(value) < 1e6 else Fraction(0)
    return str(near) if near and abs(float(near) - value) <= 1e-12 * abs(value) else f"{value:.4g}"


def chance_text(chance: float) -> str:
    """Return a probability: a fraction where it is one, else three digits."""
    near = Fraction(float(chance)).limit_denominator(_WRITABLE)
    return str(near) if abs(float(near) - chance) <= 1e-10 else f"{chance:.3g}" if chance < 0.9995 else f"{chance:.7g}"


def mixed_text(chances: np.ndarray, names: tuple[str, ...]) -> str:
    """Return a mixed action in words, as in ``heads 1/2, tails 1/2``; of a pure one its name."""
    played = [(name, chance) for name, chance in zip(names, chances, strict=True) if chance > 5e-10]
    colon = ":" if all(name.isdigit() for name in names) else ""
    return played[0][0] if len(played) == 1 else ", ".join(f"{name}{colon} {chance_text(float(chance))}" for name, chance in played)


def short(name: str, letters: int) -> str:
    """Return a name, cut where it is longer than ``letters``."""
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def minus(text: str) -> str:
    """Return ``text`` with typographic minus signs, for drawings."""
    return text.replace("-", MINUS)
