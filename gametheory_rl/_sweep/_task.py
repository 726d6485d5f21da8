"""One run of a sweep, as data that goes to any machine and comes back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Task:
    """What one run is; everything in it is JSON."""

    game: str
    """The catalogue's name, or what the game calls itself."""
    learner: str
    steps: int
    seed: int
    records: int | list[int] = 50
    horizon: int | None = None
    sampling: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    """Of the game's family."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The learner's hyper-parameters."""
    game_file: str | None = None
    """Digest of a game that is not in the catalogue: the results folder holds it."""

    @cached_property
    def id(self) -> str:
        """Name of the run's folder: readable, and different for different runs."""
        words = re.sub(r"[^A-Za-z0-9_-]+", "_", f"{self.learner}-{self.game}"[:60])
        return f"{words}-{self.seed}-{self.digest}"

    @cached_property
    def digest(self) -> str:
        """Hash of all that decides what the run does."""
        text = json.dumps(self.document(), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def document(self) -> dict[str, Any]:
        """Return the task as plain data, which is not to be changed."""
        return {name: getattr(self, name) for name in _FIELDS}

    def columns(self) -> dict[str, Any]:
        """Return what was varied by name: the game's parameters as ``game.rows``, all others by their own names."""
        found: dict[str, Any] = {f"game.{name}": value for name, value in self.parameters.items()} | self.settings
        found |= {"horizon": self.horizon} if self.horizon is not None else {}
        return found | ({"sampling": self.sampling} if self.sampling is not None else {})


_FIELDS = tuple(each.name for each in fields(Task))


@dataclass(frozen=True)
class Outcome:
    """What came of a task."""

    state: str
    """``done`` or ``failed``"""
    sentence: str = ""
    """Why it failed."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the run says of itself: versions, the game's hash, hyper-parameters."""
    end: Mapping[str, float | None] = field(default_factory=dict)
    """The last record: columns by name."""
    seconds: float = 0.0
    """Processor time."""
    where: str = ""
    """Machine and process."""
    arrays: bytes = field(default=b"", repr=False)
    """The run's npz."""

    def header(self) -> dict[str, Any]:
        """Return all but the arrays, as plain data."""
        return {name: value for name, value in vars(self).items() if name != "arrays"}


def failed(sentence: str, where: str = "") -> Outcome:
    """Return the outcome of a run that gave no result, with the reason as one sentence."""
    return Outcome("failed", " ".join(sentence.split())[:500], where=where)
