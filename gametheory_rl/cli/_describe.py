"""Words and drawings in text for games: their kind, their board, a stage game as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gametheory_rl.cli._output import number

TABLE_ACTIONS = 10
"""A stage game with more actions than this is not printed as a table."""
LIKELY = 5e-4
"""Actions played less often than this are left out of a printed policy."""
JOINT_ACTIONS = 4
"""A signal that draws more joint actions is printed with its likeliest ones."""
CLASSES = {
    "one_state": "one state",
    "zero_sum": "zero-sum",
    "constant_sum": "constant-sum",
    "common_interest": "team",
    "symmetric": "symmetric",
    "potential": "potential game",
    "dominance_solvable": "dominance-solvable",
    "degenerate": "degenerate",
    "turn_based": "turn-based",
    "single_controller": "one controller",
    "switching_control": "switching control",
    "separable": "separable",
}
"""The classes of games in words."""


def told_classes(held: Mapping[str, bool | None]) -> dict[str, str]:
    """Return, by name, the words for classes that say something: not those that follow from another that holds."""
    follow = {"zero_sum": ["constant_sum"], "one_state": ["single_controller", "switching_control", "separable", "turn_based"]}
    follow |= {"turn_based": ["switching_control"], "single_controller": ["switching_control"], "common_interest": ["potential"]}
    plain = {other for name, others in follow.items() if held[name] for other in others}
    return {name: words for name, words in CLASSES.items() if name not in plain}


def gain_text(gain: float) -> str:
    """Return a gain with two digits, or the digits that one above 1 has."""
    return f"{gain:.2g}" if gain < 1 else f"{gain:.4g}"


def kind_of(game: Any) -> str:
    """Return zero-sum, general-sum or one player."""
    if game.num_players == 1:
        return "one player"
    return "zero-sum" if game.zero_sum else "general-sum"


def sizes_of(game: Any) -> str:
    """Return the number of actions of each player, as in ``5 x 5``."""
    return " x ".join(str(size) for size in game.num_actions)


def start_states(game: Any) -> list[int]:
    """Return the states in which play can begin."""
    return [int(state) for state in game.start.nonzero()[0]]


def stage_rows(game: Any, stage: Any, state: int) -> tuple[list[str], list[list[str]]] | None:
    """Return headings and rows of a stage game ``(n, A_1, ...)``, legal actions only; None where it does not fit a table.

    Zero-sum games show the payoff to player 1, others the payoffs of both; one player has a single column.
    """
    legal = [mask[state].nonzero()[0].tolist() for mask in game.legal]
    if game.num_players > 2 or max(map(len, legal)) > TABLE_ACTIONS:
        return None
    names = [[game.labels.action(player, action) for action in actions] for player, actions in enumerate(legal)]
    if game.num_players == 1:
        return [game.labels.player(0), "payoff"], [[name, number(stage[0, a])] for name, a in zip(names[0], legal[0], strict=True)]
    shown = stage[:1] if game.zero_sum else stage
    cells = [[", ".join(number(float(payoff[a, b])) for payoff in shown) for b in legal[1]] for a in legal[0]]
    return ["", *names[1]], [[name, *row] for name, row in zip(names[0], cells, strict=True)]


def board_text(game: Any, state: int) -> str:
    """Return the board at ``state``, and a line that says what the signs mean.

    Pieces are the players' first letters where these differ, else their numbers; ``*`` marks the ball, small signs are goals.
    """
    board = game.board
    rows, columns = board.shape
    marks = _marks(game)
    cells = {(row, column): _goal(marks, player) for row, column, player in board.goals}
    pieces: dict[tuple[int, int], str] = {}
    for player, places in enumerate(board.positions.tolist()):
        ball = "*" if board.holder is not None and board.holder[state] == player else ""
        pieces[tuple(places[state])] = pieces.get(tuple(places[state]), "") + marks[player] + ball
    cells |= pieces
    rule = "    " + "+---" * columns + "+"
    lines = [rule]
    for row in range(rows):
        inside = "|".join(f"{cells.get((row, column), ''):^3}" for column in range(columns))
        lines += [f"{cells.get((row, -1), ''):>3} |{inside}| {cells.get((row, columns), '')}".rstrip(), rule]
    return "\n".join([*lines, _legend(game, marks)])


def _marks(game: Any) -> list[str]:
    names = [game.labels.player(player) for player in range(game.num_players)]
    first = [name[:1].upper() for name in names]
    distinct = len(set(first)) == len(first) and all(mark.isalpha() for mark in first)
    return first if distinct else [str(player + 1) for player in range(game.num_players)]


def _speaks(game: Any, player: int, mark: str) -> bool:
    """Whether the mark needs no explanation."""
    return game.labels.player(player) in (mark, f"player {mark}")


def _goal(marks: list[str], player: int) -> str:
    if player < 0:
        return "+"
    return marks[player].lower() if marks[player].isalpha() else f"g{marks[player]}"


def _legend(game: Any, marks: list[str]) -> str:
    board = game.board
    words = [f"{mark} is {game.labels.player(player)}" for player, mark in enumerate(marks) if not _speaks(game, player, mark)]
    if board.holder is not None:
        words.append("* has the ball")
    for player in sorted({owner for _, _, owner in board.goals}):
        who = "anyone" if player < 0 else game.labels.player(player)
        words.append(f"{_goal(marks, player)} is where {who} scores")
    return "; ".join(words)


def mixed_text(game: Any, player: int, mixed: Any) -> str:
    """Return a mixed action in words: the actions that are played, and how often."""
    played = [(float(chance), game.labels.action(player, action)) for action, chance in enumerate(mixed) if chance >= LIKELY]
    if len(played) == 1:
        return played[0][1]
    return ", ".join(f"{name} {chance:.3f}".replace(" 0.", " .") for chance, name in played)


def joint_text(game: Any, drawn: Any) -> str:
    """Return a distribution ``(A_1, ..., A_n)`` of joint actions in words: the likeliest, and how many others there are."""
    from numpy import unravel_index

    order = drawn.ravel().argsort(kind="stable")[::-1]
    likely = [int(k) for k in order if drawn.flat[k] >= LIKELY]
    parts = []
    for k in likely[:JOINT_ACTIONS]:
        names = " ".join(game.labels.action(player, int(action)) for player, action in enumerate(unravel_index(k, drawn.shape)))
        parts.append(f"({names}) {drawn.flat[k]:.3f}".replace(" 0.", " .") if len(likely) > 1 else f"({names})")
    others = len(likely) - JOINT_ACTIONS
    return "by a common signal: " + ", ".join([*parts, *([f"{others} more"] if others > 0 else [])])
