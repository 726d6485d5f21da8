"""Settings of all tests: hypothesis profiles, and one kernel cache per parallel worker."""

import os

from hypothesis import HealthCheck, settings

# CI draws the same examples each time; at a desk new ones are tried. No deadline: the first call of a kernel compiles it.
_COMMON = {"deadline": None, "max_examples": 50, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", derandomize=True, database=None, **_COMMON)
settings.register_profile("desk", **_COMMON)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# Workers that compile the same kernel at once could overwrite one another's entries in numba's index, so each keeps its own cache.
# This must come before any test imports the package.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    from gametheory_rl._support import _compile

    os.environ["GAMETHEORY_RL_CACHE"] = str(_compile._cache_home() / "tests" / worker)
