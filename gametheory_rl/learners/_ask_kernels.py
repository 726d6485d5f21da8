"""What a compiled rule asks of the robust solvers, in Python: the few stage games that its own kernel cannot tell with certainty.

Rationals and convex programs are no work for a kernel. The loop goes back to Python for the one game, and on.
"""

from typing import Any

import numpy as np

from gametheory_rl._support._compile import COMPILED

SELECTIONS = ("first", "best_for_1", "best_for_2", "welfare", "egalitarian", "risk_dominant", "max_entropy")
"""Questions 0 .. 6: a Nash equilibrium of two players; the answer is both mixed actions, one after the other."""
FIRST, MAX_ENTROPY = 0, 6
MINIMAX = 7
"""Of ``stage`` (1, m, n): what the row player secures; the answer is its mixed action."""
STACKELBERG = 8
"""And 9: player 1 or player 2 leads; the answer as for a Nash equilibrium."""
OBJECTIVES = ("welfare", "egalitarian", "republican")
CORRELATED = 10
"""And 11, 12, in the order of ``OBJECTIVES``; from ``LIBERTARIAN`` on: that of player 1, 2, ...; the answer is a joint distribution."""
LIBERTARIAN = 13


def robust(question: int, stage: np.ndarray, sizes: np.ndarray, answer: np.ndarray, values: np.ndarray) -> None:
    """Solve one stage game; fills the leading entries of ``answer`` and ``values``.

    Parameters
    ----------
    question : int
    stage : ndarray, shape (players * cells,)
        Payoffs of each player in turn, joint actions in C order.
    sizes : ndarray, shape (players,), int64
        Action counts.
    answer, values : ndarray
        Written: mixed actions or a distribution; what each player expects.

    Raises
    ------
    SolverError
        These solvers could not tell either.
    """
    from gametheory_rl import equilibria as eq

    payoffs = stage.reshape(-1, *(int(size) for size in sizes))
    if question < MINIMAX or STACKELBERG <= question < CORRELATED:
        if question < MINIMAX:
            chosen = eq.select(payoffs[0], payoffs[1], SELECTIONS[question])
        else:
            chosen = eq.stackelberg(payoffs[0], payoffs[1], leader=int(question) - STACKELBERG)
        found, worth = np.concatenate(chosen.profile), chosen.values
    elif question == MINIMAX:
        secured = eq.minimax(payoffs[0])
        found, worth = secured.profile[0], np.atleast_1d(secured.value)
    else:
        k = int(question) - CORRELATED
        objective = OBJECTIVES[k] if question < LIBERTARIAN else "libertarian"
        device = eq.correlated(payoffs, objective, player=int(question) - LIBERTARIAN if question >= LIBERTARIAN else None)
        found, worth = device.distribution.ravel(), device.values
    answer[: found.size], values[: worth.size] = found, worth


def ask(question: int, stage: np.ndarray, sizes: np.ndarray, answer: np.ndarray, values: np.ndarray) -> None:
    """Call ``robust``, from Python or from a kernel."""
    robust(question, stage, sizes, answer, values)


if COMPILED:
    from numba import objmode
    from numba.extending import overload

    @overload(ask, strict=False)
    def _ask(question: Any, stage: Any, sizes: Any, answer: Any, values: Any) -> Any:
        del question, stage, sizes, answer, values

        def answered(question: Any, stage: Any, sizes: Any, answer: Any, values: Any) -> None:
            with objmode():
                robust(question, stage, sizes, answer, values)

        return answered
