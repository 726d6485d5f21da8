"""The logistic quantal-response path of a stochastic game (McKelvey & Palfrey 1995; for stochastic games Breitmoser, Tan & Zizzo 2010)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gametheory_rl.stochastic._action_rows import ActionRows, Induced


@dataclass(frozen=True, eq=False)
class Quantal:
    """Equations in the logarithms of the probabilities, the values, and the precision, in units of 1 / payoff span.

    In each group, log probabilities differ by ``precision`` times what the actions pay, probabilities sum to 1, and the value is
    what the group's play pays.
    """

    rows: ActionRows

    @property
    def units(self) -> np.ndarray:
        """``[R + G + 1]`` the units of arc length."""
        return self.rows.units

    def split(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Return probabilities (R,), values (G,) and the precision."""
        count = self.rows.num_rows
        return np.exp(np.minimum(x[:count], 1.0)), x[count:-1], float(x[-1])

    @cached_property
    def _first(self) -> np.ndarray:
        """The first row of each row's group."""
        return self.rows.first_row[self.rows.group]

    @cached_property
    def _others(self) -> np.ndarray:
        """The rows that are not the first of their group."""
        return np.flatnonzero(self._first != np.arange(self.rows.num_rows))

    def residual(self, x: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, Induced]]:
        """Return F, and the parts that the derivatives share."""
        play, values, precision = self.split(x)
        logs = x[: self.rows.num_rows]
        induced = self.rows.induced(play, values)
        out = logs - logs[self._first] - precision * (induced.pays - induced.pays[self._first])
        out[self.rows.first_row] = self.rows.sums(play) - 1.0
        return np.concatenate([out, values - self.rows.sums(play * induced.pays)]), (play, induced)

    @cached_property
    def _places(self) -> tuple[np.ndarray, ...]:
        """Rows and columns of all entries; then which pairs and flows to take, and the entries of the first row beside them."""
        count, groups, group = self.rows.num_rows, self.rows.num_groups, self.rows.group
        pair_row, pair_column = self.rows.pair_at
        flow_row, flow_group = self.rows.flow_at
        pair = np.flatnonzero(group[pair_row] != group[pair_column])
        flow = np.flatnonzero(flow_group >= 0)
        pair_twin, flow_twin = _twin(pair_row, self._first), _twin(flow_row, self._first)
        every, others, first = np.arange(count), self._others, self._first
        inner_pair, inner_flow = pair[np.isin(pair_row[pair], others)], flow[np.isin(flow_row[flow], others)]
        places = [
            (others, others),
            (others, first[others]),
            (first, every),
            (pair_row[inner_pair], pair_column[inner_pair]),
            (flow_row[inner_flow], count + flow_group[inner_flow]),
            (count + np.arange(groups), count + np.arange(groups)),
            (count + group, every),
            (count + group[pair_row[pair]], pair_column[pair]),
            (count + group[flow_row[flow]], count + flow_group[flow]),
            (others, np.full(len(others), count + groups)),
        ]
        rows, columns = (np.concatenate(part) for part in zip(*places, strict=True))
        return rows, columns, pair, flow, inner_pair, inner_flow, pair_twin[inner_pair], flow_twin[inner_flow]

    def derivatives(self, x: np.ndarray, kept: tuple[np.ndarray, Induced]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows, columns and entries of the derivatives."""
        play, induced = kept
        precision = float(x[-1])
        rows, columns, pair, flow, inner_pair, inner_flow, pair_twin, flow_twin = self._places
        pair_row, pair_column = self.rows.pair_at
        flow_row = self.rows.flow_at[0]
        others, first = self._others, self._first
        parts = [
            np.ones(len(others)),
            -np.ones(len(others)),
            play,
            -precision * (induced.pairs[inner_pair] - induced.pairs[pair_twin]) * play[pair_column[inner_pair]],
            -precision * (induced.flows[inner_flow] - induced.flows[flow_twin]),
            np.ones(self.rows.num_groups),
            -play * induced.pays,
            -play[pair_row[pair]] * induced.pairs[pair] * play[pair_column[pair]],
            -play[flow_row[flow]] * induced.flows[flow],
            -(induced.pays[others] - induced.pays[first[others]]),
        ]
        return rows, columns, np.concatenate(parts)

    def start(self) -> np.ndarray:
        """Return the only point at precision 0: uniform play, and what it pays."""
        rows = self.rows
        play = 1.0 / rows.group_size[rows.group]
        induced = rows.induced(play, np.zeros(rows.num_groups))
        values = rows.values_equation(play, induced.flows)(rows.sums(play * induced.pays))
        return np.concatenate([np.log(play), values, [0.0]])


def _twin(row: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return, for each entry of consecutive blocks (one a row), the entry of the same place in the block of the row's first one."""
    begins = np.searchsorted(row, np.arange(len(first)))
    return begins[first[row]] + np.arange(len(row)) - begins[row]
