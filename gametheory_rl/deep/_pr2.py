"""PR2: an actor-critic whose every agent reasons how the others would answer what it does (Wen et al. 2019).

Source: Wen, Yang, Luo, Wang, Pan, "Probabilistic recursive reasoning for multi-agent reinforcement learning", ICLR 2019: equations 5 to 8,
Theorems 1 and 2, PR2-AC. Everybody sees its own observation and what the others did; nobody is told their policies.

Deviations: payoffs are divided by a temperature; the Stein gradient is taken before the squashing, where log(1 - a^2) makes it exact,
the paper's code takes it after; choices have the exact sums in place of particles, and so need no actor but the softmax of Theorem 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep import _nets, _pr2_choices, _pr2_numbers
from gametheory_rl.deep._fields import between, whole, widths, word
from gametheory_rl.deep._method import Acted, Losses, OffPolicy, Seen, Spec, Transition, Tree

RHOS = ("soft", "counts")
WORTHS = ("soft", "mean")
MOST_JOINT_ACTIONS = 4096
"""Critics of choices name every joint action; more are refused."""


@dataclass(frozen=True, kw_only=True)
class PR2(OffPolicy):
    """Probabilistic recursive reasoning with networks: ``pi_i(a_i | s) rho_i(a_-i | s, a_i)`` (Wen et al. 2019).

    ``Q_i(s, a_i, a_-i)`` learns from what was done; ``rho_i`` is the answer of others who maximise player i's own Q, softly
    (Theorem 1), or, where actions are choices, the one they have been seen to give. What an own action is worth is

        soft:  ``T log of the sum over a_-i of exp(Q_i(s, a_i, a_-i) / T)``,
        mean:  the mean of ``Q_i(s, a_i, a_-i)`` under rho_i.

    Of numbers, rho_i is a network whose ``particles`` are moved by amortised Stein variational gradient descent, and a deterministic
    actor climbs the worth of its action: of ``soft`` with the answers held, which is the gradient of the integral; of ``mean`` through the
    answers too, the paper's recursive reasoning policy gradient. Of choices, the policy is the softmax of worth / T.

    Notes
    -----
    See ``learners.PR2Q`` for where the forms settle in a game that is known. The integral over numbers is a mean over uniform draws.
    ``first`` and ``spread`` say where the actors begin, which in a game with several hills decides which one they climb.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.PR2(rho="counts", worth="mean").paradigm
    'joint'
    """

    environments: int = 8
    rollout: int = 4
    replay: int = 50_000
    batch_size: int = 64
    warmup: int = 500
    learning_rate: float = 1e-3
    actor_rate: float = 1e-3
    """Learning rate of the actor of numbers."""
    gradient_norm: float = 10.0
    polyak: float = 0.01
    """How far target networks move at each update."""
    hidden: tuple[int, ...] = (64, 64)
    rho: str = "soft"
    """``soft``, Theorem 1, or, of choices, ``counts``: learned from what the others did."""
    worth: str = "soft"
    temperature: float = 1.0
    """T at first, in payoff units."""
    last_temperature: float | None = None
    """T at the end, which it approaches linearly; None: as at first."""
    particles: int = 32
    noise: float = 0.2
    """Standard deviation of what explores around numbers in [-1, 1]."""
    exploration: float = 0.1
    """Probability of a uniformly random action, for each agent separately."""
    first: float = 0.0
    """What the actors of numbers do at first, in (-1, 1)."""
    spread: float = 0.0
    """Or that uniformly within ``first`` plus and minus this, drawn for each seed and agent."""

    name: ClassVar[str] = "pr2"
    paradigm: ClassVar[str] = "joint"
    actions: ClassVar[tuple[str, ...]] = ("discrete", "continuous")

    def check(self) -> None:
        """Refuse hyper-parameters out of range."""
        super().check()
        for name, high in (("learning_rate", 10), ("actor_rate", 10), ("polyak", 1), ("noise", 1e3), ("exploration", 1)):
            between(self, name, 0, high)
        between(self, "gradient_norm", 1e-9, 1e9)
        between(self, "temperature", 1e-6, 1e9)
        if self.last_temperature is not None:
            between(self, "last_temperature", 1e-6, 1e9)
        between(self, "first", -0.999, 0.999)
        between(self, "spread", 0, 0.999 - abs(self.first))
        whole(self, "particles", 2, 4096)
        widths(self, "hidden")
        for name, allowed in (("rho", RHOS), ("worth", WORTHS)):
            word(self, name, allowed, " or ".join(allowed))

    def require(self, spec: Spec) -> None:
        """Refuse counts of numbers, lonely agents, and too many joint actions."""
        super().require(spec)
        if spec.num_agents < 2:
            raise GameError("pr2 reasons about others, and this world has one agent: use ippo, or centralised_ppo")
        if spec.continuous and self.rho == "counts":
            raise GameError("rho is 'counts', which is for choices, and this world's actions are numbers: use soft")
        if not spec.continuous and spec.actions**spec.num_agents > MOST_JOINT_ACTIONS:
            raise GameError(
                f"critics of pr2 name every joint action, at most {MOST_JOINT_ACTIONS}, and this world has "
                f"{spec.actions} ** {spec.num_agents}: use maddpg, or continuous actions"
            )

    # ---- networks ----------------------------------------------------------------------------------------------

    def draw(self, rng: np.random.Generator, spec: Spec) -> Tree:
        """Return critics and, as they are needed, answers and actors, orthogonal; and the temperature."""
        part = _pr2_numbers if spec.continuous else _pr2_choices
        return {"nets": part.draw(self, rng, spec), "temperature": np.float32(self.temperature)}

    def prepare(self, spec: Spec, weights: Tree) -> Tree:
        """Return Adam's states and the targets."""
        del spec
        return {"adam": {name: optax.scale_by_adam().init(each) for name, each in weights["nets"].items()}, "target": weights["nets"]}

    # ---- acting ------------------------------------------------------------------------------------------------

    def policy(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree) -> Array:
        """Return softmax(worth / T) of choices."""
        del memory
        return _pr2_choices.policy(self, spec, weights, seen)

    def act(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array) -> Acted:
        """Act with what explores."""
        part = _pr2_numbers if spec.continuous else _pr2_choices
        return Acted(part.explore(self, spec, weights, seen, key), memory)

    def play(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array, greedy: Array) -> Acted:
        """Draw a choice, or take the likeliest; of numbers both are the actor's own."""
        if spec.continuous:
            return Acted(_pr2_numbers.actor(spec, weights["nets"], seen), memory)
        return super().play(spec, weights, seen, memory, key, greedy)

    def values(self, spec: Spec, weights: Tree, seen: Seen) -> Array | None:
        """Return soft values of choices ``(n,)``; they hold T times an entropy more than is earned."""
        return None if spec.continuous else _pr2_choices.values(self, weights["nets"], weights["temperature"], seen)

    # ---- learning ----------------------------------------------------------------------------------------------

    def update(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """One step of the critics, then of what follows from them, then of the targets."""
        last = self.temperature if self.last_temperature is None else self.last_temperature
        temperature = self.temperature + (last - self.temperature) * share
        part = _pr2_numbers if spec.continuous else _pr2_choices
        nets, adam, losses = part.learn(self, spec, weights["nets"], training, batch, temperature, key)
        target = _nets.polyak(training["target"], nets, self.polyak)
        return {"nets": nets, "temperature": jnp.float32(temperature)}, {"adam": adam, "target": target}, losses

    def moved(self, weights: Tree, gradients: Tree, adam: Tree, rate: float) -> tuple[Tree, Tree]:
        """Return ``weights`` and Adam's state after one step down the gradients, clipped for each agent apart."""
        steps, adam = optax.scale_by_adam().update(_nets.clip_by_agent(gradients, self.gradient_norm), adam)
        return jax.tree.map(lambda old, step: old - rate * step, weights, steps), adam
