"""The compiled parts of the one training loop: iterations of rollout and learning, evaluation, tables. No method is named here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from gametheory_rl.deep._method import Method, Places, Seen, Spec, Transition, Tree
from gametheory_rl.deep.envs._world import Step, World

LONGEST_EPISODE = 1000
"""An episode of an evaluation is cut after so many steps, if its world does not end it before."""
EVALUATION = 2**31 - 1
"""Folded into the key of training, so that evaluating takes nothing from it."""


class Play(NamedTuple):
    """Where one environment stands."""

    state: Tree
    step: Step
    memory: Tree


class Tally(NamedTuple):
    """On a tensor game: how often each state was left, and the policies' sums over those visits; elsewhere empty."""

    visits: Array
    """``[S]`` int32"""
    sums: Array
    """``[S, n, A]`` or, of joint actions, ``[S, J]``"""


class Carry(NamedTuple):
    """All that changes in one seed's run."""

    weights: Tree
    training: Tree
    play: Play
    """Leaves ``[environments, ...]``"""
    key: Array
    """``[2]`` uint32"""
    iteration: Array
    """``[]`` int32"""
    tally: Tally
    losses: Mapping[str, Array]
    """Sums since the last record."""
    counted: Array
    """``[]`` float32: of so many iterations"""
    failed: Mapping[str, Array]
    """``[]`` int32: the first iteration in which this loss was not finite; -1: none"""


class Problem(NamedTuple):
    """What does not change, the same for all seeds."""

    method: Method
    spec: Spec
    world: World
    total: Array
    """``[]`` float32: iterations of the whole run"""


def seen_of(method: Method, world: World, state: Tree, step: Step) -> Seen:
    """Return what the method sees of one environment."""
    view = world.global_state(state, step) if method.uses_state else jnp.zeros(0)
    return Seen(step.observations, view, step.legal, step.alive)


def first_play(method: Method, spec: Spec, world: World, key: Array) -> Play:
    """Return one environment at the start of an episode."""
    state, step = world.reset(key)
    return Play(state, step, method.memory(spec))


@eqx.filter_jit
def start(problem: Problem, weights: Tree, keys: Array) -> Carry:
    """Return all seeds before their first step, from weights ``(seeds, ...)`` and keys ``(seeds, 2)``."""

    def one(weights: Tree, key: Array) -> Carry:
        method, spec, world, _ = problem
        key, reset = jax.random.split(key)
        training = method.begin(spec, weights)
        play = jax.vmap(lambda each: first_play(method, spec, world, each))(jax.random.split(reset, method.environments))
        losses = jax.eval_shape(lambda: _learned(problem, weights, training, play, key, jnp.float32(0))[3])
        zeros = {name: jnp.float32(0) for name in losses}
        none = {name: jnp.int32(-1) for name in losses}
        return Carry(weights, training, play, key, jnp.int32(0), _no_tally(problem, weights), zeros, jnp.float32(0), none)

    return each_seed(one, weights, keys)


def each_seed(function: Callable[..., Tree], *trees: Tree) -> Tree:
    """Return ``function`` of each seed's own, leaves ``(seeds, ...)``; of a single seed without a map.

    A mapped condition runs both of its branches, and a mapped program takes longer to trace.
    """
    if jax.tree.leaves(trees)[0].shape[0] > 1:
        return jax.vmap(function)(*trees)
    return jax.tree.map(lambda leaf: jnp.asarray(leaf)[jnp.newaxis], function(*jax.tree.map(lambda leaf: leaf[0], trees)))


@eqx.filter_jit(donate="all-except-first")
def advance(problem: Problem, carry: Carry, count: Array) -> Carry:
    """Return all seeds after ``count`` more iterations, or after the first in which a loss was not finite."""

    def going(state: tuple[Array, Carry]) -> Array:
        sound = jnp.all(jnp.stack([jnp.all(each < 0) for each in state[1].failed.values()])) if state[1].failed else True
        return (state[0] < count) & sound

    def body(state: tuple[Array, Carry]) -> tuple[Array, Carry]:
        return state[0] + 1, each_seed(lambda each: _iterate(problem, each), state[1])

    return jax.lax.while_loop(going, body, (jnp.int32(0), carry))[1]


