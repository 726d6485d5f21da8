"""PRISM's language: a game written as a concurrent stochastic game (``csg``), for PRISM-games 3. Written, not read.

One module ``world`` holds the state and belongs to nobody: its commands say where a joint action leads. Each player has a module
without variables that says which actions are legal where, and a reward structure ``payoff_i``. Numbers are written in the fewest
digits that read back as the same float64.

PRISM's rewards know no discount. A common discount below 1 becomes the chance that play goes on: with probability ``1 - discount``
each move ends in one more state, ``s = S``, where nothing is paid, so that the total reward before the label "over" is the discounted
payoff, exactly (Shapley 1953: stop probabilities and discounts are the same thing). Tensors can be read off the file: ``discount`` is a
constant, and probabilities stand beside it. A discount of 1 is written as it is, without that state.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import TEXT_LIMIT
from gametheory_rl.interchange._format import Format

CHARACTERS = 60
"""Of a command, about, and of each of its targets and rewards."""


def write(game: StochasticGame, where: str) -> str:
    """Return ``game`` in PRISM's language.

    Raises
    ------
    GameError
        Players with different discounts, which one stop probability cannot stand for; more than fits in a text file.
    """
    if (game.discount != game.discount[0]).any():
        raise GameError(
            f"cannot write {where}: the discounts are {game.discount.tolist()}, and the players of a PRISM game stop together; use .json"
        )
    entries = len(game.successors.states) + game.payoff.size
    if entries * CHARACTERS > TEXT_LIMIT:
        raise GameError(f"cannot write {where}: {entries} numbers are too many for a text file; use the ending .npz")
    discount = float(game.discount[0])
    actions = [_names(game, player) for player in range(game.num_players)]
    lines = [
        *_about(game, discount),
        "csg",
        "",
        *(f"player p{i + 1} menu_{i + 1} endplayer" for i in range(game.num_players)),
        "",
        *([f"const double discount = {discount!r};", ""] if discount < 1 else []),
        *_world(game, actions, discount),
        *(line for player in range(game.num_players) for line in _menu(game, actions[player], player)),
        *(line for player in range(game.num_players) for line in _rewards(game, actions, player)),
        *([f'label "over" = s={game.num_states};', ""] if discount < 1 else []),
        *_start(game),
    ]
    return "\n".join(lines)


def refuse_to_read(text: str, where: str, stem: str, parameters: Mapping[str, Any]) -> NoReturn:
    """Say what is read instead."""
    del text, stem, parameters
    raise GameError(
        f"cannot read {where}: PRISM's language is written here; let PRISM build the model (-exportmodel model.all) and read model.tra"
    )


def _about(game: StochasticGame, discount: float) -> Iterator[str]:
    """Yield comments: what the game is, and what the names stand for; JSON keeps names on their line."""
    yield f"// {json.dumps(game.name)}: written by gametheory_rl for PRISM-games 3."
    if discount < 1:
        yield '// The discount is the chance to go on: the payoff of player i is R{"payoff_i"} until "over".'
    if len(np.flatnonzero(game.start)) > 1:
        yield f"// PRISM has a set of initial states; the start distribution is {json.dumps(game.start.tolist())}."
    for player, name in enumerate(game.labels.players):
        yield f"// p{player + 1} is {json.dumps(name)}"
    for state, name in enumerate(game.labels.states):
        yield f"// s={state} is {json.dumps(name)}"


def _names(game: StochasticGame, player: int) -> list[str]:
    """Return identifiers of a player's actions: PRISM's are letters, digits and underscores, and belong to one player."""
    if not game.labels.actions:
        return [f"p{player + 1}_{action}" for action in range(game.num_actions[player])]
    plain = [re.sub(r"[^A-Za-z0-9]", "_", name)[:40] for name in game.labels.actions[player]]
    if len(set(plain)) < len(plain):
        plain = [f"{action}_{name}" for action, name in enumerate(plain)]
    return [f"p{player + 1}_{name}" for name in plain]


def _moves(game: StochasticGame, actions: list[list[str]]) -> Iterator[tuple[int, int, str]]:
    """Yield the row, the state and the joint action in brackets, of all legal joint actions."""
    for row in np.flatnonzero(np.diff(game.successors.offsets)).tolist():
        state, *chosen = np.unravel_index(row, (game.num_states, *game.num_actions))
        yield row, int(state), "[" + ",".join(actions[i][int(a)] for i, a in enumerate(chosen)) + "]"


def _world(game: StochasticGame, actions: list[list[str]], discount: float) -> Iterator[str]:
    offsets, states, probabilities = game.successors
    last = game.num_states if discount < 1 else max(1, game.num_states - 1)
    starts = np.flatnonzero(game.start)
    yield "module world"
    yield f"  s : [0..{last}]{f' init {starts[0]}' if len(starts) == 1 else ''};"
    for row, state, joint in _moves(game, actions):
        parts = []
        for k in range(offsets[row], offsets[row + 1]):
            factor = "discount*" if 0 < discount < 1 else ""
            parts.append(f"{factor}{float(probabilities[k])!r} : (s'={states[k]})")
        if discount == 0:
            # Nothing is lost on the way to the end, so that the probabilities are no longer needed; they stay, as a comment.
            yield f"  {joint} s={state} -> (s'={last}); // {' + '.join(parts)}"
            continue
        if discount < 1:
            parts.append(f"1-discount : (s'={last})")
        yield f"  {joint} s={state} -> {' + '.join(parts)};"
    if discount < 1:
        yield f"  [{','.join(names[0] for names in actions)}] s={last} -> true;"
    yield "endmodule"
    yield ""


def _menu(game: StochasticGame, names: list[str], player: int) -> Iterator[str]:
    """Yield a player's module: which actions are legal where."""
    mask, end = game.legal[player], game.num_states
    over = game.discount[0] < 1
    yield f"module menu_{player + 1}"
    for action, name in enumerate(names):
        states = np.flatnonzero(mask[:, action]).tolist()
        guard = _guard(states, end)
        if over:
            guard = guard if guard != "true" else f"s<{end}"
            if action == 0:
                guard = "true" if len(states) == end else f"{guard}|s={end}" if states else f"s={end}"
        elif not states:
            continue
        if states or (over and action == 0):
            yield f"  [{name}] {guard} -> true;"
    yield "endmodule"
    yield ""


def _guard(states: list[int], count: int) -> str:
    """Return a condition that holds in ``states`` alone, as ranges."""
    if len(states) == count:
        return "true"
    ranges: list[list[int]] = []
    for state in states:
        if ranges and ranges[-1][1] == state - 1:
            ranges[-1][1] = state
        else:
            ranges.append([state, state])
    return "|".join(f"s={low}" if low == high else f"(s>={low}&s<={high})" for low, high in ranges)


def _rewards(game: StochasticGame, actions: list[list[str]], player: int) -> Iterator[str]:
    payoff = game.payoff[player].ravel()
    yield f'rewards "payoff_{player + 1}"'
    for row, state, joint in _moves(game, actions):
        if payoff[row]:
            yield f"  {joint} s={state} : {float(payoff[row])!r};"
    yield "endrewards"
    yield ""


def _start(game: StochasticGame) -> Iterator[str]:
    states = np.flatnonzero(game.start).tolist()
    if len(states) > 1:
        yield f"init {_guard(states, game.num_states + 1)} endinit"
        yield ""


FORMAT = Format(refuse_to_read, write)
