"""Learned crowds watched step by step: what a world counts over a long play, and what greedy answers lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep._compiled import use_cache
from gametheory_rl.deep._policies import Policy
from gametheory_rl.deep.envs._world import Scene, World


def watch(policy: Policy, steps: int, measure: str, *, actions: Any, temperature: float | None = None, seed: int = 0) -> np.ndarray:
    """Return what a population counts after each of ``steps`` steps from where everybody has played ``actions``.

    Parameters
    ----------
    policy : Policy
        Of a crowd's Q-learner on a ``PopulationWorld``.
    steps : int
    measure : str
        One of the world's measures.
    actions : (N,) int
        What everybody did last.
    temperature : float, optional
        At which to act; None: as learned.
    seed : int

    Returns
    -------
    (steps,) array
    """
    use_cache()
    weights = dict(policy.weights)
    weights["temperature"] = jnp.float32(weights["temperature"] if temperature is None else temperature)
    key = jax.random.PRNGKey(seed)
    state, step = policy.world.reset(key)
    begun = (key, state, step, jnp.asarray(actions, jnp.int32))
    return np.asarray(_watched(policy.method, policy.spec, policy.world, weights, begun, steps, measure), float)


@eqx.filter_jit
def _watched(method: Any, spec: Any, world: Any, weights: Any, begun: Any, steps: int, measure: str) -> Array:
    policy = Policy(method, spec, world, weights)

    def one(now: Any, _: None) -> Any:
        key, state, step, memory = now
        key, act, move = jax.random.split(key, 3)
        actions, memory = policy.act(act, state, step, memory)
        state, step = world.step(move, state, actions)
        return (key, state, step, memory), world.measures(state, step)[measure]

    return jax.lax.scan(one, begun, None, length=steps)[1]


def ascend(policy: Policy, starts: Any, steps: int) -> np.ndarray:
    """Return everybody's actions ``(starts, steps + 1, n)`` from ``starts`` ``(starts, n)`` on, each step a greedy answer to the last.

    The world is left where it begins: what is climbed is the Q of that state.
    """
    use_cache()
    return np.asarray(_ascended(policy.method, policy.spec, policy.world, policy.weights, jnp.asarray(starts, jnp.int32), steps))


@eqx.filter_jit
def _ascended(method: Any, spec: Any, world: Any, weights: Any, starts: Array, steps: int) -> Array:
    policy = Policy(method, spec, world, weights)
    state, step = world.reset(jax.random.PRNGKey(0))

    def path(start: Array) -> Array:
        def one(memory: Array, _: None) -> tuple[Array, Array]:
            actions = policy.act(jax.random.PRNGKey(0), state, step, memory, True)[0]
            return actions, actions

        return jnp.concatenate([start[jnp.newaxis], jax.lax.scan(one, start, None, length=steps)[1]])

    return jax.vmap(path)(starts)


def scenes(world: World, policies: Sequence[Policy], steps: int, *, seed: int = 0) -> list[Scene]:
    """Return what one episode looks like, each agent by its own policy: the start, then each of at most ``steps`` steps.

    Policies are sampled, and one that is given several times acts once a step.
    """
    use_cache()
    distinct = list({id(policy): policy for policy in policies}.values())
    whose = jnp.asarray([next(k for k, each in enumerate(distinct) if each is policy) for policy in policies])
    acts = [eqx.filter_jit(policy.act) for policy in distinct]
    move = eqx.filter_jit(world.step)
    key, reset = jax.random.split(jax.random.PRNGKey(seed))
    state, step = world.reset(reset)
    memories, shown = [policy.memory() for policy in distinct], [world.scene(state)]
    for _ in range(steps):
        key, *draws, turn = jax.random.split(key, len(distinct) + 2)
        both = [act(draw, state, step, memory) for act, draw, memory in zip(acts, draws, memories, strict=True)]
        done = jnp.stack([actions for actions, _ in both])[whose, jnp.arange(len(whose))]
        memories = [policy.method.told(memory, done) for policy, (_, memory) in zip(distinct, both, strict=True)]
        state, step = move(turn, state, done)
        shown.append(world.scene(state))
        if step.continues == 0 or step.truncated:
            break
    return shown
