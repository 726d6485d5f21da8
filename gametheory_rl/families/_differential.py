"""Differential games: one shot, an action is a number, a payoff the largest of some quadratics, so that all is known in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, UnknownNameError


@dataclass(frozen=True, eq=False)
class DifferentialGame:
    """Every player chooses a number; payoffs are the largest of K quadratics of all numbers.

    ``payoff_i(x) = max over k of constant[i, k] + linear[i, k] @ x + x @ quadratic[i, k] @ x``, x in ``[-bound, bound]^n``.

    Parameters
    ----------
    name : str
    constant : array, shape (n, K)
    linear : array, shape (n, K, n)
    quadratic : array, shape (n, K, n, n)
        Made symmetric.
    bound : float
        Positive: the largest action.

    Raises
    ------
    GameError
        Shapes that do not fit together, numbers that are not finite, a bound that is not positive.

    Examples
    --------
    >>> game = differential_game("two_quadratics")
    >>> game.payoffs([[5, 5], [-5, -5], [0, 0]])[:, 0].round(3).tolist()
    [10.0, 0.0, -4.444]
    """

    name: str
    constant: np.ndarray
    linear: np.ndarray
    quadratic: np.ndarray
    bound: float

    def __post_init__(self) -> None:
        players, pieces = np.shape(self.constant) if np.ndim(self.constant) == 2 else (0, 0)
        shapes = {"constant": (players, pieces), "linear": (players, pieces, players), "quadratic": (players, pieces, players, players)}
        for field, shape in shapes.items():
            array = np.array(getattr(self, field), float)
            if array.shape != shape or not array.size or not np.isfinite(array).all():
                raise GameError(
                    f"{field} has shape {array.shape}, finite numbers of shape {shape or '(n, K)'}, n and K at least 1, were expected"
                )
            array = (array + np.swapaxes(array, 2, 3)) / 2 if field == "quadratic" else array
            array.setflags(write=False)
            object.__setattr__(self, field, array)
        if isinstance(self.bound, bool) or not isinstance(self.bound, int | float) or not 0 < self.bound < np.inf:
            raise GameError(f"bound is {self.bound!r}, a positive number was expected")

    @property
    def num_players(self) -> int:
        """How many players there are, n."""
        return len(self.constant)

    def pieces(self, actions: Any) -> np.ndarray:
        """Return the K quadratics of all players at ``actions`` (..., n), ``(..., n, K)``."""
        x = np.asarray(actions, float)
        squares = np.einsum("...a,ikab,...b->...ik", x, self.quadratic, x, optimize=False)
        return self.constant + np.einsum("ika,...a->...ik", self.linear, x) + squares

    def payoffs(self, actions: Any) -> np.ndarray:
        """Return all payoffs at ``actions`` (..., n), ``(..., n)``."""
        return self.pieces(actions).max(axis=-1)

    def gradients(self, actions: Any) -> np.ndarray:
        """Return how each payoff changes with the player's own action, ``(..., n)``; where two quadratics tie, of the first."""
        x = np.asarray(actions, float)
        own = np.arange(self.num_players)
        slopes = self.linear[own, :, own] + 2 * np.einsum("ikb,...b->...ik", self.quadratic[own, :, own], x)
        best = self.pieces(x).argmax(axis=-1)[..., np.newaxis]
        return np.take_along_axis(slopes, best, axis=-1)[..., 0]


def _two_quadratics() -> DifferentialGame:
    # .8 [-((a + 5) / 3)^2 - ((b + 5) / 3)^2] and 10 - (a - 5)^2 - (b - 5)^2, for both players alike
    low, eye = 0.8 / 9, np.eye(2)
    one = ([-low * 50, -40.0], [[-10 * low] * 2, [10.0] * 2], [-low * eye, -eye])
    return _of("two_quadratics", [one, one])


def _bilinear() -> DifferentialGame:
    cross = np.array([[0.0, 0.1], [0.0, 0.0]])
    return _of("bilinear", [([0], [[0, 0]], [cross]), ([0], [[0, 0]], [-cross])])


def _chase() -> DifferentialGame:
    # One wants to be where the other is, the other where the one's mirror image is: matching pennies with slopes.
    same, mirror = np.array([[-0.1, 0.1], [0.1, -0.1]]), np.array([[-0.1, -0.1], [-0.1, -0.1]])
    return _of("chase", [([0], [[0, 0]], [same]), ([0], [[0, 0]], [mirror])])


def _duopoly() -> DifferentialGame:
    # Cournot: a (6 - a - b) and b (6 - a - b), a potential game; both choose 2 in equilibrium
    return _of("duopoly", [([0], [[6, 0]], [[[-1, -1], [0, 0]]]), ([0], [[0, 6]], [[[0, 0], [-1, -1]]])])


def _of(name: str, players: list[Any]) -> DifferentialGame:
    constant, linear, quadratic = (np.array([player[part] for player in players], float) for part in range(3))
    return DifferentialGame(name, constant, linear, quadratic, 10.0)


_BUILD: dict[str, Callable[[], DifferentialGame]] = {
    "two_quadratics": _two_quadratics,
    "bilinear": _bilinear,
    "chase": _chase,
    "duopoly": _duopoly,
}
DIFFERENTIAL_GAMES = tuple(_BUILD)


def differential_game(name: str) -> DifferentialGame:
    """Return a differential game of two players on [-10, 10] by its name.

    ``two_quadratics``: a team; the larger of two hills, the low wide one of height 0 at (-5, -5), the high steep one of height 10 at
    (5, 5): Wei, Wicke, Freelan and Luke, "Multiagent soft Q-learning", 2018, with the widths of Wen et al. 2019. (The code that was
    released with the latter divides by 3 where the paper squares it.) ``bilinear``: zero-sum, ``a b / 10``. ``chase``: ``-(a - b)^2 / 10``
    against ``-(a + b)^2 / 10``. ``duopoly``: ``a (6 - a - b)`` and ``b (6 - a - b)``, a potential game.

    Raises
    ------
    GameError
        An unknown name.

    Examples
    --------
    >>> differential_game("duopoly").gradients([2, 2]).tolist()
    [0.0, 0.0]
    """
    if name not in _BUILD:
        raise UnknownNameError("differential game", str(name), _BUILD)
    return _BUILD[name]()
