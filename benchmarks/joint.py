"""Joint-action learners: a step of Nash-Q beside OpenSpiel's, and what a step of each of the others takes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from open_spiel.python import rl_environment
from open_spiel.python.algorithms.tabular_multiagent_qlearner import MultiagentQLearner, TwoPlayerNashSolver

import gametheory_rl as gt
from benchmarks.timing import alone, beside, learning
from gametheory_rl.learners import CorrelatedQ, FoeQ, FriendQ, NashQ, StackelbergQ

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
    name, ours = f"Nash-Q ({selection}), {game.name}, one step of both players", learning(game, NashQ(selection=selection), STEPS)
    return beside(name, ours, _peer(game), steps=(STEPS, PEER_STEPS), rounds=ROUNDS, peer_name="OpenSpiel's MultiagentQLearner")


def _alone(game: gt.StochasticGame, learner: Any) -> dict[str, Any]:
    name = f"{type(learner).__name__}, {game.name}, one step of both players"
    return alone(name, learning(game, learner, STEPS), steps=STEPS, rounds=ROUNDS)


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
