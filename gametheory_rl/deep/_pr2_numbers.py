"""PR2 where actions are numbers: answers are particles of a network, moved by Stein gradients; an actor climbs what its action is worth.

A critic's input is everybody's action, ``n C`` numbers in player order, then the agent's own observation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep import _nets
from gametheory_rl.deep._method import Losses, Seen, Spec, Transition, Tree
from gametheory_rl.deep._svgd import squashing, stein_direction

if TYPE_CHECKING:
    from gametheory_rl.deep._pr2 import PR2


def draw(method: PR2, rng: np.random.Generator, spec: Spec) -> Tree:
    """Return critics, answers and actors; an answer's input is the own action, noise as long as an answer, and the observation."""
    n, c, sizes = spec.num_agents, spec.actions, spec.observation_sizes
    actors = _nets.draw_mlps(rng, sizes, method.hidden, spec.action_sizes, last_gain=0.01)
    begun = method.first + method.spread * rng.uniform(-1.0, 1.0, (n, 1))
    last = actors[-1]._replace(bias=np.float32(np.arctanh(begun) * np.ones((n, c))))
    return {
        "critic": _nets.draw_mlps(rng, [n * c + size for size in sizes], method.hidden, (1,) * n),
        "rho": _nets.draw_mlps(rng, [c + n * c + size for size in sizes], method.hidden, (n * c,) * n),
        "actor": (*actors[:-1], last),
    }


def real(spec: Spec) -> np.ndarray:
    """Return which of the padded actions are numbers that somebody chooses, ``(n, C)``."""
    return (np.arange(spec.actions) < np.array(spec.action_sizes)[:, np.newaxis]).astype(np.float32)


def others(spec: Spec) -> np.ndarray:
    """Return which of everybody's ``n C`` numbers are others' of agent i, ``(n, n C)``."""
    mine = np.repeat(np.eye(spec.num_agents), spec.actions, axis=1)
    return ((1 - mine) * real(spec).ravel()).astype(np.float32)


def actor(spec: Spec, nets: Tree, seen: Seen) -> Array:
    """Return everybody's own action, ``(..., n, C)``."""
    return jnp.tanh(_nets.apply(nets["actor"], seen.observations, jax.nn.relu)) * real(spec)


def explore(method: PR2, spec: Spec, weights: Tree, seen: Seen, key: Array) -> Array:
    """Return the actors' actions with normal noise or, now and then, uniform ones, each agent for itself."""
    near, far, which = jax.random.split(key, 3)
    shape = (spec.num_agents, spec.actions)
    noisy = jnp.clip(actor(spec, weights["nets"], seen) + method.noise * jax.random.normal(near, shape), -1.0, 1.0)
    lost = jax.random.uniform(which, (spec.num_agents, 1)) < method.exploration
    return jnp.where(lost, jax.random.uniform(far, shape, minval=-1.0, maxval=1.0), noisy) * real(spec)


def joint(spec: Spec, own: Array, answers: Array) -> Array:
    """Return everybody's actions as agent i sees them, ``(..., n, n C)``: its ``own`` (..., n, C), the others' from ``answers``."""
    mine = jnp.tile(own, spec.num_agents) * np.repeat(np.eye(spec.num_agents), spec.actions, axis=1)
    return jnp.where(others(spec) > 0, answers, mine)


def q_of(critic: Tree, acts: Array, observations: Array) -> Array:
    """Return ``(..., n)`` from everybody's actions ``(..., n, n C)``; observations ``(..., n, O)`` broadcast."""
    observations = jnp.broadcast_to(observations, (*acts.shape[:-1], observations.shape[-1]))
    return _nets.apply(critic, jnp.concatenate([acts, observations], axis=-1), jax.nn.relu)[..., 0]


