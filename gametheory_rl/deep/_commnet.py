"""CommNet: agents that talk in vectors, trained by REINFORCE with a baseline; its controls say nothing, or see everything.

Source: S. Sukhbaatar, A. Szlam and R. Fergus, "Learning multiagent communication with backpropagation", NeurIPS 2016; equations (1) to
(3) of its section 2, and the loss of section 3.

Deviations, each a setting: Adam instead of plain descent or RMSProp, with a falling learning rate (with RMSProp the levers took ten times
as long); a rollout that is cut bootstraps from the baseline; each agent earns its own reward, unless ``team``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.deep import _nets
from gametheory_rl.deep._fields import between, whole, word
from gametheory_rl.deep._method import Losses, OnPolicy, Seen, Spec, Transition, Tree

Communication = Literal["mean", "none", "full"]
Activation = Literal["relu", "tanh"]
Optimiser = Literal["adam", "rmsprop"]

ENCODER_DEVIATION = 1.0
"""Of the encoder's first weights, whatever the observation's size: most observations are a few ones among zeros."""


class Outputs(NamedTuple):
    """What the network says of every agent."""

    logits: Array
    """``[..., n, A]``, illegal actions out of reach"""
    values: Array
    """``[..., n]``: the baseline"""


@dataclass(frozen=True, kw_only=True)
class CommNet(OnPolicy):
    """One network for all agents, whose hidden vectors hear the mean of the others' between layers.

    ``h^0 = encoder(observation)``, ``h^{i+1} = f^i(h^i, c^i, h^0)`` for i = 0, ..., K, where ``c^0 = 0`` and ``c^i`` is the mean of
    ``h^i`` over the other agents that are alive. f^i is a perceptron of two layers, the same for all agents, another for each i. The
    policy is a softmax of each agent's last vector, so that given what all see, agents act independently: on a tensor game it is
    a product profile.

    Notes
    -----
    REINFORCE: ``log pi(a) (R - b)`` with the baseline's loss ``baseline_weight (R - b)^2``, R the discounted sum of rewards to the end
    of the episode. Nothing makes it converge in general-sum games; the trace has its exact gap.

    The network cannot tell agents apart who see the same. Where they must be, ``identities`` adds to each agent's h^0 a vector of its own.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.CommNet(exchanges=1).paradigm
    'joint'
    """

    exchanges: int = 2
    """K; with 0 nobody hears anything."""
    communication: Communication = "mean"
    """``mean``: CommNet. ``none``: the independent control, the same network with c = 0. ``full``: the fully connected control, a
    perceptron from everybody's observations to everybody's actions, ``n * hidden`` wide and ``exchanges + 1`` layers deep."""
    hidden: int = 64
    activation: Activation = "relu"
    identities: bool | None = None
    """Whether h^0 has a part that depends on who it is; None: on tensor games, where all see the same."""
    lookup: int = 0
    """0: the encoder is linear. Above 0: an observation is one whole number below this, and the encoder looks a row up."""
    supervised: bool = False
    """On levers: told the right actions, by cross entropy, instead of rewards. Whose identity is the k-th smallest of its round pulls
    lever k, which nobody can know by itself (section 4.1 of the paper)."""
    team: bool = False
    """Whether all earn the mean reward of those who are alive, as in the paper's traffic; False: each its own."""
    learning_rate: float = 2e-3
    anneal: bool = True
    """Let the learning rate fall to 0 over the run, as half a cosine, and the entropy bonus over its first three quarters, as a line."""
    optimiser: Optimiser = "adam"
    baseline_weight: float = 0.03
    """alpha, the weight of the baseline's loss"""
    entropy: float = 0.0
    """Weight of an entropy bonus; the paper has none."""
    rollout: int = 16
    discount: float = 1.0

    name: ClassVar[str] = "commnet"
    paradigm: ClassVar[str] = "joint"

    def check(self) -> None:
        """Refuse hyper-parameters out of range."""
        super().check()
        whole(self, "exchanges", 0, 100)
        whole(self, "hidden", 1, 2**14)
        whole(self, "lookup", 0, 2**24)
        between(self, "learning_rate", 0, 10)
        between(self, "baseline_weight", 0, 1e6)
        between(self, "entropy", 0, 1e6)
        for name, kinds in (("communication", Communication), ("activation", Activation), ("optimiser", Optimiser)):
            word(self, name, get_args(kinds), f"one of {', '.join(get_args(kinds))}")
        if self.identities not in (None, True, False):
            raise GameError(f"identities is {self.identities!r}, True, False or None was expected")

    def require(self, spec: Spec) -> None:
        """Refuse observations that are no single number where a lookup was asked for, and control by too wide a network."""
        super().require(spec)
        if self.lookup and spec.observations != 1:
            raise GameError(
                f"lookup is {self.lookup}, but observations have {spec.observations} numbers where one was expected: leave it out"
            )
        if self.supervised and {*spec.action_sizes} != {spec.num_agents}:
            raise GameError(f"supervised is True, but {spec.num_agents} agents have {[*spec.action_sizes]} actions: it is for levers only")
        if self.communication == "full":
            width = spec.num_agents * self.hidden
            rows = spec.num_agents * (self.lookup or spec.observations) + (self.exchanges + 1) * width
            require_memory((4, rows, width), "the fully connected network", "give fewer hidden units", item_bytes=4)

    # ---- the network -------------------------------------------------------------------------------------------

    def draw(self, rng: np.random.Generator, spec: Spec) -> Tree:
        """Return the encoder, the units f^0, ..., f^K and the heads; biases 0, all but the encoder orthogonal."""
        agents, full = spec.num_agents, self.communication == "full"
        width = self.hidden * (agents if full else 1)
        seen = self.lookup or spec.observations
        encoder = rng.standard_normal((agents if full else 1, seen, width)) * ENCODER_DEVIATION
        weights: dict[str, Any] = {"encoder": encoder.astype(np.float32), "bias": np.zeros(width, np.float32)}
        if self._tells_apart(spec) and not full:
            weights["identities"] = rng.standard_normal((agents, width)).astype(np.float32)
        sizes = [(width, width)] if full else [(width, width, width)]
        later = (width, width) if full else (3 * width, width, width)
        units = [*sizes, *[later] * self.exchanges]
        weights["units"] = tuple(_nets.draw_mlps(rng, unit[:1], unit[1:-1], unit[-1:], last_gain=2**0.5) for unit in units)
        heads = agents if full else 1
        weights["policy"] = _nets.draw_mlps(rng, (width,), (), (heads * spec.actions,), last_gain=0.1)[0]
        weights["value"] = _nets.draw_mlps(rng, (width,), (), (heads,), last_gain=0.1)[0]
        return weights

    def _tells_apart(self, spec: Spec) -> bool:
        return spec.tensor_game if self.identities is None else self.identities

    def outputs(self, spec: Spec, weights: Tree, seen: Seen) -> Outputs:
        """Return logits and baselines; leaves of ``seen`` may have leading axes."""
        hidden = (self._joint if self.communication == "full" else self._talk)(weights, seen)
        logits, values = (hidden @ weights[head].weight[0] + weights[head].bias[0] for head in ("policy", "value"))
        logits = logits.reshape(*seen.alive.shape, spec.actions)
        return Outputs(_nets.masked_logits(logits, seen.legal), values.reshape(seen.alive.shape))

    def _talk(self, weights: Tree, seen: Seen) -> Array:
        """Return each agent's last vector ``(..., n, H)``."""
        activation, alive = self._activation(), seen.alive[..., jnp.newaxis].astype(jnp.float32)
        first = self._encoded(weights["encoder"][0], seen.observations) + weights["bias"]
        first = first + weights["identities"] if "identities" in weights else first
        # c^0 = 0 and h^0 twice: f^0 needs h^0 once.
        hidden = activation(_nets.apply(weights["units"][0], first, activation))
        for unit in weights["units"][1:]:
            heard = jnp.zeros_like(hidden) if self.communication == "none" else mean_of_others(hidden, alive)
            hidden = activation(_nets.apply(unit, jnp.concatenate([hidden, heard, first], axis=-1), activation))
        return hidden

    def _joint(self, weights: Tree, seen: Seen) -> Array:
        """Return the fully connected control's last layer ``(..., n * H)``; who is not there contributes nothing."""
        activation = self._activation()
        parts = jax.vmap(self._encoded, in_axes=(0, -2), out_axes=-2)(weights["encoder"], seen.observations)
        hidden = (parts * seen.alive[..., jnp.newaxis]).sum(axis=-2) + weights["bias"]
        for unit in weights["units"]:
            hidden = activation(_nets.apply(unit, hidden[..., jnp.newaxis, :], activation)[..., 0, :])
        return hidden

    def _encoded(self, encoder: Array, observations: Array) -> Array:
        """Return ``(..., H)`` of observations ``(..., O)``."""
        return encoder[observations[..., 0].astype(jnp.int32)] if self.lookup else observations @ encoder

    def _activation(self) -> Any:
        return jax.nn.relu if self.activation == "relu" else jnp.tanh

    # ---- acting ------------------------------------------------------------------------------------------------

    def policy(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree) -> Array:
        """Return each agent's softmax, given what all see."""
        del memory
        return jax.nn.softmax(self.outputs(spec, weights, seen).logits, axis=-1)

    def values(self, spec: Spec, weights: Tree, seen: Seen) -> Array:
        """Return the baselines."""
        return self.outputs(spec, weights, seen).values

    # ---- learning ----------------------------------------------------------------------------------------------

    def begin(self, spec: Spec, weights: Tree) -> Tree:
        """Return the optimiser's state."""
        del spec
        return self.descent().init(weights)

    def descent(self) -> optax.GradientTransformation:
        """Return the optimiser, its learning rate left out; RMSProp as the paper's code has it."""
        return optax.scale_by_adam() if self.optimiser == "adam" else optax.scale_by_rms(decay=0.97, eps=1e-6)

    def moved(self, weights: Tree, training: Tree, gradients: Tree, share: Array) -> tuple[Tree, Tree]:
        """Return weights and the optimiser's state after one step down ``gradients``."""
        rate = self.learning_rate * (0.5 * (1 + jnp.cos(jnp.pi * share)) if self.anneal else 1.0)
        steps, training = self.descent().update(gradients, training)
        return jax.tree.map(lambda weight, step: weight - rate * step, weights, steps), training

    def learn(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """Take one step of REINFORCE with a baseline on the whole rollout, or down the cross entropy."""
        del key
        if self.supervised:
            gradients, losses = jax.grad(self._cross_entropy, argnums=1, has_aux=True)(spec, weights, batch.seen)
            return *self.moved(weights, training, gradients, share), losses
        ahead = self.outputs(spec, weights, batch.next_seen).values
        returns = self._returns(spec, batch, ahead)
        gradients, losses = jax.grad(self._loss, argnums=1, has_aux=True)(spec, weights, batch, returns, share)
        return *self.moved(weights, training, gradients, share), losses

    def _returns(self, spec: Spec, batch: Transition, ahead: Array) -> Array:
        """Return discounted sums of rewards ``(rollout, environments, n)`` to the end of each episode; a cut bootstraps from ``ahead``."""
        rewards, staying = batch.rewards, batch.next_seen.alive
        if self.team:
            here = batch.seen.alive.astype(jnp.float32)
            mean = (rewards * here).sum(axis=-1, keepdims=True) / jnp.maximum(here.sum(axis=-1, keepdims=True), 1.0)
            rewards, staying = jnp.broadcast_to(mean, rewards.shape), jnp.ones_like(staying)
        future = jnp.asarray(spec.discount, jnp.float32) * batch.continues[..., jnp.newaxis] * staying

        def back(later: Array, now: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
            reward, factor, ended, bootstrap = now
            total = reward + factor * jnp.where(ended[..., jnp.newaxis], bootstrap, later)
            return total, total

        return jax.lax.scan(back, ahead[-1], (rewards, future, batch.ended, ahead), reverse=True)[1]

    def _loss(self, spec: Spec, weights: Tree, batch: Transition, returns: Array, share: Array) -> tuple[Array, Losses]:
        outputs = self.outputs(spec, weights, batch.seen)
        logs, here = jax.nn.log_softmax(outputs.logits, axis=-1), batch.seen.alive.astype(jnp.float32)
        chosen = jnp.where(batch.actions[..., jnp.newaxis] == jnp.arange(spec.actions), logs, 0.0).sum(axis=-1)
        surprise = returns - outputs.values

        def mean(numbers: Array) -> Array:
            return (numbers * here).sum() / jnp.maximum(here.sum(), 1.0)

        policy, baseline = -mean(chosen * jax.lax.stop_gradient(surprise)), mean(jnp.square(surprise))
        spread = -mean((jnp.exp(logs) * jnp.where(batch.seen.legal, logs, 0.0)).sum(axis=-1))
        bonus = self.entropy * (jnp.maximum(0.0, 1 - share / 0.75) if self.anneal else 1.0)
        total = policy + self.baseline_weight * baseline - bonus * spread
        return total, {"policy_loss": policy, "baseline_loss": baseline, "entropy": spread}

    def _cross_entropy(self, spec: Spec, weights: Tree, seen: Seen) -> tuple[Array, Losses]:
        identities = seen.observations[..., 0] if self.lookup else seen.observations.argmax(axis=-1)
        right = (identities[..., jnp.newaxis, :] < identities[..., jnp.newaxis]).sum(axis=-1)
        logs = jax.nn.log_softmax(self.outputs(spec, weights, seen).logits, axis=-1)
        loss = -jnp.where(right[..., jnp.newaxis] == jnp.arange(spec.actions), logs, 0.0).sum(axis=-1).mean()
        return loss, {"cross_entropy": loss}


def mean_of_others(vectors: Array, alive: Array) -> Array:
    """Return for each agent the mean of the other living agents' vectors ``(..., n, H)``, 0 where there are none or it is dead itself.

    ``alive`` is ``(..., n, 1)``, 1 or 0.
    """
    spoken = vectors * alive
    others = spoken.sum(axis=-2, keepdims=True) - spoken
    count = alive.sum(axis=-2, keepdims=True) - alive
    return alive * others / jnp.maximum(count, 1.0)
