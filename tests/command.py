"""What a command answers."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
