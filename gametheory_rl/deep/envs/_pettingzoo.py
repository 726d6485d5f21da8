"""Worlds as environments of PettingZoo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs._world import World
from gametheory_rl.interchange._library import library

if TYPE_CHECKING:
    from gametheory_rl.deep.envs._pettingzoo_env import WorldEnv


def to_pettingzoo(world: World, *, render_mode: str | None = None) -> WorldEnv:
    """Return a world as a PettingZoo ``ParallelEnv``.

    Parameters
    ----------
    world : World
    render_mode : {"rgb_array"}, optional
        Pictures of its scenes.

    Returns
    -------
    pettingzoo.ParallelEnv
        Agents are ``agent_0``, ``agent_1``, ..., or the world's own ``agent_names``. Observations are float32 boxes without the padding,
        actions ``Discrete`` or boxes in [-1, 1]. All stay until the episode ends, since PettingZoo's agents cannot come back and some
        worlds' can: ``infos[agent]["alive"]`` says who is there, ``infos[agent]["action_mask"]`` what is legal.

    Raises
    ------
    GameError
        Another mode, something that is no world, or PettingZoo is missing.

    Examples
    --------
    >>> from gametheory_rl.deep.envs import load_world, to_pettingzoo
    >>> env = to_pettingzoo(load_world("levers", pool=20))
    >>> observations, infos = env.reset(seed=0)
    >>> observations, rewards, ends, cuts, infos = env.step({agent: 0 for agent in env.agents})
    >>> round(rewards["agent_0"], 6), ends["agent_0"], env.agents
    (0.2, True, [])
    """
    if not isinstance(world, World):
        raise GameError(f"world is {type(world).__name__}, a World was expected (load_world returns one; games: interchange.to_pettingzoo)")
    if render_mode not in (None, "rgb_array"):
        raise GameError(f"render_mode is {render_mode!r}, 'rgb_array' or None was expected")
    library("pettingzoo")
    from gametheory_rl.deep.envs._pettingzoo_env import WorldEnv

    return WorldEnv(world, render_mode)
