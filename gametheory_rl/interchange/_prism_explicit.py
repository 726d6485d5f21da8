"""PRISM-games' explicit files of concurrent stochastic games: ``.tra`` and, beside it, ``.lab .sta .srew .trew``. Read, not written.

``model.tra`` begins with ``S:N choices transitions`` and has a row ``state choice target probability [a_1,...,a_N]`` for each
transition; ``-`` stands for a player who idles, and is read as an action of that name. Beside it, where they are there:

``model.lab``
    Labels. The game starts at the states of ``init``, each as likely as the others; without it, at state 0. The others follow the
    states' numbers in their names where there is no ``.sta``; ``prism_labels`` returns all of them.
``model.sta``
    The states' names: the values of their variables, as in ``(0,2)``.
``model.srew``, ``model.trew``
    The rewards of states and of transitions, ``state reward`` and ``state choice target reward`` below a row of counts. Of several
    structures: ``model1.srew``, ``model1.trew``, ``model2.srew``, ..., as PRISM's ``-exportmodel`` names them.

A player's payoff of a choice is the reward of the state plus the expected reward of the transition. PRISM's structures belong to no
player, and its rewards have no discount: ``discount`` is a parameter, and so may be ``rewards``, a list with one structure for each
player, by number from 1 or by name. Without it there must be one structure for each player, in their order, or a single one in a game
of two, which player 1 receives and player 2 pays.

Source: PRISM manual, "Explicit model files"; PRISM-games 3, ``PrismExplicitExporter`` and its regression tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._games import Labels, StochasticGame, Successors
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._format import Format
from gametheory_rl.interchange._joint_rows import REMEDY, legal_masks
from gametheory_rl.interchange._numbered_rows import Rows
from gametheory_rl.interchange._prism_choices import Choices, read_choices
from gametheory_rl.interchange._prism_labels import labels_of, start_of, state_names
from gametheory_rl.interchange._prism_rewards import Structure, read_structures

SPARSE = 8
"""Where the table by names has so many times the entries of the table by places, actions lose their names."""
SMALL = 4_000_000
"""Entries that are always fine."""


def read(text: str, where: str, stem: str, parameters: Mapping[str, Any]) -> StochasticGame:
    """Return the game that PRISM's explicit files hold.

    Parameters
    ----------
    text : str
        Of the .tra file; its sisters are looked for beside ``where``.
    where, stem : str
        The file, and what the game is called.
    parameters : mapping
        ``discount``; ``rewards``, a list of structures, one for each player.

    Raises
    ------
    GameError
        With line and column: what was found, and what was expected. Also where there is no discount, or no reward.
    """
    if not set(parameters) <= {"discount", "rewards"}:
        raise GameError(f"{where}: the parameters it takes are discount and rewards, not {sorted(parameters)}")
    if "discount" not in parameters:
        raise GameError(f"{where} does not say the discount, for PRISM has none: give discount=... (-p discount=0.9)")
    rows = Rows(text, where)
    del text  # the rows let go of it after the last one
    choices = read_choices(rows)
    base = Path(where).with_suffix("")
    marks = labels_of(base, choices.num_states)
    start = start_of(marks, choices.num_states)
    names = state_names(base, choices.num_states, marks)
    structures = _chosen(read_structures(base, choices), parameters.get("rewards"), choices.num_players, where)
    payoff, successors, masks, labels = _tabled(choices, structures, names, where)
    del choices, structures  # they need not stand beside the game's copy of the tensors
    try:
        return StochasticGame(payoff, successors, parameters["discount"], start, masks, labels, name=stem)
    except GameError as error:
        raise GameError(f"cannot read {where}: {error}") from None


def refuse_to_write(game: StochasticGame, where: str) -> str:
    """Say what is written instead."""
    del game
    raise GameError(f"cannot write {where}: PRISM's explicit files are read here; write .prism, from which PRISM itself makes them")


def _tabled(
    choices: Choices, structures: list[Structure], names: tuple[str, ...], where: str
) -> tuple[np.ndarray, Successors, list[np.ndarray] | None, Labels]:
    """Return payoffs ``(n, S, A_1, ..., A_n)``, transitions, masks and labels."""
    places = [choices.state, *choices.actions]
    shape = (choices.num_states, *map(len, choices.names))
    masks = legal_masks(places, shape, where)
    labels = Labels((), names, choices.names)
    if masks is not None and prod(shape) > SMALL:
        tight = (shape[0], *(int(mask.sum(axis=1).max()) for mask in masks))
        if prod(shape) > SPARSE * prod(tight):
            for player, mask in enumerate(masks):
                places[1 + player] = (np.cumsum(mask, axis=1) - 1)[places[0], places[1 + player]]
            shape, labels = tight, Labels((), names, ())
            masks = legal_masks(places, shape, where)
    require_memory((3 + len(shape), prod(shape)), where, REMEDY)
    payoff, successors = _tensors(choices, structures, places, shape)
    return payoff.reshape(-1, *shape), successors, masks, labels


def _tensors(
    choices: Choices, structures: list[Structure], places: list[np.ndarray], shape: tuple[int, ...]
) -> tuple[np.ndarray, Successors]:
    """Return payoffs ``(n, S * A_1 * ... * A_n)`` and transitions; ``places`` are the choices' states and actions."""
    rows = places[0].astype(np.int64)
    for actions, menu in zip(places[1:], shape[1:], strict=True):
        rows *= menu
        rows += actions
    payoff = np.zeros((len(structures), prod(shape)))
    for player, structure in enumerate(structures):
        payoff[player, rows] = structure.sign * (structure.by_state[choices.state] + structure.by_choice) + 0.0  # no -0.0
    row_of = rows[choices.choice_of]
    offsets = np.zeros(prod(shape) + 1, np.int64)
    np.cumsum(np.bincount(row_of, minlength=prod(shape)), out=offsets[1:])
    target, probability = choices.target, choices.probability
    if (row_of[1:] < row_of[:-1]).any():  # the file counts the joint actions in another order
        order = np.argsort(row_of, kind="stable")
        target, probability = target[order], probability[order]
    return payoff, Successors(offsets, target, probability)


def _chosen(structures: list[Structure], wanted: Any, players: int, where: str) -> list[Structure]:
    """Return one structure for each player."""
    if not structures:
        raise GameError(f"{where} has no rewards: {Path(where).stem}.srew or {Path(where).stem}.trew was expected beside it")
    if wanted is None:
        if len(structures) == players:
            return structures
        if (len(structures), players) == (1, 2):
            return [structures[0], structures[0]._replace(sign=-1.0)]
        raise GameError(
            f"{where} has {len(structures)} reward structures for {players} players; "
            f"name one for each, as in rewards={list(range(1, players + 1))}"
        )
    if not isinstance(wanted, list | tuple) or len(wanted) != players:
        raise GameError(f"rewards is {wanted!r}, a list with one structure for each of {players} players was expected")
    known = {name: each for k, each in enumerate(structures) for name in (k + 1, str(k + 1), each.name) if name != ""}
    for name in wanted:
        if not isinstance(name, int | str) or isinstance(name, bool) or name not in known:
            there = ", ".join(each.name or str(k + 1) for k, each in enumerate(structures))
            raise GameError(f"rewards names {name!r}, and {where} has the structures {there}")
    return [known[name] for name in wanted]


FORMAT = Format(read, refuse_to_write)
