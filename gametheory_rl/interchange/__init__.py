"""Other people's forms of games: files by their ending, libraries and environments by ``to_...`` and ``from_...``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gametheory_rl._support import _lazy

if TYPE_CHECKING:
    from gametheory_rl.interchange._enumeration import from_pettingzoo
    from gametheory_rl.interchange._environments import to_gymnasium, to_pettingzoo
    from gametheory_rl.interchange._exploration import from_function
    from gametheory_rl.interchange._log import to_json, to_tensorboard
    from gametheory_rl.interchange._nashpy import from_nashpy, to_nashpy
    from gametheory_rl.interchange._networkx import from_networkx, to_networkx
    from gametheory_rl.interchange._openspiel import from_openspiel, to_openspiel
    from gametheory_rl.interchange._pandas import from_pandas, to_pandas
    from gametheory_rl.interchange._prism_labels import prism_labels
    from gametheory_rl.interchange._quantecon import from_quantecon, to_quantecon
    from gametheory_rl.interchange._tabulate import tabulate
    from gametheory_rl.interchange._xarray import from_xarray, to_xarray

__all__ = [
    "from_function",
    "from_nashpy",
    "from_networkx",
    "from_openspiel",
    "from_pandas",
    "from_pettingzoo",
    "from_quantecon",
    "from_xarray",
    "prism_labels",
    "tabulate",
    "to_gymnasium",
    "to_json",
    "to_nashpy",
    "to_networkx",
    "to_openspiel",
    "to_pandas",
    "to_pettingzoo",
    "to_quantecon",
    "to_tensorboard",
    "to_xarray",
]

_HOMES = {
    "_enumeration": ("from_pettingzoo",),
    "_environments": ("to_gymnasium", "to_pettingzoo"),
    "_exploration": ("from_function",),
    "_log": ("to_json", "to_tensorboard"),
    "_nashpy": ("from_nashpy", "to_nashpy"),
    "_networkx": ("from_networkx", "to_networkx"),
    "_openspiel": ("from_openspiel", "to_openspiel"),
    "_pandas": ("from_pandas", "to_pandas"),
    "_prism_labels": ("prism_labels",),
    "_quantecon": ("from_quantecon", "to_quantecon"),
    "_tabulate": ("tabulate",),
    "_xarray": ("from_xarray", "to_xarray"),
}
_LAZY = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load names on first use: who reads a file needs none of them."""
    return _lazy.loaded(globals(), _LAZY, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
