"""Traffic junction: cars that see only their neighbourhood brake or drive on, and must not meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.deep.envs._traffic_maps import SIZES, Roads, roads
from gametheory_rl.deep.envs._world import Scene, Step, World
from gametheory_rl.families._arguments import integer, real

GAS, BRAKE = 0, 1

CARS = {"easy": 5, "medium": 10, "hard": 20}
ARRIVAL = {"easy": 0.3, "medium": 0.2, "hard": 0.05}
STEPS = {"easy": 20, "medium": 40, "hard": 80}

COLLISION = -5.0
"""To each car in a cell with others: two cars make the paper's -10."""

WAITING = -0.01
"""A step and a step of the car's age."""

NEIGHBOURS = np.array([(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)])


class TrafficState(NamedTuple):
    """Cars by slot; whatever stands in an empty slot means nothing."""

    route: Array
    """``[n]`` int32."""
    place: Array
    """``[n]`` int32: how many cells of its route a car has passed."""
    age: Array
    """``[n]`` int32: steps since it arrived."""
    alive: Array
    """``[n]`` bool: slots with a car."""
    collided: Array
    """``[n]`` bool: who met others in the last step."""
    failed: Array
    """``[]`` bool: whether any two cars have met in this episode."""
    time: Array
    """``[]`` int32."""


