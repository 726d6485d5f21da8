"""Neural methods, judged like all others by their exact distance from equilibrium: ``pip install 'gametheory-rl[deep]'``."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gametheory_rl._support import _lazy
from gametheory_rl._support._errors import GameError

if TYPE_CHECKING:
    from gametheory_rl.deep._best_response import Bound, best_response_bound
    from gametheory_rl.deep._centralised_ppo import CentralisedPPO
    from gametheory_rl.deep._commnet import CommNet
    from gametheory_rl.deep._crowd_q import DeepIndependentQ
    from gametheory_rl.deep._factorized_q import FactorizedQ
    from gametheory_rl.deep._maddpg import DDPG, MADDPG
    from gametheory_rl.deep._mean_field_ac import MeanFieldAC
    from gametheory_rl.deep._mean_field_q import DeepMeanFieldQ
    from gametheory_rl.deep._policies import Played, Policy, evaluate, load_policy, tabulate
    from gametheory_rl.deep._ppo import IPPO, MAPPO
    from gametheory_rl.deep._pr2 import PR2
    from gametheory_rl.deep.envs import PopulationWorld, Scene, Step, TensorGame, World, list_worlds, load_world

NEEDED = ("jax", "optax", "equinox")

_HOMES = {
    "_best_response": ("Bound", "best_response_bound"),
    "_commnet": ("CommNet",),
    "_crowd_q": ("DeepIndependentQ",),
    "_factorized_q": ("FactorizedQ",),
    "_mean_field_ac": ("MeanFieldAC",),
    "_mean_field_q": ("DeepMeanFieldQ",),
    "_policies": ("Played", "Policy", "evaluate", "load_policy", "tabulate"),
    "_maddpg": ("DDPG", "MADDPG"),
    "_centralised_ppo": ("CentralisedPPO",),
    "_ppo": ("IPPO", "MAPPO"),
    "_pr2": ("PR2",),
    "envs": ("PopulationWorld", "Scene", "Step", "TensorGame", "World", "list_worlds", "load_world"),
}
_LAZY = {name: home for home, names in _HOMES.items() for name in names}

# XLA reports what its cache has in features that no processor lists, in pages of errors that are none.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

__all__ = [
    "DDPG",
    "IPPO",
    "MADDPG",
    "MAPPO",
    "PR2",
    "Bound",
    "CentralisedPPO",
    "CommNet",
    "DeepIndependentQ",
    "DeepMeanFieldQ",
    "FactorizedQ",
    "MeanFieldAC",
    "Played",
    "Policy",
    "PopulationWorld",
    "Scene",
    "Step",
    "TensorGame",
    "World",
    "best_response_bound",
    "evaluate",
    "list_worlds",
    "load_policy",
    "load_world",
    "tabulate",
]


def __getattr__(name: str) -> Any:
    """Load names on first use; where JAX is missing, say which command installs it."""
    if name in _LAZY and (missing := [package for package in NEEDED if find_spec(package) is None]):
        raise GameError(f"gametheory_rl.deep.{name} needs {', '.join(missing)}: pip install 'gametheory-rl[deep]'")
    return _lazy.loaded(globals(), _LAZY, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
