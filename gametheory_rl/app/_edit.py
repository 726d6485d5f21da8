"""Games in the editor: what stands in its cells, and games that come and go as files."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from gametheory_rl import GameError, StochasticGame, list_games, load_game, save_game

FEWEST, MOST = 2, 5
"""Actions of a player in the editor."""
FORMS = (".toml", ".json", ".npz", ".nfg", ".gam", ".csv")
"""Files that a game is read from and written to."""
START = "chicken"
"""What is on the page at first."""


def matrix_games() -> list[str]:
    """Return the catalogue's games of two players and one state, in alphabetical order."""
    return [name for name in list_games() if _is_matrix(load_game(name))]


def stochastic_games() -> list[str]:
    """Return the catalogue's games of one or two players and several states."""
    found = {name: load_game(name) for name in list_games()}
    return [name for name, game in found.items() if game.num_states > 1 and game.num_players <= 2]


def board_games() -> list[str]:
    """Return the catalogue's games of two players that are played on a board."""
    return [name for name in stochastic_games() if load_game(name).board is not None]


def _is_matrix(game: StochasticGame) -> bool:
    return game.num_states == 1 and game.num_players == 2 and all(mask.all() for mask in game.legal)


def editable(game: StochasticGame) -> bool:
    """Whether the editor has room for a game."""
    return _is_matrix(game) and all(FEWEST <= count <= MOST for count in game.num_actions)


def cells(game: StochasticGame, rows: int, columns: int) -> list[list[str]]:
    """Return the text of ``rows`` x ``columns`` cells: "3, 2" as in a textbook, one number where the game is zero-sum.

    Cells beyond the game's own actions hold zeros.
    """
    payoff = np.zeros((2, rows, columns))
    m, n = min(rows, game.num_actions[0]), min(columns, game.num_actions[1])
    payoff[:, :m, :n] = game.payoff[:, 0, :m, :n]
    zero_sum = game.zero_sum
    return [[_cell(*payoff[:, i, j], zero_sum=zero_sum) for j in range(columns)] for i in range(rows)]


def _cell(first: float, second: float, *, zero_sum: bool) -> str:
    return plain(first) if zero_sum else f"{plain(first)}, {plain(second)}"


def plain(value: float) -> str:
    """Return a number as people write it: an integer, a short fraction, or six digits."""
    near = Fraction(value).limit_denominator(99)
    if abs(float(near) - value) <= 1e-12 * max(1.0, abs(value)):
        return str(near)
    return f"{value:.6g}"


def payoffs_of(texts: Sequence[Sequence[str]]) -> np.ndarray:
    """Return the payoffs ``(2, rows, columns)`` that the cells say.

    A cell holds "3, 2" or "3 2", player 1's payoff first; one number alone is player 1's in a zero-sum game. Fractions "1/3" are taken.

    Raises
    ------
    GameError
        A cell that says something else, named by row and column.
    """
    pairs = [[_pair(text, i, j) for j, text in enumerate(row)] for i, row in enumerate(texts)]
    return np.moveaxis(np.array(pairs, dtype=float), 2, 0)


def _pair(text: str, row: int, column: int) -> tuple[float, float]:
    parts = text.replace(",", " ").replace(";", " ").replace("\N{MINUS SIGN}", "-").split()
    try:
        numbers = [float(Fraction(part)) for part in parts]
    except (ValueError, ZeroDivisionError, OverflowError):
        numbers = []
    if len(numbers) == 1:
        return numbers[0], 0.0 - numbers[0]
    if len(numbers) != 2:
        raise GameError(
            f"row {row + 1}, column {column + 1} holds {text!r}: two payoffs such as '3, 2' were expected, or one number of a zero-sum game"
        )
    return numbers[0], numbers[1]


def edited(base: StochasticGame, texts: Sequence[Sequence[str]]) -> StochasticGame:
    """Return the game that the cells say, under the names of ``base`` where it has as many actions."""
    payoff = payoffs_of(texts)
    sizes = payoff.shape[1:]
    labels = base.labels
    actions = tuple(_names(base, player, size) for player, size in enumerate(sizes))
    named = {"players": labels.players, "actions": actions if labels.actions else ()}
    same = sizes == base.num_actions and np.array_equal(payoff, base.payoff[:, 0])
    return StochasticGame.from_matrix_game(payoff, labels=named, name=base.name if same else f"{base.name}, edited")


def _names(base: StochasticGame, player: int, size: int) -> tuple[str, ...]:
    known = base.labels.actions[player] if base.labels.actions else ()
    return (*known[:size], *(f"new {k + 1}" for k in range(len(known), size)))


def game_of_file(name: str, content: bytes) -> StochasticGame:
    """Return the game in an uploaded file; its name's ending says the form.

    Raises
    ------
    GameError
        An ending that is not known, a damaged file, no game of two players and one state, or one too large to edit.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        try:
            game = load_game(path)
        except GameError as error:
            raise GameError(str(error).replace(str(path), name)) from None
    if not isinstance(game, StochasticGame) or not editable(game):
        raise GameError(f"{name} holds {game!r}: a game of two players, one state and {FEWEST} to {MOST} actions each was expected here")
    return game


def file_of_game(game: StochasticGame, ending: str) -> bytes:
    """Return what a file of the game holds, in the form of ``ending``."""
    with tempfile.TemporaryDirectory() as folder:
        return save_game(game, Path(folder) / f"game{ending}").read_bytes()
