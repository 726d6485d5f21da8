"""Copies of environments as they stand."""

from __future__ import annotations

import copy
from types import FunctionType, ModuleType
from typing import Any


def duplicate(env: Any) -> Any:
    """Return a deep copy of an environment, with the state that play has reached.

    Gymnasium's and PettingZoo's ``EzPickle`` makes of a copy a new environment, from the arguments of the old one: a shell of the same
    class with copies of the attributes takes the place of each such object, however deep it lies.
    """
    memo: dict[int, Any] = {}
    found = [each for each in _objects(env) if any(base.__name__ == "EzPickle" for base in type(each).__mro__)]
    for each in found:
        memo[id(each)] = object.__new__(type(each))
    for each in found:
        memo[id(each)].__dict__.update({name: copy.deepcopy(value, memo) for name, value in vars(each).items()})
    return copy.deepcopy(env, memo)


def _objects(root: Any) -> list[Any]:
    """Return every object with attributes that can be reached from ``root`` through attributes, lists, tuples, sets and dicts."""
    waiting, seen, found = [root], {id(root)}, []
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            inside = list(here.values())
        elif isinstance(here, list | tuple | set | frozenset):
            inside = list(here)
        elif isinstance(here, type | ModuleType | FunctionType) or not isinstance(getattr(here, "__dict__", None), dict):
            continue
        else:
            found.append(here)
            inside = list(vars(here).values())
        for each in inside:
            if id(each) not in seen and not isinstance(each, str | int | float | bytes | None):
                seen.add(id(each))
                waiting.append(each)
    return found
