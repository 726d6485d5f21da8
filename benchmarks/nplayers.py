"""Games of several players: one equilibrium beside quantecon's simplicial method, and polymatrix games beside its Lemke.

Games are uniform; each row is per game. The simplicial method stops at a regret of 1e-3 unless asked for less.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from quantecon.game_theory import NormalFormGame, mclennan_tourky
from quantecon.game_theory.howson_lcp import polym_lcp_solver
from quantecon.game_theory.polymatrix_game import PolymatrixGame

from benchmarks.timing import compare
from gametheory_rl.equilibria import logit_path, nash, polymatrix, polymatrix_regret, regret

SIZES = ((2, 2, 2), (3, 3, 3), (5, 5, 5), (3, 3, 3, 3), (2, 2, 2, 2, 2))
GAMES = 10
SPREAD = 1_000
"""Games that are solved, and judged, to count failures."""
PAIRS = ((3, 5), (5, 5), (10, 4))
"""Players and actions of polymatrix games."""


def rows() -> list[dict[str, Any]]:
    """Return one row a size, and one for paths and polymatrix games."""
    rng = np.random.default_rng(0)
    return [_nash(rng, size) for size in SIZES] + [_path(rng)] + [_polymatrix(rng, *pair) for pair in PAIRS]


def _nash(rng: np.random.Generator, size: tuple[int, ...]) -> dict[str, Any]:
    games = rng.random((GAMES, len(size), *size))
    prepared = [NormalFormGame(np.ascontiguousarray(np.moveaxis(game, 0, -1))) for game in games]
    row = compare(
        f"one equilibrium, {'x'.join(map(str, size))}",
        lambda: [nash(game) for game in games],
        lambda: [mclennan_tourky(game) for game in prepared],
        repeats=3,
        peer_name="quantecon mclennan_tourky, game built before",
    )
    theirs = max(regret(game, mclennan_tourky(peer)) for game, peer in zip(games, prepared, strict=True))
    found = [(game, nash(game, throw=False)) for game in rng.random((SPREAD, len(size), *size))]
    failures = sum(not regret(game, answer.profile) <= 1e-12 for game, answer in found)
    ours = max(answer.regret for _, answer in found)
    note = f"regret at most {ours:.0e} ours, {theirs:.0e} theirs; {failures} of {SPREAD:,} ours failed"
    return _per_game(row, note)


def _path(rng: np.random.Generator) -> dict[str, Any]:
    games = rng.random((GAMES, 3, 5, 5, 5))
    prepared = [NormalFormGame(np.ascontiguousarray(np.moveaxis(game, 0, -1))) for game in games]
    row = compare(
        "the whole logit branch, 5x5x5",
        lambda: [logit_path(game) for game in games],
        lambda: [mclennan_tourky(game) for game in prepared],
        repeats=3,
        peer_name="quantecon mclennan_tourky, one equilibrium",
    )
    points = [len(logit_path(game).precisions) for game in games]
    return _per_game(row, f"{int(np.median(points))} points, to a regret of 1e-8")


def _polymatrix(rng: np.random.Generator, players: int, actions: int) -> dict[str, Any]:
    every = [(i, j) for i in range(players) for j in range(players) if i != j]
    games: list[dict[tuple[int, int], Any]] = [{pair: rng.random((actions, actions)) for pair in every} for _ in range(GAMES)]
    prepared = [PolymatrixGame(game) for game in games]
    row = compare(
        f"polymatrix, {players} players of {actions} actions",
        lambda: [polymatrix(game) for game in games],
        lambda: [polym_lcp_solver(game) for game in prepared],
        repeats=3,
        peer_name="quantecon polym_lcp_solver, game built before",
    )
    ours = max(polymatrix(game).regret for game in games)
    theirs = max(polymatrix_regret(game, polym_lcp_solver(peer)) for game, peer in zip(games, prepared, strict=True))
    return _per_game(row, f"regret at most {ours:.0e} ours, {theirs:.0e} theirs")


def _per_game(row: dict[str, Any], note: str) -> dict[str, Any]:
    return row | {"ours_s": row["ours_s"] / GAMES, "peer_s": row["peer_s"] / GAMES, "note": note}
