"""``gametheory-rl games``: what is in the catalogue."""

from __future__ import annotations

from typing import Any

from gametheory_rl.cli._describe import kind_of, sizes_of
from gametheory_rl.cli._options import Json
from gametheory_rl.cli._output import print_json, print_table


def games(json: Json = False) -> None:
    """List the games of the catalogue."""
    from gametheory_rl import list_games

    found = [_entry(name) for name in list_games()]
    if json:
        print_json(found)
        return
    columns = ("name", "players", "states", "actions", "kind", "title and source")
    rows = [[*(str(entry[column]) for column in columns[:-1]), f"{entry['title']}\n{entry['source']}"] for entry in found]
    print_table(columns, rows, right=("players", "states"), title="")


def _entry(name: str) -> dict[str, Any]:
    from gametheory_rl import load_game
    from gametheory_rl._catalogue import game_info

    game, info = load_game(name), game_info(name)
    return {
        "name": name,
        "title": info.title,
        "players": game.num_players,
        "states": game.num_states,
        "actions": sizes_of(game),
        "kind": kind_of(game),
        "source": info.source,
    }
