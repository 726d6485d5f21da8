"""Worlds on the command line: environments of the neural methods, which have no tensors to solve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from gametheory_rl._support._errors import GameError, UnknownNameError, nearest
from gametheory_rl.cli._options import assignments
from gametheory_rl.cli._output import note, number, print_facts, print_json, print_table, print_text

WORLD = "world"
MOST_FRAMES = 100
"""Longer episodes are filmed every second step, or third, ..."""

Animate = Annotated[
    str | None, typer.Option("--animate", metavar="FILE", help="Film an episode of a world, or play of a game: .gif", show_default=False)
]
Seed = Annotated[int, typer.Option("--seed", metavar="SEED", help="Of what is filmed, and of a world's episode.", min=0)]


def is_world(name: str) -> bool:
    """Whether ``name`` is a world's; an unknown name that looks most like a world's is refused with that one."""
    from gametheory_rl import list_games
    from gametheory_rl._registry import table

    worlds = table("world")
    if name in worlds:
        return True
    if not Path(name).suffix and "/" not in name:
        games = list_games("all")
        if name not in games and nearest(name, [*games, *worlds]) == nearest(name, worlds) != []:
            raise UnknownNameError("game or world", name, worlds)
    return False


def refuse_states(name: str, states: Sequence[str] | None) -> None:
    """Refuse what needs a game's numbered states."""
    if states:
        raise GameError(f"--state is for games, whose states are numbered, and {name} is a world; leave it out")


def of_kind(entries: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the entries of a kind; an unknown one is refused with the nearest."""
    found = [entry for entry in entries if entry["kind"] == kind]
    if not found:
        raise UnknownNameError("kind", kind, {WORLD, *(entry["kind"] for entry in entries)})
    return found


def list_worlds(*, json: bool) -> None:
    """Print a line for each world."""
    from gametheory_rl.deep import list_worlds as names
    from gametheory_rl.deep import load_world

    found = [_entry(name, load_world(name)) for name in names()]
    if json:
        print_json(found)
        return
    rows = [[entry["name"], str(entry["agents"]), entry["sees"], entry["acts"], entry["title"].partition(":")[0]] for entry in found]
    print_table(("name", "agents", "sees", "actions", "title"), rows, right=("agents",), whole=("name", "agents", "sees", "actions"))
    print_text("gametheory-rl show WORLD says more; --animate FILE.gif films it", style="dim")


def _entry(name: str, world: Any) -> dict[str, Any]:
    sees, acts = (_sizes(sizes) for sizes in (world.observation_sizes, world.action_sizes))
    return {"name": name, "agents": world.num_agents, "sees": sees, "acts": acts, "title": _title(world)}


def _title(world: Any) -> str:
    import sys

    text = sys.modules[type(world).__module__].__doc__ or ""
    return " ".join(text.split("\n\n")[0].split()).rstrip(".")


def _sizes(sizes: Sequence[int]) -> str:
    """Return one number where all are equal, else all of them."""
    if len(set(sizes)) == 1:
        return str(sizes[0])
    return ", ".join(map(str, sizes[:6])) + (", ..." if len(sizes) > 6 else "")


def show_world(
    name: str, parameters: Sequence[str] | None, *, policy: str | None, seed: int, picture: Path | None, film: Path | None, json: bool
) -> None:
    """Say what a world is and what an episode of random play earns; draw its end, film it."""
    from gametheory_rl.deep import load_world
    from gametheory_rl.deep.envs import play_episode

    world = load_world(name, **assignments(parameters, "--parameter"))
    player = None
    if policy is not None:
        from gametheory_rl.deep import load_policy

        player = load_policy(policy, world)
    episode = play_episode(world, player, seed=seed)
    facts = {
        **_entry(name, world),
        "continuous": world.continuous,
        "source": _source(world),
        "play": "random" if policy is None else policy,
        "seed": seed,
        "steps": len(episode.rewards),
        "returns": episode.rewards.sum(axis=0).tolist(),
        "measures": {key: {"mean": float(values.mean()), "last": float(values[-1])} for key, values in episode.measures.items()},
    }
    if json:
        print_json(facts)
    else:
        _print(facts)
    _draw(world, f"{name.replace('_', ' ')}, {'random' if policy is None else 'learned'} play", episode, picture, film)


def _print(facts: dict[str, Any]) -> None:
    print_text(facts["title"], style="bold")
    returns, count = facts["returns"], facts["steps"]
    shown = ", ".join(number(value) for value in returns[:6]) + (", ..." if len(returns) > 6 else "")
    kind = "numbers in [-1, 1]" if facts["continuous"] else "actions"
    lines = {"source": facts["source"]} if facts["source"] else {}
    print_facts(
        lines
        | {
            "kind": f"world, {facts['agents']} agent{'s' if facts['agents'] > 1 else ''}",
            "sees": f"{facts['sees']} numbers",
            "does": f"{facts['acts']} {kind}",
            "plays": "at random" if facts["play"] == "random" else f"as {facts['play']} says",
            "episode": f"seed {facts['seed']}, {count} step{'s' if count > 1 else ''}; returns {shown}",
        }
    )
    if facts["measures"]:
        rows = [[key.replace("_", " "), number(row["mean"]), number(row["last"])] for key, row in facts["measures"].items()]
        print_table(("measure", "mean over steps", "at the end"), rows, right=("mean over steps", "at the end"))


def _source(world: Any) -> str:
    """Return the first sentence of the notes of the world's class."""
    _, _, notes = (type(world).__doc__ or "").partition("Notes\n")
    lines = [line.strip() for line in notes.split("\n")[1:]]
    text = " ".join(lines)
    end = text.find("). ")
    return text if end < 0 else text[: end + 2]


def _draw(world: Any, words: str, episode: Any, picture: Path | None, film: Path | None) -> None:
    if picture is None and film is None:
        return
    from gametheory_rl.plots import world_animation, world_scene
    from gametheory_rl.plots._sheets import write_picture

    count = len(episode.rewards)
    if picture is not None:
        after = f"after {count} step{'s' if count > 1 else ''}"
        figure: Any = world_scene(world.scene(episode.states[-1]), title=f"{words} {after}").figure
        write_picture(figure, picture)
        note(f"drew {picture}")
    if film is not None:
        shown = range(0, count + 1, -(-count // MOST_FRAMES))
        scenes = [world.scene(episode.states[k]) for k in shown]
        world_animation(scenes, film, titles=[f"{words}, step {k} of {count}" for k in shown])
        note(f"filmed {film}")
