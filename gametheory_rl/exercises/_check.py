"""``check``: an answer goes to the judge of its exercise, which computes the truth and says right, or not yet and why."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gametheory_rl._support._errors import UnknownNameError
from gametheory_rl.exercises._answers import Judge, NotYet

LESSONS = 12


@dataclass(frozen=True)
class Feedback:
    """What ``check`` returns; true where the answer is right."""

    exercise: str
    """``lesson.number``"""
    passed: bool
    message: str
    """One or two sentences: what is wrong and a hint, or what the right answer shows."""

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        """Return the sentence that a notebook shows."""
        return f"{self.exercise}: {'right' if self.passed else 'not yet'}. {self.message}"


def check(exercise: str, answer: Any) -> Feedback:
    """Check the answer to an exercise of the lessons.

    Parameters
    ----------
    exercise : str
        Its number, ``lesson.number``: ``"2.1"``.
    answer : object
        What the exercise asks for: a number, a list of probabilities, a game, ...; None: not answered yet.

    Returns
    -------
    Feedback
        Whether it is right, and what to look at where it is not. A wrong type is a wrong answer, not an error.

    Raises
    ------
    UnknownNameError
        There is no such exercise.

    Notes
    -----
    The truth is computed by the package when it is asked for; no answer is written down anywhere.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.exercises.check("1.1", None)
    1.1: not yet. Put your answer in the place of None.
    >>> gt.exercises.check("1.1", "three").passed
    False
    """
    name = str(exercise)
    judge = _judges().get(name)
    if judge is None:
        raise UnknownNameError("exercise", name, list_exercises())
    if answer is None:
        return Feedback(name, False, "Put your answer in the place of None.")
    try:
        return Feedback(name, True, judge(answer))
    except NotYet as said:
        return Feedback(name, False, str(said))


def list_exercises(lesson: int | None = None) -> list[str]:
    """Return the numbers of all exercises, or of those of one lesson.

    Parameters
    ----------
    lesson : int, optional
        From 1 to 12.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.exercises.list_exercises(1)[:2]
    ['1.1', '1.2']
    """
    names = sorted(_judges(), key=lambda name: tuple(map(int, name.split("."))))
    return [name for name in names if lesson is None or name.startswith(f"{lesson}.")]


def _judges() -> dict[str, Judge]:
    found: dict[str, Judge] = {}
    for lesson in range(1, LESSONS + 1):
        judges: tuple[Judge, ...] = import_module(f"gametheory_rl.exercises._lesson_{lesson:02d}").JUDGES
        found |= {f"{lesson}.{number}": judge for number, judge in enumerate(judges, 1)}
    return found
