"""Names of a package that are loaded on first use."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

MODULE = ""


def loaded(package: dict[str, Any], homes: Mapping[str, str], name: str) -> Any:
    """Return ``name`` from its home, a module of the package with these globals, and keep it in them.

    A home may begin with a dot, which is the package above, and ``MODULE`` says that the name is a module itself.

    Raises
    ------
    AttributeError
        ``name`` has no home.
    """
    if name not in homes:
        raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
    home = homes[name]
    module = import_module(f".{home or name}", package["__name__"])
    package[name] = found = getattr(module, name) if home else module
    return found
