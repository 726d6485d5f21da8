"""The demo: Littman's soccer solved exactly, learners measured against it, tables and pictures; ``python -m gametheory_rl._demo``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from gametheory_rl import __version__, _catalogue, _learn, _verify, families, learners, plots, stochastic
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution, Run, Status
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import atomic_write
from gametheory_rl._support._progress import progress_bar
from gametheory_rl.plots._sheets import Panel, sheet, write_picture

METHODS = ("value_iteration", "policy_iteration", "newton")
INTERRUPTED = 130


class _InterruptedRun(Exception):
    """A run ended early; what it had recorded is saved."""


@dataclass
class _Session:
    """What the parts of the demo share."""

    out: Path
    steps: int
    """Of each soccer run and seed."""
    seeds: int
    console: Console
    facts: dict[str, Any] = field(default_factory=dict)
    """Becomes ``summary.json``."""
    pictures: list[tuple[Path, str]] = field(default_factory=list)
    """Each picture and what it shows, in words."""

    def say(self, text: str) -> None:
        """Print a line at once, whoever listens."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)
        self.console.file.flush()

    def draw(self, name: str, panels: Sequence[Panel], words: str) -> None:
        """Draw a picture into the folder and keep what there is to say of it."""
        self.say(f"drawing {name}")
        self.pictures.append((write_picture(sheet(panels), self.out / name, dpi=110), words))

    def train(self, label: str, game: StochasticGame, learner: Any, **knobs: Any) -> Run:
        """Train, save the run, and stop the demo where the user stopped the training."""
        self.say(f"training {label} on {game.name}: {knobs['seeds']} seeds x {knobs['steps']:,} steps")
        begun = time.perf_counter()
        run = _learn.learn(game, learner, progress=True, **knobs)
        path = run.save(self.out / f"{game.name}_{label}.npz")
        if run.status is Status.INTERRUPTED:
            raise _InterruptedRun(path)
        ends = {name: _spread(column[:, -1]) for name, column in run.trace.items() if name != "step"}
        self.facts.setdefault("runs", {})[f"{game.name}/{label}"] = ends | {"seconds": time.perf_counter() - begun}
        return run


def demo(out: str | Path = "demo", *, steps: int = 1_000_000, seeds: int = 4, console: Console | None = None) -> Path:
    """Solve, train, measure and draw, into the folder ``out``; returns the path of its ``summary.json``.

    Parameters
    ----------
    out : path
        Made where it is missing. Every file in it is written whole or not at all.
    steps, seeds : int
        Of each soccer run; Littman's own figures are 10^6 steps.
    console : rich.console.Console, optional
        Where to print.

    Raises
    ------
    GameError
        ``steps`` or ``seeds`` below 1, or a folder that cannot be written to.
    """
    begun = time.perf_counter()
    for name, given in (("steps", steps), ("seeds", seeds)):
        if given < 1:
            raise GameError(f"{name} is {given}, an integer of at least 1 was expected")
    session = _Session(_folder(out), steps, seeds, console or _console())
    session.facts = {"version": __version__, "steps": steps, "seeds": seeds}
    soccer = _catalogue.load_game("soccer")
    session.say(f"{_catalogue.game_info('soccer').title}: {soccer!r}")
    solutions = _solve(session, soccer)
    _show_solutions(session, soccer, solutions)
    _learn_soccer(session, soccer, solutions["newton"])
    _learn_team(session)
    session.facts |= {"seconds": time.perf_counter() - begun, "pictures": {path.name: words for path, words in session.pictures}}
    summary = atomic_write(session.out / "summary.json", json.dumps(session.facts, indent=2) + "\n")
    _tell(session, summary)
    return summary


def _tell(session: _Session, summary: Path) -> None:
    session.say("\nWhat the pictures show")
    for path, words in session.pictures:
        session.say(f"\n{path}\n{words}")
    session.say(f"\nEverything is in {session.out.resolve()}: pictures, runs and the solution (npz), all numbers ({summary.name}).")
    session.say(f"{session.facts['seconds']:.0f} seconds in all")


