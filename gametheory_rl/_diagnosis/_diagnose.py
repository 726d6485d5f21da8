"""``diagnose``: what became of a training run, in numbers and in one sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._diagnosis._cycles import find_cycles, returns, route
from gametheory_rl._diagnosis._shares import Share, selection_shares
from gametheory_rl._diagnosis._statistics import Slope, pooled
from gametheory_rl._diagnosis._verdict import SeedDiagnosis, Verdict, judge_seed, late_records
from gametheory_rl._diagnosis._words import sentence
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Run
from gametheory_rl._support._errors import GameError

RELATIVE = 0.01
"""The tolerance, in spans of the payoffs."""


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What became of a run."""

    verdict: Verdict
    sentence: str
    """The verdict in words, with its numbers"""
    column: str
    """The exact gap that decides: nash_gap, or population_gap"""
    tol: float
    """What counts as converged, payoff units"""
    seeds: tuple[SeedDiagnosis, ...]
    """One per seed: verdict, gap, rate, cycle"""
    rate: Slope
    """Median over seeds of the slope of log gap against log step, with its 95 % interval"""
    route: tuple[str, ...]
    """The greedy profiles through which the policy cycles, in order, written as the actions that change; empty if there is no such loop"""
    shares: tuple[Share, ...]
    """Which equilibria the seeds ended in, most frequent first; the last are those that reached none"""
    unvisited: tuple[str, ...] | None
    """States in which some seed never was, by name; None: not recorded"""

    def counts(self) -> dict[Verdict, int]:
        """Return how many seeds have each verdict, most frequent first."""
        return dict(Counter(seed.verdict for seed in self.seeds).most_common())

    def __repr__(self) -> str:
        """Return the sentence."""
        return f"Diagnosis({self.sentence})"


def diagnose(run: Run, *, tol: float | None = None, game: StochasticGame | None = None) -> Diagnosis:
    """Say what became of a training run: converged, cycling, averaging, still falling or stuck, and where its seeds ended.

    Parameters
    ----------
    run : Run
    tol : float, optional
        What counts as converged, in payoff units; None: 1 % of the payoffs' span.
    game : StochasticGame, optional
        The game of the run, for names of states and actions.

    Returns
    -------
    Diagnosis
        Its ``sentence`` claims convergence only if the exact gap of every seed is at most ``tol`` at each late record (those in the last
        factor 4 of the steps, 5 at least), the policies' exact values have settled to ``2 tol``, and no policy cycles.

    Raises
    ------
    GameError
        Not a run, a tolerance that is not positive, a game of another shape.

    Notes
    -----
    Policies are sampled between records (``run.watch``). A cycle is a path that winds around its middle, three times or more and beyond
    chance, or recurs at even distances; with three seeds or more their evidence is joined. Its period is the number of greedy profiles
    on the way round: with step sizes that fall, each time round takes more steps than the one before. About one in a hundred policies
    that wander aimlessly is called a cycle; none that does is called converged. Centralised learners must reach equilibrium too: the
    team's optimum alone is ``Verdict.TEAM``. The gap of a population at positive temperature does not vanish, and is reported as it
    is.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.load_game("prisoners_dilemma"), "independent_q", steps=20_000, seeds=4)
    >>> print(gt.diagnose(run).sentence)  # doctest: +ELLIPSIS
    converged to within 0.05: the exact gap of every one of 4 seeds is at most ... at each of the last 8 records, and no policy cycles.
    """
    if not isinstance(run, Run):
        raise GameError(f"run is {type(run).__name__}, a Run was expected (learn and load_run return one)")
    column = gap_column(run)
    if column is None:
        raise GameError(f"the run has no exact gap in its trace, so nothing can be said of it; it has: {', '.join(run.trace) or 'nothing'}")
    shape = run.settings.get("shape")
    if game is not None and shape is not None and [game.num_players, game.num_states, *game.num_actions] != list(shape):
        raise GameError(f"game is {game!r}, the run's has the shape {shape}: give the game of the run")
    tol = _tolerance(run, tol, column, game)
    seeds = _seeds(run, column, tol)
    verdict = _joint(seeds)
    rate = pooled([seed.rate for seed in seeds])
    loop = _route(run, seeds, game)
    late = late_records(np.asarray(run.trace["step"])[0])
    return Diagnosis(
        verdict=verdict,
        sentence=sentence(verdict, seeds, tol, rate, loop, late, column),
        column=column,
        tol=tol,
        seeds=seeds,
        rate=rate,
        route=loop,
        shares=_shares(run, column, tol),
        unvisited=_unvisited(run.visits, game),
    )


def gap_column(run: Run) -> str | None:
    """Return the column of the trace that holds exact gaps; None where there is none, or only a mean over episodes that were played."""
    exact = ["nash_gap"] if "episode_return" in run.trace else ["population_gap", "nash_gap"]
    return next((column for column in exact if column in run.trace), None)


