"""Reading and writing a game's files: .toml and .json hold a document, .npz holds arrays. Nothing is executed or unpickled."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl import _registry
from gametheory_rl._catalogue_document import TENSORS, Document, arrays_of, check_keys, decimal_fraction, document_of, game_of, names_of
from gametheory_rl._catalogue_population import parts_of, size_of
from gametheory_rl._games import StochasticGame
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import TEXT_LIMIT, archive, atomic_write, read_arrays, read_text, write_arrays
from gametheory_rl._support._json import DeepError, TwiceError, parsed, require_shallow
from gametheory_rl._support._memory import require_memory

if TYPE_CHECKING:
    from gametheory_rl.interchange._format import Format

ENDINGS = (".toml", ".json", ".npz")
OBJECT_BYTES = 16
"""Parsing text takes about this many bytes of memory per character, at worst."""

_LONG_BINARY = re.compile(r"0[xob][0-9a-fA-F_]{100,}")
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]+[ \t]*\.[ \t]*){64,}""")
_LONG_DECIMAL = re.compile(r"\d[\d_]{1000,}")


def checked_ending(path: Path, verb: str) -> str:
    """Return the ending of ``path``, lower case; refuses endings that nobody reads."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        known = [*ENDINGS, *_registry.table("format")]
        found = f"the ending {ending!r} is not known" if ending else "it has no ending"
        if ending not in known:
            raise GameError(f"cannot {verb} {path}: {found}, {', '.join(known[:-1])} or {known[-1]} was expected")
    return ending


def foreign_format(path: Path, verb: str) -> Format | None:
    """Return how the text of another project's format is read and written; None for our own files."""
    ending = checked_ending(path, verb)
    return None if ending in ENDINGS else _registry.resolve("format", ending)


def foreign_text(path: Path) -> str:
    """Return the text of a file in another project's format."""
    text = read_text(path)
    require_memory((len(text),), f"{path}", "save it as .npz", item_bytes=OBJECT_BYTES)
    return text


def read_document(path: Path, *, exact: bool = False) -> Document:
    """Return the table that a .toml or .json file holds; ``exact``: numbers with a point as the Fractions that they are."""
    text = read_text(path)
    require_memory((len(text),), f"{path}", "save it as .npz", item_bytes=OBJECT_BYTES)
    toml = path.suffix.lower() == ".toml"
    number = decimal_fraction if exact else float
    try:
        document = _toml_document(text, path, number) if toml else parsed(text, number)
    except (RecursionError, DeepError):
        raise GameError(f"cannot read {path}: its lists are nested too deeply for a game") from None
    except ValueError as error:
        if not isinstance(error, tomllib.TOMLDecodeError | json.JSONDecodeError | TwiceError):
            _refuse_long(_LONG_DECIMAL.search(text), text, path)
        kind = "TOML" if toml else "JSON"
        raise GameError(f"cannot read {path}: it is not {kind}, or it is cut short ({str(error).rstrip('.')})") from None
    return document


def _toml_document(text: str, path: Path, number: Callable[[str], Any]) -> Document:
    """Return what a TOML text says, sure that its parser will not take long over it."""
    _refuse_long(_LONG_BINARY.search(text), text, path)  # int() bounds decimals alone, and nobody can print such a number
    if _LONG_KEY.search(text):
        raise DeepError  # the parser's time grows with the square of the parts of a key
    document = tomllib.loads(text, parse_float=number)
    require_shallow(document)
    return document


def _refuse_long(match: re.Match[str] | None, text: str, path: Path) -> None:
    if match is not None:
        place = match.start()
        line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        raise GameError(
            f"cannot read {path}, line {line} column {column}: the integer has {match.end() - place} digits, more than any number here"
        )


def read_game(path: Path, overrides: Mapping[str, Any]) -> Any:
    """Return the game in a .toml, .json or .npz file."""
    form = foreign_format(path, "read")
    if form is not None:
        return form.read(foreign_text(path), str(path), path.stem, overrides)
    if path.suffix.lower() == ".npz":
        if overrides:
            raise GameError(f"{path} is a game of fixed tensors and takes no parameters, not {sorted(overrides)}")
        return _of_arrays(read_arrays(path), str(path), path.stem)
    return game_of(read_document(path), str(path), path.stem, overrides)


