"""Joint-action learners: a step of Nash-Q beside OpenSpiel's, and what a step of each of the others takes."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from open_spiel.python import rl_environment
from open_spiel.python.algorithms.tabular_multiagent_qlearner import MultiagentQLearner, TwoPlayerNashSolver

import gametheory_rl as gt
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import CorrelatedQ, FoeQ, FriendQ, NashQ, StackelbergQ, _loop

STEPS, PEER_STEPS, ROUNDS = 20_000, 12, 7
OTHERS = (FriendQ(), FoeQ(), StackelbergQ(), CorrelatedQ())


def rows() -> list[dict[str, Any]]:
    """Return Nash-Q with two selections against the peer, then every other learner, one step of one seed."""
    games = [random_game(actions) for actions in (2, 4)]
    beside = [_beside_peer(game, selection) for game in games for selection in ("first", "welfare")]
    return [*beside, *(_alone(games[1], learner) for learner in OTHERS)]


def random_game(actions: int, states: int = 10) -> gt.StochasticGame:
    """Return a general-sum game with full menus and without ties, which nobody's solver stumbles over."""
    rng = np.random.default_rng(0)
    shape = (states, actions, actions)
    name = f"random, {states} states, {actions} x {actions}"
    return gt.StochasticGame(rng.normal(size=(2, *shape)), rng.dirichlet(np.full(states, 0.3), size=shape), 0.9, name=name)


def _beside_peer(game: gt.StochasticGame, selection: str) -> dict[str, Any]:
    """Time stretches of both in turn, by the processor's time."""
    ours, theirs = _ours(game, NashQ(selection=selection)), _peer(game)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for spent, play, steps in zip(times, (ours, theirs), (STEPS, PEER_STEPS), strict=True):
            begin = time.process_time()
            play(steps)
            spent.append((time.process_time() - begin) / steps)
    mine, other = map(median, times)
    name = f"Nash-Q ({selection}), {game.name}, one step of both players"
    return {"name": name, "peer": "OpenSpiel's MultiagentQLearner", "ours_s": mine, "peer_s": other, "ratio": other / mine}


def _alone(game: gt.StochasticGame, learner: Any) -> dict[str, Any]:
    play, spent = _ours(game, learner), []
    for _ in range(ROUNDS):
        begin = time.process_time()
        play(STEPS)
        spent.append((time.process_time() - begin) / STEPS)
    return {"name": f"{type(learner).__name__}, {game.name}, one step of both players", "ours_s": median(spent)}


def _ours(game: gt.StochasticGame, learner: Any) -> Callable[[int], None]:
    """Return ``play(steps)``, compiled and a stretch under way."""
    world, seed = _loop.world_of(game, None), _loop.fresh_seed(learner.init(game.spec), stream_keys(0, 1)[0])
    compiled, done = _loop.player_of(learner, world, seed.tables), 0

    def play(steps: int) -> None:
        nonlocal done
        compiled(seed, done, done + steps)
        done += steps

    play(STEPS)
    return play


def _peer(game: gt.StochasticGame) -> Callable[[int], None]:
    """Return ``play(steps)`` for OpenSpiel's two agents, handed what they need in the leanest way: no environment in between."""
    rng, discount = np.random.default_rng(0), float(game.discount[0])
    transition, counts = game.dense().transition, list(game.num_actions)
    agents = [MultiagentQLearner(i, 2, counts, TwoPlayerNashSolver(), discount_factor=discount) for i in range(2)]
    menus, state, rewards, actions = [list(range(count)) for count in counts], 0, [0.0, 0.0], (0, 0)

    def play(steps: int) -> None:
        nonlocal state, rewards, actions
        for _ in range(steps):
            seen = {"info_state": [[state]] * 2, "legal_actions": menus, "current_player": -2}
            moment = rl_environment.TimeStep(seen, rewards, [discount] * 2, rl_environment.StepType.MID)
            a, b = (agent.step(moment, actions).action for agent in agents)  # pyright: ignore[reportOptionalMemberAccess]
            actions, rewards = (a, b), game.payoff[:, state, a, b].tolist()
            state = int(rng.choice(len(transition), p=transition[state, a, b]))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its tables begin full of ties
        play(PEER_STEPS)
    return play
