"""Worlds: environments as pure functions of a key, a state and everybody's actions."""

from gametheory_rl.deep.envs._world import Scene, Step, World

__all__ = ["Scene", "Step", "World"]
