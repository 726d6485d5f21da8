"""What verbs return: frozen data with its guarantee. And Plan, what a training run is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import read_arrays, write_arrays
from gametheory_rl._support._json import parsed
from gametheory_rl._support._progress import Show

Profile = tuple[np.ndarray, ...] | np.ndarray
"""A product profile, one ``(S, A_i)`` array per player, or a correlated one, ``(S, A_1, ..., A_n)``."""


class Status(Enum):
    """How a verb ended; the value is the sentence that the user reads."""

    SOLVED = "solved: the certified error is within the tolerance."
    ROUNDING = (
        "stopped at the limit of float64: the bound given is the best that can be certified; "
        "ask for a larger tol, or subtract a constant from the payoffs."
    )
    MAX_ITERATIONS = "stopped after max_iterations with the bound given; raise max_iterations, or choose another method."
    UNSETTLED = (
        "left open: floating point lost the path of some game, which is too large, or its path too long, for rationals; try another label."
    )
    CYCLES = "the values go round and round: this rule for stage games has no fixed point here; try another selection, or homotopy."
    MISMATCH = "the players have different equilibria in mind, and what they play is none; let them select by the same rule."
    LOST = "the path was lost before its end, from every prior that was tried; try another prior, or the other path."
    UNREACHED = (
        "stopped with a regret above the tolerance: the best profile found has the regret given; try another start, or a larger tol."
    )
    STALLED = "stopped where no step along the branch is short enough: it ends at the last point given; try another prior, or a larger tol."
    APART = "stopped where neither bound moves any more: both are proved, and what was asked for lies between; ask for a larger tol."
    OUT_OF_STEPS = "stopped after max_steps points of the path; raise max_steps."
    FINISHED = "finished: all steps were taken."
    INTERRUPTED = "interrupted: everything up to the last record was kept."

    @property
    def ok(self) -> bool:
        """Whether the verb did what it was asked."""
        return self in (Status.SOLVED, Status.FINISHED)


@dataclass(frozen=True, eq=False)
class StageSolution:
    """Solution of a stage game, or of a batch of them."""

    value: np.ndarray
    """``[...]`` value to the row player."""
    profile: tuple[np.ndarray, np.ndarray]
    """``[..., m]`` and ``[..., n]`` mixed actions."""
    gap: np.ndarray
    """``[...]`` duality gap in payoff units: the true value lies within ``gap`` of ``value``."""
    status: Status


@dataclass(frozen=True, eq=False)
class Certificate:
    """Exact distance of a profile from equilibrium, computed from the definition alone."""

    values: np.ndarray
    """``[n, S]`` value of the profile itself to each player."""
    gains: np.ndarray
    """``[n, S]`` what each player gains at most by deviating for ever, the induced decision process solved."""
    epsilon: float
    """Largest gain over players and states, ``error_bound`` included: the profile is an epsilon-equilibrium."""
    start_gap: float
    """Largest gain over players, states weighed by the game's start distribution."""
    error_bound: float
    """Largest error of any entry of ``values`` and ``gains``, rounding allowed for."""
    concept: str
    """nash, correlated or coarse"""


@dataclass(frozen=True, eq=False)
class BestResponse:
    """One player's best answer to the others' fixed play."""

    policy: np.ndarray
    """``[S, A_i]`` deterministic; ``[S, A_i, A_i]`` where recommendations are heard, the second axis: what is recommended"""
    values: np.ndarray
    """``[S]`` what it earns"""
    gains: np.ndarray
    """``[S]`` how much more than the profile"""


