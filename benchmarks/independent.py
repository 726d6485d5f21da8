"""Independent learners: a step of WoLF-PHC beside OpenSpiel's, and what a step of each of the others takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from open_spiel.python import rl_environment
from open_spiel.python.algorithms.wolf_phc import WoLFPHC as PeerWoLFPHC

import gametheory_rl as gt
from benchmarks.timing import alone, beside, learning
from gametheory_rl._registry import resolve

STEPS, PEER_STEPS, ROUNDS = 500_000, 1000, 7
OTHERS = ("independent_q", "hysteretic_q", "phc", "decentralised_q", "independent_policy_gradient", "fictitious_play_q")


def rows() -> list[dict[str, Any]]:
    """Return WoLF-PHC against the peer on two games, then every other learner on soccer, one step of one seed."""
    soccer = gt.load_game("soccer")
    return [*(_beside_peer(gt.load_game(name)) for name in ("matching_pennies", "soccer")), *(_alone(soccer, name) for name in OTHERS)]


def _beside_peer(game: gt.StochasticGame) -> dict[str, Any]:
    name, ours = f"WoLF-PHC, {game.name}, one step of both players", learning(game, resolve("learner", "wolf_phc")(), STEPS)
    return beside(name, ours, _peer(game), steps=(STEPS, PEER_STEPS), rounds=ROUNDS, peer_name="OpenSpiel's WoLFPHC")


def _alone(game: gt.StochasticGame, name: str) -> dict[str, Any]:
    ours = learning(game, resolve("learner", name)(), STEPS)
    return alone(f"{name}, {game.name}, one step of both players", ours, steps=STEPS, rounds=ROUNDS)


def _peer(game: gt.StochasticGame) -> Callable[[int], None]:
    """Return ``play(steps)`` for OpenSpiel's two agents, handed what they need in the leanest way: no environment in between.

    The game never ends for them, a goal included, so that every step is one of learning.
    """
    successors, rng = game.successors, np.random.default_rng(0)
    discount = float(game.discount[0])
    agents = [PeerWoLFPHC(i, count, discount_factor=discount) for i, count in enumerate(game.num_actions)]
    menus = [[np.flatnonzero(mask[s]).tolist() for s in range(game.num_states)] for mask in game.legal]
    columns, starts = game.num_actions[1], np.flatnonzero(game.start).tolist()
    state, rewards = starts[0], [0.0, 0.0]

    def play(steps: int) -> None:
        nonlocal state, rewards
        for _ in range(steps):
            seen = {"info_state": [[state]] * 2, "legal_actions": [menu[state] for menu in menus], "current_player": -2}
            moment = rl_environment.TimeStep(seen, rewards, [discount] * 2, rl_environment.StepType.MID)
            a, b = (agent.step(moment).action for agent in agents)  # pyright: ignore[reportOptionalMemberAccess]
            rewards = game.payoff[:, state, a, b].tolist()
            row = (state * game.num_actions[0] + a) * columns + b
            first, last = successors.offsets[row], successors.offsets[row + 1]
            u, k = rng.random(), first
            while k < last - 1 and u >= successors.probabilities[k]:
                u -= successors.probabilities[k]
                k += 1
            state = int(successors.states[k])
            if game.terminal[state]:
                state = starts[0]

    play(PEER_STEPS)
    return play
