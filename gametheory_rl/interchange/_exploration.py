"""A tensor game from a step function: every state that can be reached is found, breadth first."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

import numpy as np

from gametheory_rl._game_checks import numbers
from gametheory_rl._game_functions import menus_of
from gametheory_rl._games import Board, Labels, StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._progress import Advance, Show, progress_bar

MOST_STATES = 100_000
"""More states than this are refused where nothing else is asked for."""
ASKED_TWICE = 1_000
"""For so many joint actions the step function is called again, to see whether it draws."""


class Outcome(NamedTuple):
    """What a joint action does at a state."""

    payoffs: np.ndarray
    """``[n]``, expected"""
    following: dict[Hashable, float]
    """Next state -> probability."""


def from_function(
    step: Callable[[Any, Any], Any],
    start: Any,
    actions: Any,
    *,
    discount: Any,
    terminal: Callable[[Any], bool] | None = None,
    label: Callable[[Any], str] = str,
    players: Any = (),
    name: str = "",
    board: Callable[[list[Any]], Board] | None = None,
    most_states: int = MOST_STATES,
    progress: Show = None,
) -> StochasticGame:
    """Return the tensor game that a step function plays, by finding every state it can reach.

    Parameters
    ----------
    step : callable
        ``step(state, joint_action)`` returns ``(probability, next_state, rewards)`` for each thing that can happen, not for
        one that it draws. It is called once a state and legal joint action, a tuple with one of each player's actions, and for the
        first thousand of them again, to see that it answers the same. States are any hashable values.
    start : hashable or mapping
        The first state, or a mapping from states to probabilities.
    actions : sequence of sequences, or callable
        One list of actions per player, or ``actions(state)`` that returns them where they differ by state.
    discount : float or array_like, shape (n,)
    terminal : callable, optional
        ``terminal(state)``: whether play ends there; ``step`` is not called at such a state. None: it ends nowhere, save at states that
        the step function itself never leaves and that pay nothing.
    label : callable
        The name of a state, ``str`` by default.
    players : sequence of str, optional
        The players' names.
    name : str
    board : callable, optional
        ``board(states)`` returns where the pieces stand in each of the states, in their order, for drawings.
    most_states : int
        Exploration stops there, with an error.
    progress : bool, optional
        Whether to draw a progress bar; None: on a terminal.

    Returns
    -------
    StochasticGame
        Sparse; states in the order in which they were found; ``payoff`` is the expected reward of a joint action. Outcomes of
        probability 0 are not followed.

    Raises
    ------
    GameError
        More than ``most_states`` states, outcomes that are no triples, probabilities that do not sum to 1, states that cannot be hashed,
        a step function that answers the same question in two ways.

    Examples
    --------
    The stake grows while both wait; who calls alone takes it:

    >>> import gametheory_rl as gt
    >>> def step(stake, joint):
    ...     if "call" in joint:
    ...         won = stake * ((joint[0] == "call") - (joint[1] == "call"))
    ...         return [(1.0, "over", (won, -won))]
    ...     return [(0.5, min(stake + 1, 3), (0, 0)), (0.5, stake, (0, 0))]
    >>> menus = [["wait", "call"], ["wait", "call"]]
    >>> game = gt.interchange.from_function(step, 1, menus, discount=0.9, terminal=lambda state: state == "over")
    >>> game, game.labels.states
    (StochasticGame(2 players, 4 states, 1 terminal, 2 x 2 actions, discount 0.9, zero-sum, sparse), ('1', '2', 'over', '3'))
    """
    spread = start if isinstance(start, Mapping) else {_hashable(start): 1.0}

    def menus(state: Any) -> list[list[Any]]:
        return menus_of(actions, state)

    ends = terminal or (lambda state: False)
    outcomes: dict[Hashable, dict[tuple[Any, ...], Outcome]] = {}
    with progress_bar("exploring", 1.0, show=progress) as advance:
        _explore(step, spread, menus, ends, outcomes, most_states, advance)
    return assembled(outcomes, menus, spread, discount, label=label, players=players, name=name, board=board)


def assembled(
    outcomes: Mapping[Hashable, Mapping[tuple[Any, ...], Outcome]],
    menus: Callable[[Any], Any],
    start: Mapping[Any, float],
    discount: Any,
    *,
    label: Callable[[Any], str],
    players: Any,
    name: str,
    board: Callable[[list[Any]], Board] | None = None,
) -> StochasticGame:
    """Return the game of what was found; a state without outcomes is terminal, and offers what the first other one does."""
    states = list(outcomes)
    alive = next((state for state in states if outcomes[state]), None)
    if alive is None:
        raise GameError(f"play ends at once, at {states[0]!r}; a start from which it goes on was expected")
    usual = menus(alive)
    nothing = np.zeros(len(usual))

    def payoff(state: Any, joint: tuple[Any, ...]) -> np.ndarray:
        return outcomes[state][joint].payoffs if outcomes[state] else nothing

    def transition(state: Any, joint: tuple[Any, ...]) -> dict[Any, float]:
        return outcomes[state][joint].following if outcomes[state] else {state: 1.0}

    def offered(state: Any) -> Any:
        return menus(state) if outcomes[state] else usual

    game = StochasticGame.from_functions(states, offered, payoff, transition, discount, start=start, name=name)
    labels = Labels(tuple(map(str, players)), tuple(str(label(state)) for state in states), game.labels.actions)
    drawn = None if board is None else board(states)
    return StochasticGame(game.payoff, game.successors, game.discount, game.start, game.legal, labels, name=name, board=drawn)


def _explore(
    step: Callable[[Any, Any], Any],
    start: Mapping[Any, float],
    menus: Callable[[Any], Any],
    ends: Callable[[Any], bool],
    outcomes: dict[Hashable, dict[tuple[Any, ...], Outcome]],
    most_states: int,
    advance: Advance,
) -> None:
    """Fill ``outcomes``, states in the order in which they were found."""
    waiting = deque(dict.fromkeys(state for state, p in start.items() if p > 0))
    outcomes.update((state, {}) for state in waiting)
    explored = asked = 0
    while waiting:
        state = waiting.popleft()
        if not ends(state):
            for joint in itertools.product(*menus(state)):
                found = _outcome(step(state, joint), state, joint)
                if asked < ASKED_TWICE:
                    _refuse_draws(found, _outcome(step(state, joint), state, joint), state, joint)
                    asked += 1
                outcomes[state][joint] = found
                fresh = [following for following in found.following if following not in outcomes]
                require_room(len(outcomes) + len(fresh), most_states)
                outcomes.update((following, {}) for following in fresh)
                waiting.extend(fresh)
        explored += 1
        advance(explored / len(outcomes), f"{explored} of {len(outcomes)} states found so far")


def _refuse_draws(first: Outcome, second: Outcome, state: Any, joint: tuple[Any, ...]) -> None:
    """Refuse a step function whose answers change."""
    paid = np.array_equal(first.payoffs, second.payoffs, equal_nan=True)
    if not paid or first.following != second.following:
        shown = " and then ".join(f"{list(each.following)!r:.60} paying {each.payoffs.tolist()}" for each in (first, second))
        raise GameError(
            f"step({state!r:.60}, {joint!r:.60}) led to {shown}: it draws, or keeps something in mind; a list of all that can happen, "
            "with its probabilities, was expected"
        )


def require_room(count: int, most_states: int) -> None:
    """Refuse more states than were asked for."""
    if count > most_states:
        raise GameError(
            f"more than {most_states} states can be reached; give a larger most_states, or merge states that are worth the same to everyone"
        )


def _hashable(state: Any) -> Any:
    try:
        hash(state)
    except TypeError:
        raise GameError(f"state {state!r:.60} cannot be hashed; numbers, text or tuples were expected, not lists or arrays") from None
    return state


def _outcome(answer: Any, state: Any, joint: tuple[Any, ...]) -> Outcome:
    where = f"step({state!r}, {joint!r})"
    try:
        triples = [(float(probability), _hashable(following), rewards) for probability, following, rewards in answer]
    except (TypeError, ValueError) as error:
        if isinstance(error, GameError):
            raise
        raise GameError(f"{where} returned {answer!r:.80}, a list of (probability, next state, rewards) was expected") from None
    chances = np.array([p for p, _, _ in triples])
    if not (chances >= 0).all() or abs(chances.sum() - 1.0) > 1e-8:
        raise GameError(f"{where} has probabilities {chances.tolist()}, numbers from 0 up that sum to 1 were expected")
    paid = [np.atleast_1d(numbers(rewards, f"the rewards of {where}")) for _, _, rewards in triples]
    wrong = next((reward for reward in paid if reward.shape != (len(joint),)), None)
    if wrong is not None:
        raise GameError(f"{where} pays {wrong.tolist()}, one number for each of {len(joint)} players was expected in each case")
    payoffs = np.einsum("k,k...->...", chances, np.array(paid))
    following: dict[Hashable, float] = {}
    for probability, state_after, _ in triples:
        if probability > 0:
            following[state_after] = following.get(state_after, 0.0) + probability
    return Outcome(payoffs, following)
