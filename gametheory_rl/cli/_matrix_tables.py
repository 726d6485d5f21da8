"""A matrix game and its answers in print: what it is, payoffs with best responses, who plays what."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import islice
from typing import Any, NamedTuple

from gametheory_rl.cli._output import number, print_facts, print_table, print_text, underlined

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


# ---- the game --------------------------------------------------------------------------------------------------------


def print_game(matrix: Matrix, classes: Any) -> None:
    """Print what the game is, and its payoffs with best responses marked."""
    game, traits = matrix.game, classes.traits()
    sizes = " x ".join(str(len(actions)) for actions in matrix.actions)
    asked = {name: traits[name] for name in KINDS if not (name == "constant_sum" and classes.zero_sum)} if game.num_players > 1 else {}
    facts = {
        game.name or "the game": f"{game.num_players} player{'s' if game.num_players > 1 else ''}, {sizes} actions, played once",
        "it is": "; ".join(KINDS[name] for name, trait in asked.items() if trait.holds) or ("of no special kind" if asked else "a choice"),
        "it is not": "; ".join(KINDS[name] for name, trait in asked.items() if trait.holds is False),
        "solvable": classes.dominance_solvable.reason if asked and classes.dominance_solvable else "",
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
        parts += [(", ", False)] * (i > 0) + [(written(matrix.payoffs[(i, *cell)], 0.0), bool(best[(i, *cell)]))]
    return underlined(parts)


# ---- the answer ------------------------------------------------------------------------------------------------------


def print_answer(matrix: Matrix, answer: Any) -> None:
    """Print what a concept says: actions, a device, or profiles with what they pay."""
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
            rows.append([str(k + 1), *plays, _pays(matrix, answer.values[:, k])])
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
    print_text(f"payoffs: {_pays(matrix, answer.values[:, 0])}")


def _mixed(matrix: Matrix, player: int, mixed: Any) -> str:
    played = [(matrix.action(player, a), p) for a, p in enumerate(mixed) if p >= 5e-10]
    colon = "" if matrix.game.labels.actions else ":"
    return played[0][0] if len(played) == 1 else ", ".join(f"{name}{colon} {written(p)}" for name, p in played)


def _pays(matrix: Matrix, values: Any) -> str:
    largest = [float(abs(payoff).max()) for payoff in matrix.payoffs]
    return ", ".join(written(value, 1e-15 * size) for value, size in zip(values, largest, strict=True))


def written(value: Any, noise: float = 1e-15) -> str:
    """Return a number as a person writes it: 3, 2/3, and decimals where a fraction would be unwieldy; floats below ``noise`` are 0."""
    if isinstance(value, Fraction):
        if value.denominator <= WRITABLE and abs(value.numerator) < 10**12:
            return str(value)
        noise = 0.0
    value = float(value)
    return number(0.0 if abs(value) <= noise else value)
