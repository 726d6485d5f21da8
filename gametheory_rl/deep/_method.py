"""What a deep method is: a frozen dataclass that says its networks, how it acts, and how it learns from a batch; the loop does the rest.

A method subclasses ``OnPolicy``, which learns from each rollout and forgets it, or ``OffPolicy``, which learns from a replay. Both are
called by the one loop of ``_train`` inside ``jit`` and ``vmap``: **for one seed**, and ``policy``, ``act``, ``play`` and ``values``
**for one environment**. Nothing may be kept in ``self``. What changes is passed in and returned:

=============  ===============================================================================================================
``weights``    a pytree: everything needed to act and to be judged; saved with the run. ``draw(rng, spec)`` draws it, in numpy
``training``   a pytree: optimiser states, target networks, counters. ``begin(spec, weights)`` makes it
``memory``     a pytree of one environment: what acting remembers within an episode (a recurrent state, the last mean action);
               ``memory(spec)`` is an episode's first; () where nothing is
``seen``       a ``Seen``: observations ``(n, O)``, state ``(G,)``, legal ``(n, A)``, alive ``(n,)``
=============  ===============================================================================================================

Write, in one file:

- fields: hyper-parameters with defaults, hashable (tuples, no lists); ``paradigm``, ``name`` and what else below is a ClassVar;
- ``draw(rng, spec)``, with ``_nets.draw_mlps``: per-agent networks stacked on a leading axis, drawn at their true sizes and padded;
- ``begin(spec, weights)``: for example ``{"opt": adam.init(weights), "target": weights}``;
- of a discrete method ``policy(spec, weights, seen, memory) -> (n, A)`` probabilities. It then has ``act`` and ``play`` (sampling,
  argmax) and is tabulated and judged exactly on tensor games. Override ``act`` to explore, or to hand over ``extras`` (a pytree that
  comes back in the batch), ``play`` where actions are continuous, and ``remember`` where there is a memory, with ``told`` if it is of
  what others did;
- ``OnPolicy.learn(spec, weights, training, batch, key, share) -> (weights, training, losses)``: leaves of ``batch`` are ``(rollout,
  environments, ...)``; or ``OffPolicy.update(...)``, the same with leaves ``(batch_size, ...)`` drawn from the replay uniformly;
- ``losses``: scalars by name, always the same names. One that is not finite stops the run, which then says which and when;
- ``values(spec, weights, seen)``, where the method has its own estimate of values ``(n,)``: judged as value_error;

and one line in the table "deep" of ``_registry``, two in ``deep/__init__.py``.

``share`` is the part of the run that is done, in [0, 1): for annealing. ``spec.discount`` is ``(n,)``, the game's own on tensor games,
else the method's. In a batch, ``continues`` is 0 where an episode ended for good (bootstrap nothing) and ``ended`` says that the next row
of that environment is another episode, because it ended or was cut: bootstrap from ``next_seen``, which is always the same episode's,
and stop traces there. ``seen.alive`` masks agents that are not there, ``next_seen.alive`` those with nothing to bootstrap from.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._results import Plan, Run
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.deep import _replay
from gametheory_rl.deep._fields import between, whole
from gametheory_rl.deep.envs._world import World, require_payoffs

Losses = Mapping[str, Array]
Tree = Any
"""A pytree of arrays."""


@dataclass(frozen=True)
class Spec:
    """What a method may know of a world: its shape."""

    observation_sizes: tuple[int, ...]
    action_sizes: tuple[int, ...]
    state_size: int
    """G of the global state; 0 where the method does not use it."""
    continuous: bool
    discount: tuple[float, ...]
    tensor_game: bool = False
    soft_actions: bool = False
    """Whether weights over choices may be played in place of choices."""
    teams: tuple[int, ...] = ()
    """Each agent's team, of a method that asks; (): one team."""
    neighbours: tuple[tuple[int, ...], ...] = ()
    """Whom each agent meets, of a method that asks; (): everybody of its team."""
    population: bool = False
    """Whether it is a population, whose one state shows only what was done last."""
    scale: float = 1.0
    """The largest absolute payoff of a game, of a method that asks."""

    @property
    def num_agents(self) -> int:
        """How many agents there are, n."""
        return len(self.observation_sizes)

    @property
    def observations(self) -> int:
        """The largest observation size, O."""
        return max(self.observation_sizes)

    @property
    def actions(self) -> int:
        """The largest action size, A."""
        return max(self.action_sizes)


