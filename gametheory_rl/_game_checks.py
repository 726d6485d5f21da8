"""The door of a game: every check that StochasticGame makes, and the errors that name player, state and action."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Offsets, states and probabilities: compressed sparse rows, see ``Successors``."""

ROW_SUM_TOLERANCE = 1e-8
"""How far a transition row may be from 1 before it is refused; closer rows are rescaled."""

LOOK_FROM = 1 << 20
"""Arrays of fewer numbers are copied without a look at the free memory, which takes longer than the copy."""


def freeze(array: np.ndarray) -> np.ndarray:
    """Return ``array`` made read-only."""
    array.setflags(write=False)
    return array


def numbers(value: Any, what: str) -> np.ndarray:
    """Return ``value`` as a float64 array of its own; text, complex numbers and ragged lists are refused."""
    try:
        given = np.asarray(value)
        if given.size > LOOK_FROM:
            require_memory(given.shape, what, "give a smaller one")
        if given.dtype.kind in "fiubO":  # O: Fractions and the like
            return np.array(given, dtype=np.float64, order="C")
    except GameError:
        raise
    except (TypeError, ValueError, OverflowError):
        pass
    raise GameError(f"{what} is not an array of real numbers (text, complex numbers and ragged lists are not)")


def whole_numbers(value: Any, what: str) -> np.ndarray:
    """Return ``value`` as an int64 array of its own."""
    if isinstance(value, np.ndarray) and value.dtype in (np.int32, np.int64):
        return value.astype(np.int64)
    if getattr(value, "dtype", np.dtype(float)).kind in "iu":
        return np.array(value, dtype=np.int64)
    floats = numbers(value, what)
    if not (np.isfinite(floats) & (floats == np.floor(floats)) & (np.abs(floats) < 2**53)).all():
        raise GameError(f"{what} are not whole numbers")
    return floats.astype(np.int64)


def payoff_array(payoff: Any) -> np.ndarray:
    """Return the payoff tensor with its shape checked."""
    payoff = numbers(payoff, "payoff")
    if payoff.ndim < 3:
        raise GameError(f"payoff has shape {payoff.shape}, (players, states, actions of player 1, ...) was expected")
    if payoff.ndim - 2 != payoff.shape[0]:
        raise GameError(
            f"payoff has shape {payoff.shape}: {payoff.shape[0]} players need {payoff.shape[0]} action axes, {payoff.ndim - 2} were given"
        )
    if 0 in payoff.shape:
        raise GameError(f"payoff has shape {payoff.shape}: at least one player, state and action each are needed")
    return payoff


