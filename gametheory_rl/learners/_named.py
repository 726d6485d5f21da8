"""A learner from its name and ``name=value`` hyper-parameters."""

from __future__ import annotations

import inspect
import re
from typing import Any

from gametheory_rl._support._errors import GameError, UnknownNameError

SCHEDULES = ("constant", "by_visits", "by_steps", "exponential", "linear")


def make_learner(name: str, settings: dict[str, Any]) -> Any:
    """Return the learner ``name`` with its hyper-parameters set; unknown names are refused with the nearest."""
    from dataclasses import fields

    from gametheory_rl._registry import resolve_learner

    kind = resolve_learner(name)
    known = [each.name for each in fields(kind) if each.init]
    for setting in settings:
        if setting not in known:
            raise UnknownNameError(f"hyper-parameter of {name}", setting, known)
    if getattr(kind, "is_deep", False):
        return kind(**{each: tuple(value) if isinstance(value, list) else value for each, value in settings.items()})
    return kind(**{each: _with_schedule(value) for each, value in settings.items()})


def _with_schedule(value: Any) -> Any:
    """Return ``by_visits(0.75, end=0.01)`` and its like as the schedule that it names, names and commas as a tuple; else as it is."""
    if isinstance(value, str) and re.fullmatch(r"\w+(\s*,\s*\w+)+", value):
        return tuple(name.strip() for name in value.split(","))
    call = re.fullmatch(r"(\w+)\((.*)\)", value) if isinstance(value, str) else None
    if call is None:
        return value
    if call[1] not in SCHEDULES:
        raise UnknownNameError("schedule", call[1], SCHEDULES)
    from gametheory_rl.learners import Schedule

    build = getattr(Schedule, call[1])
    try:
        positional, named = _numbers(call[2])
        return build(*positional, **named)
    except GameError:
        raise
    except (TypeError, ValueError):
        raise GameError(f"{value!r} cannot be read as a schedule; {call[1]}{_signature(build)} was expected, all of them numbers") from None


def _numbers(text: str) -> tuple[list[float], dict[str, float]]:
    positional, named = [], {}
    for part in text.split(","):
        name, equals, number = part.rpartition("=")
        if equals:
            named[name.strip()] = float(number)
        else:
            positional.append(float(number))
    return positional, named


def _signature(build: Any) -> str:
    parameters = inspect.signature(build).parameters.values()
    return "(" + ", ".join(p.name if p.default is p.empty else f"{p.name}={p.default:g}" for p in parameters) + ")"