@dataclass(frozen=True, eq=False)
class GameSolution:
    """Exact solution of a stochastic game."""

    values: np.ndarray
    """``[n, S]``"""
    profile: Profile
    error_bound: float | None
    """Sup norm over players and states of the error of ``values``, rounding allowed for; None where the guarantee is a regret."""
    trace: Mapping[str, np.ndarray]
    """Columns by name, one row an iteration: residual, bound, contraction, and values where the game is small."""
    status: Status
    method: str
    iterations: int
    certify: Callable[[], Certificate] = field(repr=False)
    """Computes ``certificate``; called once, when it is first read."""
    period: int = 0
    """Length of the cycle in which an iteration ended; 0: none"""

    @cached_property
    def certificate(self) -> Certificate:
        """Exact regret of ``profile``, by a judge that shares no code with the solver."""
        return self.certify()

    def save(self, path: str | Path) -> Path:
        """Write values, profile and the trace's plain columns to ``path`` (npz), whole or not at all.

        ``values``, ``error_bound`` (NaN: none) and the profile as ``player_0``, ``player_1``, ... or ``correlated``.
        """
        columns = {f"trace/{name}": column for name, column in self.trace.items() if column.ndim == 1}
        meta = {"method": self.method, "iterations": self.iterations, "status": self.status.name, "format": "gametheory_rl solution 1"}
        numbers = {"values": self.values, "error_bound": np.array(np.nan if self.error_bound is None else self.error_bound)}
        return write_arrays(path, {**profile_arrays(self.profile), **numbers, **columns, "meta": np.array(json.dumps(meta))})

    def __repr__(self) -> str:
        """Return one line: method, size, guarantee, status."""
        bound = "" if self.error_bound is None else f", error at most {self.error_bound:.3g}"
        players, states = self.values.shape
        return f"GameSolution({self.method}, {players} x {states} values{bound}, {self.iterations} iterations: {self.status.value})"


@dataclass(frozen=True, eq=False)
class Plan:
    """What a training run is told, learner and game apart."""

    steps: int
    """Environment steps of each seed."""
    keys: np.ndarray
    """``[seeds]`` uint64, one stream each."""
    horizon: int | None
    """Restart from the start distribution after so many steps."""
    record_steps: np.ndarray
    """``[records]`` ascending step counts at which the policy is judged; the last is ``steps``."""
    judge: Callable[..., Mapping[str, Any]]
    """``judge(profile, estimates, visits)``: numbers of one profile, of the learner's own value estimates ``(n, S)`` and of the visits
    ``(S,)``, where these two are given: nash_gap, start_gap, value_error, ...; and
    ``start_values``, ``(n,)``, the profile's exact values from the start. Called in several threads at once."""
    checkpoint: Path | None = None
    """Where the state is saved at each record, and resumed from if it is there."""
    pace: Any = None
    """Saves less often, see ``_checkpoint.Paced``; None: at each record."""
    progress: Show = None
    sampling: str = "on_policy"
    """Where samples come from: the learner's own play, or one of the other names that ``learn`` takes."""
    policy_states: tuple[int, ...] = ()
    """States whose policies are kept at each record."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the run will say of itself, see ``Run.settings``; a checkpoint of other settings is refused."""


@dataclass(frozen=True, eq=False)
class Watch:
    """What was seen of the policies beside the trace: enough to tell settling from cycling."""

    steps: np.ndarray
    """``[samples]`` int64, ascending: where policies were sampled, between records too."""
    sketches: np.ndarray
    """``[watched seeds, samples, k]`` float32: the policy itself, in C order of (state, player, action), where it has at most 16
    numbers, or else 6 random projections of it, whose distances are those of policies on average. Seeds beyond the 256th are not
    watched."""
    start_values: np.ndarray
    """``[seeds, records, n]`` each record's exact values of the policy, from the start."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the fields by name, the form that they have in a file."""
        return {"watch/steps": self.steps, "watch/sketches": self.sketches, "watch/start_values": self.start_values}


