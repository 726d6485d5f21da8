"""Keep-away: an adversary who does not know the target pushes away the one who does."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep.envs._particles import Body, ParticleState, ParticleWorld, distances, stack_padded, within
from gametheory_rl.deep.envs._world import Step

LANDMARK_COLOURS = np.array([[0.1, 0.9, 0.1], [0.1, 0.1, 0.9]], np.float32)
AGENT_COLOURS = np.array([[0.25, 0.75, 0.25], [0.25, 0.25, 0.75]], np.float32)
"""What the agent sees of itself, by its target."""


class Push(ParticleWorld):
    """Agent 1 earns minus its distance to one of two landmarks; the adversary, agent 0, that distance less its own.

    The rules of ``mpe2``'s ``simple_push_v3``; the two collide. Both see their velocity, the landmarks and one another; the agent also its
    target, its colour (the target's) and the landmarks' colours.

    Parameters
    ----------
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
    >>> from gametheory_rl.deep.envs import Push
    >>> Push().observation_sizes
    (8, 19)

    Notes
    -----
    R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017 (keep-away).
    """

    @property
    def name(self) -> str:
        """Registered name."""
        return "push"

    @property
    def actors(self) -> tuple[Body, ...]:
        """Two who collide."""
        return tuple(Body(0.05, kind, collides=True, mobile=True) for kind in ("adversary", "agent"))

    @property
    def landmarks(self) -> tuple[Body, ...]:
        """Two."""
        return (Body(0.05, "landmark"),) * 2

    @property
    def agent_names(self) -> tuple[str, ...]:
        """As in ``mpe2``."""
        return "adversary_0", "agent_0"

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """Return what the class says."""
        return 8, 19

    def draw_goals(self, key: Array) -> Array:
        """Draw the target."""
        return jax.random.randint(key, (1,), 0, 2)

    def observe(self, state: ParticleState) -> Array:
        """Return what the class says."""
        place, marks = state.positions[:2], state.positions[2:]
        seen = [(marks - place[i]).reshape(-1) for i in (0, 1)]
        target = state.positions[2 + state.goals[0]] - place[1]
        colour, colours = jnp.asarray(AGENT_COLOURS)[state.goals[0]], jnp.asarray(LANDMARK_COLOURS).reshape(-1)
        adversary = jnp.concatenate([state.velocities[0], seen[0], place[1] - place[0]])
        return stack_padded([adversary, jnp.concatenate([state.velocities[1], target, colour, seen[1], colours, place[0] - place[1]])])

    def reward(self, state: ParticleState) -> Array:
        """Return what the class says."""
        adversary, agent = self._apart(state)
        return jnp.stack([agent - adversary, -agent])

    def measures(self, state: ParticleState, step: Step) -> Mapping[str, Array]:
        """Distances to the target, and whether they are within .1, .15, .25."""
        del step
        adversary, agent = self._apart(state)
        return {
            "agent_distance": agent,
            **within(agent, "agent_reach"),
            "adversary_distance": adversary,
            **within(adversary, "adversary_reach"),
        }

    def _apart(self, state: ParticleState) -> Array:
        return distances(state.positions[:2], state.positions[2 + state.goals])[:, 0]
