"""One stage game as a table: payoffs, best responses, and the mixed strategies along the margins."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gametheory_rl._game_checks import checked_index, checked_profile
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Profile
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import GREEN, GREY, INK, PALE, axes_for, colour, dress_board, house_style

_TIE = 1e-9
"""Payoffs this close, relative to the table's span, are both best."""


class _Table(NamedTuple):
    payoffs: np.ndarray
    """``[2, rows, columns]`` over legal actions"""
    names: tuple[list[str], list[str]]
    zero_sum: bool
    mixed: tuple[np.ndarray, np.ndarray] | None
    """Marginal mixed strategies over legal actions"""
    joint: np.ndarray | None
    """``[rows, columns]`` probability of each cell"""
    players: tuple[str, str]


@house_style()
def stage_game(game: StochasticGame, state: int, values: Any = None, profile: Profile | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the stage game at ``state`` as a table: payoffs now plus discounted continuation values.

    A zero-sum game shows player 1's payoff, others a pair. Underlined: the row player's best answer to the column; overlined (in
    pairs: underlined too): the column player's best answer to the row. Cells are shaded by how often they are played; the
    margins hold the mixed strategies and what each action earns against the other's.

    Parameters
    ----------
    game : StochasticGame
        Of one or two players.
    state : int
    values : array_like, shape (n, S), optional
        Continuation values; None: zero.
    profile : tuple of arrays, or array, optional
        A product or a correlated profile, whose play at ``state`` is drawn.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        More than two players, an unknown state, values or a profile that do not fit the game.
    """
    if not isinstance(game, StochasticGame):
        raise GameError(f"game is {type(game).__name__}, a StochasticGame was expected")
    if game.num_players > 2:
        raise GameError(f"the game has {game.num_players} players, a table has room for one or two")
    state = checked_index(state, game.num_states, "state")
    table = _table(game, state, values, profile)
    rows, columns = table.payoffs.shape[1:]
    cell = 1.0 if table.zero_sum else 1.5
    left = 0.75 + 0.11 * max(len(name) for name in (*table.names[0], table.players[0], "plays")) / cell
    ax = axes_for(ax, (float(np.clip(0.3 + (left + columns + 2) * cell, 5.8, 14.0)), min(11.0, 1.9 + 0.62 * (rows + 3))))
    named = f"{game.name.replace('_', ' ')}, " if game.name else ""
    dress_board(ax, f"{named}stage game at {_state_name(game, state)}" if game.num_states > 1 else f"{named.rstrip(', ')}")
    ax.set_aspect("auto")
    margins = 2 if table.mixed is not None else 0
    ax.set_xlim(-left, columns - 0.45 + margins)
    ax.set_ylim(rows - 0.5 + (margins if game.num_players == 2 else 0) + (1.3 if margins else 0.95), -1.95)
    size = _font_size(ax, table)
    _draw_names(ax, table, size)
    _draw_cells(ax, table, size)
    if table.mixed is not None:
        _draw_margins(ax, table, size)
    _draw_caption(ax, table)
    return ax


def _state_name(game: StochasticGame, state: int) -> str:
    return game.labels.states[state] if game.labels.states else f"state {state}"


def _table(game: StochasticGame, state: int, values: Any, profile: Profile | None) -> _Table:
    stage = game.stage(state, values)
    legal = [np.flatnonzero(mask[state]) for mask in game.legal]
    names = [[game.labels.action(i, int(a)) for a in actions] for i, actions in enumerate(legal)]
    players = [game.labels.player(i) for i in range(game.num_players)]
    if game.num_players == 1:
        # One player is a game against nobody: one column without a name.
        mixed, joint = None, None
        if profile is not None:
            mixed = (_marginals(checked_profile(game, profile), state, legal)[0], np.ones(1))
            joint = mixed[0][:, np.newaxis]
        payoff = stage[0, legal[0], np.newaxis]
        return _Table(np.stack([payoff, -payoff]), (names[0], [""]), True, mixed, joint, (players[0], ""))
    payoffs = stage[:, legal[0][:, np.newaxis], legal[1]]
    mixed, joint = None, None
    if profile is not None:
        checked = checked_profile(game, profile)
        mixed = _marginals(checked, state, legal)
        joint = np.outer(*mixed) if isinstance(checked, tuple) else checked[state][np.ix_(*legal)]
    zero_sum = bool(np.abs(payoffs.sum(axis=0)).max() <= _TIE * max(1.0, np.abs(payoffs).max()))
    return _Table(payoffs, (names[0], names[1]), zero_sum, mixed, joint, (players[0], players[1]))


def _marginals(profile: Profile, state: int, legal: list[np.ndarray]) -> Any:
    if isinstance(profile, tuple):
        return tuple(policy[state, actions] for policy, actions in zip(profile, legal, strict=True))
    if profile.ndim == 2:
        return (profile[state, legal[0]],)
    joint = profile[state][np.ix_(*legal)]
    return joint.sum(axis=1), joint.sum(axis=0)


# ---- text -----------------------------------------------------------------------------------------------------------


def _digits(numbers: np.ndarray) -> int:
    span = float(np.abs(numbers).max(initial=0.0))
    if np.abs(numbers - np.round(numbers)).max(initial=0.0) <= _TIE * max(1.0, span):
        return 0
    return max(0, min(4, 2 - int(np.floor(np.log10(span)))))


def _number(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def _font_size(ax: Axes, table: _Table) -> float:
    """Return the largest size, up to 13, at which cells and names fit the axes as they are now."""
    width, height = _inches(ax)
    across, down = abs(np.diff(ax.get_xlim())[0]), abs(np.diff(ax.get_ylim())[0])
    digits = _digits(table.payoffs)
    widest = max(len(_number(float(p), digits)) for p in table.payoffs.ravel()) * (1 if table.zero_sum else 2.3)
    widest = max(widest, *(len(name) for name in table.names[1]), 4)
    return float(np.clip(min(13.0, 72 * width / across / (0.68 * widest), 72 * height / down / 1.9), 1.5, None))


def _inches(ax: Axes) -> tuple[float, float]:
    """Return the width and height of the axes as they are now; a layout engine will hardly change them, since there are no ticks."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.get_window_extent()
    return box.width / figure.dpi, box.height / figure.dpi


# ---- drawing --------------------------------------------------------------------------------------------------------


def _draw_names(ax: Axes, table: _Table, size: float) -> None:
    rows, columns = table.payoffs.shape[1:]
    for i, name in enumerate(table.names[0]):
        ax.text(-0.65, i, name, ha="right", va="center", fontsize=size, color=colour(0))
    for j, name in enumerate(table.names[1]):
        ax.text(j, -0.78, name, ha="center", va="center", fontsize=size, color=colour(1))
    ax.text(-0.65, -0.78, table.players[0], ha="right", va="center", fontsize=size, fontweight="bold", color=colour(0))
    ax.text((columns - 1) / 2, -1.5, table.players[1], ha="center", va="center", fontsize=size, fontweight="bold", color=colour(1))
    ax.add_patch(Rectangle((-0.5, -0.5), columns, rows, fill=False, edgecolor=INK, linewidth=1.8, zorder=4))


def _draw_cells(ax: Axes, table: _Table, size: float) -> None:
    digits = _digits(table.payoffs)
    slack = _TIE * max(1.0, float(np.ptp(table.payoffs)))
    best = [table.payoffs[i] >= table.payoffs[i].max(axis=i, keepdims=True) - slack for i in (0, 1)]
    most = 0.0 if table.joint is None else float(table.joint.max())
    for i, j in np.ndindex(table.payoffs.shape[1:]):
        weight = 0.0 if table.joint is None else float(table.joint[i, j]) / most
        ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor="white", edgecolor=PALE, linewidth=1, zorder=1))
        ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=GREEN, alpha=0.38 * weight, linewidth=0, zorder=1.5))
        texts = [_number(float(p), digits) for p in table.payoffs[:, i, j]]
        if table.zero_sum:
            ax.text(j, i, texts[0], ha="center", va="center", fontsize=size, zorder=5)
            places = [(j, i + 0.31), (j, i - 0.31)]
        else:
            for player, x in enumerate((j - 0.24, j + 0.24)):
                ax.text(x, i, texts[player], ha="center", va="center", fontsize=size, color=colour(player), zorder=5)
            places = [(j - 0.24, i + 0.31), (j + 0.24, i + 0.31)]
        for player, (x, y) in enumerate(places):
            if best[player][i, j] and (player == 0 or table.players[1]):
                half = 0.26 if table.zero_sum else 0.18
                ax.plot([x - half, x + half], [y, y], color=colour(player), linewidth=max(0.6, 0.2 * size), solid_capstyle="butt", zorder=5)


