"""``gametheory-rl solve`` on a matrix game: what it is, its payoffs with best responses, and what a concept says of it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from gametheory_rl._support._errors import GameError
from gametheory_rl.cli import _exits
from gametheory_rl.cli._output import note, number, print_facts, print_json, print_table, print_text, underlined

KINDS = {
    "zero_sum": "zero-sum",
    "constant_sum": "constant-sum",
    "common_interest": "common-interest",
    "symmetric": "symmetric",
    "potential": "potential game",
    "dominance_solvable": "dominance-solvable",
    "degenerate": "degenerate",
}
TABLE_ACTIONS, TABLES, ROWS = 10, 8, 100
"""A table has so many rows and columns at most; so many of them are printed for three players and more; so many equilibria listed."""
WRITABLE = 9_999
"""Fractions with larger denominators are printed as decimals."""
EXACT_CELLS = 10_000
"""Larger games are taken as floats throughout."""


class Matrix(NamedTuple):
    """A stage game over its legal actions."""

    game: Any
    payoffs: Any
    """``[n, A_1, ..., A_n]`` Fractions, or floats where the game is large"""
    actions: list[list[int]]
    """The legal actions of each player, by their numbers in the game."""

    def action(self, player: int, k: int) -> str:
        """Return the name of a player's k-th legal action."""
        return self.game.labels.action(player, self.actions[player][k])

    def player(self, player: int) -> str:
        """Return the name of a player."""
        return self.game.labels.player(player)


def is_matrix_game(game: Any) -> bool:
    """Whether the game has one state and is played once."""
    return game.num_states == 1 and not game.discount.any()


def solve_matrix(
    game: Any, where: str | None, concept: str, options: Mapping[str, Any], *, json: bool, save: Path | None, plot: Path | None
) -> int:
    """Solve a matrix game by a concept and show the answer; ``where``: the file or name with its payoffs as they are written."""
    from gametheory_rl import classify
    from gametheory_rl._registry import resolve

    ask = resolve("concept", concept)
    _check_options(ask, concept, options)
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
        _print_game(matrix, classes)
        _print_answer(matrix, answer)
    if plot is not None:
        from gametheory_rl.plots._sheets import stage_sheet, write_picture

        note(f"drew {write_picture(stage_sheet(game, _profile(matrix, answer)), plot)}")
    return _exits.OK


def _check_options(ask: Any, concept: str, options: Mapping[str, Any]) -> None:
    """Refuse options that the concept does not know."""
    from gametheory_rl._registry import resolve, table

    known = {name: list(inspect.signature(resolve("concept", name)).parameters)[1:] for name in table("concept")}
    for option in options:
        if option not in known[concept]:
            flag = {"strong": "--weak", "strict": "--weak"}.get(option, f"--{option}")
            owners = " and ".join(name for name, names in known.items() if option in names)
            raise GameError(f"{flag} goes with --concept {owners}, not with {concept}")
    del ask


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


# ---- the game --------------------------------------------------------------------------------------------------------


def _print_game(matrix: Matrix, classes: Any) -> None:
    game, traits = matrix.game, classes.traits()
    sizes = " x ".join(str(len(actions)) for actions in matrix.actions)
    asked = {name: traits[name] for name in KINDS if not (name == "constant_sum" and classes.zero_sum)}
    facts = {
        game.name or "the game": f"{game.num_players} player{'s' if game.num_players > 1 else ''}, {sizes} actions, played once",
        "it is": "; ".join(KINDS[name] for name, trait in asked.items() if trait.holds) or "of no special kind",
        "it is not": "; ".join(KINDS[name] for name, trait in asked.items() if trait.holds is False),
        "solvable": classes.dominance_solvable.reason if classes.dominance_solvable else "",
        "no potential": classes.potential.reason if classes.potential.holds is False else "",
        "undecided": "; ".join(f"{KINDS[name]} ({trait.reason})" for name, trait in asked.items() if trait.holds is None),
    }
    print_facts({name: text for name, text in facts.items() if text})
    _print_payoffs(matrix)


def _print_payoffs(matrix: Matrix) -> None:
    from numpy import ndindex

    sizes = [len(actions) for actions in matrix.actions]
    if max(sizes) > TABLE_ACTIONS:
        print_text(f"\n(the payoffs of {' x '.join(map(str, sizes))} actions do not fit a table; show GAME --json prints them)")
        return
    best = _best_responses(matrix)
    mark = underlined([("underlined", True)]).plain
    how = "underlined" if mark == "underlined" else "marked *"
    to_whom = ", ".join(matrix.player(i) for i in range(len(sizes)))
    print_text(f"\npayoffs to {to_whom}; best responses {how}", style="bold")
    if len(sizes) == 1:
        cells = [[matrix.action(0, a), _cell(matrix, best, (a,))] for a in range(sizes[0])]
        print_table([matrix.player(0), "payoff"], cells, right=("payoff",))
        return
    for others in islice(ndindex(*sizes[2:]), TABLES):
        named = ", ".join(f"{matrix.player(k + 2)} plays {matrix.action(k + 2, a)}" for k, a in enumerate(others))
        heads = ["", *(matrix.action(1, b) for b in range(sizes[1]))]
        rows = [[matrix.action(0, a), *(_cell(matrix, best, (a, b, *others)) for b in range(sizes[1]))] for a in range(sizes[0])]
        print_table(heads, rows, title=named)
    if math.prod(sizes[2:]) > TABLES:
        print_text(f"... and {math.prod(sizes[2:]) - TABLES} more tables; show GAME --json prints all")


