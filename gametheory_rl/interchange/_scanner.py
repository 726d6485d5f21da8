"""Reading text token by token: bounded, never recursive, every error with its line and column."""

from __future__ import annotations

import re
from fractions import Fraction
from math import isfinite
from typing import NamedTuple, NoReturn

from gametheory_rl._support._errors import GameError

MOST_PLAYERS = 30
"""numpy's arrays have 32 axes in its older versions, and a game needs two beside the players'."""
MOST_DIGITS = 400
"""Of a number: enough for every float64 written out, few enough that no number costs much."""
SHOWN = 24
"""Characters of a wrong token that a message repeats."""

_TOKEN = re.compile(r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<mark>[{},])|(?P<word>[^\s{},"]+)|(?P<bad>"))""", re.DOTALL)
_RATIONAL = re.compile(r"[+-]?\d+/\d+")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?")


class Token(NamedTuple):
    """One piece of text: a string (without its quotes), a mark ``{ } ,`` or a word."""

    kind: str
    text: str
    start: int


class Scanner:
    """Walks over a text; ``where`` names the file in messages."""

    def __init__(self, text: str, where: str, start: int = 0) -> None:
        self.text, self.where, self.position = text, where, start

    def next(self, expected: str) -> Token:
        """Return the next token; at the end of the text an error says what was ``expected``."""
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            self.fail(len(self.text.rstrip()), f"the text ends here, {expected} was expected")
        kind = match.lastgroup or ""
        start = match.start(kind)
        if kind == "bad":
            self.fail(start, "a quoted name is never closed")
        self.position = match.end()
        text = match.group(kind)
        if kind == "string":
            text = re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
        return Token(kind, text, start)

    def peek(self) -> str:
        """Return the first character of the next token, '' at the end."""
        rest = re.compile(r"\s*").match(self.text, self.position)
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
        if not re.fullmatch(r"\d{1,18}", token.text) or not low <= int(token.text) <= high:
            self.fail(token.start, f"{_shown(token.text)} was found, {expected} from {low} to {high} was expected")
        return int(token.text)

    def number(self, expected: str) -> Fraction:
        """Return the next token as an exact number: an integer, a decimal, or a/b."""
        token = self.take("word", expected)
        return exact_number(token.text, self, token.start)


def exact_number(text: str, scanner: Scanner, place: int) -> Fraction:
    """Return the number that ``text`` says, exactly; what no float64 holds is refused."""
    if len(text) <= MOST_DIGITS:
        if _RATIONAL.fullmatch(text):
            top, bottom = text.split("/")
            if int(bottom) == 0:
                scanner.fail(place, f"{_shown(text)} divides by zero")
            return _finite(Fraction(int(top), int(bottom)), text, scanner, place)
        if _DECIMAL.fullmatch(text):
            number = float(text)
            if not isfinite(number):
                scanner.fail(place, f"{_shown(text)} is larger than any float64")
            # Below the smallest float64 the exponent may be anything, and the exact number gigabytes.
            return Fraction(text) if abs(number) > 1e-300 else Fraction(number)
    scanner.fail(place, f"{_shown(text)} was found, a number (3, -0.5, 1e-3 or 2/3, at most {MOST_DIGITS} characters) was expected")


def _finite(number: Fraction, text: str, scanner: Scanner, place: int) -> Fraction:
    try:
        float(number)
    except OverflowError:
        scanner.fail(place, f"{_shown(text)} is larger than any float64")
    return number


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")
