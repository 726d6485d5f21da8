"""Worlds: environments as pure functions of a key, a state and everybody's actions."""

from gametheory_rl.deep.envs._adversary import Adversary
from gametheory_rl.deep.envs._battle import Battle
from gametheory_rl.deep.envs._crypto import Crypto
from gametheory_rl.deep.envs._differential import Differential
from gametheory_rl.deep.envs._episode import Episode, RandomPlayer, play_episode
from gametheory_rl.deep.envs._jaxmarl import from_jaxmarl
from gametheory_rl.deep.envs._levers import Levers
from gametheory_rl.deep.envs._load import list_worlds, load_world
from gametheory_rl.deep.envs._pettingzoo import to_pettingzoo
from gametheory_rl.deep.envs._population import PopulationWorld
from gametheory_rl.deep.envs._push import Push
from gametheory_rl.deep.envs._speaker_listener import SpeakerListener
from gametheory_rl.deep.envs._spread import Spread
from gametheory_rl.deep.envs._tag import Tag
from gametheory_rl.deep.envs._tensor_game import TensorGame
from gametheory_rl.deep.envs._traffic_junction import TrafficJunction
from gametheory_rl.deep.envs._world import Scene, Step, World

__all__ = [
    "Adversary",
    "Battle",
    "Crypto",
    "Differential",
    "Episode",
    "Levers",
    "PopulationWorld",
    "Push",
    "RandomPlayer",
    "Scene",
    "SpeakerListener",
    "Spread",
    "Step",
    "Tag",
    "TensorGame",
    "TrafficJunction",
    "World",
    "from_jaxmarl",
    "list_worlds",
    "load_world",
    "play_episode",
    "to_pettingzoo",
]
