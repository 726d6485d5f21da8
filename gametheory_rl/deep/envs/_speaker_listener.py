"""Cooperative communication: one agent sees which landmark is meant and can only speak, the other hears it and can only move."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep.envs._particles import Body, ParticleState, ParticleWorld, stack_padded, within
from gametheory_rl.deep.envs._world import Step

COLOURS = np.full((3, 3), 0.15, np.float32) + 0.5 * np.eye(3, dtype=np.float32)
"""What the speaker sees of each landmark."""


class SpeakerListener(ParticleWorld):
    """The speaker (agent 0) says one of three symbols, the listener (agent 1) should reach the landmark that only the speaker sees.

    Both earn minus the squared distance between listener and landmark, as in ``mpe2``'s ``simple_speaker_listener_v4``. It is ONE reward
    that they share: a return counts it once a step, which is the mean over the agents, not the sum. An ideal controller earns about -6.2
    in 25 steps, the best that ignores the message -14.7 at distance .61.

    The speaker sees the landmark's colour, the listener its velocity, the three landmarks and the last message.

    Parameters
    ----------
    max_cycles : int
        After so many steps an episode is truncated.
    continuous_actions : bool
        Numbers in [-1, 1]: three for the speaker, where 1 says a symbol loudly and -1 not at all, two for the listener.

    Raises
    ------
    GameError
        A setting out of its range.

    Examples
    --------
    >>> from gametheory_rl.deep.envs import SpeakerListener
    >>> world = SpeakerListener()
    >>> world.observation_sizes, world.action_sizes
    ((3, 11), (3, 5))

    Notes
    -----
    R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017 (cooperative communication).
    The paper does not say at which distance the target counts as reached: ``reach_10``, ``reach_15`` and ``reach_25`` do for .1, .15, .25.
    """

    @property
    def name(self) -> str:
        """Registered name."""
        return "speaker_listener"

    @property
    def actors(self) -> tuple[Body, ...]:
        """One speaks, one moves."""
        return Body(0.075, "speaker", speaks=True), Body(0.075, "listener", mobile=True)

    @property
    def landmarks(self) -> tuple[Body, ...]:
        """Three."""
        return (Body(0.04, "landmark"),) * 3

    @property
    def agent_names(self) -> tuple[str, ...]:
        """As in ``mpe2``."""
        return "speaker_0", "listener_0"

    @property
    def symbols(self) -> int:
        """Three."""
        return 3

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """A colour; velocity, landmarks and message."""
        return 3, 11

    def draw_goals(self, key: Array) -> Array:
        """Draw one landmark."""
        return jax.random.randint(key, (1,), 0, 3)

    def observe(self, state: ParticleState) -> Array:
        """Return what the class says."""
        marks = state.positions[2:] - state.positions[1]
        heard = jnp.concatenate([state.velocities[1], marks.reshape(-1), state.messages[0]])
        return stack_padded([jnp.asarray(COLOURS)[state.goals[0]], heard])

    def reward(self, state: ParticleState) -> Array:
        """Return the same number for both."""
        return jnp.full(2, -(self._distance(state) ** 2))

    def measures(self, state: ParticleState, step: Step) -> Mapping[str, Array]:
        """Distance between listener and landmark, whether it is within .1, .15, .25, and the shared reward, counted once."""
        distance = self._distance(state)
        return {"distance": distance, **within(distance, "reach"), "team_reward": step.rewards[0]}

    def _distance(self, state: ParticleState) -> Array:
        apart = state.positions[1] - state.positions[2 + state.goals[0]]
        return jnp.sqrt(jnp.sum(apart * apart))
