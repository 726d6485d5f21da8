"""``gametheory-rl solve GAME --reach, --safe, --average``: criteria without a discount, bounded from both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli import _exits
from gametheory_rl.cli._describe import kind_of, start_states
from gametheory_rl.cli._options import chosen_states
from gametheory_rl.cli._output import note, number, print_facts, print_json, print_table, print_text
from gametheory_rl.cli._values import MOST_STATES, NAMED_STATES, plays_at


def solve_bounds(game: Any, kind: str, settings: Mapping[str, Any], states: list[int], *, json: bool, save: Path | None) -> int:
    """Bound a probability of reaching or of staying, or the average payoff, and show both bounds and the play that proves them."""
    given = dict(settings)
    asked = given.pop(kind)
    player = given.pop("player", 1) - 1
    if not 0 <= player < game.num_players:
        raise GameError(f"--player got {player + 1}, the number of a player was expected, from 1 to {game.num_players}")
    if kind == "average":
        from gametheory_rl.stochastic import average_payoff

        solution, what = average_payoff(game, throw=False, **given), f"average payoff to {game.labels.player(0)}, in the long run"
    else:
        from gametheory_rl.stochastic import reachability, safety

        chosen = _chosen(game, asked, f"--{kind}")
        solution = (reachability if kind == "reach" else safety)(game, chosen, player=player, throw=False, **given)
        what = _what(game, kind, player, chosen)
    if save is not None:
        note(f"saved {_save(solution, save)}")
    shown = states or start_states(game)
    if json:
        print_json(_document(game, solution, kind, what, shown))
    else:
        _print(game, solution, what, shown if states else shown[:MOST_STATES], len(shown))
    if not solution.status.ok:
        note(f"gametheory-rl: {solution.status.value}")
        return _exits.FELL_SHORT
    return _exits.OK


def _chosen(game: Any, texts: Sequence[str], option: str) -> list[int]:
    """Return the numbers of states: each text is one, by number or label, or several between commas."""
    found: list[int] = []
    for text in texts:
        whole = text in game.labels.states or "," not in text
        found += chosen_states(game, [text] if whole else [part.strip() for part in text.split(",")], option)
    return found


def _what(game: Any, kind: str, player: int, chosen: list[int]) -> str:
    names = ", ".join(game.labels.state(s) for s in chosen[:NAMED_STATES]) + (", ..." if len(chosen) > NAMED_STATES else "")
    does = "reaches" if kind == "reach" else "stays for ever in"
    others = ", whatever the other does" if game.num_players > 1 else ""
    return f"probability that {game.labels.player(player)} {does} {names}{others}"


def _bounds(solution: Any, state: int) -> tuple[float, float]:
    """Return both bounds at a state; those of an average are one for all."""
    if getattr(solution.lower, "ndim", 0):
        return float(solution.lower[state]), float(solution.upper[state])
    return float(solution.lower), float(solution.upper)


def _save(solution: Any, path: Path) -> Path:
    """Write both bounds, and the profile in the form that ``verify`` reads."""
    import numpy as np

    from gametheory_rl._results import profile_arrays
    from gametheory_rl._support._files import write_arrays

    bounds = {name: np.asarray(getattr(solution, name)) for name in ("lower", "upper")}
    return write_arrays(path, {**profile_arrays(solution.profile), **bounds})


def _document(game: Any, solution: Any, kind: str, what: str, states: list[int]) -> dict[str, Any]:
    return {
        "game": game.name,
        "kind": kind_of(game),
        "criterion": kind,
        "value_is": what,
        "status": solution.status.name.lower(),
        "message": solution.status.value,
        "iterations": solution.iterations,
        "lower": solution.lower,
        "upper": solution.upper,
        "states": [
            {
                "state": s,
                "label": game.labels.state(s),
                **dict(zip(("lower", "upper"), _bounds(solution, s), strict=True)),
                "policy": [policy[s] for policy in solution.profile],
            }
            for s in states
        ],
        "trace": solution.trace,
    }


def _print(game: Any, solution: Any, what: str, states: list[int], count: int) -> None:
    widest = max(high - low for low, high in (_bounds(solution, s) for s in range(game.num_states)))
    sweeps = f"{solution.iterations} iteration{'s' if solution.iterations != 1 else ''}"
    facts = {game.name or "the game": solution.status.value, "value": what}
    print_facts({**facts, "bounds": f"{widest:.2g} apart at most, both proved; {sweeps}"})
    columns = ("state", "at least", "at most", "player", "plays")
    rows = []
    for s in states:
        bounds = [number(round(bound, 12), 9) for bound in _bounds(solution, s)]
        for player, plays in enumerate(plays_at(game, solution.profile, s)):
            rows.append([*(["", "", ""] if player else [game.labels.state(s), *bounds]), game.labels.player(player), plays])
    print_table(columns, rows, right=columns[1:3], whole=columns[1:4])
    if count > len(states):
        print_text(f"the first {len(states)} of {count} start states; others with --state, all with --json or --save")