def _tolerance(run: Run, tol: Any, column: str, game: StochasticGame | None) -> float:
    if tol is not None:
        if isinstance(tol, bool) or not isinstance(tol, int | float | np.number) or not 0 < tol < np.inf:
            raise GameError(f"tol is {tol!r}, a positive number was expected, in payoff units")
        return float(tol)
    span = game.payoff_span if game is not None else run.settings.get("payoff_span")
    if span is None:
        # An older file does not say. No gap is larger than its scale, so this is on the strict side.
        gaps = np.asarray(run.trace[column], float)
        span = float(gaps.max()) if gaps.size else 0.0
    return RELATIVE * float(span) or 1e-8


def _seeds(run: Run, column: str, tol: float) -> tuple[SeedDiagnosis, ...]:
    count = len(run.trace[column])
    watch = run.watch
    watched = 0 if watch is None or not len(watch.steps) else len(watch.sketches)
    cycles = find_cycles(watch.steps, watch.sketches) if watch is not None and watched else []
    values = watch.start_values if watch is not None else np.zeros((count, 0, 0))
    back = _returns(run) if watched else []
    return tuple(
        judge_seed(
            {name: np.asarray(numbers)[k] for name, numbers in run.trace.items()},
            column,
            tol,
            values[k],
            watch.sketches[k].astype(np.float64) if watch is not None and k < watched else None,
            watch.steps if watch is not None else np.zeros(0),
            cycles[k] if k < watched else None,
            back[k] if k < len(back) else 0,
        )
        for k in range(count)
    )


def _returns(run: Run) -> list[int]:
    """Return how often each seed's greedy profile came back; what happened before the last three decades is left out as noise."""
    greedy = greedy_profiles(run)
    if greedy is None or run.watch is None:
        return []
    return [returns(path[run.watch.steps > run.watch.steps[-1] / 1000]) for path in greedy]


def _joint(seeds: tuple[SeedDiagnosis, ...]) -> Verdict:
    """Return the verdict of all seeds; where all cycle, whether some average is within the tolerance makes no difference."""
    verdicts = {seed.verdict for seed in seeds}
    if verdicts == {Verdict.CYCLES, Verdict.AVERAGES} and all(seed.cycle is not None for seed in seeds):
        return Verdict.CYCLES
    return verdicts.pop() if len(verdicts) == 1 else Verdict.DIVIDED


def _route(run: Run, seeds: tuple[SeedDiagnosis, ...], game: StochasticGame | None) -> tuple[str, ...]:
    """Return the loop on which most of the cycling seeds agree, in words."""
    greedy = greedy_profiles(run)
    if greedy is None:
        return ()
    found = Counter[frozenset[tuple[int, ...]]]()
    loops: dict[frozenset[tuple[int, ...]], tuple[tuple[int, ...], ...]] = {}
    for k, seed in enumerate(seeds):
        if seed.cycle is not None and (loop := route(greedy[k][seed.cycle.places])):
            found[frozenset(loop)] += 1
            loops.setdefault(frozenset(loop), loop)
    if not found:
        return ()
    loop = loops[found.most_common(1)[0][0]]
    start = loop.index(min(loop))
    return profile_names([*loop[start:], *loop[:start]], greedy, game)


def greedy_profiles(run: Run) -> np.ndarray | None:
    """Return the greedy action of each player in each state, ``(seeds, samples, S * n)``; None where policies were not kept whole."""
    profile = run.profiles[0] if run.profiles else None
    if run.watch is None or not isinstance(profile, tuple):
        return None
    states, players, actions = len(profile[0]), len(profile), max(policy.shape[1] for policy in profile)
    seeds, samples, width = run.watch.sketches.shape
    if width != states * players * actions:
        return None
    return run.watch.sketches.reshape(seeds, samples, states * players, actions).argmax(axis=3)


def profile_names(profiles: Any, greedy: np.ndarray, game: StochasticGame | None) -> tuple[str, ...]:
    """Return a name for each greedy profile: the actions, joined by a stroke, where ``greedy`` ever changes."""
    table = np.asarray(profiles)
    changes = np.flatnonzero((greedy != greedy[0, 0]).any(axis=(0, 1)))
    players = game.num_players if game is not None else 1
    names = []
    for row in table[:, changes].tolist():
        actions = [
            game.labels.action(int(place) % players, a) if game is not None else str(a) for place, a in zip(changes, row, strict=True)
        ]
        names.append("/".join(actions))
    return tuple(names)


def _shares(run: Run, column: str, tol: float) -> tuple[Share, ...]:
    gaps = np.asarray(run.trace[column], float)
    if column != "nash_gap" or not gaps.size:
        return ()
    values = run.watch.start_values[:, -1] if run.watch is not None else np.zeros((len(gaps), 0))
    return selection_shares(run.profiles, gaps[:, -1], values, run.visits, tol)


def _unvisited(visits: np.ndarray | None, game: StochasticGame | None) -> tuple[str, ...] | None:
    if visits is None:
        return None
    states = np.flatnonzero((visits == 0).any(axis=0)).tolist()
    if game is None:
        return tuple(str(state) for state in states)
    return tuple(game.labels.state(state) for state in states if not game.terminal[state])
