"""Run the comparisons named on the command line (all without a name), print a table, write ``benchmarks/results.json``."""

from __future__ import annotations

import argparse
import json
import platform
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from gametheory_rl._support._files import atomic_write

PARTS = ("stage", "solve", "learn", "start")
RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Parse, run, show, save."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="|".join(PARTS), help="which comparisons to run; all by default")
    parts = parser.parse_args().parts or PARTS
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}; known: {', '.join(PARTS)}")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    console = Console()
    for part in parts:
        with console.status(f"measuring {part} ..."):
            rows = import_module(f"benchmarks.{part}").rows()
        results[part] = rows
        console.print(table_of(part, rows))
    results["machine"] = machine()
    atomic_write(RESULTS, json.dumps(results, indent=1) + "\n")
    console.print(f"written to {RESULTS}")


def table_of(part: str, rows: list[dict[str, Any]]) -> Table:
    """Return one part's rows as a table; a ratio above 1 means that we are faster."""
    table = Table("what", "peer", "ours", "peer's", "ratio", title=part)
    for row in rows:
        table.add_row(row["name"], row["peer"], _seconds(row["ours_s"]), _seconds(row["peer_s"]), f"x{row['ratio']:.3g}")
    return table


def _seconds(value: float) -> str:
    scale, unit = next((s, u) for s, u in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (0.0, "ns")) if value >= s)
    return f"{value / (scale or 1e-9):.3g} {unit}"


def machine() -> dict[str, str]:
    """Return what a reader needs to weigh the figures."""
    packages = ("numpy", "numba", "scipy", "quantecon")
    return {"python": platform.python_version(), "processor": platform.machine(), **{name: version(name) for name in packages}}


if __name__ == "__main__":
    main()