def _console() -> Console:
    """Return a console that is wide enough for the tables where there is no terminal to ask."""
    return Console() if sys.stdout.isatty() else Console(width=110)


def _folder(out: str | Path) -> Path:
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "summary.json").unlink(missing_ok=True)
    except OSError as error:
        raise GameError(f"cannot write into {folder}: {error.strerror}; give another folder with --out") from None
    return folder


# ---- the exact part -------------------------------------------------------------------------------------------------


def _solve(session: _Session, game: StochasticGame) -> dict[str, GameSolution]:
    solutions, kickoffs = {}, np.flatnonzero(game.start).tolist()
    _compile(session)
    columns = [f"V: {_ball(game, k)}" for k in kickoffs]
    table = _table("The kick-off, solved three ways (V: value to A)", "method", "iterations", "certified error", *columns, "seconds")
    for method in METHODS:
        session.say(f"solving {game.name} by {method}")
        begun = time.perf_counter()
        found = solutions[method] = stochastic.solve(game, method, progress=True)
        if found.status is Status.INTERRUPTED:
            raise KeyboardInterrupt
        seconds = time.perf_counter() - begun
        values = [f"{v:+.9f}" for v in found.values[0, kickoffs]]
        table.add_row(method, str(found.iterations), f"{found.error_bound:.1e}", *values, f"{seconds:.2f}")
        session.facts.setdefault("solutions", {})[method] = {
            "iterations": found.iterations,
            "error_bound": found.error_bound,
            "kickoff_values": found.values[0, kickoffs].tolist(),
            "seconds": seconds,
        }
    table.add_row("the catalogue's truth", "", "", *_known(game, kickoffs), "", style="italic")
    session.console.print(table)
    best = solutions["newton"]
    epsilon = best.certificate.epsilon
    session.facts["solution_epsilon"] = epsilon
    session.say(f"Judged from the definition alone: whoever deviates gains at most {epsilon:.1e}, in any of {game.num_states} states.")
    best.save(session.out / "soccer_solution.npz")
    return solutions


def _compile(session: _Session) -> None:
    """Compile on a small board first, under a bar of its own, so that the seconds reported later are those of the work."""
    session.say("preparing the kernels (compiled once, later read from the disk)")
    small = families.soccer(2, 3)
    names = (*METHODS, "minimax_q", "independent_q", "centralised_q")
    with progress_bar("preparing", len(names), show=True) as advance:
        for done, name in enumerate(names, start=1):
            if name in METHODS:
                stochastic.solve(small, name, progress=False)
            else:
                _learn.learn(small, name, steps=1, progress=False)
            advance(done, name)


def _ball(game: StochasticGame, state: int) -> str:
    return game.labels.state(state).partition(", ")[2]


def _known(game: StochasticGame, states: list[int]) -> list[str]:
    known = _catalogue.game_info("soccer").known["state_values"]
    return [f"{float(known[game.labels.state(s)]):+.6f}" for s in states]


