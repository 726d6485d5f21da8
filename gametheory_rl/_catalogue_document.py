"""A game as a document: the plain tables, lists, numbers and strings that a TOML or JSON file holds."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import isfinite
from typing import Any

import numpy as np

from gametheory_rl import _registry
from gametheory_rl._catalogue_population import parts_of, population_of
from gametheory_rl._games import Board, Labels, StochasticGame, Successors
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._errors import GameError, nearest

Document = dict[str, Any]

ABOUT = ("title", "source", "notes", "known")
TENSORS = ("payoff", "transition", "successors", "legal", "start", "board")
LABELS = ("players", "states", "actions")
KEYS = (*ABOUT, "name", "family", "parameters", "payoffs", "population", "discount", *TENSORS, *LABELS)

_RATIONAL = re.compile(r"\s*[+-]?\d{1,30}\s*/\s*\d{1,30}\s*")
"""Bounded, so that a few characters cannot ask for gigabytes."""


def game_of(document: Any, where: str, name: str, overrides: Mapping[str, Any]) -> Any:
    """Build the game that ``document`` describes.

    Parameters
    ----------
    document : dict
        As in the docstring of ``_catalogue``.
    where : str
        The file, for messages.
    name : str
        The game's name where the document gives none.
    overrides : mapping
        Family parameters that replace the document's; ``discount`` also for a matrix game.
    """
    check_keys(document, KEYS, where)
    kinds = [key for key in ("family", "payoffs", "payoff", "population") if key in document]
    if len(kinds) != 1:
        found = " and ".join(kinds) if kinds else "none of them"
        raise GameError(f"{where} is not a game: one of family, payoffs, payoff and population was expected, {found} was found")
    build = {"family": _of_family, "payoffs": _of_matrices, "payoff": _of_tensors, "population": _of_population}[kinds[0]]
    named = {"name": name, **document}
    if not isinstance(named["name"], str):
        raise GameError(f"{where}: name is {named['name']!r}, a string was expected")
    try:
        return build(named, where, overrides)
    except GameError as error:
        raise GameError(str(error) if str(error).startswith(where) else f"{where}: {error}") from None


def check_keys(document: Any, known: Iterable[str], where: str) -> None:
    """Refuse what is not a table, and keys that nobody reads."""
    if not isinstance(document, dict):
        raise GameError(f"{where} is not a game: a table with named entries was expected, {type(document).__name__} was found")
    for key in document:
        _known_name(key, known, where, "entry")


def _known_name(name: str, known: Iterable[str], where: str, kind: str) -> None:
    known = list(known)
    if name in known:
        return
    near = nearest(str(name), known)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}."
    raise GameError(f"{where} has an unknown {kind} {name!r}; {hint}")


# ---- the kinds of document -----------------------------------------------------------------------------------


def _of_family(document: Document, where: str, overrides: Mapping[str, Any]) -> Any:
    _refuse_beside(document, ("payoffs", "population", "discount", *TENSORS, *LABELS), "family", where)
    if not isinstance(document.get("parameters", {}), dict):
        raise GameError(f"{where}: parameters is {type(document['parameters']).__name__}, a table was expected")
    family = str(document["family"])
    build = _registry.resolve("population" if family in _registry.table("population") else "family", family)
    parameters = {**document.get("parameters", {}), **overrides}
    accepted = inspect.signature(build).parameters
    for name in parameters:
        _known_name(name, accepted, where, f"parameter of the family {document['family']}:")
    missing = [name for name, p in accepted.items() if p.default is p.empty and name not in parameters]
    if missing:
        raise GameError(f"{where} lacks the parameter {missing[0]!r} of the family {document['family']}")
    return build(**{name: with_rationals(value) for name, value in parameters.items()})


def _of_matrices(document: Document, where: str, overrides: Mapping[str, Any]) -> StochasticGame:
    _refuse_beside(document, ("parameters", *TENSORS), "payoffs", where)
    if not set(overrides) <= {"discount"}:
        raise GameError(f"{where} is a matrix game: the only parameter it takes is discount (the repeated game), not {sorted(overrides)}")
    discount = overrides.get("discount", number_array(document.get("discount", 0.0), "discount"))
    payoffs = number_array(document["payoffs"], "payoffs")
    if payoffs.ndim < 2 or (payoffs.ndim > 2 and payoffs.shape[0] != payoffs.ndim - 1):
        raise GameError(f"{where}: payoffs has shape {payoffs.shape}, one matrix or (players, actions of player 1, ...) was expected")
    return StochasticGame.from_matrix_game(payoffs, discount=discount, labels=_labels(document, where), name=document["name"])


def _of_tensors(document: Document, where: str, overrides: Mapping[str, Any]) -> StochasticGame:
    _refuse_beside(document, ("parameters",), "payoff", where)
    if overrides:
        raise GameError(f"{where} is a game of fixed tensors and takes no parameters, not {sorted(overrides)}")
    if ("transition" in document) == ("successors" in document) or "discount" not in document:
        raise GameError(f"{where} needs a discount and, beside payoff, either transition or successors")
    transition = number_array(document["transition"], "transition") if "transition" in document else _successors(document, where)
    return StochasticGame(
        number_array(document["payoff"], "payoff"),
        transition,
        number_array(document["discount"], "discount"),
        number_array(document["start"], "start") if "start" in document else None,
        _masks(document["legal"], where) if "legal" in document else None,
        _labels(document, where),
        name=document["name"],
        board=_board(document["board"], where) if "board" in document else None,
    )


def _of_population(document: Document, where: str, overrides: Mapping[str, Any]) -> PopulationGame:
    _refuse_beside(document, ("parameters", "discount", *TENSORS, "players", "states"), "population", where)
    if overrides:
        raise GameError(f"{where} is a population of fixed tables and takes no parameters, not {sorted(overrides)}")
    table = document["population"]
    if isinstance(table, dict):
        tables = {key: number_array(value, f"population.{key}") if isinstance(value, list) else value for key, value in table.items()}
        document = {**document, "population": tables}
    return population_of(document, where)


def _refuse_beside(document: Document, keys: Iterable[str], kind: str, where: str) -> None:
    for key in keys:
        if key in document:
            raise GameError(f"{where} has {key} beside {kind}, which do not go together")


# ---- parts of a document -------------------------------------------------------------------------------------------


def with_rationals(value: Any) -> Any:
    """Return ``value`` with strings like "1/3" as floats, at any depth."""
    if isinstance(value, str) and _RATIONAL.fullmatch(value):
        top, bottom = map(int, value.split("/"))
        if bottom == 0:
            raise GameError(f"{value!r} divides by zero")
        return top / bottom
    if isinstance(value, list):
        return [with_rationals(entry) for entry in value]
    if isinstance(value, dict):
        return {key: with_rationals(entry) for key, entry in value.items()}
    return value


def decimal_fraction(text: str) -> Fraction | float:
    """Return the number that ``text`` says, exactly; one too small to matter as float64 rounds it, an infinite one as it is."""
    number = float(text)
    if not isfinite(number):
        return number
    # Bounded, so that a few characters ("1e-999999999") cannot ask for gigabytes.
    return Fraction(text) if abs(number) > 1e-300 and len(text) <= 400 else Fraction(number)


def exact_payoffs(value: Any, where: str) -> np.ndarray:
    """Return the payoffs of a stage game, one matrix or ``(n, A_1, ..., A_n)`` nested lists, as Fractions."""
    array = np.array(value, dtype=object)
    flat = [_exact(entry, where) for entry in array.ravel()]
    payoffs = np.empty(len(flat), dtype=object)
    payoffs[:] = flat
    payoffs = payoffs.reshape(array.shape)
    return np.stack([payoffs, -payoffs]) if array.ndim == 2 and array.shape[0] != 1 else payoffs


def _exact(entry: Any, where: str) -> Fraction:
    try:
        return Fraction("".join(entry.split()) if isinstance(entry, str) else entry)
    except (TypeError, ValueError, OverflowError):
        raise GameError(f"{where}: the payoff {entry!r} is no number that can be written as a fraction") from None


def number_array(value: Any, what: str) -> np.ndarray:
    """Return nested lists of numbers (and strings like "1/3") as a float64 array."""
    array = _array_or_none(value)
    if array is None:  # walking through every entry takes long, so only where it is needed
        array = _array_or_none(with_rationals(value))
    if array is not None:
        return array
    if isinstance(value, np.ndarray):
        raise GameError(f"{what} is an array of {value.dtype}, numbers were expected")
    wrong = misplaced(value)
    where = f"{what}{wrong[0]} is {wrong[1]}; " if wrong else ""
    raise GameError(f"{what} is not an array of numbers: {where}numbers, or strings like '1/3', in lists of equal lengths were expected")


def misplaced(value: Any) -> tuple[str, str] | None:
    """Return where nested lists first have what is no number, or another length than the first of their depth, and what is there.

    Places are counted from 0, as in ``[1][0]``; None: all is well.
    """
    lengths, first = [], value
    while isinstance(first, list) and first:
        lengths.append(len(first))
        first = first[0]
    places, walks = [-1], [iter((value,))]
    while walks:
        here = next(walks[-1], walks)
        if here is walks:
            walks.pop()
            places.pop()
            continue
        places[-1] += 1
        depth = len(walks) - 1
        if depth == len(lengths):
            fine = isinstance(here, int | float) and not isinstance(here, bool)
            fine = fine or (isinstance(here, str) and _RATIONAL.fullmatch(here) is not None)
        else:
            fine = isinstance(here, list) and len(here) == lengths[depth]
        if fine and isinstance(here, list):
            walks.append(iter(here))
            places.append(-1)
        elif not fine:
            found = f"a list of {len(here)}" if isinstance(here, list) else f"{here!r:.40}"
            if depth < len(lengths):
                found += f", not a list of {lengths[depth]}"
            return "".join(f"[{place}]" for place in places[1:]), found
    return None


def _array_or_none(value: Any) -> np.ndarray | None:
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError):
        return None
    return array.astype(np.float64) if array.dtype.kind in "fiu" else None


def integer_array(value: Any, what: str) -> np.ndarray:
    """Return nested lists of integers as an int64 array."""
    array = number_array(value, what)
    if not np.isfinite(array).all() or (np.abs(array) > 2**53).any() or (array != np.rint(array)).any():
        raise GameError(f"{what} holds numbers that are not integers")
    return array.astype(np.int64)


def _masks(value: Any, where: str) -> list[np.ndarray]:
    if not isinstance(value, list):
        raise GameError(f"{where}: legal is {type(value).__name__}, a list with one (states, actions) table per player was expected")
    try:
        return [np.array(mask) for mask in value]
    except ValueError:
        raise GameError(f"{where}: legal has rows of different lengths, one (states, actions) table per player was expected") from None


def _successors(document: Document, where: str) -> Successors:
    lists = document["successors"]
    check_keys(lists, Successors._fields, f"{where}: successors")
    if set(lists) != set(Successors._fields):
        raise GameError(f"{where}: successors needs the lists {', '.join(Successors._fields)}")
    offsets, states = (integer_array(lists[key], key) for key in ("offsets", "states"))
    return Successors(offsets, states, number_array(lists["probabilities"], "probabilities"))


def _labels(document: Document, where: str) -> Labels:
    names = {key: document.get(key, []) for key in LABELS}
    if not all(isinstance(value, list) for value in names.values()) or not all(isinstance(x, list) for x in names["actions"]):
        raise GameError(f"{where}: players and states must be lists of names, actions one list of names per player")
    flat = [*names["players"], *names["states"], *(name for menu in names["actions"] for name in menu)]
    if not all(isinstance(name, str) for name in flat):
        raise GameError(f"{where}: the names of players, states and actions must be strings")
    return Labels(tuple(names["players"]), tuple(names["states"]), tuple(map(tuple, names["actions"])))


def _board(table: Any, where: str) -> Board:
    check_keys(table, ("shape", "positions", "holder", "goals", "moves"), f"{where}: board")
    if not {"shape", "positions"} <= set(table):
        raise GameError(f"{where}: board needs shape and positions")
    shape = integer_array(table["shape"], "board.shape")
    if shape.shape != (2,):
        raise GameError(f"{where}: board.shape is {shape.tolist()}, (rows, columns) was expected")
    holder = integer_array(table["holder"], "board.holder") if "holder" in table else None
    positions = integer_array(table["positions"], "board.positions")
    goals, moves = (_tuples(table.get(key, []), width, f"board.{key}") for key, width in (("goals", 3), ("moves", 2)))
    return Board((int(shape[0]), int(shape[1])), positions, holder, goals, moves)


def _tuples(value: Any, width: int, what: str) -> Any:
    array = integer_array(value, what)
    if array.size and array.shape != (len(array), width):
        raise GameError(f"{what} has shape {array.shape}, rows of {width} integers were expected")
    return tuple(map(tuple, array.tolist()))


# ---- a document from a game ----------------------------------------------------------------------------------------


def arrays_of(game: StochasticGame | PopulationGame) -> dict[str, Any]:
    """Return everything that is needed to build ``game`` again, bit for bit, as arrays by name (dots for nesting)."""
    if isinstance(game, PopulationGame):
        return {"population": parts_of(game)}
    parts: dict[str, Any] = {"discount": game.discount, "start": game.start}
    if not all(mask.all() for mask in game.legal):
        parts["legal"] = game.legal
    if game.board is not None:
        board = {field: getattr(game.board, field) for field in ("shape", "positions", "holder", "goals", "moves")}
        parts["board"] = {field: value for field, value in board.items() if value is not None}
    parts["payoff"] = game.payoff
    if game.is_sparse:
        parts["successors"] = game.successors._asdict()
    else:
        parts["transition"] = game.transition
    return parts


def names_of(game: StochasticGame | PopulationGame) -> dict[str, Any]:
    """Return the names of players, states and actions, one list of names a player; of a population one list for all."""
    if isinstance(game, PopulationGame):
        return {"actions": [list(game.actions)]} if game.actions else {}
    return {key: getattr(game.labels, key) for key in LABELS}


def document_of(game: StochasticGame | PopulationGame) -> Document:
    """Return ``game`` as a document of plain lists; ``game_of`` gives the same game back, bit for bit."""
    labels = {key: names for key, names in names_of(game).items() if names}
    plain = _plain({**labels, **arrays_of(game)})
    tables = [key for key, value in plain.items() if isinstance(value, dict)]
    return {"name": game.name, **{k: v for k, v in plain.items() if k not in tables}, **{k: plain[k] for k in tables}}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return value
