"""Tensors of a game that is given by functions over enumerable states."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gametheory_rl._game_checks import numbers
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory


def arrays_from_functions(
    states: Iterable[Any], actions: Any, payoff: Callable[..., Any], transition: Callable[..., Any], start: Any
) -> dict[str, Any]:
    """Return the arguments of StochasticGame (less the discount), with sparse transitions."""
    from gametheory_rl._games import Labels, Successors

    try:
        states = list(states)
    except TypeError:
        raise GameError(f"states are {states!r}, an iterable of states was expected") from None
    number = _numbered(states)
    if len(number) != len(states) or not states:
        raise GameError(f"{len(states)} states were given, {len(number)} of them distinct; at least one and no repeats are needed")
    menus = [menus_of(actions, state) for state in states]
    names, index = _action_numbers(menus)
    sizes = tuple(len(player) for player in names)
    require_memory((len(sizes), len(states), *sizes), "the payoff tensor", "enumerate fewer states or actions")
    payoffs = np.zeros((len(sizes), len(states), *sizes))
    legal = tuple(np.zeros((len(states), size), dtype=bool) for size in sizes)
    rows: dict[tuple[int, ...], list[tuple[int, float]]] = {}
    for s, (state, menu) in enumerate(zip(states, menus, strict=True)):
        for player, own in enumerate(menu):
            legal[player][s, [index[player][a] for a in own]] = True
        for joint in itertools.product(*menu):
            at = (s, *(index[player][a] for player, a in enumerate(joint)))
            payoffs[(slice(None), *at)] = _checked_payoffs(payoff(state, joint), len(sizes), state, joint)
            rows[at] = _next_states(transition(state, joint), number, state, joint)
    labels = Labels((), tuple(map(str, states)), tuple(tuple(map(str, player)) for player in names))
    successors = _pack(rows, (len(states), *sizes), Successors)
    return {"payoff": payoffs, "transition": successors, "legal": legal, "labels": labels, "start": _start(start, number)}


def _numbered(states: list[Any]) -> dict[Any, int]:
    try:
        return {state: i for i, state in enumerate(states)}
    except TypeError:
        raise GameError("states must be hashable: numbers, text or tuples; lists and arrays are not") from None


def menus_of(actions: Any, state: Any) -> list[list[Any]]:
    """Return each player's actions at ``state``, without repeats; others than non-empty lists are refused."""
    offered: Any = actions(state) if callable(actions) else actions
    try:
        menus = [list(dict.fromkeys(menu)) for menu in offered]
    except TypeError:
        raise GameError(f"actions in state {state!r} are {offered!r}, a list of hashable actions for every player was expected") from None
    if not menus or not all(menus):
        raise GameError(f"actions in state {state!r} are {menus}, a non-empty list for every player was expected")
    return menus


def _action_numbers(menus: list[list[list[Any]]]) -> tuple[list[list[Any]], list[dict[Any, int]]]:
    """Return each player's actions in the order in which they first appear, and the number of each."""
    if len({len(menu) for menu in menus}) > 1:
        raise GameError("actions(state) returned different numbers of players in different states")
    names = [list(dict.fromkeys(a for menu in menus for a in menu[player])) for player in range(len(menus[0]))]
    return names, [{a: i for i, a in enumerate(player)} for player in names]


def _checked_payoffs(value: Any, num_players: int, state: Any, joint: tuple[Any, ...]) -> np.ndarray:
    value = np.atleast_1d(numbers(value, f"payoff({state!r}, {joint!r})"))
    if value.shape != (num_players,):
        raise GameError(f"payoff({state!r}, {joint!r}) has shape {value.shape}, one number per player ({num_players}) was expected")
    return value


def _next_states(outcome: Any, number: dict[Any, int], state: Any, joint: tuple[Any, ...]) -> list[tuple[int, float]]:
    where = f"transition({state!r}, {joint!r})"
    try:
        spread: Mapping[Any, float] = outcome if isinstance(outcome, Mapping) else {outcome: 1.0}
        unknown = [s for s in spread if s not in number]
        if not unknown:
            return [(number[s], float(p)) for s, p in spread.items()]
    except (TypeError, ValueError):
        raise GameError(f"{where} is {outcome!r}, a state or a mapping from states to probabilities was expected") from None
    raise GameError(f"{where} leads to {unknown[0]!r}, which is not among the states")


def _pack(rows: dict[tuple[int, ...], list[tuple[int, float]]], shape: tuple[int, ...], form: Any) -> Any:
    counts = np.zeros(int(np.prod(shape)) + 1, dtype=np.int64)
    flat = {int(np.ravel_multi_index(at, shape)): row for at, row in rows.items()}
    for r, row in flat.items():
        counts[r + 1] = len(row)
    entries: Sequence[tuple[int, float]] = [entry for r in sorted(flat) for entry in flat[r]]
    states, probabilities = np.array([s for s, _ in entries]), np.array([p for _, p in entries])
    return form(np.cumsum(counts), states, probabilities)


def _start(start: Any, number: dict[Any, int]) -> Any:
    if start is None or isinstance(start, np.ndarray | list):
        return start
    spread: Mapping[Any, float] = start if isinstance(start, Mapping) else {start: 1.0}
    weights = np.zeros(len(number))
    for state, probability in spread.items():
        if state not in number:
            raise GameError(f"start names {state!r}, which is not among the states")
        weights[number[state]] += probability
    return weights
