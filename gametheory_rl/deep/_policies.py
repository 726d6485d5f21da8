"""Trained policies by themselves: loaded from runs, tabulated, and played against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._game_checks import checked_index, checked_integer
from gametheory_rl._games import StochasticGame
from gametheory_rl._registry import resolve, table
from gametheory_rl._results import Profile, Run, load_run
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.deep._compiled import use_cache
from gametheory_rl.deep._loop import LONGEST_EPISODE, seen_of, tables
from gametheory_rl.deep._method import Acted, Method, Spec, Tree
from gametheory_rl.deep._train import MOST_TABLES, problem_of, profile_of, tree_like, world_of
from gametheory_rl.deep.envs._load import load_world
from gametheory_rl.deep.envs._world import Step, World


@dataclass(frozen=True, eq=False)
class Policy:
    """What a run learned: one seed's networks, and how its method acts with them.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> game = gt.StochasticGame.from_matrix_game([[1, -1], [-1, 1]])
    >>> run = gt.learn(game, gt.deep.IPPO(environments=2, rollout=8, minibatches=1), steps=16, records=1)
    >>> policy = gt.deep.load_policy(run, game)
    >>> [each.shape for each in gt.deep.tabulate(policy, game)]
    [(1, 2), (1, 2)]
    """

    method: Method
    spec: Spec
    world: World
    weights: Tree = field(repr=False)

    def memory(self) -> Tree:
        """Return what acting remembers at the start of an episode."""
        return self.method.memory(self.spec)

    def digest(self) -> str:
        """Return a digest of all that the policy does: its method's settings and its weights."""
        found = hashlib.sha256(repr(self.method).encode())
        for leaf in jax.tree.leaves(self.weights):
            found.update(np.ascontiguousarray(leaf).tobytes())
        return found.hexdigest()[:16]

    def act(self, key: Array, state: Any, step: Step, memory: Tree, greedy: bool | Array = False) -> tuple[Array, Tree]:
        """Return all agents' actions at a state of the world, and what to remember; may be compiled and mapped."""
        seen = seen_of(self.method, self.world, state, step)
        acted: Acted = self.method.play(self.spec, self.weights, seen, memory, key, jnp.asarray(greedy))
        return acted.actions, acted.memory


def load_policy(run: Run | str | Path, world: Any = None, *, seed: int = 0) -> Policy:
    """Return what a run's ``seed`` learned, from the run or its file.

    Parameters
    ----------
    run : Run or path
        Of a neural learner.
    world : World, str, StochasticGame or PopulationGame, optional
        What it was trained on; None: the registered world of that name, with its defaults.
    seed : int
        Which of the run's seeds, from 0.

    Raises
    ------
    GameError
        A run without weights, an unknown learner or world, a world of other sizes.
    """
    if not isinstance(run, Run):
        if not isinstance(run, str | Path):
            raise GameError(f"run is {type(run).__name__}, a Run or the file of one was expected")
        run = load_run(run)
    if run.weights is None:
        raise GameError(f"{run!r} has no weights; a run of a neural learner was expected, such as ippo")
    name = str(run.settings["learner"])
    method = _method(resolve("deep", name), run.settings["hyper_parameters"])
    world = world_of(_world(run, world), None)
    if not isinstance(world, World):
        raise GameError(f"world is {type(world).__name__}, a world, its name, a StochasticGame or a PopulationGame was expected")
    problem = problem_of(method, world, 1)
    k = checked_index(seed, next(iter(run.weights.values())).shape[0], "seed")
    like = method.draw(np.random.default_rng(0), problem.spec)
    return Policy(method, problem.spec, world, tree_like(like, {path: array[k] for path, array in run.weights.items()}, "the run"))


def _method(kind: Any, settings: Mapping[str, Any]) -> Method:
    known = {each.name for each in fields(kind) if each.init}
    return kind(**{name: _frozen(value) for name, value in settings.items() if name in known})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


def _world(run: Run, world: Any) -> Any:
    if isinstance(world, str):
        return resolve("world", world)()
    if world is not None:
        return world
    place = str(run.settings.get("world", ""))
    found = next((name for name, where in table("world").items() if where == place), None)
    if found is None:
        raise GameError(f"the run was trained on {run.settings.get('game', '?')!r}, which is no registered world: give it as world")
    made = resolve("world", found)()
    if repr(made) != run.settings.get("world_settings"):
        raise GameError(f"the run was trained on {found} with settings of its own: give that world as world")
    return made


def require_policy(policy: Any) -> Policy:
    """Refuse what is no policy."""
    if not isinstance(policy, Policy):
        raise GameError(f"a policy is {type(policy).__name__}, what load_policy returns was expected")
    return policy


def tabulate(policy: Policy, game: StochasticGame, observe: Any = None) -> Profile:
    """Return a policy as a profile of a tensor game: what it does in every state, ready for ``verify``.

    Parameters
    ----------
    policy : Policy
        Trained on this game, or on one of the same sizes.
    game : StochasticGame
    observe : array_like or callable, optional
        As in ``TensorGame``.

    Returns
    -------
    tuple of ndarray, or ndarray
        One ``(S, A_i)`` array per player; of a centralised method one ``(S, A_1, ..., A_n)``.

    Raises
    ------
    GameError
        A game of other sizes, or too large.
    """
    from gametheory_rl.deep.envs._tensor_game import TensorGame

    world = TensorGame(game, observe=observe)
    problem = problem_of(require_policy(policy).method, world, 1)
    if problem.spec != policy.spec and (problem.spec.observation_sizes, problem.spec.action_sizes) != (
        policy.spec.observation_sizes,
        policy.spec.action_sizes,
    ):
        raise GameError(f"the policy has {policy.spec.action_sizes} actions, the game {game.num_actions}: give the game it was trained on")
    if game.num_states * sum(game.num_actions) > MOST_TABLES:
        raise GameError(f"the policy has {game.num_states * sum(game.num_actions)} numbers, at most {MOST_TABLES} are tabulated")
    found, _ = tables(problem, jax.tree.map(lambda leaf: jnp.asarray(leaf)[jnp.newaxis], policy.weights))
    return profile_of(game, np.asarray(found[0]))


