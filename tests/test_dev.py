"""dev.py: what it remembers, what it runs, what it refuses. No test reaches the network or the real .venv."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "dev.py"


class Recorder:
    """Stands for ``dev.run``: notes each command and answers with ``codes`` in turn, then with 0."""

    def __init__(self, *codes):
        self.codes, self.commands = list(codes), []

    def __call__(self, command):
        self.commands.append([str(part) for part in command])
        return self.codes.pop(0) if self.codes else 0

    @property
    def lines(self):
        return [" ".join(command) for command in self.commands]


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """dev.py, loaded for a project of its own in a temporary folder."""
    shutil.copy(SOURCE, tmp_path / "dev.py")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    spec = importlib.util.spec_from_file_location("dev_under_test", tmp_path / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert tmp_path.resolve() == module.ROOT
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    monkeypatch.setattr(module, "run", Recorder())
    return module


def make_real_venv(dev):
    subprocess.run([dev.base_python(), "-m", "venv", "--without-pip", str(dev.VENV)], check=True)


def making(dev, *codes):
    """A recorder that also makes the venv where a command would have."""
    recorder = Recorder(*codes)

    def run(command):
        code = recorder(command)
        if code == 0 and "venv" in command:
            make_real_venv(dev)
        return code

    return run, recorder


# ---- remembering -----------------------------------------------------------------------------------------------------


def test_a_second_start_installs_nothing(dev, monkeypatch):
    run, recorder = making(dev)
    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(dev, "pip", lambda: ["pip"])
    dev.prepare(frozenset({"test"}))
    assert recorder.lines == [f"{dev.base_python()} -m venv {dev.VENV}", f"pip install --editable {dev.ROOT}[test]"]
    dev.prepare(frozenset({"test"}))
    dev.prepare(frozenset())
    assert len(recorder.commands) == 2


def test_more_extras_are_added_to_those_that_are_there(dev, monkeypatch):
    make_real_venv(dev)
    monkeypatch.setattr(dev, "pip", lambda: ["pip"])
    for extras in ({"test"}, {"docs"}, {"test"}):
        dev.prepare(frozenset(extras))
    assert dev.run.lines == [f"pip install --editable {dev.ROOT}[test]", f"pip install --editable {dev.ROOT}[docs,test]"]
    assert json.loads(dev.MEMORY.read_text())["extras"] == ["docs", "test"]


def test_a_changed_pyproject_installs_again(dev, monkeypatch):
    make_real_venv(dev)
    monkeypatch.setattr(dev, "pip", lambda: ["pip"])
    dev.prepare(frozenset({"test"}))
    (dev.ROOT / "pyproject.toml").write_text("[project]\nversion = '2'\n")
    dev.prepare(frozenset())
    assert dev.run.lines[1:] == [f"pip install --editable {dev.ROOT}"]


def test_a_failed_installation_is_not_remembered(dev, monkeypatch):
    make_real_venv(dev)
    dev.remember(frozenset({"test"}))
    monkeypatch.setattr(dev, "pip", lambda: ["pip"])
    monkeypatch.setattr(dev, "run", Recorder(3))
    with pytest.raises(dev.Stop, match="exit code 3") as stopped:
        dev.prepare(frozenset({"docs"}))
    assert stopped.value.code == 3
    assert not dev.MEMORY.exists()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"extras": 3, "fingerprint": ""}', '{"fingerprint": 1}'])
def test_a_damaged_memory_is_as_none(dev, damage):
    make_real_venv(dev)
    dev.MEMORY.write_text(damage)
    assert dev.remembered(dev.interpreter()) is None


def test_the_memory_depends_on_the_interpreter(dev):
    make_real_venv(dev)
    dev.remember(frozenset())
    assert dev.remembered(dev.interpreter()) == frozenset()
    assert dev.remembered("3.99.0") is None
    assert dev.remembered(None) is None


# ---- the environment -------------------------------------------------------------------------------------------------


def test_a_whole_environment_is_recognised(dev):
    assert dev.interpreter() is None
    make_real_venv(dev)
    assert dev.interpreter().startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
@pytest.mark.parametrize("damage", ["no interpreter", "no pyvenv.cfg", "a dangling link", "not a program", "a folder alone", "a file"])
def test_a_broken_environment_is_remade(dev, monkeypatch, damage):
    if damage == "a folder alone":
        dev.VENV.mkdir()
    elif damage == "a file":
        dev.VENV.write_text("")
    else:
        make_real_venv(dev)
        python = dev.venv_python()
        if damage == "no pyvenv.cfg":
            (dev.VENV / "pyvenv.cfg").unlink()
        else:
            python.unlink()
        if damage == "a dangling link":
            python.symlink_to("/nowhere/python3")
        if damage == "not a program":
            python.write_text("#!/nowhere/sh\n")
            python.chmod(0o755)
    run, recorder = making(dev)
    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(dev, "pip", lambda: ["pip"])
    assert dev.interpreter() is None
    dev.prepare(frozenset())
    assert recorder.lines[0] == f"{dev.base_python()} -m venv {dev.VENV}"
    assert dev.interpreter()


def test_without_ensurepip_the_environment_is_made_bare(dev, monkeypatch):
    run, recorder = making(dev, 1)
    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(dev, "pip", lambda: ["pip", "--python", "x"])
    dev.prepare(frozenset())
    assert recorder.lines[:2] == [f"{dev.base_python()} -m venv {dev.VENV}", f"{dev.base_python()} -m venv --without-pip {dev.VENV}"]
    assert recorder.lines[2] == f"pip --python x install --editable {dev.ROOT}"


def test_where_nothing_makes_an_environment_it_says_so(dev, monkeypatch):
    monkeypatch.setattr(dev, "run", Recorder(1, 1))
    with pytest.raises(dev.Stop, match="cannot make"):
        dev.prepare(frozenset())


def test_uv_comes_first(dev, monkeypatch):
    run, recorder = making(dev)
    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/bin/uv")
    dev.prepare(frozenset({"docs"}))
    python = dev.venv_python()
    assert recorder.lines == [
        f"/bin/uv venv --python {dev.base_python()} {dev.VENV}",
        f"/bin/uv pip install --python {python} --editable {dev.ROOT}[docs]",
    ]
    assert dev.remembered(dev.interpreter()) == {"docs"}


def test_where_uv_cannot_install_pip_does(dev, monkeypatch):
    run, recorder = making(dev, 0, 2, 0)
    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/bin/uv")
    monkeypatch.setattr(dev, "pip", lambda: ["pip"])
    dev.prepare(frozenset())
    assert recorder.lines[2] == f"pip install --editable {dev.ROOT}"


def test_where_uv_cannot_make_it_venv_does(dev, monkeypatch):
    run, recorder = making(dev, 2)
    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/bin/uv")
    monkeypatch.setattr(dev, "pip", lambda: ["pip"])
    dev.prepare(frozenset())
    assert recorder.lines[1:] == [f"{dev.base_python()} -m venv {dev.VENV}", f"pip install --editable {dev.ROOT}"]


def test_a_bare_environment_is_filled_from_outside(dev, monkeypatch):
    make_real_venv(dev)
    answers = {"inside": 1, "outside": 0}
    kinds = []

    def answer(command, **kwargs):
        kinds.append("outside" if "--python" in command else "inside")
        return subprocess.CompletedProcess(command, answers[kinds[-1]])

    monkeypatch.setattr(dev.subprocess, "run", answer)
    assert dev.pip() == [dev.base_python(), "-m", "pip", "--python", str(dev.venv_python())]
    answers["outside"] = 1
    with pytest.raises(dev.Stop, match="there is no pip"):
        dev.pip()
    answers["inside"] = 0
    assert dev.pip() == [str(dev.venv_python()), "-m", "pip"]


def test_settings_that_install_elsewhere_are_not_passed_on(dev, monkeypatch):
    for name in ("PIP_TARGET", "PIP_PREFIX", "PYTHONHOME"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_CERT", "kept")
    environment = dev.child_environment()
    assert not {"PIP_TARGET", "PIP_PREFIX", "PYTHONHOME"} & set(environment)
    assert (environment["PIP_USER"], environment["PIP_CERT"]) == ("0", "kept")


def test_windows_keeps_its_interpreter_elsewhere(dev, monkeypatch):
    # Only the name is patched: pathlib would make Windows paths if it saw the real os.name change.
    monkeypatch.setattr(dev, "os", type("OS", (), {"name": "nt"}))
    assert dev.venv_python() == dev.VENV / "Scripts" / "python.exe"


# ---- verbs -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def ready(dev, monkeypatch):
    monkeypatch.setattr(dev, "prepare", lambda extras: prepared.append(extras))
    prepared: list[frozenset[str]] = []
    dev.prepared = prepared
    return dev


@pytest.mark.parametrize(
    ("verb", "command", "extras"),
    [
        ("demo", "-m gametheory_rl._demo", set()),
        ("test", "-m pytest", {"test"}),
        ("bench", "-m benchmarks", {"bench", "deep"}),
        ("docs", "-m sphinx -W --keep-going -b html docs docs/_build/html", {"docs"}),
    ],
)
def test_arguments_are_passed_on(ready, verb, command, extras):
    assert ready.main([verb, "-k", "a name", "stage"]) == 0
    assert ready.run.lines == [f"{ready.venv_python()} {command} -k a name stage"]
    assert ready.run.commands[0][-2] == "a name"
    assert ready.prepared == [extras]


def test_the_whole_suite_goes_to_two_workers(ready):
    assert ready.main(["test"]) == 0
    assert ready.run.lines == [f"{ready.venv_python()} -m pytest -n 2 --dist loadfile"]


def test_check_runs_all_and_answers_with_the_first_failure(ready, monkeypatch):
    monkeypatch.setattr(ready, "run", Recorder(0, 4, 5))
    assert ready.main(["check"]) == 4
    assert len(ready.run.commands) == len(ready.CHECKS)


def test_check_runs_those_that_are_named(ready):
    assert ready.main(["check", "types", "lint"]) == 0
    assert [command[2] for command in ready.run.commands] == ["basedpyright", "ruff"]
    with pytest.raises(ready.Stop, match="no check 'style'"):
        ready.main(["check", "style"])


@pytest.mark.parametrize(("verb", "hint"), [("tset", "did you mean 'test'"), ("xyz", "choose from demo, test")])
def test_an_unknown_verb_is_refused(ready, verb, hint):
    with pytest.raises(ready.Stop, match=hint) as stopped:
        ready.main([verb])
    assert stopped.value.code == 2
    assert ready.prepared == []


def test_help_and_nothing(ready, capsys):
    assert ready.main(["--help"]) == 0
    assert ready.main([]) == 2
    assert capsys.readouterr().out.count("usage:") == 2


# ---- as a program ----------------------------------------------------------------------------------------------------


def program(folder, body, *arguments, cwd=None):
    """Start ``body`` with dev.py imported as ``dev``, in a process of its own."""
    lines = f"import sys; sys.path.insert(0, {str(folder)!r}); import dev\n{body}"
    return subprocess.Popen([sys.executable, "-c", lines, *arguments], cwd=cwd, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_it_exits_without_a_traceback_from_any_folder(tmp_path):
    answer = subprocess.run([sys.executable, str(SOURCE), "tset"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert answer.stderr == "dev.py: there is no verb 'tset', did you mean 'test'?\n"


def test_the_childs_code_and_folder_are_passed_on(tmp_path):
    body = "sys.exit(dev.run([sys.executable, '-c', 'import os, sys; print(os.getcwd()); sys.exit(7)']))"
    child = program(SOURCE.parent, body, cwd=tmp_path)
    out, err = child.communicate()
    assert child.returncode == 7
    assert out.strip() == str(SOURCE.parent)
    assert err.startswith("$ ")


def test_a_command_that_cannot_start_is_a_sentence(tmp_path):
    child = program(SOURCE.parent, "sys.exit(dev.run(['/nowhere/at/all']))", cwd=tmp_path)
    _, err = child.communicate()
    assert child.returncode == 127
    assert err.splitlines()[-1] == "dev.py: cannot start /nowhere/at/all: No such file or directory"


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(("handler", "code"), [("time.sleep(60)", 1), ("signal.signal(2, lambda *_: sys.exit(5)); time.sleep(60)", 5)])
def test_an_interrupt_waits_for_the_child_and_takes_its_code(tmp_path, handler, code):
    child_body = f"import signal, sys, time; signal.signal(2, lambda *_: sys.exit(1)); print('up', flush=True); {handler}"
    body = (
        "try:\n    dev.run([sys.executable, '-c', " + repr(child_body) + "])\n"
        "except dev.Stop as stop:\n    print(stop, file=sys.stderr); sys.exit(stop.code)"
    )
    lines = f"import sys; sys.path.insert(0, {str(SOURCE.parent)!r}); import dev\n{body}"
    parent = subprocess.Popen(
        [sys.executable, "-c", lines], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=tmp_path
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    watchdog = threading.Timer(20, parent.kill)
    watchdog.start()
    time.sleep(0.1)
    os.killpg(parent.pid, signal.SIGINT)
    _, err = parent.communicate()
    watchdog.cancel()
    assert parent.returncode == code
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
