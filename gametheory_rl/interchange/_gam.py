"""``.gam``: strategic games as bare numbers, the form of GameTracer and GAMUT.

The number of players, how many actions each has, then the payoffs: all of player 1's, all of player 2's, ..., in each block player
1's action fastest. Lines that begin with ``#`` are comments. Names are not part of the format.
Source: Blum, Shelton & Koller, GameTracer; Nudelman et al., GAMUT user guide (GameTracer output).
"""

from __future__ import annotations

import re

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.interchange._format import stage_format
from gametheory_rl.interchange._scanner import MOST_PLAYERS, Scanner
from gametheory_rl.interchange._stage_text import StageText, by_first_player, checked_sizes, numbers_of, stage_payoffs, written

_COMMENT = re.compile(r"^[ \t]*#[^\n]*", re.MULTILINE)


def read(text: str, where: str, *, exact: bool = True) -> StageText:
    """Return the game that a ``.gam`` text holds, its numbers exact, or the nearest float64.

    Raises
    ------
    GameError
        With line and column: what was found, and what was expected.
    """
    # Spaces in place of comments, so that lines and columns stay what they are in the file.
    scanner = Scanner(_COMMENT.sub(lambda match: " " * len(match.group()), text), where, exact=exact)
    players = scanner.integer("the number of players", 1, MOST_PLAYERS)
    sizes = [scanner.integer(f"the number of actions of player {i + 1}", 1, 10**9) for i in range(players)]
    joint = checked_sizes(scanner, sizes, players)
    blocks = numbers_of(scanner, players * joint, "payoffs").reshape(players, joint)
    return StageText(np.stack([by_first_player(block, sizes) for block in blocks]))


def write(game: StochasticGame, where: str) -> str:
    """Return ``game`` as bare numbers; ``read`` gives the same float64 back, names are lost."""
    payoffs = stage_payoffs(game, ".gam", where)
    blocks = [" ".join(map(written, block.ravel(order="F").tolist())) for block in payoffs]
    head = f"# {' '.join(game.name.split())}\n" if game.name else ""
    return f"{head}{game.num_players}\n{' '.join(map(str, game.num_actions))}\n\n" + "\n".join(blocks) + "\n"


FORMAT = stage_format(read, write)
