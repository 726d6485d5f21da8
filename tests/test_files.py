"""Files are written whole or not at all, and what is read is bounded and never executed."""

import io
import os
import pickle
import signal
import stat
import struct
import time
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl._support import _files, _memory
from gametheory_rl._support._files import atomic_write, read_arrays, read_text, write_arrays


def left_over(folder):
    return sorted(path.name for path in folder.iterdir())


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_text_and_bytes_come_back(tmp_path):
    assert atomic_write(tmp_path / "a.txt", "né\n") == tmp_path / "a.txt"
    assert read_text(tmp_path / "a.txt") == "né\n"
    atomic_write(str(tmp_path / "a.txt"), b"second")
    assert read_text(tmp_path / "a.txt") == "second"
    assert left_over(tmp_path) == ["a.txt"]


@pytest.mark.skipif(os.name == "nt", reason="modes")
def test_the_mode_follows_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        atomic_write(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step, error):
    target = atomic_write(tmp_path / "a.txt", "old")

    def fail(*arguments, **settings):
        raise error

    monkeypatch.setattr(_files.os, step, fail)
    with pytest.raises((GameError, KeyboardInterrupt)) as caught:
        atomic_write(target, "new")
    monkeypatch.undo()
    if isinstance(error, OSError):
        assert str(caught.value) == f"cannot write {target}: No space left on device"
    assert read_text(target) == "old"
    assert left_over(tmp_path) == ["a.txt"]


def test_what_cannot_be_written_to(tmp_path):
    with pytest.raises(GameError, match="it is a folder; give a file's name"):
        atomic_write(tmp_path, "x")
    with pytest.raises(GameError, match="No such file or directory"):
        atomic_write(tmp_path / "absent" / "a", "x")
    with pytest.raises(GameError, match="cannot write"):
        atomic_write(f"{tmp_path}/a\0b", "x")
    assert left_over(tmp_path) == []


def test_the_longest_name_that_the_system_takes(tmp_path):
    atomic_write(tmp_path / ("a" * 250), "x")
    assert left_over(tmp_path) == ["a" * 250]