# ---- play ------------------------------------------------------------------------------------------------------------


class Played(NamedTuple):
    """What episodes came to."""

    returns: np.ndarray
    """``[episodes, n]`` summed, undiscounted rewards"""
    lengths: np.ndarray
    """``[episodes]``"""
    measures: Mapping[str, np.ndarray]
    """``[episodes]`` each: means over the steps"""
    last: Mapping[str, np.ndarray]
    """``[episodes]`` each: at the last step"""


def evaluate(
    world: World | StochasticGame | str, policies: Sequence[Policy] | Policy, *, episodes: int = 100, seed: int = 0, greedy: bool = False
) -> Played:
    """Play episodes of a world, each agent by the policy given for it: cross-play, where these come from different runs.

    Parameters
    ----------
    world : World, str or StochasticGame
        A tensor game's episodes end in its terminal states only, and after 1,000 steps: ``TensorGame(game, horizon)`` cuts them.
    policies : Policy or sequence of Policy
        One for all agents, or one for each; agent i does what its policy would have agent i do.
    episodes : int
    seed : int
    greedy : bool
        Take the most likely actions; else sample.

    Returns
    -------
    Played

    Raises
    ------
    GameError
        No world, or no policy; another number of policies than agents, or policies of a world of other sizes.
    """
    use_cache()
    seed = checked_integer(seed, "seed", 0, 2**63 - 1)
    world = load_world(world) if isinstance(world, str) else world_of(world, None)
    if not isinstance(world, World):
        raise GameError(f"world is {type(world).__name__}, a world, its name or a StochasticGame was expected")
    listed = policies if isinstance(policies, list | tuple) else (policies,)
    given = [policies] * world.num_agents if isinstance(policies, Policy) else [require_policy(each) for each in listed]
    if len(given) != world.num_agents:
        raise GameError(f"there are {len(given)} policies and {world.num_agents} agents, one for each was expected")
    for policy in given:
        if (policy.spec.observation_sizes, policy.spec.action_sizes) != (tuple(world.observation_sizes), tuple(world.action_sizes)):
            raise GameError(f"a policy was trained on {policy.world.name}, whose agents see or do other things than in {world.name}")
    episodes = checked_integer(episodes, "episodes", 1, 2**24)
    require_memory((episodes, world.num_agents, max(world.observation_sizes)), "the episodes", "play fewer", item_bytes=16)
    # Each network acts once for all of its agents, not once an agent.
    # By name, so that who changes sides is compiled once.
    distinct = sorted({id(policy): policy for policy in given}.values(), key=lambda policy: policy.method.name)
    whose = jnp.asarray([next(k for k, each in enumerate(distinct) if each is policy) for policy in given])
    keys = jax.random.split(jax.random.PRNGKey(seed), episodes)
    parts = tuple((each.method, each.spec) for each in distinct)
    done = _play(world, parts, tuple(each.weights for each in distinct), whose, keys, jnp.bool_(greedy))
    returns, lengths, measures, last = jax.tree.map(lambda leaf: np.asarray(leaf, float), done)
    return Played(returns, lengths, measures, last)


@eqx.filter_jit
def _play(world: World, parts: tuple[tuple[Method, Spec], ...], weights: tuple[Tree, ...], whose: Array, keys: Array, greedy: Array) -> Any:
    agents = jnp.arange(len(whose))

    def one(key: Array) -> Any:
        key, reset = jax.random.split(key)
        state, step = world.reset(reset)
        nothing = {name: jnp.float32(0) for name in jax.eval_shape(world.measures, state, step)}
        memories = tuple(method.memory(spec) for method, spec in parts)
        begun = (key, state, step, memories, jnp.zeros(len(whose)), jnp.int32(0), nothing, nothing, jnp.bool_(False))

        def body(now: Any) -> Any:
            key, state, step, memories, returns, length, sums, _, _ = now
            key, act, move = jax.random.split(key, 3)
            chosen = []
            kept = []
            for k, (method, spec) in enumerate(parts):
                seen = seen_of(method, world, state, step)
                acted = method.play(spec, weights[k], seen, memories[k], jax.random.fold_in(act, k), greedy)
                chosen.append(acted.actions)
                kept.append(acted.memory)
            actions = jnp.stack(chosen)[whose, agents]
            kept = [method.told(memory, actions) for (method, _), memory in zip(parts, kept, strict=True)]
            state, step = world.step(move, state, actions)
            counts = {name: jnp.float32(number) for name, number in world.measures(state, step).items()}
            sums = {name: sums[name] + counts[name] for name in counts}
            over = (step.continues == 0) | step.truncated
            return (key, state, step, tuple(kept), returns + step.rewards, length + 1, sums, counts, over)

        done = jax.lax.while_loop(lambda now: ~now[-1] & (now[5] < LONGEST_EPISODE), body, begun)
        return done[4], done[5], {name: total / done[5] for name, total in done[6].items()}, done[7]

    return jax.vmap(one)(keys)