def _iterate(problem: Problem, carry: Carry) -> Carry:
    """Roll out, learn, and take note."""
    share = carry.iteration / problem.total
    key, use = jax.random.split(carry.key)
    weights, training, play, losses, visited = _learned(problem, carry.weights, carry.training, carry.play, use, share)
    # The rollout's policy, not the one learned from it, is what the visits saw.
    tally = _tallied(problem, carry.weights, carry.tally, visited)
    sums = {name: carry.losses[name] + losses[name] for name in losses}
    failed = {
        name: jnp.where((carry.failed[name] < 0) & ~jnp.isfinite(losses[name]), carry.iteration, carry.failed[name]) for name in losses
    }
    return Carry(weights, training, play, key, carry.iteration + 1, tally, sums, carry.counted + 1, failed)


@eqx.filter_jit  # inside another: so that it is traced once, for the names of its losses and for the loop
def _learned(
    problem: Problem, weights: Tree, training: Tree, play: Play, key: Array, share: Array
) -> tuple[Tree, Tree, Play, Mapping[str, Array], Array]:
    method, spec, _, _ = problem
    roll, learn = jax.random.split(key)
    play, batch, visited = _rolled_out(problem, weights, play, roll)
    weights, training, losses = method.learn(spec, weights, training, batch, learn, share)
    return weights, training, play, losses, visited


def _rolled_out(problem: Problem, weights: Tree, play: Play, key: Array) -> tuple[Play, Transition, Array]:
    """Return the environments after a rollout, its steps ``(rollout, environments, ...)``, and the states of a tensor game they left."""
    method, spec, _, _ = problem
    keys = jax.random.split(key, method.rollout)
    play, (batch, visited, entered) = jax.lax.scan(lambda play, key: _step(problem, weights, play, key), play, keys)
    if spec.tensor_game and method.by_state:
        batch = batch._replace(places=Places(_everywhere(problem), visited, entered))
    return play, batch, visited


def _step(problem: Problem, weights: Tree, play: Play, key: Array) -> tuple[Play, tuple[Transition, Array, Array]]:
    """Take one step of every environment; where an episode is over, the next one begins, and the last observation is kept."""
    method, spec, world, _ = problem

    act, move, again = jnp.moveaxis(jax.vmap(lambda each: jax.random.split(each, 3))(jax.random.split(key, method.environments)), 1, 0)

    def one(play: Play, act: Array, move: Array) -> tuple[Play, tuple[Transition, Array, Array]]:
        seen = seen_of(method, world, play.state, play.step)
        acted = method.act(spec, weights, seen, play.memory, act)
        state, step = world.step(move, play.state, acted.actions)
        ended = (step.continues == 0) | step.truncated
        following = seen_of(method, world, state, step)
        transition = Transition(
            seen, play.memory, acted.actions, acted.extras, step.rewards, step.continues, ended, following, acted.memory
        )
        visited, entered = (play.state.state, state.state) if spec.tensor_game else (jnp.zeros((), jnp.int32),) * 2
        return Play(state, step, acted.memory), (transition, visited, entered)

    going, taken = jax.vmap(one)(play, act, move)
    ended = taken[0].ended

    def renewed(going: Play) -> Play:
        fresh = jax.vmap(lambda each: first_play(method, spec, world, each))(again)
        return jax.tree.map(lambda new, old: jnp.where(ended.reshape((-1,) + (1,) * (old.ndim - 1)), new, old), fresh, going)

    # Most steps end no episode: only then are the next ones' beginnings drawn.
    return jax.lax.cond(ended.any(), renewed, lambda going: going, going), taken


# ---- tensor games ----------------------------------------------------------------------------------------------------


def _everywhere(problem: Problem) -> Seen:
    """Return what is seen in every state of a tensor game, with a leading axis of states."""
    world: Any = problem.world
    return jax.vmap(lambda state: seen_of(problem.method, world, *world.at(state)))(jnp.arange(world.num_states))


