"""Physical deception: a team covers the landmark it knows without telling an adversary, who watches, which one it is."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from gametheory_rl.deep.envs._particles import MOST_BODIES, Body, ParticleState, ParticleWorld, distances, others, stack_padded, within
from gametheory_rl.deep.envs._world import Step
from gametheory_rl.families._arguments import integer


class Adversary(ParticleWorld):
    """An adversary (agent 0) earns minus its distance to the target; each of the team that distance, less the distance of its nearest one.

    The rules of ``mpe2``'s ``simple_adversary_v3``; nobody collides. The team sees the target, all landmarks and the others, the adversary
    landmarks and the others: not which one is the target.

    Parameters
    ----------
    agents : int
        Size of the team, and number of landmarks; from 1 to 100.
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
    >>> from gametheory_rl.deep.envs import Adversary
    >>> Adversary().observation_sizes
    (8, 10, 10)

    Notes
    -----
    R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017 (physical deception). The
    paper does not say at which distance a landmark counts as reached: the measures count .1, .15 and .25.
    """

    agents: int = eqx.field(static=True, default=2)

    def __check_init__(self) -> None:
        integer(self.agents, "agents", 1, (MOST_BODIES - 1) // 2)

    @property
    def name(self) -> str:
        """Registered name."""
        return "adversary"

    @property
    def actors(self) -> tuple[Body, ...]:
        """The adversary, then the team."""
        return (Body(0.15, "adversary", mobile=True), *(Body(0.15, "agent", mobile=True),) * self.agents)

    @property
    def landmarks(self) -> tuple[Body, ...]:
        """One for each of the team."""
        return (Body(0.08, "landmark"),) * self.agents

    @property
    def agent_names(self) -> tuple[str, ...]:
        """As in ``mpe2``."""
        return "adversary_0", *(f"agent_{i}" for i in range(self.agents))

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """Landmarks and others; the team the target too."""
        return (4 * self.agents, *(4 * self.agents + 2,) * self.agents)

    def draw_goals(self, key: Array) -> Array:
        """Draw the target."""
        return jax.random.randint(key, (1,), 0, self.agents)

    def observe(self, state: ParticleState) -> Array:
        """Return what the class says."""
        n = self.num_agents
        place = state.positions[:n]
        marks = (state.positions[None, n:] - place[:, None]).reshape(n, -1)
        rest = (place[others(n)] - place[:, None]).reshape(n, -1)
        target = state.positions[n + state.goals[0]] - place
        seen = jnp.concatenate([marks, rest], axis=1)
        return jnp.concatenate([stack_padded([seen[0], jnp.zeros(seen.shape[1] + 2)])[:1], jnp.concatenate([target, seen], axis=1)[1:]])

    def reward(self, state: ParticleState) -> Array:
        """Return what the class says."""
        apart = self._apart(state)
        team = apart[0] - jnp.min(apart[1:])
        return jnp.concatenate([-apart[:1], jnp.full(self.agents, team)])

    def measures(self, state: ParticleState, step: Step) -> Mapping[str, Array]:
        """Distances to the target of the team's nearest and of the adversary, whether they are within .1, .15, .25; landmarks covered."""
        del step
        apart = self._apart(state)
        nearest, n = jnp.min(apart[1:]), self.num_agents
        covered = jnp.min(distances(state.positions[1:n], state.positions[n:]), axis=0) <= self.landmarks[0].size
        return {
            "team_distance": nearest,
            **within(nearest, "team_reach"),
            "adversary_distance": apart[0],
            **within(apart[0], "adversary_reach"),
            "covered": jnp.sum(covered).astype(jnp.float32),
        }

    def _apart(self, state: ParticleState) -> Array:
        n = self.num_agents
        return distances(state.positions[:n], state.positions[n + state.goals])[:, 0]
