"""Covert communication: Alice tells Bob a bit over a channel that Eve hears; Alice and Bob share a key."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep.envs._particles import Body, ParticleState, ParticleWorld, stack_padded
from gametheory_rl.deep.envs._world import Step

SYMBOLS = 4


class Crypto(ParticleWorld):
    """Eve (0), Bob (1) and Alice (2) each say one of four symbols; Alice knows which of two is meant, and a key of two that Bob knows too.

    The rules of ``mpe2``'s ``simple_crypto_v3``: a listener who says the wrong symbol is off by 2 (the squared distance of two one-hot
    vectors). Eve earns minus what she is off by; Alice and Bob what Eve is off by less what Bob is. Whoever says nothing is off by nothing.
    Alice sees secret and key, Bob the key and what Alice said last, Eve only that. Nobody moves: the last step's message is answered.

    Parameters
    ----------
    max_cycles : int
        After so many steps an episode is truncated.
    continuous_actions : bool
        Four numbers in [-1, 1] each: how loudly a symbol is said.

    Raises
    ------
    GameError
        A setting out of its range.

    Examples
    --------
    >>> from gametheory_rl.deep.envs import Crypto
    >>> Crypto().observation_sizes
    (4, 8, 8)

    Notes
    -----
    R. Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017 (covert communication).
    """

    @property
    def name(self) -> str:
        """Registered name."""
        return "crypto"

    @property
    def actors(self) -> tuple[Body, ...]:
        """Three who speak."""
        return tuple(Body(0.05, kind, speaks=True) for kind in ("Eve", "Bob", "Alice"))

    @property
    def landmarks(self) -> tuple[Body, ...]:
        """Two: the secret's values."""
        return (Body(0.05, "landmark"),) * 2

    @property
    def agent_names(self) -> tuple[str, ...]:
        """As in ``mpe2``."""
        return "eve_0", "bob_0", "alice_0"

    @property
    def symbols(self) -> int:
        """Four."""
        return SYMBOLS

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """Return what the class says."""
        return SYMBOLS, 2 * SYMBOLS, 2 * SYMBOLS

    def draw_goals(self, key: Array) -> Array:
        """Draw secret and key."""
        return jax.random.randint(key, (2,), 0, 2)

    def observe(self, state: ParticleState) -> Array:
        """Return what the class says."""
        secret, key = self._codes(state)
        said = state.messages[2]
        return stack_padded([said, jnp.concatenate([key, said]), jnp.concatenate([secret, key])])

    def reward(self, state: ParticleState) -> Array:
        """Return what the class says."""
        secret, _ = self._codes(state)
        eve, bob = (jnp.where(jnp.any(said != 0), jnp.sum((said - secret) ** 2), 0.0) for said in state.messages[:2])
        return jnp.stack([-eve, eve - bob, eve - bob])

    def measures(self, state: ParticleState, step: Step) -> Mapping[str, Array]:
        """Whether Bob, and whether Eve, said the secret (loudest)."""
        del step
        right = (jnp.argmax(state.messages, axis=1) == state.goals[0]) & jnp.any(state.messages != 0, axis=1)
        return {"bob_right": right[1].astype(jnp.float32), "eve_right": right[0].astype(jnp.float32)}

    def _codes(self, state: ParticleState) -> tuple[Array, Array]:
        secret, key = jnp.asarray(np.eye(SYMBOLS, dtype=np.float32))[state.goals]
        return secret, key
