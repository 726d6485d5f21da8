"""Profiles as distributions of joint actions: everybody's, the others', and what a player is told."""

from __future__ import annotations

import numpy as np

from gametheory_rl._results import Profile
from gametheory_rl._verify_process import FlatGame


def recommended(flat: FlatGame, player: int, joint: np.ndarray) -> np.ndarray:
    """Return how probable it is that ``player`` is told an action while the others are told theirs, ``(S, A_player, J / A_player)``."""
    shape = (len(joint), -1, flat.num_actions[player], flat.right_count(player))
    return np.ascontiguousarray(np.moveaxis(joint.reshape(shape), 2, 1).reshape(len(joint), flat.num_actions[player], -1))


def joint_of(profile: Profile) -> np.ndarray:
    """Return the distribution of joint actions, ``(S, J)``."""
    return _product(list(profile), len(profile[0])) if isinstance(profile, tuple) else profile.reshape(len(profile), -1)


def others_of(profile: Profile, player: int) -> np.ndarray:
    """Return the distribution of the others' joint actions, ``(S, J / A_player)``."""
    if isinstance(profile, tuple):
        return _product([policy for i, policy in enumerate(profile) if i != player], len(profile[0]))
    return profile.sum(axis=player + 1).reshape(len(profile), -1)


def _product(policies: list[np.ndarray], num_states: int) -> np.ndarray:
    product = np.ones((num_states, 1))
    for policy in policies:
        product = (product[:, :, np.newaxis] * policy[:, np.newaxis]).reshape(num_states, -1)
    return product
