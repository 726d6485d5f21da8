"""The best answer to a policy that can be learned: a lower bound on what a deviation gains, where nothing exact can be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._game_checks import checked_index, checked_integer
from gametheory_rl._results import Plan, Run
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.deep._loop import seen_of
from gametheory_rl.deep._method import Method, Spec, Tree, settings_of
from gametheory_rl.deep._policies import Policy, evaluate, load_policy, require_policy
from gametheory_rl.deep._ppo import IPPO
from gametheory_rl.deep._train import train
from gametheory_rl.deep.envs._world import Step, World


class Against(World):
    """A world for one agent: the others play a frozen policy."""

    inner: World
    weights: Tree
    method: Method = eqx.field(static=True)
    spec: Spec = eqx.field(static=True)
    agent: int = eqx.field(static=True)

    @property
    def name(self) -> str:
        """The world's, and who answers."""
        return f"{self.inner.name}, agent {self.agent} alone"

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """The agent's."""
        return (self.inner.observation_sizes[self.agent],)

    @property
    def action_sizes(self) -> tuple[int, ...]:
        """The agent's."""
        return (self.inner.action_sizes[self.agent],)

    @property
    def continuous(self) -> bool:
        """As the world."""
        return self.inner.continuous

    @property
    def discount(self) -> tuple[float, ...] | None:
        """The agent's."""
        found = self.inner.discount
        return None if found is None else (found[self.agent],)

    def reset(self, key: Array) -> tuple[Any, Step]:
        """Reset the world."""
        state, step = self.inner.reset(key)
        return (state, step, self.method.memory(self.spec)), self._own(step)

    def step(self, key: Array, state: Any, actions: Array) -> tuple[Any, Step]:
        """Let the others act, and the agent."""
        inner, seen_step, memory = state
        act, move = jax.random.split(key)
        seen = seen_of(self.method, self.inner, inner, seen_step)
        acted = self.method.play(self.spec, self.weights, seen, memory, act, jnp.bool_(False))
        own = actions[0]
        if self.continuous:
            own = jnp.zeros_like(acted.actions[0]).at[: own.shape[0]].set(own)
        done = acted.actions.at[self.agent].set(own)
        inner, step = self.inner.step(move, inner, done)
        return (inner, step, self.method.told(acted.memory, done)), self._own(step)

    def global_state(self, state: Any, step: Step) -> Array:
        """As the world."""
        del step
        return self.inner.global_state(state[0], state[1])

    def _own(self, step: Step) -> Step:
        k, size = self.agent, self.inner.observation_sizes[self.agent]
        legal = step.legal[k : k + 1, : 0 if self.continuous else self.inner.action_sizes[k]]
        row = slice(k, k + 1)
        return Step(step.observations[row, :size], step.rewards[row], step.continues, step.truncated, legal, step.alive[row])


class Bound(NamedTuple):
    """How much agents gain, at least."""

    gains: np.ndarray
    """``[n]`` the learned response's return minus the policy's, undiscounted means over episodes; below 0: it learned nothing better."""
    errors: np.ndarray
    """``[n]`` standard errors of the gains"""
    runs: tuple[Run, ...]
    """How each response was learned."""


def best_response_bound(
    policy: Policy, *, steps: int, agents: Sequence[int] | None = None, learner: Method | None = None, episodes: int = 256, seed: int = 0
) -> Bound:
    """Learn an answer to a policy for each agent, the others frozen: a LOWER bound on what it could gain by deviating.

    Where a game is too large to tabulate nothing exact can be said. What a learned answer earns more is a gain that is there; what it
    does not find may be there all the same, so a bound of 0 is no certificate.

    Parameters
    ----------
    policy : Policy
        All agents' policy, as ``load_policy`` returns it.
    steps : int
        Environment steps of each answer's training.
    agents : sequence of int, optional
        Whose answers; None: everybody's.
    learner : Method, optional
        Who learns the answer, by itself; None: ``IPPO()``.
    episodes : int
        Played afterwards to compare, fresh ones, the same for both.
    seed : int

    Returns
    -------
    Bound

    Raises
    ------
    GameError
        An agent that there is not; no policy, or no method; a number out of range.
    """
    world, learner = require_policy(policy).world, learner or IPPO()
    if not isinstance(learner, Method):
        raise GameError(f"learner is {type(learner).__name__}, a neural method was expected, such as IPPO()")
    seed, episodes = checked_integer(seed, "seed", 0, 2**62), checked_integer(episodes, "episodes", 2, 2**24)
    chosen = range(world.num_agents) if agents is None else [checked_index(each, world.num_agents, "an agent") for each in agents]
    usual = evaluate(world, policy, episodes=episodes, seed=seed + 1).returns
    gains, errors, runs = np.full(world.num_agents, np.nan), np.full(world.num_agents, np.nan), []
    for agent in chosen:
        alone = Against(world, policy.weights, policy.method, policy.spec, agent)
        run = train(learner, alone, _plan(learner, alone, steps, seed))
        answered = evaluate(alone, load_policy(run, alone), episodes=episodes, seed=seed + 1).returns[:, 0]
        gains[agent] = answered.mean() - usual[:, agent].mean()
        errors[agent] = float(np.sqrt((answered.var(ddof=1) + usual[:, agent].var(ddof=1)) / episodes))
        runs.append(run)
    return Bound(gains, errors, tuple(runs))


def _plan(learner: Method, world: World, steps: int, seed: int) -> Plan:
    """Return a plan of one seed and one record, without a judge or a file."""
    steps = checked_integer(steps, "steps", 1, 2**53)
    settings = {"learner": learner.name, "hyper_parameters": settings_of(learner), "game": world.name, "world": "", "steps": steps}
    return Plan(steps, stream_keys(seed, 1), None, np.array([steps]), lambda *_: {}, settings=settings, progress=False)
