"""The logarithmic tracing path of a stochastic game, with the end of the path inside its domain.

Harsanyi & Selten's (1988) tracing procedure in the logarithmic form, for stochastic games (S. Eibelshäuser & D. Poensgen 2023,
"Markov quantal response equilibrium and a homotopy method for computing and selecting Markov perfect equilibria of dynamic
stochastic games"; P. J.-J. Herings & R. Peeters 2004): each player answers a mixture of a prior belief about the others, with
weight ``1 - t``, and their true play, with weight ``t``, and pays ``barrier * (1 - t)`` times the logarithm of his probabilities.

With ``w >= 0`` what an action loses against the best, optimality is ``probability * w = mu``. Both sides follow from one number
``z = probability - w`` per action, ``probability = (z + sqrt(z^2 + 4 mu)) / 2`` (B. Chen & P. Harker 1993, C. Kanzow 1996): smooth
for ``mu > 0``, and at ``mu = 0`` the positive and the negative part of ``z``. So the curve does not run to infinity as
logarithms of probabilities do: it ends, in finite length, at the equilibrium itself. The parameter is ``q = sqrt(1 - t)``, in which
the curve is smooth also where an action that is not played is as good as the best.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from gametheory_rl.stochastic._action_rows import ActionRows, Induced


class Smoothed(NamedTuple):
    """Both sides of the complementarity, and their derivatives."""

    play: np.ndarray
    """``[R]`` probabilities"""
    loss: np.ndarray
    """``[R]`` what each action loses against the best"""
    d_play: np.ndarray
    """``[R]`` d play / d z; ``d loss / d z`` is one less"""
    d_mu: np.ndarray
    """``[R]`` d play / d mu, and d loss / d mu"""


def smoothed(z: np.ndarray, mu: float) -> Smoothed:
    """Return probabilities and losses with ``play * loss = mu`` and ``play - loss = z``."""
    root = np.sqrt(z * z + 4.0 * mu)
    large = 0.5 * (np.abs(z) + root)
    # The smaller one as a quotient: as a difference it would lose all its digits.
    small = np.divide(mu, large, out=np.zeros_like(large), where=large > 0.0)
    play, loss = np.where(z > 0.0, large, small), np.where(z > 0.0, small, large)
    d_play = np.divide(play, root, out=np.full_like(root, 0.5), where=root > 0.0)
    return Smoothed(play, loss, d_play, np.divide(1.0, root, out=np.zeros_like(root), where=root > 0.0))


@dataclass(frozen=True, eq=False)
class Tracing:
    """The equations of the path: one per action (its loss) and one per group (probabilities sum to 1)."""

    rows: ActionRows
    prior: Induced | None
    """What actions pay against the prior, continued with 0; None: belief is true from the start, and only the barrier falls."""
    barrier: float
    """Weight of the logarithms at ``q = 1``, in payoff spans"""

    def weights(self, q: float) -> tuple[float, float, float]:
        """Return ``t``, ``mu`` and ``dt / dq``."""
        return (1.0 - q * q if self.prior else 1.0), self.barrier * q * q, (-2.0 * q if self.prior else 0.0)

    @property
    def units(self) -> np.ndarray:
        """``[R + G + 1]`` the units of arc length."""
        return self.rows.units

    def split(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Return ``z`` (R,), values (G,) and ``q``."""
        count = self.rows.num_rows
        return x[:count], x[count:-1], float(x[-1])

    def residual(self, x: np.ndarray) -> tuple[np.ndarray, tuple[Smoothed, Induced, np.ndarray]]:
        """Return F, and the parts that the derivatives share."""
        z, values, q = self.split(x)
        t, mu, _ = self.weights(q)
        smooth = smoothed(z, mu)
        induced = self.rows.induced(smooth.play, values)
        against_prior = self.against_prior(values)
        pays = t * induced.pays + (1.0 - t) * against_prior
        losses = values[self.rows.group] - pays - smooth.loss
        return np.concatenate([losses, self.rows.sums(smooth.play) - 1.0]), (smooth, induced, against_prior)

    def against_prior(self, values: np.ndarray) -> np.ndarray:
        """Return what each action pays ``(R,)`` when the others play the prior now and ``values`` continue."""
        if self.prior is None:
            return np.zeros(self.rows.num_rows)
        row, group, entry = self._flow_places
        return self.prior.pays + np.bincount(row, self.prior.flows[entry] * values[group], minlength=self.rows.num_rows)

    @cached_property
    def _flow_places(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        row, group = self.rows.flow_at
        entry = np.flatnonzero(group >= 0)
        return row[entry], group[entry], entry

    @cached_property
    def _places(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows and columns of all entries, and which pairs are of two players."""
        count, group = self.rows.num_rows, self.rows.group
        pair_row, pair_column = self.rows.pair_at
        others = np.flatnonzero(group[pair_row] != group[pair_column])
        flow_row, flow_group, _ = self._flow_places
        every, last = np.arange(count), np.full(count + self.rows.num_groups, count + self.rows.num_groups)
        places = [
            (pair_row[others], pair_column[others]),
            (every, every),
            (flow_row, count + flow_group),
            (every, count + group),
            (count + group, every),
            (np.arange(len(last)), last),
        ]
        rows, columns = (np.concatenate(part) for part in zip(*places, strict=True))
        return rows, columns, others

    def derivatives(self, x: np.ndarray, kept: tuple[Smoothed, Induced, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows, columns and entries of the derivatives."""
        smooth, induced, against_prior = kept
        q = float(x[-1])
        t, _, dt = self.weights(q)
        rows, columns, others = self._places
        pair_row, pair_column = self.rows.pair_at
        slope = self.barrier * 2.0 * q * smooth.d_mu
        drift = np.bincount(pair_row[others], induced.pairs[others] * slope[pair_column[others]], minlength=self.rows.num_rows)
        entry = self._flow_places[2]
        flows = t * induced.flows[entry]
        if self.prior is not None:
            flows = flows + (1.0 - t) * self.prior.flows[entry]
        parts = [
            -t * induced.pairs[others] * smooth.d_play[pair_column[others]],
            1.0 - smooth.d_play,
            -flows,
            np.ones(self.rows.num_rows),
            smooth.d_play,
            -dt * (induced.pays - against_prior) - t * drift - slope,
            self.rows.sums(slope),
        ]
        return rows, columns, np.concatenate(parts)

    def start(self) -> np.ndarray:
        """Return the only point at ``q = 1``: each player's best answer to the prior, barrier included.

        The value of a group solves ``sum over actions of barrier / (value - pays) = 1``: a convex monotone function of what
        continues, that contracts by the discount, so that Newton's method converges from 0 (as policy iteration does).
        """
        assert self.prior is not None
        rows, barrier = self.rows, self.barrier
        values = np.zeros(rows.num_groups)
        for _ in range(200):
            pays = self.against_prior(values)
            level = _level(rows, pays, barrier)
            share = 1.0 / (level[rows.group] - pays) ** 2
            share /= rows.sums(share)[rows.group]
            change = rows.values_equation(share, self.prior.flows)(level - values)
            values = values + change
            if np.abs(change).max() <= 1e-13 * (1.0 + np.abs(values).max()):
                break
        loss = values[rows.group] - self.against_prior(values)
        return np.concatenate([barrier / loss - loss, values, [1.0]])


def _level(rows: ActionRows, pays: np.ndarray, barrier: float) -> np.ndarray:
    """Return the value ``(G,)`` of each group: Newton from below on a convex falling function never overshoots."""
    best = np.maximum.reduceat(pays, rows.first_row)
    level = best + barrier
    for _ in range(100):
        gap = level[rows.group] - pays
        step = (rows.sums(barrier / gap) - 1.0) / rows.sums(barrier / gap**2)
        level = level + step
        if (np.abs(step) <= 1e-15 * (1.0 + np.abs(level))).all():
            break
    return level
