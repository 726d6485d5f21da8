"""What the user sees: JSON on standard output, or tables; notes on standard error."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from gametheory_rl._support._json import jsonable

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""All but tabs and line ends; the last are those that turn the direction of writing round."""


def print_json(document: Any) -> None:
    """Print one JSON document; numbers that JSON cannot hold become null."""
    print(json.dumps(jsonable(document), indent=2 if sys.stdout.isatty() else None, allow_nan=False))


def note(message: str) -> None:
    """Say on standard error what was written, or what to do next."""
    print(message, file=sys.stderr)


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str = "", right: Sequence[str] = (), whole: Sequence[str] = ()
) -> None:
    """Print a table: coloured in a terminal, plain text elsewhere.

    Columns named in ``right`` are numbers; those in ``whole`` are not broken over lines.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    heading = Text(harmless(title)) if title else None
    made = Table(box=box.SIMPLE_HEAD, title=heading, title_justify="left", title_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        kept = name in whole
        align = "right" if name in right else "left"
        made.add_column(Text(harmless(name)), justify=align, no_wrap=kept, overflow="ellipsis" if kept else "fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(harmless(cell)) for cell in row))
    _print(made)


def underlined(parts: Sequence[tuple[str, bool]]) -> Any:
    """Return texts in a row as a cell of a table, those that are marked underlined; with a star where there is no terminal."""
    from rich.console import Console
    from rich.text import Text

    if Console().is_terminal:
        return Text.assemble(*((harmless(text), "underline" if marked else "") for text, marked in parts))
    return Text("".join(f"{harmless(text)}*" if marked else harmless(text) for text, marked in parts))


def width() -> int:
    """Return how many characters a line has: the terminal's, 80 where there is none, or what COLUMNS says."""
    from rich.console import Console

    return Console().width


def print_facts(facts: Mapping[str, str]) -> None:
    """Print names and what they are, one a line."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True, style="bold")
    made.add_column(overflow="fold")
    for name, text in facts.items():
        made.add_row(Text(harmless(name)), Text(harmless(text)))
    _print(made)


def print_text(text: str = "", style: str = "") -> None:
    """Print lines as they are, wrapped at words where the terminal is narrower."""
    from rich.text import Text

    _print(Text(harmless(text), style=style))


def harmless(text: str) -> str:
    """Return text with control characters written out: names come from strangers' files, and a terminal obeys."""
    return CONTROL.sub(lambda found: repr(found.group())[1:-1], text)


def _print(renderable: Any) -> None:
    from rich.console import Console

    console = Console(highlight=False, emoji=False, markup=False)
    # Captured, because rich answers a closed pipe by leaving the process itself.
    with console.capture() as caught:
        console.print(renderable)
    lines = caught.get().splitlines()
    print("\n".join(lines if console.is_terminal else [line.rstrip() for line in lines]))


def number(value: float, digits: int = 6) -> str:
    """Return a number for a table; what is not a number is a dash."""
    return f"{value + 0.0:.{digits}g}" if math.isfinite(value) else "-"  # + 0.0: no minus before a zero


def certified(value: float, bound: float | None) -> str:
    """Return a value with the decimals that its error bound vouches for, two to ten of them."""
    if not math.isfinite(value):
        return "-"
    decimals = 6 if bound is None else 10 if bound <= 0 else min(10, max(2, math.floor(-math.log10(bound))))
    return f"{round(value, decimals) + 0.0:.{decimals}f}"
