"""The lessons, without executing them in Jupyter: in step with their notebooks, complete, and alive where numba is missing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gametheory_rl as gt

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
SCRIPTS = sorted(FOLDER.glob("[0-9][0-9]_*.py"))
NAMES = [script.stem for script in SCRIPTS]
MOST_BYTES = 6_000_000
TABULAR = [name for name in NAMES if int(name[:2]) <= 10]
QUICK = [name for name in NAMES if int(name[:2]) in (1, 2, 3)]


def notebook(name):
    return json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))


def cells_of(name, kind):
    return ["".join(cell["source"]) for cell in notebook(name)["cells"] if cell["cell_type"] == kind]


def outputs_of(name):
    return [output for cell in notebook(name)["cells"] for output in cell.get("outputs", [])]


def pictures_of(name):
    return [output for output in outputs_of(name) if "image/png" in output.get("data", {})]


def test_the_lessons_are_numbered_from_one():
    assert [int(name[:2]) for name in NAMES] == list(range(1, len(NAMES) + 1))


def test_the_folder_is_small_enough_to_clone():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ipynb")) < MOST_BYTES


@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
def test_a_notebook_says_what_its_script_says(script):
    jupytext = pytest.importorskip("jupytext")
    kept = jupytext.read(script.with_suffix(".ipynb"))
    written = jupytext.read(script)
    assert [(cell.cell_type, cell.source) for cell in kept.cells] == [(cell.cell_type, cell.source) for cell in written.cells]


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_was_executed_in_order_and_none_complained(name):
    code = [cell for cell in notebook(name)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for output in outputs_of(name):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr"
        text = "".join(output.get("text", "")) + "".join(output.get("data", {}).get("text/plain", ""))
        assert not re.search(r"\bat 0x[0-9a-f]+", text), "an address differs from run to run"


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_has_a_title_mathematics_pictures_and_what_they_mean(name):
    text = cells_of(name, "markdown")
    assert re.match(rf"# {int(name[:2])} · \S", text[0])
    whole = "\n".join(text)
    assert whole.count("$") >= 10
    assert "What it means" in whole
    assert "## Exercises" in whole
    assert len(pictures_of(name)) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_each_exercise_is_asked_and_checked_once(name):
    number = int(name[:2])
    known = gt.exercises.list_exercises(number)
    asked = re.findall(r"\*\*(\d+\.\d+)\*\*", "\n".join(cells_of(name, "markdown")))
    checked = re.findall(r'exercises\.check\("([\d.]+)", answer\)', "\n".join(cells_of(name, "code")))
    assert asked == checked == known
    assert 3 <= len(known) <= 5


@pytest.mark.parametrize("name", NAMES)
def test_scripts_with_axes_of_their_own_label_them(name):
    code = "\n".join(cells_of(name, "code"))
    for cell in cells_of(name, "code"):
        drawn = re.search(r"\.(plot|semilogy|semilogx|loglog|bar|barh|imshow|scatter)\(", cell.replace("gt.plots.", ""))
        if drawn and "axis(" not in cell:
            assert "xlabel" in cell, cell
            assert "ylabel" in cell, cell
            assert "title" in cell, cell
    assert 'plt.style.use("gametheory_rl.plots.house")' in code


ALONE = """
import sys

class NoNumba:
    def find_spec(self, name, path=None, target=None):
        if name == "numba" or name.startswith(("numba.", "llvmlite")):
            raise ModuleNotFoundError(f"no module named {name!r}", name=name)

sys.meta_path.insert(0, NoNumba())
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
matplotlib.rcParams["figure.max_open_warning"] = 0
for script in sys.argv[1:]:
    exec(compile(open(script, encoding="utf-8").read(), script, "exec"), {"__name__": "__main__"})
    plt.close("all")
assert "numba" not in sys.modules
"""


def without_numba(names, share):
    scripts = [str(FOLDER / f"{name}.py") for name in names]
    environment = os.environ | {"LESSON_SHARE": share, "PYTHONWARNINGS": "ignore"}
    environment.pop("GAMETHEORY_RL_COMPILE", None)
    command = [sys.executable, "-c", ALONE, *scripts]
    return subprocess.run(command, cwd=FOLDER.parent, env=environment, capture_output=True, text=True, check=False, timeout=1500)


def printed(name):
    return "".join("".join(output["text"]) for output in outputs_of(name) if output["output_type"] == "stream")


def test_lessons_run_without_numba_and_say_the_same():
    run = without_numba(QUICK, "1")
    assert run.returncode == 0, run.stderr[-2000:]
    said = "".join(printed(name) for name in QUICK)
    assert numbers(run.stdout) == pytest.approx(numbers(said), rel=1e-3, abs=1e-4)


@pytest.mark.slow
@pytest.mark.timeout(1600)
@pytest.mark.parametrize("name", [name for name in TABULAR if name not in QUICK])
def test_the_other_tabular_lessons_run_without_numba(name):
    run = without_numba([name], "0.02")
    assert run.returncode == 0, run.stderr[-2000:]
    if "LESSON_SHARE" not in (FOLDER / f"{name}.py").read_text(encoding="utf-8"):
        assert numbers(run.stdout) == pytest.approx(numbers(printed(name)), rel=1e-3, abs=1e-4)


def numbers(text):
    return [float(number) for number in re.findall(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?", text)]
