"""Arguments and options that several verbs share, and the reading of ``name=value``."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from gametheory_rl._support._errors import GameError, UnknownNameError, nearest

Game = Annotated[
    str,
    typer.Argument(metavar="GAME", help="A name that 'games' lists, or a file: .toml .json .npz .nfg .gam .csv .tra", show_default=False),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter of the game's family, such as rows=8; may be repeated."),
]
States = Annotated[
    list[str] | None,
    typer.Option("--state", metavar="STATE", help="A state's number or label; may be repeated.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.", show_default=False)]
Save = Annotated[str | None, typer.Option("--save", metavar="FILE", help="Save what was found to FILE.npz.", show_default=False)]
Plot = Annotated[str | None, typer.Option("--plot", metavar="FILE", help="Draw to FILE: .png .pdf .svg", show_default=False)]


def assignments(pairs: Sequence[str] | None, option: str) -> dict[str, Any]:
    """Return ``name=value`` texts as a dict; a value is read as JSON where it is JSON, else as text."""
    found: dict[str, Any] = {}
    for pair in pairs or ():
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise GameError(f"{option} got {pair!r}, NAME=VALUE was expected")
        if name.strip() in found:
            raise GameError(f"{option} names {name.strip()!r} twice; give it once")
        found[name.strip().replace("-", "_")] = _value(text.strip())
    return found


def _value(text: str) -> Any:
    try:
        # As Python writes a tuple, which messages do too: (64, 64).
        return json.loads(f"[{text[1:-1].rstrip().removesuffix(',')}]" if text[:1] + text[-1:] == "()" else text)
    except ValueError:
        pass
    try:
        return float(text) if text.strip("+-.0123456789eE") == "" else _word(text)  # .5 and 5. are numbers too, if not in JSON
    except ValueError:
        return text


def _word(text: str) -> Any:
    return {"True": True, "False": False, "None": None}.get(text, text)


def whole_number(text: str) -> int:
    """Return the integer that ``text`` says, also as in ``1e6``."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not number.is_integer():
        raise typer.BadParameter(f"{text!r} is not a whole number.")
    return int(number)


def load(name: str, parameters: Sequence[str] | None) -> Any:
    """Return the game that GAME and ``--parameter`` name."""
    from gametheory_rl import load_game
    from gametheory_rl._registry import TABLES

    if name in TABLES["world"]:
        raise GameError(f"{name} is a world, which has no tensors; 'show {name}' shows it, 'learn {name} ippo' learns in it")
    return load_game(name, **assignments(parameters, "--parameter"))


def chosen_states(game: Any, wanted: Sequence[str] | None, option: str = "--state") -> list[int]:
    """Return the numbers of states given by number or label."""
    return [_state_number(game, text, option) for text in wanted or ()]


def _state_number(game: Any, text: str, option: str) -> int:
    labels = game.labels.states
    if text in labels:
        return labels.index(text)
    try:
        number = int(text)
    except ValueError:
        if labels:
            raise UnknownNameError("state", text, labels if len(labels) <= 30 else _nearest(text, labels)) from None
        raise GameError(f"{option} got {text!r}, a number from 0 to {game.num_states - 1} was expected") from None
    if not 0 <= number < game.num_states:
        raise GameError(f"{option} got {number}, a number from 0 to {game.num_states - 1} was expected")
    return number


def _nearest(text: str, labels: Sequence[str]) -> list[str]:
    """Return a few labels only, so that an error stays one readable sentence."""
    return nearest(text, labels, cutoff=0.3) or list(labels[:3])
