"""The plots without their types: tests look at artists from sides that matplotlib's stubs leave out."""

from typing import Any

from gametheory_rl import plots as _plots

plots: Any = _plots
