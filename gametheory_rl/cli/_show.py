"""``gametheory-rl show GAME``: what a game is, before anybody solves it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli._describe import TABLE_ACTIONS, board_text, kind_of, sizes_of, stage_rows, start_states, told_classes
from gametheory_rl.cli._options import Game, Json, Parameters, Plot, States, chosen_states, load
from gametheory_rl.cli._output import note, number, print_facts, print_json, print_table, print_text, width
from gametheory_rl.cli._paths import FILMS, PICTURES, output
from gametheory_rl.cli._population import is_population, show_population
from gametheory_rl.cli._world import Animate, Seed, is_world, refuse_states, show_world

MOST_MOVES = 36
"""Joint actions whose next states are listed."""


def show(
    game: Game,
    parameter: Parameters = None,
    state: States = None,
    plot: Plot = None,
    animate: Animate = None,
    seed: Seed = 0,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            "--policy",
            metavar="FILE",
            help="What is played with --animate, or in a world: a saved solution or run; without it random play.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show what a game or a world is.

    Its source and known solution, its payoffs or its board.
    With --state: the stage game there, payoffs now, and where each joint action leads.
    Of a world (see games --kind world): what its agents see and do, and an episode of random play,
    or of what a run learned (--policy FILE); with --animate as a film.
    Of a game --animate films play, of --profile's solution or run: show soccer --animate play.gif --profile soccer.npz
    """
    picture = output(plot, PICTURES, "--plot")
    film = output(animate, FILMS, "--animate")
    if is_world(game):
        refuse_states(game, state)
        show_world(game, parameter, policy=profile, seed=seed, picture=picture, film=film, json=json)
        return
    found = load(game, parameter)
    if profile is not None and film is None:
        raise GameError("--profile says what --animate films: give --animate FILE, or leave it out")
    if is_population(found):
        if film is not None:
            raise GameError(f"--animate films worlds and stochastic games, and {game} is a population; --plot draws it")
        show_population(game, found, {"state": state, "plot": picture}, json=json)
        return
    states = chosen_states(found, state)
    facts = _facts(game, found)
    if json:
        print_json({**facts, "stages": [_stage(found, s) for s in states or _stage_worth_showing(found)]})
    else:
        _print_facts(found, facts)
        for s in states or _stage_worth_showing(found):
            _print_stage(found, s, moves=bool(states))
    if picture is not None:
        from gametheory_rl.plots._sheets import game_sheet, write_picture

        write_picture(game_sheet(found, (states or start_states(found))[0], stage=bool(states)), picture)
        note(f"drew {picture}")
    if film is not None:
        _film(found, profile, film, start=states[0] if states else None, seed=seed)


def _film(game: Any, profile: str | None, path: Path, *, start: int | None, seed: int) -> None:
    """Film play of the first profile in a file, or random play."""
    from gametheory_rl.cli._verify import profiles_in
    from gametheory_rl.plots import animate_play

    played = None if profile is None else next(iter(profiles_in(profile)[0].values()))
    note(f"filmed {animate_play(game, played, path, start=start, seed=seed)}")


def _facts(name: str, game: Any) -> dict[str, Any]:
    from gametheory_rl import classify
    from gametheory_rl._catalogue import game_info

    info = game_info(name)
    labels = game.labels
    return {
        "name": game.name or name,
        "title": info.title,
        "source": info.source,
        "notes": info.notes,
        "kind": kind_of(game),
        "classes": {each: {"holds": trait.holds, "reason": trait.reason} for each, trait in classify(game).traits().items()},
        "players": [labels.player(player) for player in range(game.num_players)],
        "states": game.num_states,
        "terminal_states": int(game.terminal.sum()),
        "actions": [[labels.action(player, a) for a in range(size)] for player, size in enumerate(game.num_actions)],
        "discount": game.discount.tolist(),
        "start": [{"state": s, "label": labels.state(s), "probability": float(game.start[s])} for s in start_states(game)],
        "known": info.known,
    }


def _print_facts(game: Any, facts: dict[str, Any]) -> None:
    print_text(facts["title"] or facts["name"], style="bold")
    lines = {key: " ".join(facts[key].split()) for key in ("source", "notes") if facts[key]}
    several = f", {game.num_players} players" if game.num_players > 1 else ""
    lines["kind"] = f"{facts['kind']}{several}: {', '.join(facts['players'])}"
    lines |= _classes(facts["classes"]) if game.num_players > 1 else {}
    ends = f", {facts['terminal_states']} of them terminal" if facts["terminal_states"] else ""
    lines["states"] = f"{facts['states']}{ends}"
    lines["actions"] = f"{sizes_of(game)}: {_menus(facts['actions'])}"
    discounts = sorted(set(facts["discount"]))
    once = " (played once)" if discounts == [0.0] and game.num_states == 1 else ""
    lines["discount"] = ", ".join(f"{d:g}" for d in (discounts if len(discounts) == 1 else facts["discount"])) + once
    if game.num_states > 1:
        lines["start"] = _start(facts["start"])
    print_facts(lines)
    if facts["known"]:
        print_text("\nknown solution", style="bold")
        print_facts({key.replace("_", " "): _known(value) for key, value in facts["known"].items()})


