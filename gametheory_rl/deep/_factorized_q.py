"""Factorized Q-learning: an own value and a pairwise one of low rank, so that a thousand agents cost a thousand times one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep._crowd_q import CrowdQ, last_plays
from gametheory_rl.deep._fields import between, whole
from gametheory_rl.deep._method import Seen, Spec, Transition, Tree


@dataclass(frozen=True, kw_only=True)
class FactorizedQ(CrowdQ):
    """``Q_i(s, a) = q(s_i, a_i) + eta v(s_i, a_i) . mean over j != i of u(s_j, a_j)``, u and v in ``rank`` numbers (Zhou et al. 2018).

    A target takes the best own action at s' while the others are held at what they did last. To act is coordinate ascent from there:
    each agent answers the others, in turn or all at once (``order``). The mean of u is made once and kept up as agents move.

    With ``common`` the agents are a team with one value, ``Q(s, a) = sum_i Q_i(s, a)``, that learns the mean of their rewards; each agent
    then answers with its part of the sum, ``q + eta (v_i . mean u + u_i . mean v)``, so that a greedy answer in turn never lowers it.

    Raises
    ------
    GameError
        A parameter out of its range, or a common value of agents who meet only their neighbours or their own team.

    Notes
    -----
    M. Zhou et al., "Factorized Q-learning for large-scale multi-agent systems", arXiv 1809.03738, section 4. States may be local: agent
    i's networks see what agent i sees. ``eta = 0`` is ``DeepIndependentQ`` bit for bit. Deviations: the policy is Boltzmann's, with a
    schedule; ``common`` adds up one team value, where the paper's agents keep one each.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.FactorizedQ(rank=4).eta
    1.0
    """

    rank: int = 8
    """How many numbers u and v are."""
    eta: float = 1.0
    """Weight of the others."""
    common: bool = False
    """Whether the agents' values add up to one."""

    name: ClassVar[str] = "factorized_q"
    paradigm: ClassVar[str] = "joint"

    def check(self) -> None:
        """Refuse hyper-parameters out of range."""
        super().check()
        whole(self, "rank", 1, 4096)
        between(self, "eta", 0, 1e6)

    def require(self, spec: Spec) -> None:
        """Refuse a common value of agents who do not all meet."""
        super().require(spec)
        if self.common and (self.neighbours or spec.neighbours or len(set(spec.teams)) > 1):
            raise GameError(
                "common adds up the values of agents who all meet, and here some meet only their neighbours or team: leave it out"
            )

    def shapes(self, spec: Spec) -> dict[str, tuple[int, int]]:
        """Return the networks' inputs and outputs; q is drawn first, as it would be alone."""
        own = super().shapes(spec)
        return own | {name: (self.sight(spec), spec.actions * self.rank) for name in ("v", "u") if self.eta}

    def context(self, spec: Spec, nets: Tree, seen: Seen) -> Tree:
        """Return q ``(n, A)``, and u and v ``(n, A, rank)`` of every action."""
        found = super().context(spec, nets, seen)
        for name in nets:
            if name != "q":
                found[name] = self.say(spec, nets[name], self.look(spec, seen)).reshape(-1, spec.actions, self.rank)
        return found

    def messages(self, spec: Spec, context: Tree, plays: Array) -> Array:
        """Return u of the plays, and of a common value v too."""
        if not self.eta:
            return super().messages(spec, context, plays)
        names = ("u", "v") if self.common else ("u",)
        return jnp.concatenate([(plays[..., jnp.newaxis] * context[name]).sum(axis=-2) for name in names], axis=-1)

    def worths(self, spec: Spec, nets: Tree, context: Tree, mean: Array, rows: Array | np.ndarray) -> Array:
        """Return each agent's part of Q."""
        if not self.eta:
            return super().worths(spec, nets, context, mean, rows)
        pairs = (context["v"] * mean[:, jnp.newaxis, : self.rank]).sum(axis=-1)
        if self.common:
            pairs = pairs + (context["u"] * mean[:, jnp.newaxis, self.rank :]).sum(axis=-1)
        return context["q"] + self.eta * pairs

    # ---- one value for all -------------------------------------------------------------------------------------

    def team_value(self, spec: Spec, nets: Tree, seen: Seen, plays: Array) -> Array:
        """Return ``sum_i Q_i`` of the living, ``[]``, while all play ``plays`` ``(n, A)``."""
        context = self.context(spec, nets, seen)
        own = (context["q"] * plays).sum(axis=-1)
        if self.eta:
            met = self.met(spec, context, seen, plays)[:, : self.rank]
            own = own + self.eta * ((context["v"] * plays[..., jnp.newaxis]).sum(axis=-2) * met).sum(axis=-1)
        return jnp.where(seen.alive, own, 0.0).sum()

    def values(self, spec: Spec, weights: Tree, seen: Seen) -> Array | None:
        """Return what each agent expects, none where they have one value."""
        return None if self.common else super().values(spec, weights, seen)

    def worth(self, spec: Spec, target: Tree, temperature: Array, seen: Seen, memory: Tree, key: Array) -> Array:
        """Return what a moment is worth ``(n,)``; to a team, the value after one greedy sweep from what was done last."""
        plays = last_plays(spec, seen, memory)
        if not self.common:
            return super().worth(spec, target, temperature, seen, memory, key)
        greedy = self.swept(spec, target, self.context(spec, target, seen), seen, plays, jnp.float32(1e-6), jnp.zeros_like(plays))
        return jnp.full(spec.num_agents, self.team_value(spec, target, seen, greedy))

    def error(self, spec: Spec, nets: Tree, batch: Transition, ahead: Array) -> Array:
        """Return the mean squared error, of a team that of its one value."""
        if not self.common:
            return super().error(spec, nets, batch, ahead)
        plays = jax.nn.one_hot(batch.actions, spec.actions)
        found = jax.vmap(lambda seen, plays: self.team_value(spec, nets, seen, plays))(batch.seen, plays)
        here = batch.seen.alive
        wanted = (ahead * here).sum(axis=1) / jnp.maximum(here.sum(axis=1), 1)
        return jnp.square(found - wanted).mean()
