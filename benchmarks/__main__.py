"""Run the comparisons named on the command line (all without a name), print tables, write results.json and docs/speed.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from gametheory_rl._support._files import atomic_write

PARTS = {
    "stage": ("stage", "bimatrix", "enumeration", "nplayers", "failures", "programs", "others"),
    "dynamics": ("dynamics",),
    "large": ("large",),
    "solve": ("solve", "criteria", "paths", "scale"),
    "learn": ("learn", "independent", "joint", "populations"),
    "start": ("start",),
    "sweeps": ("sweeps",),
    "deep": ("deep", "battle"),
    "methods": ("deep_each",),
    "accelerator": ("accelerator",),
}
RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parent.parent / "docs" / "speed.md"
HEADS = ("what", "beside", "ours", "theirs", "ratio", "note")


def main() -> None:
    """Parse, run, show, save."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="|".join(PARTS), help="which comparisons to run; all by default")
    parts = parser.parse_args().parts or list(PARTS)
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}; known: {', '.join(PARTS)}")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    console = Console()
    for module in (module for part in parts for module in PARTS[part]):
        with console.status(f"measuring {module} ..."):
            results[module] = import_module(f"benchmarks.{module}").rows()
        console.print(table_of(module, results[module]))
    results["machine"] = machine()
    atomic_write(RESULTS, json.dumps(results, indent=1) + "\n")
    atomic_write(PAGE, page_of(results))
    console.print(f"written to {RESULTS} and {PAGE}")


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """Return one row as text; a ratio above 1 means that we are faster."""
    peer, ratio = row.get("peer_s"), row.get("ratio")
    note = row.get("note", "") or (f"worst gap {row['worst_gap']:.1e} spans" if "worst_gap" in row else "")
    theirs = "" if peer is None else _seconds(peer)
    return row["name"], row.get("peer", ""), _seconds(row["ours_s"]), theirs, "" if ratio is None else f"x{ratio:.3g}", note


def table_of(title: str, rows: list[dict[str, Any]]) -> Table:
    """Return rows as a table for the terminal."""
    table = Table(*HEADS, title=title)
    for row in rows:
        table.add_row(*cells(row))
    return table


def page_of(results: dict[str, Any]) -> str:
    """Return the documentation's page of figures."""
    made = ", ".join(f"{name} {value}" for name, value in results["machine"].items())
    parts = [
        "# Speed\n",
        "Medians of interleaved runs in one process, ours beside what an expert would write today; above 1 the ratio says we are faster.",
        "Machines differ and are noisy: run `python3 dev.py bench` on yours. This page is written by that command.\n",
        f"Measured with {made}.\n",
    ]
    for module, rows in results.items():
        if module != "machine":
            parts.append(f"## {module}\n\n| {' | '.join(HEADS)} |\n|{'--|' * len(HEADS)}")
            parts.extend(f"| {' | '.join(cells(row))} |" for row in rows)
            parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _seconds(value: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def machine() -> dict[str, str]:
    """Return what a reader needs to weigh the figures."""
    packages = ("numpy", "numba", "scipy", "quantecon")
    return {"python": platform.python_version(), "cores": str(os.cpu_count()), **{name: version(name) for name in packages}}


if __name__ == "__main__":
    main()
