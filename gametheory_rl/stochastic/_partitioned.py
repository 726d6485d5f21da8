"""Solving a game whose states are partitioned over the workers of a Dask cluster: rows stay where they are, values travel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Certificate, GameSolution
from gametheory_rl._support._cluster import LOCAL, REACH, close_client, in_words, local_cluster, require_package, require_reachable
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._threads import num_threads
from gametheory_rl.stochastic._certified import (
    certificate_of,
    certify,
    checked_limit,
    checked_tolerance,
    iterated,
    largest,
    solution_of,
)
from gametheory_rl.stochastic._partition_cluster import Blocks
from gametheory_rl.stochastic._partition_sweep import Partitioned
from gametheory_rl.stochastic._partitioned_game import PartitionedGame, Rows

METHOD = "partitioned"
FIRST_WORKER = 30.0
"""Seconds in which a cluster has to have a worker."""
ELSEWHERE = "solve it without client"


def solve_partitioned(
    game: StochasticGame | PartitionedGame,
    client: Any,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
) -> GameSolution:
    """Solve a zero-sum game, or a decision process, whose states are shared out among the workers of a Dask cluster.

    Parameters
    ----------
    game : StochasticGame or PartitionedGame
        Zero-sum with two players, or one player; discount below 1. A ``StochasticGame`` is sent in parts, of a ``PartitionedGame``
        every worker builds its own.
    client : distributed.Client or str
        A client, the address of a scheduler, or ``"local"``: a worker for each processor of this machine, for as long as it takes; a
        script then needs the usual ``if __name__ == "__main__":``.
    tol, max_iterations, throw, progress
        As in ``value_iteration``.

    Returns
    -------
    GameSolution
        As from ``solve`` without a client, to within the sum of the two error bounds.

    Raises
    ------
    GameError
        The game is of another kind, a setting is out of range, no cluster answers, or its workers have not this package.
    SolverError
        ``max_iterations`` came first and ``throw`` is true; or the cluster was lost, or lost workers again and again.

    Notes
    -----
    The iteration is that of ``value_iteration`` while its bound falls fast, and otherwise that of ``newton``, where each product of
    BiCGStab is an exchange of values; see ``_partition_sweep``. The bound is the one of all zero-sum solvers, from the true Bellman
    residual of all states at once. A worker that is lost is replaced: its rows are sent, or built, again, and it is told the
    values that it knew.
    """
    num_states, num_actions, discount = _sizes(game)
    of_any: Any = game  # a game is looked at only where no tol is given
    tol = None if tol is None else checked_tolerance(of_any, tol)
    limit = checked_limit(max_iterations, discount)
    with connected(client) as dask, _blocks(game, dask, num_states, discount) as blocks:
        problem = Partitioned(blocks, num_actions, discount)
        tol = 1e-8 * (problem.payoff_span or 1.0) if tol is None else tol
        certified = partial(certify, problem.summary, back_up=problem.back_up, narrow=problem.narrow)
        best, sweeps, kept, status = iterated(
            METHOD, certified, problem.improve, problem.start(), tol=tol, limit=limit, throw=throw, progress=progress
        )
        profile = problem.play(best)[: len(num_actions)]
    return solution_of(METHOD, best, sweeps, kept, status, profile, partial(_judged, game, profile))


def _judged(game: StochasticGame | PartitionedGame, profile: tuple[np.ndarray, ...]) -> Certificate:
    return certificate_of(game.gathered() if isinstance(game, PartitionedGame) else game, profile)


def _sizes(game: Any) -> tuple[int, tuple[int, ...], float]:
    """Return the numbers of states and of actions, and the discount, or say why such a game is not partitioned."""
    if isinstance(game, PartitionedGame):
        if game.discount >= 1.0:
            raise GameError(f"a partitioned solve needs a discount below 1, got {game.discount:g}")
        return game.num_states, game.num_actions, game.discount
    if game.num_players > 2 or not (game.zero_sum or game.num_players == 1):
        kind = f"{game.num_players}-player" if game.num_players > 2 else "general-sum"
        raise GameError(f"a cluster solves zero-sum games of two players and decision processes of one, this game is {kind}; {ELSEWHERE}")
    if game.discount[0] >= 1.0:
        raise GameError(
            f"a partitioned solve needs a discount below 1, got {game.discount[0]:g}; {ELSEWHERE}: finite_horizon takes any discount"
        )
    return game.num_states, game.num_actions, float(game.discount[0])


@contextmanager
def connected(client: Any) -> Iterator[Any]:
    """Yield a client of a cluster that has a worker with this package; one that was opened here is closed again."""
    if find_spec("distributed") is None:
        raise GameError("Dask is not installed: pip install 'gametheory-rl[sweep]'")
    import distributed

    if isinstance(client, distributed.Client):
        if client.asynchronous:
            raise GameError("the client is asynchronous, a plain distributed.Client was expected")
        if client.status != "running":
            raise GameError(f"the client is {client.status}, one that is connected to a scheduler was expected")
        scheduler: Any = client.scheduler
        _require_workers(client, scheduler.address)
        yield client
        return
    if not isinstance(client, str):
        raise GameError(f"client is a {type(client).__name__}, a distributed.Client, the address of a scheduler or 'local' was expected")
    cluster = local_cluster(num_threads()) if client == LOCAL else None
    opened: Any = None
    try:
        opened = _opened(client if cluster is None else cluster.scheduler_address)
        _require_workers(opened, client)
        yield opened
    finally:
        if opened is not None:
            close_client(opened)
        if cluster is not None:
            cluster.close(timeout=5)


def _opened(address: str) -> Any:
    import distributed

    try:
        require_reachable(address)
        # Values go to the workers themselves: through the scheduler they would travel twice.
        return distributed.Client(address, timeout=REACH, set_as_default=False, direct_to_workers=True)
    except Exception as error:
        raise GameError(f"no Dask scheduler answers at {address!r}: {in_words(error)}") from None


def _require_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=FIRST_WORKER)
    except Exception:
        raise GameError(f"the Dask scheduler at {address!r} has no workers; start some with: dask worker {address}") from None
    require_package(client, address)


@contextmanager
def _blocks(game: StochasticGame | PartitionedGame, client: Any, num_states: int, discount: float) -> Iterator[Blocks]:
    """Yield the game on the cluster, a block of states for each worker; whatever happens, nothing of it stays there."""
    count = min(num_states, max(1, len(client.nthreads())))
    ends = [num_states * k // count for k in range(count + 1)]

    packed = _packed(game) if isinstance(game, PartitionedGame) else None

    def load(first: int, last: int, threads: int) -> tuple[Any, ...]:
        source = packed if isinstance(game, PartitionedGame) else _rows(game, first, last)
        return source, first, last, num_states, discount, threads

    blocks = Blocks(client, list(pairwise(ends)), load)
    try:
        blocks.begin()
        yield blocks
    finally:
        blocks.close()


def _packed(game: PartitionedGame) -> bytes:
    """Return what workers build from; functions of a script or a notebook travel whole."""
    from distributed.protocol.pickle import dumps

    try:
        return dumps(game)
    except Exception as error:
        raise GameError(f"the function that builds rows cannot be sent to workers: {in_words(error)}") from None


def _rows(game: StochasticGame, first: int, last: int) -> Rows:
    """Return the rows of some states; views, so that only what is sent is copied."""
    joint = game.num_joint_actions
    offsets, states, probabilities = game.successors
    low, high = int(offsets[first * joint]), int(offsets[last * joint])
    lists = offsets[first * joint : last * joint + 1] - low, states[low:high], probabilities[low:high]
    imbalance = largest(game.payoff[:, first:last].sum(axis=0)) if game.num_players == 2 else 0.0
    return Rows(game.payoff[0, first:last], lists, tuple(mask[first:last] for mask in game.legal), imbalance)
