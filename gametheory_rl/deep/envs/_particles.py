"""The physics of the particle worlds: discs that push themselves, collide and speak; a world adds what is seen and earned."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs._world import Scene, Step, World
from gametheory_rl.families._arguments import integer

DT = 0.1
DAMPING = 0.25
CONTACT_FORCE = 100.0
CONTACT_MARGIN = 1e-3
SENSITIVITY = 5.0
"""Acceleration of one unit of control, where a body says none of its own."""

MOVES = 5
"""Stay, left, right, down, up."""

MOST_BODIES = 256
"""Forces are computed for all pairs."""


class Body(NamedTuple):
    """What an agent or a landmark is made of; masses are all 1."""

    size: float
    """Radius."""
    kind: str
    """What a legend calls it."""
    collides: bool = False
    mobile: bool = False
    acceleration: float = SENSITIVITY
    top_speed: float = np.inf
    speaks: bool = False


class ParticleState(NamedTuple):
    """Positions of agents, then of landmarks; what the agents do; what the episode is about."""

    positions: Array
    """``[bodies, 2]`` float32."""
    velocities: Array
    """``[n, 2]`` float32."""
    messages: Array
    """``[n, symbols]`` float32: what each agent said last."""
    goals: Array
    """``[g]`` int32: landmarks that matter, in the world's own order."""
    time: Array
    """``[]`` int32: steps since the reset."""


