"""Spread: agents who together should cover all landmarks without bumping into one another."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep.envs._particles import MOST_BODIES, Body, ParticleState, ParticleWorld, distances, others
from gametheory_rl.deep.envs._world import Step
from gametheory_rl.families._arguments import integer, real

SIZE = 0.15
COVERED = 0.1


class Spread(ParticleWorld):
    """N agents, N landmarks; the team earns minus the sum over landmarks of the distance to the nearest agent, each loses 1 a collision.

    An agent's reward is ``local_ratio`` * own + (1 - ``local_ratio``) * team, as in ``mpe2``'s ``simple_spread_v3``; returns that people
    print are usually summed over the agents. It sees its velocity, its position, the landmarks, the others, and their messages, which
    are silence.

    Parameters
    ----------
    agents : int
        N; from 1 to 128.
    local_ratio : float
        In [0, 1].
    max_cycles : int
        After so many steps an episode is truncated.
    continuous_actions : bool
        Forces in [-1, 1]^2 instead of five moves.

    Raises
    ------
    GameError
        A setting out of its range.

    Examples
    --------
    >>> import jax
    >>> from gametheory_rl.deep.envs import Spread
    >>> world = Spread(agents=4)
    >>> state, step = world.reset(jax.random.key(0))
    >>> step.observations.shape, world.action_sizes
    ((4, 24), (5, 5, 5, 5))

    Notes
    -----
    R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017 (cooperative navigation).
    """

    agents: int = eqx.field(static=True, default=3)
    local_ratio: float = eqx.field(static=True, default=0.5)

    def __check_init__(self) -> None:
        integer(self.agents, "agents", 1, MOST_BODIES // 2)
        real(self.local_ratio, "local_ratio", 0, 1)

    @property
    def name(self) -> str:
        """Registered name."""
        return "spread"

    @property
    def actors(self) -> tuple[Body, ...]:
        """Large discs that collide."""
        return (Body(SIZE, "agent", collides=True, mobile=True),) * self.agents

    @property
    def landmarks(self) -> tuple[Body, ...]:
        """Small ones that do not."""
        return (Body(0.05, "landmark"),) * self.agents

    @property
    def agent_names(self) -> tuple[str, ...]:
        """As in ``mpe2``."""
        return tuple(f"agent_{i}" for i in range(self.agents))

    @property
    def symbols(self) -> int:
        """Two, which nobody can say: observations keep their place."""
        return 2

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """4 + 2 N + 4 (N - 1) numbers."""
        return (6 * self.agents,) * self.agents

    def observe(self, state: ParticleState) -> Array:
        """Own velocity and position, landmarks, others, silence."""
        n = self.agents
        place = state.positions[:n]
        marks = state.positions[None, n:] - place[:, None]
        rest = place[others(n)] - place[:, None]
        silence = jnp.zeros((n, 2 * (n - 1)), jnp.float32)
        return jnp.concatenate([state.velocities, place, marks.reshape(n, -1), rest.reshape(n, -1), silence], axis=1)

    def reward(self, state: ParticleState) -> Array:
        """``local_ratio`` of the own collisions, the rest of the team's distances."""
        bumps = jnp.sum(self._bumps(state), axis=1)
        return -self.local_ratio * bumps - (1 - self.local_ratio) * jnp.sum(self._nearest(state))

    def measures(self, state: ParticleState, step: Step) -> Mapping[str, Array]:
        """Landmarks with an agent within .1, their mean distance to the nearest agent, pairs that collide."""
        del step
        nearest = self._nearest(state)
        covered = jnp.sum(nearest < COVERED).astype(jnp.float32)
        return {"covered": covered, "distance": jnp.mean(nearest), "collisions": jnp.sum(self._bumps(state)) / 2}

    def _nearest(self, state: ParticleState) -> Array:
        return jnp.min(distances(state.positions[: self.agents], state.positions[self.agents :]), axis=0)

    def _bumps(self, state: ParticleState) -> Array:
        place = state.positions[: self.agents]
        return ((distances(place, place) < 2 * SIZE) & ~np.eye(self.agents, dtype=bool)).astype(jnp.float32)
