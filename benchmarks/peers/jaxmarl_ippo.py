"""IPPO on JaxMARL's spread, in the manner of its own baselines: one flax network shared by all agents, everything inside one scan.

Prints training steps per CPU-s of the second call; the first one compiles.
"""

import json
import sys
import time

import flax.linen as nn
import jax
import jax.numpy as jnp
import jaxmarl
import optax
from flax.linen.initializers import constant, orthogonal

ENVS, STEPS, EPOCHS, PARTS = 16, 128, 4, 4


class ActorCritic(nn.Module):
    actions: int

    @nn.compact
    def __call__(self, x):
        heads = []
        for out, gain in ((self.actions, 0.01), (1, 1.0)):
            h = x
            for _ in range(2):
                h = nn.tanh(nn.Dense(64, kernel_init=orthogonal(2**0.5), bias_init=constant(0.0))(h))
            heads.append(nn.Dense(out, kernel_init=orthogonal(gain), bias_init=constant(0.0))(h))
        return nn.log_softmax(heads[0]), heads[1][..., 0]


def picked(logs, action):
    return jnp.take_along_axis(logs, action[:, None], axis=1)[:, 0]


def main(rollouts):
    env = jaxmarl.make("MPE_simple_spread_v3")
    agents = env.agents
    net = ActorCritic(env.action_space(agents[0]).n)
    adam = optax.chain(optax.clip_by_global_norm(0.5), optax.adam(optax.linear_schedule(2.5e-4, 0, rollouts * EPOCHS * PARTS), eps=1e-5))

    def flat(each):
        return jnp.stack([each[agent] for agent in agents]).reshape(len(agents) * ENVS, -1)

    def step(carry, key):
        weights, seen, state = carry
        act, move = jax.random.split(key)
        x = flat(seen)
        logs, value = net.apply(weights, x)
        action = jax.random.categorical(act, logs)
        each = action.reshape(len(agents), ENVS)
        moves = {agent: each[i] for i, agent in enumerate(agents)}
        seen, state, reward, done, _ = jax.vmap(env.step)(jax.random.split(move, ENVS), state, moves)
        done = jnp.tile(done["__all__"], len(agents))
        return (weights, seen, state), (x, action, picked(logs, action), value, flat(reward)[:, 0], done)

    def loss(weights, batch):
        x, action, old, value_old, advantage, target = batch
        logs, value = net.apply(weights, x)
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        ratio = jnp.exp(picked(logs, action) - old)
        policy = -jnp.minimum(ratio * advantage, jnp.clip(ratio, 0.8, 1.2) * advantage).mean()
        near = value_old + (value - value_old).clip(-0.2, 0.2)
        errors = jnp.maximum((value - target) ** 2, (near - target) ** 2).mean() / 2
        return policy + 0.5 * errors + 0.01 * (jnp.exp(logs) * logs).sum(axis=1).mean()

    def update(carry, key):
        weights, inner, seen, state = carry
        roll, order = jax.random.split(key)
        (_, seen, state), (x, action, old, value, reward, done) = jax.lax.scan(step, (weights, seen, state), jax.random.split(roll, STEPS))
        last = net.apply(weights, flat(seen))[1]

        def back(later, now):
            running, ahead = later
            value, reward, done = now
            running = reward + 0.99 * ahead * (1 - done) - value + 0.99 * 0.95 * (1 - done) * running
            return (running, value), running

        _, advantage = jax.lax.scan(back, (jnp.zeros_like(last), last), (value, reward, done), reverse=True)
        count = STEPS * ENVS * len(agents)
        batch = jax.tree.map(lambda each: each.reshape(count, *each.shape[2:]), (x, action, old, value, advantage, advantage + value))

        def epoch(carry, key):
            rows = jax.random.permutation(key, count)
            parts = jax.tree.map(lambda each: each[rows].reshape(PARTS, -1, *each.shape[1:]), batch)

            def part(carry, each):
                weights, inner = carry
                gradients = jax.grad(loss)(weights, each)
                steps, inner = adam.update(gradients, inner, weights)
                return (optax.apply_updates(weights, steps), inner), None

            return jax.lax.scan(part, carry, parts)[0], None

        (weights, inner), _ = jax.lax.scan(epoch, (weights, inner), jax.random.split(order, EPOCHS))
        return (weights, inner, seen, state), reward.mean()

    @jax.jit
    def train(key):
        init, reset, run = jax.random.split(key, 3)
        seen, state = jax.vmap(env.reset)(jax.random.split(reset, ENVS))
        weights = net.init(init, flat(seen))
        return jax.lax.scan(update, (weights, adam.init(weights), seen, state), jax.random.split(run, rollouts))[1]

    jax.block_until_ready(train(jax.random.PRNGKey(0)))
    begin = time.process_time()
    jax.block_until_ready(train(jax.random.PRNGKey(1)))
    print(json.dumps({"steps_per_cpu_s": rollouts * STEPS * ENVS / (time.process_time() - begin)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
