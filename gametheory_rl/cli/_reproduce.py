"""``gametheory-rl reproduce PAPER``: a paper's experiment, its printed figures beside ours."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl.cli import _exits
from gametheory_rl.cli._options import Json
from gametheory_rl.cli._output import note, number, print_facts, print_json, print_table, print_text


def reproduce(
    paper: Annotated[str | None, typer.Argument(metavar="PAPER", help="A name that --list prints.", show_default=False)] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="A minute or a few, instead of the paper's own size.", show_default=False),
    ] = False,
    out: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Where the tables and the plot go; by default ./PAPER.", show_default=False),
    ] = None,
    seeds: Annotated[int | None, typer.Option(help="How many independent runs.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="The number from which all runs draw their chance.")] = 0,
    listing: Annotated[bool, typer.Option("--list", help="List the papers, and how long each takes.", show_default=False)] = False,
    json: Json = False,
) -> int:
    """Run a paper's experiment again.

    Prints the paper's figures beside ours, writes tables (JSON, CSV) and the paper's plot, and says where and why they differ.
    Ctrl-C keeps what was done; of neural learners the same command goes on from the last seed that ended, whose trace is in FOLDER/parts.
    """
    if listing or paper is None:
        _list(json)
        return _exits.OK
    from gametheory_rl import reproduce
    from gametheory_rl._game_checks import checked_integer
    from gametheory_rl._registry import resolve
    from gametheory_rl.papers._reproduction import made_folder

    resolve("paper", paper)  # neither an unknown name nor a wrong number makes a folder
    if seeds is not None:
        checked_integer(seeds, "seeds", 1, None)
    folder = made_folder(out or paper)
    found = reproduce(paper, quick=quick, seeds=seeds, seed=seed, parts=folder / "parts")
    # Animations are among the parts, to be made again by whoever goes on; people look for them beside the plot.
    films = [film.replace(folder / film.name) for film in sorted((folder / "parts").glob("*.gif"))]
    written = (*found.save(folder), *films)
    if json:
        print_json(found.document())
    else:
        _print(found)
    note(f"wrote {', '.join(str(path) for path in written)}")
    if not found.finished:
        note(f"gametheory-rl: {found.status.value}")
    return _exits.OK if found.finished else _exits.INTERRUPTED


def _list(json: bool) -> None:
    from gametheory_rl._registry import resolve
    from gametheory_rl.papers import list_papers

    papers = {name: resolve("paper", name) for name in list_papers()}
    if json:
        print_json([{"name": n, "title": p.title, "source": p.source, "minutes": p.minutes, "seeds": p.seeds} for n, p in papers.items()])
        return
    rows = [[name, each.title, f"{each.minutes:g} min", str(each.seeds)] for name, each in papers.items()]
    print_table(("name", "what it does", "one core", "seeds"), rows, right=("one core", "seeds"), whole=("name", "one core"))
    print_text("with --quick about a minute each, mean_field2018 six; some claims need the full size", style="dim")


def _print(found: Any) -> None:
    print_facts({found.name: found.title, "source": found.source})
    exact = any(row.exact is not None for row in found.rows)
    robust = found.settings.get("summary") == "interquartile"
    columns = ["figure", "paper", *(["exact"] if exact else []), "ours", "95 %" if robust else "range", "CPU-s"]
    notes = list(dict.fromkeys(row.note for row in found.rows if row.note))
    rows = []
    for row in found.rows:
        name = f"{row.name} [{notes.index(row.note) + 1}]" if row.note else row.name
        truth = [_figure(row.exact) if row.exact is not None else ""] if exact else []
        middle, ends = (row.interquartile_mean, row.bootstrap) if robust else (row.median, row.interval)
        spread = " .. ".join(_figure(end) for end in ends) if len(row.ours) > 1 else ""
        rows.append([name, row.paper, *truth, _figure(middle), spread, f"{row.seconds:.1f}"])
    title = f"ours: the median of {found.settings['seeds']} seeds, and the smallest and the largest"
    if robust:
        title = f"ours: the interquartile mean of {found.settings['seeds']} seeds, and its bootstrap interval"
    print_table(columns, rows, title=title, right=columns[1:], whole=columns[1:])
    for place, text in enumerate(notes, 1):
        print_text(f"[{place}] {text}")
    for heading, sentences in (
        ("Claims", [f"{'holds' if claim.holds else 'DOES NOT HOLD'}: {claim.sentence}" for claim in found.claims]),
        ("Where and why they differ", found.differences),
    ):
        if sentences:
            print_text(f"\n{heading}", style="bold")
            for sentence in sentences:
                print_text(f"- {sentence}")


def _figure(value: float) -> str:
    """Return a number for the table: large ones whole, others with four digits."""
    return f"{value:,.0f}" if abs(value) >= 1000 else number(value, 4)