def _best_responses(matrix: Matrix) -> Any:
    """Return ``(n, A_1, ..., A_n)`` bool: whether a player's action in a cell is a best one against the others'."""
    import numpy as np

    from gametheory_rl.equilibria import best_responses

    payoffs = matrix.payoffs.astype(np.float64)
    best = np.zeros(payoffs.shape, dtype=np.bool_)
    for player in range(len(payoffs)):
        for others in np.ndindex(*np.delete(payoffs.shape[1:], player)):
            cell = [*others[:player], slice(None), *others[player:]]
            profile: list[Any] = [None if isinstance(a, slice) else a for a in cell]
            column = best[(player, *cell)]
            column[best_responses(payoffs, profile, player)] = True
    return best


def _cell(matrix: Matrix, best: Any, cell: tuple[int, ...]) -> Any:
    parts: list[tuple[str, bool]] = []
    for i in range(len(matrix.payoffs)):
        parts += [(", ", False)] * (i > 0) + [(written(matrix.payoffs[(i, *cell)]), bool(best[(i, *cell)]))]
    return underlined(parts)


# ---- the answer ------------------------------------------------------------------------------------------------------


def _print_answer(matrix: Matrix, answer: Any) -> None:
    print_text(f"\n{answer.says}", style="bold")
    players = range(len(matrix.payoffs))
    if answer.survivors:
        print_facts({matrix.player(i): ", ".join(matrix.action(i, int(a)) for a in answer.survivors[i]) for i in players})
    if answer.distribution is not None:
        _print_distribution(matrix, answer)
    if answer.profiles:
        heads = ["", *(f"{matrix.player(i)} plays" for i in players), "payoffs"]
        rows = []
        for k, profile in enumerate(answer.profiles[:ROWS]):
            plays = [_mixed(matrix, i, mixed) for i, mixed in enumerate(profile)]
            rows.append([str(k + 1), *plays, ", ".join(written(value) for value in answer.values[:, k])])
        print_table(heads, rows)
        if len(answer.profiles) > ROWS:
            print_text(f"... and {len(answer.profiles) - ROWS} more; --json and --save have all")
    _print_components(answer)
    if (answer.profiles or answer.distribution is not None) and not math.isnan(answer.shortfall):
        judged = [mixed for profile in answer.profiles for mixed in profile] or [answer.distribution]
        proved = all(mixed.dtype == object for mixed in judged)
        what = "exactly 0" if proved else f"{answer.shortfall:.2g}, in floating point"
        print_text(f"checked: the most that anybody could gain is {what}")


def _print_components(answer: Any) -> None:
    """Say which extreme equilibria span sets of equilibria together."""
    spans = [numbers for part in answer.components for numbers in part if len(numbers) > 1]
    if spans:
        named = "; ".join(", ".join(str(k + 1) for k in numbers) for numbers in spans[:ROWS])
        print_text(f"all mixtures of strategies within a group are equilibria too: {named}")


def _print_distribution(matrix: Matrix, answer: Any) -> None:
    from numpy import ndindex

    drawn = answer.distribution
    rows = [
        [*(matrix.action(i, a) for i, a in enumerate(cell)), written(drawn[cell])] for cell in ndindex(drawn.shape) if drawn[cell] >= 5e-10
    ]
    print_table([*(matrix.player(i) for i in range(drawn.ndim)), "probability"], rows[:ROWS], right=("probability",))
    if len(rows) > ROWS:
        print_text(f"... and {len(rows) - ROWS} more joint actions; --json prints all")
    print_text(f"payoffs: {', '.join(written(value) for value in answer.values[:, 0])}")


def _mixed(matrix: Matrix, player: int, mixed: Any) -> str:
    played = [(matrix.action(player, a), p) for a, p in enumerate(mixed) if p >= 5e-10]
    colon = "" if matrix.game.labels.actions else ":"
    return played[0][0] if len(played) == 1 else ", ".join(f"{name}{colon} {written(p)}" for name, p in played)


def written(value: Any) -> str:
    """Return a number as a person writes it: 3, 2/3, and decimals where a fraction would be unwieldy."""
    if isinstance(value, Fraction):
        if value.denominator <= WRITABLE and abs(value.numerator) < 10**12:
            return str(value)
        value = float(value)
    value = float(value)
    return number(0.0 if abs(value) < 1e-15 else value)


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
