"""Proximal policy optimisation for many agents: one engine, and its decentralised recipes by what the critic sees.

Sources: Schulman et al., "Proximal policy optimization algorithms", 2017; de Witt et al., "Is independent learning all you need in the
StarCraft multi-agent challenge?", 2020 (IPPO); Yu et al., "The surprising effectiveness of PPO in cooperative multi-agent games", 2022
(MAPPO).

Deviations: parameters are per agent unless ``shared``, since sharing is not decentralised; gradients are clipped and advantages normalised
for each agent apart, so that without a joint critic an agent's update depends on nobody else's rewards, to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep import _nets
from gametheory_rl.deep._fields import between, whole, widths
from gametheory_rl.deep._method import Acted, Losses, OnPolicy, Places, Seen, Spec, Transition, Tree


class Rows(NamedTuple):
    """What the update works on: one row for each learner, an agent or the team."""

    actor: Array
    """``[..., m, inputs of the actor]``"""
    critic: Array
    """``[..., m, inputs of the critic]``"""
    legal: Array
    """``[..., m, A]``"""
    alive: Array
    """``[..., m]``"""


class Sample(NamedTuple):
    """A rollout as the update sees it."""

    rows: Rows
    """Of every step; with ``place``, of every state"""
    choice: Array
    log_chance: Array
    value: Array
    advantage: Array
    target: Array
    place: Array | None = None
    """``[m, steps]``: which state each step left"""


class Said(NamedTuple):
    """What every learner's networks say of the rows."""

    outputs: Array
    """``[m, steps, A]``: logits, or means of normal distributions"""
    values: Array
    """``[m, steps]``"""
    used: Array
    """``[m, A]``: which outputs are no padding"""
    log_deviation: Array | None
    """``[m, A]``, of normal distributions"""