def answers_of(method: PR2, spec: Spec, rho: Tree, own: Array, observations: Array, key: Array) -> Array:
    """Return particles of the others' answer before they are squashed, ``(M, B, n, n C)``, to own actions ``(B, n, C)``."""
    shape = (method.particles, *own.shape[:-1])
    noise = jax.random.normal(key, (*shape, spec.num_agents * spec.actions))
    own, observations = (jnp.broadcast_to(each, (*shape, each.shape[-1])) for each in (own, observations))
    return _nets.apply(rho, jnp.concatenate([own, noise, observations], axis=-1), jax.nn.relu)


def worth(method: PR2, spec: Spec, nets: Tree, own: Array, observations: Array, temperature: Array, key: Array) -> Array:
    """Return what own actions ``(B, n, C)`` are worth, ``(B, n)``: a mean under rho, or an integral by uniform draws."""
    if method.worth == "mean":
        answers = jnp.tanh(answers_of(method, spec, nets["rho"], own, observations, key))
        return q_of(nets["critic"], joint(spec, own, answers), observations).mean(axis=0)
    shape = (method.particles, *own.shape[:-1], spec.num_agents * spec.actions)
    q = q_of(nets["critic"], joint(spec, own, jax.random.uniform(key, shape, minval=-1.0, maxval=1.0)), observations)
    volume = others(spec).sum(axis=1) * np.log(2.0)
    return temperature * (jax.nn.logsumexp(q / temperature, axis=0) - np.log(method.particles) + volume)


def learn(
    method: PR2, spec: Spec, nets: Tree, training: Tree, batch: Transition, temperature: Array, key: Array
) -> tuple[Tree, Tree, Losses]:
    """Return networks and Adam's states after one step of the critics, the answers and the actors."""
    ahead, answer, climb = jax.random.split(key, 3)
    seen, following = batch.seen.observations, batch.next_seen
    own = actor(spec, training["target"], following)
    future = jnp.asarray(spec.discount) * batch.continues[:, jnp.newaxis] * following.alive
    target = batch.rewards + future * worth(method, spec, training["target"], own, following.observations, temperature, ahead)
    alive, flat = batch.seen.alive.astype(jnp.float32), batch.actions.reshape(len(batch.actions), 1, -1)
    done = jnp.broadcast_to(flat, (len(flat), spec.num_agents, flat.shape[-1]))

    def critic_loss(critic: Tree) -> Array:
        return (alive * jnp.square(q_of(critic, done, seen) - target)).mean(axis=0).sum()

    def rho_loss(rho: Tree) -> Array:
        particles = answers_of(method, spec, rho, batch.actions, seen, answer)
        held = jax.lax.stop_gradient(particles)
        slopes = jax.grad(lambda u: q_of(made["critic"], joint(spec, batch.actions, jnp.tanh(u)), seen).sum())(held)
        scores = slopes / temperature + squashing(held)
        direction = stein_direction(jnp.moveaxis(held, 0, -2), jnp.moveaxis(scores, 0, -2), others(spec))
        # Where the surrogate falls, particles go where the direction points.
        return -(alive[..., jnp.newaxis, jnp.newaxis] * direction * jnp.moveaxis(particles, 0, -2)).sum(axis=-1).mean(axis=(0, 2)).sum()

    def actor_loss(net: Tree) -> Array:
        own = actor(spec, {"actor": net}, batch.seen)
        answers = jnp.tanh(answers_of(method, spec, made["rho"], own, seen, climb))
        # The gradient of the integral is the mean slope with the answers held (envelope theorem); that of the mean goes through them.
        answers = jax.lax.stop_gradient(answers) if method.worth == "soft" else answers
        return -(alive * q_of(made["critic"], joint(spec, own, answers), seen)).mean(axis=(0, 1)).sum()

    made, adam, losses = dict(nets), dict(training["adam"]), {}
    for name, loss_of in (("critic", critic_loss), ("rho", rho_loss), ("actor", actor_loss)):
        rate = method.actor_rate if name == "actor" else method.learning_rate
        loss, gradients = jax.value_and_grad(loss_of)(nets[name])
        made[name], adam[name] = method.moved(nets[name], gradients, adam[name], rate)
        losses[f"{name}_loss"] = loss / spec.num_agents
    return made, adam, losses
