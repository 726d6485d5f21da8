"""Where results go: checked before the work begins."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gametheory_rl._support._errors import GameError

PICTURES = (".png", ".pdf", ".svg")
ARRAYS = (".npz",)
FILMS = (".gif",)


def output(path: str | None, endings: Sequence[str], option: str) -> Path | None:
    """Return the path that ``option`` names, sure that a file can be written there.

    Raises
    ------
    GameError
        A wrong ending, a folder, a missing folder, or one that cannot be written to.
    """
    if path is None:
        return None
    target = Path(path)
    if target.is_dir() or path.endswith(("/", os.sep)):
        raise GameError(f"{option} got {path!r}, which is a folder; give a file's name")
    if target.suffix.lower() not in endings:
        raise GameError(f"{option} got {path!r}, a file name ending in {' or '.join(endings)} was expected")
    if not target.parent.is_dir():
        raise GameError(f"{option} got {path!r}, but there is no folder {str(target.parent)!r}; make it first")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise GameError(f"{option} got {path!r}, but the folder {str(target.parent)!r} cannot be written to; choose another")
    return target


def default_name(game: Any, method: str) -> Path:
    """Return a file name in the current folder that nothing has yet, for a result that nobody asked to save."""
    stem = "".join(c if c.isalnum() or c in "_-" else "_" for c in f"{game.name or 'game'}-{method}-interrupted")
    path, count = Path(f"{stem}.npz"), 1
    while path.exists():
        count += 1
        path = Path(f"{stem}-{count}.npz")
    return path


def folder(path: str | None, option: str) -> Path | None:
    """Return the folder that ``option`` names, made if it is not there."""
    if path is None:
        return None
    target = Path(path)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GameError(f"{option} got {path!r}, where no folder can be made: {error.strerror or error}") from None
    return target
