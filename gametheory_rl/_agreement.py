"""``agreement``: the games of the catalogue solved by us and by others, every answer judged from the definition."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from importlib.util import find_spec
from math import isfinite, nan
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._catalogue import list_games, load_game, save_game
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._support._files import atomic_write
from gametheory_rl._support._progress import progress_bar

CHILD = Path(__file__).with_name("_agreement_child.py")
OTHERS = {"nashpy": "nashpy", "quantecon": "quantecon", "open_spiel": "pyspiel", "pygambit": "pygambit"}
"""Engines, and the module without which an engine is absent."""
PRISM = "prism"
CLOSE = 1e-6
"""Largest regret of an equilibrium and largest difference of values, in spans of payoffs: what float solvers promise by default."""
START = 120.0
"""Seconds that a process may take to import its library, and to compile."""


@dataclass(frozen=True)
class Cell:
    """One engine on one game."""

    game: str
    engine: str
    outcome: str
    """``agrees``, ``differs``, ``late``, ``error``, ``absent`` (not installed) or ``no`` (a game that the engine does not take)."""
    profiles: int = 0
    """How many were returned."""
    equilibria: int = 0
    """How many of these are equilibria, each counted once."""
    worst_regret: float = nan
    """Largest regret of the profiles returned, in spans of payoffs."""
    value: float = nan
    """To player 1, of a zero-sum game."""
    seconds: float = nan
    """On the clock, the library's import left out where it was imported before."""
    note: str = ""


