"""NetworkX: the transition graph, one edge for each joint action and next state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from gametheory_rl._games import Labels, StochasticGame, Successors
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._library import checked_game, library

EDGE_BYTES = 1_500
"""Memory that an edge takes with what it carries."""


def to_networkx(game: StochasticGame) -> Any:
    """Return the game's transition graph.

    Parameters
    ----------
    game : StochasticGame

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are states, 0 to S - 1, with ``label``, ``start`` (its probability), ``terminal`` and ``legal`` (a tuple of actions per
        player). Edges ``(state, next_state)`` have the joint action as their key and ``actions``, ``probability`` and ``payoff`` (a tuple).
        The graph has ``name``, ``discount``, ``num_actions`` and ``labels``. The board stays behind.

    Raises
    ------
    GameError
        Too many transitions for the memory, or NetworkX is missing.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> import networkx as nx
    >>> graph = gt.interchange.to_networkx(gt.load_game("soccer"))
    >>> graph.number_of_nodes(), graph.number_of_edges(), nx.is_strongly_connected(graph)
    (760, 20368, True)
    """
    networkx = library("networkx")
    game = checked_game(game)
    require_memory((len(game.successors.states),), "the transition graph", "keep the game as tensors", item_bytes=EDGE_BYTES)
    about = {"discount": tuple(game.discount.tolist()), "num_actions": game.num_actions, "labels": game.labels}
    graph = networkx.MultiDiGraph(name=game.name, **about)
    for state in range(game.num_states):
        legal = tuple(tuple(np.flatnonzero(mask[state]).tolist()) for mask in game.legal)
        place = {"start": float(game.start[state]), "terminal": bool(game.terminal[state]), "legal": legal}
        graph.add_node(state, label=game.labels.state(state), **place)
    graph.add_edges_from(_edges(game))
    return graph


def _edges(game: StochasticGame) -> Iterator[tuple[int, int, tuple[int, ...], dict[str, Any]]]:
    offsets, states, probabilities = game.successors
    payoffs = game.payoff.reshape(game.num_players, -1)
    for row in np.flatnonzero(np.diff(offsets)).tolist():
        state, *actions = map(int, np.unravel_index(row, (game.num_states, *game.num_actions)))
        joint, payoff = tuple(actions), tuple(payoffs[:, row].tolist())
        for k in range(offsets[row], offsets[row + 1]):
            yield state, int(states[k]), joint, {"actions": joint, "probability": float(probabilities[k]), "payoff": payoff}


def from_networkx(graph: Any) -> StochasticGame:
    """Return the game of a transition graph as ``to_networkx`` makes it.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Nodes in the order of the states; the attributes ``discount`` and ``num_actions`` of the graph, ``actions``, ``probability`` and
        ``payoff`` of edges are needed; ``start``, ``legal`` and ``label`` of nodes, ``name`` and ``labels`` of the graph may be missing.
        Where the graph's ``labels`` name the states and all nodes have a ``label``, that of the node is its state's name.

    Raises
    ------
    GameError
        Missing attributes, two payoffs of one joint action, and whatever ``StochasticGame`` refuses.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> gt.interchange.from_networkx(gt.interchange.to_networkx(gt.load_game("soccer")))
    StochasticGame('soccer', 2 players, 760 states, 5 x 5 actions, discount 0.9, zero-sum, sparse)
    """
    about = getattr(graph, "graph", {})
    if not {"discount", "num_actions"} <= set(about):
        raise GameError("graph has no attributes discount and num_actions, a graph as of to_networkx was expected")
    number = {node: k for k, node in enumerate(graph.nodes)}
    sizes = _sizes(about["num_actions"])
    shape = (len(number), *sizes)
    require_memory((len(sizes), *shape), "the payoff tensor", "use a smaller graph")
    payoff = np.zeros((len(sizes), *shape))
    taken = np.zeros(shape, dtype=bool)
    rows, states, probabilities = [], [], []
    try:
        for state, following, edge in graph.edges(data=True):
            at = (number[state], *map(int, edge["actions"]))
            if len(at) != len(shape) or not all(0 <= k < size for k, size in zip(at, shape, strict=True)):
                raise GameError(
                    f"an edge of state {state!r:.40} has actions {edge['actions']!r:.40}, one of each menu of {sizes} was expected"
                )
            if len(edge["payoff"]) != len(sizes):
                raise GameError(f"an edge of state {state!r:.40} has payoff {edge['payoff']!r:.40}, {len(sizes)} numbers were expected")
            if taken[at] and (payoff[(slice(None), *at)] != edge["payoff"]).any():
                raise GameError(f"edges of state {state!r}, actions {edge['actions']} carry two payoffs, one was expected")
            payoff[(slice(None), *at)], taken[at] = edge["payoff"], True
            rows.append(int(np.ravel_multi_index(at, shape)))
            states.append(number[following])
            probabilities.append(float(edge["probability"]))
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise GameError(f"an edge of the graph lacks or spoils actions, probability or payoff ({error!r:.80})") from None
    order = np.argsort(rows, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(np.array(rows, np.int64), minlength=int(np.prod(shape))))])
    successors = Successors(offsets, np.array(states, np.int64)[order], np.array(probabilities)[order])
    start = [node.get("start") for _, node in graph.nodes(data=True)]
    return StochasticGame(
        payoff,
        successors,
        about["discount"],
        None if any(p is None for p in start) else start,
        _legal(graph, shape),
        _labels(graph, about.get("labels", Labels())),
        name=str(about.get("name", "")),
    )


def _legal(graph: Any, shape: tuple[int, ...]) -> list[np.ndarray] | None:
    given = [node.get("legal") for _, node in graph.nodes(data=True)]
    if any(legal is None for legal in given):
        return None
    masks = [np.zeros((shape[0], count), dtype=bool) for count in shape[1:]]
    for state, legal in enumerate(given):
        try:
            for mask, own in zip(masks, legal, strict=True):
                mask[state, list(own)] = True
        except (TypeError, ValueError, IndexError):
            raise GameError(
                f"node {state} has legal {legal!r:.60}, one tuple of actions for each of {len(masks)} players was expected"
            ) from None
    return masks


def _sizes(given: Any) -> tuple[int, ...]:
    try:
        return tuple(int(count) for count in given)
    except (TypeError, ValueError):
        raise GameError(f"num_actions of the graph is {given!r:.60}, one number for each player was expected") from None


def _labels(graph: Any, labels: Any) -> Any:
    """Return the graph's labels, states named by their nodes: nodes may have been added again in another order."""
    named = [node.get("label") for _, node in graph.nodes(data=True)]
    if not isinstance(labels, Labels) or not labels.states or not all(isinstance(name, str) for name in named):
        return labels
    return replace(labels, states=tuple(named))
