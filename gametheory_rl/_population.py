"""The judges of populations: from a game's definition and from mathematics, whatever the learner did."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._population_checks import checked_agents, finite
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

BLOCKS = 20
"""Stretches of a sampler's run whose means give its standard error."""
CHUNK = 1000
"""Sweeps between two looks at Ctrl-C."""


def population_gap(game: PopulationGame, actions: Any, profile: Any = None) -> float:
    """Return what an agent gains by its best action, on average over agents, while the others stay at ``actions``.

    Parameters
    ----------
    game : PopulationGame
    actions : (N,) int
        What everybody plays.
    profile : (types, 1, bins, A) array, optional
        How agents answer the mean action that they meet, as ``learn`` returns it: one type for all, or one each. The gain is then over
        that answer. None: over ``actions``, and 0 means an equilibrium in pure actions.

    Returns
    -------
    float
        In payoff units, at least 0: the gain of one turn, to which nobody answers. With a discount it stands for ``1 / (1 - discount)``
        times as much where the others stand still for ever; what they answer, ``population_exploitability`` counts in, in small
        populations. A policy of positive temperature has a gap even where it is what it should be.

    Raises
    ------
    GameError
        Shapes that do not fit the game, or rows that are no distributions.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.population_gap(gt.families.ising(4), [1] * 16)
    0.0
    """
    if not isinstance(game, PopulationGame):
        raise GameError(f"game is {type(game).__name__}, a PopulationGame was expected; verify judges stochastic games")
    actions = checked_agents(actions, game.num_agents, game.num_actions)
    payoffs = game.payoffs(actions)
    if profile is None:
        played = payoffs[np.arange(len(actions)), actions]
    else:
        profile = _checked_profile(game, profile)
        met = game.bins(actions, _levels(game, profile.shape[2]))
        types = np.arange(len(actions)) if len(profile) > 1 else np.zeros(len(actions), np.int64)
        played = (profile[types, 0, met] * payoffs).sum(axis=1)
    return float(np.maximum(payoffs.max(axis=1) - played, 0.0).mean())


def judge(game: PopulationGame) -> Callable[[Any, Any], Mapping[str, float]]:
    """Return ``judge(profile, actions)``: the numbers of one record of a run."""
    return lambda profile, actions: {"population_gap": population_gap(game, actions, profile)}


def _checked_profile(game: PopulationGame, profile: Any) -> np.ndarray:
    table = finite(profile, "profile")
    ends = (1, game.num_agents)
    if table.ndim != 4 or table.shape[0] not in ends or table.shape[1] != 1 or table.shape[3] != game.num_actions:
        raise GameError(f"profile has shape {table.shape}, ({ends[0]} or {ends[1]}, 1, mean actions, {game.num_actions}) was expected")
    if (table < 0).any() or (np.abs(table.sum(axis=3) - 1) > 1e-8).any():
        raise GameError("profile holds rows that are no distributions over actions")
    return table


