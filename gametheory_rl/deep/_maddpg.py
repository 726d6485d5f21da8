"""MADDPG: every agent's critic sees everything while training, its actor only its own observation when it acts; and DDPG, its control.

Source: Lowe et al., "Multi-agent actor-critic for mixed cooperative-competitive environments", NeurIPS 2017. Of choices the actor is a
softmax, learned through Gumbel noise (section 4.1 and the paper's code) or by the score function (equation 4); of numbers it is a tanh
plus noise (equations 5 and 6). Inferred policies are section 4.2, ensembles section 4.3.

Deviations: gradients are clipped by the norm over each agent's network, not layer by layer; the score function's expectation over the own
action is taken exactly, which leaves less noise; what an ensemble's members learn from is one replay that remembers who acted, not one
for each; the learning rate is smaller and falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.deep import _nets
from gametheory_rl.deep._fields import between, whole, widths, word
from gametheory_rl.deep._method import Acted, Losses, OffPolicy, Seen, Spec, Transition, Tree

GRADIENTS = ("gumbel", "score")


@dataclass(frozen=True, kw_only=True)
class MADDPG(OffPolicy):
    """Deep deterministic policy gradients for many agents, with central critics (Lowe et al. 2017).

    The defaults are the paper's, but for a smaller learning rate, which falls, and a replay of 100,000 steps instead of a million.

    Notes
    -----
    In a world that takes soft actions, weights over choices, as the particle worlds do, those are played while training, as by the
    paper's code: the noise is the exploration. Elsewhere the noisy choice itself is played, and the gradient goes through the soft
    one as if it had been (straight through). Tables are the softmax without noise; of an ensemble, the members' mean.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.MADDPG(ensemble=3).paradigm
    'joint'
    """

    environments: int = 4
    rollout: int = 25
    discount: float = 0.95
    replay: int = 100_000
    batch_size: int = 1024
    warmup: int = 25_600
    learning_rate: float = 0.003
    """The paper's is 0.01, which ends farther from the target."""
    anneal: bool = True
    """Let the learning rate fall to 0 linearly over the run; the paper's stays, and its policies keep moving."""
    gradient_norm: float = 0.5
    polyak: float = 0.01
    """How far targets move at each update."""
    hidden: tuple[int, ...] = (64, 64)
    gradient: str = "gumbel"
    """``gumbel`` or ``score``: how a softmax actor learns; an actor of numbers has but one way."""
    temperature: float = 1.0
    """Of the soft choices."""
    logit_weight: float = 1e-3
    """Of the mean squared logit in the actor's loss."""
    noise: float = 0.2
    """Standard deviation of what explores, where actions are numbers."""
    local_agents: tuple[int, ...] = ()
    """Agents whose critics see only what they themselves see and do, as in DDPG."""
    ensemble: int = 1
    """Policies of each agent, one drawn for each episode."""
    inferred: bool = False
    """Whether targets use everybody's own model of the others' policies, learned from what these did, instead of the policies."""
    inferred_entropy: float = 1e-3
    """Weight of the models' entropy."""

    name: ClassVar[str] = "maddpg"
    paradigm: ClassVar[str] = "joint"
    actions: ClassVar[tuple[str, ...]] = ("discrete", "continuous")

    def check(self) -> None:
        """Refuse hyper-parameters out of range."""
        super().check()
        for name, high in (("learning_rate", 10), ("polyak", 1), ("logit_weight", 1e6), ("noise", 1e3), ("inferred_entropy", 1e6)):
            between(self, name, 0, high)
        for name in ("gradient_norm", "temperature"):
            between(self, name, 1e-9, 1e9)
        whole(self, "ensemble", 1, 1000)
        widths(self, "hidden")
        word(self, "gradient", GRADIENTS, " or ".join(GRADIENTS))
        agents = tuple(np.ravel(self.local_agents).tolist())
        if not all(isinstance(agent, int) and agent is not True and agent >= 0 for agent in agents):
            raise GameError(f"local_agents is {self.local_agents!r}, numbers of agents were expected, such as (0, 1)")
        object.__setattr__(self, "local_agents", agents)

    def require(self, spec: Spec) -> None:
        """Refuse local agents that are not there, and scores of numbers."""
        super().require(spec)
        if any(agent >= spec.num_agents for agent in self.local_agents):
            raise GameError(f"local_agents is {self.local_agents}, but agents are numbered 0 to {spec.num_agents - 1}")
        if spec.continuous and self.gradient == "score":
            raise GameError("gradient is 'score', which is for choices, and this world's actions are numbers: use gumbel")
        # Four times: what is seen with the actions done, with those that the actors and the targets would do, and the gradient.
        seen = (self.batch_size, spec.num_agents, spec.num_agents * (spec.observations + spec.actions))
        require_memory(seen, "what the critics see of a batch", "give a smaller batch_size or fewer agents", item_bytes=16)

    def is_local(self, spec: Spec) -> tuple[bool, ...]:
        """Return whose critics are local."""
        return tuple(agent in self.local_agents for agent in range(spec.num_agents))

    # ---- networks ----------------------------------------------------------------------------------------------

    def draw(self, rng: np.random.Generator, spec: Spec) -> Tree:
        """Return actors, ``(ensemble * n, ...)``, critics, and the models of others, ``(n * n, ...)``."""
        sizes, counts = spec.observation_sizes, spec.action_sizes
        weights = {"actor": self._draw(rng, sizes * self.ensemble, counts * self.ensemble)}
        weights["critic"] = self._draw_critics(rng, spec)
        if self.inferred:
            weights["model"] = self._draw(rng, sizes * spec.num_agents, counts * spec.num_agents)
        return weights

    def _draw(self, rng: np.random.Generator, inputs: Any, outputs: Any) -> _nets.Perceptron:
        return _nets.draw_mlps(rng, inputs, self.hidden, outputs, gain=1.0, draw=_nets.glorot)

    def _draw_critics(self, rng: np.random.Generator, spec: Spec) -> _nets.Perceptron:
        """Return critics whose input is everything, padded, each drawn at the size of what it sees."""
        used = critic_inputs(spec, self.is_local(spec))
        drawn = [self._draw(rng, (int(own.sum()),), (1,)) for own in used]
        first = np.zeros((*used.shape, self.hidden[0]), np.float32)
        for agent, own in enumerate(used):
            first[agent, own] = drawn[agent][0].weight[0]
        bias = np.concatenate([layers[0].bias for layers in drawn])
        rest = zip(*(layers[1:] for layers in drawn), strict=True)
        return (_nets.Layer(first, bias), *(_nets.Layer(*map(np.concatenate, zip(*each, strict=True))) for each in rest))

    def prepare(self, spec: Spec, weights: Tree) -> Tree:
        """Return Adam's states and the targets."""
        del spec
        return {"adam": {name: optax.scale_by_adam().init(each) for name, each in weights.items()}, "target": weights}

    def example(self, spec: Spec) -> Transition:
        """Return a step whose actions are weights over choices, where the world takes such."""
        plain = super().example(spec)
        return plain._replace(actions=jnp.zeros((spec.num_agents, spec.actions))) if self._soft(spec) else plain

    def _soft(self, spec: Spec) -> bool:
        return spec.soft_actions and not spec.continuous and self.gradient == "gumbel"

    # ---- acting ------------------------------------------------------------------------------------------------

    def memory(self, spec: Spec) -> Tree:
        """Return each agent's member of the ensemble; -1: not drawn yet."""
        return jnp.full(spec.num_agents, -1, jnp.int32) if self.ensemble > 1 else ()

    def policy(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree) -> Array:
        """Return the softmax of each agent's member, or the mean over members where none is drawn."""
        chances = jax.nn.softmax(self._outputs(spec, weights["actor"], seen), axis=-1)
        if self.ensemble == 1:
            return chances[0]
        chosen = chances[jnp.maximum(memory, 0), jnp.arange(spec.num_agents)]
        return jnp.where((memory < 0)[:, jnp.newaxis], chances.mean(axis=0), chosen)

    def act(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array) -> Acted:
        """Act with noise."""
        member, key = self._member(spec, memory, key)
        outputs = self._chosen(spec, weights, seen, member)
        if spec.continuous:
            return Acted(jnp.clip(self._numbers(spec, outputs) + self._noise(spec, key), -1.0, 1.0), member)
        noisy = outputs + jax.random.gumbel(key, outputs.shape)
        soft = jax.nn.softmax(noisy / self.temperature, axis=-1)
        return Acted(soft if self._soft(spec) else noisy.argmax(axis=-1).astype(jnp.int32), member)

    def play(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array, greedy: Array) -> Acted:
        """Draw a choice, or take the likeliest; soft ones with and without noise; of numbers both are the actor's own, without noise."""
        member, key = self._member(spec, memory, key)
        outputs = self._chosen(spec, weights, seen, member)
        if spec.continuous:
            return Acted(self._numbers(spec, outputs), member)
        noisy = outputs + jnp.where(greedy, 0.0, jax.random.gumbel(key, outputs.shape))
        soft = jax.nn.softmax(noisy / self.temperature, axis=-1)
        return Acted(soft if self._soft(spec) else noisy.argmax(axis=-1).astype(jnp.int32), member)

    def _member(self, spec: Spec, memory: Tree, key: Array) -> tuple[Tree, Array]:
        if self.ensemble == 1:
            return memory, key
        draw, key = jax.random.split(key)
        drawn = jax.random.randint(draw, (spec.num_agents,), 0, self.ensemble)
        return jnp.where(memory < 0, drawn, memory).astype(jnp.int32), key

    def _chosen(self, spec: Spec, weights: Tree, seen: Seen, member: Tree) -> Array:
        outputs = self._outputs(spec, weights["actor"], seen)
        return outputs[0] if self.ensemble == 1 else outputs[member, jnp.arange(spec.num_agents)]

    def _outputs(self, spec: Spec, actor: Tree, seen: Seen) -> Array:
        """Return what all members say, ``(..., ensemble, n, A)``: logits, of what is legal, or numbers before the tanh."""
        tiled = jnp.concatenate([seen.observations] * self.ensemble, axis=-2)
        outputs = _nets.apply(actor, tiled, jax.nn.relu)
        outputs = outputs.reshape(*outputs.shape[:-2], self.ensemble, spec.num_agents, spec.actions)
        return outputs if spec.continuous else _nets.masked_logits(outputs, seen.legal[..., jnp.newaxis, :, :])

    def _numbers(self, spec: Spec, outputs: Array) -> Array:
        return jnp.tanh(outputs) * action_mask(spec)

    def _noise(self, spec: Spec, key: Array) -> Array:
        return self.noise * jax.random.normal(key, (spec.num_agents, spec.actions)) * action_mask(spec)

    # ---- learning ----------------------------------------------------------------------------------------------

    def learn(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """Let the models of others learn from the latest steps, then everything else from the replay."""
        if not self.inferred:
            return super().learn(spec, weights, training, batch, key, share)
        count = self.rollout * self.environments
        latest = jax.tree.map(lambda leaf: leaf.reshape(count, *leaf.shape[2:]), batch)
        loss, gradients = jax.value_and_grad(self._model_loss, argnums=1)(spec, weights["model"], latest)
        model, adam = self._moved(weights["model"], gradients, training["own"]["adam"]["model"], share)
        training = training | {"own": training["own"] | {"adam": training["own"]["adam"] | {"model": adam}}}
        weights, training, losses = super().learn(spec, weights | {"model": model}, training, batch, key, share)
        return weights, training, dict(losses) | {"model_loss": loss / spec.num_agents**2}

    def update(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """One step of all critics, then of all actors, then of the targets."""
        ahead, noise = jax.random.split(key)
        targets = self._targets(spec, training["target"], batch, ahead)
        error, gradients = jax.value_and_grad(self._critic_loss, argnums=1)(spec, weights["critic"], batch, targets)
        adam = dict(training["adam"])
        critic, adam["critic"] = self._moved(weights["critic"], gradients, adam["critic"], share)
        loss, gradients = jax.value_and_grad(self._actor_loss, argnums=1)(spec, weights["actor"], critic, batch, noise)
        actor, adam["actor"] = self._moved(weights["actor"], gradients, adam["actor"], share)
        weights = weights | {"actor": actor, "critic": critic}
        target = _nets.polyak(training["target"], weights, self.polyak)
        return weights, {"adam": adam, "target": target}, {"critic_loss": error / spec.num_agents, "actor_loss": loss / spec.num_agents}

    def _moved(self, weights: Tree, gradients: Tree, adam: Tree, share: Array) -> tuple[Tree, Tree]:
        rate = self.learning_rate * (1 - share) if self.anneal else self.learning_rate
        steps, adam = optax.scale_by_adam().update(_nets.clip_by_agent(gradients, self.gradient_norm), adam)
        return jax.tree.map(lambda old, step: old - rate * step, weights, steps), adam

    def _targets(self, spec: Spec, target: Tree, batch: Transition, key: Array) -> Array:
        """Return ``(batch, n)``: rewards and the target critics' values of what the target policies, or the models, do next."""
        seen, n = batch.next_seen, spec.num_agents
        outputs = self._outputs(spec, target["actor"], seen)
        if self.ensemble > 1:
            outputs = jnp.take_along_axis(outputs, batch.next_memory[:, jnp.newaxis, :, jnp.newaxis], axis=1)
        own, others = jax.random.split(key)
        acts = self._sampled(spec, outputs[:, 0], own)[:, jnp.newaxis]
        if self.inferred:
            guessed = self._sampled(spec, self._models(spec, target["model"], seen), others)
            acts = jnp.where(jnp.eye(n, dtype=bool)[..., jnp.newaxis], acts, guessed)
        acts = jnp.broadcast_to(acts, (acts.shape[0], n, n, spec.actions))
        value = self._value(spec, target["critic"], everything(seen.observations, acts))
        future = jnp.asarray(spec.discount) * batch.continues[:, jnp.newaxis] * seen.alive
        return jax.lax.stop_gradient(batch.rewards + future * value)

    def _sampled(self, spec: Spec, outputs: Array, key: Array) -> Array:
        """Return actions as vectors ``(..., n, A)``, with gradients: numbers, or noisy choices, soft where those are played."""
        if spec.continuous:
            return self._numbers(spec, outputs)
        noisy = outputs + jax.random.gumbel(key, outputs.shape)
        soft = jax.nn.softmax(noisy / self.temperature, axis=-1)
        hard = jax.nn.one_hot(noisy.argmax(axis=-1), spec.actions)
        return soft if self._soft(spec) else hard + soft - jax.lax.stop_gradient(soft)

    def _value(self, spec: Spec, critic: Tree, inputs: Array) -> Array:
        """Return ``(B, n)``; what a critic does not see is 0, so that its weights for that never move."""
        return _nets.apply(critic, inputs * critic_inputs(spec, self.is_local(spec)), jax.nn.relu)[..., 0]

    def _critic_loss(self, spec: Spec, critic: Tree, batch: Transition, targets: Array) -> Array:
        acts = jnp.broadcast_to(
            vectors(spec, batch.actions)[:, jnp.newaxis], (len(targets), spec.num_agents, spec.num_agents, spec.actions)
        )
        errors = jnp.square(self._value(spec, critic, everything(batch.seen.observations, acts)) - targets)
        return mean_where(errors, batch.seen.alive).sum()

    def _actor_loss(self, spec: Spec, actor: Tree, critic: Tree, batch: Transition, key: Array) -> Array:
        """Return minus the critics' values of the actors' own actions among the others' from the replay, summed over agents."""
        outputs = self._outputs(spec, actor, batch.seen)
        acting = batch.seen.alive[:, jnp.newaxis]
        if self.ensemble > 1:
            acting = acting & (batch.next_memory[:, jnp.newaxis] == jnp.arange(self.ensemble)[:, jnp.newaxis])
        done = vectors(spec, batch.actions)

        def own(acts: Array) -> Array:
            return self._value(spec, critic, everything(batch.seen.observations, replaced(done, acts)))

        if self.gradient == "score":
            choices = jnp.eye(spec.actions)
            each = jax.vmap(lambda choice: own(jnp.broadcast_to(choice, done.shape)), out_axes=-1)(choices)
            values = (jax.nn.softmax(outputs, axis=-1) * each[:, jnp.newaxis]).sum(axis=-1)
        else:
            values = jax.vmap(own, in_axes=1, out_axes=1)(self._sampled(spec, outputs, key))
        size = jnp.square(jnp.where(batch.seen.legal[:, jnp.newaxis], outputs, 0.0) if not spec.continuous else outputs)
        return mean_where(-values + self.logit_weight * size.mean(axis=-1), acting).sum() / self.ensemble

    # ---- models of others ----------------------------------------------------------------------------------------

    def _models(self, spec: Spec, model: Tree, seen: Seen) -> Array:
        """Return what agent i believes that agent j's network says, ``(batch, n, n, A)``."""
        n = spec.num_agents
        outputs = _nets.apply(model, jnp.concatenate([seen.observations] * n, axis=-2), jax.nn.relu)
        outputs = outputs.reshape(*outputs.shape[:-2], n, n, spec.actions)
        return outputs if spec.continuous else _nets.masked_logits(outputs, seen.legal[..., jnp.newaxis, :, :])

    def _model_loss(self, spec: Spec, model: Tree, batch: Transition) -> Array:
        """Return minus log likelihood of what was done and ``inferred_entropy`` times minus entropy (equation 7), summed over pairs.

        Of numbers the model is a normal distribution of deviation 1 around its tanh, whose entropy does not change.
        """
        outputs, done = self._models(spec, model, batch.seen), vectors(spec, batch.actions)[:, jnp.newaxis]
        if spec.continuous:
            losses = 0.5 * jnp.square(done - self._numbers(spec, outputs)).sum(axis=-1)
        else:
            logs = jnp.where(batch.seen.legal[:, jnp.newaxis], jax.nn.log_softmax(outputs, axis=-1), 0.0)
            losses = -(done * logs).sum(axis=-1) + self.inferred_entropy * (jnp.exp(logs) * logs).sum(axis=-1)
        return mean_where(losses, batch.seen.alive[:, jnp.newaxis]).sum()


@dataclass(frozen=True, kw_only=True)
class DDPG(MADDPG):
    """MADDPG whose critics see only what their agent sees and does: the decentralised control (Lowe et al. 2017, section 5).

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.DDPG().paradigm
    'decentralised'
    """

    name: ClassVar[str] = "ddpg"
    paradigm: ClassVar[str] = "decentralised"

    def is_local(self, spec: Spec) -> tuple[bool, ...]:
        """Return True for all."""
        return (True,) * spec.num_agents


# ---- vectors ---------------------------------------------------------------------------------------------------------


def critic_inputs(spec: Spec, local: tuple[bool, ...]) -> np.ndarray:
    """Return which of ``everything`` each agent's critic sees, ``(n, n O + n A)`` bool; padding is seen by none."""
    n = spec.num_agents
    real = [np.arange(most) < np.array(sizes)[:, np.newaxis] for most, sizes in _sizes(spec)]
    owners = [np.repeat(np.arange(n), most) for most, _ in _sizes(spec)]
    used = np.concatenate([each.ravel() for each in real])
    mine = np.concatenate(owners) == np.arange(n)[:, np.newaxis]
    return used & (mine | ~np.array(local)[:, np.newaxis])


def _sizes(spec: Spec) -> tuple[tuple[int, tuple[int, ...]], ...]:
    return (spec.observations, spec.observation_sizes), (spec.actions, spec.action_sizes)


def everything(observations: Array, actions: Array) -> Array:
    """Return each critic's input ``(B, n, n O + n A)`` from observations ``(B, n, O)`` and each one's view of actions ``(B, n, n, A)``."""
    count, n = observations.shape[:2]
    seen = jnp.broadcast_to(observations.reshape(count, 1, -1), (count, n, observations.shape[1] * observations.shape[2]))
    return jnp.concatenate([seen, actions.reshape(count, n, -1)], axis=-1)


def vectors(spec: Spec, actions: Array) -> Array:
    """Return actions as vectors ``(..., n, A)``: choices as indicators, anything else as it is."""
    return jax.nn.one_hot(actions, spec.actions) if jnp.issubdtype(actions.dtype, jnp.integer) else actions


def replaced(actions: Array, own: Array) -> Array:
    """Return ``(B, n, n, A)``: everybody's ``actions`` ``(B, n, A)``, but for agent i in row i, whose are ``own``'s."""
    mine = jnp.eye(actions.shape[1], dtype=bool)[..., jnp.newaxis]
    return jnp.where(mine, own[:, :, jnp.newaxis], actions[:, jnp.newaxis])


def action_mask(spec: Spec) -> np.ndarray:
    """Return which numbers of the padded actions are real, ``(n, A)``."""
    return np.arange(spec.actions) < np.array(spec.action_sizes)[:, np.newaxis]


def mean_where(numbers: Array, here: Array) -> Array:
    """Return means over the batch of what is ``here``, which may broadcast."""
    here = jnp.broadcast_to(here, numbers.shape).astype(jnp.float32)
    return (numbers * here).sum(axis=0) / jnp.maximum(here.sum(axis=0), 1.0)