class TrafficJunction(World):
    """Cars arrive, drive along routes they are given, and leave; each step a car takes one cell (action 0) or brakes (1).

    ``easy``: two one-way roads on 7 x 7 cells, 2 entrances with 2 routes each, 5 cars at a time. ``medium``: two two-way roads on 14 x 14,
    4 entrances with 3 routes, 10 cars. ``hard``: four crossings on 18 x 18, 8 entrances with 7 routes, 20 cars. At each entrance a car
    arrives with probability ``arrival`` where a slot is free. A car that shares its cell after a move gets -5 (two make -10), and each
    car -.01 times its age: summed over cars this is the paper's reward. Nothing else happens when cars meet. An episode fails with its
    first collision, goes on, and is truncated after ``max_steps``.

    A car sees the 3 x 3 cells around it, and of each car there its slot, its cell and its route, one-hot; cars in one cell are added up.

    Parameters
    ----------
    difficulty : str
        ``easy``, ``medium`` or ``hard``.
    cars : int, optional
        How many at most at a time, the number of agents; None: the paper's.
    arrival : float or scalar Array, optional
        In [0, 1]; None: .3, .2, .05. An array is a leaf, so that a curriculum may raise it without compiling anew.
    max_steps : int, optional
        None: 20, 40, 80.

    Raises
    ------
    GameError
        An unknown difficulty or a number out of its range.

    Examples
    --------
    >>> from gametheory_rl.deep.envs import TrafficJunction
    >>> world = TrafficJunction("medium")
    >>> world.num_agents, world.observation_sizes[0]
    (10, 666)

    Notes
    -----
    S. Sukhbaatar, A. Szlam and R. Fergus, "Learning multiagent communication with backpropagation", NeurIPS 2016, section 4.2 and
    supplement. What the paper leaves open is settled as in its authors' program: who leaves a shared cell at its destination has still
    collided; a car may arrive on top of another, and collides where both are still there after the next step; slots are drawn at
    random; entrances take turns, so that the last ones wait when there is no room for all; three cars in a cell count one and a half
    times. Open there too, and ours: a location is one of the road's cells, since no car is elsewhere; the first cars arrive before the
    first step; 20 and 80 steps, where the paper says 40 for the middle one. A deviation: a slot stays empty for a step before the next
    car takes it, so that ``alive`` tells two cars of one slot apart.
    """

    difficulty: str = eqx.field(static=True, default="easy")
    cars: int | None = eqx.field(static=True, default=None)
    arrival: float | Array | None = None
    max_steps: int | None = eqx.field(static=True, default=None)

    def __check_init__(self) -> None:
        if self.difficulty not in SIZES:
            raise UnknownNameError("difficulty", str(self.difficulty), SIZES)
        integer(self.num_agents, "cars", 1, 1000)
        integer(self.limit, "max_steps", 1, 1 << 30)
        if isinstance(self.arrival, Array):
            if self.arrival.shape:
                raise GameError(f"arrival has shape {self.arrival.shape}, one number was expected")
        elif self.arrival is not None:
            real(self.arrival, "arrival", 0, 1)

    @property
    def name(self) -> str:
        """Registered name."""
        return "traffic_junction"

    @property
    def num_agents(self) -> int:
        """One for each slot."""
        return CARS[self.difficulty] if self.cars is None else self.cars

    @property
    def limit(self) -> int:
        """Steps of an episode."""
        return STEPS[self.difficulty] if self.max_steps is None else self.max_steps

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """9 (slots + cells + routes)."""
        here = self._roads
        return (len(NEIGHBOURS) * (self.num_agents + len(here.cells) + len(here.routes)),) * self.num_agents

    @property
    def action_sizes(self) -> tuple[int, ...]:
        """Gas or brake."""
        return (2,) * self.num_agents

    def reset(self, key: Array) -> tuple[TrafficState, Step]:
        """Begin with an empty map on which the first cars may arrive."""
        nothing = jnp.zeros(self.num_agents, jnp.int32)
        nobody = jnp.zeros(self.num_agents, bool)
        state = TrafficState(nothing, nothing, nothing, nobody, nobody, jnp.zeros((), bool), jnp.zeros((), jnp.int32))
        state = self._arrive(key, state, ~nobody)
        return state, self._step(state, jnp.zeros(self.num_agents, jnp.float32))

    def step(self, key: Array, state: TrafficState, actions: Array) -> tuple[TrafficState, Step]:
        """Drive, count collisions, let cars leave, let cars arrive."""
        here = self._roads
        place = state.place + (state.alive & (actions == GAS))
        age = state.age + 1
        together = self._together(state._replace(place=place))
        rewards = jnp.where(state.alive, WAITING * age + COLLISION * together, 0.0)
        stays = state.alive & (place < jnp.asarray(here.lengths)[state.route] - 1)
        failed = state.failed | jnp.any(together)
        after = TrafficState(state.route, place, age, stays, together, failed, state.time + 1)
        after = self._arrive(key, after, ~state.alive)
        return after, self._step(after, rewards)

    def measures(self, state: TrafficState, step: Step) -> Mapping[str, Array]:
        """Whether the episode has failed so far; cars that met in the last step, by pairs; cars on the map."""
        del step
        count = lambda who: jnp.sum(who).astype(jnp.float32)  # noqa: E731
        return {"failure": state.failed.astype(jnp.float32), "collisions": count(state.collided) / 2, "cars": count(state.alive)}

    def scene(self, state: TrafficState) -> Scene:
        """Roads as squares, cars as discs; those that share a cell stand out."""
        here, alive = self._roads, np.asarray(state.alive)
        kinds = ("road", "car", "cars in one cell")
        corners = lambda cells: [(column, here.size - 1 - row) for row, column in cells]  # noqa: E731
        squares = np.array([(*place, 1.0, 0) for place in corners(here.cells)], float)
        cells = here.routes[np.asarray(state.route), np.minimum(np.asarray(state.place), here.routes.shape[1] - 1)]
        crowd = np.asarray(self._together(state))
        circles = [(*corners([here.cells[cells[i]]])[0], 0.35, 1 + crowd[i]) for i in np.flatnonzero(alive)]
        extent = (-0.5, here.size - 0.5, -0.5, here.size - 0.5)
        return Scene(extent, np.array(circles, float).reshape(-1, 4), np.zeros((0, 5)), squares, (), kinds)

    @property
    def _roads(self) -> Roads:
        return roads(self.difficulty)

    def _cells(self, state: TrafficState) -> Array:
        return jnp.asarray(self._roads.routes)[state.route, state.place]

    def _together(self, state: TrafficState) -> Array:
        """Return ``[n]`` bool: cars with others in their cell."""
        cells = self._cells(state)
        same = (cells[:, None] == cells) & state.alive[:, None] & state.alive
        return jnp.sum(same, axis=1) > 1

    def _arrive(self, key: Array, state: TrafficState, free: Array) -> TrafficState:
        """Fill some of the ``free`` slots, drawn at random, with cars at the beginnings of their routes."""
        entrances = self._roads.entrances
        order, coin, draw = jax.random.split(key, 3)
        chance = ARRIVAL[self.difficulty] if self.arrival is None else self.arrival
        comes = jax.random.uniform(coin, (len(entrances),)) < chance
        route = jnp.asarray(entrances)[np.arange(len(entrances)), jax.random.randint(draw, (len(entrances),), 0, entrances.shape[1])]
        # The k-th car that comes takes the free slot of rank k; cars beyond the last free slot do not come.
        turn = jnp.where(comes, jnp.cumsum(comes) - 1, -1)
        luck = jnp.where(free, jax.random.uniform(order, free.shape), 2.0)
        rank = jnp.sum(luck[None, :] < luck[:, None], axis=1)
        takes = free[:, None] & (turn == rank[:, None])
        filled = jnp.any(takes, axis=1)
        new = jnp.sum(jnp.where(takes, route, 0), axis=1).astype(jnp.int32)
        begun = lambda old: jnp.where(filled, 0, old)  # noqa: E731
        return state._replace(
            route=jnp.where(filled, new, state.route), place=begun(state.place), age=begun(state.age), alive=state.alive | filled
        )

    def _step(self, state: TrafficState, rewards: Array) -> Step:
        n = self.num_agents
        legal = jnp.ones((n, 2), bool)
        cut = state.time >= self.limit
        return Step(self._observe(state), rewards.astype(jnp.float32), jnp.ones((), jnp.float32), cut, legal, state.alive)

    def _observe(self, state: TrafficState) -> Array:
        here, n = self._roads, self.num_agents
        cells = self._cells(state)
        where = jnp.asarray(here.cells)[cells]
        apart = where[None, :] - where[:, None]
        both = state.alive[:, None] & state.alive
        sees = both[:, None] & jnp.all(apart[:, None] == NEIGHBOURS[None, :, None], axis=-1)
        one_hot = lambda number, count: (number[:, None] == np.arange(count)).astype(jnp.float32)  # noqa: E731
        features = [np.eye(n, dtype=np.float32), one_hot(cells, len(here.cells)), one_hot(state.route, len(here.routes))]
        return jnp.einsum("ikj,jf->ikf", sees.astype(jnp.float32), jnp.concatenate(features, axis=1)).reshape(n, -1)
