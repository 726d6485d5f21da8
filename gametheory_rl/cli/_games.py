"""``gametheory-rl games``: what is in the catalogue."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl.cli._describe import kind_of, sizes_of
from gametheory_rl.cli._options import Json
from gametheory_rl.cli._output import print_json, print_table, print_text, width
from gametheory_rl.cli._population import is_population
from gametheory_rl.cli._world import WORLD, list_worlds, of_kind

Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Only games of this kind; 'world': the worlds of neural methods.")]

WIDE = 120
"""From so many characters a line on there is room for the source."""


def games(kind: Kind = None, json: Json = False) -> None:
    """List the games of the catalogue, or the worlds of the neural methods."""
    from gametheory_rl import list_games

    if kind == WORLD:
        list_worlds(json=json)
        return
    found = [_entry(name) for name in list_games("all")]
    if kind is not None:
        found = of_kind(found, kind)
    if json:
        print_json(found)
        return
    # The source takes a line of its own width: where there is no room for it, say where it is found.
    room = width() >= WIDE
    columns = ("name", "players", "states", "actions", "kind", "title", *(["source"] if room else []))
    rows = [[str(entry[column]) for column in columns] for entry in found]
    print_table(columns, rows, right=("players", "states"), whole=("name", "players", "states", "actions", "kind"))
    if not room:
        print_text("sources: gametheory-rl show GAME, or games --json, or a wider window", style="dim")


def _entry(name: str) -> dict[str, Any]:
    from gametheory_rl import load_game
    from gametheory_rl._catalogue import game_info

    game, info = load_game(name), game_info(name)
    if is_population(game):
        sizes: dict[str, Any] = {"players": game.num_agents, "states": 1, "actions": str(game.num_actions), "kind": "population"}
        return {"name": name, "title": info.title, **sizes, "source": info.source}
    return {
        "name": name,
        "title": info.title,
        "players": game.num_players,
        "states": game.num_states,
        "actions": sizes_of(game),
        "kind": kind_of(game),
        "source": info.source,
    }
