"""Lesson 1: equilibria."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl.equilibria import pure, regret, vertex_enumeration
from gametheory_rl.exercises._answers import NotYet, array, close, integer, number, require


def _payoffs(name: str) -> np.ndarray:
    return load_game(name).payoff[:, 0]


def _count(answer: Any) -> str:
    found, payoffs = integer(answer), _payoffs("battle_of_the_sexes")
    truth = len(vertex_enumeration(*payoffs))
    require(found != len(pure(payoffs).profiles), "Those are the pure ones; is there a mixture that makes both indifferent?")
    require(found == truth, "Enumerate them: eq.vertex_enumeration(A, B).profiles.")
    return "Two that each player would have for himself, and a mixed one that is worse for both."


def _both_yield(answer: Any) -> str:
    found, payoffs = number(answer), _payoffs("chicken")
    require(not close(found, payoffs[0].max(), 1e-9), "That is what a player would earn; regret is how much more than before.")
    require(
        close(found, regret(payoffs, ([1, 0], [1, 0])), 1e-9),
        "Fix the other's action: what does the best reply earn, and what is earned now?",
    )
    return "Whoever dares against a yielding opponent gains that much, so yielding is no equilibrium however nice it looks."


def _hunt(answer: Any) -> str:
    found = number(answer)
    mixed = [x for x, _ in vertex_enumeration(*_payoffs("stag_hunt")).profiles if 0.01 < x[0] < 0.99]
    require(not close(found, 1 - mixed[0][0], 1e-4), "That is how often the hare is hunted.")
    require(close(found, mixed[0][0], 1e-4), "Write down what each action earns against the mixture, and set the two equal.")
    return "Whoever believes the other less likely to hunt the stag than this hunts the hare."


def _design(answer: Any) -> str:
    if isinstance(answer, str) or not hasattr(answer, "__len__") or len(answer) != 2:
        raise NotYet("A pair of tables is expected: (A, B), each with two rows of two numbers.")
    payoffs = np.stack([array(table, (2, 2), "payoffs") for table in answer])
    require(not pure(payoffs).profiles, "Your game has a pure equilibrium; best responses have to go round.")
    (x, _), *others = vertex_enumeration(*payoffs).profiles
    require(not others, "Your game has several equilibria.")
    hint = f"In your game player 1 plays the first action with {x[0]:.4g}. He mixes so that player 2 is indifferent: change B."
    require(close(x[0], 0.75, 1e-6), hint)
    return "What a player mixes depends on the other's payoffs alone; that is the oddest fact about mixed equilibria."


def _coins(answer: Any) -> str:
    found, payoffs = number(answer), _payoffs("inspection")
    profile = ([0.5, 0.5], [0.5, 0.5])
    each = [_gain(payoffs, player) for player in (0, 1)]
    require(not close(found, min(each), 1e-6), "That is what the other player gains; regret is the larger of the two.")
    require(not close(found, sum(each), 1e-6), "That adds the players' gains; regret is the larger of the two.")
    require(close(found, regret(payoffs, profile), 1e-6), "eq.regret(payoffs, profile) has it; payoffs are game.payoff[:, 0].")
    return "A coin is a bad guess wherever payoffs are lopsided."


def _gain(payoffs: np.ndarray, player: int) -> float:
    against = payoffs[player].mean(axis=1 - player)
    return float(against.max() - against.mean())


JUDGES = (_count, _both_yield, _hunt, _design, _coins)
