"""Pandas: a game as its long table, the trace of a run or a solution, and policies state by state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_profile
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution, Run
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._csv import ABOUT, long_table, read
from gametheory_rl.interchange._library import checked_game, library


def to_pandas(thing: Any, game: StochasticGame | None = None) -> Any:
    """Return a game, a trace or policies as a DataFrame.

    Parameters
    ----------
    thing : StochasticGame, Run, GameSolution or profile
        A game gives its long table, the columns of a ``.csv`` file, one row a joint action and next state; ``attrs`` hold name, discount,
        start and names. A run gives its trace, one row a seed and record; a solution its trace, one row an iteration. Columns of a
        trace that hold more than a number a row are left out.
    game : StochasticGame, optional
        With it, policies: of the run's first seed, of the solution, or ``thing`` itself. One row a state, player and legal action
        with its probability, and the state's value to the player where ``thing`` is a solution; of a correlated profile one row a
        state and legal joint action.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    GameError
        Something else, a profile that does not fit ``game``, or pandas is missing.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> game = gt.load_game("chicken")
    >>> gt.interchange.to_pandas(game).shape
    (4, 4)
    >>> run = gt.learn(game, "independent_q", steps=100, records=2, seeds=3)
    >>> gt.interchange.to_pandas(run)[["seed", "step"]].to_numpy().tolist()[:3]
    [[0, 1], [0, 100], [1, 1]]
    """
    pandas = library("pandas")
    if game is not None:
        return pandas.DataFrame(_policies(thing, checked_game(game)))
    if isinstance(thing, StochasticGame):
        about, columns, rows = long_table(thing)
        frame = pandas.DataFrame(list(rows), columns=columns)
        frame.attrs.update(about)
        return frame
    if isinstance(thing, Run):
        seeds, records = thing.trace["step"].shape
        flat = {name: column.ravel() for name, column in thing.trace.items() if column.shape == (seeds, records)}
        return pandas.DataFrame({"seed": np.repeat(np.arange(seeds), records), **flat})
    if isinstance(thing, GameSolution):
        return pandas.DataFrame({name: column for name, column in thing.trace.items() if column.ndim == 1})
    raise GameError(f"a {type(thing).__name__} was given, a game, a run, a solution, or a profile with its game was expected")


def from_pandas(frame: Any, *, discount: Any = None) -> StochasticGame:
    """Return the game of a long table as ``to_pandas`` makes it, or a spreadsheet holds it.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``action_1, ..., payoff_1, ...``, for a stochastic game with ``state`` in front and ``next_state, probability`` behind;
        ``attrs`` may hold name, discount, start, players, states and actions.
    discount : float or sequence of float, optional
        In place of that of ``attrs``.

    Raises
    ------
    GameError
        As a ``.csv`` file of the same table is refused, with the line that the row would have there.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.interchange.from_pandas(gt.interchange.to_pandas(gt.load_game("soccer")))
    StochasticGame('soccer', 2 players, 760 states, 5 x 5 actions, discount 0.9, zero-sum, sparse)
    """
    if not callable(getattr(frame, "to_csv", None)):
        raise GameError(f"frame is {type(frame).__name__}, a pandas DataFrame was expected")
    about = {key: value for key, value in frame.attrs.items() if key in ABOUT}
    text = f"# {json.dumps(about, ensure_ascii=False)}\n{frame.to_csv(index=False, lineterminator=chr(10))}"
    return read(text, "the DataFrame", str(about.get("name", "")), {} if discount is None else {"discount": discount})


def _policies(thing: Any, game: StochasticGame) -> dict[str, list[Any]]:
    values = thing.values if isinstance(thing, GameSolution) else None
    profile = checked_profile(game, thing.profile if isinstance(thing, Run | GameSolution) else thing)
    if not isinstance(profile, tuple):
        named = [f"action:{game.labels.player(i)}" for i in range(game.num_players)]
        return _columns(["state", *named, "probability"], _joint_rows(game, profile))
    names = ["state", "player", "action", "probability", *([] if values is None else ["value"])]
    return _columns(names, _product_rows(game, profile, values))


def _columns(names: list[str], rows: Iterator[list[Any]]) -> dict[str, list[Any]]:
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _product_rows(game: StochasticGame, profile: tuple[np.ndarray, ...], values: np.ndarray | None) -> Iterator[list[Any]]:
    for state in range(game.num_states):
        for i, policy in enumerate(profile):
            worth = [] if values is None else [float(values[i, state])]
            for action in np.flatnonzero(game.legal[i][state]).tolist():
                names = [game.labels.state(state), game.labels.player(i), game.labels.action(i, action)]
                yield [*names, float(policy[state, action]), *worth]


def _joint_rows(game: StochasticGame, profile: np.ndarray) -> Iterator[list[Any]]:
    for state in range(game.num_states):
        menus = [np.flatnonzero(mask[state]) for mask in game.legal]
        for place in np.ndindex(*map(len, menus)):
            joint = tuple(int(menu[k]) for menu, k in zip(menus, place, strict=True))
            names = [game.labels.action(i, action) for i, action in enumerate(joint)]
            yield [game.labels.state(state), *names, float(profile[(state, *joint)])]
