"""``python3 dev.py lessons``: execute the lessons, two at a time, and write their notebooks; ``--check`` writes nothing.

The percent script is the source. A notebook holds the same cells and what they gave: executed again, it comes out the same,
since cells are named by their number and nothing in the output is a time, an address or the name of a machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
SECONDS = 600
"""The longest that one cell may take, kernels not compiled yet."""


def scripts() -> list[Path]:
    """Return the percent scripts in the order of the lessons."""
    return sorted(FOLDER.glob("[0-9][0-9]_*.py"))


def unexecuted(script: Path) -> Any:
    """Return the notebook of ``script``, its outputs empty."""
    import jupytext

    notebook = jupytext.read(script)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = {
        "jupytext": {"formats": "ipynb,py:percent"},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, 1):
        cell.id, cell.metadata = f"cell-{number:02d}", {}
    return notebook


def cells(notebook: Any) -> list[tuple[str, str]]:
    """Return what a script and its notebook share: kind and text of each cell."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def texts(notebook: Any) -> list[str]:
    """Return what the cells of an executed notebook say, pictures apart."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [str(output.get("text") or output.get("data", {}).get("text/plain", "")) for output in outputs]


def executed(script: Path) -> tuple[Any, str]:
    """Return the executed notebook of ``script`` and what went wrong: an exception, or anything on standard error; "": nothing."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = unexecuted(script)
    metadata = dict(notebook.metadata)
    resources = {"metadata": {"path": str(FOLDER.parent)}}
    client = NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", record_timing=False, resources=resources)
    client.extra_arguments = ["--log-level=ERROR"]
    try:
        client.execute()
    except CellExecutionError as error:
        return notebook, f"a cell failed: {str(error).strip().splitlines()[-1]}"
    notebook.metadata = metadata
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                return notebook, f"a warning or a message on standard error: {output.text.strip().splitlines()[0]}"
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = smaller(output.data["image/png"])
    return notebook, ""


def smaller(picture: str) -> str:
    """Return a picture (PNG in base 64) with 128 colours: a third of the bytes, and nobody sees the difference."""
    import base64
    import io

    from PIL import Image

    kept = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB").quantize(128).save(kept, "PNG", optimize=True)
    return base64.b64encode(kept.getvalue()).decode()


def lesson(script: Path, check: bool) -> tuple[str, str, float]:
    """Execute one lesson and write its notebook, or compare it with what is there: complaint, remark, seconds."""
    import nbformat

    began = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the notebook's own tools deprecate is no concern of a lesson
        notebook, complaint = executed(script)
        path, remark = script.with_suffix(".ipynb"), ""
        if check:
            kept = nbformat.read(path, as_version=4) if path.exists() else None
            if kept is None or cells(kept) != cells(notebook):
                complaint = complaint or f"{path.name} is not what {script.name} says now: run python3 dev.py lessons"
            elif texts(kept) != texts(notebook):
                remark = "its numbers differ from those kept in the notebook"
        elif not complaint:
            nbformat.write(notebook, path)
    return complaint, remark, time.monotonic() - began


def named(script: Path, name: str) -> bool:
    """Return whether ``name`` is the number of ``script`` or a part of its name."""
    return script.name[:2] == name.zfill(2) if name.isdigit() else name in script.name


def main() -> int:
    """Execute the lessons that the command line names, or all; return 1 where one has a complaint."""
    parser = argparse.ArgumentParser(prog="dev.py lessons", description="Execute the lessons and write their notebooks.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail on an exception, a warning, or a notebook out of date")
    parser.add_argument("names", nargs="*", metavar="LESSON", help="numbers or parts of names: 6, 06, soccer; default: all")
    given = parser.parse_args()
    chosen = [script for script in scripts() if not given.names or any(named(script, name) for name in given.names)]
    if not chosen:
        print(f"no lesson is called {' or '.join(given.names)}; there are {', '.join(s.stem for s in scripts())}", file=sys.stderr)
        return 2
    os.environ |= {"GAMETHEORY_RL_THREADS": "1", "PYTHONHASHSEED": "0"}  # two lessons share the machine
    began, failed = time.monotonic(), 0
    with ThreadPoolExecutor(2) as pool:
        for script, (complaint, remark, seconds) in zip(chosen, pool.map(lambda s: lesson(s, given.check), chosen), strict=True):
            failed += bool(complaint)
            print(f"{seconds:6.1f} s  {script.stem}  {complaint or remark or 'ok'}", flush=True)
    print(f"{time.monotonic() - began:6.1f} s  {len(chosen)} lessons, {failed} with a complaint")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
