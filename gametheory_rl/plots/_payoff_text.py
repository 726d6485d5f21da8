"""The payoff table as text: for a terminal, for LaTeX, for a page; best responses underlined, equilibria framed."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.plots._one_shot import OneShot, chance_text, enumerated, mixed_text, one_shot, payoff_text

FORMS = ("text", "ansi", "latex", "html")
MOST_LISTED = 6
"""Mixed equilibria named below a table."""
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}


def payoff_table_text(game: Any, *, form: str = "text") -> str:
    r"""Return the payoff table of a one-shot game of two players as text, best responses and equilibria marked.

    Parameters
    ----------
    game : StochasticGame or array_like
        Of one state and two players; or payoffs ``(2, m, n)``, or ``(m, n)`` of a zero-sum game.
    form : str
        ``text``: best responses bear a star, pure equilibria stand in brackets. ``ansi``: the same for a terminal, best
        responses underlined. ``latex``: a tabular of plain LaTeX, underlined, equilibria in an ``\fbox``. ``html``: a table with its
        style in it, equilibria framed and of class ``equilibrium``.

    Returns
    -------
    str
        Lines without a newline at the end. Mixed equilibria, six at most, are listed below the table; they are looked for where
        players have up to 9 actions.

    Raises
    ------
    GameError
        Not two players, several states, another form.

    Examples
    --------
    >>> print(payoff_table_text([[[3, 0], [5, 1]], [[3, 5], [0, 1]]]))
    player 1 \ player 2  0      1
    0                    3, 3   0, 5*
    1                    5*, 0  [1*, 1*]
    * best response; [ ] equilibrium
    """
    if form not in FORMS:
        raise UnknownNameError("form", str(form), FORMS)
    stage = one_shot(game)
    write = {"latex": _latex, "html": _html}.get(form)
    return write(stage) if write is not None else _plain(stage, ansi=form == "ansi")


def best_marks(payoffs: np.ndarray) -> np.ndarray:
    """Return ``(2, m, n)`` bool: whether a player's action in a cell is a best one against the other's."""
    from gametheory_rl.equilibria import best_responses

    best = np.zeros(payoffs.shape, np.bool_)
    for column in range(payoffs.shape[2]):
        best[0, best_responses(payoffs, (None, column), 0), column] = True
    for row in range(payoffs.shape[1]):
        best[1, row, best_responses(payoffs, (row, None), 1)] = True
    return best


def mixed_lines(stage: OneShot) -> list[str]:
    """Return a line for each equilibrium in which somebody mixes, at most six, and what to say of the rest and of ties."""
    found = enumerated(stage)
    if found is None:
        return []
    lines = []
    mixed = [k for k, (x, y) in enumerate(found.profiles) if max(np.count_nonzero(x > 5e-10), np.count_nonzero(y > 5e-10)) > 1]
    for k in mixed[:MOST_LISTED]:
        played = [mixed_text(each, names) for each, names in zip(found.profiles[k], stage.actions, strict=True)]
        worth = ", ".join(_worth(float(value)) for value in found.values[:, k])
        lines.append(f"mixed equilibrium: ({played[0]}) against ({played[1]}), worth {worth}")
    if len(mixed) > MOST_LISTED:
        lines.append(f"and {len(mixed) - MOST_LISTED} more mixed equilibria")
    if len(found.components) < len(found.profiles):
        lines.append("degenerate: some of these equilibria span whole sets of them")
    return lines


def _worth(value: float) -> str:
    text = chance_text(value) if abs(value) < 1e6 else payoff_text(value)
    return "0" if abs(value) < 1e-12 else text


def _plain(stage: OneShot, *, ansi: bool) -> str:
    best = best_marks(stage.payoffs)
    rows = [[(f"{stage.players[0]} \\ {stage.players[1]}", 0), *((name, 0) for name in stage.actions[1])]]
    for i, name in enumerate(stage.actions[0]):
        rows.append([(name, 0), *(_plain_cell(stage.payoffs[:, i, j], best[:, i, j], ansi=ansi) for j in range(best.shape[2]))])
    widths = [max(len(row[k][0]) - row[k][1] for row in rows) for k in range(len(rows[0]))]
    # Underlining takes characters but no room.
    lines = ["  ".join(text.ljust(width + hidden) for (text, hidden), width in zip(row, widths, strict=True)).rstrip() for row in rows]
    key = "underlined: best response; [ ] equilibrium" if ansi else "* best response; [ ] equilibrium"
    return "\n".join([*lines, key, *mixed_lines(stage)])


def _plain_cell(payoffs: np.ndarray, best: np.ndarray, *, ansi: bool) -> tuple[str, int]:
    """Return a cell, and how many of its characters a terminal does not show."""
    on, off = ("\x1b[4m", "\x1b[24m") if ansi else ("", "*")
    text = ", ".join(f"{on}{payoff_text(p)}{off}" if b else payoff_text(p) for p, b in zip(payoffs, best, strict=True))
    return (f"[{text}]" if best.all() else text), (len(on + off) * int(best.sum()) if ansi else 0)


def _latex(stage: OneShot) -> str:
    best = best_marks(stage.payoffs)
    lines = [f"\\begin{{tabular}}{{l|{'c' * best.shape[2]}}}"]
    heads = [f"{_tex(stage.players[0])} $\\backslash$ {_tex(stage.players[1])}", *map(_tex, stage.actions[1])]
    lines += [" & ".join(heads) + r" \\", r"\hline"]
    for i, name in enumerate(stage.actions[0]):
        cells = [_latex_cell(stage.payoffs[:, i, j], best[:, i, j]) for j in range(best.shape[2])]
        lines.append(" & ".join([_tex(name), *cells]) + r" \\")
    return "\n".join([*lines, r"\end{tabular}", *(f"% {line}" for line in mixed_lines(stage))])


def _latex_cell(payoffs: np.ndarray, best: np.ndarray) -> str:
    numbers = [f"\\underline{{{payoff_text(p)}}}" if b else payoff_text(p) for p, b in zip(payoffs, best, strict=True)]
    text = f"${numbers[0]},\\ {numbers[1]}$"
    return f"\\fbox{{{text}}}" if best.all() else text


def _tex(name: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in name)


def _html(stage: OneShot) -> str:
    best = best_marks(stage.payoffs)
    pad = "padding:0.3em 0.8em;text-align:center"
    heads = "".join(f'<th scope="col" style="{pad};color:#D55E00">{escape(name)}</th>' for name in stage.actions[1])
    corner = f"{escape(stage.players[0])} \\ {escape(stage.players[1])}"
    lines = [f'<table style="border-collapse:collapse"><caption>{escape(stage.name)}</caption>' if stage.name else "<table>"]
    lines.append(f'<tr><th style="{pad}">{corner}</th>{heads}</tr>')
    for i, name in enumerate(stage.actions[0]):
        cells = "".join(_html_cell(stage.payoffs[:, i, j], best[:, i, j], pad) for j in range(best.shape[2]))
        lines.append(f'<tr><th scope="row" style="{pad};color:#0072B2">{escape(name)}</th>{cells}</tr>')
    lines.append("</table>")
    notes = ["underlined: best response; framed: equilibrium", *mixed_lines(stage)]
    return "\n".join([*lines, f"<p><small>{'<br>'.join(map(escape, notes))}</small></p>"])


def _html_cell(payoffs: np.ndarray, best: np.ndarray, pad: str) -> str:
    numbers = [f"<u>{payoff_text(p)}</u>" if b else payoff_text(p) for p, b in zip(payoffs, best, strict=True)]
    frame = ' class="equilibrium" title="equilibrium"' if best.all() else ""
    border = "border:3px solid #009E73" if best.all() else "border:1px solid #e4e4e4"
    return f'<td{frame} style="{pad};{border}">{", ".join(numbers)}</td>'


def refuse_large(stage: OneShot, most: int) -> None:
    """Refuse a table with more than ``most`` actions a player."""
    if max(stage.payoffs.shape[1:]) > most:
        sizes = " x ".join(map(str, stage.payoffs.shape[1:]))
        raise GameError(f"the game has {sizes} actions, a table has room for {most} a player: payoff_table_text writes it out")
