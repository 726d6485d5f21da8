"""Worlds by their registered names."""

from __future__ import annotations

from inspect import signature
from typing import Any

from gametheory_rl._registry import resolve, table
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.deep.envs._world import World


def load_world(name: str, **settings: Any) -> World:
    """Return the world registered as ``name``.

    Parameters
    ----------
    name : str
        One of ``list_worlds()``.
    **settings
        What the world's class takes, for example ``agents=5`` of ``spread``.

    Raises
    ------
    GameError
        An unknown name or setting (with the nearest one), or a setting out of its range.

    Examples
    --------
    >>> from gametheory_rl.deep import load_world
    >>> load_world("levers", pool=50).observation_sizes
    (50, 50, 50, 50, 50)
    """
    build = resolve("world", name)
    known = signature(build).parameters
    for setting in settings:
        if setting not in known:
            raise UnknownNameError(f"setting of the world {name},", setting, known)
    try:
        return build(**settings)
    except TypeError as error:
        raise GameError(f"the world {name} cannot be made: {error}") from None


def list_worlds() -> list[str]:
    """Return the names of all registered worlds."""
    return sorted(table("world"))
