"""Populations on the command line: what one is, and what to ask of it instead of what cannot be asked."""

from __future__ import annotations

from typing import Any

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli._output import number, print_facts, print_json, print_table, print_text

MOST_ACTIONS = 10
"""Tables of more actions are not printed."""


def is_population(game: Any) -> bool:
    """Whether a game is one of many agents, without joint tensors."""
    return type(game).__name__ == "PopulationGame"


def refuse_population(game: Any, name: str, verb: str) -> None:
    """Refuse a population where joint actions are needed, and say what does the same for it."""
    if is_population(game):
        raise GameError(
            f"{name} is a population of {game.num_agents} agents, which {verb} cannot take: it has no joint actions; train on it with "
            f"'learn {name} mean_field_q', whose population_gap is judged at each record, or ask gametheory_rl.population_gap in Python"
        )


def facts_of(name: str, game: Any) -> dict[str, Any]:
    """Return what ``show`` says of a population."""
    from gametheory_rl._catalogue import game_info

    info = game_info(name)
    return {
        "name": game.name or name,
        "title": info.title,
        "source": info.source,
        "notes": info.notes,
        "kind": "population",
        "agents": game.num_agents,
        "meets": f"{game.num_neighbours} neighbours" if game.is_network else "everybody",
        "actions": [action_name(game, a) for a in range(game.num_actions)],
        "discount": game.discount,
        "start": game.start.tolist(),
        "pair": game.pair.tolist() if game.is_network else None,
        "own": game.own.tolist() if game.is_network else None,
        "known": info.known,
    }


def action_name(game: Any, action: int) -> str:
    """Return an action's name, or its number."""
    return game.actions[action] if game.actions else str(action)


def show_population(name: str, game: Any, asked: dict[str, Any], *, json: bool) -> None:
    """Show what a population is; ``asked``: options of ``show``, by name, that need a stage game or a board."""
    for option, value in asked.items():
        if value:
            raise GameError(f"--{option} is for a state's stage game or a board, and {name} is a population, without either; leave it out")
    facts = facts_of(name, game)
    if json:
        print_json(facts)
        return
    print_text(facts["title"] or facts["name"], style="bold")
    lines = {key: " ".join(facts[key].split()) for key in ("source", "notes") if facts[key]}
    lines["kind"] = f"population, {game.num_agents} agents, each meets {facts['meets']}"
    lines["actions"] = f"{game.num_actions}: {', '.join(facts['actions'][:12])}" + (", ..." if game.num_actions > 12 else "")
    lines["discount"] = f"{game.discount:g}" + (" (each turn for its own sake)" if game.discount == 0 else "")
    lines["first actions"] = "uniform" if len(set(facts["start"])) == 1 else ", ".join(f"{chance:.3g}" for chance in facts["start"])
    lines["learn it"] = f"gametheory-rl learn {name} mean_field_q --steps 2000"
    print_facts(lines)
    if facts["known"]:
        print_text("\nknown", style="bold")
        print_facts({key.replace("_", " "): _known(value) for key, value in facts["known"].items()})
    if game.is_network and game.num_actions <= MOST_ACTIONS:
        names = facts["actions"]
        rows = [[names[a], number(game.own[a]), *(number(paid) for paid in game.pair[a])] for a in range(game.num_actions)]
        print_table(["plays", "earns", *names], rows, title="earns by itself, and from each neighbour that plays", right=["earns", *names])


def _known(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_known(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_known, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)
