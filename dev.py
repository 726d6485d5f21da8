#!/usr/bin/env python3
"""The project's commands: ``python3 dev.py demo | test | check | bench | docs | fuzz | lessons``.

Each makes ``.venv`` beside this file if it is not there, installs the package into it with what the verb needs, and runs the
verb there. What was installed is remembered, so that a second start costs a fraction of a second. Nothing outside ``.venv``
is touched, and every command is printed before it runs. Standard library only.
"""

import difflib
import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("dev.py needs Python 3.11 or later, this is {}.{}: start it with a newer python3.".format(*sys.version_info))

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
MEMORY = VENV / "gametheory_rl_installed.json"

EXTRAS = {
    "demo": frozenset[str](),
    "test": frozenset({"test"}),
    # The type checker reads the imports of the tests, of the benchmarks and of the page in the browser too.
    "check": frozenset({"bench", "browser", "check", "test"}),
    "bench": frozenset({"bench", "deep"}),
    "docs": frozenset({"docs"}),
    "fuzz": frozenset({"test"}),
    "lessons": frozenset({"test"}),
}
USAGE = """usage: python3 dev.py VERB [ARGUMENTS]

  demo     solve Littman's soccer, train on it, measure, draw; writes to demo/
  test     the tests and the examples in the docs; ARGUMENTS go to pytest (-k NAME, -m slow, a file)
  check    lint, format, types, imports; ARGUMENTS name some of these
  bench    side by side with other libraries; ARGUMENTS go to the benchmarks
  docs     build the pages into docs/_build/html; ARGUMENTS go to Sphinx
  fuzz     damaged files for every reader; ARGUMENTS name readers, and --runs 1000000
  lessons  execute the lessons and write their notebooks; --check writes nothing; ARGUMENTS name some, as 6 or soccer
"""
CHECKS = {
    "lint": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "basedpyright"],
    "imports": ["-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-logo"],
}