def _table(problem: Problem, weights: Tree) -> Array:
    return problem.method.table(problem.spec, weights, _everywhere(problem))


def _no_tally(problem: Problem, weights: Tree) -> Tally:
    if not problem.spec.tensor_game:
        return Tally(jnp.zeros(0, jnp.int32), jnp.zeros(0))
    shape = jax.eval_shape(lambda: _table(problem, weights)).shape
    return Tally(jnp.zeros(shape[0], jnp.int32), jnp.zeros(shape))


def _tallied(problem: Problem, weights: Tree, tally: Tally, visited: Array) -> Tally:
    if not problem.spec.tensor_game:
        return tally
    visits = jnp.zeros_like(tally.visits).at[visited.reshape(-1)].add(1)
    table = _table(problem, weights)
    return Tally(tally.visits + visits, tally.sums + table * visits.reshape((-1,) + (1,) * (table.ndim - 1)))


@eqx.filter_jit
def tables(problem: Problem, weights: Tree) -> tuple[Array, Array | None]:
    """Return each seed's policy in all states, ``(seeds, S, n, A)`` or ``(seeds, S, J)``, and value estimates ``(seeds, S, n)`` or None."""
    method, spec = problem.method, problem.spec
    seen = _everywhere(problem)

    def estimates(weights: Tree) -> Array | None:
        return jax.vmap(lambda each: method.values(spec, weights, each))(seen)

    return each_seed(lambda each: (_table(problem, each), estimates(each)), weights)


# ---- evaluation ------------------------------------------------------------------------------------------------------


class Episode(NamedTuple):
    """One episode of an evaluation as it goes, and what it came to."""

    play: Play
    key: Array
    returns: Array
    """``[n]`` summed, undiscounted rewards"""
    length: Array
    measures: Mapping[str, Array]
    """Means over the steps, sums until it is over"""
    last: Mapping[str, Array]
    """At the last step"""
    over: Array


@eqx.filter_jit
def evaluate(problem: Problem, weights: Tree, keys: Array) -> Episode:
    """Return episodes ``(seeds, 2, evaluation)``: sampled ones first, then greedy ones. Nothing is learned from them."""
    method = problem.method

    def seed(weights: Tree, key: Array) -> Episode:
        each = jax.random.split(jax.random.fold_in(key, EVALUATION), method.evaluation)
        both = [jax.vmap(lambda key, greedy=greedy: _episode(problem, weights, key, jnp.bool_(greedy)))(each) for greedy in (False, True)]
        return jax.tree.map(lambda sampled, greedy: jnp.stack([sampled, greedy]), *both)

    return each_seed(seed, weights, keys)


def _episode(problem: Problem, weights: Tree, key: Array, greedy: Array) -> Episode:
    method, spec, world, _ = problem
    reset, key = jax.random.split(key)
    play = first_play(method, spec, world, reset)
    nothing = {name: jnp.float32(0) for name in jax.eval_shape(world.measures, play.state, play.step)}
    begun = Episode(play, key, jnp.zeros(spec.num_agents), jnp.int32(0), nothing, nothing, jnp.bool_(False))

    def body(episode: Episode) -> Episode:
        key, act, move = jax.random.split(episode.key, 3)
        seen = seen_of(method, world, episode.play.state, episode.play.step)
        acted = method.play(spec, weights, seen, episode.play.memory, act, greedy)
        state, step = world.step(move, episode.play.state, acted.actions)
        counts = {name: jnp.float32(number) for name, number in world.measures(state, step).items()}
        sums = {name: episode.measures[name] + counts[name] for name in counts}
        over = (step.continues == 0) | step.truncated
        return Episode(Play(state, step, acted.memory), key, episode.returns + step.rewards, episode.length + 1, sums, counts, over)

    done = jax.lax.while_loop(lambda each: ~each.over & (each.length < LONGEST_EPISODE), body, begun)
    return done._replace(measures={name: total / done.length for name, total in done.measures.items()})