class ParticleWorld(World):
    """Base of the particle worlds: the rules of ``mpe2``'s parallel environments, from any state and for any actions.

    A step: positions move by velocity * .1, velocities lose a quarter, then control and contacts accelerate for .1, then speeds are capped.
    Two colliding bodies at distance d push one another with 100 m log(1 + exp((r - d) / m)), r the sum of their radii, m = .001.
    Discrete actions of a mobile agent: 0 stays, 1 left, 2 right, 3 down, 4 up; of one that speaks: its symbol; of one that does both:
    move + 5 symbol. Continuous ones: two numbers, the control in x and y, and then one for each symbol, where -1 is silence.
    ``max_cycles`` steps after the reset the episode is truncated; it never ends for good.

    Deviations from ``mpe2``: float32; continuous control takes one number an axis instead of the difference of two in [0, 1]; agents
    in one place do not push one another, where ``mpe2`` divides by zero.
    """

    max_cycles: int = eqx.field(static=True, default=25, kw_only=True)
    continuous_actions: bool = eqx.field(static=True, default=False, kw_only=True)

    def __check_init__(self) -> None:
        integer(self.max_cycles, "max_cycles", 1, 1 << 30)
        if not isinstance(self.continuous_actions, bool):
            raise GameError(f"continuous_actions is {self.continuous_actions!r}, True or False was expected")

    @property
    @abstractmethod
    def actors(self) -> tuple[Body, ...]:
        """What the agents are made of."""

    @property
    @abstractmethod
    def landmarks(self) -> tuple[Body, ...]:
        """What the landmarks are made of; they never move."""

    @property
    @abstractmethod
    def agent_names(self) -> tuple[str, ...]:
        """What ``mpe2`` calls the agents."""

    @property
    def symbols(self) -> int:
        """How many symbols there are to say."""
        return 0

    def draw_goals(self, key: Array) -> Array:
        """Draw what the episode is about, ``[g]`` int32."""
        del key
        return jnp.zeros(0, jnp.int32)

    @abstractmethod
    def observe(self, state: ParticleState) -> Array:
        """Return ``[n, O]`` float32."""

    @abstractmethod
    def reward(self, state: ParticleState) -> Array:
        """Return ``[n]`` float32."""

    @property
    def landmark_range(self) -> float:
        """Landmarks are drawn from the square of this half width."""
        return 1.0

    @property
    def continuous(self) -> bool:
        """As told at construction."""
        return self.continuous_actions

    @property
    def soft_actions(self) -> bool:
        """Forces and symbols can be mixed."""
        return not self.continuous_actions

    @property
    def num_agents(self) -> int:
        """As many as bodies of agents."""
        return len(self.actors)

    @property
    def action_sizes(self) -> tuple[int, ...]:
        """Moves times symbols; of continuous worlds two numbers for moving and one for each symbol."""
        said = [self.symbols if body.speaks else 0 for body in self.actors]
        if self.continuous_actions:
            return tuple(2 * body.mobile + count for body, count in zip(self.actors, said, strict=True))
        return tuple((MOVES if body.mobile else 1) * max(count, 1) for body, count in zip(self.actors, said, strict=True))

    def reset(self, key: Array) -> tuple[ParticleState, Step]:
        """Draw positions uniformly from [-1, 1]^2, and goals; everything rests and is silent."""
        place, goal = jax.random.split(key)
        n, bodies = self.num_agents, self.num_agents + len(self.landmarks)
        reach = np.where(np.arange(bodies) < n, 1.0, self.landmark_range).astype(np.float32)[:, None]
        positions = jax.random.uniform(place, (bodies, 2), jnp.float32, -1.0, 1.0) * reach
        still = jnp.zeros((n, 2), jnp.float32)
        silence = jnp.zeros((n, self.symbols), jnp.float32)
        state = ParticleState(positions, still, silence, self.draw_goals(goal), jnp.zeros((), jnp.int32))
        return state, self._step(state, jnp.zeros(n, jnp.float32))

    def step(self, key: Array, state: ParticleState, actions: Array) -> tuple[ParticleState, Step]:
        """Move, speak, look; nothing here is random."""
        del key
        control, messages = self._decode(actions)
        positions, velocities = advance(self._physics, state.positions, state.velocities, control)
        state = ParticleState(positions, velocities, messages, state.goals, state.time + 1)
        return state, self._step(state, self.reward(state))

    def _decode(self, actions: Array) -> tuple[Array, Array]:
        """Return control ``[n, 2]`` in [-1, 1] and messages ``[n, symbols]``."""
        mobile, speaks = (np.array([getattr(body, what) for body in self.actors], np.float32) for what in ("mobile", "speaks"))
        if self.continuous_actions:
            numbers = jnp.clip(actions.astype(jnp.float32), -1.0, 1.0)
            rows = []
            for i, body in enumerate(self.actors):
                first = 2 * body.mobile
                said = numbers[i, first : first + self.symbols] if body.speaks else -jnp.ones(self.symbols)
                rows.append((said + 1.0) / 2.0)
            control = numbers[:, :2] if numbers.shape[1] > 1 else jnp.zeros((self.num_agents, 2))
            return control * mobile[:, None], jnp.stack(rows)
        if actions.ndim == 2:
            choices = jnp.arange(actions.shape[1], dtype=jnp.int32)
            control, said = jax.vmap(lambda choice: self._decode(jnp.full(self.num_agents, choice)))(choices)
            mixed = lambda each: jnp.einsum("na,anc->nc", actions, each)  # noqa: E731
            return mixed(control), mixed(said)
        moves = actions % MOVES
        control = jnp.stack([_sign(moves, 2, 1), _sign(moves, 4, 3)], axis=-1) * mobile[:, None]
        symbol = jnp.where(mobile > 0, actions // MOVES, actions) if mobile.any() else actions
        said = (symbol[:, None] == np.arange(self.symbols)).astype(jnp.float32)
        return control, said * speaks[:, None]

    def _step(self, state: ParticleState, rewards: Array) -> Step:
        sizes = self.action_sizes
        legal = np.zeros((self.num_agents, 0), bool) if self.continuous_actions else np.arange(max(sizes)) < np.array(sizes)[:, None]
        cut = state.time >= self.max_cycles
        return Step(self.observe(state), rewards, jnp.ones((), jnp.float32), cut, jnp.asarray(legal), self.everybody())

    @property
    def _physics(self) -> Physics:
        return physics(self.actors, self.landmarks)

    def scene(self, state: ParticleState) -> Scene:
        """Discs by kind; a speaker's symbol beside it."""
        positions, messages = np.asarray(state.positions, float), np.asarray(state.messages)
        bodies = (*self.actors, *self.landmarks)
        names = self._kinds(state)
        goals = ("goal",) if len(state.goals) else ()
        kinds = tuple(dict.fromkeys([*(body.kind for body in bodies), *goals]))
        order = [*range(len(self.actors), len(bodies)), *range(len(self.actors))]  # agents are drawn over landmarks
        circles = np.array([(*positions[i], bodies[i].size, kinds.index(names[i])) for i in order])
        speakers = np.flatnonzero(messages.any(axis=1))
        texts = tuple((float(positions[i, 0]), float(positions[i, 1]), chr(65 + int(messages[i].argmax()))) for i in speakers)
        reach = max(1.2, float(np.abs(positions).max()) + 0.2)
        return Scene((-reach, reach, -reach, reach), circles, np.zeros((0, 5)), np.zeros((0, 4)), texts, kinds)

    def _kinds(self, state: ParticleState) -> list[str]:
        """Return what the legend calls each body at this state; the first goal stands out."""
        names = [body.kind for body in (*self.actors, *self.landmarks)]
        for goal in np.asarray(state.goals)[:1]:
            names[len(self.actors) + int(goal)] = "goal"
        return names


class Physics(NamedTuple):
    """Constants of a set of bodies, in numpy: they are compiled in."""

    reach: np.ndarray
    """``[n, bodies]``: at which distance two touch; -inf where they never do."""
    acceleration: np.ndarray
    """``[n, 1]``"""
    top_speed: np.ndarray
    """``[n, 1]``"""


def physics(agents: tuple[Body, ...], landmarks: tuple[Body, ...]) -> Physics:
    """Return the constants of these bodies."""
    bodies = (*agents, *landmarks)
    size = np.array([body.size for body in bodies], np.float32)
    collides = np.array([body.collides for body in bodies])
    mobile = np.array([body.mobile for body in agents])
    touching = collides[None, :] & (collides[: len(agents)] & mobile)[:, None] & ~np.eye(len(agents), len(bodies), dtype=bool)
    reach = np.where(touching, size[: len(agents), None] + size, -np.inf).astype(np.float32)
    column = lambda what: np.array([[getattr(body, what)] for body in agents], np.float32)  # noqa: E731
    return Physics(reach, column("acceleration"), column("top_speed"))


def advance(bodies: Physics, positions: Array, velocities: Array, control: Array) -> tuple[Array, Array]:
    """Return positions ``[bodies, 2]`` and velocities ``[n, 2]`` after one step of ``mpe2``'s integrator."""
    n = len(velocities)
    force = control * bodies.acceleration
    touching = np.isfinite(bodies.reach)
    if touching.any():
        apart = positions[:n, None] - positions[None]
        distance = jnp.sqrt(jnp.sum(apart * apart, axis=-1))
        reach = np.where(touching, bodies.reach, 0.0)
        depth = jax.nn.softplus((reach - distance) / CONTACT_MARGIN) * CONTACT_MARGIN
        push = jnp.where(touching & (distance > 0), CONTACT_FORCE * depth / jnp.where(distance > 0, distance, 1.0), 0.0)
        force = force + jnp.sum(push[:, :, None] * apart, axis=1)
    moved = positions[:n] + velocities * DT
    velocities = velocities * (1 - DAMPING) + force * DT
    if np.isfinite(bodies.top_speed).any():
        speed = jnp.sqrt(jnp.sum(velocities * velocities, axis=-1, keepdims=True))
        velocities = jnp.where(speed > bodies.top_speed, velocities / jnp.where(speed > 0, speed, 1.0) * bodies.top_speed, velocities)
    return jnp.concatenate([moved, positions[n:]]), velocities


def distances(a: Array, b: Array) -> Array:
    """Return ``[len(a), len(b)]``: how far each of ``a`` is from each of ``b``."""
    apart = a[:, None] - b[None]
    return jnp.sqrt(jnp.sum(apart * apart, axis=-1))


def others(n: int) -> np.ndarray:
    """Return ``[n, n - 1]``: for each agent the others, in order."""
    return np.array([[j for j in range(n) if j != i] for i in range(n)], int).reshape(n, n - 1)


def stack_padded(rows: list[Array]) -> Array:
    """Return rows of different lengths as one array, zeros behind."""
    width = max(len(row) for row in rows)
    return jnp.stack([jnp.pad(row, (0, width - len(row))) for row in rows])


def within(distance: Array, name: str) -> dict[str, Array]:
    """Return whether ``distance`` is at most .1, .15 and .25, as 0 or 1."""
    return {f"{name}_{round(100 * near)}": (distance <= near).astype(jnp.float32) for near in (0.1, 0.15, 0.25)}


def _sign(moves: Array, plus: int, minus: int) -> Array:
    return (moves == plus).astype(jnp.float32) - (moves == minus).astype(jnp.float32)
