"""The judge of policies that depend on time, over their stages: from the definition, last stage first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gametheory_rl import _verify_kernels as kernels
from gametheory_rl import _verify_process as process
from gametheory_rl._game_checks import checked_profile, checked_values
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Certificate, Profile
from gametheory_rl._support._errors import GameError
from gametheory_rl._verify_play import joint_of, others_of, recommended

_EPS = float(np.finfo(np.float64).eps)


def is_plan(game: StochasticGame, profile: Any) -> bool:
    """Whether a profile has a time axis in front."""
    if isinstance(profile, tuple | list):
        return len(profile) > 0 and all(getattr(policy, "ndim", 0) == 3 for policy in profile)
    return getattr(profile, "ndim", 0) == game.num_players + 2


def certify(game: StochasticGame, profile: Any, final: Any, concept_of: Callable[[Profile], str]) -> Certificate:
    """Return the gains of deviating at all stages together, with a bound on the error of every number.

    A backup errs by its rounding, and by the discount times the error of what it backs up.
    """
    stages = _checked_stages(game, profile)
    concept = concept_of(stages[0])
    last = _checked_final(game, final)
    flat = process.flat_of(game, game.payoff.reshape(game.num_players, -1), (0.0,) * game.num_players)
    own, best = last.copy(), last.copy()
    errors = np.zeros((2, game.num_players))
    for stage in reversed(stages):
        joint = joint_of(stage)
        chain = process.chain_of(flat, joint)
        for player in range(game.num_players):
            grown = flat.discount[player] * (1.0 + flat.excess + flat.operations * _EPS) * errors[:, player]
            errors[:, player] = grown + np.array([flat.rounding(player, own[player]), flat.rounding(player, best[player])])
            own[player] = _obeyed(flat, player, joint, chain, own[player])
            best[player] = _deviating(flat, player, stage, joint, concept, best[player])
            if not np.isfinite([own[player], best[player]]).all():
                raise GameError("payoffs over so many stages add up to more than float64 holds; rescale them")
    gains = best - own
    if concept != "coarse":
        gains = np.maximum(gains, 0.0)
    error = float(errors.sum(axis=0).max()) * (1.0 + 16 * _EPS) + float(np.spacing(np.abs(gains).max()))
    return Certificate(own, gains, max(0.0, float(gains.max()) + error), float((gains @ game.start).max()), error, concept)


def _checked_stages(game: StochasticGame, profile: Any) -> list[Profile]:
    """Return what is played at each stage, checked."""
    product = isinstance(profile, tuple | list)
    lengths = sorted({len(policy) for policy in profile}) if product else [len(profile)]
    if len(lengths) > 1 or lengths[0] < 1:
        raise GameError(f"the policies have {' and '.join(map(str, lengths))} stages, one number for all players was expected, from 1 up")
    found: list[Profile] = []
    for stage in range(lengths[0]):
        try:
            found.append(checked_profile(game, tuple(policy[stage] for policy in profile) if product else profile[stage]))
        except GameError as error:
            raise GameError(f"at stage {stage}: {error}") from None
    return found


def _checked_final(game: StochasticGame, final: Any) -> np.ndarray:
    if final is None:
        return np.zeros((game.num_players, game.num_states))
    values = checked_values(final, game.num_players, game.num_states, "final values")
    if not np.isfinite(values).all():
        raise GameError("final values are not all finite, finite numbers were expected")
    return values


def _obeyed(flat: process.FlatGame, player: int, joint: np.ndarray, chain: process.Chain, values: np.ndarray) -> np.ndarray:
    rewards, backed = np.empty_like(values), np.empty_like(values)
    kernels.expect_into(flat.payoff[player], joint, rewards)
    kernels.evaluate_into(chain.offsets, chain.states, chain.probabilities, flat.discount[player], rewards, values, backed)
    return backed


def _deviating(flat: process.FlatGame, player: int, profile: Profile, joint: np.ndarray, concept: str, values: np.ndarray) -> np.ndarray:
    weights = recommended(flat, player, joint) if concept == "correlated" else others_of(profile, player)[:, np.newaxis]
    backed = np.empty_like(values)
    process.backup(flat, player, weights, values, 0.0, np.full(weights.shape[:2], -1, dtype=np.int64), backed)
    return backed
