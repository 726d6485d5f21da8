"""Messages on a pipe: bytes with their length in front. Loads nothing else, so that a worker listens before it loads anything."""

import struct
from typing import Any

_LENGTH = struct.Struct("<Q")


def send(stream: Any, data: bytes) -> None:
    """Write ``data`` with its length in front."""
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: Any) -> bytes:
    """Return what ``send`` wrote at the other end; raises ``EOFError`` where that is gone."""
    head = _read(stream, _LENGTH.size)
    return _read(stream, _LENGTH.unpack(head)[0])


def _read(stream: Any, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