def _show_solutions(session: _Session, game: StochasticGame, solutions: dict[str, GameSolution]) -> None:
    sweeps, best = solutions["value_iteration"], solutions["newton"]
    discount = float(game.discount[0])
    kickoffs = {f"kick-off, {_ball(game, k)}": k for k in np.flatnonzero(game.start).tolist()}
    spread = max(float(np.abs(s.values - best.values).max()) for s in solutions.values())
    allowed = max(s.error_bound or 0.0 for s in solutions.values()) + (best.error_bound or 0.0)
    agree = "as their certified errors allow" if spread <= allowed else f"MORE than their certified errors allow ({allowed:.1e})"
    counts = ", ".join(f"{name.replace('_', ' ')} {s.iterations}" for name, s in solutions.items())
    session.draw(
        "1_solvers.png",
        [
            lambda ax: plots.value_trace(list(solutions.values()), discount=discount, ax=ax),
            lambda ax: plots.value_trace(sweeps, states=kickoffs, ax=ax),
        ],
        f"Left: the certified error after each iteration, and the slope {discount:g}^k that the discount alone promises. "
        f"Iterations: {counts}. In no state do the three differ by more than {spread:.1e}, {agree}. "
        f"Right: the certified band of value iteration closes in on the kick-off's values.",
    )
    state, mixed = int(np.argmax(game.start)), _most_mixed(best)
    session.draw(
        "2_soccer.png",
        [
            lambda ax: plots.policy_grid(game, best.profile, state, ax=ax),
            lambda ax: plots.value_grid(game, best.values, state=state, ax=ax),
        ],
        f"Left: equilibrium play at the kick-off, worth {best.values[0, state]:+.6f} to A. Right: its value as A stands elsewhere, from "
        f"{_extreme(game, best, state)}.",
    )
    session.draw(
        "3_stage_game.png",
        [
            lambda ax: plots.policy_grid(game, best.profile, mixed, ax=ax),
            lambda ax: plots.stage_game(game, mixed, best.values, best.profile, ax=ax),
        ],
        _mixing_words(game, best, mixed),
    )


def _mixing_words(game: StochasticGame, found: GameSolution, state: int) -> str:
    stage = game.stage(state, found.values)[0]
    surest, dearest = stage.min(axis=1).max(), stage.max(axis=0).min()
    return (
        f"A position where both mix ({game.labels.state(state)}), and its stage game, worth {found.values[0, state]:+.3f} to A. "
        f"With a single move that B foresees A is sure of {surest:+.3f} only; with one that A foresees B holds A to {dearest:+.3f}."
    )


def _extreme(game: StochasticGame, found: GameSolution, state: int) -> str:
    """Return the smallest and largest value over A's squares, B and the ball as in ``state``."""
    assert game.board is not None
    assert game.board.holder is not None
    same = (game.board.positions[1] == game.board.positions[1, state]).all(axis=1) & (game.board.holder == game.board.holder[state])
    return f"{found.values[0, same].min():+.3f} to {found.values[0, same].max():+.3f}"


def _most_mixed(found: GameSolution) -> int:
    """Return the state in which the likeliest moves of both players are least likely."""
    return int(np.argmin(np.maximum(*(policy.max(axis=1) for policy in found.profile))))


# ---- the learned part -----------------------------------------------------------------------------------------------


def _learn_soccer(session: _Session, game: StochasticGame, truth: GameSolution) -> None:
    decay = learners.Schedule.exponential(1.0, 0.01, session.steps)
    methods = {
        "minimax_q": learners.MinimaxQ(decay, exploration=0.2, initial=1.0),
        "independent_q": learners.IndependentQ(decay, exploration=0.2, initial=1.0),
    }
    knobs = {"steps": session.steps, "seeds": session.seeds, "exact": truth}
    runs = {name: session.train(name, game, learner, **knobs) for name, learner in methods.items()}
    title = f"After {session.steps:,} steps with Littman's schedule: median (range) of {session.seeds} seeds"
    table = _table(title, "learner", *_COLUMNS.values())
    for name, run in runs.items():
        table.add_row(name, *(_range(run.trace[column][:, -1]) for column in _COLUMNS))
    session.console.print(table)
    session.draw(
        "4_learning.png",
        [
            lambda ax: plots.nash_gap(runs, ax=ax),
            lambda ax: plots.nash_gap(runs, column="start_gap", ax=ax),
            lambda ax: plots.value_error(runs, ax=ax),
        ],
        f"{_gap_words(runs)} A goal is worth 1; "
        f"the exact solution's own gap is {truth.certificate.epsilon:.0e}. Right: the value error counts every state, however rarely met.",
    )


_COLUMNS = {"nash_gap": "gap, worst state", "start_gap": "gap, kick-off", "value_error": "value error"}


