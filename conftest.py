"""What is collected where the neural extra is missing: everything but its modules."""

from importlib.util import find_spec

collect_ignore = ["tests/deep/envs/record_battle.py"]
"""Runs elsewhere, where MAgent2 is."""
collect_ignore_glob = [] if all(map(find_spec, ("jax", "optax", "equinox"))) else ["gametheory_rl/deep/*", "docs/deep.md", "docs/worlds.md"]
