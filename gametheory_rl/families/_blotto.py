"""Colonel Blotto: troops are spread over battlefields, and each field goes to the larger force."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._stage_game import numbers, one_shot, require_payoffs


def blotto(fields: int = 3, troops: int | Sequence[int] = 5, values: Any = None, discount: float = 0.0) -> StochasticGame:
    """Return the game in which two colonels divide their troops among battlefields.

    A field is won by the larger force, and by nobody where they are equal. A player earns the worth of the fields it wins less that of
    the fields it loses.

    Parameters
    ----------
    fields : int
        At least 1.
    troops : int or sequence of two
        Of both players, or of each; at least 0.
    values : (fields,) or (2, fields) array, optional
        What the fields are worth, to both players or to each; 1 each if not given. Where the players agree the game is zero-sum.
    discount : float
        In [0, 1]; 0: played once.

    Returns
    -------
    StochasticGame
        One state. An action is a division, named as in ``3-0-2``; there are (troops + fields - 1 choose fields - 1), in lexicographic
        order.

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    E. Borel 1921; whole troops as in S. Hart, "Discrete Colonel Blotto and General Lotto games", International Journal of Game Theory
    36, 2008 (there divided by the number of fields). Worth that differs: R. Hortala-Vallve and A. Llorente-Saguer, ibid. 41, 2012, who
    pay for fields won, and half for ties; that is half of this payoff plus a constant.
    """
    count = integer(fields, "fields", 1)
    both = tuple(troops) if isinstance(troops, Sequence | np.ndarray) and not isinstance(troops, str) else (troops, troops)
    if len(both) != 2:
        raise GameError(f"troops names {len(both)} players, 2 were expected")
    sizes = [integer(size, "troops", 0) for size in both]
    ways = [comb(size + count - 1, count - 1) if size + count < 10_000 else 10**30 for size in sizes]
    require_payoffs((*ways, count), f"a battle of {sizes[0]} and {sizes[1]} troops for {count} fields")
    worth = np.broadcast_to(1.0 if values is None else numbers(values, "values", (count,), (2, count)), (2, count))
    one, two = (_divisions(size, count) for size in sizes)
    payoffs = np.zeros((2, len(one), len(two)))
    for field in range(count):
        won = np.sign(one[:, [field]] - two[:, field])
        payoffs[0] += worth[0, field] * won
        payoffs[1] -= worth[1, field] * won
    return one_shot(payoffs, discount, "blotto", [["-".join(map(str, row)) for row in divisions] for divisions in (one, two)])


def _divisions(troops: int, fields: int) -> np.ndarray:
    """Return all ways to divide ``troops`` among ``fields``, ``(ways, fields)`` int64, in lexicographic order."""
    # Bars among stars: where the fields - 1 bars stand in a row of troops and bars.
    bars = np.array(list(combinations(range(troops + fields - 1), fields - 1)), dtype=np.int64)
    ends = np.full((len(bars), 1), troops + fields - 1)
    return np.diff(np.hstack([np.full((len(bars), 1), -1), bars, ends]), axis=1) - 1
