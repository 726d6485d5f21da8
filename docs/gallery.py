"""Run the code of plots.md and write its pictures: ``python docs/gallery.py [NAME ...]``.

Every block of Python is run, in order; the axes ``ax`` that one leaves behind become the picture below it. With names, only these
pictures are written.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")

PAGE = Path(__file__).with_name("plots.md")
BLOCKS = re.compile(r"```python\n(.*?)```(?:\s*!\[[^\]]*\]\(images/(\w+)\.png\))?", re.DOTALL)


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the page's blocks of Python, each with the name of the picture below it, or nothing."""
    return [(found[1], found[2] or "") for found in BLOCKS.finditer(text)]


def main(wanted: list[str]) -> None:
    """Write the pictures."""
    from matplotlib import pyplot as plt

    os.chdir(PAGE.parent)
    names: dict[str, Any] = {}
    for code, picture in blocks(PAGE.read_text(encoding="utf-8")):
        exec(compile(code, str(PAGE), "exec"), names)
        if picture and (not wanted or picture in wanted):
            names["ax"].figure.savefig(f"images/{picture}.png", dpi=72, bbox_inches="tight")
            print(f"drew docs/images/{picture}.png", flush=True)
        plt.close("all")


if __name__ == "__main__":
    main(sys.argv[1:])
