"""Files: written whole or not at all, read within a bound, never executed or unpickled."""

import errno
import io
import os
import stat
import tempfile
import zipfile
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

TEXT_LIMIT = 256 * 1024**2


class DamagedFileError(GameError):
    """A file that is there, but is not whole, or not what it should be."""


def atomic_write(path: str | os.PathLike[str], content: bytes | str) -> Path:
    """Write ``content`` to ``path`` so that a reader sees the old file or the new one, never a part.

    Raises
    ------
    GameError
        The folder is missing, ``path`` is a folder, or the system refuses to write there.
    """
    target = Path(path)
    if target.is_dir():
        raise GameError(f"cannot write {target}: it is a folder; give a file's name")
    data = content.encode() if isinstance(content, str) else content
    try:
        real = Path(os.path.realpath(target))  # a link stays a link: what it points to is written
        if real.exists() and not real.is_file():
            real.write_bytes(data)  # a device or a pipe must not be replaced by a file
        else:
            _replace(real, data)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise GameError(f"cannot write {target}: {_reason(error)}") from None
    return target


def _replace(target: Path, data: bytes) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only")
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:32]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_text(path: str | os.PathLike[str], *, limit: int = TEXT_LIMIT) -> str:
    """Return the UTF-8 text of ``path``, a mark of byte order left out; refuses folders, missing files and more than ``limit`` bytes."""
    try:
        return _read_bytes(Path(path), limit).decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise GameError(f"cannot read {path}: byte {error.start} is not UTF-8 text, as was expected; save it in that encoding") from None


def _read_bytes(path: Path, limit: int) -> bytes:
    try:
        if path.is_dir():
            raise GameError(f"cannot read {path}: it is a folder, a file was expected")
        size = path.stat().st_size
        if size > limit:
            raise GameError(f"cannot read {path}: it has {size} bytes, at most {limit} are accepted")
        with path.open("rb") as stream:
            return stream.read(size or limit)  # the limit alone would take its memory at once; devices and pipes have no size
    except FileNotFoundError:
        raise GameError(f"cannot read {path}: there is no such file") from None
    except GameError:
        raise
    except (OSError, ValueError) as error:
        raise GameError(f"cannot read {path}: {_reason(error)}") from None


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> Path:
    """Write named arrays as a compressed npz, atomically; object arrays are refused."""
    from concurrent.futures import ThreadPoolExecutor

    checked = {name: np.asarray(value) for name, value in arrays.items()}
    for name, value in checked.items():
        if value.dtype.hasobject:
            raise GameError(f"cannot write {path}: array {name!r} holds Python objects, numbers or text were expected")
    # Ctrl-C reaches the main thread alone: inside numpy's archive it would come out as an error of closing the archive.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_write_archive, path, checked).result()


def _write_archive(path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray]) -> Path:
    return atomic_write(path, archive(arrays))


def archive(arrays: Mapping[str, Any]) -> bytes:
    """Return the bytes of a compressed npz, the same of the same arrays; object arrays are refused."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Return the arrays of an npz; every header is read and sized before any array is loaded.

    Raises
    ------
    GameError
        Missing, truncated, not an npz, pickled contents, or larger than the free memory.
    """
    source = Path(path)
    if source.is_dir():
        raise GameError(f"cannot read {source}: it is a folder, a file was expected")
    try:
        with zipfile.ZipFile(source) as archive:
            total = sum(_array_bytes(archive, name, source) for name in archive.namelist())
            require_memory((total,), f"{source}", "load it on a larger machine", item_bytes=1)
            with np.load(source, allow_pickle=False) as loaded:
                return {name: _legible(loaded[name], name, source) for name in loaded.files}
    except FileNotFoundError:
        raise GameError(f"cannot read {source}: there is no such file") from None
    except (zipfile.BadZipFile, EOFError, KeyError, zipfile.LargeZipFile, NotImplementedError, RuntimeError):
        raise DamagedFileError(f"cannot read {source}: it is not an npz file, or it is damaged or cut short") from None
    except OSError as error:
        raise GameError(f"cannot read {source}: {_reason(error)}") from None
    except GameError:
        raise
    except Exception as error:  # zlib and the header parser raise their own types on damaged data
        raise DamagedFileError(f"cannot read {source}: it is damaged ({type(error).__name__})") from None


def _legible(array: np.ndarray, name: str, source: Path) -> np.ndarray:
    """Return ``array``; text with numbers that are no characters is refused, for Python itself stumbles over them."""
    if isinstance(array, np.ndarray) and array.dtype.kind == "U" and array.dtype.itemsize:
        order = ">" if array.dtype.byteorder == ">" else "<" if array.dtype.byteorder == "<" else "="
        if (np.frombuffer(array.tobytes(), f"{order}u4") > 0x10FFFF).any():
            raise DamagedFileError(f"cannot read {source}: {name!r} holds numbers that are no characters")
    return array


def _array_bytes(archive: zipfile.ZipFile, name: str, source: Path) -> int:
    with archive.open(name) as stream:
        version = np.lib.format.read_magic(stream)  # type: ignore[arg-type]
        reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = reader(stream)  # type: ignore[arg-type]
    if dtype.hasobject:
        raise GameError(f"cannot read {source}: {name!r} holds pickled Python objects, which are never loaded")
    needed = prod(shape) * max(1, dtype.itemsize)  # entries without a size cost no memory, but the time of each
    if min(shape, default=0) < 0:
        raise GameError(f"cannot read {source}: {name!r} has shape {shape}")
    if needed > archive.getinfo(name).file_size:
        raise GameError(f"cannot read {source}: {name!r} says it holds {needed} bytes but the file has fewer")
    return needed
