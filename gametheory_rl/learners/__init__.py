"""Tabular learners: frozen hyper-parameters over one loop, measured against the exact truth by ``gametheory_rl.learn``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gametheory_rl._support import _lazy

if TYPE_CHECKING:
    from gametheory_rl.learners._against import AgainstFixed
    from gametheory_rl.learners._centralised_q import CentralisedQ
    from gametheory_rl.learners._correlated_q import CorrelatedQ
    from gametheory_rl.learners._decentralised_q import DecentralisedQ
    from gametheory_rl.learners._fictitious_play_q import FictitiousPlayQ
    from gametheory_rl.learners._foe_q import FoeQ
    from gametheory_rl.learners._friend_q import FriendQ
    from gametheory_rl.learners._hysteretic_q import HystereticQ
    from gametheory_rl.learners._independent_policy_gradient import IndependentPolicyGradient
    from gametheory_rl.learners._independent_q import IndependentQ
    from gametheory_rl.learners._learner import TabularLearner
    from gametheory_rl.learners._mean_field_q import MeanFieldQ
    from gametheory_rl.learners._minimax_q import MinimaxQ
    from gametheory_rl.learners._nash_q import NashQ
    from gametheory_rl.learners._pr2_q import PR2Q
    from gametheory_rl.learners._schedules import Schedule
    from gametheory_rl.learners._stackelberg_q import StackelbergQ
    from gametheory_rl.learners._wolf_phc import PHC, WoLFPHC

_HOMES = {
    "_against": ("AgainstFixed",),
    "_centralised_q": ("CentralisedQ",),
    "_correlated_q": ("CorrelatedQ",),
    "_decentralised_q": ("DecentralisedQ",),
    "_fictitious_play_q": ("FictitiousPlayQ",),
    "_foe_q": ("FoeQ",),
    "_friend_q": ("FriendQ",),
    "_hysteretic_q": ("HystereticQ",),
    "_independent_policy_gradient": ("IndependentPolicyGradient",),
    "_independent_q": ("IndependentQ",),
    "_learner": ("TabularLearner",),
    "_mean_field_q": ("MeanFieldQ",),
    "_minimax_q": ("MinimaxQ",),
    "_nash_q": ("NashQ",),
    "_pr2_q": ("PR2Q",),
    "_schedules": ("Schedule",),
    "_stackelberg_q": ("StackelbergQ",),
    "_wolf_phc": ("PHC", "WoLFPHC"),
}
_LAZY = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "PHC",
    "PR2Q",
    "AgainstFixed",
    "CentralisedQ",
    "CorrelatedQ",
    "DecentralisedQ",
    "FictitiousPlayQ",
    "FoeQ",
    "FriendQ",
    "HystereticQ",
    "IndependentPolicyGradient",
    "IndependentQ",
    "MeanFieldQ",
    "MinimaxQ",
    "NashQ",
    "Schedule",
    "StackelbergQ",
    "TabularLearner",
    "WoLFPHC",
]


def __getattr__(name: str) -> Any:
    """Load a learner on first use: whoever runs one of them waits for no other's kernels."""
    return _lazy.loaded(globals(), _LAZY, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
