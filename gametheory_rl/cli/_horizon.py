"""``gametheory-rl solve GAME --horizon T``: a game of T stages, by backward induction."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gametheory_rl.cli import _exits
from gametheory_rl.cli._describe import gain_text, kind_of, start_states
from gametheory_rl.cli._output import note, number, print_facts, print_json, print_table, print_text
from gametheory_rl.cli._values import MOST_STATES, apart, plays_at

FINITE_HORIZON = "gametheory_rl finite horizon 1"
"""The format of saved solutions of finitely many stages."""
EXPECTS = {
    "friend": "what each player earns if all others help it",
    "foe": "what each player secures against all others together",
    "stackelberg": "what both earn if player 1 commits before every stage",
}


def solve_horizon(game: Any, settings: Mapping[str, Any], states: list[int], *, json: bool, save: Path | None, plot: Path | None) -> int:
    """Solve a game of finitely many stages and show the answer; ``settings``: what ``finite_horizon`` takes."""
    from gametheory_rl.stochastic import finite_horizon

    concept = settings.get("concept", "nash")
    solution = finite_horizon(game, throw=False, **settings)
    if save is not None:
        note(f"saved {_save(solution, concept, save)}")
    shown = states or start_states(game)
    says = _ending(game, solution)
    if json:
        print_json(_document(game, solution, concept, shown, says))
    else:
        _print(game, solution, concept, says, shown if states else shown[:MOST_STATES], len(shown))
    if plot is not None:
        from gametheory_rl.plots._sheets import horizon_sheet, write_picture

        note(f"drew {write_picture(horizon_sheet(game, solution, shown[0]), plot)}")
    if not solution.status.ok:
        note(f"gametheory-rl: {says}")
        return _exits.FELL_SHORT
    return _exits.OK


def _ending(game: Any, solution: Any) -> str:
    said = solution.status.value
    if solution.status.name == "MISMATCH":
        return f"{apart(game, ~solution.matched.all(axis=0))}; {said.partition(', and ')[2]}"
    return "solved: by backward induction, stage after stage." if solution.status.ok else said


def _guarantee(solution: Any, concept: str) -> str:
    how = "by disobeying" if concept == "correlated" else "by deviating"
    return f"nobody gains more than {gain_text(solution.epsilon)} {how}, at all stages together, wherever play begins"


def _save(solution: Any, concept: str, path: Path) -> Path:
    """Write values, gains and the policies of every stage, time first."""
    import json

    import numpy as np

    from gametheory_rl._results import profile_arrays
    from gametheory_rl._support._files import write_arrays

    meta = {"concept": concept, "status": solution.status.name, "format": FINITE_HORIZON}
    numbers = {"values": solution.values, "gains": solution.gains, "matched": solution.matched, "meta": np.array(json.dumps(meta))}
    return write_arrays(path, {**profile_arrays(solution.profile), **numbers})


def _document(game: Any, solution: Any, concept: str, states: list[int], says: str) -> dict[str, Any]:
    return {
        "game": game.name,
        "kind": kind_of(game),
        "horizon": len(solution.matched),
        "concept": concept,
        "status": solution.status.name.lower(),
        "message": says,
        "epsilon": solution.epsilon,
        "mismatch": [int(s) for s in (~solution.matched.all(axis=0)).nonzero()[0]],
        "start_values": solution.values[0] @ game.start,
        "states": [_at(game, solution, s) for s in states],
    }


def _at(game: Any, solution: Any, state: int) -> dict[str, Any]:
    """Return values and plays at a state, an entry a stage."""
    profile = solution.profile
    play = [policy[:, state] for policy in profile] if isinstance(profile, tuple) else profile[:, state]
    return {"state": state, "label": game.labels.state(state), "values": solution.values[:, :, state], "policy": play}


def _print(game: Any, solution: Any, concept: str, says: str, states: list[int], count: int) -> None:
    stages = len(solution.matched)
    facts = {game.name or "the game": says, "it is": f"{kind_of(game)}, of {stages} stage{'s' if stages > 1 else ''}"}
    facts["concept"] = f"{concept}, at every stage"
    if concept in EXPECTS:
        facts["values"] = EXPECTS[concept]
    print_facts({**facts, "certificate": _guarantee(solution, concept)})
    rows = [row for s in states for row in _rows(game, solution, s)]
    columns = ("state", "player", "value", "plays first", "plays last")[: 4 + (stages > 1)]
    one = game.num_states == 1
    print_table(columns[one:], [row[one : len(columns)] for row in rows], right=("value",), whole=("value", "player"))
    if count > len(states):
        print_text(f"the first {len(states)} of {count} start states; others with --state, all with --json or --save")


def _rows(game: Any, solution: Any, state: int) -> list[list[str]]:
    first, last = (plays_at(game, solution.profile, (stage, state)) for stage in (0, -1))
    return [
        ["" if player else game.labels.state(state), game.labels.player(player), number(float(value), 9), first[player], last[player]]
        for player, value in enumerate(solution.values[0, :, state])
    ]
