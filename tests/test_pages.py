"""The pages: links lead somewhere, every page is in the index, and the README's figures are those that were measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,4} +(.*)$", re.MULTILINE)


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the anchors that headings get on the built page and on a code host."""
    headings = [re.sub(r"[`*]", "", heading).lower() for heading in HEADING.findall(prose(page))]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings_that_are_there(page):
    broken = []
    for link in LINK.findall(prose(page)):
        target, _, anchor = link.partition("#")
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            broken.append(link)
    assert broken == []


def test_every_page_is_in_the_index():
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = {line.strip() for tree in re.findall(r"```\{toctree\}(.*?)```", index, re.DOTALL) for line in tree.splitlines()}
    pages = {page.stem for page in DOCS.glob("*.md")} - {"index", "paradigms_table", "deep_paradigms_table", "deep_methods_table"}
    assert pages <= listed


def test_the_readme_says_what_was_measured():
    pytest.importorskip("rich")
    from benchmarks.readme import filled

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert filled(text, json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))) == text
