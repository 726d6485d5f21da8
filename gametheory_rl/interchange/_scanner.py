"""Reading text token by token: bounded, never recursive, every error with its line and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isfinite
from typing import NamedTuple, NoReturn

import numpy as np

from gametheory_rl._support._errors import GameError

MOST_PLAYERS = 30
"""numpy's arrays have 32 axes in its older versions, and a game needs two beside the players'."""
MOST_DIGITS = 400
"""Of a number: enough for every float64 written out, few enough that no number costs much."""
SHOWN = 24
"""Characters of a wrong token that a message repeats."""

LONGEST_NAME = 10_000
"""Characters of a name or a title."""

_TOKEN = re.compile(r"""\s*(?:(?P<mark>[{},])|(?P<word>[^\s{},"]+)|(?P<string>"))""")
_BACKSLASHES = re.compile(r"(\\+)(\"|\Z)?")
_BLANK = re.compile(r"\s*")
_RATIONAL = re.compile(r"[+-]?\d+/\d+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?", re.ASCII)


class Token(NamedTuple):
    """One piece of text: a string (without its quotes), a mark ``{ } ,`` or a word."""

    kind: str
    text: str
    start: int


class Scanner:
    """Walks over a text; ``where`` names the file in messages, and ``exact`` asks for numbers as Fractions, not as float64."""

    def __init__(self, text: str, where: str, *, exact: bool = True) -> None:
        self.text, self.where, self.exact, self.position = text, where, exact, 0

    def next(self, expected: str) -> Token:
        """Return the next token; at the end of the text an error says what was ``expected``."""
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            self.fail(len(self.text.rstrip()), f"the text ends here, {expected} was expected")
        kind = match.lastgroup or ""
        start = match.start(kind)
        if kind == "string":
            return Token(kind, self._name(start), start)
        self.position = match.end()
        return Token(kind, match.group(kind), start)

    def _name(self, start: int) -> str:
        """Return the name in quotes that begins at ``start``.

        Gambit 16.7 writes each quote and backslash behind a backslash, and reads a single backslash as itself.
        """
        end = start
        while True:
            end = self.text.find('"', end + 1)
            if end < 0:
                self.fail(start, "a quoted name is never closed")
            if end - start > LONGEST_NAME:
                self.fail(start, f"a quoted name has more than {LONGEST_NAME} characters")
            run = end
            while self.text[run - 1] == "\\":
                run -= 1
            if (end - run) % 2 == 0:
                break
        self.position = end + 1
        return _BACKSLASHES.sub(_unescaped, self.text[start + 1 : end])

    def peek(self) -> str:
        """Return the first character of the next token, '' at the end."""
        rest = _BLANK.match(self.text, self.position)
        place = rest.end() if rest else self.position
        return self.text[place : place + 1]

    def take(self, kind: str, expected: str, text: str | None = None) -> Token:
        """Return the next token, sure of its kind (and text)."""
        token = self.next(expected)
        if token.kind != kind or (text is not None and token.text != text):
            self.fail(token.start, f"{_shown(token.text)} was found, {expected} was expected")
        return token

    def fail(self, place: int, message: str) -> NoReturn:
        """Raise the error that ``message`` tells, with line and column of ``place``."""
        line = self.text.count("\n", 0, place) + 1
        column = place - (self.text.rfind("\n", 0, place) + 1) + 1
        raise GameError(f"cannot read {self.where}, line {line} column {column}: {message}")

    def integer(self, expected: str, low: int, high: int) -> int:
        """Return the next token as an integer within bounds."""
        token = self.take("word", expected)
        if not re.fullmatch(r"\d{1,18}", token.text, re.ASCII) or not low <= int(token.text) <= high:
            self.fail(token.start, f"{_shown(token.text)} was found, {expected} from {low} to {high} was expected")
        return int(token.text)

    def number(self, expected: str) -> Fraction | float:
        """Return the next token as a number: an integer, a decimal, or a/b."""
        token = self.take("word", expected)
        return number_of(token.text, self, token.start)


def _unescaped(found: re.Match[str]) -> str:
    """Return what backslashes, and the quote behind them, stand for."""
    count = len(found[1])
    twice = found[2] is not None or count % 2 == 0
    return "\\" * (count // 2 if twice else count) + (found[2] or "")


def number_of(text: str, scanner: Scanner, place: int) -> Fraction | float:
    """Return the number that ``text`` says, exactly or the nearest float64; what no float64 holds is refused."""
    if len(text) <= MOST_DIGITS:
        if _RATIONAL.fullmatch(text):
            top, bottom = text.split("/")
            if int(bottom) == 0:
                scanner.fail(place, f"{_shown(text)} divides by zero")
            return _ratio(int(top), int(bottom), text, scanner, place)
        if _DECIMAL.fullmatch(text):
            number = float(text)
            if not isfinite(number):
                scanner.fail(place, f"{_shown(text)} is larger than any float64")
            if not scanner.exact:
                return number + 0.0  # no -0.0, which no exact number is
            # Below the smallest float64 the exponent may be anything, and the exact number gigabytes.
            return Fraction(text) if abs(number) > 1e-300 else Fraction(number)
    scanner.fail(place, f"{_shown(text)} was found, a number (3, -0.5, 1e-3 or 2/3, at most {MOST_DIGITS} characters) was expected")


def _ratio(top: int, bottom: int, text: str, scanner: Scanner, place: int) -> Fraction | float:
    try:
        nearest = top / bottom + 0.0
    except OverflowError:
        scanner.fail(place, f"{_shown(text)} is larger than any float64")
    return Fraction(top, bottom) if scanner.exact else nearest


def floats(cells: Sequence[str], number: Callable[[str], float]) -> np.ndarray:
    """Return cells as float64, by Python where it takes them all, else one by one by ``number``, which returns NaN for what is none."""
    if plain(cells):
        try:
            return np.array(list(map(float, cells)))
        except ValueError:
            pass
    return np.array([number(cell) for cell in cells])


def plain(cells: Sequence[str]) -> bool:
    """Whether numbers can be left to Python, which takes 1_000 for 1000, and the digits of every script."""
    joined = "".join(cells)
    return joined.isascii() and "_" not in joined


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")
