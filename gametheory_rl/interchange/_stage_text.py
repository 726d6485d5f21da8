"""Matrix games as the text formats hold them: payoffs in a list in which player 1's action varies fastest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from gametheory_rl._games import Labels, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._scanner import Scanner, number_of

BYTES = 200
"""Memory that an exact number takes, its place in lists included."""
MOST_KNOWN = 10_000
"""Numbers that are not read again: payoffs repeat themselves."""

_WORD = re.compile(r"[^\s,]+")


@dataclass(frozen=True, eq=False)
class StageText:
    """A matrix game, as a file says it."""

    payoffs: np.ndarray
    """``[n, A_1, ..., A_n]`` object, Fractions, or float64 where nothing more exact was asked for."""
    title: str = ""
    players: tuple[str, ...] = ()
    actions: tuple[tuple[str, ...], ...] = ()

    def game(self, name: str, discount: Any = 0.0) -> StochasticGame:
        """Return it as a game of one state, in float64; players who are only numbered have no names."""
        numbered = tuple(Labels().player(i) for i in range(len(self.payoffs)))
        labels = Labels(() if self.players == numbered else self.players, (), self.actions)
        return StochasticGame.from_matrix_game(self.payoffs.astype(np.float64), discount=discount, labels=labels, name=self.title or name)


def numbers_of(scanner: Scanner, count: int, what: str) -> np.ndarray:
    """Return the rest of the text as exactly ``count`` numbers, ``(count,)``, Fractions or float64; commas count as spaces.

    Raises
    ------
    GameError
        Fewer or more numbers, or something else; nothing is stored before the text is known to be long enough.
    """
    if count > len(scanner.text) - scanner.position:
        scanner.fail(len(scanner.text.rstrip()), f"the text ends here, {count} {what} were expected")
    require_memory((count,), scanner.where, "it is too large to be read as text", item_bytes=BYTES if scanner.exact else 8)
    found = np.empty(count, dtype=object if scanner.exact else float)
    known: dict[str, Fraction | float] = {}
    filled = 0
    for match in _WORD.finditer(scanner.text, scanner.position):
        word = match.group()
        if filled == count:
            scanner.fail(match.start(), f"{word[:24]!r} was found, the end was expected after {count} {what}")
        number = known.get(word)
        if number is None:
            if len(known) > MOST_KNOWN:
                known.clear()
            number = known[word] = number_of(word, scanner, match.start())
        found[filled] = number
        filled += 1
    if filled < count:
        scanner.fail(len(scanner.text.rstrip()), f"the text ends after {filled} {what}, {count} were expected")
    return found


def by_first_player(flat: np.ndarray, num_actions: Sequence[int]) -> np.ndarray:
    """Return a list over joint actions, player 1's action fastest, as ``(A_1, ..., A_n)``."""
    return flat.reshape(num_actions, order="F")


def written(number: float) -> str:
    """Return a float64 in the fewest digits that read back as the same one; integers without a point."""
    return str(int(number)) if number == int(number) and abs(number) < 2**53 else repr(float(number))


def stage_payoffs(game: StochasticGame, form: str, where: str) -> np.ndarray:
    """Return the payoffs ``(n, A_1, ..., A_n)`` of a matrix game; what ``form`` cannot carry is refused."""
    if game.num_states != 1:
        raise GameError(f"cannot write {where}: {form} holds games of one state, this one has {game.num_states}; use .json, .npz or .csv")
    if game.discount.any():
        raise GameError(f"cannot write {where}: {form} holds games played once, this one has discount {game.discount.tolist()}; use .json")
    if not all(mask.all() for mask in game.legal):
        raise GameError(f"cannot write {where}: {form} knows no illegal actions, and this game has some; use .json, .npz or .csv")
    return game.payoff[:, 0]


def checked_sizes(scanner: Scanner, sizes: Sequence[int], numbers_each: int) -> int:
    """Return the number of joint actions, sure that the text is long enough to hold them all."""
    total = prod(sizes)
    if total * numbers_each > len(scanner.text):
        shape, needed, found = " x ".join(map(str, sizes)), total * numbers_each, len(scanner.text)
        needed = needed if needed < 10**15 else f"{needed:.3g}"
        scanner.fail(scanner.position, f"{shape} actions need {needed} numbers, and the whole text has {found} characters")
    return total
