"""The README's table against peers, from results.json: ``python -m benchmarks.readme`` writes it between its marks.

The rows are chosen once, here: the main tasks, and those where the other library is the faster one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.__main__ import RESULTS, cells
from gametheory_rl._support._files import atomic_write

README = Path(__file__).parent.parent / "README.md"
OPEN, CLOSE = "<!-- peers: python -m benchmarks.readme -->", "<!-- /peers -->"
ROWS = (
    ("stage", "100,000 games 3x3", ""),
    ("others", "one game 5x5", "open_spiel"),
    ("bimatrix", "100,000 games 3x3, uniform", ""),
    ("enumeration", "all equilibria 8x8, uniform, by vertices", ""),
    ("enumeration", "all equilibria 5x5, uniform, by supports", "nashpy support_enumeration"),
    ("nplayers", "one equilibrium, 3x3x3", ""),
    ("solve", "10,000 states, uniform, 0.9", ""),
    ("learn", "Minimax-Q, soccer, 1,000,000 steps, 1 seed", ""),
    ("independent", "WoLF-PHC, soccer, one step of both players", ""),
    ("populations", "mean-field Q, Ising 20 x 20, one sweep", "NumPy, half a board at a time"),
    ("deep", "IPPO on spread, 16 environments, one network for all", ""),
    ("deep", "mean-field Q on spread, 16 environments", ""),
    ("deep", "mean-field Q on spread, 16 environments, XuanCe's settings", ""),
    ("stage", "one game 2x2", ""),
    ("bimatrix", "one game 5x5, uniform", ""),
    ("nplayers", "one equilibrium, 2x2x2", ""),
    ("criteria", "reachability, 1,000 states, play ends with chance 0.1", ""),
    ("criteria", "average payoff, 1,000 states, play stays with chance 0", ""),
    ("battle", "battle, 64 against 64, random play", ""),
)
"""Section, name, and peer where several have that name."""
KINDS = {
    "stage": "zero-sum, ",
    "others": "zero-sum, ",
    "bimatrix": "one equilibrium, ",
    "solve": "stochastic game, ",
    "deep": "a training step, ",
    "battle": "an environment step, ",
}
"""What the sections' names leave out."""


def table(results: dict[str, Any]) -> str:
    """Return the table as Markdown; a ratio below 1 says that the other library is faster."""
    lines = ["| task | ours | theirs | the other | we are faster by |", "|--|--:|--:|--|--:|"]
    for section, name, peer in ROWS:
        row = next(row for row in results[section] if row["name"] == name and row.get("peer", "").startswith(peer))
        _, beside, ours, theirs, ratio, _ = cells(row)
        lines.append(f"| {KINDS.get(section, '')}{name} | {ours} | {theirs} | {beside} | {ratio.removeprefix('x')} |")
    return "\n".join(lines)


def filled(text: str, results: dict[str, Any]) -> str:
    """Return the README's text with the table between its marks."""
    head, _, rest = text.partition(OPEN)
    return f"{head}{OPEN}\n{table(results)}\n{CLOSE}{rest.partition(CLOSE)[2]}"


if __name__ == "__main__":
    atomic_write(README, filled(README.read_text(encoding="utf-8"), json.loads(RESULTS.read_text(encoding="utf-8"))))
