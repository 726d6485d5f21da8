"""All equilibria of one bimatrix game, beside quantecon and nashpy: times of whole calls, and how many each finds of hard games."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from quantecon.game_theory import NormalFormGame, Player
from quantecon.game_theory import support_enumeration as peer_supports
from quantecon.game_theory import vertex_enumeration as peer_vertices

from benchmarks.timing import compare
from gametheory_rl.equilibria import support_enumeration, vertex_enumeration

Pair = tuple[np.ndarray, np.ndarray]
RANDOM: tuple[tuple[str, int, Callable[..., Any], Callable[..., Any]], ...] = (
    ("supports", 5, support_enumeration, peer_supports),
    ("vertices", 5, vertex_enumeration, peer_supports),
    ("supports", 8, support_enumeration, peer_supports),
    ("vertices", 8, vertex_enumeration, peer_vertices),
    ("vertices", 10, vertex_enumeration, peer_vertices),
    ("vertices", 12, vertex_enumeration, peer_vertices),
)
GAMES = 8
"""Random games of each size; a time is that of one, on average."""
NASHPY_SECONDS = 120.0


def rows() -> list[dict[str, Any]]:
    """Return one row a size and method, then one for nashpy, then one a degenerate game with what each library finds."""
    rng = np.random.default_rng(0)
    return [_random(rng, *case) for case in RANDOM] + [_beside_nashpy(rng)] + [_degenerate(*case) for case in degenerate_games(rng)]


def peer_game(A: np.ndarray, B: np.ndarray) -> NormalFormGame:
    return NormalFormGame((Player(A), Player(np.ascontiguousarray(B.T))))


def _random(rng: np.random.Generator, name: str, n: int, ours: Callable[..., Any], peer: Callable[..., Any]) -> dict[str, Any]:
    games = [(rng.random((n, n)), rng.random((n, n))) for _ in range(GAMES)]
    prepared = [peer_game(A, B) for A, B in games]
    repeats = 100 if n == 5 else 1
    row = compare(
        f"all equilibria {n}x{n}, uniform, by {name}",
        lambda: [ours(A, B) for A, B in games for _ in range(repeats)],
        lambda: [peer(game) for game in prepared for _ in range(repeats)],
        repeats=5,
        peer_name=f"quantecon {peer.__name__}, game built before",
    )
    mine, theirs = sum(len(ours(A, B)) for A, B in games), sum(len(peer(game)) for game in prepared)
    calls = GAMES * repeats
    return row | {"ours_s": row["ours_s"] / calls, "peer_s": row["peer_s"] / calls, "note": f"found: {mine} ours, {theirs} theirs"}


def _beside_nashpy(rng: np.random.Generator) -> dict[str, Any]:
    import nashpy

    A, B = rng.random((5, 5)), rng.random((5, 5))
    row = compare(
        "all equilibria 5x5, uniform, by supports",
        lambda: [support_enumeration(A, B) for _ in range(100)],
        lambda: list(nashpy.Game(A, B).support_enumeration()),
        repeats=3,
        peer_name="nashpy support_enumeration",
    )
    return row | {"ours_s": row["ours_s"] / 100, "ratio": row["ratio"] * 100}


def degenerate_games(rng: np.random.Generator) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return games with ties, by name."""
    duplicated = rng.random((2, 6, 6))
    duplicated[:, 5] = duplicated[:, 4]
    return [
        ("the 2x2 zero game", np.zeros((2, 2)), np.zeros((2, 2))),
        ("8x8 in {0,1,2}", *rng.integers(0, 3, (2, 8, 8)).astype(float)),
        ("12x12 in {0,1,2}", *rng.integers(0, 3, (2, 12, 12)).astype(float)),
        ("6x6 with a row twice", *duplicated),
    ]


def _degenerate(name: str, A: np.ndarray, B: np.ndarray) -> dict[str, Any]:
    begin = time.perf_counter()
    found = vertex_enumeration(A, B)
    ours = time.perf_counter() - begin
    theirs = len(peer_vertices(peer_game(A, B)))
    beside = vertex_enumeration(A, B, engine="nashpy", time_limit=NASHPY_SECONDS) if len(A) <= 8 else None
    nashpy = "" if beside is None else f", nashpy {len(beside)}{'' if beside.failure is None else f' ({beside.failure})'}"
    note = f"extreme equilibria: {len(found)} ours in {len(found.components)} components, quantecon {theirs}{nashpy}"
    return {"name": f"degenerate: {name}", "peer": "quantecon, nashpy vertex enumeration", "ours_s": ours, "note": note}