def _classes(classes: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return what the game is, with reasons, and in one line each what it is not and what was not decided."""
    names = told_classes({name: trait["holds"] for name, trait in classes.items()})
    yes = "\n".join(f"{words}: {classes[name]['reason']}" for name, words in names.items() if classes[name]["holds"])
    rest = {holds: ", ".join(words for name, words in names.items() if classes[name]["holds"] is holds) for holds in (False, None)}
    found = {"it is": yes, "it is not": rest[False], "undecided": rest[None]}
    return {name: text for name, text in found.items() if text}


def _menus(actions: list[list[str]]) -> str:
    menus = [", ".join(menu[:12]) + (", ..." if len(menu) > 12 else "") for menu in actions]
    return menus[0] if len(set(menus)) == 1 else "; ".join(menus)


def _start(starts: list[dict[str, Any]]) -> str:
    if len(starts) > 4:
        return f"in one of {len(starts)} states"
    return "; ".join(f"{s['label']}" + (f" ({s['probability']:.3g})" if len(starts) > 1 else "") for s in starts)


def _known(value: Any) -> str:
    """Return an entry of the known solution in one line; long ones by their size."""
    if isinstance(value, dict):
        text = "; ".join(f"{key}: {_known(inner)}" for key, inner in value.items())
    elif isinstance(value, list):
        text = "[" + ", ".join(_known(inner) for inner in value) + "]"
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 400 else f"{text[:380]} ... (whole with --json)"


def _stage_worth_showing(game: Any) -> list[int]:
    """Return the state that says most of a game: the only one, or where it starts on its board."""
    return [0] if game.num_states == 1 else start_states(game)[:1] if game.board is not None else []


def _stage(game: Any, state: int) -> dict[str, Any]:
    return {"state": state, "label": game.labels.state(state), "payoff": game.stage(state), "next": _moves(game, state)}


def _moves(game: Any, state: int) -> list[dict[str, Any]]:
    """Return where each legal joint action leads."""
    from numpy import ndindex

    offsets, states, probabilities = game.successors
    found = []
    for row, joint in enumerate(ndindex(game.num_actions), start=state * game.num_joint_actions):
        if not all(mask[state, action] for mask, action in zip(game.legal, joint, strict=True)):
            continue
        span = slice(int(offsets[row]), int(offsets[row + 1]))
        spread = [{"state": int(s), "probability": float(p)} for s, p in zip(states[span], probabilities[span], strict=True)]
        found.append({"actions": list(joint), "to": spread})
    return found


def _print_stage(game: Any, state: int, *, moves: bool) -> None:
    if game.num_states > 1:
        print_text()
        print_text(f"state {state}: {game.labels.state(state)}" if game.labels.states else f"state {state}", style="bold")
    if game.board is not None:
        print_text(board_text(game, state))
    if not moves and game.num_states > 1:
        return
    if game.num_states == 1 and not moves and _print_payoff_table(game):
        return
    stage = game.stage(state)
    table = stage_rows(game, stage, state)
    if moves and not stage[stage == stage].any():
        print_text("every payoff now is 0")
    elif table is not None:
        to_whom = f"payoff to {game.labels.player(0)}" if game.zero_sum else "payoffs"
        print_table(*table, title=f"{to_whom} now" if game.num_states > 1 else to_whom, right=table[0][1:])
    elif not moves:
        print_text(f"(the payoffs of {sizes_of(game)} actions do not fit a table; --json prints them, --state {state} lists them)")
    if moves:
        _print_moves(game, state)


def _print_payoff_table(game: Any) -> bool:
    """Print a one-shot game of two players with best responses and equilibria marked; False where that has no room."""
    if game.num_players != 2 or max(game.num_actions) > TABLE_ACTIONS:
        return False
    from gametheory_rl.plots import payoff_table_text

    lines, rows = payoff_table_text(game).splitlines(), int(game.legal[0].sum()) + 1
    if max(map(len, lines[:rows])) > width():
        return False
    lines = payoff_table_text(game, form="ansi").splitlines() if sys.stdout.isatty() else lines
    print("", *lines[:rows], sep="\n")
    print_text("\n".join(lines[rows:]))
    return True


def _print_moves(game: Any, state: int) -> None:
    found = _moves(game, state)
    stage = game.stage(state)
    rows = []
    for move in found[:MOST_MOVES]:
        joint = tuple(move["actions"])
        names = " ".join(game.labels.action(player, action) for player, action in enumerate(joint))
        to = "; ".join(game.labels.state(s["state"]) + (f" ({s['probability']:.3g})" if len(move["to"]) > 1 else "") for s in move["to"])
        rows.append([names, ", ".join(number(float(payoff[joint])) for payoff in stage), to])
    print_table(("joint action", "payoffs", "leads to"), rows)
    if len(found) > MOST_MOVES:
        print_text(f"... and {len(found) - MOST_MOVES} more joint actions; --json prints all")
