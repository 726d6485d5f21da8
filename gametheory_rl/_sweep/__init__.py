"""Sweeps: many runs over processes or a Dask cluster, each kept once and whole, resumed by default.

``_design`` reads and checks what is to be run, ``_axes`` spans it, and ``_parts`` makes games and learners once beforehand; a ``Task``
is one run as data, and ``_perform`` turns it into an ``Outcome``, the same wherever it happens: ``_executors``, ``_pool`` or ``_dask``.
``_run`` hands out tasks and keeps outcomes in a ``_folder`` with its ``_index``; ``_results`` reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gametheory_rl._support import _lazy

if TYPE_CHECKING:
    from gametheory_rl._sweep._estimate import SweepPlan, plan_sweep
    from gametheory_rl._sweep._results import Results, load_results
    from gametheory_rl._sweep._run import sweep

__all__ = ["Results", "SweepPlan", "load_results", "plan_sweep", "sweep"]

_HOMES = {"_estimate": ("SweepPlan", "plan_sweep"), "_results": ("Results", "load_results"), "_run": ("sweep",)}
_LAZY = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load names on first use: to read results takes no learner."""
    return _lazy.loaded(globals(), _LAZY, name)
