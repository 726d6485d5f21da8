"""What XLA has compiled is kept on disk, beside the kernels' cache, so that only the first run of a shape waits for it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import jax


@cache
def use_cache() -> None:
    """Switch the persistent cache on, unless its user has set a folder; ``GAMETHEORY_RL_CACHE`` moves it."""
    config: Any = jax.config
    if config.jax_compilation_cache_dir is not None:
        return
    try:
        folder = _home() / "jax"
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # a folder that cannot be written costs compiling, nothing else
    jax.config.update("jax_compilation_cache_dir", str(folder))
    # Many small programs take longer together than the few large ones.
    if "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS" not in os.environ:
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.05)
    if "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES" not in os.environ:
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _home() -> Path:
    explicit = os.environ.get("GAMETHEORY_RL_CACHE")
    return Path(explicit or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gametheory_rl"))
