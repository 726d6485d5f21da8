"""A crowd's method fitted to one batch, again and again: what tests of several methods do."""

from functools import partial

import jax
import jax.numpy as jnp


@partial(jax.jit, static_argnums=(0, 1, 3))
def fitted(method, spec, batch, steps, weights):
    """Return the weights after so many updates, and the losses on the way."""

    def one(carry, share):
        weights, training, losses = method.update(spec, *carry, batch, jax.random.PRNGKey(0), share)
        return (weights, training), losses["q_loss"]

    (weights, _), losses = jax.lax.scan(one, (weights, method.prepare(spec, weights)), jnp.arange(steps) / steps)
    return weights, losses
