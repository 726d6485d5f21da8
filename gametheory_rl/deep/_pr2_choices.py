"""PR2 where actions are choices: the others' joint actions can be enumerated, so rho, worth, values and policy are exact sums of Q.

Critics say Q_i of every joint action at once: a row for each own action, of the others' joint actions in C order.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep import _nets
from gametheory_rl.deep._method import Losses, Seen, Spec, Transition, Tree

if TYPE_CHECKING:
    from gametheory_rl.deep._pr2 import PR2


def draw(method: PR2, rng: np.random.Generator, spec: Spec) -> Tree:
    """Return critics and, where they are learned, answers: both say ``A * A^(n - 1)`` numbers."""
    outputs = (spec.actions**spec.num_agents,) * spec.num_agents
    nets = {"critic": _nets.draw_mlps(rng, spec.observation_sizes, method.hidden, outputs, last_gain=0.1)}
    if method.rho == "counts":
        nets["rho"] = _nets.draw_mlps(rng, spec.observation_sizes, method.hidden, outputs, last_gain=0.01)
    return nets


def _rows(net: Tree, seen: Seen) -> Array:
    """Return what a network says, ``(..., n, A, W)``."""
    said = _nets.apply(net, seen.observations, jax.nn.relu)
    return said.reshape(*said.shape[:-1], seen.legal.shape[-1], -1)


def legal_answers(legal: Array) -> Array:
    """Return which joint actions of the others are legal, ``(..., n, W)``, from ``legal`` (..., n, A)."""
    masks = [legal[..., j, :] for j in range(legal.shape[-2])]
    joined = [reduce(_joined, [mask for j, mask in enumerate(masks) if j != i]) for i in range(len(masks))]
    return jnp.stack(joined, axis=-2)


def _joined(left: Array, right: Array) -> Array:
    both = left[..., :, jnp.newaxis] & right[..., jnp.newaxis, :]
    return both.reshape(*both.shape[:-2], -1)


def answers_given(actions: Array, count: int) -> Array:
    """Return what the others did, by its number among their joint actions, ``(..., n)``; an agent has ``count`` actions."""
    n = actions.shape[-1]
    given = [reduce(lambda number, j: number * count + actions[..., j], [j for j in range(n) if j != i], 0) for i in range(n)]
    return jnp.stack(given, axis=-1)


def worth(method: PR2, nets: Tree, temperature: Array, seen: Seen) -> Array:
    """Return what each own action is worth, ``(..., n, A)``."""
    open_ = legal_answers(seen.legal)[..., jnp.newaxis, :]
    q = _rows(nets["critic"], seen)
    soft = _soft_maximum(q, open_, temperature)
    if method.worth == "soft":
        return soft
    if method.rho == "counts":
        rho = jax.nn.softmax(_nets.masked_logits(_rows(nets["rho"], seen), open_), axis=-1)
    else:
        rho = jnp.where(open_, jnp.exp((q - soft[..., jnp.newaxis]) / temperature), 0.0)
    return (rho * q).sum(axis=-1)


def _soft_maximum(numbers: Array, legal: Array, temperature: Array) -> Array:
    return temperature * jax.nn.logsumexp(_nets.masked_logits(numbers / temperature, legal), axis=-1)


def policy(method: PR2, spec: Spec, weights: Tree, seen: Seen) -> Array:
    """Return the softmax of worth / T, ``(n, A)``."""
    del spec
    temperature = weights["temperature"]
    logits = worth(method, weights["nets"], temperature, seen) / temperature
    return jax.nn.softmax(_nets.masked_logits(logits, seen.legal), axis=-1)


def values(method: PR2, nets: Tree, temperature: Array, seen: Seen) -> Array:
    """Return the soft maximum over own actions of their worth, ``(..., n)``."""
    return _soft_maximum(worth(method, nets, temperature, seen), seen.legal, temperature)


def explore(method: PR2, spec: Spec, weights: Tree, seen: Seen, key: Array) -> Array:
    """Draw from the policy or, now and then, any legal action, each agent for itself."""
    chances = policy(method, spec, weights, seen)
    even = seen.legal / seen.legal.sum(axis=-1, keepdims=True)
    mixed = (1 - method.exploration) * chances + method.exploration * even
    return jax.random.categorical(key, jnp.log(mixed)).astype(jnp.int32)


def learn(
    method: PR2, spec: Spec, nets: Tree, training: Tree, batch: Transition, temperature: Array, key: Array
) -> tuple[Tree, Tree, Losses]:
    """Return networks and Adam's states after one step of the critics and of the answers."""
    del key
    future = jnp.asarray(spec.discount) * batch.continues[:, jnp.newaxis] * batch.next_seen.alive
    target = batch.rewards + future * values(method, training["target"], temperature, batch.next_seen)
    given, alive = answers_given(batch.actions, spec.actions), batch.seen.alive.astype(jnp.float32)

    def done(rows: Array) -> Array:
        own = jnp.take_along_axis(rows, batch.actions[..., jnp.newaxis, jnp.newaxis], axis=-2)[..., 0, :]
        return jnp.take_along_axis(own, given[..., jnp.newaxis], axis=-1)[..., 0]

    def critic_loss(critic: Tree) -> Array:
        return (alive * jnp.square(done(_rows(critic, batch.seen)) - target)).mean(axis=0).sum()

    def rho_loss(net: Tree) -> Array:
        open_ = legal_answers(batch.seen.legal)[..., jnp.newaxis, :]
        logs = jax.nn.log_softmax(_nets.masked_logits(_rows(net, batch.seen), open_), axis=-1)
        return -(alive * done(logs)).mean(axis=0).sum()

    made, adam, losses = dict(nets), dict(training["adam"]), {}
    for name, loss_of in (("critic", critic_loss), ("rho", rho_loss)):
        if name in nets:
            loss, gradients = jax.value_and_grad(loss_of)(nets[name])
            made[name], adam[name] = method.moved(nets[name], gradients, adam[name], method.learning_rate)
            losses[f"{name}_loss"] = loss / spec.num_agents
    return made, adam, losses
