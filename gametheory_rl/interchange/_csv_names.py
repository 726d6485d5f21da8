"""Names of states and actions in a long table: cells become numbers, in the order in which they are met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._columns import Column

LONGEST = 60
"""Characters of a name, or of what was found in its place, that a message repeats."""
POWERS = 10 ** np.arange(1, 19)


class Names:
    """Names of states, or of one player's actions, in their order; plain numbers are no names.

    Blanks around them count where line 1 lists the names, and are no part of them where it does not.

    As long as all of them are plain numbers they are kept as such: a million states would take 200 MB as names.

    Parameters
    ----------
    given
        What line 1 says: a count, a list of names, or None.
    what, where : str
        Of what they are names, and the file, for messages.
    most : int
        Larger counts are refused, and larger numbers kept as names.
    """

    def __init__(self, given: Any, what: str, where: str, most: int) -> None:
        self.what, self.most = what, most
        if isinstance(given, int) and given > most:
            # A count costs a few characters and a name each: only as many as rows may have them.
            raise GameError(f"cannot read {where}, line 1: {what} is {given}, and the table has fewer rows")
        count = given if isinstance(given, int) and not isinstance(given, bool) and given > 0 else 0
        if given is not None and not count and not (isinstance(given, list) and all(isinstance(name, str) for name in given)):
            raise GameError(f"cannot read {where}, line 1: {what} is {given!r:.60}, a count or a list of names was expected")
        if isinstance(given, list) and len(set(given)) < len(given):
            twice = Counter(given).most_common(1)[0][0]
            raise GameError(f"cannot read {where}, line 1: {what} names {twice[:24]!r} twice, different names were expected")
        self.numbered = given is None or count > 0
        self.closed = given is not None
        self.met = Column("i")
        """Plain numbers in the order of ``place``."""
        self.place: np.ndarray | None = np.full(0, -1, np.int32) if self.numbered else None
        """``[numbers]`` which number a cell becomes that is a plain number, -1: none as yet; None: ``index`` says so, of names."""
        self.index: dict[str, int] = {name: k for k, name in enumerate(given if isinstance(given, list) else ())}
        if count:
            self._meet(np.arange(count))

    def of(self, cells: Sequence[str]) -> np.ndarray:
        """Return the number of each cell, ``(len(cells),)``; new names get the next one, or are a ``KeyError``."""
        if self.place is not None:
            plain = _plain(cells)
            if plain is not None and plain.max() < self.most:
                return self._placed(plain, cells)
            self._name()
        index = self.index
        if not self.closed:
            cells = [cell.strip() for cell in cells]  # as people type them: a, b
            for cell in dict.fromkeys(cells):
                index.setdefault(cell, len(index))
        return np.array([index[cell] for cell in cells], np.int32)

    def settle(self) -> tuple[np.ndarray | None, int, tuple[str, ...]]:
        """Return where each number goes (None: it stays), how many there are, and the names; nothing is kept.

        Where all are numbers from 0 up those are the order, and there are no names.
        """
        if self.place is None:
            names, self.index = tuple(self.index), {}
            if not self.numbered or set(names) != set(map(str, range(len(names)))):
                return None, len(names), names
            order = np.array(list(map(int, names)), np.int32)
        else:
            order, self.place = self.met.taken(), None
            if order.max(initial=-1) >= len(order):
                return None, len(order), tuple(map(str, order.tolist()))
        return None if (order[1:] > order[:-1]).all() else order, len(order), ()

    def _placed(self, plain: np.ndarray, cells: Sequence[str]) -> np.ndarray:
        """Return the numbers of plain numbers."""
        assert self.place is not None
        unknown = plain >= len(self.place)
        unknown[~unknown] = self.place[plain[~unknown]] < 0
        if unknown.any():
            if self.closed:
                raise KeyError(cells[int(np.flatnonzero(unknown)[0])])
            fresh, first = np.unique(plain[unknown], return_index=True)
            self._meet(fresh[np.argsort(first)])
        return self.place[plain]

    def _meet(self, fresh: np.ndarray) -> None:
        """Give plain numbers that were not met before the next places."""
        assert self.place is not None
        needed = int(fresh.max()) + 1
        if needed > len(self.place):
            grown = np.full(min(self.most, max(needed, 2 * len(self.place))), -1, np.int32)
            grown[: len(self.place)] = self.place
            self.place = grown
        self.place[fresh] = np.arange(len(self.met), len(self.met) + len(fresh))
        self.met.add(fresh)

    def _name(self) -> None:
        """From here on plain numbers are names as others."""
        self.index = {str(number): place for place, number in enumerate(self.met.taken().tolist())}
        self.place = None


def shown_name(name: str) -> str:
    """Return a name as a message repeats it, on one line."""
    short = name if len(name) <= LONGEST else name[:LONGEST] + "..."
    return short if short.isprintable() else repr(short)


def _plain(cells: Sequence[str]) -> np.ndarray | None:
    """Return cells as int64 if each is a plain number, as ``str`` writes it; None otherwise."""
    joined = ",".join(cells)
    digits = joined.replace(",", "")
    if not (digits.isascii() and digits.isdigit()) or len(joined) - len(digits) != len(cells) - 1 or ",," in f",{joined},":
        return None
    found = np.fromstring(joined, np.int64, sep=",")
    # A number with zeros in front has more digits than its value, and so has one that no int64 holds.
    return found if len(digits) == len(found) + int(np.searchsorted(POWERS, found, side="right").sum()) else None