class Stop(Exception):
    """A sentence for the user, and the code to exit with."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


# ---- running ---------------------------------------------------------------------------------------------------------


def run(command: list[str]) -> int:
    """Print ``command``, run it in the project root, and return its exit code (128 + the signal's number where one ended it)."""
    print("$", shlex.join(command), file=sys.stderr, flush=True)
    try:
        child = subprocess.Popen(command, cwd=ROOT, env=child_environment())
    except OSError as error:
        print(f"dev.py: cannot start {command[0]}: {error.strerror or error}", file=sys.stderr)
        return 127
    interrupted = False
    while child.returncode is None:
        try:
            child.wait()
        except KeyboardInterrupt:
            interrupted = True  # The child got it too; it saves what it has and ends, and its code is ours.
    code = child.returncode if child.returncode >= 0 else 128 - child.returncode
    if interrupted:
        raise Stop("interrupted", code)
    return code


def child_environment() -> dict[str, str]:
    """Return the environment without the settings that would send an installation anywhere but into ``.venv``."""
    stray = {"PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "__PYVENV_LAUNCHER__"}
    return {key: value for key, value in os.environ.items() if key not in stray} | {"PIP_USER": "0"}


def venv_python() -> Path:
    """Return where the interpreter of ``.venv`` is, or would be."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def base_python() -> str:
    """Return the interpreter that ``.venv`` is made with: never the one inside ``.venv``, which may be about to go."""
    return getattr(sys, "_base_executable", None) or sys.executable


# ---- the environment -------------------------------------------------------------------------------------------------


def interpreter() -> str | None:
    """Return the version of the interpreter in ``.venv``; None where that does not start, is too old, or looks outside ``.venv``."""
    if not venv_python().exists() or not (VENV / "pyvenv.cfg").exists():
        return None
    probe = "import sys; print(sys.prefix); print(sys.version); sys.exit(sys.version_info < (3, 11))"
    try:
        answer = subprocess.run([str(venv_python()), "-I", "-c", probe], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    prefix, _, version = answer.stdout.partition("\n")
    return version if answer.returncode == 0 and Path(prefix).resolve() == VENV.resolve() else None


def fingerprint(version: str) -> str:
    """Return what an installation depends on, as a hash: pyproject.toml, the interpreter, and where the project lies."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), version.encode(), os.fsencode(ROOT)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def remembered(version: str | None) -> frozenset[str] | None:
    """Return the extras that are installed; None where nothing is, or where it is out of date."""
    try:
        memory = json.loads(MEMORY.read_text(encoding="utf-8"))
        return frozenset(memory["extras"]) if version and memory["fingerprint"] == fingerprint(version) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(extras: frozenset[str]) -> None:
    """Write down that the package is installed with ``extras``, whole or not at all."""
    draft = MEMORY.with_suffix(".part")
    draft.write_text(json.dumps({"fingerprint": fingerprint(interpreter() or ""), "extras": sorted(extras)}), encoding="utf-8")
    draft.replace(MEMORY)


def prepare(extras: frozenset[str]) -> None:
    """Make ``.venv`` hold the package with ``extras``; costs next to nothing where it does already."""
    version = interpreter()
    had = remembered(version)
    if had is not None and extras <= had:
        return
    extras |= had or frozenset()
    if MEMORY.exists():
        MEMORY.unlink()
    # uv reads other settings than pip, so what it cannot fetch, pip may.
    if not install_with_uv(extras, whole=version is not None):
        install_with_pip(extras)
    remember(extras)


def install_with_uv(extras: frozenset[str], *, whole: bool) -> bool:
    """Install with uv if it is there; return whether that went well."""
    uv = shutil.which("uv")
    if uv is None or not (whole or make_venv([[uv, "venv", "--python", base_python(), str(VENV)]])):
        return False
    return run([uv, "pip", "install", "--python", str(venv_python()), "--editable", requirement(extras)]) == 0


def install_with_pip(extras: frozenset[str]) -> None:
    """Install with pip, into a new ``.venv`` where there is none that works."""
    if interpreter() is None:
        base = [base_python(), "-m", "venv"]
        if not make_venv([[*base, str(VENV)], [*base, "--without-pip", str(VENV)]]):
            raise Stop(f"cannot make {VENV}: neither uv nor python3's venv module could; install one of them and try again")
    code = run([*pip(), "install", "--editable", requirement(extras)])
    if code:
        raise Stop(f"the installation failed (exit code {code}); what pip said is above", code)


def requirement(extras: frozenset[str]) -> str:
    """Return the project as pip names it."""
    return f"{ROOT}[{','.join(sorted(extras))}]" if extras else str(ROOT)


def make_venv(ways: list[list[str]]) -> bool:
    """Try ``ways`` in turn, each from a clean start, until ``.venv`` works; return whether it does."""
    for command in ways:
        clear()
        if run(command) == 0 and interpreter():
            return True
    return False


def clear() -> None:
    """Remove ``.venv``, whatever state it is in."""
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        print(f"dev.py: removing {VENV}, which is unfinished or no longer works", file=sys.stderr)
        try:
            shutil.rmtree(VENV)
        except OSError as error:
            raise Stop(f"cannot remove {VENV}: {error.strerror or error}; remove it by hand and try again") from None


def pip() -> list[str]:
    """Return the command that installs into ``.venv``: its own pip, or else an outside one told where to install."""
    inside = [str(venv_python()), "-m", "pip"]
    outside = [base_python(), "-m", "pip", "--python", str(venv_python())]
    for command in (inside, outside):
        if subprocess.run([*command, "--version"], cwd=ROOT, env=child_environment(), capture_output=True, check=False).returncode == 0:
            return command
    raise Stop("there is no pip (22.3 or later) to install with: install pip or uv for this Python and try again")


# ---- the verbs -------------------------------------------------------------------------------------------------------


def commands(verb: str, arguments: list[str]) -> list[list[str]]:
    """Return the commands of ``verb``, each without its interpreter."""
    if verb == "check":
        unknown = [name for name in arguments if name not in CHECKS]
        if unknown:
            raise Stop(f"there is no check {unknown[0]!r}: choose from {', '.join(CHECKS)}", 2)
        return [CHECKS[name] for name in arguments or CHECKS]
    pages = ["-m", "sphinx", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html"]
    one = {
        "demo": ["-m", "gametheory_rl._demo"],
        "test": ["-m", "pytest"],
        "bench": ["-m", "benchmarks"],
        "docs": pages,
        "fuzz": ["-m", "tests.fuzz"],
        "lessons": ["-m", "notebooks"],
    }
    # The whole suite goes to two workers, each test file to one of them; a selection runs in one process, where a debugger can stop it.
    parallel = ["-n", "2", "--dist", "loadfile"] if verb == "test" and not arguments else []
    return [[*one[verb], *arguments, *parallel]]


def main(arguments: list[str]) -> int:
    """Run the verb that ``arguments`` name and return the exit code: the first of its commands' that is not 0."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0 if arguments else 2
    verb, *rest = arguments
    if verb not in EXTRAS:
        near = difflib.get_close_matches(verb, EXTRAS, n=1)
        raise Stop(f"there is no verb {verb!r}" + (f", did you mean {near[0]!r}?" if near else f": choose from {', '.join(EXTRAS)}"), 2)
    todo = commands(verb, rest)
    prepare(EXTRAS[verb])
    codes = [run([str(venv_python()), *command]) for command in todo]
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        print(f"dev.py: {stop}", file=sys.stderr)
        sys.exit(stop.code)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
