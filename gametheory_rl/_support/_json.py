"""What JSON can hold, and JSON from strangers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any


def jsonable(value: Any) -> Any:
    """Return ``value`` with arrays as lists and NaN or infinite numbers as None."""
    import numpy as np

    if isinstance(value, Mapping):
        return {str(key): jsonable(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return jsonable(value.tolist())
    if isinstance(value, list | tuple):
        return [jsonable(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)


DEEPEST = 64
"""Lists and tables in one another: an array has at most 32 axes in older versions of numpy."""


def parsed(text: str, parse_float: Callable[[str], Any] = float) -> Any:
    """Return what a JSON text says.

    Raises
    ------
    ValueError
        No JSON, a table with the same key twice, an integer of thousands of digits, or lists nested too deeply to walk through.
    """
    try:
        document = json.loads(text, parse_float=parse_float, object_pairs_hook=_table)
    except RecursionError:
        raise DeepError from None
    except TwiceError as error:
        raise TwiceError(f"{error}{_place_of_twice(text)}") from None
    require_shallow(document)
    return document


class DeepError(ValueError):
    """Lists and tables are nested more deeply than functions that walk through them, or print them, can go."""

    def __init__(self) -> None:
        super().__init__("its lists are nested too deeply")


class TwiceError(ValueError):
    """A table has the same key twice."""


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise TwiceError(f"a table has the key {twice[:40]!r} twice")
    return found


_TOKENS = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}]', re.DOTALL)


def _place_of_twice(text: str) -> str:
    """Return where the first key stands that its table has already; empty where there is none."""
    tables: list[set[str]] = []
    for token in _TOKENS.finditer(text):
        word = token.group()
        if word == "{":
            tables.append(set())
        elif word == "}":
            tables.pop()
        elif token.group(2):
            key = json.loads(token.group(1))
            if key in tables[-1]:
                start = token.start()
                return f": line {text.count(chr(10), 0, start) + 1} column {start - text.rfind(chr(10), 0, start)}"
            tables[-1].add(key)
    return ""


def require_shallow(document: Any) -> None:
    """Raise ``DeepError`` where lists and tables are nested more than ``DEEPEST`` times; takes no step of recursion itself."""
    level = [document] if isinstance(document, list | dict) else []
    for _ in range(DEEPEST):
        level = [each for node in level for each in (node.values() if isinstance(node, dict) else node) if isinstance(each, list | dict)]
    if level:
        raise DeepError