def _draw_margins(ax: Axes, table: _Table, size: float) -> None:
    """Beside the table: each action's probability as a bar with its number, and what it earns against the other's mixture."""
    assert table.mixed is not None
    rows, columns = table.payoffs.shape[1:]
    digits = max(2, _digits(table.payoffs))
    row_mix, column_mix = table.mixed
    earns = table.payoffs[0] @ column_mix
    for i in range(rows):
        _draw_chance(ax, (columns, i), float(row_mix[i]), 0, size)
        ax.text(columns + 1, i, _number(float(earns[i]), digits), ha="center", va="center", fontsize=size, color=GREY)
    _heads(ax, [(columns, -0.78), (columns + 1, -0.78)], table, 0, size, "center")
    if not table.players[1]:
        return
    earns = row_mix @ table.payoffs[0 if table.zero_sum else 1]
    for j in range(columns):
        _draw_chance(ax, (j, rows), float(column_mix[j]), 1, size)
        ax.text(j, rows + 1, _number(float(earns[j]), digits), ha="center", va="center", fontsize=size, color=GREY)
    _heads(ax, [(-0.65, rows), (-0.65, rows + 1)], table, 1, size, "right")


def _heads(ax: Axes, spots: list[tuple[float, float]], table: _Table, player: int, size: float, align: str) -> None:
    # In a zero-sum table every number is the row player's payoff, the margins' too: at an equilibrium both margins show the value.
    texts = ("plays", _gets(table.players[0 if table.zero_sum else player]))
    for (x, y), text, shade in zip(spots, texts, (colour(player), GREY), strict=True):
        ax.text(x, y, text, ha=align, va="center", fontsize=0.9 * size, color=shade, fontstyle="italic")  # type: ignore[arg-type]


