"""Names of a package that are loaded on first use."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def loaded(package: dict[str, Any], homes: Mapping[str, str], name: str) -> Any:
    """Return ``name`` from its home, a module of the package with these globals, and keep it in them.

    Raises
    ------
    AttributeError
        ``name`` has no home.
    """
    if name not in homes:
        raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
    found = getattr(import_module(f"{package['__name__']}.{homes[name]}"), name)
    package[name] = found
    return found
