"""Learning from an environment that has no tensors: any finite one with PettingZoo's parallel interface, by the readable loop."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._results import Plan, Run
from gametheory_rl._support._errors import GameError
from gametheory_rl.learners._checks import menus, padded_legal
from gametheory_rl.learners._interface import Environment, Interface, begun, moved
from gametheory_rl.learners._learner import TabularLearner
from gametheory_rl.learners._loop import FOREVER, Seed, play_readably
from gametheory_rl.learners._sampling import EPSILON_GREEDY, GENERATIVE, ON_POLICY, quiet
from gametheory_rl.learners._schedules import Schedule
from gametheory_rl.learners._training import fresh_seeds, run_seeds

SEEDS = 2**31
"""An episode's seed is below this: what every generator of random numbers takes."""


class EnvironmentWalk:
    """An environment as the readable loop walks through it, with the returns of its episodes."""

    def __init__(self, env: Any, face: Interface, spec: GameSpec, plan: Plan, coin: tuple[float, ...]) -> None:
        self._env, self._face, self._zero_sum = env, face, spec.zero_sum
        self.num_players, self.horizon = spec.num_players, FOREVER if plan.horizon is None else plan.horizon
        self.steered, self.coin = plan.sampling != ON_POLICY, coin
        self.menu, self.sizes = menus(padded_legal(spec.legal))
        self._running, self._length = np.zeros(spec.num_players), 0
        self._forget()

    def _forget(self) -> None:
        self._returns, self._rewards = np.zeros((2, self.num_players))
        self._episodes = self._steps = 0

    def restart(self, place: np.ndarray, u: float) -> None:
        """Reset the environment with the seed that ``u`` gives."""
        if self._length:
            self._returns += self._running
            self._episodes += 1
        self._running[:], self._length = 0.0, 0
        place[:] = self._face.state(self._env, begun(self._env, int(u * SEEDS))), 0

    def step(self, state: int, actions: np.ndarray, u: float) -> tuple[int, np.ndarray, bool, bool]:
        """Let the environment take one step; its chance is its own."""
        del state, u
        observations, given, terminations, truncations, _ = moved(self._env, self._face.actions(actions))
        ended, cut = self._face.ended(terminations, truncations)
        rewards = self._checked_rewards(given)
        self._running += rewards
        self._rewards += rewards
        self._length, self._steps = self._length + 1, self._steps + 1
        return self._face.state(self._env, observations), rewards, ended, cut

    def _checked_rewards(self, given: Any) -> np.ndarray:
        rewards = self._face.rewards(given)
        if self._zero_sum and abs(rewards.sum()) > 1e-9 * np.abs(rewards).max():
            raise GameError(f"the learner needs a zero-sum game, and the environment pays {rewards.tolist()}: choose another learner")
        return rewards

    def tally(self) -> dict[str, float]:
        """Return what has been earned since the last call, and forget it."""
        episodes, steps = self._episodes, self._steps
        found = {"episodes": float(episodes)}
        for i, total in enumerate(self._returns):
            found[f"episode_return_{i}"] = float(total / episodes) if episodes else np.nan
        for i, total in enumerate(self._rewards):
            found[f"reward_{i}"] = float(total / steps) if steps else np.nan
        self._forget()
        return found


def spec_of(world: Environment, learner: TabularLearner) -> GameSpec:
    """Return the shape that ``learner`` sees. Two players are zero-sum if it plays nothing else; the rewards are watched then."""
    face, discount = world.face, world.discount
    legal = tuple(np.ones((face.num_states, count), bool) for count in face.num_actions)
    spec = GameSpec(len(face.agents), face.num_states, face.num_actions, legal, discount, zero_sum=False)
    may_be_zero_sum = len(face.agents) == 2 and discount[0] == discount[1]
    return replace(spec, zero_sum=True) if may_be_zero_sum and _refuses(learner, spec) else spec


def _refuses(learner: TabularLearner, spec: GameSpec) -> bool:
    try:
        learner.init(spec)
    except GameError:
        return True
    return False


def train_in(world: Environment, learner: TabularLearner, plan: Plan) -> Run:
    """Train ``learner`` in an environment as ``plan`` says, the seeds one after the other, each in its own copy.

    Raises
    ------
    GameError
        The learner cannot play it; the environment cannot be copied, or does something that its interface does not say.
    """
    if plan.sampling == GENERATIVE:
        raise GameError("sampling is 'generative', which puts the game into any state; an environment does not let itself be put anywhere")
    spec = spec_of(world, learner)
    seeds = fresh_seeds(learner, spec, plan)
    always = Schedule.constant(1.0).floats
    coin = seeds[0].tables.play.exploration if plan.sampling == EPSILON_GREEDY else always
    seeds = seeds if plan.sampling == ON_POLICY else [seed._replace(tables=quiet(seed.tables)) for seed in seeds]
    walks = [EnvironmentWalk(each, world.face, spec, plan, coin) for each in _copies(world.env, len(seeds))]
    walk_of = {id(seed): walk for seed, walk in zip(seeds, walks, strict=True)}

    def play(seed: Seed, first: int, last: int) -> None:
        play_readably(learner, seed, walk_of[id(seed)], first, last)

    return run_seeds(learner, seeds, plan, play, tallies=lambda: [walk.tally() for walk in walks])


def _copies(env: Any, count: int) -> Sequence[Any]:
    if count == 1:
        return [env]
    try:
        return [env, *(copy.deepcopy(env) for _ in range(count - 1))]
    except Exception as error:  # whatever an environment holds
        raise GameError(f"{type(env).__name__} cannot be copied ({type(error).__name__}): give seeds=1") from None