class Seen(NamedTuple):
    """What there is to see at a moment of one environment."""

    observations: Array
    """``[n, O]``"""
    state: Array
    """``[G]``, or ``[0]`` where the method does not use it"""
    legal: Array
    """``[n, A]`` bool; of a continuous world ``[n, 0]``"""
    alive: Array
    """``[n]`` bool"""


class Places(NamedTuple):
    """Which states of a tensor game a rollout left and entered, and what is seen in each of them."""

    seen: Seen
    """Leaves ``[S, ...]``"""
    now: Array
    """``[rollout, environments]`` int32"""
    following: Array
    """``[rollout, environments]`` int32: of the same episode, also where it ended"""


class Transition(NamedTuple):
    """One step of one environment; in a batch with leading axes."""

    seen: Seen
    memory: Tree
    """What acting remembered when it saw ``seen``."""
    actions: Array
    """``[n]`` int32, or ``[n, C]`` float32 in a continuous world"""
    extras: Tree
    """What ``act`` handed over."""
    rewards: Array
    """``[n]``"""
    continues: Array
    """``[]`` float32: 0 where the episode ended for good"""
    ended: Array
    """``[]`` bool: ended or cut; the environment's next step belongs to another episode"""
    next_seen: Seen
    """Of the same episode, also where it ended."""
    next_memory: Tree
    places: Places | None = None
    """Of a tensor game's rollout, where the method is ``by_state``; it then needs neither ``seen`` nor ``next_seen``."""


class Acted(NamedTuple):
    """What acting returns."""

    actions: Array
    memory: Tree
    extras: Tree = ()


