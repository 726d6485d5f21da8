"""Refusing what does not fit, before the memory is taken."""

import os
from math import prod

from gametheory_rl._support._errors import GameError

GIB = 1024**3
LEGIBLE = 10**15
"""Longer numbers are rounded in a sentence."""


def available_bytes() -> int:
    """Return the memory that can be taken now, in bytes (8 GiB where the system does not say)."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 8 * GIB


def require_memory(shape: tuple[int, ...], what: str, remedy: str, *, item_bytes: int = 8) -> None:
    """Raise ``GameError`` where an array of ``shape`` would take more than nine tenths of what is free."""
    needed, free = prod(shape) * item_bytes, available_bytes()
    if needed > 0.9 * free:
        size = " x ".join(str(n) if n < LEGIBLE else _rounded(n) for n in shape)
        raise GameError(f"{what} ({size}) needs {_rounded(needed, GIB)} GiB and {free / GIB:.3g} GiB are free; {remedy}")


def _rounded(number: int, unit: int = 1) -> str:
    """Return three digits of ``number`` / ``unit``, also of a number that no float holds."""
    try:
        return f"{number / unit:.3g}"
    except OverflowError:
        return f"1e+{len(str(number // unit)) - 1}"
