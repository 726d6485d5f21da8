"""A reproduction as a table for a page, from what its JSON file holds: so that no figure on a page is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gametheory_rl._results import Status


def markdown(document: Mapping[str, Any]) -> str:
    """Return figures, claims and how many seeds, as Markdown.

    Parameters
    ----------
    document : mapping
        What ``Reproduction.document`` returns, or its JSON file read.

    Returns
    -------
    str
        A table; below it the claims, and what a stopped reproduction lacks.
    """
    robust = document["settings"]["summary"] == "interquartile"
    middle, low, high = ("interquartile_mean", "bootstrap_low", "bootstrap_high") if robust else ("ours", "lowest", "highest")
    lines = ["| figure | paper | exact | ours | " + ("95 %" if robust else "range") + " | seeds |", "|--|--:|--:|--:|--:|--:|"]
    for row in document["rows"]:
        ends = " to ".join(map(_figure, (row[low], row[high]))) if row["seeds"] > 1 else ""
        cells = (row["figure"], row["paper"], _figure(row["exact"]), _figure(row[middle]), ends, str(row["seeds"]))
        lines.append(f"| {' | '.join(cells)} |")
    claims = [f"- {'Holds' if claim['holds'] else '**Does not hold**'}: {claim['sentence']}." for claim in document["claims"]]
    told = (
        "Ours are interquartile means and their bootstrap intervals." if robust else "Ours are medians, and the smallest and largest seed."
    )
    return "\n".join([*lines, "", told + _told(document), *(["", *claims] if claims else [])]) + "\n"


def _told(document: Mapping[str, Any]) -> str:
    quick = " Quick size: a small part of the paper's." if document["settings"]["quick"] else ""
    whole = document["status"] == Status.FINISHED.name.lower()
    return quick + ("" if whole else " The run was stopped: the parts of the experiment that are not in the table were not run.")


def _figure(value: float | None) -> str:
    """Return four digits, nothing of what is unknown."""
    return "" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
