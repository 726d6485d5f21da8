"""``gametheory-rl agree``: the catalogue solved by us and by others."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl.cli import _exits
from gametheory_rl.cli._options import Json
from gametheory_rl.cli._output import note, number, print_json, print_table, print_text, width
from gametheory_rl.cli._paths import folder


def agree(
    games: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Names with commas between them; not given: all.", show_default=False)
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds for one engine on one game.")] = 10.0,
    out: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Write agreement.csv and the models for PRISM there.", show_default=False)
    ] = None,
    json: Json = False,
) -> int:
    """Solve the catalogue by ourselves, nashpy, quantecon, OpenSpiel, pygambit and PRISM-games.

    Those that are installed. Every equilibrium is judged from the definition; processes that take too long are ended.
    """
    target = folder(out, "--out")
    from gametheory_rl._agreement import agreement

    names = None if games is None else [name.strip() for name in games.split(",") if name.strip()]
    found = agreement(names, time_limit=time_limit, models=target)
    if json:
        print_json({"cells": [vars(cell) for cell in found.cells]})
    else:
        _print(found)
    if target is not None:
        note(f"saved {found.save(target / 'agreement.csv')}")
    return _exits.OK


def _print(found: Any) -> None:
    rows = []
    for game in found.games:
        cells = {cell.engine: cell for cell in found.cells if cell.game == game}
        if any(cell.outcome not in ("no", "absent") for cell in cells.values()):
            value = cells["ours"].value
            rows.append([game, number(round(value, 9)), *(_words(cells[engine]) for engine in found.engines)])
    absent = [e for e in found.engines if any(c.engine == e and c.outcome == "absent" for c in found.cells)]
    widths = [max(len(text) for text in column) for column in zip(["game", "value", *found.engines], *rows, strict=True)]
    # Names that are cut off say nothing: where they do not fit, numbers stand for them.
    heads = found.engines if sum(widths) + 2 * len(widths) <= width() else [str(k + 1) for k in range(len(found.engines))]
    print_table(["game", "value", *heads], rows, right=("value",), whole=("game", "value", *(heads if heads == found.engines else ())))
    if heads != found.engines:
        print_text("columns: " + ", ".join(f"{head} {engine}" for head, engine in zip(heads, found.engines, strict=True)))
    print_text(
        "a number: so many equilibria, all confirmed; of n: so many of those that exist; wrong: of the profiles returned, so many are none."
    )
    if absent:
        print_text(f"not installed: {', '.join(absent)}")


def _words(cell: Any) -> str:
    if cell.outcome == "agrees":
        return cell.note.removeprefix("finds ") or str(cell.equilibria)
    if cell.outcome == "differs":
        wrong = cell.note.partition(" are no")[0]
        return f"wrong: {wrong}" if " of " in wrong else cell.note
    return {"no": "-", "absent": "-", "late": "late", "error": "error"}[cell.outcome]
