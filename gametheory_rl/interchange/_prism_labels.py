"""PRISM's ``.lab`` and ``.sta``: what holds at which states, and what they are called."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._files import read_text
from gametheory_rl._support._memory import require_memory
from gametheory_rl.interchange._numbered_rows import Rows, shown
from gametheory_rl.interchange._prism_choices import header

_LABEL = re.compile(r'(\d{1,9})="([^"]*)"', re.ASCII)


def prism_labels(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    r"""Return what PRISM's labels say of the states of an explicit model.

    A game has names of states, and no sets of them; these masks are what ``stochastic.reachability`` and its like take as a target.

    Parameters
    ----------
    path : path-like
        The ``.tra`` file; ``.lab`` is looked for beside it.

    Returns
    -------
    dict of str to ndarray, shape (S,), bool
        By the label's name, in the file's order, ``init`` and ``deadlock`` among them; empty where there is no ``.lab``.

    Raises
    ------
    GameError
        With line and column: what was found, and what was expected.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "coin.tra")
    ...     _ = path.write_text("2:1 2 3\n0 0 0 0.5 [toss]\n0 0 1 0.5 [toss]\n1 0 1 1 [toss]\n")
    ...     _ = path.with_suffix(".lab").write_text('0="init" 1="heads"\n0: 0\n1: 1\n')
    ...     gt.interchange.prism_labels(path)["heads"].tolist()
    [False, True]
    """
    if Path(path).suffix.lower() != ".tra":
        raise GameError(f"prism_labels was given {path}, a .tra file was expected, with its .lab beside it")
    num_states = header(Rows(read_text(path), str(path)))[0]
    return labels_of(Path(path).with_suffix(""), num_states) or {}


def labels_of(base: Path, num_states: int) -> dict[str, np.ndarray] | None:
    """Return one mask ``(S,)`` for each label of ``base.lab``, None where there is no such file."""
    found = _sister(base, ".lab")
    if found is None:
        return None
    rows = Rows(*found)
    head, _ = rows.first()
    names = dict(_LABEL.findall(head))
    if _LABEL.sub("", head).strip() or not names:
        rows.fail(0, 0, f'{shown(head)} was found, labels as in 0="init" 1="deadlock" were expected')
    require_memory((len(names), num_states), rows.where, "give fewer labels", item_bytes=1)
    masks = {name: np.zeros(num_states, np.bool_) for name in names.values()}
    of_number = {number: masks[name] for number, name in names.items()}
    for line in _lines(rows):
        state, _, text = line.partition(":")
        marks = text.split()
        if not re.fullmatch(r"\d{1,9}", state, re.ASCII) or int(state) >= num_states or not of_number.keys() >= set(marks):
            rows.fail(0, 0, f"{shown(line)} was found, a state from 0 to {num_states - 1}, a colon and labels were expected")
        for mark in marks:
            of_number[mark][int(state)] = True
    if "init" in masks and not masks["init"].any():
        raise GameError(f"cannot read {rows.where}: no state has the label init, at least one was expected")
    return masks


def start_of(labels: dict[str, np.ndarray] | None, num_states: int) -> np.ndarray:
    """Return ``(S,)``: the states of the label ``init``, equally likely; state 0 where nothing says so."""
    initial = (labels or {}).get("init")
    if initial is None:
        initial = np.arange(num_states) == 0
    return initial / np.count_nonzero(initial)


def state_names(base: Path, num_states: int, labels: dict[str, np.ndarray] | None) -> tuple[str, ...]:
    """Return the names in ``base.sta``; without it numbers followed by labels, none where no label but ``init`` holds anywhere."""
    found = _sister(base, ".sta")
    if found is None:
        held = {name: mask for name, mask in (labels or {}).items() if name != "init" and mask.any()}
        if not held:
            return ()
        return tuple(" ".join([str(s), *(name for name, mask in held.items() if mask[s])]) for s in range(num_states))
    rows = Rows(*found)
    head, _ = rows.first()
    if not re.fullmatch(r"\(.*\)", head):
        rows.fail(0, 0, f"{shown(head)} was found, the names of variables as in (x,y) were expected")
    names: list[str] = []
    for line in _lines(rows):
        number, _, name = line.partition(":")
        if number != str(len(names)) or not name or len(names) == num_states:
            rows.fail(0, 0, f"{shown(line)} was found, state {len(names)} of {num_states}, a colon and its name were expected")
        names.append(name.strip())
    if len(names) != num_states or len(set(names)) != num_states:
        raise GameError(f"cannot read {rows.where}: it has {len(set(names))} different states, {num_states} were expected")
    return tuple(names)


def _sister(base: Path, ending: str) -> tuple[str, str] | None:
    """Return the text of a file beside the .tra file, and its name; None where it is not there."""
    path = base.with_name(base.name + ending)
    return (read_text(path), str(path)) if path.is_file() else None


def _lines(rows: Rows) -> Iterator[str]:
    """Yield the other lines, one at a time."""
    while True:
        line, _ = rows.first()
        if not line:
            return
        yield line