def _gets(name: str) -> str:
    return f"{name} gets" if len(name) <= 2 else f"{name}\ngets"


def _draw_chance(ax: Axes, spot: tuple[float, float], chance: float, player: int, size: float) -> None:
    x, y = spot
    ax.add_patch(Rectangle((x - 0.42, y + 0.26), 0.84 * chance, 0.1, facecolor=colour(player), alpha=0.6, linewidth=0, zorder=2))
    text = "0" if chance < 5e-4 else "1" if chance > 1 - 5e-4 else f"{chance:.3f}".lstrip("0")
    ax.text(x, y, text, ha="center", va="center", fontsize=size, color=colour(player), zorder=5)


def _draw_caption(ax: Axes, table: _Table) -> None:
    lines = []
    row, column = table.players
    if table.joint is not None:
        value = [float((table.joint * payoff).sum()) for payoff in table.payoffs]
        digits = max(3, _digits(table.payoffs))
        if table.zero_sum:
            lines.append(f"Stage value to {row}: {_number(value[0], digits)}")
        else:
            lines.append(f"Expected payoffs: {row} {_number(value[0], digits)}, {column} {_number(value[1], digits)}")
    if not column:
        lines.append("Underlined: the best action.")
    elif table.zero_sum:
        lines += [f"All numbers: payoffs to {row}.", f"Underlined: best for {row}; overlined: best for {column}."]
    else:
        lines += [f"Pairs: payoffs to {row}, {column}.", "Underlined: best answers."]
    size = min(11.0, 72 * _inches(ax)[0] / (0.53 * max(len(line) for line in lines)))
    ax.text(0.0, 0.0, "\n".join(lines), transform=ax.transAxes, ha="left", va="bottom", fontsize=size, linespacing=1.4)
