"""The catalogue: games by name, and games in files.

A game's file is a document. TOML (here) and JSON hold the same entries; an .npz holds the tensors as arrays.

About the game, all optional: ``title``, ``source`` (paper, year, section), ``notes``, and ``[known]``, its known solution,
which serves as the oracle of tests and is never read by a solver (free in form; the entries in use are listed below).

The game itself, in one of four ways:

``family`` and ``[parameters]``
    The name of a builder in ``gametheory_rl.families`` and its arguments.
``payoffs``
    A matrix game, played once, or for ever where there is a ``discount``: one matrix of two rows or more (zero-sum), or
    ``(n, A_1, ..., A_n)`` nested lists.
``payoff``, ``transition``, ``discount``
    The tensors ``(n, S, A_1, ..., A_n)`` and ``(S, A_1, ..., A_n, S)`` as nested lists. In place of ``transition`` a table
    ``[successors]`` with ``offsets``, ``states`` and ``probabilities`` keeps it sparse. Optional: ``start`` (S,),
    ``legal`` (one (S, A_i) table of booleans per player) and ``[board]``, as in ``Board``.

``[population]``
    The tables of a ``PopulationGame``: ``neighbours``, ``pair`` and ``own``, or ``agents``, ``load`` and ``payoff``; ``discount`` and
    ``start`` where they are not 0 and uniform. ``actions`` holds one list of names. ``family`` may name a family of populations, too.

Matrices and tensors take names: ``players``, ``states`` (lists of strings) and ``actions`` (one list per player). A number may be
a string "a/b", a rational. ``name`` is what the game calls itself; without it, the file's name.

Entries of ``[known]`` in use: ``value`` (of the start, to player 1, zero-sum games), ``values`` ((n, S), or per player where there is
one state), ``profile`` (a list of players, each (S, A_i), or (A_i,) where there is one state), ``equilibria`` (tables of these where
there are several), ``unique`` (whether what is given is all there is), ``count`` (how many equilibria there are), ``extreme`` (how many
extreme ones a degenerate game has, all of them given), ``reached`` and ``path_lengths`` (by the method of Lemke and Howson: how many
equilibria from all labels, and the pivots from each), ``states`` (how many), ``state_values`` (by state label),
``cycle`` and ``period`` (of a named method that cycles), ``tolerance`` (how exact the figures are printed; 0: rounding only). Of
populations: ``critical_temperature`` and ``order`` (by temperature, on the infinite lattice), ``load`` and ``optimum`` (where most is
earned, and how much), ``users`` (of each action, in an equilibrium).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._catalogue_document import ABOUT, KEYS, check_keys, exact_payoffs, game_of, with_rationals
from gametheory_rl._catalogue_files import checked_ending, foreign_format, foreign_text, read_document, read_game, write_game
from gametheory_rl._games import StochasticGame
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._errors import GameError, UnknownNameError

PACKAGE = Path(__file__).resolve().parent
POPULATIONS = "populations"
"""Their folder in the catalogue's."""


@dataclass(frozen=True, eq=False)
class GameInfo:
    """What a game's file says about the game."""

    name: str
    title: str
    source: str
    """Paper, year, section."""
    notes: str
    known: dict[str, Any]
    """The known solution; strings "a/b" already turned into floats."""
    family: str
    """The family it belongs to; empty for fixed tensors."""
    parameters: dict[str, Any]


def load_game(name_or_path: str | os.PathLike[str], /, **parameters: Any) -> Any:
    """Return a game of the catalogue, or the game in a file.

    Parameters
    ----------
    name_or_path : str or path
        A name of ``list_games()``, or a path: whatever has a folder separator or an ending. ``.toml``, ``.json`` and ``.npz``
        are read, Gambit's ``.nfg``, GameTracer's ``.gam``, ``.csv`` tables, and PRISM's ``.tra`` with the files beside it.
    **parameters
        For a game that a family builds: parameters that replace those of the file. For a matrix game: ``discount``, which makes
        it the repeated game. For a ``.tra``: ``discount``, and ``rewards``, one structure for each player.

    Returns
    -------
    StochasticGame or PopulationGame
        A population where its family, or its file, says so.

    Raises
    ------
    GameError
        An unknown name, ending or parameter, a file that is missing, damaged or not a game, or a game that does not fit in memory.
    """
    path = _path(name_or_path)
    if path is not None:
        return read_game(path, parameters)
    name = str(name_or_path)
    return game_of(read_document(_catalogue_file(name)), name, name, parameters)


