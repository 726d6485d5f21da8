"""The readers under attack: each takes bytes, and must return or raise ``GameError`` with one sentence.

An input of several files, or of several arrays, has a line ``%%%NAME`` in front of each: of files the ending, of arrays their name. The
arrays are packed into an archive with right check sums, which damaged bytes would hardly ever have.
"""

import io
import os
import re
import tempfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import gametheory_rl as gt
from gametheory_rl import _checkpoint, _registry
from gametheory_rl._catalogue import game_info
from gametheory_rl._support._errors import GameError
from gametheory_rl.cli._verify import profiles_in

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 700
"""Characters of an error message, the folder's name left out."""

_MARK = re.compile(rb"(?:^|\n)%%%([^\n]{0,60})\n")


def folder():
    """Return a new folder, in memory where the system has one."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="gametheory_rl_fuzz_", dir=memory if os.access(memory, os.W_OK) else None))


def parts(data):
    """Return what stands before the first mark, and a list of ``(name, bytes)``."""
    first, *rest = _MARK.split(data)
    return first, [(name.decode("latin-1"), body) for name, body in zip(rest[::2], rest[1::2], strict=True)]


def archive(data):
    """Return an npz of the arrays in ``data``."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for name, body in dict(parts(data)[1]).items():
            target.writestr(f"{name.split(chr(0))[0] or 'none'}.npy", body)
    return packed.getvalue()


def flat(arrays):
    """Return arrays as an input of ``archive``."""
    found = []
    for name, array in arrays.items():
        stream = io.BytesIO()
        np.lib.format.write_array(stream, np.asarray(array), allow_pickle=False)
        found.append(f"%%%{name}\n".encode() + stream.getvalue())
    return b"\n".join(found)


def _written(data, place, name):
    path = place / name
    path.write_bytes(data)
    return path


def game_file(ending, *more):
    """Return a reader of games."""

    def read(data, place):
        path = _written(data, place, f"game{ending}")
        for function in (gt.load_game, *more):
            function(path)

    return read


def prism(data, place):
    """Read a .tra and its sisters."""
    for old in place.iterdir():
        old.unlink()
    first, sisters = parts(data)
    for ending, body in sisters[:8]:
        if re.fullmatch(r"\d?\.(?:lab|sta|srew|trew)", ending):
            _written(body, place, f"game{ending}")
    gt.load_game(_written(first, place, "game.tra"), discount=0.5)


def checkpoint(data, place):
    """Resume from a file."""
    plan = SimpleNamespace(checkpoint=_written(archive(data), place, "run.npz"), settings={"a": 1}, steps=100)
    _checkpoint.resume(plan, (SimpleNamespaceTuple(np.zeros((2, 3))),))


class SimpleNamespaceTuple(tuple):
    """One seed's state: a named tuple with one array."""

    _fields = ("q",)
    __slots__ = ()

    def __new__(cls, q):
        """Return a tuple of one."""
        return super().__new__(cls, (q,))

    @property
    def q(self):
        """The array."""
        return self[0]


READERS = {
    "toml": game_file(".toml", gt.load_payoffs, game_info),
    "json": game_file(".json", gt.load_payoffs, game_info),
    "nfg": game_file(".nfg", gt.load_payoffs),
    "gam": game_file(".gam", gt.load_payoffs),
    "csv": game_file(".csv", gt.load_payoffs),
    "tra": prism,
    "npz": game_file(".npz"),
    "arrays": lambda data, place: gt.load_game(_written(archive(data), place, "game.npz")),
    "run": lambda data, place: gt.load_run(_written(archive(data), place, "run.npz")),
    "profile": lambda data, place: profiles_in(str(_written(archive(data), place, "profile.npz"))),
    "checkpoint": checkpoint,
}


def attack(name, data, place):
    """Give ``data`` to a reader; returns whether it was accepted. Anything but a ``GameError`` of one sentence comes out."""
    try:
        READERS[name](data, place)
    except GameError as error:
        message = str(error).replace(str(place), "")
        assert "\n" not in message, message
        return False
    return True


def without_families():
    """Let no recipe build a game: a family's parameters may rightly ask for minutes and gigabytes."""
    resolve = _registry.resolve

    def only_formats(kind, name):
        if kind in ("family", "population"):
            raise GameError(f"no family is built here, {name!r} neither")
        return resolve(kind, name)

    _registry.resolve = only_formats


def seeds(name):
    """Return the inputs of the corpus."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
