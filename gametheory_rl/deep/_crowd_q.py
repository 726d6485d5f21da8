"""Q networks of agents who hear a mean of what the others do: the one engine of independent, mean-field and factorized Q-learning.

An agent's value is a function of what it sees, what it does and the mean message of those it meets. A message is linear in the sender's
play, an action or a distribution: mean-field Q sends the play itself, factorized Q an embedding of it, independent Q nothing. So one sweep
over agents, all at once or in turn, does for all three, at a cost linear in their number.

Acting remembers everybody's last action. A step is ``rounds`` sweeps of answers from there, the last of them drawn; a tensor game is
tabulated where many sweeps have settled.
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
from gametheory_rl.deep import _nets
from gametheory_rl.deep._fields import between, numbers, whole, widths, word
from gametheory_rl.deep._meeting import Meeting, checked_graph, means_met, meeting_of, totals_of
from gametheory_rl.deep._method import Acted, Losses, OffPolicy, Seen, Spec, Transition, Tree
from gametheory_rl.deep.envs._world import MOST_PAYOFF

ORDERS = ("", "asynchronous", "synchronous")
SHARINGS = ("", "all", "team", "none")
FEW = 16
"""Up to so many agents answer in turn by default."""
SETTLING = 100
"""Sweeps before a tensor game is tabulated, each going half way."""


@dataclass(frozen=True, kw_only=True)
class CrowdQ(OffPolicy):
    """What Q-learners of crowds share; see the module."""

    environments: int = 8
    rollout: int = 8
    replay: int = 4_000
    batch_size: int = 64
    warmup: int = 200
    updates: int = 4
    learning_rate: float = 1e-3
    last_rate: float = 0.1
    """At the end the learning rate is this part of the first one, which it approaches linearly."""
    gradient_norm: float = 10.0
    polyak: float = 0.02
    """How far target networks move at each update."""
    hidden: tuple[int, ...] = (64, 64)
    temperature: float = 1.0
    """Boltzmann's at first, in payoff units."""
    last_temperature: float | None = None
    """At the end of the run, which it approaches geometrically; None: as at first."""
    target: str = "max"
    order: str = ""
    """``asynchronous``: in turn, no two who meet at once; ``synchronous``: all at once, on what was done before. By default in turn on
    graphs of neighbours and up to 16 agents."""
    rounds: int = 1
    """Sweeps of answers in a step."""
    sharing: str = ""
    """Whose network is one: ``all``, ``team`` or ``none``; by default none on tensor games, elsewhere all who are of a size."""
    initial: tuple[float, ...] = ()
    """What Q is of each action at first, in payoff units: last layers begin at 0. (): noise, some hundredths of the largest payoff."""
    neighbours: tuple[tuple[int, ...], ...] = ()
    """Whom each agent meets, where the world does not say; (): everybody of its team."""

    targets: ClassVar[tuple[str, ...]] = ("max",)
    """What the target may be."""
    uses_meetings: ClassVar[bool] = True

    def check(self) -> None:
        """Refuse hyper-parameters out of range."""
        super().check()
        for name, high in (("learning_rate", 10), ("polyak", 1), ("last_rate", 1)):
            between(self, name, 0, high)
        between(self, "gradient_norm", 1e-9, 1e9)
        between(self, "temperature", 1e-9, 1e9)
        if self.last_temperature is not None:
            between(self, "last_temperature", 1e-9, 1e9)
        whole(self, "rounds", 1, 10_000)
        widths(self, "hidden")
        for name, allowed in (("target", self.targets), ("order", ORDERS), ("sharing", SHARINGS)):
            word(self, name, allowed, f"one of {', '.join(repr(each) for each in allowed if each)}")
        object.__setattr__(self, "neighbours", checked_graph(self.neighbours))
        object.__setattr__(self, "initial", numbers(self, "initial"))
        if (largest := max(map(abs, self.initial), default=0.0)) > MOST_PAYOFF:
            raise GameError(f"initial reaches {largest:.3g} in size, at most {MOST_PAYOFF:g} was expected")

    def require(self, spec: Spec) -> None:
        """Refuse graphs of other agents, and networks shared by agents of other sizes."""
        super().require(spec)
        if self.neighbours and len(self.neighbours) != spec.num_agents:
            raise GameError(f"neighbours are those of {len(self.neighbours)} agents, and there are {spec.num_agents}")
        if self.initial and len(self.initial) != spec.actions:
            raise GameError(f"initial has {len(self.initial)} numbers, {spec.actions} were expected: one for each action")
        unequal = len(set(spec.observation_sizes)) > 1 or len(set(spec.action_sizes)) > 1
        if self.sharing in ("all", "team") and unequal:
            raise GameError(f"sharing is {self.sharing!r}, and agents see or do different numbers of things: use none")

    # ---- what a method says ------------------------------------------------------------------------------------

    def shapes(self, spec: Spec) -> dict[str, tuple[int, int]]:
        """Return each network's numbers of inputs and outputs; Q's comes first, by the name ``q``."""
        return {"q": (self.sight(spec), spec.actions)}

    def context(self, spec: Spec, nets: Tree, seen: Seen) -> Tree:
        """Return what answers and messages need of each agent, leaves ``(n, ...)``, whatever the others do."""
        return {"q": self.say(spec, nets["q"], self.look(spec, seen))}

    def messages(self, spec: Spec, context: Tree, plays: Array) -> Array:
        """Return what each agent says of its play ``(n, A)``, ``(n, M)``."""
        del spec, context
        return plays[:, :0]

    def worths(self, spec: Spec, nets: Tree, context: Tree, mean: Array, rows: Array | np.ndarray) -> Array:
        """Return Q of each action ``(W, A)`` of agents ``rows`` at the mean messages ``(W, M)``; ``context`` is theirs."""
        del spec, nets, mean, rows
        return context["q"]

    # ---- who shares what ---------------------------------------------------------------------------------------

    def meeting(self, spec: Spec, together: bool = False) -> Meeting:
        """Return who meets whom, and in which order they answer; ``together``: all at once."""
        graph = self.neighbours or spec.neighbours
        by_default = bool(graph) or spec.num_agents <= FEW
        in_turn = self.order == "asynchronous" or (not self.order and by_default)
        return meeting_of(spec.num_agents, graph, spec.teams, in_turn and not together)

    def networks(self, spec: Spec) -> np.ndarray:
        """Return which network is each agent's, ``(n,)``."""
        equal = len(set(spec.observation_sizes)) == 1 and len(set(spec.action_sizes)) == 1
        sharing = self.sharing or ("none" if spec.tensor_game or not equal else "all")
        if sharing == "none":
            return np.arange(spec.num_agents)
        return np.array(spec.teams) if sharing == "team" and spec.teams else np.zeros(spec.num_agents, int)

    def sight(self, spec: Spec) -> int:
        """Return how many numbers of what an agent sees its network is given."""
        return 1 if spec.population else spec.observations

    def look(self, spec: Spec, seen: Seen) -> Array:
        """Return what networks are given to see ``(n, O)``: of a population, whose one state shows only the last mean action, a 1."""
        return jnp.ones((spec.num_agents, 1)) if spec.population else seen.observations

    def say(self, spec: Spec, net: Tree, inputs: Array, rows: Array | np.ndarray | None = None) -> Array:
        """Return what the networks of agents ``rows``, None: of all, say of ``inputs`` ``(W, in)``."""
        if net[0].weight.shape[0] > 1:
            whose = jnp.asarray(self.networks(spec))
            net = jax.tree.map(lambda leaf: leaf[whose if rows is None else whose[rows]], net)
        return _nets.apply(net, inputs, jax.nn.relu)

    def draw(self, rng: np.random.Generator, spec: Spec) -> Tree:
        """Return the networks, orthogonal, and the temperature."""
        count = int(self.networks(spec).max()) + 1
        shapes = self.shapes(spec).items()
        nets = {
            name: _nets.draw_mlps(rng, [rows] * count, self.hidden, [columns] * count, last_gain=0.1) for name, (rows, columns) in shapes
        }
        if self.initial:
            *layers, last = nets["q"]
            bias = np.broadcast_to(self.first_bias(spec), last.bias.shape).astype(np.float32)
            nets["q"] = (*layers, last._replace(weight=np.zeros_like(last.weight), bias=bias))
        return {"nets": nets, "temperature": np.float32(self.temperature)}

    def first_bias(self, spec: Spec) -> np.ndarray:
        """Return the bias of Q's last layer where ``initial`` is given."""
        return np.array(self.initial) / spec.scale

    def prepare(self, spec: Spec, weights: Tree) -> Tree:
        """Return Adam's states and the targets."""
        del spec
        return {"adam": {name: optax.scale_by_adam().init(each) for name, each in weights["nets"].items()}, "target": weights["nets"]}

    # ---- acting ------------------------------------------------------------------------------------------------

    def memory(self, spec: Spec) -> Tree:
        """Return everybody's last action; -1: none yet, which counts as what a crowd shows, elsewhere as uniform play."""
        return jnp.full(spec.num_agents, -1, jnp.int32)

    def remember(self, spec: Spec, memory: Tree, seen: Seen, actions: Array) -> Tree:
        """Return the actions."""
        del spec, memory, seen
        return actions

    def told(self, memory: Tree, actions: Array) -> Tree:
        """Return the actions."""
        del memory
        return actions.astype(jnp.int32)

    def chances(self, spec: Spec, nets: Tree, context: Tree, worths: Array, temperature: Array, legal: Array, rows: Any) -> Array:
        """Return the probabilities of actions of agents ``rows`` ``(W, A)``."""
        del nets, context, rows
        return jax.nn.softmax(_nets.masked_logits(worths * (spec.scale / temperature), legal), axis=-1)

    def act(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array) -> Acted:
        """Draw everybody's answer."""
        return self.play(spec, weights, seen, memory, key, jnp.bool_(False))

    def play(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array, greedy: Array) -> Acted:
        """Draw everybody's answer, or take the likeliest; who answers later in a sweep hears the actions of who answered before."""
        nets, temperature = weights["nets"], weights["temperature"]
        context = self.context(spec, nets, seen)
        plays = self.settled(spec, nets, context, seen, last_plays(spec, seen, memory), temperature, self.rounds - 1)
        noise = jnp.where(greedy, 0.0, jax.random.gumbel(key, plays.shape))
        actions = self.swept(spec, nets, context, seen, plays, temperature, noise).argmax(axis=-1).astype(jnp.int32)
        return Acted(actions, self.remember(spec, memory, seen, actions))

    def policy(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree) -> Array:
        """Return the fixed point of answers, as far as sweeps that go half way lead to it."""
        nets, temperature = weights["nets"], weights["temperature"]
        context = self.context(spec, nets, seen)
        plays = self.settled(spec, nets, context, seen, last_plays(spec, seen, memory), temperature, SETTLING, 0.5)
        return self.swept(spec, nets, context, seen, plays, temperature)

    def settled(
        self, spec: Spec, nets: Tree, context: Tree, seen: Seen, plays: Array, temperature: Array, count: int, far: float = 1.0
    ) -> Array:
        """Return plays ``(n, A)`` after ``count`` sweeps of answers in probabilities, each ``far`` of the way."""
        if count == 0:
            return plays

        def one(_: Array, plays: Array) -> Array:
            return plays + far * (self.swept(spec, nets, context, seen, plays, temperature) - plays)

        return jax.lax.fori_loop(0, count, one, plays)

    def swept(
        self, spec: Spec, nets: Tree, context: Tree, seen: Seen, plays: Array, temperature: Array, noise: Array | None = None
    ) -> Array:
        """Return plays after one sweep of answers: probabilities, or with Gumbel's ``noise`` ``(n, A)`` actions, one-hot."""
        meeting = self.meeting(spec)

        def turn(carry: tuple[Array, Array, Array], rows: Array) -> tuple[tuple[Array, Array, Array], None]:
            plays, said, totals = carry
            own = jax.tree.map(lambda leaf: leaf[rows], context)
            mean = means_met(meeting, said, totals, seen.alive, rows)
            worths = self.worths(spec, nets, own, mean, rows)
            answers = self.chances(spec, nets, own, worths, temperature, seen.legal[rows], rows)
            if noise is not None:
                answers = jax.nn.one_hot((jnp.log(answers) + noise[rows]).argmax(axis=-1), spec.actions)
            words = self.messages(spec, own, answers)
            there = seen.alive[rows] & (rows < spec.num_agents)
            change = jnp.where(there[:, jnp.newaxis], words - said[rows], 0.0)
            totals = totals + jnp.asarray(meeting.members)[:, rows] @ change
            return (plays.at[rows].set(answers, mode="drop"), said.at[rows].set(words, mode="drop"), totals), None

        said = self.messages(spec, context, plays)
        start = (plays, said, totals_of(meeting, said, seen.alive))
        return jax.lax.scan(turn, start, jnp.asarray(meeting.turns))[0][0]

    def met(self, spec: Spec, context: Tree, seen: Seen, plays: Array) -> Array:
        """Return the mean message ``(n, M)`` that each agent hears while all play ``plays``."""
        meeting = self.meeting(spec, together=True)
        said = self.messages(spec, context, plays)
        return means_met(meeting, said, totals_of(meeting, said, seen.alive), seen.alive, np.arange(spec.num_agents))

    def all_worths(self, spec: Spec, nets: Tree, seen: Seen, plays: Array) -> tuple[Tree, Array]:
        """Return the context, and everybody's Q of each action ``(n, A)`` while the others play ``plays``."""
        context = self.context(spec, nets, seen)
        return context, self.worths(spec, nets, context, self.met(spec, context, seen, plays), np.arange(spec.num_agents))

    def values(self, spec: Spec, weights: Tree, seen: Seen) -> Array | None:
        """Return what the fixed point is worth to each agent, ``(n,)``."""
        chances = self.policy(spec, weights, seen, self.memory(spec))
        _, worths = self.all_worths(spec, weights["nets"], seen, chances)
        return (chances * worths).sum(axis=-1) * spec.scale

    # ---- learning ----------------------------------------------------------------------------------------------

    def heat(self, share: Array) -> Array:
        """Return the temperature when ``share`` of the run is done."""
        last = self.temperature if self.last_temperature is None else self.last_temperature
        return jnp.float32(self.temperature) * jnp.float32(last / self.temperature) ** share

    def learn(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """Set the temperature, then learn from the replay."""
        weights = weights | {"temperature": jnp.float32(self.heat(share))}
        weights, training, losses = super().learn(spec, weights, training, batch, key, share)
        return weights, training, dict(losses) | {"temperature": weights["temperature"]}

    def update(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """One step of the networks towards the targets, then of the target networks."""
        ahead = self.bootstrapped(spec, training["target"], weights["temperature"], batch, key)
        loss, gradients = jax.value_and_grad(self.error, argnums=1)(spec, weights["nets"], batch, ahead)
        nets, adam = self.moved(weights["nets"], gradients, training["adam"], share)
        target = _nets.polyak(training["target"], nets, self.polyak)
        return weights | {"nets": nets}, {"adam": adam, "target": target}, {"q_loss": loss}

    def moved(self, nets: Tree, gradients: Tree, adam: Tree, share: Array, rate: float | None = None) -> tuple[Tree, Tree]:
        """Return networks and Adam's states after one step down the gradients, clipped for each network apart."""
        falling = (self.learning_rate if rate is None else rate) * (1 + (self.last_rate - 1) * share)
        after, states = {}, {}
        for name, gradient in gradients.items():
            steps, states[name] = optax.scale_by_adam().update(_nets.clip_by_agent(gradient, self.gradient_norm), adam[name])
            after[name] = jax.tree.map(lambda old, step: old - falling * step, nets[name], steps)
        return {**nets, **after}, {**adam, **states}

    def bootstrapped(self, spec: Spec, target: Tree, temperature: Array, batch: Transition, key: Array) -> Array:
        """Return ``(batch, n)``: rewards over the scale, and what is next worth to whom."""
        rewards = batch.rewards / spec.scale
        if not any(spec.discount):
            return rewards
        keys = jax.random.split(key, len(rewards))
        worth = jax.vmap(lambda seen, memory, key: self.worth(spec, target, temperature, seen, memory, key))
        future = jnp.asarray(spec.discount, jnp.float32) * batch.continues[:, jnp.newaxis] * batch.next_seen.alive
        return jax.lax.stop_gradient(rewards + future * worth(batch.next_seen, batch.next_memory, keys))

    def worth(self, spec: Spec, target: Tree, temperature: Array, seen: Seen, memory: Tree, key: Array) -> Array:
        """Return what a moment is worth to each agent ``(n,)``: the best own action, the others held at what they did last."""
        del temperature, key
        _, worths = self.all_worths(spec, target, seen, last_plays(spec, seen, memory))
        return jnp.where(seen.legal, worths, -jnp.inf).max(axis=-1)

    def error(self, spec: Spec, nets: Tree, batch: Transition, ahead: Array) -> Array:
        """Return the mean squared error over the living, summed over networks."""

        def found(seen: Seen, actions: Array) -> Array:
            return self.worth_of(spec, nets, seen, jax.nn.one_hot(actions, spec.actions))

        errors = jnp.square(jax.vmap(found)(batch.seen, batch.actions) - ahead)
        return self.mean_of_living(spec, errors, batch.seen.alive)

    def worth_of(self, spec: Spec, nets: Tree, seen: Seen, plays: Array) -> Array:
        """Return everybody's Q of what it plays ``(n,)`` while all play ``plays`` ``(n, A)``."""
        return (self.all_worths(spec, nets, seen, plays)[1] * plays).sum(axis=-1)

    def mean_of_living(self, spec: Spec, numbers: Array, alive: Array) -> Array:
        """Return means of ``(batch, n)`` over the living agents of each network, summed over networks."""
        whose = self.networks(spec)
        own = jnp.asarray(np.arange(whose.max() + 1)[:, np.newaxis] == whose, jnp.float32)
        return ((own @ (numbers * alive).sum(axis=0)) / jnp.maximum(own @ alive.sum(axis=0, dtype=jnp.float32), 1.0)).sum()


def last_plays(spec: Spec, seen: Seen, memory: Array) -> Array:
    """Return what everybody did last, one-hot ``(n, A)``; where nothing was done yet, the shares that a crowd shows, else uniform play."""
    shown = spec.population and not spec.neighbours
    first = seen.observations if shown else seen.legal / jnp.maximum(seen.legal.sum(axis=-1, keepdims=True), 1)
    return jnp.where((memory < 0)[:, jnp.newaxis], first, jax.nn.one_hot(memory, spec.actions))


@dataclass(frozen=True, kw_only=True)
class DeepIndependentQ(CrowdQ):
    """Independent Q-learning with networks: nobody takes notice of what the others do (Tan 1993; the control of the others here).

    Notes
    -----
    The policy is Boltzmann's, the target what is best next, of the target network.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.deep.DeepIndependentQ(hidden=32).hidden
    (32,)
    """

    name: ClassVar[str] = "deep_independent_q"
