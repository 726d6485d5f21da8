"""Mean-field actor-critic: the critic of mean-field Q, and an actor that climbs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep import _nets
from gametheory_rl.deep._fields import between
from gametheory_rl.deep._mean_field_q import DeepMeanFieldQ
from gametheory_rl.deep._method import Losses, Seen, Spec, Transition, Tree
from gametheory_rl.deep.envs._world import MOST_PAYOFF


@dataclass(frozen=True, kw_only=True)
class MeanFieldAC(DeepMeanFieldQ):
    """An actor pi(a | s), or pi(a | s, m), and a critic Q(s, a, m), m the mean action of those an agent meets (Yang et al. 2018).

    The critic is that of ``DeepMeanFieldQ``, its next policy the actor's. The actor climbs ``sum_a pi(a | s) Q(s, a, m) + T H(pi)``, m
    the mean action that was met.

    Notes
    -----
    The same source, equations 13 and 14, algorithm 2. Deviations: the expectation over the own action is taken exactly, not from one
    sample; an entropy bonus of weight ``temperature`` explores, where the paper has none; with ``informed`` the actor, too, is given the
    mean action, so that where it alone says what to do, as in the Ising model, the actor can do it. The authors' code computes a clipped
    ratio and does not use it; there is none in the paper, and none here.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.MeanFieldAC(actor_rate=1e-4).informed
    False
    """

    actor_rate: float = 1e-3
    """Learning rate of the actor."""
    informed: bool = False
    """Whether the actor is given the mean action."""

    name: ClassVar[str] = "mean_field_ac"

    def check(self) -> None:
        """Refuse hyper-parameters out of range."""
        super().check()
        between(self, "actor_rate", 0, 10)
        if (largest := max(map(abs, self.initial), default=0.0) / self.temperature) > MOST_PAYOFF:
            raise GameError(f"initial over temperature reaches {largest:.3g} in size, at most {MOST_PAYOFF:g} was expected")

    def shapes(self, spec: Spec) -> dict[str, tuple[int, int]]:
        """Return the critic's and the actor's."""
        return super().shapes(spec) | {"actor": (self.sight(spec) + (spec.actions if self.informed else 0), spec.actions)}

    def draw(self, rng: np.random.Generator, spec: Spec) -> Tree:
        """Return the networks; an actor begins with Boltzmann's policy of ``initial``."""
        drawn = super().draw(rng, spec)
        if self.initial:
            *layers, last = drawn["nets"]["actor"]
            bias = np.broadcast_to(np.array(self.initial) / self.temperature, last.bias.shape).astype(np.float32)
            drawn["nets"]["actor"] = (*layers, last._replace(weight=np.zeros_like(last.weight), bias=bias))
        return drawn

    def worths(self, spec: Spec, nets: Tree, context: Tree, mean: Array, rows: Array | np.ndarray) -> Array:
        """Return Q(s, ., m) and the actor's logits, ``(W, 2, A)``."""
        told = jnp.concatenate([context, mean], axis=-1)
        logits = self.say(spec, nets["actor"], told if self.informed else context, rows)
        return jnp.stack([super().worths(spec, nets, context, mean, rows), logits], axis=-2)

    def chances(self, spec: Spec, nets: Tree, context: Tree, worths: Array, temperature: Array, legal: Array, rows: Any) -> Array:
        """Return the actor's probabilities."""
        del spec, nets, context, temperature, rows
        return jax.nn.softmax(_nets.masked_logits(worths[..., 1, :], legal), axis=-1)

    def answers(self, spec: Spec, nets: Tree, context: Tree, seen: Seen, plays: Array, temperature: Array) -> tuple[Any, Any]:
        """Return everybody's policy and Q."""
        chances, both = super().answers(spec, nets, context, seen, plays, temperature)
        return chances, both[..., 0, :]

    def all_worths(self, spec: Spec, nets: Tree, seen: Seen, plays: Array) -> tuple[Tree, Array]:
        """Return the context and everybody's Q."""
        context, both = super().all_worths(spec, nets, seen, plays)
        return context, both[..., 0, :]

    def update(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """One step of the critic, then of the actor on it."""
        weights, training, losses = super().update(spec, weights, training, batch, key, share)
        nets = weights["nets"]

        def climbed(actor: Tree) -> Array:
            return self.regret(spec, {**nets, "actor": actor}, weights["temperature"], batch)

        loss, gradient = jax.value_and_grad(climbed)(nets["actor"])
        nets, adam = self.moved(nets, {"actor": gradient}, training["adam"], share, self.actor_rate)
        return weights | {"nets": nets}, training | {"adam": adam}, dict(losses) | {"actor_loss": loss}

    def moved(self, nets: Tree, gradients: Tree, adam: Tree, share: Array, rate: float | None = None) -> tuple[Tree, Tree]:
        """Return networks after a step; the critic's own error leaves the actor, and its Adam, alone."""
        if len(gradients) > 1:
            gradients = {"q": gradients["q"]}
        return super().moved(nets, gradients, adam, share, rate)

    def regret(self, spec: Spec, nets: Tree, temperature: Array, batch: Transition) -> Array:
        """Return minus what the actor earns by the critic, its entropy included."""

        def one(seen: Seen, actions: Array) -> Array:
            context = self.context(spec, nets, seen)
            chances, worths = self.answers(spec, nets, context, seen, jax.nn.one_hot(actions, spec.actions), temperature)
            bonus = -(chances * jnp.log(jnp.maximum(chances, 1e-20))).sum(axis=-1) * (temperature / spec.scale)
            return -(chances * jax.lax.stop_gradient(worths)).sum(axis=-1) - bonus

        return self.mean_of_living(spec, jax.vmap(one)(batch.seen, batch.actions), batch.seen.alive)
