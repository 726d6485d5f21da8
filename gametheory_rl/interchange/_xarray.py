"""Xarray: the tensors with their axes named, as one Dataset."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._games import Labels, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._library import checked_game, library


def to_xarray(game: StochasticGame) -> Any:
    """Return the game's tensors as a Dataset with named axes.

    Parameters
    ----------
    game : StochasticGame
        A sparse one is made dense, and refused where that does not fit in memory.

    Returns
    -------
    xarray.Dataset
        ``payoff (player, state, action_1, ..., action_n)``, ``transition (state, action_1, ..., action_n, next_state)``,
        ``discount (player)``, ``start (state)`` and one mask ``legal_i (state, action_i)`` a player; coordinates where the game has
        labels; ``attrs["name"]``. The board stays behind.

    Raises
    ------
    GameError
        Too large when dense, or xarray is missing.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> table = gt.interchange.to_xarray(gt.load_game("chicken"))
    >>> dict(table.sizes)
    {'player': 2, 'state': 1, 'action_1': 2, 'action_2': 2, 'next_state': 1}
    """
    xarray = library("xarray")
    game = checked_game(game).dense()
    actions = [f"action_{i + 1}" for i in range(game.num_players)]
    variables: dict[str, Any] = {
        "payoff": (("player", "state", *actions), game.payoff.copy()),
        "transition": (("state", *actions, "next_state"), np.array(game.transition)),
        "discount": (("player",), game.discount.copy()),
        "start": (("state",), game.start.copy()),
    }
    variables |= {f"legal_{i + 1}": (("state", actions[i]), mask.copy()) for i, mask in enumerate(game.legal)}
    named = {"player": game.labels.players, "state": game.labels.states, "next_state": game.labels.states}
    named |= dict(zip(actions, game.labels.actions, strict=False))
    coordinates = {axis: np.array(names, dtype=object) for axis, names in named.items() if names}
    return xarray.Dataset(variables, coordinates, {"name": game.name})


def from_xarray(dataset: Any) -> StochasticGame:
    """Return the game of a Dataset as ``to_xarray`` makes it.

    Parameters
    ----------
    dataset : xarray.Dataset
        With ``payoff``, ``transition`` and ``discount``, their axes named and in any order; ``start`` and ``legal_i`` may be missing.

    Raises
    ------
    GameError
        Missing variables or axes, ``next_state`` with other names than ``state``, and whatever ``StochasticGame`` refuses.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> tensors = gt.interchange.to_xarray(gt.load_game("chicken"))
    >>> gt.interchange.from_xarray(tensors)
    StochasticGame('chicken', 2 players, 1 states, 2 x 2 actions, discount 0, general-sum, dense)
    """
    found = set(getattr(dataset, "data_vars", ()))
    missing = {"payoff", "transition", "discount"} - found
    if missing:
        raise GameError(f"the dataset has no {', '.join(sorted(missing))}; payoff, transition and discount were expected, as of to_xarray")
    dataset = _aligned(dataset)
    count = dataset.sizes.get("player", 0)
    actions = [f"action_{i + 1}" for i in range(count)]

    def array(name: str, *axes: str) -> Any:
        if name not in found:
            return None
        if sorted(map(str, dataset[name].dims)) != sorted(axes):
            raise GameError(f"{name} has the axes {', '.join(map(str, dataset[name].dims))}; {', '.join(axes)} were expected")
        return dataset[name].transpose(*axes).to_numpy()

    def names(axis: str) -> tuple[str, ...]:
        return tuple(map(str, dataset[axis].to_numpy().tolist())) if axis in dataset.coords else ()

    own = tuple(names(axis) for axis in actions)
    # A single player's names are all or none; where only some players' actions are named, the others' are their numbers.
    sizes = [dataset.sizes.get(axis, 0) for axis in actions]
    filled = tuple(given or tuple(map(str, range(size))) for given, size in zip(own, sizes, strict=True)) if any(own) else ()
    masks = [array(f"legal_{i + 1}", "state", axis) for i, axis in enumerate(actions)]
    return StochasticGame(
        array("payoff", "player", "state", *actions),
        array("transition", "state", *actions, "next_state"),
        array("discount", "player"),
        array("start", "state"),
        None if any(mask is None for mask in masks) else masks,
        Labels(names("player"), names("state"), filled),
        name=str(dataset.attrs.get("name", "")),
    )


def _aligned(dataset: Any) -> Any:
    """Return the dataset with next states in the order of states: whoever sorted or picked states may have left them as they were."""
    if not {"state", "next_state"} <= set(dataset.coords):
        return dataset
    state, following = (dataset[axis].to_numpy().tolist() for axis in ("state", "next_state"))
    if state == following:
        return dataset
    if len(set(state)) < len(state) or sorted(map(str, state)) != sorted(map(str, following)):
        raise GameError(f"next_state is named {following!r:.60} and state {state!r:.60}, the same names were expected")
    return dataset.sel(next_state=state)
