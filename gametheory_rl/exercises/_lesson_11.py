"""Lesson 11."""

from __future__ import annotations

from gametheory_rl.exercises._answers import Judge

JUDGES: tuple[Judge, ...] = ()