def _levels(game: PopulationGame, bins: int) -> int:
    """Return the levels with which the game tells ``bins`` mean actions apart."""
    levels = 1
    while game.num_bins(levels) < bins and levels < bins:
        levels = 2 * levels
    found = next((level for level in range(max(1, levels // 2), levels + 1) if game.num_bins(level) == bins), None)
    if found is None:
        raise GameError(f"profile tells {bins} mean actions apart, which are no whole levels of {game!r}")
    return found


# ---- temperature ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class HeatBath:
    """What a population at a temperature looks like, by sampling."""

    order: float
    """Mean over sweeps of (A s - 1) / (A - 1), s the share of the action that most agents play: ``|magnetisation|`` where A = 2."""
    error: float
    """Standard error of ``order``, from the means of 20 stretches of the run; too small where these are correlated."""
    orders: np.ndarray
    """``[sweeps]``: the order after each sweep."""
    actions: np.ndarray
    """``[N]`` int64: the last sweep's."""


def heat_bath(
    game: PopulationGame, temperature: float, *, sweeps: int = 10_000, discard: int | None = None, actions: Any = None, seed: int = 0
) -> HeatBath:
    """Sample a network at a temperature: every agent in turn draws its action with weights ``exp(payoff / temperature)``.

    Where meetings pay both sides the same (``pair`` is symmetric, neighbours are mutual) the samples have Gibbs's distribution; Ising's,
    on ``families.ising``. Otherwise they follow logit dynamics.

    Parameters
    ----------
    game : PopulationGame
        On a network.
    temperature : float
        Positive, in payoff units.
    sweeps : int
        Kept for the result, at least 20. Near a critical temperature thousands scatter, a hundred thousand do not.
    discard : int, optional
        Sweeps before them; None: a tenth as many.
    actions : (N,) int, optional
        Where to begin; None: all play the action that earns the most where all play it, the first of equals.
    seed : int
        The same seed, the same sample.

    Returns
    -------
    HeatBath

    Raises
    ------
    GameError
        A crowd, a temperature that is not positive, fewer sweeps than 20.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> cold = gt.heat_bath(gt.families.ising(10), 0.8, sweeps=2000)
    >>> abs(cold.order - gt.ising_order(0.8)) < 0.02
    True
    """
    from gametheory_rl._population_kernels import heat_bath_sweeps
    from gametheory_rl._support._streams_kernels import stream_keys

    if not isinstance(game, PopulationGame) or not game.is_network:
        raise GameError(f"game is {game!r}, a PopulationGame on a network was expected")
    temperature = _positive(temperature, "temperature")
    sweeps = _count(sweeps, "sweeps", BLOCKS)
    discard = sweeps // 10 if discard is None else _count(discard, "discard", 0)
    require_memory((2, sweeps + discard), "the orders of all sweeps", "take fewer sweeps")
    if actions is None:
        actions = np.full(game.num_agents, int((game.own + game.num_neighbours * np.diag(game.pair)).argmax()))
    actions = checked_agents(actions, game.num_agents, game.num_actions)
    key, tops = stream_keys(seed, 1)[0], np.empty(sweeps + discard, np.int64)
    for first in range(0, len(tops), CHUNK):
        last = min(first + CHUNK, len(tops))
        heat_bath_sweeps(game.neighbours, game.pair, game.own, temperature, key, first, last, actions, tops[first:last])
    orders = order_of(tops[discard:] / game.num_agents, game.num_actions)
    means = np.array([block.mean() for block in np.array_split(orders, BLOCKS)])
    return HeatBath(float(orders.mean()), float(means.std(ddof=1) / math.sqrt(BLOCKS)), orders, actions)


def order_of(share: np.ndarray, num_actions: int) -> np.ndarray:
    """Return the order of populations in which ``share`` of all agents play the most frequent action: 0 uniform, 1 unanimous."""
    return (num_actions * share - 1) / max(num_actions - 1, 1)


# ---- closed forms --------------------------------------------------------------------------------------------------


def ising_order(temperature: float, coupling: float = 1.0) -> float:
    """Return Onsager's order of the infinite Ising lattice without a field, in the units of ``families.ising``.

    ``(1 - sinh(coupling / T)^-4)^(1/8)`` below the critical temperature ``coupling / ln(1 + sqrt 2)``, 0 from there on.

    Parameters
    ----------
    temperature, coupling : float
        Positive.

    Raises
    ------
    GameError
        Either is not a positive number.

    Notes
    -----
    L. Onsager, Physical Review 65, 1944; the proof is C. N. Yang's, Physical Review 85, 1952. A bond's energy there is ``coupling / 2``.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> [round(gt.ising_order(t), 3) for t in (0.6, 0.8, 1.0, 1.1, 1.2)]
    [0.997, 0.98, 0.911, 0.785, 0.0]
    """
    heat, strength = _positive(temperature, "temperature"), _positive(coupling, "coupling")
    ratio = strength / heat
    if ratio <= math.log1p(math.sqrt(2)):
        return 0.0
    return (1 - math.sinh(ratio) ** -4) ** 0.125 if ratio < 100 else 1.0


def squeeze_optimum(mu: float = 400.0, sigma: float = 200.0) -> tuple[float, float]:
    """Return where ``x exp(-(x - mu)^2 / sigma^2)`` is largest, and how large: ``x = (mu + sqrt(mu^2 + 2 sigma^2)) / 2``.

    Parameters
    ----------
    mu, sigma : float
        Positive.

    Raises
    ------
    GameError
        Either is not a positive number.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> print("{:.3f} {:.4f}".format(*gt.squeeze_optimum()))
    444.949 423.0326
    """
    mu, sigma = _positive(mu, "mu"), _positive(sigma, "sigma")
    x = (mu + math.hypot(mu, math.sqrt(2) * sigma)) / 2
    return x, x * math.exp(-(((x - mu) / sigma) ** 2))


def _positive(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < math.inf:
        raise GameError(f"{what} is {value!r}, a positive number was expected")
    return float(value)


def _count(value: Any, what: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise GameError(f"{what} is {value!r}, an integer of at least {least} was expected")
    return int(value)
