"""``gametheory-rl verify GAME PROFILE``: how far a profile is from equilibrium, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from gametheory_rl.cli._horizon import FINITE_HORIZON
from gametheory_rl.cli._options import Game, Json, Parameters, load
from gametheory_rl.cli._output import number, print_facts, print_json, print_table
from gametheory_rl.cli._population import refuse_population

Profile = Annotated[
    str,
    typer.Argument(
        metavar="PROFILE",
        help="A saved solution (of --horizon too), a saved run (each seed is judged), or an .npz with arrays player_0, player_1, ... or "
        "correlated.",
        show_default=False,
    ),
]


def verify(
    game: Game,
    profile: Profile,
    parameter: Parameters = None,
    concept: Annotated[
        str | None,
        typer.Option(help="nash, correlated or coarse; without it nash, or correlated for a correlated profile.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Judge a profile exactly.

    Computes the gain of each player's best response, from the definition alone. A solution of --horizon is judged with the --final values
    that were saved with it.
    """
    from gametheory_rl import verify

    found = load(game, parameter)
    refuse_population(found, game, "verify")
    named, final = profiles_in(profile)
    certificates = {name: verify(found, each, concept=concept, final=final) for name, each in named.items()}
    documents = [_document(found, name, cert) for name, cert in certificates.items()]
    if json:
        print_json({"game": found.name, "profiles": documents})
        return
    if len(documents) == 1:
        _print(found, documents[0], final is not None and bool(final.any()))
        return
    columns = ("profile", "concept", "epsilon", "start_gap", "error_bound")
    rows = [[each["profile"], each["concept"], *(number(each[key]) for key in columns[2:])] for each in documents]
    print_table([name.replace("_", " ") for name in columns], rows, right=("epsilon", "start gap", "error bound"))


def profiles_in(path: str) -> tuple[dict[str, Any], Any]:
    """Return the profiles in a file by name (a run has one per seed), and what states are worth after a plan's last stage, or None."""
    from gametheory_rl import load_run
    from gametheory_rl._results import profile_from_arrays
    from gametheory_rl._support._errors import GameError
    from gametheory_rl._support._files import read_arrays

    arrays = read_arrays(path)
    if any(name.startswith("profiles/") for name in arrays):
        return {f"seed {k}": each for k, each in enumerate(load_run(path).profiles)}, None
    try:
        return {"profile": profile_from_arrays(arrays)}, _final(arrays)
    except GameError as error:
        raise GameError(f"cannot judge {path}: {error}") from None


def _final(arrays: Mapping[str, Any]) -> Any:
    """Return the last of the values ``(T + 1, n, S)`` that a saved solution of T stages has; None for anything else."""
    is_plan = FINITE_HORIZON in str(arrays.get("meta", ""))
    return arrays["values"][-1] if is_plan and "values" in arrays and arrays["values"].ndim == 3 and len(arrays["values"]) else None


def _document(game: Any, name: str, cert: Any) -> dict[str, Any]:
    return {
        "profile": name,
        "concept": cert.concept,
        "epsilon": cert.epsilon,
        "start_gap": cert.start_gap,
        "error_bound": cert.error_bound,
        "players": [
            {
                "player": game.labels.player(player),
                "start_value": float(cert.values[player] @ game.start),
                "start_gain": float(cert.gains[player] @ game.start),
                "largest_gain": float(cert.gains[player].max()),
                "where": game.labels.state(int(cert.gains[player].argmax())),
            }
            for player in range(game.num_players)
        ],
    }


def _print(game: Any, document: dict[str, Any], after: bool) -> None:
    concept = {"nash": "Nash equilibrium", "correlated": "correlated equilibrium", "coarse": "coarse correlated equilibrium"}
    facts = {
        document["profile"]: f"an epsilon-{concept[document['concept']]} with epsilon = {document['epsilon']:.6g}",
        "at the start": f"no player can gain more than {document['start_gap']:.6g}",
        "error bound": f"{document['error_bound']:.2g} on every number, proved",
    }
    print_facts(facts | ({"final values": "what states are worth after the last stage, as saved with the plan"} if after else {}))
    columns = ("player", "value at start", "gain at start", "largest gain", "where")
    keys = ("start_value", "start_gain", "largest_gain")

    def shown(value: float) -> str:
        return number(value) if abs(value) > document["error_bound"] else "0"

    rows = [[each["player"], *(shown(each[key]) for key in keys), each["where"]] for each in document["players"]]
    last = len(columns) - (game.num_states == 1)
    print_table(columns[:last], [row[:last] for row in rows], right=columns[1:4])
