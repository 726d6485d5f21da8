"""Populations in files: the table ``[population]`` of a document, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._errors import GameError

NETWORK = ("neighbours", "pair", "own")
CROWD = ("agents", "load", "payoff")
PARTS = (*NETWORK, *CROWD, "discount", "start")


def population_of(document: Mapping[str, Any], where: str) -> PopulationGame:
    """Return the population that a document with the table ``population``, and perhaps ``actions`` (one list of names), describes."""
    table = document["population"]
    if not isinstance(table, dict):
        raise GameError(f"{where}: population is {type(table).__name__}, a table was expected")
    unknown = [key for key in table if key not in PARTS]
    if unknown:
        raise GameError(f"{where}: population has an unknown entry {unknown[0]!r}; known: {', '.join(PARTS)}")
    menus = document.get("actions", [])
    if not isinstance(menus, list) or len(menus) > 1 or not all(isinstance(menu, list) for menu in menus):
        raise GameError(f"{where}: actions is {menus!r}, one list of names was expected: a population's agents are alike")
    # An array of one number, from an .npz, is a number.
    plain = {key: value.item() if getattr(value, "shape", None) == () else value for key, value in table.items()}
    if isinstance(plain.get("agents"), float) and plain["agents"].is_integer():
        plain["agents"] = int(plain["agents"])
    return PopulationGame(**plain, actions=menus[0] if menus else (), name=document["name"])


def parts_of(game: PopulationGame) -> dict[str, Any]:
    """Return everything that is needed to build ``game`` again, bit for bit."""
    if game.is_network:
        parts: dict[str, Any] = {"neighbours": game.neighbours, "pair": game.pair, "own": game.own}
    else:
        parts = {"agents": game.num_agents, "load": game.load[game.kinds], "payoff": game.payoff}
    return {**parts, "discount": game.discount, "start": game.start}


def size_of(parts: Iterable[Any]) -> int:
    """Return how many numbers there are."""
    return sum(getattr(part, "size", 1) for part in parts)
