"""What ``reproduce`` returns: figures beside the paper's, claims, differences, and a picture; frozen."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import atomic_write
from gametheory_rl._support._json import jsonable
from gametheory_rl._support._statistics import bootstrap_interval, interquartile_mean
from gametheory_rl.papers._page import markdown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS: tuple[str, ...] = (
    *("figure", "paper", "exact", "ours", "mean", "lowest", "highest"),
    *("interquartile_mean", "bootstrap_low", "bootstrap_high", "seeds", "cpu_seconds", "note"),
)


@dataclass(frozen=True, eq=False)
class Row:
    """One figure of the paper's, and ours."""

    name: str
    paper: str
    """As the paper prints it; empty where it has no such figure."""
    exact: float | None
    """The truth, where it is known."""
    ours: np.ndarray
    """``[seeds]``"""
    seconds: float
    """CPU-seconds of the part of the experiment that it comes from, up to this row."""
    note: str = ""

    @property
    def median(self) -> float:
        """Median over seeds; NaN where no seed has a figure."""
        return float(np.median(self._known))

    @property
    def interval(self) -> tuple[float, float]:
        """Smallest and largest seed: between them lies the median of all possible seeds, with probability 1 - 2^(1 - seeds)."""
        return float(self._known.min()), float(self._known.max())

    @property
    def interquartile_mean(self) -> float:
        """Mean over seeds without the lowest and the highest quarter."""
        return float(interquartile_mean(self._known))

    @property
    def bootstrap(self) -> tuple[float, float]:
        """Interval of the interquartile mean at 95 %, by the bootstrap; NaN of one seed."""
        return bootstrap_interval(self._known)

    @property
    def _known(self) -> np.ndarray:
        known = self.ours[np.isfinite(self.ours)]
        return known if known.size else np.array([np.nan])

    def document(self) -> dict[str, Any]:
        """Return the row by names, as the CSV file has it."""
        low, high = self.interval
        cells = (
            self.name,
            self.paper,
            self.exact,
            self.median,
            float(self._known.mean()),
            low,
            high,
            self.interquartile_mean,
            *self.bootstrap,
            len(self.ours),
            self.seconds,
            self.note,
        )
        return dict(zip(COLUMNS, cells, strict=True))


@dataclass(frozen=True)
class Claim:
    """Something that the paper says, and whether it is found here."""

    sentence: str
    holds: bool


@dataclass(frozen=True, eq=False)
class Reproduction:
    """A paper's experiment, run again."""

    name: str
    title: str
    source: str
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...]
    differences: tuple[str, ...]
    """Where our figures are not the paper's, and why."""
    data: Mapping[str, np.ndarray]
    """What the plot is drawn from."""
    settings: Mapping[str, Any]
    """quick, effort, seeds, seed, versions, seconds, and what each run was told; JSON values only."""
    status: Status
    panels: Callable[[Mapping[str, np.ndarray]], Sequence[Callable[[Axes], object]]] = field(repr=False)

    @property
    def finished(self) -> bool:
        """Whether nothing is missing: Ctrl-C keeps what was done."""
        return self.status is Status.FINISHED

    def figure(self) -> Figure:
        """Draw the paper's plot with our data; refuses a reproduction that was interrupted."""
        if not self.finished:
            raise GameError(f"the plot of {self.name} needs all of its data, and the run was interrupted; run it again, or with quick=True")
        from gametheory_rl.plots._sheets import sheet

        return sheet(self.panels(self.data))

    def document(self) -> dict[str, Any]:
        """Return everything but the picture, as the JSON file has it."""
        return jsonable(
            {
                "paper": self.name,
                "title": self.title,
                "source": self.source,
                "status": self.status.name.lower(),
                "rows": [row.document() | {"each_seed": row.ours} for row in self.rows],
                "claims": [{"sentence": claim.sentence, "holds": claim.holds} for claim in self.claims],
                "differences": self.differences,
                "data": self.data,
                "settings": self.settings,
            }
        )

    def markdown(self) -> str:
        """Return figures and claims as a table for a page; ``NAME.md`` of ``save``."""
        return markdown(self.document())

    def save(self, folder: str | Path) -> tuple[Path, ...]:
        """Write ``NAME.json``, ``NAME.csv``, ``NAME.md`` and, of a finished reproduction, ``NAME.png`` into ``folder``.

        The folder is made where it is missing; each file is written whole or not at all. Returns their paths.
        """
        where = made_folder(folder)
        table = io.StringIO(newline="")
        writer = csv.DictWriter(table, COLUMNS)
        writer.writeheader()
        writer.writerows(row.document() for row in self.rows)
        written = [
            atomic_write(where / f"{self.name}.json", json.dumps(self.document(), indent=1, allow_nan=False) + "\n"),
            atomic_write(where / f"{self.name}.csv", table.getvalue()),
            atomic_write(where / f"{self.name}.md", self.markdown()),
        ]
        if self.finished:
            from gametheory_rl.plots._sheets import write_picture

            written.append(write_picture(self.figure(), where / f"{self.name}.png"))
        return tuple(written)

    def __repr__(self) -> str:
        """Return one line: which paper, how many figures, how many claims hold."""
        held = sum(claim.holds for claim in self.claims)
        return f"Reproduction({self.name}, {len(self.rows)} figures, {held} of {len(self.claims)} claims hold: {self.status.value})"


def made_folder(folder: str | Path) -> Path:
    """Return ``folder``, made where it is missing; refuses one that cannot be written into."""
    where = Path(folder)
    try:
        where.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise GameError(f"cannot write into {where}: {getattr(error, 'strerror', None) or error}; give another folder") from None
    if not os.access(where, os.W_OK | os.X_OK):
        raise GameError(f"cannot write into {where}: permission denied; give another folder")
    return where
