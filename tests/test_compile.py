"""Compiling: the disk cache follows the sources, the plain source answers the same, and the wait is announced."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import gametheory_rl
from gametheory_rl._support import _compile

PACKAGE = Path(gametheory_rl.__file__).parent

CALLEE = """
from gametheory_rl._support._compile import inline_kernel

@inline_kernel
def step(x):
    return x + 1
"""
CALLER = """
from gametheory_rl._support._compile import kernel
from gametheory_rl._toy_kernels._callee import step

@kernel
def twice(x):
    return step(step(x))
"""
ASK = """
import sys
from gametheory_rl._toy_kernels._caller import twice
from gametheory_rl._support._compile import COMPILED, cache_folder
print(twice(1), COMPILED, "numba" in sys.modules, cache_folder().name)
"""


@pytest.fixture
def package(tmp_path):
    """A small package of the same name with two kernels, one of which calls the other."""
    root = tmp_path / "gametheory_rl"
    shutil.copytree(PACKAGE / "_support", root / "_support", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "__init__.py").write_text("")
    (root / "_other.py").write_text("")
    (root / "_toy_kernels").mkdir()
    (root / "_toy_kernels" / "__init__.py").write_text("")
    (root / "_toy_kernels" / "_callee.py").write_text(CALLEE)
    (root / "_toy_kernels" / "_caller.py").write_text(CALLER)
    return root


def ask(package, **environment):
    """Run ``ASK`` in a fresh process that sees ``package``; return the answer, the state of numba, and what was announced."""
    return ask_of(package, ASK, **environment)


def ask_of(package, code, **environment):
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("GAMETHEORY_RL_", "NUMBA_"))}
    settings = {"PYTHONPATH": str(package.parent), "GAMETHEORY_RL_CACHE": str(package.parent / "cache"), "GAMETHEORY_RL_ANNOUNCE": "1"}
    command, folder = [sys.executable, "-c", code], package.parent
    answer = subprocess.run(command, env=inherited | settings | environment, cwd=folder, capture_output=True, text=True, check=True)
    result, compiled, numba_loaded, folder = answer.stdout.split()
    return int(result), compiled == "True", numba_loaded == "True", folder, answer.stderr.strip()


def test_a_kernel_answers_with_new_code_when_one_it_calls_has_changed(package):
    pytest.importorskip("numba")
    first = ask(package)
    assert first[:3] == (3, True, True)
    assert first[4] == "compiling kernels, once ..."
    again = ask(package)
    assert again == (*first[:4], "")
    stored = package.parent / "cache" / first[3]
    assert list(stored.rglob("*.nbc"))
    (package / "_toy_kernels" / "_callee.py").write_text(CALLEE.replace("x + 1", "x + 10"))
    changed = ask(package)
    assert changed[0] == 21
    assert changed[3] != first[3]
    assert changed[4] == "compiling kernels, once ..."


def test_processes_that_compile_at_once_lose_nothing_and_mix_nothing_up(package):
    """Neither sees the other's files: what each of them left is found when the two folders become one."""
    pytest.importorskip("numba")
    whole = ask(package)
    other = {"GAMETHEORY_RL_CACHE": str(package.parent / "apart"), "GAMETHEORY_RL_ANNOUNCE": "0"}
    real = ask_of(package, ASK.replace("twice(1)", "int(twice(1.0))"), **other)
    assert real[0] == whole[0] == 3
    assert (whole[4], real[4]) == ("compiling kernels, once ...", ""), "the wait is announced only where it is wanted"
    shutil.copytree(package.parent / "apart", package.parent / "cache", dirs_exist_ok=True)
    assert ask_of(package, ASK.replace("twice(1)", "int(twice(1.0)) + 10 * twice(1)"))[::4] == (33, "")


def test_a_linked_kernel_is_found_by_callers_from_the_cache(package):
    """In a process that finds both in the cache, only the caller, or only the callee; the caller holds none of its code."""
    pytest.importorskip("numba")
    linked = CALLEE.replace("inline_kernel", "linked_kernel").replace(
        "return x + 1", "if x > 5:\n        raise ValueError\n    return x + 1"
    )
    (package / "_toy_kernels" / "_callee.py").write_text(linked)
    (package / "_toy_kernels" / "_caller.py").write_text(CALLER.replace("step(step(x))", "step(step(x)) + step(0) - 1"))
    first = ask(package)
    assert first[:3] == (3, True, True)
    assert ask(package)[::4] == (3, "")
    for lost in ("_callee", "_caller"):
        files = list((package.parent / "cache").rglob(f"{lost}.*.nb*"))
        assert len(files) == 1
        files[0].unlink()
        assert ask(package)[::4] == (3, "compiling kernels, once ...")
    with pytest.raises(subprocess.CalledProcessError, match="non-zero exit status 1"):
        ask_of(package, ASK.replace("twice(1)", "twice(7)"))


def test_the_plain_source_runs_on_request_without_numba(package):
    assert ask(package, GAMETHEORY_RL_COMPILE="0")[:3] == (3, False, False)
    assert not (package.parent / "cache").exists()


def test_where_numba_is_missing_the_plain_source_runs(package):
    (package.parent / "numba.py").write_text("raise ImportError")
    assert ask(package)[:2] == (3, False)


def folder_name(package, monkeypatch):
    monkeypatch.setattr(_compile, "PACKAGE", package)
    return _compile.cache_folder.__wrapped__().name


def test_the_cache_folder_follows_the_kernel_sources_and_only_them(package, monkeypatch):
    before = folder_name(package, monkeypatch)
    (package / "_other.py").write_text("x = 1")
    assert folder_name(package, monkeypatch) == before
    for change in ("_toy_kernels/_callee.py", "_support/_compile.py", "_new_kernels.py", "_toy_kernels/deeper/_new.py"):
        path = package / change
        path.parent.mkdir(exist_ok=True)
        path.write_text((path.read_text() if path.exists() else "") + "\n# changed\n")
        after = folder_name(package, monkeypatch)
        assert after != before, change
        before = after
    (package / "_new_kernels.py").rename(package / "_renamed_kernels.py")
    assert folder_name(package, monkeypatch) != before


def test_every_module_that_compiles_is_among_the_sources():
    sources = set(_compile.kernel_sources())
    for path in PACKAGE.rglob("*.py"):
        if re.search(r"^@(inline_|fused_|linked_)?kernel$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert path.resolve() in sources, path


def test_the_cache_can_be_moved(tmp_path, monkeypatch):
    monkeypatch.setenv("GAMETHEORY_RL_CACHE", str(tmp_path / "here"))
    assert _compile._cache_home() == tmp_path / "here"
    monkeypatch.delenv("GAMETHEORY_RL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert _compile._cache_home() == tmp_path / "xdg" / "gametheory_rl"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert _compile._cache_home().name.startswith("gametheory_rl-")


def test_the_announcement_follows_the_terminal_and_the_wish(monkeypatch):
    monkeypatch.delenv("GAMETHEORY_RL_ANNOUNCE", raising=False)
    monkeypatch.setattr(_compile.sys.stderr, "isatty", lambda: True, raising=False)
    assert _compile.announce_compiling()
    monkeypatch.setenv("GAMETHEORY_RL_ANNOUNCE", "0")
    assert not _compile.announce_compiling()