def write_game(game: StochasticGame | PopulationGame, path: Path) -> Path:
    """Write ``game`` to a .toml, .json or .npz file, whole or not at all."""
    form = foreign_format(path, "write")
    if form is not None:
        if isinstance(game, PopulationGame):
            raise GameError(f"cannot write {path}: {game!r} has no table of joint actions; use .toml, .json or .npz")
        return atomic_write(path, _encodable(form.write(game, str(path)), path))
    ending = path.suffix.lower()
    if ending == ".npz":
        return write_arrays(path, _to_arrays(game))
    entries = _entries(game)
    if entries * 3 > TEXT_LIMIT:
        raise GameError(f"cannot write {path}: {entries} numbers are too many for a text file; use the ending .npz")
    document = document_of(game)
    return atomic_write(path, _encodable(toml_text(document) if ending == ".toml" else json.dumps(document, indent=1) + "\n", path))


def _entries(game: StochasticGame | PopulationGame) -> int:
    """Return how many numbers a document of ``game`` has, about."""
    if isinstance(game, PopulationGame):
        return size_of(parts_of(game).values())
    return game.payoff.size + (len(game.successors.states) if game.is_sparse else game.transition.size)


def _encodable(text: str, path: Path) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise GameError(f"cannot write {path}: a label holds half of a surrogate pair, which is not text") from None


# ---- npz -----------------------------------------------------------------------------------------------------------


def game_archive(game: StochasticGame | PopulationGame) -> bytes:
    """Return the bytes of the .npz that ``game`` is written as, the same of the same game."""
    return archive(_to_arrays(game))


def _to_arrays(game: StochasticGame | PopulationGame) -> dict[str, Any]:
    flat: dict[str, Any] = {"text": np.array(json.dumps({"name": game.name, **names_of(game)}))}
    for key, value in arrays_of(game).items():
        if isinstance(value, dict):
            flat |= {f"{key}.{field}": entry for field, entry in value.items()}
        elif isinstance(value, tuple):
            flat |= {f"{key}.{player}": entry for player, entry in enumerate(value)}
        else:
            flat[key] = value
    return flat


def _of_arrays(arrays: dict[str, np.ndarray], where: str, stem: str) -> Any:
    document: Document = {}
    for key, array in arrays.items():
        if key != "text" and array.dtype.kind not in "fiub":
            raise GameError(f"{where}: the array {key!r} holds {array.dtype}, real numbers were expected")
        head, _, field = key.partition(".")
        if field and isinstance(document.setdefault(head, {}), dict):
            document[head][field] = array
        elif head in document:
            raise GameError(f"{where}: {head!r} is an array and a group of arrays, one of them was expected")
        else:
            document[key] = array
    check_keys(document, ("text", "discount", "population", *TENSORS), where)
    document |= _text(document.pop("text", None), where)
    if isinstance(document.get("legal"), dict):
        document["legal"] = [document["legal"].get(str(player), np.zeros(0)) for player in range(len(document["legal"]))]
    return game_of(document, where, stem, {})


def _text(array: np.ndarray | None, where: str) -> Document:
    if array is None:
        return {}
    try:
        table = parsed(str(array))
    except ValueError:
        raise GameError(f"{where}: the array 'text' does not hold the names of a game") from None
    if not isinstance(table, dict) or not set(table) <= {"name", "players", "states", "actions"}:
        raise GameError(f"{where}: the array 'text' does not hold the names of a game")
    return {key: value for key, value in table.items() if key == "name" or value}


# ---- TOML ----------------------------------------------------------------------------------------------------------


def toml_text(document: Document) -> str:
    """Return ``document`` (strings, numbers, bools, lists; tables last, one level deep) as TOML."""
    lines = []
    for key, value in document.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *(f"{field} = {_toml(entry)}" for field, entry in value.items())]
        else:
            lines.append(f"{key} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: Any, indent: str = "") -> str:
    if isinstance(value, list):
        if any(isinstance(entry, list) for entry in value):
            inner = indent + "  "
            return "[\n" + "".join(f"{inner}{_toml(entry, inner)},\n" for entry in value) + f"{indent}]"
        return "[" + ", ".join(_toml(entry) for entry in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