@pytest.mark.skipif(os.name == "nt", reason="links and pipes")
def test_links_are_followed_and_pipes_are_not_replaced(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    atomic_write(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink()
    assert read_text(tmp_path / "real") == "x"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        atomic_write(tmp_path / "pipe", "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


# ---- text ------------------------------------------------------------------------------------------------------------


def test_text_that_cannot_be_read(tmp_path):
    with pytest.raises(GameError, match="there is no such file"):
        read_text(tmp_path / "absent")
    with pytest.raises(GameError, match="it is a folder, a file was expected"):
        read_text(tmp_path)
    with pytest.raises(GameError, match="cannot read"):
        read_text(f"{tmp_path}/a\0b")
    with pytest.raises(GameError, match="Not a directory"):
        read_text(atomic_write(tmp_path / "a", "abcdef") / "below")
    with pytest.raises(GameError, match="it has 6 bytes, at most 5 are accepted"):
        read_text(tmp_path / "a", limit=5)
    with pytest.raises(GameError, match="byte 3 is not UTF-8 text"):
        read_text(atomic_write(tmp_path / "b", b"abc\xff"))


# ---- arrays ----------------------------------------------------------------------------------------------------------


@given(
    arrays=st.dictionaries(
        st.sampled_from(["a", "trace/step", "player_0", "é"]),
        st.tuples(st.sampled_from(["f8", "i4", "?", "U3"]), st.lists(st.integers(0, 3), max_size=3)),
        max_size=3,
    )
)
def test_arrays_come_back(tmp_path_factory, arrays):
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    rng = np.random.default_rng(0)
    whole = {name: rng.integers(0, 2, size=shape).astype(dtype) for name, (dtype, shape) in arrays.items()}
    write_arrays(path, whole)
    back = read_arrays(path)
    assert set(back) == set(whole)
    for name, array in whole.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype


def test_objects_are_not_written(tmp_path):
    with pytest.raises(GameError, match="array 'a' holds Python objects"):
        write_arrays(tmp_path / "a.npz", {"a": np.array([{}, None])})
    assert left_over(tmp_path) == []


class Bomb:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def npz(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def npy(header, body=b""):
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + body


def header(shape, dtype="<f8"):
    return f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"


def test_pickles_are_never_loaded(tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.array([Bomb()], dtype=object), allow_pickle=True)
    with pytest.raises(GameError, match="'a.npy' holds pickled Python objects, which are never loaded"):
        read_arrays(npz(tmp_path / "a.npz", a=buffer.getvalue()))
    (tmp_path / "b.npz").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(GameError, match="it is not an npz file"):
        read_arrays(tmp_path / "b.npz")
    with pytest.raises(GameError, match="it is damaged"):
        read_arrays(npz(tmp_path / "c.npz", a=pickle.dumps(Bomb())))


def test_a_header_that_promises_too_much_is_refused_unread(tmp_path):
    with pytest.raises(GameError, match="says it holds 8000000000000000 bytes but the file has fewer"):
        read_arrays(npz(tmp_path / "a.npz", a=npy(header("(1000000000000000,)"))))


def test_what_unpacks_to_more_than_the_memory_is_refused_unread(tmp_path, monkeypatch):
    path = write_arrays(tmp_path / "a.npz", {"a": np.zeros(100_000)})
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(_memory, "available_bytes", lambda: 500_000)
    with pytest.raises(GameError, match=r"\(800000\) needs 0.000745 GiB and 0.000466 GiB are free; load it on a larger machine"):
        read_arrays(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        npy(header("(-1,)"), b"\0" * 8),
        npy(header("('x',)")),
        npy("{'descr': '<f8'}"),
        npy("__import__('os').abort()"),
        b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535,
        b"\x93NUMPY\x09\x00" + b"\0" * 200,
        npy(header("(2,)", dtype="|V0"), b""),
    ],
)
def test_damaged_members(tmp_path, content):
    try:
        arrays = read_arrays(npz(tmp_path / "a.npz", a=content))
    except GameError as error:
        assert "\n" not in str(error)
    else:
        assert all(array.nbytes == 0 for array in arrays.values())


@given(cut=st.floats(0, 1), flip=st.one_of(st.none(), st.tuples(st.floats(0, 1), st.integers(1, 255))))
def test_a_file_cut_short_or_changed_is_refused_in_a_sentence(tmp_path_factory, cut, flip):
    folder = tmp_path_factory.mktemp("npz")
    whole = write_arrays(folder / "whole.npz", {"a": np.arange(50.0), "b": np.array("text")}).read_bytes()
    changed = bytearray(whole)
    if flip is None:
        changed = changed[: int(cut * (len(whole) - 1))]
    else:
        changed[int(flip[0] * (len(whole) - 1))] ^= flip[1]
    (folder / "cut.npz").write_bytes(bytes(changed))
    try:
        read_arrays(folder / "cut.npz")
    except GameError as error:
        assert str(error).startswith(f"cannot read {folder}")
        assert "\n" not in str(error)
    else:
        assert flip is not None  # some bytes of a zip carry nothing that matters: dates, attributes


def test_arrays_that_cannot_be_read(tmp_path):
    with pytest.raises(GameError, match="there is no such file"):
        read_arrays(tmp_path / "absent.npz")
    with pytest.raises(GameError, match="it is a folder"):
        read_arrays(tmp_path)
    with pytest.raises(GameError, match="it is not an npz file, or it is damaged or cut short"):
        read_arrays(atomic_write(tmp_path / "a.npz", "text"))
    with pytest.raises(GameError, match="cannot read"):
        read_arrays(f"{tmp_path}/a\0b")


# ---- memory ----------------------------------------------------------------------------------------------------------


def test_the_free_memory_is_known():
    assert _memory.available_bytes() > 2**20


def test_require_memory_says_how_much(monkeypatch):
    monkeypatch.setattr(_memory, "available_bytes", lambda: 10 * _memory.GIB)
    _memory.require_memory((1024, 1024, 1024), "a cube", "make it smaller")
    with pytest.raises(GameError, match=r"^a cube \(2048 x 1024 x 1024\) needs 16 GiB and 10 GiB are free; make it smaller$"):
        _memory.require_memory((2048, 1024, 1024), "a cube", "make it smaller")


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupt_while_arrays_are_written_stays_an_interrupt(tmp_path, monkeypatch):
    pack = np.savez_compressed

    def interrupted(*args, **kwargs):
        time.sleep(0.2)  # by now the main thread waits
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        pack(*args, **kwargs)

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_arrays(tmp_path / "a.npz", {"x": np.arange(3)})
    assert read_arrays(tmp_path / "a.npz")["x"].tolist() == [0, 1, 2]


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("old")
    path.chmod(0o600)
    atomic_write(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)


def test_a_read_only_file_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *told: False)
    with pytest.raises(GameError, match=r"cannot write .*x.json: it is read-only"):
        atomic_write(path, "new")
    assert path.read_text() == "old"
