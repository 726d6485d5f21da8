"""Settings of all tests: hypothesis profiles. And the command, called in this process."""

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# CI draws the same examples each time; at a desk new ones are tried. No deadline: the first call of a kernel compiles it.
_COMMON = {"deadline": None, "max_examples": 50, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", derandomize=True, database=None, **_COMMON)
settings.register_profile("desk", **_COMMON)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run the command in this process, in an empty folder, as if piped at 80 columns."""
    from gametheory_rl import cli

    from .command import Answer

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", cli.TRACEBACK):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = cli.run(arguments)
        return Answer(code, out.getvalue(), err.getvalue())

    return run
