"""What a dynamic returns: the paths, their averages, and how far from equilibrium they ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl.equilibria._judges import obedience, regret


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Paths of a dynamic from one start, or from a batch of them."""

    times: np.ndarray
    """``[records]`` rounds played, or the time; ascending, the last record is the end."""
    profiles: tuple[np.ndarray, ...]
    """One ``[..., records, A_i]`` per player (one array in all for one population): mixed actions at the records."""
    average_profiles: tuple[np.ndarray, ...]
    """Likewise: what was played, averaged up to each record."""
    joint: np.ndarray | None
    """``[..., A_1, ..., A_n]`` how often joint actions were played, weighted as the averages; None in continuous time."""
    step: float | None
    """Length of the integrator's steps; None for rounds of play."""
    step_error: np.ndarray | None
    """``[...]`` estimate, from steps of twice the length, of the largest error of ``profiles``; None for rounds of play."""
    status: Status
    payoffs: np.ndarray = field(repr=False)
    """``[n, A_1, ..., A_n]`` the game that was played, by which regrets are judged."""

    @property
    def last(self) -> tuple[np.ndarray, ...]:
        """One ``[..., A_i]`` per player: the last record."""
        return tuple(x[..., -1, :] for x in self.profiles)

    @property
    def average(self) -> tuple[np.ndarray, ...]:
        """One ``[..., A_i]`` per player: the average over the whole path."""
        return tuple(x[..., -1, :] for x in self.average_profiles)

    @cached_property
    def regrets(self) -> np.ndarray:
        """``[..., records]`` regret of the profile at each record, by ``regret``."""
        return self._judged(self.profiles)

    @cached_property
    def average_regrets(self) -> np.ndarray:
        """``[..., records]`` regret of the average profile at each record."""
        return self._judged(self.average_profiles)

    @cached_property
    def last_regret(self) -> np.ndarray:
        """``[...]`` the most that one player gains by leaving the last profile, in payoff units."""
        return self._judged(self.last)

    @cached_property
    def average_regret(self) -> np.ndarray:
        """``[...]`` the most that one player gains by leaving the average profile."""
        return self._judged(self.average)

    @cached_property
    def coarse_slack(self) -> np.ndarray | None:
        """``[...]`` how far ``joint`` is from a coarse correlated equilibrium: what players without regret converge to."""
        return self._disobeyed(coarse=True)

    @cached_property
    def slack(self) -> np.ndarray | None:
        """``[...]`` how far ``joint`` is from a correlated equilibrium."""
        return self._disobeyed(coarse=False)

    def _judged(self, profiles: tuple[np.ndarray, ...]) -> np.ndarray:
        """Return the regret of each profile; one population plays against itself."""
        players = profiles if len(profiles) == len(self.payoffs) else profiles * len(self.payoffs)
        return _each(profiles[0].shape[:-1], lambda place: regret(self.payoffs, [x[place] for x in players]))

    def _disobeyed(self, *, coarse: bool) -> np.ndarray | None:
        joint = self.joint
        if joint is None:
            return None
        batch = joint.shape[: joint.ndim + 1 - self.payoffs.ndim]
        return _each(batch, lambda place: obedience(self.payoffs, joint[place], coarse=coarse))

    def __repr__(self) -> str:
        """Return one line: how many runs, how long, how far from equilibrium."""
        runs = int(np.prod(self.profiles[0].shape[:-2]))
        if runs == 0:
            return f"Trajectory(no starts: {self.status.value})"
        end = f"regret at most {np.max(self.last_regret):.3g} at the end, {np.max(self.average_regret):.3g} on average"
        return f"Trajectory({runs} x {len(self.times)} records up to {self.times[-1]:g}, {end}: {self.status.value})"


def _each(batch: tuple[int, ...], judge: Callable[[tuple[int, ...]], float]) -> np.ndarray:
    """Return ``judge`` of every place of the batch; a NumPy scalar for no batch."""
    found = np.array([judge(place) for place in np.ndindex(*batch)], np.float64)
    return found.reshape(batch)[()]
