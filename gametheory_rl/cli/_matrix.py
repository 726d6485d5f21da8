"""``gametheory-rl solve`` on a matrix game: what it is, its payoffs with best responses, and what a concept says of it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli import _exits
from gametheory_rl.cli._matrix_tables import Matrix, print_answer, print_game
from gametheory_rl.cli._output import note, print_json

EXACT_CELLS = 10_000
"""Larger games are taken as floats throughout."""


def solve_matrix(
    game: Any, where: str | None, concept: str, options: Mapping[str, Any], *, json: bool, save: Path | None, plot: Path | None
) -> int:
    """Solve a matrix game by a concept and show the answer; ``where``: the file or name with its payoffs as they are written."""
    from gametheory_rl import classify
    from gametheory_rl._registry import resolve

    ask = resolve("concept", concept)
    _check_options(concept, options)
    if plot is not None and (game.num_players > 2 or max(game.num_actions) > 12):
        raise GameError(f"--plot draws a table of one or two players and at most 12 actions each, not {game!r}")
    matrix = _matrix(game, where)
    classes = classify(game)
    answer = ask(matrix.payoffs, **options)
    if save is not None:
        note(f"saved {_save(matrix, answer, save)}")
    if json:
        print_json(_document(matrix, classes, concept, answer))
    else:
        print_game(matrix, classes)
        print_answer(matrix, answer)
    if plot is not None:
        from gametheory_rl.plots._sheets import stage_sheet, write_picture

        note(f"drew {write_picture(stage_sheet(game, _profile(matrix, answer)), plot)}")
    return _exits.OK


def _check_options(concept: str, options: Mapping[str, Any]) -> None:
    """Refuse options that the concept does not know."""
    from gametheory_rl._registry import resolve, table

    known = {name: list(inspect.signature(resolve("concept", name)).parameters)[1:] for name in table("concept")}
    for option in options:
        if option not in known[concept]:
            flag = {"strong": "--weak", "strict": "--weak"}.get(option, f"--{option}")
            same = ("strong", "strict") if flag == "--weak" else (option,)
            owners = " and ".join(name for name, names in known.items() if any(each in names for each in same))
            raise GameError(f"{flag} goes with --concept {owners}, not with {concept}")


def _matrix(game: Any, where: str | None) -> Matrix:
    import numpy as np

    from gametheory_rl import load_payoffs
    from gametheory_rl.equilibria._concepts import exactly

    actions = [np.flatnonzero(mask[0]).tolist() for mask in game.legal]
    whole = all(mask.all() for mask in game.legal)
    payoffs = game.payoff[:, 0][np.ix_(range(game.num_players), *actions)]
    if payoffs[0].size <= EXACT_CELLS:
        payoffs = load_payoffs(where) if where is not None and whole else exactly(payoffs)
    return Matrix(game, payoffs, actions)


# ---- files -----------------------------------------------------------------------------------------------------------


def _document(matrix: Matrix, classes: Any, concept: str, answer: Any) -> dict[str, Any]:
    import numpy as np

    found = []
    for k, profile in enumerate(answer.profiles):
        values = answer.values[:, k]
        entry = {"profile": [mixed.astype(np.float64) for mixed in profile], "values": values.astype(np.float64)}
        if profile[0].dtype == object:
            entry |= {"fractions": [[str(p) for p in mixed] for mixed in profile], "exact_values": [str(value) for value in values]}
        found.append(entry)
    return {
        "game": matrix.game.name,
        "classes": {name: {"holds": trait.holds, "reason": trait.reason} for name, trait in classes.traits().items()},
        "actions": [[matrix.action(i, k) for k in range(len(actions))] for i, actions in enumerate(matrix.actions)],
        "concept": concept,
        "message": answer.says,
        "complete": answer.complete,
        "degenerate": answer.degenerate,
        "start_values": answer.values[:, 0].astype(np.float64) if answer.values.size else None,
        "equilibria": found,
        "components": answer.components,
        "distribution": None if answer.distribution is None else answer.distribution.astype(np.float64),
        "survivors": answer.survivors,
        "largest_gain": answer.shortfall,
    }


def _profile(matrix: Matrix, answer: Any) -> Any:
    """Return the first profile, or the device, over all actions and one state; None where the concept has none."""
    import numpy as np

    sizes = matrix.game.num_actions
    if answer.distribution is not None:
        whole = np.zeros((1, *sizes))
        whole[(0, *np.ix_(*matrix.actions))] = answer.distribution
        return whole
    return _padded(matrix, answer.profiles[0]) if answer.profiles else None


def _padded(matrix: Matrix, profile: Any) -> tuple[Any, ...]:
    import numpy as np

    whole = tuple(np.zeros((1, size)) for size in matrix.game.num_actions)
    for policy, actions, mixed in zip(whole, matrix.actions, profile, strict=True):
        policy[0, actions] = mixed.astype(np.float64)
    return whole


def _save(matrix: Matrix, answer: Any, path: Path) -> Path:
    """Write the first profile in the form that ``verify`` reads, and all of them beside it."""
    import numpy as np

    from gametheory_rl._results import profile_arrays
    from gametheory_rl._support._files import write_arrays

    first = _profile(matrix, answer)
    if first is None:
        raise GameError("--save keeps profiles, and this answer has none; leave --save out, or ask for --json")
    arrays = profile_arrays(first) | {"values": answer.values.astype(np.float64)}
    for k, profile in enumerate(answer.profiles):
        arrays |= {f"equilibria/{k}/{name}": policy for name, policy in profile_arrays(_padded(matrix, profile)).items()}
    return write_arrays(path, arrays)