def legal_masks(legal: Sequence[Any] | None, num_states: int, num_actions: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return one frozen ``(S, A_i)`` mask per player."""
    if legal is None:
        return tuple(freeze(np.ones((num_states, a), dtype=bool)) for a in num_actions)
    if not isinstance(legal, Sequence | np.ndarray) or (isinstance(legal, np.ndarray) and legal.ndim < 3):
        raise GameError("legal is not a sequence with one (states, actions) mask per player, as was expected")
    if len(legal) != len(num_actions):
        raise GameError(f"legal has {len(legal)} masks, one for each of {len(num_actions)} players was expected")
    masks = []
    for player, (given, count) in enumerate(zip(legal, num_actions, strict=True)):
        mask = numbers(given, f"legal[{player}]")
        if mask.shape != (num_states, count):
            raise GameError(f"legal[{player}] has shape {mask.shape}, {(num_states, count)} was expected")
        if not np.isin(mask, (0, 1)).all():
            raise GameError(f"legal[{player}] holds values other than True and False")
        mask = mask.astype(bool)
        if not mask.any(axis=1).all():
            state = int(np.flatnonzero(~mask.any(axis=1))[0])
            raise GameError(f"player {player} has no legal action in state {state}, at least one is needed")
        masks.append(freeze(mask))
    return tuple(masks)


def joint_legal(masks: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return ``(S, A_1, ..., A_n)`` bool: every player's action is legal."""
    n = len(masks)
    shaped = (mask.reshape(len(mask), *(mask.shape[1] if i == j else 1 for j in range(n))) for i, mask in enumerate(masks))
    return functools.reduce(np.logical_and, shaped)


def checked_payoff(payoff: np.ndarray, joint: np.ndarray, labels: Any) -> np.ndarray:
    """Return payoffs with illegal entries zeroed, all legal ones finite."""
    payoff[:, ~joint] = 0.0
    if not np.isfinite(payoff).all():
        player, state, *actions = (int(i) for i in np.argwhere(~np.isfinite(payoff))[0])
        found = payoff[(player, state, *actions)]
        raise GameError(f"payoff of {_place(labels, state, actions, player)} is {found}, a finite number was expected")
    return payoff


def _one_line(name: str) -> str:
    """Return a label as an error may show it: a file's labels may hold line breaks."""
    return name if name.isprintable() else name.encode("unicode_escape").decode()


def _place(labels: Any, state: int, actions: Sequence[int], player: int | None = None) -> str:
    who = f"player {player}, " if player is not None else ""
    named = f" ({_one_line(labels.states[state])})" if labels.states else ""
    acts = ", ".join(f"{a} ({_one_line(labels.actions[i][a])})" if labels.actions else str(a) for i, a in enumerate(actions))
    return f"{who}state {state}{named}, joint action ({acts})"


def checked_discount(discount: Any, num_players: int) -> np.ndarray:
    """Return ``(n,)`` discounts in [0, 1]."""
    given = numbers(discount, "discount")
    if given.shape not in ((), (num_players,)):
        raise GameError(f"discount has shape {given.shape}, one number or {num_players} (one per player) were expected")
    discounts = np.broadcast_to(given, (num_players,)).copy()
    if not ((discounts >= 0) & (discounts <= 1)).all():
        raise GameError(f"discount is {given.tolist()}, numbers in [0, 1] were expected")
    return discounts


def checked_transition(transition: Any, joint: np.ndarray, labels: Any, form: type) -> tuple[np.ndarray | None, Any]:
    """Return ``(dense, None)`` or ``(None, successor lists)``: legal rows sum to 1, illegal rows are empty."""
    if isinstance(transition, form):
        return None, _checked_rows(transition, joint, labels)
    if hasattr(transition, "tocsr"):
        return None, _checked_rows(_from_scipy(transition, joint), joint, labels)
    shape = (*joint.shape, joint.shape[0])
    require_memory(shape, "the dense transition", "give it as a scipy sparse array")
    dense = numbers(transition, "transition")
    if dense.shape != shape:
        raise GameError(f"transition has shape {dense.shape}, {shape} was expected to go with the payoffs")
    dense[~joint] = 0.0
    rows = dense.reshape(-1, shape[-1])
    _refuse(~np.all(np.isfinite(rows), axis=1), joint, labels, "holds NaN or infinity, probabilities were expected")
    _refuse(np.any(rows < 0, axis=1), joint, labels, "holds a negative number, probabilities were expected")
    _rescale(rows.sum(axis=1), rows, np.arange(len(rows)), joint, labels)
    return dense, None


def _rescale(sums: np.ndarray, values: np.ndarray, row_of: np.ndarray, joint: np.ndarray, labels: Any) -> None:
    """Refuse rows whose sum is not 1 and rescale, in place, those that are off by more than rounding."""
    legal = joint.ravel()
    off = legal & (np.abs(sums - 1.0) > ROW_SUM_TOLERANCE)
    if off.any():
        row = int(np.flatnonzero(off)[0])
        _refuse(off, joint, labels, f"sums to {sums[row]:.12g}, 1 was expected")
    if (legal & (np.abs(sums - 1.0) > _rounding(joint))).any():
        scale = np.where(legal & (sums > 0), sums, 1.0)[row_of]
        values /= scale[:, np.newaxis] if values.ndim == 2 else scale


def _rounding(joint: np.ndarray) -> float:
    """Return how far the sum of a row is off 1 by rounding alone."""
    return 4 * float(np.finfo(float).eps) * max(1.0, float(joint.shape[0]) ** 0.5)


def _refuse(bad: np.ndarray, joint: np.ndarray, labels: Any, complaint: str) -> None:
    if bad.any():
        state, *actions = (int(i) for i in np.unravel_index(int(np.flatnonzero(bad)[0]), joint.shape))
        raise GameError(f"the transition row of {_place(labels, state, actions)} {complaint}")


def _from_scipy(matrix: Any, joint: np.ndarray) -> Rows:
    from scipy.sparse import csr_array

    shape = (joint.size, joint.shape[0])
    if tuple(matrix.shape) != shape:
        raise GameError(f"transition has shape {tuple(matrix.shape)}, {shape} (states * joint actions, states) was expected")
    if matrix.dtype.kind not in "fiub":
        raise GameError(f"transition holds {matrix.dtype}, real numbers were expected")
    csr = csr_array(matrix, dtype=np.float64, copy=True)
    return csr.indptr, csr.indices, csr.data


def _checked_rows(rows: Any, joint: np.ndarray, labels: Any) -> Rows:
    offsets = whole_numbers(rows[0], "the successor offsets")
    states = whole_numbers(rows[1], "the successor states")
    probabilities = numbers(rows[2], "the successor probabilities")
    num_states = joint.shape[0]
    if offsets.shape != (joint.size + 1,) or offsets[0] != 0 or (np.diff(offsets) < 0).any():
        raise GameError(f"successor offsets of shape {offsets.shape} must rise from 0 and number {joint.size + 1}")
    if states.shape != (offsets[-1],) or probabilities.shape != states.shape:
        raise GameError(
            f"successor lists hold {states.shape} states and {probabilities.shape} probabilities, {offsets[-1]} of each were expected"
        )
    if states.size and not 0 <= states.min() <= states.max() < num_states:
        raise GameError(f"a successor is state {states.max() if states.min() >= 0 else states.min()}, 0 to {num_states - 1} was expected")
    if _is_canonical(offsets, states, probabilities, joint):
        return offsets, states.astype(np.int32), probabilities
    row_of = np.repeat(np.arange(joint.size), np.diff(offsets))
    row_bad = np.bincount(row_of, ~np.isfinite(probabilities), joint.size) > 0
    legal = joint.ravel()
    _refuse(row_bad & legal, joint, labels, "holds NaN or infinity, probabilities were expected")
    kept = legal[row_of] & (probabilities != 0)
    return _canonical(row_of[kept], states[kept], probabilities[kept], joint, labels)


def _is_canonical(offsets: np.ndarray, states: np.ndarray, values: np.ndarray, joint: np.ndarray) -> bool:
    """Whether the lists need no work: builders of millions of rows hand them over sorted, and sorting takes thrice the memory."""
    legal = joint.ravel()
    if ((np.diff(offsets) > 0) != legal).any() or not (values > 0).all():
        return False
    ascends = states[1:] > states[:-1]
    starts = offsets[:-1][legal]
    ascends[starts[1:] - 1] = True
    return bool(ascends.all() and (np.abs(np.add.reduceat(values, starts) - 1.0) <= _rounding(joint)).all())


def _canonical(row_of: np.ndarray, states: np.ndarray, values: np.ndarray, joint: np.ndarray, labels: Any) -> Rows:
    """Sort, sum duplicates, check and rescale."""
    key = row_of * joint.shape[0] + states
    if (np.diff(key) <= 0).any():
        key, where = np.unique(key, return_inverse=True)
        values = np.bincount(where, values, len(key))
        row_of, states = np.divmod(key, joint.shape[0])
    _refuse(np.bincount(row_of, values < 0, joint.size) > 0, joint, labels, "holds a negative number, probabilities were expected")
    _rescale(np.bincount(row_of, values, joint.size), values, row_of, joint, labels)
    offsets = np.zeros(joint.size + 1, dtype=np.int64)
    np.cumsum(np.bincount(row_of, minlength=joint.size), out=offsets[1:])
    return offsets, states.astype(np.int32), values


def successors_of_dense(transition: Any) -> Rows:
    """Return a dense transition as successor lists."""
    rows = transition.reshape(-1, transition.shape[-1])
    row_of, states = np.nonzero(rows)
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(np.bincount(row_of, minlength=len(rows)), out=offsets[1:])
    return offsets, states.astype(np.int32), rows[row_of, states]


def checked_start(start: Any, terminal: np.ndarray) -> np.ndarray:
    """Return the ``(S,)`` distribution of the first state."""
    if start is None:
        weights = np.where(terminal, 0.0, 1.0) if not terminal.all() else np.ones(len(terminal))
        return weights / weights.sum()
    start = numbers(start, "start")
    if start.shape != terminal.shape:
        raise GameError(f"start has shape {start.shape}, {terminal.shape} (one probability per state) was expected")
    if not np.isfinite(start).all() or (start < 0).any() or abs(start.sum() - 1.0) > ROW_SUM_TOLERANCE:
        raise GameError(f"start sums to {start.sum():.12g} (smallest entry {start.min():.6g}), a probability distribution was expected")
    return start / start.sum() if abs(start.sum() - 1.0) > 1e-14 else start


def checked_labels(labels: Any, num_players: int, num_states: int, num_actions: tuple[int, ...], form: Any) -> Any:
    """Return ``Labels`` whose lengths fit the game."""
    if labels is None:
        return form()
    if not isinstance(labels, form):
        if not isinstance(labels, Mapping) or not set(labels) <= {"players", "states", "actions"}:
            raise GameError("labels must be a mapping with some of the keys players, states, actions")
        labels = _labels_of(labels, num_players, form)
    wanted = {"players": num_players, "states": num_states, "actions": num_players}
    for key, count in wanted.items():
        if len(getattr(labels, key)) not in (0, count):
            raise GameError(f"labels name {len(getattr(labels, key))} {key}, {count} were expected")
    for player, names in enumerate(labels.actions):
        if len(names) != num_actions[player]:
            raise GameError(f"labels name {len(names)} actions of player {player}, {num_actions[player]} were expected")
    return labels


def _labels_of(given: Mapping[str, Any], num_players: int, form: Any) -> Any:
    try:
        actions = list(given.get("actions", ()))
        if actions and isinstance(actions[0], str):
            actions = [actions] * num_players
        named = {key: tuple(str(x) for x in given.get(key, ())) for key in ("players", "states")}
        return form(**named, actions=tuple(tuple(str(a) for a in names) for names in actions))
    except TypeError:
        raise GameError("labels must hold lists of names: players, states, and actions (one list, or one per player)") from None


def checked_board(board: Any, num_players: int, num_states: int) -> Any:
    """Return ``board`` with its arrays' shapes checked."""
    if board is None:
        return None
    if not isinstance(getattr(board, "positions", None), np.ndarray):
        raise GameError(f"board is {board!r}, a Board was expected")
    if board.positions.shape != (num_players, num_states, 2):
        raise GameError(f"board.positions has shape {board.positions.shape}, {(num_players, num_states, 2)} was expected")
    if board.holder is not None and board.holder.shape != (num_states,):
        raise GameError(f"board.holder has shape {board.holder.shape}, {(num_states,)} was expected")
    return board


def checked_index(index: Any, count: int, what: str) -> int:
    """Return ``index`` as an int in ``[0, count)``."""
    if isinstance(index, bool | np.bool_):
        raise GameError(f"{what} is {index!r}, an integer was expected")
    try:
        number = int(index)
        exact = number == index
    except (TypeError, ValueError, OverflowError):
        raise GameError(f"{what} is {index!r}, an integer was expected") from None
    if not exact or not 0 <= number < count:
        raise GameError(f"{what} is {index!r}, an integer from 0 to {count - 1} was expected")
    return number


def checked_values(values: Any, num_players: int, num_states: int, what: str = "values") -> np.ndarray:
    """Return continuation values ``(n, S)``."""
    values = numbers(values, what)
    if values.shape != (num_players, num_states):
        raise GameError(f"{what} have shape {values.shape}, {(num_players, num_states)} was expected")
    return values


def checked_weights(weights: Any, num_players: int) -> np.ndarray:
    """Return ``(n,)`` finite weights; None: the mean."""
    if weights is None:
        return np.full(num_players, 1.0 / num_players)
    weights = numbers(weights, "weights")
    if weights.shape != (num_players,) or not np.isfinite(weights).all():
        raise GameError(f"weights are {weights.tolist()}, {num_players} finite numbers were expected")
    return weights


def checked_profile(game: Any, profile: Any) -> tuple[np.ndarray, ...] | np.ndarray:
    """Return a profile as float64: a tuple of ``(S, A_i)`` arrays, or one correlated ``(S, A_1, ..., A_n)`` array.

    Rows must be distributions over legal actions: non-negative, summing to 1 within ``1e-8``.
    """
    if isinstance(profile, tuple | list):
        if len(profile) != game.num_players:
            raise GameError(f"the profile has {len(profile)} players' policies, {game.num_players} were expected")
        shapes = [(game.num_states, a) for a in game.num_actions]
        named = zip(profile, shapes, game.legal, strict=True)
        return tuple(_checked_policy(p, s, m, f"the policy of player {i}") for i, (p, s, m) in enumerate(named))
    shape = (game.num_states, *game.num_actions)
    return _checked_policy(profile, shape, joint_legal(game.legal), "the correlated profile")


def _checked_policy(policy: Any, shape: tuple[int, ...], mask: np.ndarray, what: str) -> np.ndarray:
    policy = numbers(policy, what)
    if policy.shape != shape:
        raise GameError(f"{what} has shape {policy.shape}, {shape} was expected")
    flat, legal = policy.reshape(shape[0], prod(shape[1:])), mask.reshape(shape[0], -1)
    bad = ~np.isfinite(flat).all(axis=1) | (flat < -ROW_SUM_TOLERANCE).any(axis=1)
    bad |= np.abs(flat.sum(axis=1) - 1.0) > ROW_SUM_TOLERANCE
    if bad.any():
        raise GameError(f"{what} in state {int(np.flatnonzero(bad)[0])} is not a probability distribution (sum 1, none negative)")
    stray = (np.where(legal, 0.0, flat) > ROW_SUM_TOLERANCE).any(axis=1)
    if stray.any():
        raise GameError(f"{what} plays an illegal action in state {int(np.flatnonzero(stray)[0])}")
    flat = np.where(legal, np.maximum(flat, 0.0), 0.0)
    return (flat / flat.sum(axis=1, keepdims=True)).reshape(shape)


def checked_integer(value: Any, what: str, low: int, high: int | None) -> int:
    """Return ``value`` as an integer within its bounds, or say which argument is out of them."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low or (high is not None and value > high):
        upper = "" if high is None else f" and at most {high}"
        raise GameError(f"{what} is {value!r}, an integer of at least {low}{upper} was expected")
    return int(value)
