"""The page of pictures names every plot, its code can be read, and every picture that it shows is there."""

import ast
import re
from pathlib import Path

from gametheory_rl.plots import __all__ as names

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "plots.md").read_text(encoding="utf-8")


def test_every_plot_is_on_the_page():
    assert [name for name in names if not re.search(rf"\b{name}\b", PAGE)] == []


def test_pictures_are_there_and_code_is_python():
    pictures = re.findall(r"\(images/([\w.]+)\)", PAGE)
    assert len(pictures) > 15
    assert [name for name in pictures if not (DOCS / "images" / name).is_file()] == []
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        ast.parse(code)
