"""Mean-field Q-learning with networks over what an agent sees and the mean action of those it meets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep._crowd_q import CrowdQ, last_plays
from gametheory_rl.deep._method import Seen, Spec, Tree

FEWEST = 3
"""Agents: of one other agent the mean action is its action."""


@dataclass(frozen=True, kw_only=True)
class DeepMeanFieldQ(CrowdQ):
    """Networks Q(s, a, m), m the mean action of those an agent meets, and Boltzmann's policy of them (Yang et al. 2018).

    Whom an agent meets: on a network of neighbours its neighbours, else everybody of its own team, if the world has teams, else everybody.
    Q(s, a, m) moves towards ``r + discount * sum_a' pi(a' | s', m') Q(s', a', m')``, m' the mean action of one sweep of the policies at
    s'; ``target="sample"`` draws a' instead. Agents who are not alive neither act nor learn, nor count in a mean.

    Raises
    ------
    GameError
        A parameter out of its range; a graph with an agent whom nobody meets; fewer than three agents, or agents with different numbers
        of actions; payoffs beyond float32.

    Notes
    -----
    Y. Yang et al., "Mean field multi-agent reinforcement learning", ICML 2018, equations 9 to 12 and algorithm 1. Deviations:

    - The policy is the softmax of plus Q over the temperature; the paper prints minus, with which nothing orders.
    - Agents may answer in turn (``order``): on a graph colour by colour. Acting all at once on the mean action of the step before is the
      paper's algorithm and ``order="synchronous"``; an ordered network then falls into two halves.
    - The mean action of a sample is the one met in its step, not the one acted on, so that rewards are what they are learned as.
    - With ``joined`` a network is given the own action and the mean that it makes, ``(k m + a) / k`` with k met, and says one number. That
      is Q(s, a, m) in other variables. In a crowd, an action changes payoffs by 1 / k of their range: numbers of each action's own differ
      by more than that through the chance of learning alone, and everybody then does the same; one number of one mean cannot. Means are
      given times the square root of k, the unit in which chance moves them; the own action over k, so that what chance makes of its
      weights stays below what an action does to the mean.
    - The authors' code takes the largest Q as what is next; here it is the mean-field value of the paper. Its schedule of temperatures
      does nothing; here ``last_temperature`` is reached.
    - Rewards of games are divided by their largest absolute payoff inside, temperatures are in payoff units. What is below 1.2e-38 is 0 in
      float32: uniform play of 1000 agents in Gaussian squeeze earns nothing that a network can see.

    On a tensor game the policy judged is the fixed point of policy and mean action, as far as 100 sweeps half way lead to it.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.DeepMeanFieldQ(temperature=0.8).target
    'value'
    """

    target: str = "value"
    """``value``, the mean-field value, or ``sample``."""
    joined: bool = False
    """Whether networks are given the own action and the mean that it makes; see the notes."""

    name: ClassVar[str] = "deep_mean_field_q"
    paradigm: ClassVar[str] = "joint"
    targets: ClassVar[tuple[str, ...]] = ("value", "sample")

    def require(self, spec: Spec) -> None:
        """Refuse pairs, and agents whose actions are not alike."""
        super().require(spec)
        if spec.num_agents < FEWEST:
            raise GameError(
                f"{self.name} answers the mean of many, and this game has {spec.num_agents} agents, {FEWEST} or more were expected: "
                "use deep_independent_q or pr2"
            )
        if len(set(spec.action_sizes)) > 1:
            raise GameError(f"{self.name} takes means of actions, and agents have {', '.join(map(str, spec.action_sizes))}: use ippo")

    def shapes(self, spec: Spec) -> dict[str, tuple[int, int]]:
        """Return Q's inputs, what is seen and the mean action, and outputs; joined: also the own action, and one output."""
        return {"q": (self.sight(spec) + 2 * spec.actions, 1) if self.joined else (self.sight(spec) + spec.actions, spec.actions)}

    def first_bias(self, spec: Spec) -> np.ndarray:
        """Return the first Q's; joined: 0, as ``initial`` is added outside."""
        return np.zeros(1) if self.joined else super().first_bias(spec)

    def context(self, spec: Spec, nets: Tree, seen: Seen) -> Tree:
        """Return what is seen."""
        del nets
        return self.look(spec, seen)

    def messages(self, spec: Spec, context: Tree, plays: Array) -> Array:
        """Return the plays themselves."""
        del spec, context
        return plays

    def worths(self, spec: Spec, nets: Tree, context: Tree, mean: Array, rows: Array | np.ndarray) -> Array:
        """Return Q(s, ., m)."""
        if not self.joined:
            return self.say(spec, nets["q"], jnp.concatenate([context, mean], axis=-1), rows)
        every = jnp.tile(jnp.eye(spec.actions), (len(mean), 1))
        context, mean, whose = (jnp.repeat(each, spec.actions, axis=0) for each in (context, mean, jnp.asarray(rows)))
        return self.together(spec, nets, context, mean, whose, every).reshape(-1, spec.actions)

    def together(self, spec: Spec, nets: Tree, context: Array, mean: Array, rows: Array | np.ndarray, plays: Array) -> Array:
        """Return Q of ``plays`` ``(W, A)`` at the others' ``mean``, ``(W,)``: of what is seen, the mean that a play makes, and itself."""
        met = jnp.sqrt(jnp.asarray(self.meeting(spec, together=True).sizes, jnp.float32))[rows][:, jnp.newaxis]
        told = jnp.concatenate([context, mean * met + plays / met, plays / met**2], axis=-1)
        first = plays @ jnp.asarray(self.initial or (0.0,) * spec.actions, jnp.float32) / spec.scale
        return first + self.say(spec, nets["q"], told, rows)[..., 0]

    def worth_of(self, spec: Spec, nets: Tree, seen: Seen, plays: Array) -> Array:
        """Return everybody's Q of what it plays; joined: computed of that alone."""
        if not self.joined:
            return super().worth_of(spec, nets, seen, plays)
        context = self.context(spec, nets, seen)
        return self.together(spec, nets, context, self.met(spec, context, seen, plays), np.arange(spec.num_agents), plays)

    def worth(self, spec: Spec, target: Tree, temperature: Array, seen: Seen, memory: Tree, key: Array) -> Array:
        """Return the mean-field value of a moment, or Q of an action drawn there."""
        context = self.context(spec, target, seen)
        plays = self.settled(spec, target, context, seen, last_plays(spec, seen, memory), temperature, self.rounds)
        chances, worths = self.answers(spec, target, context, seen, plays, temperature)
        if self.target == "sample":
            chances = jax.nn.one_hot(jax.random.categorical(key, jnp.log(chances)), spec.actions)
        return (chances * worths).sum(axis=-1)

    def answers(self, spec: Spec, nets: Tree, context: Tree, seen: Seen, plays: Array, temperature: Array) -> tuple[Any, Any]:
        """Return everybody's policy and Q, ``(n, A)`` each, while the others play ``plays``."""
        rows = np.arange(spec.num_agents)
        worths = self.worths(spec, nets, context, self.met(spec, context, seen, plays), rows)
        return self.chances(spec, nets, context, worths, temperature, seen.legal, rows), worths
