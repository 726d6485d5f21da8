"""QuantEcon's normal form: one payoff array a player, the own action first, then the others' in cyclic order."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._library import library, one_shot


def to_quantecon(game: StochasticGame) -> Any:
    """Return a matrix game as ``quantecon.game_theory.NormalFormGame``; names stay behind, as QuantEcon has none.

    Parameters
    ----------
    game : StochasticGame
        One state, any number of players, discount 0.

    Returns
    -------
    quantecon.game_theory.NormalFormGame
        Player i's payoff array has his own action on axis 0, then those of players i + 1, ..., n, 1, ..., i - 1.

    Raises
    ------
    GameError
        A game that QuantEcon cannot hold, or QuantEcon is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import gametheory_rl as gt
    >>> game = gt.StochasticGame.from_matrix_game(np.arange(72.0).reshape(3, 2, 3, 4))
    >>> [player.payoff_array.shape for player in gt.interchange.to_quantecon(game).players]
    [(2, 3, 4), (3, 4, 2), (4, 2, 3)]
    """
    payoffs = one_shot(game, "quantecon")
    theory = library("quantecon.game_theory")
    n = len(payoffs)
    own_first = (np.ascontiguousarray(np.transpose(own, [*range(i, n), *range(i)])) for i, own in enumerate(payoffs))
    return theory.NormalFormGame([theory.Player(own) for own in own_first])


def from_quantecon(normal_form: Any, *, labels: Any = None, name: str = "") -> StochasticGame:
    """Return a ``NormalFormGame`` of QuantEcon as a matrix game.

    Parameters
    ----------
    normal_form : quantecon.game_theory.NormalFormGame
    labels : Labels or mapping, optional
        Names, which QuantEcon does not keep.
    name : str

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> from quantecon.game_theory import NormalFormGame
    >>> gt.interchange.from_quantecon(NormalFormGame([[4, 1], [3, 2]])).payoff[:, 0].tolist()
    [[[4.0, 1.0], [3.0, 2.0]], [[4.0, 3.0], [1.0, 2.0]]]
    """
    arrays = getattr(normal_form, "payoff_arrays", None)
    if arrays is None:
        raise GameError(f"normal_form is {type(normal_form).__name__}, a quantecon NormalFormGame was expected")
    n = len(arrays)
    # Axis k of player i's array is the action of player (i + k) mod n.
    payoffs = [np.transpose(np.asarray(own, np.float64), [(j - i) % n for j in range(n)]) for i, own in enumerate(arrays)]
    return StochasticGame.from_matrix_game(np.stack(payoffs), labels=labels, name=name)
