"""The section of matrix games: what is seen of a game of two players and one state."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from gametheory_rl import GameError, StochasticGame, load_game, plots
from gametheory_rl import equilibria as eq
from gametheory_rl.app._edit import START, plain
from gametheory_rl.app._figures import png
from gametheory_rl.app._path import describe_labels, lemke_howson_steps

MOST_ROWS = 60
"""Equilibria that are listed."""
MINUS = "\N{MINUS SIGN}"
STYLE = (
    "<style>.gt-payoffs{border-collapse:collapse;font-size:20px;margin:6px 0}.gt-payoffs td{border:1px solid #bbb;padding:8px 18px;"
    "text-align:center}.gt-payoffs th{padding:6px 14px;font-weight:600}.gt-p0{color:#0072B2}.gt-p1{color:#D55E00}"
    ".gt-best{text-decoration:underline;text-decoration-thickness:2px;text-underline-offset:4px;font-weight:600}"
    ".gt-payoffs td.gt-nash{outline:3px solid #009E73;outline-offset:-3px}.gt-note{color:#6b6b6b;font-size:14px;margin:4px 0}</style>"
)
"""The colours are those of ``plots``."""


def bimatrix(game: StochasticGame) -> tuple[np.ndarray, np.ndarray]:
    """Return both players' payoffs, ``(m, n)`` each."""
    return game.payoff[0, 0], game.payoff[1, 0]


def enumerate_equilibria(game: StochasticGame) -> Any:
    """Return all extreme equilibria of the game."""
    return eq.vertex_enumeration(*bimatrix(game))


def equilibrium_rows(game: StochasticGame, found: Any) -> list[list[str]]:
    """Return a row for each equilibrium: its number, both mixed actions by name, both payoffs, the regret."""
    rows = []
    for k, (x, y) in enumerate(found.profiles[:MOST_ROWS]):
        values = [plain(float(v)) for v in found.values[:, k]]
        rows.append([str(k + 1), mixed(game, 0, x), mixed(game, 1, y), *values, f"{float(found.regret[k]):.1g}"])
    return rows


def equilibrium_sentence(found: Any) -> str:
    """Return what is to be said above the list."""
    many = len(found)
    shown = f" The first {MOST_ROWS} are listed." if many > MOST_ROWS else ""
    if found.degenerate:
        sets = len(found.components)
        if sets == many:
            return f"{_counted(many)}, and there are no others, though the game is degenerate.{shown}"
        return (
            f"The game is degenerate: its equilibria form {sets} connected set{'s' if sets != 1 else ''}, "
            f"with {many} corner{'s' if many != 1 else ''}; these are the corners.{shown}"
        )
    return f"{_counted(many)}, and there are no others.{shown}"


def _counted(many: int) -> str:
    return f"{many} equilibri{'um' if many == 1 else 'a'}"


def mixed(game: StochasticGame, player: int, chances: np.ndarray) -> str:
    """Return a mixed action in words: "heads 1/2, tails 1/2"; a pure one by its name alone."""
    played = [k for k in range(len(chances)) if chances[k] > 1e-12]
    if len(played) == 1:
        return game.labels.action(player, played[0])
    return ", ".join(f"{game.labels.action(player, k)} {plain(float(chances[k]))}" for k in played)


def payoff_html(game: StochasticGame) -> str:
    """Return the payoffs as an HTML table: best responses underlined, equilibria in pure actions boxed.

    HTML rather than a picture: the page follows each edit at once.
    """
    payoff = game.payoff[:, 0]
    best = [_best(payoff[0], 0), _best(payoff[1], 1)]
    head = "".join(f"<th>{escape(game.labels.action(1, j))}</th>" for j in range(payoff.shape[2]))
    lines = []
    for i in range(payoff.shape[1]):
        row = "".join(_payoff_cell(payoff[:, i, j], best[0][i, j], best[1][i, j]) for j in range(payoff.shape[2]))
        lines.append(f"<tr><th>{escape(game.labels.action(0, i))}</th>{row}</tr>")
    who = f"rows: {escape(game.labels.player(0))}; columns: {escape(game.labels.player(1))}"
    legend = f"<p class='gt-note'>{who}. Underlined: best responses. Boxed: equilibria in pure actions.</p>"
    return f"{STYLE}<table class='gt-payoffs'><tr><th></th>{head}</tr>{''.join(lines)}</table>{legend}"


def _best(payoff: np.ndarray, axis: int) -> np.ndarray:
    span = float(np.ptp(payoff))
    return payoff >= payoff.max(axis=axis, keepdims=True) - 1e-12 * span


def _payoff_cell(pair: np.ndarray, first: bool, second: bool) -> str:
    numbers = [
        f"<span class='gt-p{player}{' gt-best' if best else ''}'>{plain(float(value)).replace('-', MINUS)}</span>"
        for player, (value, best) in enumerate(zip(pair, (first, second), strict=True))
    ]
    return f"<td{' class=gt-nash' if first and second else ''}>{', '.join(numbers)}</td>"


def payoff_picture(game: StochasticGame, profile: Any = None) -> bytes:
    """Return the payoffs as a picture, with what ``profile`` plays in its margins."""
    whole = None if profile is None else tuple(mixed[np.newaxis] for mixed in profile)
    return png(lambda ax: plots.stage_game(game, 0, None, whole, ax=ax), table_size(game), framed=False)


def table_size(game: StochasticGame) -> tuple[float, float]:
    """Return inches in which the table of the game is legible."""
    rows, columns = game.num_actions
    return 5.0 + 1.2 * columns, 3.0 + 0.55 * rows


def path_rows(game: StochasticGame, label: int) -> list[list[str]]:
    """Return a row for each step of the Lemke-Howson path that drops ``label``: what moved, which labels changed, where it stands."""
    names = describe_labels(game)
    rows = []
    for k, step in enumerate(lemke_howson_steps(*bimatrix(game), label)):
        x = mixed(game, 0, step.x) if step.x.any() else "nothing yet"
        y = mixed(game, 1, step.y) if step.y.any() else "nothing yet"
        changed = "start" if k == 0 else f"{step.mover}: drops {names[step.dropped]}, picks up {names[step.picked]}"
        rows.append([str(k), changed, x, y, "every label once" if step.complete else f"{names[step.twice]} twice"])
    return rows


def first_picture() -> bytes:
    """Draw what the page shows first; what is loaded and compiled for it stays."""
    game = load_game(START)
    return payoff_picture(game, enumerate_equilibria(game).profiles[0])


def checked_label(game: StochasticGame, label: int) -> int:
    """Return ``label`` where the game has it."""
    total = sum(game.num_actions)
    if not 0 <= label < total:
        raise GameError(f"label is {label}, a number from 0 to {total - 1} was expected")
    return label