@dataclass(frozen=True, kw_only=True)
class PPO(OnPolicy):
    """The engine; use ``IPPO``, ``MAPPO`` or ``CentralisedPPO``."""

    learning_rate: float = 2.5e-4
    anneal: bool = True
    """Let the learning rate fall to 0 linearly over the run."""
    hidden: tuple[int, ...] = (64, 64)
    trace_decay: float = 0.95
    """lambda of generalised advantage estimation"""
    clip: float = 0.2
    """Of the ratio."""
    value_clip: float | None = 0.2
    """Of the value's step in one update, in payoffs: of payoffs of 100 a critic learns little by it; None: no clipping."""
    entropy: float = 0.01
    """Weight of the entropy bonus."""
    value_weight: float = 0.5
    gradient_norm: float = 0.5
    epochs: int = 4
    minibatches: int = 4
    shared: bool = False
    """One network for all agents, which then need the same sizes."""

    actions: ClassVar[tuple[str, ...]] = ("discrete", "continuous")
    by_state: ClassVar[bool] = True

    def check(self) -> None:
        """Refuse hyper-parameters out of range."""
        super().check()
        for name, high in (("learning_rate", 10), ("trace_decay", 1), ("clip", 100), ("entropy", 1e6), ("value_weight", 1e6)):
            between(self, name, 0, high)
        between(self, "gradient_norm", 1e-9, 1e9)
        if self.value_clip is not None:
            between(self, "value_clip", 1e-9, 1e30)
        whole(self, "epochs", 1, 10_000)
        whole(self, "minibatches", 1, self.rollout * self.environments)
        widths(self, "hidden")
        if (self.rollout * self.environments) % self.minibatches:
            raise GameError(
                f"minibatches is {self.minibatches}, a divisor of rollout * environments ({self.rollout * self.environments}) was expected"
            )

    def require(self, spec: Spec) -> None:
        """Refuse shared networks of agents that are not alike."""
        super().require(spec)
        if self.shared and len({*zip(spec.observation_sizes, spec.action_sizes, strict=True)}) > 1:
            raise GameError("shared is True, but the agents observe or act in different sizes: leave it out")

    # ---- what the paradigms say --------------------------------------------------------------------------------

    def actor_sizes(self, spec: Spec) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return inputs and outputs of each learner's actor."""
        return spec.observation_sizes, spec.action_sizes

    def critic_sizes(self, spec: Spec) -> tuple[int, ...]:
        """Return inputs of each learner's critic."""
        return spec.observation_sizes

    def rows(self, spec: Spec, seen: Seen) -> Rows:
        """Return what each learner's actor and critic see."""
        return Rows(seen.observations, self.critic_inputs(spec, seen), seen.legal, seen.alive)

    def critic_inputs(self, spec: Spec, seen: Seen) -> Array:
        """Return what each learner's critic sees."""
        del spec
        return seen.observations

    def rewards(self, spec: Spec, rewards: Array) -> Array:
        """Return each learner's reward ``(..., m)``."""
        del spec
        return rewards

    def joint_action(self, spec: Spec, choice: Array) -> Array:
        """Return all agents' actions from the learners' choices."""
        del spec
        return choice

    def discounts(self, spec: Spec) -> Array:
        """Return each learner's discount ``(m,)``."""
        return jnp.asarray(spec.discount, jnp.float32)

    # ---- networks ----------------------------------------------------------------------------------------------

    def draw(self, rng: np.random.Generator, spec: Spec) -> Tree:
        """Return actors and critics: orthogonal, gains sqrt 2, .01 and 1."""
        inputs, outputs = self.actor_sizes(spec)
        critics = self.critic_sizes(spec)
        if self.shared:
            inputs, outputs, critics = inputs[:1], outputs[:1], critics[:1]
        weights: dict[str, Any] = {
            "actor": _nets.draw_mlps(rng, inputs, self.hidden, outputs, last_gain=0.01),
            "critic": _nets.draw_mlps(rng, critics, self.hidden, (1,) * len(critics)),
        }
        if spec.continuous:
            weights["log_deviation"] = np.zeros((len(outputs), max(outputs)), np.float32) - 0.5
        return weights

    def begin(self, spec: Spec, weights: Tree) -> Tree:
        """Return Adam's state."""
        del spec
        return self._adam().init(weights)

    def _adam(self) -> optax.GradientTransformation:
        return optax.scale_by_adam(eps=1e-5)

    # ---- acting ------------------------------------------------------------------------------------------------

    def policy(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree) -> Array:
        """Return the probabilities of each learner's choices."""
        del memory
        return jax.nn.softmax(self._logits(spec, weights, self.rows(spec, seen)), axis=-1)

    def _logits(self, spec: Spec, weights: Tree, rows: Rows) -> Array:
        logits = _nets.apply(weights["actor"], rows.actor)
        return logits if spec.continuous else _nets.masked_logits(logits, rows.legal)

    def act(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array) -> Acted:
        """Draw from the policy; the extras are the learners' choices."""
        return self.play(spec, weights, seen, memory, key, jnp.bool_(False))

    def play(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array, greedy: Array) -> Acted:
        """Draw from the policy, or take its mode; continuous choices are squashed by tanh."""
        logits = self._logits(spec, weights, self.rows(spec, seen))
        if spec.continuous:
            noise = jnp.where(greedy, 0.0, jax.random.normal(key, logits.shape))
            choice = logits + jnp.exp(weights["log_deviation"]) * noise
            return Acted(jnp.tanh(choice), memory, choice)
        noise = jnp.where(greedy, 0.0, jax.random.gumbel(key, logits.shape))
        choice = (logits + noise).argmax(axis=-1).astype(jnp.int32)
        return Acted(self.joint_action(spec, choice), memory, choice)

    def values(self, spec: Spec, weights: Tree, seen: Seen) -> Array:
        """Return the critics' values."""
        return self._value(weights, self.rows(spec, seen))

    def _value(self, weights: Tree, rows: Rows) -> Array:
        return _nets.apply(weights["critic"], rows.critic)[..., 0]

    # ---- learning ----------------------------------------------------------------------------------------------

    def learn(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """Take ``epochs`` passes over the rollout in ``minibatches`` parts."""
        sample = self._sample(spec, weights, batch)
        rate = self.learning_rate * (1 - share) if self.anneal else self.learning_rate
        count = self.rollout * self.environments

        def part(carry: tuple[Tree, Tree], chosen: Array) -> tuple[tuple[Tree, Tree], Losses]:
            weights, training = carry
            gradients, losses = jax.grad(self._loss, argnums=1, has_aux=True)(spec, weights, _part(sample, chosen))
            steps, training = self._adam().update(_nets.clip_by_agent(gradients, self.gradient_norm), training)
            return (jax.tree.map(lambda w, step: w - rate * step, weights, steps), training), losses

        # Sorting random bits is three times as fast as a permutation that rules out ties.
        orders = jnp.argsort(jax.random.bits(key, (self.epochs, count)), axis=1)
        orders = orders.reshape(self.epochs * self.minibatches, -1)
        (weights, training), losses = jax.lax.scan(part, (weights, training), orders)
        return weights, training, jax.tree.map(lambda each: each.mean(axis=0), losses)

    def _sample(self, spec: Spec, weights: Tree, batch: Transition) -> Sample:
        """Return the rollout, ``(m, steps, ...)``, with advantages by generalised estimation.

        A cut bootstraps, an end does not, and traces cross neither.
        """
        places = batch.places if batch.places is not None and self._few(batch.places) else None
        if places is None:
            rows, following = self.rows(spec, batch.seen), self.rows(spec, batch.next_seen)
            value, ahead, alive = self._value(weights, rows), self._value(weights, following), following.alive
        else:
            rows = self.rows(spec, places.seen)
            values = self._value(weights, rows)
            value, ahead, alive = values[places.now], values[places.following], rows.alive[places.following]
        discounts = self.discounts(spec)
        surprise = self.rewards(spec, batch.rewards) + discounts * batch.continues[..., jnp.newaxis] * alive * ahead - value
        decay = discounts * self.trace_decay * ~batch.ended[..., jnp.newaxis] * alive

        def back(later: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
            advantage = now[0] + now[1] * later
            return advantage, advantage

        _, advantage = jax.lax.scan(back, jnp.zeros(surprise.shape[1:]), (surprise, decay), reverse=True)
        place = None if places is None else jnp.broadcast_to(places.now[..., jnp.newaxis], value.shape)
        rows = _by_learner(rows, 1) if places is not None else _by_learner(rows, 2)
        sample = Sample(rows, *_by_learner((batch.extras, value, value, advantage, advantage + value, place), 2))
        said = self._said(spec, weights, rows)
        log_chance, _ = jax.vmap(self._log_chance_and_entropy)(said, rows.legal, sample.choice, sample.place)
        return sample._replace(log_chance=log_chance)

    def _few(self, places: Places) -> bool:
        """Return whether networks run faster on every state than on a minibatch's steps."""
        return len(places.seen.alive) <= self.rollout * self.environments // self.minibatches

    def _said(self, spec: Spec, weights: Tree, rows: Rows) -> Said:
        """Return what the networks say of rows ``(m, steps, ...)``."""
        sizes = jnp.asarray(self.actor_sizes(spec)[1])
        used = jnp.arange(max(self.actor_sizes(spec)[1])) < sizes[:, jnp.newaxis]
        outputs = _nets.apply_in_bulk(weights["actor"], rows.actor)
        values = _nets.apply_in_bulk(weights["critic"], rows.critic)[..., 0]
        if "log_deviation" not in weights:
            return Said(outputs, values, used, None)
        return Said(outputs, values, used, jnp.broadcast_to(weights["log_deviation"], used.shape))

    def _log_chance_and_entropy(self, said: Said, legal: Array, choice: Array, place: Array | None) -> tuple[Array, Array]:
        """Return both of one learner's choices, ``(steps,)``; of continuous ones before they are squashed, which changes no ratio."""
        outputs, log_deviation = said.outputs, said.log_deviation
        if log_deviation is not None:
            score = -0.5 * jnp.square((choice - outputs) / jnp.exp(log_deviation)) - log_deviation - 0.5 * jnp.log(2 * jnp.pi)
            width = jnp.broadcast_to(log_deviation + 0.5 * jnp.log(2 * jnp.pi * jnp.e), outputs.shape)
            return (score * said.used).sum(axis=-1), (width * said.used).sum(axis=-1)
        logs = jax.nn.log_softmax(_nets.masked_logits(outputs, legal), axis=-1)
        if place is not None:
            entropy = -(jnp.exp(logs) * jnp.where(legal, logs, 0.0)).sum(axis=-1)
            return logs[place, choice], entropy[place]
        hit = choice[:, jnp.newaxis] == jnp.arange(outputs.shape[-1])
        return jnp.where(hit, logs, 0.0).sum(axis=-1), -(jnp.exp(logs) * jnp.where(legal, logs, 0.0)).sum(axis=-1)

    def _loss(self, spec: Spec, weights: Tree, batch: Sample) -> tuple[Array, Losses]:
        """Return the loss, summed over agents with networks of their own, else their mean."""
        total, losses = jax.vmap(self._own_loss)(self._said(spec, weights, batch.rows), batch)
        losses = jax.tree.map(jnp.mean, losses)
        return total.mean() if self.shared else total.sum(), losses

    def _own_loss(self, said: Said, batch: Sample) -> tuple[Array, Losses]:
        """Return one learner's loss on its minibatch, ``(steps, ...)``."""
        here = _at(batch.rows.alive, batch.place).astype(jnp.float32)
        count = jnp.maximum(here.sum(), 1.0)

        def mean(numbers: Array) -> Array:
            return (numbers * here).sum() / count

        advantage = batch.advantage - mean(batch.advantage)
        advantage = advantage / (jnp.sqrt(mean(jnp.square(advantage))) + 1e-8)
        log_chance, entropy = self._log_chance_and_entropy(said, batch.rows.legal, batch.choice, batch.place)
        ratio = jnp.exp(log_chance - batch.log_chance)
        policy = -mean(jnp.minimum(ratio * advantage, jnp.clip(ratio, 1 - self.clip, 1 + self.clip) * advantage))
        value = _at(said.values, batch.place)
        squares = jnp.square(value - batch.target)
        if self.value_clip is not None:
            near = batch.value + jnp.clip(value - batch.value, -self.value_clip, self.value_clip)
            squares = jnp.maximum(squares, jnp.square(near - batch.target))
        errors = mean(squares) / 2
        spread = mean(entropy)
        losses = {"policy_loss": policy, "value_loss": errors, "entropy": spread}
        return policy + self.value_weight * errors - self.entropy * spread, losses


def _by_learner(tree: Tree, axes: int) -> Tree:
    """Return leaves ``(axes..., m, ...)`` as ``(m, steps, ...)``."""
    # Counted, not -1: of numbers nothing is legal or illegal, and that leaf is empty.
    return jax.tree.map(
        lambda leaf: jnp.moveaxis(leaf, axes, 0).reshape(leaf.shape[axes], prod(leaf.shape[:axes]), *leaf.shape[axes + 1 :]), tree
    )


def _part(sample: Sample, chosen: Array) -> Sample:
    """Return the ``chosen`` steps; what is seen in every state stays whole."""
    part = jax.tree.map(lambda leaf: leaf.at[:, chosen].get(mode="promise_in_bounds", unique_indices=True), sample._replace(rows=None))
    rows = sample.rows
    if sample.place is None:
        rows = jax.tree.map(lambda leaf: leaf.at[:, chosen].get(mode="promise_in_bounds", unique_indices=True), rows)
    return part._replace(rows=rows)


def _at(numbers: Array, place: Array | None) -> Array:
    """Return each step's own of ``numbers``, one a step or, with ``place``, one a state."""
    return numbers if place is None else numbers[place]


@dataclass(frozen=True, kw_only=True)
class IPPO(PPO):
    """Independent PPO: every agent by itself, from what it sees and earns (de Witt et al. 2020).

    Notes
    -----
    Nothing makes it converge in games with more than one learner; where its exact gap does not vanish, the trace says so.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.IPPO(learning_rate=1e-3).paradigm
    'decentralised'
    """

    name: ClassVar[str] = "ippo"


@dataclass(frozen=True, kw_only=True)
class MAPPO(PPO):
    """PPO whose critics see the global state, its actors only their own observations (Yu et al. 2022).

    Notes
    -----
    Each agent has a critic of its own, for rewards may differ. On a tensor game with full observation, actors see the state anyway.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.MAPPO().paradigm
    'joint'
    """

    name: ClassVar[str] = "mappo"
    paradigm: ClassVar[str] = "joint"
    uses_state: ClassVar[bool] = True

    def critic_sizes(self, spec: Spec) -> tuple[int, ...]:
        """Return the global state's size, for each agent."""
        return (spec.state_size,) * spec.num_agents

    def critic_inputs(self, spec: Spec, seen: Seen) -> Array:
        """Return the global state, for each agent."""
        return jnp.broadcast_to(seen.state[..., jnp.newaxis, :], (*seen.state.shape[:-1], spec.num_agents, spec.state_size))
