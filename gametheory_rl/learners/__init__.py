"""Tabular learners: frozen hyper-parameters over one loop, measured against the exact truth by ``gametheory_rl.learn``."""

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
