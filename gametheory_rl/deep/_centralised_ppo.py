"""Proximal policy optimisation, fully centralised: one super-agent over the product of everybody's actions."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep._fields import numbers
from gametheory_rl.deep._method import Seen, Spec, Tree
from gametheory_rl.deep._ppo import PPO, Rows

MOST_JOINT_ACTIONS = 4096
"""A policy over more joint actions is refused."""


@dataclass(frozen=True, kw_only=True)
class CentralisedPPO(PPO):
    """One super-agent that sees everything and chooses all actions at once, for the agents' mean reward.

    Its policy is correlated: on a tensor game one array over joint actions. There are as many of those as the product of everybody's
    actions; more than 4096 are refused.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.CentralisedPPO().paradigm
    'centralised'
    """

    weights: tuple[float, ...] | None = None
    """The team's reward is the sum of rewards times these; None: their mean."""

    name: ClassVar[str] = "centralised_ppo"
    paradigm: ClassVar[str] = "centralised"
    actions: ClassVar[tuple[str, ...]] = ("discrete",)
    uses_state: ClassVar[bool] = True

    def check(self) -> None:
        """Refuse hyper-parameters out of range; weights become a tuple."""
        super().check()
        if self.weights is not None:
            object.__setattr__(self, "weights", numbers(self, "weights"))

    def require(self, spec: Spec) -> None:
        """Refuse too many joint actions, unequal discounts, weights of another number of agents."""
        super().require(spec)
        if (count := prod(spec.action_sizes)) > MOST_JOINT_ACTIONS:
            many = str(count) if count < 1e9 else f"some 10^{len(str(count)) - 1}"
            raise GameError(
                f"{spec.num_agents} agents have {many} joint actions, {self.name} holds at most {MOST_JOINT_ACTIONS}; choose ippo or mappo"
            )
        if len(set(spec.discount)) > 1:
            raise GameError(f"discounts are {[*spec.discount]}, one common discount is needed for one super-agent")
        if self.weights is not None and len(self.weights) != spec.num_agents:
            raise GameError(f"weights has {len(self.weights)} numbers, {spec.num_agents} were expected, one an agent")

    def actor_sizes(self, spec: Spec) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the state's size and the number of joint actions."""
        return (spec.state_size,), (prod(spec.action_sizes),)

    def critic_sizes(self, spec: Spec) -> tuple[int, ...]:
        """Return the state's size."""
        return (spec.state_size,)

    def rows(self, spec: Spec, seen: Seen) -> Rows:
        """Return the state, and which joint actions are legal, as the team's one row."""
        state, legal = seen.state[..., jnp.newaxis, :], jnp.ones((*seen.legal.shape[:-2], 1), bool)
        for agent, size in enumerate(spec.action_sizes):
            own = seen.legal[..., agent, :size]
            legal = (legal[..., :, jnp.newaxis] & own[..., jnp.newaxis, :]).reshape(*legal.shape[:-1], -1)
        return Rows(state, state, legal[..., jnp.newaxis, :], seen.alive.any(axis=-1, keepdims=True))

    def rewards(self, spec: Spec, rewards: Array) -> Array:
        """Return the team's reward."""
        weights = jnp.full(spec.num_agents, 1 / spec.num_agents) if self.weights is None else jnp.asarray(self.weights)
        return (rewards * weights).sum(axis=-1, keepdims=True)

    def joint_action(self, spec: Spec, choice: Array) -> Array:
        """Return each agent's action in the joint one, numbered in C order."""
        return jnp.stack(jnp.unravel_index(choice[..., 0], spec.action_sizes), axis=-1).astype(jnp.int32)

    def discounts(self, spec: Spec) -> Array:
        """Return the common discount."""
        return jnp.asarray(spec.discount[:1], jnp.float32)

    def table(self, spec: Spec, weights: Tree, seen: Seen) -> Array:
        """Return the joint policy ``(S, J)``."""
        return super().table(spec, weights, seen)[:, 0]