@dataclass(frozen=True, kw_only=True)
class Method(ABC):
    """Base of the deep methods: see the module."""

    environments: int = 16
    """Environments that play at once, for each seed."""
    rollout: int = 128
    """Steps of each environment between two updates."""
    discount: float = 0.99
    """Where the world has none of its own."""
    evaluation: int = 64
    """Episodes played at each record on a world, sampled and as many greedy; they are no training steps."""

    name: ClassVar[str]
    """As registered."""
    paradigm: ClassVar[str] = "decentralised"
    """``decentralised``, ``joint`` (training sees all) or ``centralised`` (one super-agent; it has ``weights`` of the team's reward)."""
    actions: ClassVar[tuple[str, ...]] = ("discrete",)
    """``discrete``, ``continuous`` or both: what it plays."""
    uses_state: ClassVar[bool] = False
    """Whether ``Seen.state`` is filled."""
    uses_meetings: ClassVar[bool] = False
    """Whether ``Spec`` says teams, neighbours and the scale of payoffs."""
    is_deep: ClassVar[bool] = True
    by_state: ClassVar[bool] = False
    """Whether ``learn`` is handed ``places`` on tensor games: networks can then be run once a state instead of once a step."""

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        self.check()

    def check(self) -> None:
        """Refuse hyper-parameters out of range; overrides call this one too."""
        for name in ("environments", "rollout", "evaluation"):
            whole(self, name, 1, 2**24)
        between(self, "discount", 0, 1)
        for each in dataclasses.fields(self):
            # "false" and "no" are true to Python
            if each.type == "bool" and not isinstance(value := getattr(self, each.name), bool | np.bool_):
                raise GameError(f"{each.name} is {value!r}, True or False was expected")

    def require(self, spec: Spec) -> None:
        """Refuse, in a sentence, worlds that the method cannot play."""
        kind = "continuous" if spec.continuous else "discrete"
        if kind not in self.actions:
            raise GameError(f"{self.name} plays {' and '.join(self.actions)} actions and this world's are {kind}; choose another method")

    # ---- networks ----------------------------------------------------------------------------------------------

    @abstractmethod
    def draw(self, rng: np.random.Generator, spec: Spec) -> Tree:
        """Return the first weights, numpy arrays, from ``rng`` alone."""

    @abstractmethod
    def begin(self, spec: Spec, weights: Tree) -> Tree:
        """Return what training keeps beside the weights."""

    def example(self, spec: Spec) -> Transition:
        """Return one step of zeros, as the loop will hand it over; extras and memory as the method makes them."""
        legal = jnp.zeros((spec.num_agents, 0 if spec.continuous else spec.actions), bool)
        alive = jnp.zeros(spec.num_agents, bool)
        seen = Seen(jnp.zeros((spec.num_agents, spec.observations)), jnp.zeros(spec.state_size), legal, alive)
        shape = (spec.num_agents, spec.actions) if spec.continuous else (spec.num_agents,)
        actions, memory = jnp.zeros(shape, jnp.float32 if spec.continuous else jnp.int32), self.memory(spec)
        return Transition(seen, memory, actions, (), jnp.zeros(spec.num_agents), jnp.float32(0), jnp.bool_(False), seen, memory)

    # ---- acting: one environment -------------------------------------------------------------------------------

    def memory(self, spec: Spec) -> Tree:
        """Return what acting remembers at the start of an episode."""
        del spec
        return ()

    def remember(self, spec: Spec, memory: Tree, seen: Seen, actions: Array) -> Tree:
        """Return what acting remembers after ``actions``; called by this class's ``act`` and ``play``."""
        del spec, seen, actions
        return memory

    def told(self, memory: Tree, actions: Array) -> Tree:
        """Return what is remembered once it is known what everybody did, maybe by other policies; ``memory`` is of ``play``."""
        del actions
        return memory

    def policy(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree) -> Array:
        """Return the probabilities of actions ``(n, A)``, exploration left out, 0 where illegal."""
        raise NotImplementedError(f"{self.name} has no table of probabilities")

    def act(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array) -> Acted:
        """Act in training, exploration included."""
        chances = self.policy(spec, weights, seen, memory)
        actions = jax.random.categorical(key, jnp.log(chances)).astype(jnp.int32)
        return Acted(actions, self.remember(spec, memory, seen, actions))

    def play(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array, greedy: Array) -> Acted:
        """Act as evaluated: sampled from the policy, or its most likely action where ``greedy`` (a traced bool)."""
        chances = self.policy(spec, weights, seen, memory)
        drawn = jax.random.categorical(key, jnp.log(chances))
        actions = jnp.where(greedy, chances.argmax(axis=-1), drawn).astype(jnp.int32)
        return Acted(actions, self.remember(spec, memory, seen, actions))

    def values(self, spec: Spec, weights: Tree, seen: Seen) -> Array | None:
        """Return the method's own estimate of each agent's value ``(n,)``, a centralised one the team's ``(1,)``; None: it has none."""
        del spec, weights, seen
        return None

    def table(self, spec: Spec, weights: Tree, seen: Seen) -> Array:
        """Return the policy in every state of a tensor game, ``(S, n, A)`` or, of joint actions, ``(S, J)``; ``seen`` has a leading S."""
        memory = self.memory(spec)
        return jax.vmap(lambda each: self.policy(spec, weights, each, memory))(seen)

    # ---- learning: one seed ------------------------------------------------------------------------------------

    @abstractmethod
    def learn(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """Learn from a rollout, ``(rollout, environments, ...)``."""

    def train(self, game: Any, plan: Plan) -> Run:
        """Train on ``game`` as ``plan`` says."""
        from gametheory_rl.deep._train import train

        return train(self, game, plan)


class OnPolicy(Method):
    """Learns from each rollout once, and forgets it."""


@dataclass(frozen=True, kw_only=True)
class OffPolicy(Method):
    """Keeps steps in a replay and learns from batches drawn from it."""

    replay: int = 100_000
    """Steps that the replay holds, over all environments; the oldest make room."""
    batch_size: int = 256
    warmup: int = 1_000
    """Steps in the replay before the first update."""
    updates: int = 1
    """Batches after each rollout."""

    def check(self) -> None:
        """Refuse hyper-parameters out of range."""
        super().check()
        for name in ("replay", "batch_size", "warmup", "updates"):
            whole(self, name, 1, 2**30)
        if self.replay < max(self.warmup, self.rollout * self.environments):
            raise GameError(
                f"replay is {self.replay}, at least warmup ({self.warmup}) and one rollout of all environments "
                f"({self.rollout * self.environments}) were expected"
            )

    @abstractmethod
    def prepare(self, spec: Spec, weights: Tree) -> Tree:
        """Return what training keeps beside weights and replay: optimiser states, target networks."""

    @abstractmethod
    def update(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """Learn from a batch ``(batch_size, ...)`` of the replay; ``training`` is what ``prepare`` made."""

    def begin(self, spec: Spec, weights: Tree) -> Tree:
        """Return the replay, empty, and what ``prepare`` makes."""
        example = self.example(spec)
        size = sum(leaf.nbytes for leaf in jax.tree.leaves(example))
        require_memory((self.replay, size), "the replay", "give a smaller replay", item_bytes=1)
        return {"replay": _replay.empty(example, self.replay), "own": self.prepare(spec, weights)}

    def learn(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """Put the rollout into the replay and learn from ``updates`` batches; before ``warmup`` steps, from none."""
        replay = _replay.put(training["replay"], batch)

        def one(carry: tuple[Tree, Tree], key: Array) -> tuple[tuple[Tree, Tree], Losses]:
            draw, key = jax.random.split(key)
            weights, own, losses = self.update(spec, *carry, _replay.sample(replay, draw, self.batch_size), key, share)
            return (weights, own), losses

        def all_of_them(carry: tuple[Tree, Tree]) -> tuple[tuple[Tree, Tree], Losses]:
            carry, losses = jax.lax.scan(one, carry, jax.random.split(key, self.updates))
            return carry, jax.tree.map(lambda each: each.mean(axis=0), losses)

        start = (weights, training["own"])
        none = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), jax.eval_shape(all_of_them, start)[1])
        (weights, own), losses = jax.lax.cond(replay.filled >= self.warmup, all_of_them, lambda carry: (carry, none), start)
        return weights, {"replay": replay, "own": own}, losses


def spec_of(world: World, method: Method, state_size: int) -> Spec:
    """Return what ``method`` may know of ``world``."""
    discount = world.discount
    discount = (method.discount,) * world.num_agents if discount is None else tuple(float(each) for each in discount)
    sizes = tuple(int(size) for size in world.observation_sizes), tuple(int(size) for size in world.action_sizes)
    soft = bool(getattr(world, "soft_actions", False))
    meetings = meetings_of(world) if method.uses_meetings else {}
    state = state_size if method.uses_state else 0
    return Spec(*sizes, state, bool(world.continuous), discount, hasattr(world, "at"), soft, **meetings)


SMALLEST = 1.2e-38
"""Of single precision, in which XLA takes smaller numbers for 0."""


def meetings_of(world: Any) -> dict[str, Any]:
    """Return who meets whom in a world, and its scale of payoffs."""
    payoffs = [np.asarray(getattr(world, name), float) for name in ("payoff", "pair", "own") if hasattr(world, name)]
    sizes = [float(np.abs(each).max(initial=0.0)) for each in payoffs]
    for size in sizes:
        require_payoffs(size)
    neighbours = np.asarray(getattr(world, "neighbours", np.zeros((0, 0))))
    most = max(sizes, default=1.0) * (neighbours.shape[1] if neighbours.size else 1)
    return {
        "teams": tuple(np.asarray(getattr(world, "teams", ()), int).tolist()),
        "neighbours": tuple(map(tuple, neighbours.tolist())) if neighbours.size else (),
        "population": hasattr(world, "network"),
        "scale": most if most >= SMALLEST else 1.0,
    }


def settings_of(method: Method) -> dict[str, Any]:
    """Return the hyper-parameters by name."""
    return dataclasses.asdict(method)
