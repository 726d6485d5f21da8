"""Games as environments of PettingZoo (all players learn) and Gymnasium (one does, the others' policies are fixed)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl._game_checks import checked_index, numbers
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._library import checked_game, library
from gametheory_rl.interchange._play import checked_horizon, checked_mode
from gametheory_rl.interchange._tabulate import answered

if TYPE_CHECKING:
    from gametheory_rl.interchange._gymnasium_env import OnePlayerEnv
    from gametheory_rl.interchange._pettingzoo_env import GameEnv

Opponent = Callable[[int], np.ndarray]
"""``(A_i,)`` probabilities at a state."""


def to_pettingzoo(game: StochasticGame, *, horizon: int | None = None, render_mode: str | None = None) -> GameEnv:
    """Return the game as a PettingZoo ``ParallelEnv``.

    Parameters
    ----------
    game : StochasticGame
    horizon : int, optional
        Steps after which an episode is truncated. None: where the largest discount leaves 1% or less of what is to come,
        which is after one step of a game with discount 0; never with discount 1.
    render_mode : {"human", "ansi", "rgb_array"}, optional
        A printed line, the line, or a picture: of the board where the game has one.

    Returns
    -------
    pettingzoo.ParallelEnv
        Agents are the players' names, else ``player_0``, ``player_1``, ... All observe the state, a number of ``Discrete(S)``, which
        ``state()`` returns too; ``infos[agent]["action_mask"]`` says what is legal, and anything else is refused. Rewards are expected
        payoffs, not discounted. Reaching a terminal state terminates, the horizon truncates, for all agents at once. ``env.game``
        is the game.

    Raises
    ------
    GameError
        A bad horizon or mode, or PettingZoo is missing.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> env = gt.interchange.to_pettingzoo(gt.load_game("prisoners_dilemma"))
    >>> observations, infos = env.reset(seed=0)
    >>> observations, rewards, terminations, truncations, infos = env.step(dict.fromkeys(env.agents, 0))
    >>> list(rewards.values()), list(truncations.values())
    ([3.0, 3.0], [True, True])
    """
    game, mode = checked_game(game), checked_mode(render_mode)
    horizon = checked_horizon(game, horizon)
    library("pettingzoo")
    from gametheory_rl.interchange._pettingzoo_env import GameEnv

    return GameEnv(game, horizon, mode)


def to_gymnasium(
    game: StochasticGame,
    player: int = 0,
    opponents: Any = (),
    *,
    horizon: int | None = None,
    render_mode: str | None = None,
) -> OnePlayerEnv:
    """Return one player's side of the game as a Gymnasium environment: the others play fixed policies.

    Parameters
    ----------
    game : StochasticGame
    player : int
        Who acts, counted from 0.
    opponents : sequence
        The other players' policies in their order: each an array ``(S, A_i)``, or a function of the state that returns an action or
        one probability for each (asked at every step; to judge such a policy, see ``tabulate``). A single policy may stand for
        itself, and a whole profile, the player's own policy in it, is accepted too.
    horizon, render_mode
        As of ``to_pettingzoo``, the discount being the player's; a game that the player plays once ends, and is not cut.

    Returns
    -------
    gymnasium.Env
        Observes the state, ``Discrete(S)``; ``info["action_mask"]`` says what is legal, ``info["actions"]`` what everyone played.

    Raises
    ------
    GameError
        Policies that do not fit the game, or Gymnasium is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import gametheory_rl as gt
    >>> env = gt.interchange.to_gymnasium(gt.load_game("prisoners_dilemma"), 0, [lambda state: 1])
    >>> _, info = env.reset(seed=0)
    >>> env.step(np.int64(0))[1:4]
    (0.0, True, False)
    """
    game, mode = checked_game(game), checked_mode(render_mode)
    player = checked_index(player, game.num_players, "player")
    others = _checked_opponents(game, player, opponents)
    horizon = checked_horizon(game, horizon)
    library("gymnasium")
    from gametheory_rl.interchange._gymnasium_env import OnePlayerEnv

    return OnePlayerEnv(game, player, others, horizon, mode)


def _checked_opponents(game: StochasticGame, player: int, opponents: Any) -> dict[int, Opponent]:
    single = callable(opponents) or (isinstance(opponents, np.ndarray) and opponents.ndim == 2)
    if not (single or isinstance(opponents, Sequence | np.ndarray)):
        raise GameError(f"opponents is {opponents!r:.60}, a policy for each of the other players was expected")
    policies: list[Any] = [opponents] if single else list(opponents)  # type: ignore[arg-type]
    if len(policies) == game.num_players and game.num_players > 1:
        policies = [policy for i, policy in enumerate(policies) if i != player]
    others = [i for i in range(game.num_players) if i != player]
    if len(policies) != len(others):
        raise GameError(f"{len(policies)} opponents were given, one policy for each of the other {len(others)} players was expected")
    return {i: _opponent(game, i, policy) for i, policy in zip(others, policies, strict=True)}


def _opponent(game: StochasticGame, player: int, policy: Any) -> Opponent:
    legal, who = game.legal[player], f"the policy of {game.labels.player(player)}"
    if callable(policy):
        return lambda state: answered(policy(np.int64(state)), legal[state], f"{who} at state {state}")
    table = numbers(policy, who)
    if table.shape != legal.shape:
        raise GameError(f"{who} has shape {table.shape}, {legal.shape} was expected")
    rows = np.stack([answered(row, mask, f"{who} at state {state}") for state, (row, mask) in enumerate(zip(table, legal, strict=True))])
    return lambda state: rows[state]
