"""Battle: two teams on a grid, each agent for itself, until one team is gone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep.envs import _battle_rules as rules
from gametheory_rl.deep.envs._battle_rules import FULL_HEALTH, MOVES, RECOVERY, STRIKES
from gametheory_rl.deep.envs._world import MOST_PAYOFF, Scene, Step, World
from gametheory_rl.families._arguments import integer, real

GAP = 3
"""Cells between each team and the middle."""
KILL = 5.0
BOXES = 4
"""The coarse map of both teams has so many rows and columns."""
FEATURES = 3 + 2 * BOXES * BOXES


class BattleState(NamedTuple):
    """Who stands where, and how well."""

    cells: Array
    """``[n]`` int32: row * map_size + column; of the dead, where they fell."""
    health: Array
    """``[n]`` float32, at most 10; negative of the dead."""
    alive: Array
    """``[n]`` bool"""
    time: Array
    """``[]`` int32"""


class Battle(World):
    """Two teams; an agent moves to one of 13 cells within distance 2 (or stays), or strikes one of the 8 cells around it.

    The rules of MAgent2's ``battle_v4``. A strike takes 2 of 10 points of health from an enemy, who dies below 0; each step gives back .1.
    Reward: -.005 a step, -.1 a strike, +.2 where it hits an enemy who survives it, +5 where it kills; who dies gets -.1 (and +.2 if it
    hit before) and nothing else of that step. First all strikes are carried out in random order, the dead strike no more; then all
    moves, team 0 before team 1 and in the order of agents: who finds its goal taken stays. It ends when a team is gone.

    An observation is what MAgent2 shows, packed, and a coarse map: of the 113 cells within distance 6 whether each is a wall, then the
    own team there (0, or (1 + health / 10) / 2), then the enemy; own health, column and row in [0, 1]; and the shares of the own team,
    then of the enemy, in each of 4 x 4 boxes of the map. MAgent2 has 13 x 13 x 5 numbers, presence and health apart, no coarse map by
    default; here it is 374 instead of 845. The dead see zeros. Actions are numbered as there: 0 to 12 moves, row by row (6 stays),
    13 to 20 strikes.

    Parameters
    ----------
    map_size : int
        Cells in a row, walls included, 12 to 200: two squares of agents, two cells apart, 3 from the middle; 40 makes 64 against 64.
    view : int
        How far agents see.
    max_cycles : int
        After so many steps an episode is truncated; MAgent2: 1,000.
    step_reward, dead_penalty, attack_penalty, attack_opponent_reward : float

    Raises
    ------
    GameError
        A number out of its range.

    Examples
    --------
    >>> from gametheory_rl.deep.envs import Battle
    >>> world = Battle()
    >>> world.num_agents, int(world.teams.sum()), world.observation_sizes[0], world.action_sizes[0]
    (128, 64, 374, 21)

    Notes
    -----
    L. Zheng et al., "MAgent: a many-agent reinforcement learning platform", AAAI 2018; the task of Y. Yang et al., "Mean field multi-agent
    reinforcement learning", ICML 2018, section 5.3. All agents face north and turn in no direction, as there. Deviation: chance, and
    nothing else, differs: the order of strikes comes from another generator.
    """

    map_size: int = eqx.field(static=True, default=40)
    view: int = eqx.field(static=True, default=6)
    max_cycles: int = eqx.field(static=True, default=400)
    step_reward: float = eqx.field(static=True, default=-0.005)
    dead_penalty: float = eqx.field(static=True, default=-0.1)
    attack_penalty: float = eqx.field(static=True, default=-0.1)
    attack_opponent_reward: float = eqx.field(static=True, default=0.2)

    def __check_init__(self) -> None:
        integer(self.map_size, "map_size", 12, 200)
        integer(self.view, "view", 1, 12)
        integer(self.max_cycles, "max_cycles", 1, 1 << 30)
        for what in ("step_reward", "dead_penalty", "attack_penalty", "attack_opponent_reward"):
            real(getattr(self, what), what, -MOST_PAYOFF, MOST_PAYOFF)

    @property
    def name(self) -> str:
        """Registered name."""
        return "battle"

    @property
    def teams(self) -> np.ndarray:
        """``[n]`` int: 0 for the first half of the agents, 1 for the second."""
        return np.repeat([0, 1], len(self._squares()) // 2)

    @property
    def num_agents(self) -> int:
        """Both teams."""
        return len(self._squares())

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """Three numbers for each cell in view, 35 more."""
        return (3 * len(self._sight) + FEATURES,) * self.num_agents

    @property
    def action_sizes(self) -> tuple[int, ...]:
        """Moves, then strikes."""
        return (len(MOVES) + len(STRIKES),) * self.num_agents

    def reset(self, key: Array) -> tuple[BattleState, Step]:
        """Draw the teams up; nothing is random."""
        del key
        n = self.num_agents
        column, row = self._squares().T
        cells = jnp.asarray(row * self.map_size + column, jnp.int32)
        state = BattleState(cells, jnp.full(n, FULL_HEALTH, jnp.float32), jnp.ones(n, bool), jnp.zeros((), jnp.int32))
        return state, self._step(state, rules.occupancy(cells, state.alive, self.map_size), jnp.zeros(n, jnp.float32))

    def step(self, key: Array, state: BattleState, actions: Array) -> tuple[BattleState, Step]:
        """Strike, recover, move."""
        return self.resolve(jax.random.uniform(key, (self.num_agents,)), state, actions)

    def resolve(self, turn: Array, state: BattleState, actions: Array) -> tuple[BattleState, Step]:
        """Return what ``step`` does when strikes are carried out in the order of ``turn``, ``(n,)`` numbers."""
        size, alive = self.map_size, state.alive
        targets = jnp.where(alive & (actions >= len(MOVES)), actions - len(MOVES), -1)
        grid = rules.occupancy(state.cells, alive, size)
        done = rules.strike(grid, state.cells, state.health, targets, self.teams, turn, size)
        alive = alive & ~done.died
        health = jnp.where(alive, jnp.minimum(done.health + RECOVERY, FULL_HEALTH), done.health)
        offset = jnp.asarray(rules.shifts(MOVES, size))[jnp.clip(actions, 0, len(MOVES) - 1)]
        goals = state.cells + jnp.where(alive & (actions < len(MOVES)), offset, 0)
        cells = rules.move(rules.occupancy(state.cells, alive, size), state.cells, alive, goals, self._outside)
        after = BattleState(cells, health, alive, state.time + 1)
        return after, self._step(after, rules.occupancy(cells, alive, size), self._rewards(state, done))

    def _rewards(self, before: BattleState, done: rules.Strikes) -> Array:
        earned = self.step_reward + self.attack_penalty * done.swung + KILL * done.killed
        earned = jnp.where(done.died, self.dead_penalty, earned) + self.attack_opponent_reward * done.struck
        return jnp.where(before.alive, earned, 0.0).astype(jnp.float32)

    def global_state(self, state: BattleState, step: Step) -> Array:
        """Return the map instead of all views: health / 10 of team 0 in each cell, then of team 1."""
        del step
        share = jnp.where(state.alive, state.health / FULL_HEALTH, 0.0)
        empty = jnp.zeros((2, self.map_size**2), jnp.float32)
        return empty.at[self.teams, state.cells].add(share).reshape(-1)

    def measures(self, state: BattleState, step: Step) -> Mapping[str, Array]:
        """Count who is left of each team; and say who leads: 1 if the team has more left than the other."""
        del step
        left = self._left(state)
        first, second = (left[0] > left[1]).astype(jnp.float32), (left[1] > left[0]).astype(jnp.float32)
        return {"alive_0": left[0], "alive_1": left[1], "won_0": first, "won_1": second}

    def scene(self, state: BattleState) -> Scene:
        """Agents as discs, the smaller the weaker; walls as squares."""
        size = self.map_size
        alive, cells = np.asarray(state.alive), np.asarray(state.cells)
        rows = [
            (cells[i] % size, size - 1 - cells[i] // size, 0.2 + 0.028 * float(state.health[i]), 1 + self.teams[i])
            for i in np.flatnonzero(alive)
        ]
        border = [(x, y, 1.0, 0) for x in range(size) for y in range(size) if x in (0, size - 1) or y in (0, size - 1)]
        extent = (-0.5, size - 0.5, -0.5, size - 0.5)
        return Scene(
            extent, np.array(rows, float).reshape(-1, 4), np.zeros((0, 5)), np.array(border, float), (), ("wall", "team 0", "team 1")
        )

    def _left(self, state: BattleState) -> Array:
        return jnp.sum(state.alive & (np.arange(2)[:, None] == self.teams), axis=1).astype(jnp.float32)

    def _step(self, state: BattleState, grid: Array, rewards: Array) -> Step:
        gone = jnp.any(self._left(state) == 0)
        cut = (state.time >= self.max_cycles) & ~gone
        legal = jnp.ones((self.num_agents, self.action_sizes[0]), bool)
        return Step(self._observe(state, grid), rewards, 1.0 - gone.astype(jnp.float32), cut, legal, state.alive)

    def _observe(self, state: BattleState, grid: Array) -> Array:
        size, view, teams = self.map_size, self.view, self.teams
        sign = np.where(teams == 0, 1.0, -1.0).astype(np.float32)
        # One number a cell says all: 0 nobody, 9 a wall, else (1 + health / 10) / 2, negative of team 1.
        marks = jnp.where(grid >= 0, (sign * (1 + state.health / FULL_HEALTH) / 2)[grid], 0.0)
        board = jnp.where(self._outside, 9.0, marks).reshape(size, size)
        wide = size + 2 * view
        board = jnp.pad(board, view, constant_values=9.0).reshape(-1)
        row, column = state.cells // size, state.cells % size
        here = (row + view) * wide + column + view
        seen = board[here[:, None] + rules.shifts(self._sight, wide)]
        own = jnp.where(seen == 9.0, 0.0, seen * sign[:, None])
        packed = [(seen == 9.0).astype(jnp.float32), jnp.maximum(own, 0.0), jnp.maximum(-own, 0.0)]
        place = jnp.stack([state.health / FULL_HEALTH, column / (size - 1), row / (size - 1)], axis=1)
        seen = jnp.concatenate([*packed, place, self._coarse(state, row, column)], axis=1)
        return jnp.where(state.alive[:, None], seen, 0.0).astype(jnp.float32)

    def _coarse(self, state: BattleState, row: Array, column: Array) -> Array:
        """Return ``[n, 2 * boxes]``: shares of the own team and of the enemy."""
        box = (row * BOXES // self.map_size) * BOXES + column * BOXES // self.map_size
        there = (box[:, None] == np.arange(BOXES * BOXES)) & state.alive[:, None]
        counts = jnp.stack([jnp.sum(there & (self.teams == team)[:, None], axis=0) for team in (0, 1)])
        shares = counts / jnp.maximum(jnp.sum(counts, axis=1, keepdims=True), 1)
        return jnp.concatenate([shares[self.teams], shares[1 - self.teams]], axis=1)

    @property
    def _sight(self) -> np.ndarray:
        reach = range(-self.view, self.view + 1)
        return np.array([(x, y) for y in reach for x in reach if x * x + y * y <= self.view**2])

    @property
    def _outside(self) -> np.ndarray:
        """``[size * size]`` bool: the wall around the map."""
        inside = np.zeros((self.map_size, self.map_size), bool)
        inside[1:-1, 1:-1] = True
        return ~inside.reshape(-1)

    def _squares(self) -> np.ndarray:
        """Return ``[n, 2]``: columns and rows of the first draw-up, team by team, column by column."""
        side = 2 * int(math.sqrt(self.map_size**2 * 0.04))
        left = self.map_size // 2 - GAP - side
        rows = range((self.map_size - side) // 2, (self.map_size - side) // 2 + side, 2)
        inside = lambda first: [(x, y) for x in range(first, first + side, 2) for y in rows if 0 < x < self.map_size - 1]  # noqa: E731
        first = inside(left)
        return np.array([*first, *inside(self.map_size // 2 + GAP)[: len(first)]])