@dataclass(frozen=True, eq=False)
class Run:
    """What a learner did: policies, and their exact distance from equilibrium over time."""

    profiles: tuple[Profile, ...]
    """One per seed: the learned policy, without exploration."""
    average_profiles: tuple[Profile, ...]
    """One per seed: the policies averaged over the visits of each state."""
    trace: Mapping[str, np.ndarray]
    """Columns by name, each ``[seeds, records]``: step, nash_gap, start_gap, average_nash_gap, value_error, ..."""
    settings: Mapping[str, Any]
    """What was run: game, learner, its hyper-parameters, steps, seed, horizon, versions; JSON values only."""
    status: Status = Status.FINISHED
    watch: Watch | None = None
    """Samples of the policies between records; None in files of earlier versions, and of learners that are not watched."""
    visits: np.ndarray | None = None
    """``[seeds, S]`` int64: steps taken from each state; None of a population, and of a file of an earlier version."""
    policies: np.ndarray | None = None
    """``[seeds, records, n, k, A]``: the policies at the k ``policy_states``, padded with 0 to the largest action count; of a
    correlated profile each player's marginal. None where no states were given."""
    weights: Mapping[str, np.ndarray] | None = None
    """Of a neural learner, its networks' weights by name, ``[seeds, ...]``: ``gt.deep.load_policy`` makes a policy of them."""

    @property
    def profile(self) -> Profile:
        """The first seed's profile."""
        if not self.profiles:
            raise GameError(
                f"{self.settings.get('game', 'this world')} has no table of states, so there is no profile; use deep.load_policy(run)"
            )
        return self.profiles[0]

    def save(self, path: str | Path) -> Path:
        """Write the run to ``path`` (npz), whole or not at all."""
        return write_arrays(path, self.arrays())

    def arrays(self) -> dict[str, Any]:
        """Return the run as named arrays, the form that it has in a file."""
        arrays: dict[str, Any] = {f"trace/{name}": column for name, column in self.trace.items()}
        for kind in ("profiles", "average_profiles"):
            for k, profile in enumerate(getattr(self, kind)):
                arrays |= {f"{kind}/{k}/{key}": value for key, value in profile_arrays(profile).items()}
        arrays |= self.watch.arrays() if self.watch is not None else {}
        arrays |= {name: array for name in ("visits", "policies") if (array := getattr(self, name)) is not None}
        arrays |= {f"weights/{name}": array for name, array in (self.weights or {}).items()}
        meta = {"settings": dict(self.settings), "status": self.status.name, "format": "gametheory_rl run 1"}
        return arrays | {"meta": np.array(json.dumps(meta))}

    def __repr__(self) -> str:
        """Return one line: who learned what, and how far from equilibrium it ended."""
        gaps = self.trace.get("nash_gap")
        end = "" if gaps is None or not gaps.size else f", median nash_gap {np.median(gaps[:, -1]):.4g}"
        end = ", no gap: an environment has no tensors" if {"environment", "world"} & set(self.settings) else end
        who = f"{self.settings.get('learner', '?')} on {self.settings.get('game', '?')}"
        count = self.trace["step"].shape[0] if "step" in self.trace else len(self.profiles)
        return f"Run({who}, {count} seeds x {self.settings.get('steps', '?')} steps{end}: {self.status.value})"


def load_run(path: str | Path) -> Run:
    """Return the run saved at ``path``; nothing in it is executed.

    Raises
    ------
    GameError
        Missing, damaged, or not a saved run.
    """
    arrays = read_arrays(path)
    try:
        meta = parsed(str(arrays["meta"]))
        if meta["format"] != "gametheory_rl run 1":
            raise KeyError
        trace = {name.removeprefix("trace/"): a for name, a in arrays.items() if name.startswith("trace/")}
        profiles, averages = (_profiles_of(arrays, kind) for kind in ("profiles", "average_profiles"))
        watched = {name.removeprefix("watch/"): a for name, a in arrays.items() if name.startswith("watch/")}
        watch = Watch(**watched) if watched else None
        settings = dict(meta["settings"])
        weights = {name.removeprefix("weights/"): a for name, a in arrays.items() if name.startswith("weights/")} or None
        kept = (arrays.get("visits"), arrays.get("policies"), weights)
        return Run(profiles, averages, trace, settings, Status[meta["status"]], watch, *kept)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise GameError(f"cannot read {path}: it is not a run saved by gametheory_rl") from None


def profile_arrays(profile: Profile) -> dict[str, np.ndarray]:
    """Return a profile as named arrays, the form that it has in a file."""
    if isinstance(profile, tuple):
        return {f"player_{i}": policy for i, policy in enumerate(profile)}
    return {"correlated": profile}


def profile_from_arrays(arrays: Mapping[str, np.ndarray]) -> Profile:
    """Return the profile whose named arrays these are; other names are ignored."""
    if "correlated" in arrays:
        return arrays["correlated"]
    players: Sequence[np.ndarray] = []
    while f"player_{len(players)}" in arrays:
        players = [*players, arrays[f"player_{len(players)}"]]
    if not players:
        raise GameError("the file holds no profile: arrays player_0, player_1, ... or correlated were expected")
    return tuple(players)


def _profiles_of(arrays: Mapping[str, np.ndarray], kind: str) -> tuple[Profile, ...]:
    found: list[Profile] = []
    while inner := {n.rpartition("/")[2]: a for n, a in arrays.items() if n.startswith(f"{kind}/{len(found)}/")}:
        found.append(profile_from_arrays(inner))
    return tuple(found)
