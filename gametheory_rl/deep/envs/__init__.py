"""Worlds: environments as pure functions of a key, a state and everybody's actions."""

from gametheory_rl.deep.envs._levers import Levers
from gametheory_rl.deep.envs._load import list_worlds, load_world
from gametheory_rl.deep.envs._world import Scene, Step, World

__all__ = ["Levers", "Scene", "Step", "World", "list_worlds", "load_world"]