@dataclass(frozen=True)
class Agreement:
    """What ``agreement`` returns: cells by game, then by engine."""

    games: tuple[str, ...]
    engines: tuple[str, ...]
    cells: tuple[Cell, ...]

    def save(self, path: str | Path) -> Path:
        """Write every cell as a row of a CSV table, atomically; returns the path."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        names = [field.name for field in fields(Cell)]
        writer.writerow(names)
        writer.writerows([_text(getattr(cell, name)) for name in names] for cell in self.cells)
        return atomic_write(path, stream.getvalue())


def agreement(
    games: Sequence[str] | None = None, *, time_limit: float = 10.0, models: Path | None = None, progress: bool | None = None
) -> Agreement:
    """Solve games by ourselves and by every other library that is installed, and judge each answer.

    Parameters
    ----------
    games : sequence of str, optional
        Names of the catalogue; None: all stochastic games, matrix games among them.
    time_limit : float
        Seconds for one engine on one game. Others run in processes of their own, which are ended when they take longer.
    models : Path, optional
        Where the stochastic games are kept in PRISM's language.
    progress : bool, optional
        None: a progress bar where standard error is a terminal.

    Returns
    -------
    Agreement
        Matrix games played once by ours, nashpy, quantecon, OpenSpiel and (as text) pygambit; games of several states, or repeated ones,
        by ours and PRISM-games (a program ``prism`` on the path), which takes zero-sum games with a discount below 1.

    Raises
    ------
    GameError
        An unknown name, a time limit that is no positive number.
    """
    if isinstance(time_limit, bool) or not isinstance(time_limit, int | float) or not 0 < time_limit < 1e6:
        raise GameError(f"the time limit is {time_limit!r}, a positive number of seconds was expected")
    names = list(games) if games is not None else list_games()
    for name in names:
        if name not in list_games():
            raise UnknownNameError("game", name, list_games())
    engines = ("ours", *OTHERS, PRISM)
    cells: list[Cell] = []
    others = {name: _Other(name, time_limit) for name, module in OTHERS.items() if find_spec(module) is not None}
    try:
        with progress_bar("agreement", float(len(names)), show=progress) as advance:
            for done, name in enumerate(names):
                advance(float(done), name)
                game = load_game(name)
                stage = game.num_states == 1 and not game.discount.any() and all(mask.all() for mask in game.legal)
                cells += _stage_cells(name, game, others) if stage else _stochastic_cells(name, game, time_limit, models)
    finally:
        for other in others.values():
            other.close()
    return Agreement(tuple(names), engines, tuple(cells))


# ---- matrix games ----------------------------------------------------------------------------------------------------


def _stage_cells(name: str, game: StochasticGame, others: Mapping[str, _Other]) -> list[Cell]:
    payoffs = game.payoff[:, 0]
    began = time.perf_counter()
    profiles, value = _ours(payoffs, game.zero_sum)
    ours = _judged(Cell(name, "ours", ""), payoffs, profiles, value, time.perf_counter() - began)
    return [ours, *(_other_cell(name, game, engine, others.get(engine), ours) for engine in OTHERS), Cell(name, PRISM, "no")]


def _ours(payoffs: np.ndarray, zero_sum: bool) -> tuple[list[Any], float | None]:
    from gametheory_rl import equilibria as eq

    if len(payoffs) != 2:
        return [eq.nash(payoffs).profile], None
    value = float(eq.minimax(payoffs[0]).value) if zero_sum else None
    return list(eq.vertex_enumeration(*payoffs).profiles), value


def _other_cell(name: str, game: StochasticGame, engine: str, other: _Other | None, ours: Cell) -> Cell:
    blank = Cell(name, engine, "no")
    if other is None:
        return replace(blank, outcome="absent")
    payoffs = game.payoff[:, 0]
    if len(payoffs) != 2 and engine in ("nashpy", "open_spiel"):
        return replace(blank, note="two players alone")
    from gametheory_rl.interchange import _nfg

    began = time.perf_counter()
    answer = other.ask({"payoffs": payoffs.tolist(), "zero_sum": game.zero_sum, "text": _nfg.write(game, name)})
    seconds = time.perf_counter() - began
    if answer is None:
        return replace(blank, outcome="late", seconds=seconds, note=f"still at work after {other.time_limit:g} s")
    if "error" in answer:
        return replace(blank, outcome="error", seconds=seconds, note=answer["error"])
    cell = _judged(blank, payoffs, answer["profiles"], answer["value"], seconds)
    if isfinite(cell.value) and abs(cell.value - ours.value) > CLOSE * (game.payoff_span or 1.0):
        cell = replace(cell, outcome="differs", note=f"{cell.note}; the value is {ours.value:.9g}".lstrip("; "))
    fewer = cell.equilibria < ours.equilibria and cell.outcome == "agrees"
    return replace(cell, note=f"finds {cell.equilibria} of {ours.equilibria}") if fewer else cell


def _judged(blank: Cell, payoffs: np.ndarray, profiles: Sequence[Any], value: float | None, seconds: float) -> Cell:
    """Return the cell of an answer: every profile judged by its regret."""
    from gametheory_rl import equilibria as eq

    span = float((payoffs.reshape(len(payoffs), -1).max(axis=1) - payoffs.reshape(len(payoffs), -1).min(axis=1)).max()) or 1.0
    regrets = []
    for profile in profiles:
        try:
            regrets.append(float(eq.regret(payoffs, tuple(np.asarray(strategy, float) for strategy in profile))) / span)
        except (GameError, ValueError):
            regrets.append(float("inf"))
    fine = [profile for profile, regret in zip(profiles, regrets, strict=True) if regret <= CLOSE]
    different = {tuple(np.round(np.concatenate([np.ravel(s) for s in profile]), 6).tolist()) for profile in fine}
    if value is None and fine and len(payoffs) == 2 and np.abs(payoffs.sum(axis=0)).max() <= 1e-12 * span:
        value = float(np.asarray(fine[0][0]) @ payoffs[0] @ np.asarray(fine[0][1]))
    wrong = len(profiles) - len(fine)
    note = "nothing found" if not profiles else f"{wrong} of {len(profiles)} are no equilibria" if wrong else ""
    return replace(
        blank,
        outcome="differs" if note else "agrees",
        profiles=len(profiles),
        equilibria=len(different),
        worst_regret=max(regrets, default=nan),
        value=nan if value is None else value,
        seconds=seconds,
        note=note,
    )


class _Other:
    """A foreign solver in a process that is started when it is first asked, and again after it had to be ended."""

    def __init__(self, engine: str, time_limit: float) -> None:
        self.engine, self.time_limit = engine, time_limit
        self.child: subprocess.Popen[str] | None = None
        self.answers: queue.Queue[str] = queue.Queue()
        self.listener: threading.Thread | None = None

    def ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer, None where it took too long."""
        limit = self.time_limit
        if self.child is None or self.child.poll() is not None:
            self.close()
            self._begin()
            limit += START
        child = self.child
        assert child is not None
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(request) + "\n")
            child.stdin.flush()
            line = self.answers.get(timeout=limit)
        except queue.Empty:
            self.close()
            return None
        except OSError:
            line = ""
        if not line:
            self.close()
            return {"error": "the process ended without an answer"}
        return json.loads(line)

    def _begin(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONWARNINGS": "ignore"}
        pipe = subprocess.PIPE
        child = subprocess.Popen(
            [sys.executable, "-P", str(CHILD), self.engine], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        answers: queue.Queue[str] = queue.Queue()

        def listen() -> None:
            assert child.stdout is not None
            for line in child.stdout:
                answers.put(line)
            answers.put("")

        self.child, self.answers, self.listener = child, answers, threading.Thread(target=listen, daemon=True)
        self.listener.start()

    def close(self) -> None:
        """End the process."""
        if self.child is None:
            return
        self.child.kill()
        self.child.wait()
        if self.listener is not None:
            self.listener.join()
        for stream in (self.child.stdin, self.child.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        self.child = None


# ---- stochastic games ------------------------------------------------------------------------------------------------


def _stochastic_cells(name: str, game: StochasticGame, time_limit: float, models: Path | None) -> list[Cell]:
    others = [Cell(name, engine, "no") for engine in OTHERS]
    blank = Cell(name, PRISM, "no", note="PRISM takes zero-sum games with a discount below 1")
    if models is not None and (game.discount == game.discount[0]).all():
        save_game(game, models / f"{name}.prism")
    if not game.zero_sum or game.discount[0] >= 1:
        return [Cell(name, "ours", "no", note="compared with PRISM alone"), *others, blank]
    program = shutil.which("prism")
    if program is None:
        return [Cell(name, "ours", "no", note="compared with PRISM alone"), *others, replace(blank, outcome="absent", note="")]
    from gametheory_rl.stochastic import solve

    began = time.perf_counter()
    solution = solve(game, throw=False, progress=False)
    state = int(np.argmax(game.start))
    value = float(solution.values[0, state])
    ours = Cell(name, "ours", "agrees", 1, 1, value=value, seconds=time.perf_counter() - began)
    return [ours, *others, _prism_cell(replace(blank, note=""), game, program, state, value, time_limit)]


def _prism_cell(blank: Cell, game: StochasticGame, program: str, state: int, value: float, time_limit: float) -> Cell:
    """Return what PRISM-games says of the value of ``state``: with payoffs moved to be 0 or more, which it asks for."""
    low, discount = float(game.payoff[0].min()), float(game.discount[0])
    start = np.zeros(game.num_states)
    start[state] = 1.0
    moved = StochasticGame(np.stack([game.payoff[0] - low, low - game.payoff[0]]), game.successors, discount, start, game.legal)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        model = save_game(moved, Path(folder) / "model.prism")
        command = [program, str(model), "-pf", '<<p1>>R{"payoff_1"}max=? [ F "over" ]']
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=time_limit, check=False)
        except subprocess.TimeoutExpired:
            return replace(blank, outcome="late", note=f"still at work after {time_limit:g} s")
    seconds = time.perf_counter() - began
    found = re.search(r"^Result: *([-+0-9.eE]+)", done.stdout, re.MULTILINE)
    if found is None:
        return replace(blank, outcome="error", seconds=seconds, note=" ".join((done.stdout + done.stderr).split())[-200:])
    theirs = float(found[1]) + low / (1 - discount)
    agrees = abs(theirs - value) <= CLOSE * (game.payoff_span or 1.0) / (1 - discount)
    note = "" if agrees else f"the value is {value:.9g}"
    return replace(blank, outcome="agrees" if agrees else "differs", value=theirs, seconds=seconds, note=note)


def _text(value: Any) -> Any:
    return ("" if np.isnan(value) else f"{value:.9g}") if isinstance(value, float) else value
