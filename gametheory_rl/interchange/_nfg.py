"""Gambit's ``.nfg``: strategic games as text. The payoff and the outcome form are read, the payoff form is written.

Source: Gambit's documentation, "The strategic game (.nfg) file format". In both forms player 1's strategy varies fastest.
"""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._format import stage_format
from gametheory_rl.interchange._scanner import LONGEST_NAME, MOST_PLAYERS, Scanner
from gametheory_rl.interchange._stage_text import StageText, by_first_player, checked_sizes, numbers_of, stage_payoffs, written

_ESCAPED = re.compile(r"\\{2,}|\\(?=\"|\Z)")
"""Backslashes that are written twice. Others are not: Gambit 16.7 reads two as three."""
CELL_BYTES = 32
"""Memory that a payoff takes while it is read, three copies among it."""


def read(text: str, where: str, *, exact: bool = True) -> StageText:
    """Return the game that an ``.nfg`` text holds, its numbers exact, or the nearest float64.

    Raises
    ------
    GameError
        With line and column: what was found, and what was expected.
    """
    scanner = Scanner(text, where, exact=exact)
    scanner.take("word", "NFG", "NFG")
    scanner.take("word", "the version 1", "1")
    kind = scanner.take("word", "R or D")
    if kind.text not in ("R", "D"):
        scanner.fail(kind.start, f"{kind.text[:24]!r} was found, R (rational) or D (decimal) was expected")
    title = scanner.take("string", "the title in quotes").text
    players = _names(scanner, "a player's name in quotes")
    if not 1 <= len(players) <= MOST_PLAYERS:
        scanner.fail(scanner.position, f"there are {len(players)} players, 1 to {MOST_PLAYERS} were expected")
    sizes, actions = _strategies(scanner, len(players))
    if scanner.peek() == '"':
        scanner.next("a comment")
    outcomes = scanner.peek() == "{"
    joint = checked_sizes(scanner, sizes, 1 if outcomes else len(players))
    # The outcome form says a profile in two characters, and the game has a payoff for each player.
    require_memory((len(players), joint), f"the game of {where}", "use fewer players or strategies", item_bytes=CELL_BYTES)
    payoffs = _outcome_form(scanner, len(players), joint) if outcomes else _payoff_form(scanner, len(players), joint)
    return StageText(np.stack([by_first_player(flat, sizes) for flat in payoffs]), title, players, actions)


def write(game: StochasticGame, where: str) -> str:
    """Return ``game`` in the payoff form; ``read`` gives the same numbers back."""
    payoffs = stage_payoffs(game, ".nfg", where)
    _require_writable(game, where)
    players = [game.labels.player(i) for i in range(game.num_players)]
    names = [[game.labels.action(i, a) for a in range(count)] for i, count in enumerate(game.num_actions)]
    if game.labels.actions:
        strategies = "{ " + " ".join("{ " + " ".join(map(_quoted, menu)) + " }" for menu in names) + " }"
    else:
        strategies = "{ " + " ".join(map(str, game.num_actions)) + " }"
    flat = np.stack([each.ravel(order="F") for each in payoffs], axis=1)
    lines = [" ".join(map(written, cell)) for cell in flat.tolist()]
    head = f"NFG 1 R {_quoted(game.name)} {{ {' '.join(map(_quoted, players))} }} {strategies}\n\n"
    return head + "\n".join(lines) + "\n"


def _payoff_form(scanner: Scanner, players: int, joint: int) -> np.ndarray:
    return numbers_of(scanner, players * joint, "payoffs").reshape(joint, players).T


def _outcome_form(scanner: Scanner, players: int, joint: int) -> np.ndarray:
    """Return ``(players, joint)``: each strategy profile names an outcome, 0 the one in which everybody gets 0."""
    scanner.take("mark", "{", "{")
    outcomes: list[list[Fraction | float]] = [[Fraction(0)] * players]
    while scanner.peek() == "{":
        scanner.next("{")
        scanner.take("string", "an outcome's name in quotes")
        outcomes.append([_payoff(scanner) for _ in range(players)])
        if scanner.peek() == ",":
            scanner.next(",")
        scanner.take("mark", "the } of an outcome", "}")
    scanner.take("mark", "the } after the outcomes", "}")
    table = np.array(outcomes, dtype=object if scanner.exact else float)
    chosen = numbers_of(scanner, joint, "outcome numbers")
    whole = [int(number) if int(number) == number and 0 <= number < len(outcomes) else -1 for number in chosen.tolist()]
    if -1 in whole:
        first = whole.index(-1)
        scanner.fail(
            scanner.position, f"outcome number {first + 1} is {chosen[first]}, an integer from 0 to {len(outcomes) - 1} was expected"
        )
    return table[whole].T


def _payoff(scanner: Scanner) -> Fraction | float:
    if scanner.peek() == ",":
        scanner.next(",")
    return scanner.number("a payoff")


def _names(scanner: Scanner, expected: str) -> tuple[str, ...]:
    scanner.take("mark", "{", "{")
    found = []
    while scanner.peek() != "}":
        found.append(scanner.take("string", expected).text)
    scanner.next("}")
    return tuple(found)


def _strategies(scanner: Scanner, players: int) -> tuple[list[int], tuple[tuple[str, ...], ...]]:
    """Return how many strategies each player has, and their names where they are given."""
    scanner.take("mark", "{", "{")
    sizes: list[int] = []
    names: list[tuple[str, ...]] = []
    named = scanner.peek() == "{"
    for _ in range(players):
        if named:
            names.append(_names(scanner, "a strategy's name in quotes"))
            if not names[-1]:
                scanner.fail(scanner.position, "a player has no strategy, at least one was expected")
            sizes.append(len(names[-1]))
        else:
            sizes.append(scanner.integer("a number of strategies", 1, 10**9))
    scanner.take("mark", f"the }} after the strategies of {players} players", "}")
    return sizes, tuple(names)


def _require_writable(game: StochasticGame, where: str) -> None:
    """Refuse names that would not be read."""
    for name in (game.name, *game.labels.players, *(action for menu in game.labels.actions for action in menu)):
        if 2 * len(name) > LONGEST_NAME:
            raise GameError(f"cannot write {where}: the name {name[:40]!r}... has {len(name)} characters, {LONGEST_NAME // 2} are the most")


def _quoted(name: str) -> str:
    """Return a name as ``Scanner`` reads it: quotes are escaped, and backslashes where one would be no name of its own."""
    return '"' + _ESCAPED.sub(lambda found: found[0] * 2, name).replace('"', '\\"') + '"'


FORMAT = stage_format(read, write)
