"""Tag, or predator-prey: slow predators hunt fast prey among obstacles."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs._particles import MOST_BODIES, Body, ParticleState, ParticleWorld, distances, others, stack_padded
from gametheory_rl.deep.envs._world import Step
from gametheory_rl.families._arguments import integer

PREDATOR = Body(0.075, "predator", collides=True, mobile=True, acceleration=3.0, top_speed=1.0)
PREY = Body(0.05, "prey", collides=True, mobile=True, acceleration=4.0, top_speed=1.3)
TOUCH = 10.0
"""What a touch pays each predator and costs the prey."""


class Tag(ParticleWorld):
    """Predators (the first agents) earn 10 for every touch of any predator and any prey; prey loses 10 for its own.

    The rules of ``mpe2``'s ``simple_tag_v3``. Prey pays for each axis on which it is beyond .9: 10 (x - .9) up to 1, then exp(2 x - 2), at
    most 10. All see their velocity and position, obstacles, the others, and the velocities of the other prey.

    Parameters
    ----------
    predators, prey : int
        At least 1 each.
    obstacles : int
        Large landmarks that collide; not negative.
    max_cycles : int
        After so many steps an episode is truncated.
    continuous_actions : bool
        Forces in [-1, 1]^2 instead of five moves.

    Raises
    ------
    GameError
        A setting out of its range, or more than 256 bodies.

    Examples
    --------
    >>> from gametheory_rl.deep.envs import Tag
    >>> Tag().observation_sizes
    (16, 16, 16, 14)

    Notes
    -----
    R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017 (predator-prey). The paper's
    figure, touches an episode, is the sum of ``touches`` over its steps.
    """

    predators: int = eqx.field(static=True, default=3)
    prey: int = eqx.field(static=True, default=1)
    obstacles: int = eqx.field(static=True, default=2)

    def __check_init__(self) -> None:
        bodies = integer(self.predators, "predators", 1) + integer(self.prey, "prey", 1) + integer(self.obstacles, "obstacles", 0)
        if bodies > MOST_BODIES:
            raise GameError(f"predators, prey and obstacles are {bodies} bodies, at most {MOST_BODIES} were expected")

    @property
    def name(self) -> str:
        """Registered name."""
        return "tag"

    @property
    def actors(self) -> tuple[Body, ...]:
        """Predators, then prey."""
        return (PREDATOR,) * self.predators + (PREY,) * self.prey

    @property
    def landmarks(self) -> tuple[Body, ...]:
        """Obstacles."""
        return (Body(0.2, "obstacle", collides=True),) * self.obstacles

    @property
    def agent_names(self) -> tuple[str, ...]:
        """As in ``mpe2``."""
        return (*(f"adversary_{i}" for i in range(self.predators)), *(f"agent_{i}" for i in range(self.prey)))

    @property
    def landmark_range(self) -> float:
        """Obstacles keep away from the edge."""
        return 0.9

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """Prey does not see its own velocity twice."""
        size = 4 + 2 * self.obstacles + 2 * (self.num_agents - 1) + 2 * self.prey
        return (size,) * self.predators + (size - 2,) * self.prey

    def observe(self, state: ParticleState) -> Array:
        """Return what the class says."""
        n, speed = self.num_agents, state.velocities
        place = state.positions[:n]
        marks = (state.positions[None, n:] - place[:, None]).reshape(n, -1)
        rest = (place[others(n)] - place[:, None]).reshape(n, -1)
        swift = [speed[np.array([j for j in range(self.predators, n) if j != i], int)].reshape(-1) for i in range(n)]
        return jnp.concatenate([speed, place, marks, rest, stack_padded(swift)], axis=1)

    def reward(self, state: ParticleState) -> Array:
        """Touches, and what prey pays beyond the edge."""
        touches = self._touches(state)
        x = jnp.abs(state.positions[self.predators : self.num_agents])
        edge = jnp.where(x < 0.9, 0.0, jnp.where(x < 1.0, 10.0 * (x - 0.9), jnp.minimum(jnp.exp(2.0 * x - 2.0), 10.0)))
        caught = -TOUCH * jnp.sum(touches, axis=0) - jnp.sum(edge, axis=1)
        return jnp.concatenate([jnp.full(self.predators, TOUCH * jnp.sum(touches)), caught])

    def measures(self, state: ParticleState, step: Step) -> Mapping[str, Array]:
        """Touches between predators and prey now, and the mean distance from prey to its nearest predator."""
        del step
        apart = distances(state.positions[: self.predators], state.positions[self.predators : self.num_agents])
        return {"touches": jnp.sum(self._touches(state)), "distance": jnp.mean(jnp.min(apart, axis=0))}

    def _touches(self, state: ParticleState) -> Array:
        """Return ``[predators, prey]``, 0 or 1."""
        apart = distances(state.positions[: self.predators], state.positions[self.predators : self.num_agents])
        return (apart < PREDATOR.size + PREY.size).astype(jnp.float32)
