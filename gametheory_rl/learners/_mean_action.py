"""Mean-field Q on a stochastic game: its tables, and the games that it takes."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

import numpy as np

from gametheory_rl._games import GameSpec, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.learners._learner import constant, play_of
from gametheory_rl.learners._mean_action_kernels import MeanActionTables
from gametheory_rl.learners._play_kernels import play_mixed
from gametheory_rl.learners._schedules import as_schedule

if TYPE_CHECKING:
    from gametheory_rl.learners._mean_field_q import MeanFieldQ

FEWEST = 3
"""Players: of one other player the mean action is its action."""
MOST_MEAN_ACTIONS = 10**5


def tables_of(learner: MeanFieldQ, spec: GameSpec, first_row: np.ndarray) -> MeanActionTables:
    """Return the tables of one seed; ``first_row`` ``(A,)``: every row of them at first."""
    _require_alike(spec)
    _require_defaults(learner)
    others, count = spec.num_players - 1, spec.num_actions[0]
    bins = comb(others + count - 1, others)
    if bins > MOST_MEAN_ACTIONS:
        raise GameError(f"{others} others with {count} actions make {bins} mean actions, {MOST_MEAN_ACTIONS} are the most that a table has")
    shape = (1 if learner.shared else spec.num_players, spec.num_states, bins, count)
    require_memory((3, *shape), "one seed's tables", "share them, or give a smaller game")
    after, upto = mean_actions(others, count)
    tables = MeanActionTables(
        play=play_of(spec, learner.exploration),
        q=np.broadcast_to(first_row, shape).copy(),
        counts=np.zeros(shape, np.int64),
        value=np.zeros((spec.num_states, spec.num_players)),
        residual=np.zeros(spec.num_states),
        pace=np.ones(spec.num_states),
        after=constant(after),
        upto=constant(upto),
        discount=float(spec.discount[0]),
        temperature=float(learner.temperature),
        step_size=as_schedule(learner.step_size, "step_size").floats,
    )
    _answer_first_row(tables, first_row)
    return tables


def _answer_first_row(tables: MeanActionTables, row: np.ndarray) -> None:
    """Play Boltzmann's policy of a table whose rows are all ``row``, which is the fixed point, whatever the others do."""
    tables.value[:] = row[0]
    if (row == row[0]).all():
        return
    for state, i in np.ndindex(tables.value.shape):
        legal = tables.play.menu[state, i, : tables.play.sizes[state, i]]
        weights = np.zeros(len(row))
        weights[legal] = np.exp((row[legal] - row[legal].max()) / tables.temperature)
        weights /= weights.sum()
        play_mixed(tables.play, state, i, weights)
        tables.value[state, i] = weights @ row


def mean_actions(others: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how mean actions are numbered: ``after`` ``(M, A)`` and ``upto`` ``(others + 1,)`` of ``MeanActionTables``.

    A mean action is how many of ``others`` play actions 1, 2, ...; the rest play action 0, or are not counted yet.
    """
    points = _compositions(others, count - 1)
    places = {tuple(point): number for number, point in enumerate(points.tolist())}
    after = np.zeros((len(points), count), np.int64)
    after[:, 0] = np.arange(len(points))
    for a in range(1, count):
        one = np.eye(count - 1, dtype=np.int64)[a - 1]
        # Where everybody is counted there is no next; nobody asks.
        after[:, a] = [places.get(tuple(point), 0) for point in (points + one).tolist()]
    return after, np.searchsorted(points.sum(axis=1), np.arange(others + 1), side="right")


def _compositions(most: int, parts: int) -> np.ndarray:
    """Return all ``(M, parts)`` whole numbers from 0 with a sum of at most ``most``, by sum, smallest first."""
    if parts == 0:
        return np.zeros((1, 0), np.int64)
    rows = [[total] for total in range(most + 1)]
    for _ in range(parts - 1):
        rows = [[*row[:-1], part, row[-1] - part] for row in rows for part in range(row[-1] + 1)]
    return np.array(sorted(rows, key=lambda row: (sum(row), row)), np.int64)


def require_symmetric(game: StochasticGame) -> None:
    """Refuse a game in which players cannot change places: a mean action would not say what the others do."""
    from gametheory_rl.stochastic._classes import symmetry

    trait = symmetry(game)
    if not trait:
        board = " (a state that says who stands where, as on a board, cannot be symmetric)" if game.num_states > 1 else ""
        raise GameError(f"MeanFieldQ needs players who can change places in every state, and {trait.reason}{board}; take independent_q")


def _require_alike(spec: GameSpec) -> None:
    """Refuse what the shape alone shows to be unfit."""
    fit = "MeanFieldQ plays a PopulationGame, or a StochasticGame of 3 or more symmetric players"
    if spec.num_players < FEWEST:
        raise GameError(f"{fit}, and this one has {spec.num_players}; with fewer take independent_q")
    if len(set(spec.num_actions)) > 1:
        raise GameError(f"{fit}, and here they have {', '.join(map(str, spec.num_actions))} actions")
    for player, mask in enumerate(spec.legal):
        unlike = np.flatnonzero((mask != spec.legal[0]).any(axis=1))
        if unlike.size:
            raise GameError(f"{fit}, and in state {unlike[0]} players 1 and {player + 1} have different legal actions")
    if (spec.discount != spec.discount[0]).any():
        raise GameError(f"{fit}, and their discounts are {spec.discount.tolist()}")


def _require_defaults(learner: MeanFieldQ) -> None:
    """Refuse settings that mean something in a population only."""
    for name, default in (("turns", "asynchronous"), ("target", "value")):
        if getattr(learner, name) != default:
            raise GameError(
                f"{name} is {getattr(learner, name)!r}, which is for populations: in a StochasticGame all act at once and answer the "
                f"fixed point of policy and mean action; leave it out"
            )
