"""The section of learners: trained in parts, so that the page can draw the exact gap as it falls."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gametheory_rl import Run, diagnose, learn, load_game, plots, solve
from gametheory_rl._registry import table
from gametheory_rl.app._figures import png

PARTS = 8
"""Pictures that are drawn while a learner trains."""
RECORDS = 40


def learners() -> list[str]:
    """Return the names of the learners that play stochastic games."""
    return [name for name in table("learner") if name != "mean_field_q"]


def parts(steps: int) -> list[int]:
    """Return the steps, log-spaced and ascending, at which the picture is drawn; ``steps`` is the last."""
    return sorted({round(step) for step in np.geomspace(max(1, steps / 1000), steps, PARTS)})


def train(game: str, learner: str, steps: int, seeds: int) -> Iterator[tuple[float, Run]]:
    """Yield the share done and the run so far, part by part; the last is bit for bit the run in one go.

    Raises
    ------
    GameError
        A learner that cannot play the game.
    """
    played = load_game(game)
    # Else every part would solve the game anew; a centralised learner is measured on another game.
    exact = solve(played, progress=False) if played.zero_sum and learner != "centralised_q" else None
    records = sorted({round(step) for step in np.geomspace(max(1, steps / 1000), steps, RECORDS)})
    with tempfile.TemporaryDirectory() as folder:
        for end in parts(steps):
            kept = [record for record in records if record < end]
            run = learn(
                played,
                learner,
                steps=end,
                seeds=seeds,
                records=[*kept, end],
                exact=exact,
                checkpoint=Path(folder) / "part.npz",
                progress=False,
            )
            yield end / steps, run


def gap_picture(run: Run) -> bytes:
    """Return the exact gap over the steps so far: median over seeds, from the best to the worst."""
    return png(lambda ax: plots.nash_gap(run, ax=ax), (7.6, 4.4))


def verdict(run: Run) -> str:
    """Return in one or two sentences what became of the run."""
    found = diagnose(run)
    gaps = run.trace["nash_gap"][:, -1]
    said = f"{found.sentence[:1].upper()}{found.sentence[1:]}"
    return f"{said} Exact gap at the end: median {np.median(gaps):.3g}, from {gaps.min():.3g} to {gaps.max():.3g}."