def _gap_words(runs: dict[str, Run]) -> str:
    ends = {name: {column: float(np.median(run.trace[column][:, -1])) for column in _COLUMNS} for name, run in runs.items()}
    parts = [
        f"against {name} a best responder still gains {end['nash_gap']:.2f} in the worst state and {end['start_gap']:.2f} at the kick-off"
        for name, end in ends.items()
    ]
    nearer = {column: min(ends, key=lambda name: ends[name][column]) for column in ("nash_gap", "start_gap")}
    who = set(nearer.values())
    verdict = f"By both, {who.pop()}" if len(who) == 1 else f"By the first {nearer['nash_gap']}, by the second {nearer['start_gap']}"
    return f"Exact distance from equilibrium while learning. At the end, {'; '.join(parts)}. {verdict} is the nearer to equilibrium."


def _learn_team(session: _Session) -> None:
    """Show the third paradigm on a team game: a centralised super-agent beside decentralised learners."""
    game = _catalogue.load_game("climbing")
    steps, seeds = max(100, session.steps // 50), 5 * session.seeds
    runs = {name: session.train(name, game, name, steps=steps, seeds=seeds) for name in ("centralised_q", "independent_q")}
    optimum = float(stochastic.solve(game.centralised(), progress=False).values[0, 0])
    title = f"{_catalogue.game_info('climbing').title}: the team's best is {optimum:g}"
    table = _table(title, "learner", f"seeds at {optimum:g}", "team payoff: median (range)")
    words, typical = [], {}
    for name, run in runs.items():
        earned = np.array([_verify.verify(game, profile).values[0, 0] for profile in run.profiles])
        best = int((earned > optimum - 1e-6).sum())
        table.add_row(name, f"{best} of {seeds}", _range(earned))
        session.facts["runs"][f"climbing/{name}"]["team_payoff"] = _spread(earned) | {"seeds_at_optimum": best}
        words.append(f"{name} reaches it in {best} of {seeds} seeds, median payoff {np.median(earned):.3g}")
        typical[name] = run.profiles[int(np.argsort(earned)[seeds // 2])]
    session.console.print(table)
    session.draw(
        "5_team.png",
        [_team_panel(game, name, profile) for name, profile in typical.items()],
        f"A team game whose best joint action, worth {optimum:g}, lies beside penalties of {-game.payoff.min():g}: "
        f"{'; '.join(words)}. Shaded: what the median seed plays.",
    )


def _team_panel(game: StochasticGame, name: str, profile: Any) -> Panel:
    def panel(ax: Any) -> None:
        plots.stage_game(game, 0, None, profile, ax=ax)
        ax.set_title(f"{game.name}, learned by {name}")

    return panel


# ---- words and numbers ----------------------------------------------------------------------------------------------


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _spread(numbers: np.ndarray) -> dict[str, float]:
    return {"median": float(np.median(numbers)), "smallest": float(numbers.min()), "largest": float(numbers.max())}


def _range(numbers: np.ndarray) -> str:
    return f"{np.median(numbers):.3f} ({numbers.min():.3f} to {numbers.max():.3f})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo from the command line; returns the exit code."""
    about = "Littman's soccer: solved, learned, measured, drawn."
    parser = argparse.ArgumentParser(prog="python -m gametheory_rl._demo", description=about)
    parser.add_argument("--out", default="demo", metavar="DIR", help="the folder for tables, runs and pictures (default: demo)")
    parser.add_argument("--steps", type=int, default=1_000_000, help="training steps of each seed (default: 1000000)")
    parser.add_argument("--seeds", type=int, default=4, help="seeds of each soccer run (default: 4)")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("GAMETHEORY_RL_ANNOUNCE", "1")  # compiling is part of what one waits for here
    try:
        demo(chosen.out, steps=chosen.steps, seeds=chosen.seeds)
    except GameError as error:
        print(error, file=sys.stderr)
        return 2
    except _InterruptedRun as stopped:
        print(f"\ninterrupted: what was recorded is saved in {stopped}", file=sys.stderr)
        return INTERRUPTED
    except KeyboardInterrupt:
        print(f"\ninterrupted: every file in {Path(chosen.out).resolve()} is whole", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
