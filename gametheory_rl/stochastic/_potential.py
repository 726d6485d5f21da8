"""Games with a potential: the joint policy that makes it largest is a pure equilibrium, and a decision process finds it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gametheory_rl._game_checks import joint_legal
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution, Profile, Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.stochastic._certified import checked_tolerance, require_discounted
from gametheory_rl.stochastic._newton import newton
from gametheory_rl.stochastic._potentials import potential_of
from gametheory_rl.stochastic._regret import judged


def potential(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
) -> GameSolution:
    """Solve a game that has a potential: a deterministic joint policy that makes the potential largest from every state.

    Parameters
    ----------
    game : StochasticGame
        A game whose potential is a discounted sum of stage payoffs: nobody's action matters to transitions and every stage game has a
        potential; or the payoffs of one player who moves the state are one, for all. Discounts are equal, and below 1.
    tol : float, optional
        Largest certified regret, in payoff units; None: 1e-8 times the payoff span.
    max_iterations, progress : optional
        As ``newton`` takes them, which solves the decision process whose actions are the joint actions and whose payoff is the potential.
    throw : bool
        Raise where the regret is larger than ``tol``, or ``max_iterations`` came first.

    Returns
    -------
    GameSolution
        ``error_bound`` is None: the guarantee is the regret, ``certificate.epsilon``.

    Raises
    ------
    GameError
        No such potential was found, or a discount of 1.
    SolverError
        See ``throw``.

    Notes
    -----
    Whoever deviates changes his values as the potential changes, so that at its maximum nobody gains (D. Monderer & L. S. Shapley
    1996). The conditions, and why they suffice: ``_potentials``. Other equilibria there may be; ``homotopy`` finds mixed ones.
    """
    require_discounted(game, "potential")
    found = potential_of(game)
    if found.payoff is None:
        why = f" ({found.trait.reason})" if found.trait.holds is False else ""
        raise GameError(f"potential needs a game with a potential that is a sum over stages, none was found{why}; use homotopy")
    tol = checked_tolerance(game, tol)
    legal = joint_legal(game.legal).reshape(game.num_states, -1)
    process = StochasticGame(found.payoff.reshape(1, game.num_states, -1), game.successors, game.discount[0], game.start, (legal,))
    # A greedy policy falls short of the optimum by up to 2 / (1 - discount) times the error of the values that it is greedy for.
    wanted = 0.1 * (1.0 - float(game.discount[0])) * tol
    best = newton(process, tol=wanted, max_iterations=max_iterations, throw=False, progress=progress)
    joint = np.unravel_index(best.profile[0].argmax(axis=1), game.num_actions)
    profile: Profile = tuple(np.eye(size)[own] for size, own in zip(game.num_actions, joint, strict=True))
    return _ended(judged(game, "potential", profile, tol, False, best.iterations), best.status, tol, throw)


def _ended(found: GameSolution, process: Status, tol: float, throw: bool) -> GameSolution:
    """Return the judged solution; where its regret is too large since the decision process was cut short, with that for its status."""
    if found.status is Status.UNREACHED and process in (Status.INTERRUPTED, Status.MAX_ITERATIONS):
        found = replace(found, status=process)
    if throw and process is Status.INTERRUPTED:
        raise KeyboardInterrupt
    if throw and found.status in (Status.UNREACHED, Status.MAX_ITERATIONS):
        raise SolverError(f"potential {found.status.value} (regret {found.certificate.epsilon:.3g}, tol {tol:.3g})")
    return found
