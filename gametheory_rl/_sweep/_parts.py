"""Games and learners of a design, each made once before anything runs: what cannot be made is refused at the door."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._catalogue import game_info, list_games, load_game
from gametheory_rl._catalogue_files import game_archive
from gametheory_rl._games import StochasticGame
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._registry import resolve, table
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._sweep._axes import Axis, Varied, axes_of, grid
from gametheory_rl.learners._named import make_learner

MOST_TRIED = 32
"""So many variants of a game are built before anything runs; the others when their turn comes."""
FILE = "file"
"""Key of a game that the results folder holds."""


def games_of(document: Mapping[str, Any], where: str, base: Path, folder: Path | None) -> tuple[Varied, ...]:
    """Return the games of a design; those that are no names of the catalogue are loaded, and carry their digest."""
    return tuple(_game(entry, where, base, folder) for entry in _entries(document, "games", where))


def _game(entry: Any, where: str, base: Path, folder: Path | None) -> Varied:
    if isinstance(entry, StochasticGame | PopulationGame):
        return _held(entry, str(entry.name or "unnamed"))
    name, rest = _named(entry, "games", where)
    if FILE in rest and folder is not None:
        return Varied(name, (), None, str(rest[FILE]))
    if Path(name).suffix or "/" in name:
        if rest:
            raise GameError(f"{where}: the game in the file {name!r} is given {', '.join(rest)}; parameters are for games of the catalogue")
        game = load_game(base / name)
        return _held(game, str(game.name or Path(name).stem))
    known = [*list_games("all"), *table("world")]
    if name not in known:
        raise UnknownNameError("game", name, known)
    axes = axes_of(rest, f"game {name!r} in {where}")
    if name in list_games("all"):
        _try_games(name, axes)
    else:
        _try_worlds(name, axes)
    return Varied(name, axes)


def _held(game: Any, name: str) -> Varied:
    if not name.isprintable():
        raise GameError(f"the game's name is {name!r}, characters that can be printed were expected")
    return Varied(name, (), game, hashlib.sha256(game_archive(game)).hexdigest()[:16])


def _try_games(name: str, axes: tuple[Axis, ...]) -> None:
    """Refuse parameters that the family does not take, or values that it refuses."""
    family = game_info(name).family
    if axes and family:
        kind = "population" if family in table("population") else "family"
        known = list(inspect.signature(resolve(kind, family)).parameters)
        for axis in axes:
            if axis.name not in known:
                raise UnknownNameError(f"parameter of {name}", axis.name, known)
    for parameters in _samples(axes):
        load_game(name, **parameters)


def _try_worlds(name: str, axes: tuple[Axis, ...]) -> None:
    """Refuse settings that the world does not take, or values that it refuses; one without settings is not made."""
    if axes:
        from gametheory_rl.deep import load_world

        for settings in _samples(axes):
            load_world(name, **settings)


def learners_of(document: Mapping[str, Any], where: str) -> tuple[Varied, ...]:
    """Return the learners of a design, each variant made once."""
    found = []
    for entry in _entries(document, "learners", where):
        name, rest = _named(entry, "learners", where)
        axes = axes_of(rest, f"learner {name!r} in {where}")
        for settings in _samples(axes):
            make_learner(name, settings)
        found.append(Varied(name, axes))
    return tuple(found)


def _samples(axes: tuple[Axis, ...]) -> Iterator[dict[str, Any]]:
    """Yield points of the axes: of a grid the first ones, and either end of every range."""
    ends = tuple(Axis(axis.name, axis.values or (axis.at(0.0), axis.at(1 - 2**-53))) for axis in axes)
    yield from islice(grid(ends), MOST_TRIED)


def _entries(document: Mapping[str, Any], key: str, where: str) -> list[Any]:
    given = document.get(key)
    if given is None:
        raise GameError(f"{where} has no {key}, at least one was expected, as in {key} = ['{'soccer' if key == 'games' else 'minimax_q'}']")
    if isinstance(given, str | Mapping | StochasticGame | PopulationGame):
        given = [given]
    if not isinstance(given, list | tuple):
        raise GameError(f"{where}: {key} is {given!r}, names or tables in a list were expected")
    if not given:
        raise GameError(f"{where}: {key} is empty, at least one was expected")
    return list(given)


def _named(entry: Any, key: str, where: str) -> tuple[str, dict[str, Any]]:
    if isinstance(entry, str):
        return entry, {}
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise GameError(f"{where}: {key} holds {str(entry)[:80]!r}, a name or a table with a name and settings was expected")
    return entry["name"], {str(name): value for name, value in entry.items() if name != "name"}


def plain_document(document: Mapping[str, Any], games: tuple[Varied, ...]) -> dict[str, Any]:
    """Return the document as JSON has it, with games that are not in the catalogue by their digests."""
    entries = _entries(document, "games", "the sweep")
    held = [{"name": g.name, FILE: g.digest} if g.digest else entry for g, entry in zip(games, entries, strict=True)]
    try:
        return json.loads(json.dumps({**document, "games": held}, default=_plain))
    except TypeError as error:
        raise GameError(f"the sweep holds what no file can: {error}; numbers, strings, lists and tables were expected") from None


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__}")
