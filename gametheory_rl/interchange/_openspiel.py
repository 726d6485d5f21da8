"""OpenSpiel's games in normal form: matrix games of two players, tensor games of any number, with named actions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._games import Labels, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._library import library, one_shot


def to_openspiel(game: StochasticGame) -> Any:
    """Return a matrix game as OpenSpiel's ``MatrixGame`` (two players) or ``TensorGame``, actions by their names.

    Parameters
    ----------
    game : StochasticGame
        One state, any number of players, discount 0. Names of players stay behind, as OpenSpiel has none.

    Returns
    -------
    pyspiel.MatrixGame or pyspiel.TensorGame

    Raises
    ------
    GameError
        A game that OpenSpiel cannot hold, or OpenSpiel (``open_spiel``, for Linux and macOS) is missing.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> chicken = gt.interchange.to_openspiel(gt.load_game("chicken"))  # doctest: +SKIP
    >>> chicken.row_action_name(0)  # doctest: +SKIP
    'dare'
    """
    payoffs = one_shot(game, "OpenSpiel")
    spiel = library("pyspiel", "open_spiel")
    names = [[game.labels.action(i, a) for a in range(count)] for i, count in enumerate(game.num_actions)]
    title = game.name or "game"
    if len(payoffs) == 2:
        return spiel.create_matrix_game(title, title, *names, *(own.tolist() for own in payoffs))
    return spiel.create_tensor_game(title, title, names, payoffs.reshape(len(payoffs), -1).tolist())


def from_openspiel(spiel_game: Any, *, name: str | None = None) -> StochasticGame:
    """Return a matrix or tensor game of OpenSpiel, with the names of its actions.

    Parameters
    ----------
    spiel_game : pyspiel.MatrixGame, pyspiel.TensorGame or str
        A text is what ``pyspiel.load_game`` takes, such as ``"matrix_rps"``. A small game in extensive form becomes one
        of these by ``pyspiel.extensive_to_tensor_game``.
    name : str, optional
        None: the game's own.

    Raises
    ------
    GameError
        Another kind of game.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.interchange.from_openspiel("matrix_rps").labels.actions[0]  # doctest: +SKIP
    ('Rock', 'Paper', 'Scissors')
    """
    spiel = library("pyspiel", "open_spiel")
    if isinstance(spiel_game, str):
        try:
            spiel_game = spiel.load_game(spiel_game)
        except Exception as error:  # pyspiel has an exception of its own, which is no class that one could name
            raise GameError(f"OpenSpiel cannot load {spiel_game!r}: {str(error).splitlines()[0]}") from None
    if isinstance(spiel_game, spiel.MatrixGame):
        sides = ((spiel_game.num_rows(), spiel_game.row_action_name), (spiel_game.num_cols(), spiel_game.col_action_name))
        names = tuple(tuple(of(a) for a in range(count)) for count, of in sides)
        payoffs = np.stack([spiel_game.row_utilities(), spiel_game.col_utilities()])
    elif isinstance(spiel_game, spiel.TensorGame):
        shape = tuple(spiel_game.shape())
        names = tuple(tuple(spiel_game.action_name(i, a) for a in range(count)) for i, count in enumerate(shape))
        payoffs = np.stack([np.asarray(spiel_game.player_utilities(i)).reshape(shape) for i in range(len(shape))])
    else:
        raise GameError(
            f"spiel_game is {type(spiel_game).__name__}, a MatrixGame or TensorGame of OpenSpiel was expected "
            "(pyspiel.extensive_to_tensor_game makes one of a small game)"
        )
    numbered = all(own == tuple(map(str, range(len(own)))) for own in names)
    labels = Labels(actions=() if numbered else names)
    return StochasticGame.from_matrix_game(payoffs, labels=labels, name=spiel_game.get_type().long_name if name is None else name)