def load_payoffs(name_or_path: str | os.PathLike[str], /) -> np.ndarray:
    """Return the payoffs of a stage game, exactly as they are written, to pass to ``equilibria.exact``.

    Parameters
    ----------
    name_or_path : str or path
        As for ``load_game``.

    Returns
    -------
    (n, A_1, ..., A_n) object array of Fractions
        "1/3" and 0.1 in a file of ``payoffs``, or in a table, are a third and a tenth; numbers that a family computes, or that stand
        in tensors, are floats, and taken at their word.

    Raises
    ------
    GameError
        As ``load_game``; also for a game of several states, or with illegal actions.

    Examples
    --------
    >>> print(*load_payoffs("chicken")[0, 1])
    7 0
    """
    game = load_game(name_or_path)
    if isinstance(game, PopulationGame):
        raise GameError(f"{name_or_path} is a population, whose payoffs are no table of joint actions; a stage game was expected")
    if game.num_states != 1 or not all(mask.all() for mask in game.legal):
        raise GameError(f"{name_or_path} has {game.num_states} states or illegal actions; a stage game of one state was expected")
    path = _path(name_or_path)
    form = None if path is None else foreign_format(path, "read")
    if path is not None and form is not None and form.payoffs is not None:
        return form.payoffs(foreign_text(path), str(path))
    if form is None and (path is None or checked_ending(path, "read") != ".npz"):
        document = read_document(path or _catalogue_file(str(name_or_path)), exact=True)
        if "payoffs" in document:
            return exact_payoffs(document["payoffs"], str(name_or_path))
    return exact_payoffs(game.payoff[:, 0].tolist(), str(name_or_path))


def list_games(kind: str = "stochastic") -> list[str]:
    """Return the names of the catalogue, in alphabetical order.

    Parameters
    ----------
    kind : {"stochastic", "population", "all"}
        Stochastic games, which solvers and all learners take; populations, for ``MeanFieldQ``; or both.

    Raises
    ------
    GameError
        Another kind.

    Examples
    --------
    >>> list_games("population")
    ['congestion_population', 'gaussian_squeeze', 'ising']
    """
    folders = {"stochastic": [_folder()], "population": [_folder() / POPULATIONS], "all": [_folder(), _folder() / POPULATIONS]}
    if kind not in folders:
        raise UnknownNameError("kind of game", kind, folders)
    return sorted(path.stem for folder in folders[kind] for path in folder.glob("*.toml"))


def game_info(name_or_path: str | os.PathLike[str]) -> GameInfo:
    """Return what the file of a game (.toml or .json, or a name of the catalogue) says about it, without building the game."""
    path = _path(name_or_path)
    if path is not None and checked_ending(path, "read") not in (".toml", ".json"):
        return GameInfo(path.stem, "", "", "", {}, "", {})
    where = str(name_or_path)
    document = read_document(path or _catalogue_file(where))
    check_keys(document, KEYS, where)
    title, source, notes = (_string(document, key, where) for key in ABOUT[:3])
    tables = {key: document.get(key, {}) for key in ("known", "parameters")}
    for key, table in tables.items():
        if not isinstance(table, dict):
            raise GameError(f"{where}: {key} is {type(table).__name__}, a table was expected")
    name = path.stem if path is not None else where
    return GameInfo(name, title, source, notes, with_rationals(tables["known"]), _string(document, "family", where), tables["parameters"])


def save_game(game: StochasticGame | PopulationGame, path: str | os.PathLike[str]) -> Path:
    """Write ``game`` to ``path``; the form follows the ending: .toml, .json, .npz, .nfg, .gam, .csv or .prism.

    From .toml, .json and .npz ``load_game`` gives the same game back, bit for bit: tensors in their form (dense or sparse), names and
    board. A .csv table keeps all but the board and comes back sparse. An .nfg keeps a matrix game and its names, a .gam its numbers
    alone; what a format cannot carry is refused.
    A .prism is for PRISM-games, and is not read here.
    The file is written whole or not at all.

    Returns
    -------
    Path
        The file written.
    """
    if not isinstance(game, StochasticGame | PopulationGame):
        raise GameError(f"save_game was given {type(game).__name__}, a StochasticGame was expected, or a PopulationGame")
    return write_game(game, Path(path))


def _string(document: dict[str, Any], key: str, where: str) -> str:
    value = document.get(key, "")
    if not isinstance(value, str):
        raise GameError(f"{where}: {key} is {value!r}, a string was expected")
    return value


def _path(name_or_path: str | os.PathLike[str]) -> Path | None:
    """Return the path that is meant, None for a name of the catalogue."""
    if isinstance(name_or_path, os.PathLike):
        return Path(name_or_path)
    if not isinstance(name_or_path, str):
        raise GameError(f"load_game was given {name_or_path!r}, the name of a game or a path was expected")
    separators = [mark for mark in (os.sep, os.altsep) if mark]
    looks_like_path = Path(name_or_path).suffix or any(mark in name_or_path for mark in separators)
    return Path(name_or_path) if looks_like_path else None


def _catalogue_file(name: str) -> Path:
    if name in list_games("population"):
        return _folder() / POPULATIONS / f"{name}.toml"
    if name not in list_games():
        raise UnknownNameError("game", name, list_games("all"))
    return _folder() / f"{name}.toml"


def _folder() -> Path:
    """In a wheel the games lie inside the package, in a checkout beside it."""
    inside = PACKAGE / "games"
    return inside if inside.is_dir() else PACKAGE.parent / "games"
