"""What ``solve`` is asked: which options go together, and what they say."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from gametheory_rl._support._errors import GameError

TAKES = {
    "horizon": {"horizon", "concept", "select", "final", "tol", "state"},
    "reach": {"reach", "player", "tol", "max_iterations", "state"},
    "safe": {"safe", "player", "tol", "max_iterations", "state"},
    "average": {"average", "tol", "max_iterations", "state"},
    "matrix": {"concept", "objective", "player", "precision", "leader", "weak", "select", "label", "state"},
    "values": {"method", "tol", "max_iterations", "select", "path", "prior", "state", "dask"},
}
"""The options of each question: a game of so many stages, criteria without a discount, a matrix game, a stochastic game without end."""
NAMED = ("horizon", "reach", "safe", "average")
"""Questions that an option of their own asks."""
ONLY_MATRIX = TAKES["matrix"] - TAKES["values"]
STOCHASTIC = ("method", "tol", "max_iterations", "path", "prior", "dask")
"""Asked of a matrix game, these make it a stochastic one of a single state."""


def question(game: Any, asked: Mapping[str, Any]) -> str:
    """Return which of ``TAKES`` the options ask; those that belong to another are refused."""
    matrix = game.num_states == 1 and not game.discount.any()
    named = _first(asked, NAMED)
    if named is not None:
        found = named
    elif matrix and (not any(name in asked for name in STOCHASTIC) or _first(asked, ONLY_MATRIX)):
        found = "matrix"
    else:
        found = "values"
    wrong = next((name for name in asked if name not in TAKES[found]), None)
    if wrong is not None:
        raise GameError(_refusal(game, found, wrong, asked))
    return found


def _refusal(game: Any, found: str, wrong: str, asked: Mapping[str, Any]) -> str:
    if found in NAMED:
        return f"{flag(wrong)} does not go with {flag(found)}, which takes {_list(TAKES[found] - {found})}"
    if found == "matrix":
        concept = flag(_first(asked, ONLY_MATRIX) or "")
        return (
            f"{flag(wrong)} and {concept} do not go together: {flag(wrong)} is for values of stochastic games, {concept} for matrix games"
        )
    size = f"{game.num_states} states" if game.num_states > 1 else f"a discount of {game.discount[0]:g}"
    if game.num_states == 1 and not game.discount.any():
        size = f"{flag(_first(asked, STOCHASTIC) or '')}, which takes it as a stochastic game"
    if wrong == "final":
        return "--final is what states are worth when all stages are over; give --horizon with it"
    instead = "; give --horizon, or a --method such as correlated_iteration" if wrong == "concept" else "; leave it out"
    return f"{flag(wrong)} is for matrix games, of one state and played once, and this one has {size}{instead}"


def _first(asked: Mapping[str, Any], names: Any) -> str | None:
    return next((name for name in asked if name in names), None)


def flag(name: str) -> str:
    """Return an option's name as it is written on the command line."""
    return f"--{name.replace('_', '-')}"


def _list(names: Any) -> str:
    *most, last = sorted(flag(name) for name in names)
    return f"{', '.join(most)} and {last}"


def selection(text: str | None) -> Any:
    """Return ``--select``: a rule, or one for each player between commas; None where there is none."""
    if text is None:
        return None
    rules = tuple(part.strip() for part in text.split(","))
    return rules[0] if len(rules) == 1 else rules


def prior_of(text: str) -> Any:
    """Return ``--prior``: a seed, or the profile in a file."""
    try:
        return int(text)
    except ValueError:
        pass
    from gametheory_rl._results import profile_from_arrays
    from gametheory_rl._support._files import read_arrays

    if not text.lower().endswith(".npz"):
        raise GameError(f"--prior got {text!r}, a seed from 0 up, or a file ending in .npz was expected")
    try:
        return profile_from_arrays(read_arrays(text))
    except GameError as error:
        raise GameError(f"cannot take {text} as --prior: {error}") from None


def final_of(text: str, players: int, states: int) -> Any:
    """Return ``--final``: one number for everybody everywhere, or the array ``values`` ``(n, S)`` in a file, as a saved solution has it."""
    import numpy as np

    from gametheory_rl._support._files import read_arrays

    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if not np.isfinite(number):
            raise GameError(f"--final got {text}, a finite number was expected")
        return np.full((players, states), number)
    if not text.lower().endswith(".npz"):
        raise GameError(f"--final got {text!r}, a number, or a file ending in .npz was expected")
    try:
        found = read_arrays(text)["values"]
    except KeyError:
        raise GameError(f"cannot take {text} as --final: it has no array 'values'") from None
    except GameError as error:
        raise GameError(f"cannot take {text} as --final: {error}") from None
    if found.shape != (players, states):
        raise GameError(f"cannot take {text} as --final: values have shape {found.shape}, {(players, states)} was expected")
    return found


def refuse_settings(method: str, settings: Mapping[str, Any]) -> None:
    """Refuse settings that the method does not take, and say which methods do."""
    if not settings:
        return
    from gametheory_rl._registry import resolve, table

    def takes(solver: str, name: str) -> bool:
        known = inspect.signature(resolve("solver", solver)).parameters
        return any(p.kind is p.VAR_KEYWORD for p in known.values()) or (name in known and known[name].annotation != "None")

    for name in settings if method in table("solver") else ():
        if not takes(method, name):
            takers = [solver for solver in table("solver") if takes(solver, name)]
            raise GameError(f"{method} takes no {flag(name)}; {', '.join(takers)} {'takes' if len(takers) == 1 else 'take'} it")
