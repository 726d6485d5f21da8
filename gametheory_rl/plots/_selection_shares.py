"""In which equilibria the seeds of runs ended, as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from gametheory_rl._diagnosis import Diagnosis, Share, diagnose
from gametheory_rl._results import Run
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._curves import Runs
from gametheory_rl.plots._style import GREY, INK, PALE, axes_for, colour, house_style, labelled

HATCHES = ("", "///", "...", "xxx", "\\\\\\", "ooo")
MOST_NAMED = 6
"""Equilibria beyond the sixth share one colour."""


@house_style()
def selection_shares(run_or_runs: Runs, *, tol: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw the shares of seeds that ended in each equilibrium, one bar a run; grey: those that reached none.

    Parameters
    ----------
    run_or_runs : Run, sequence of Run or mapping from labels to Run
        Of the same game: equilibria with the same values share a colour.
    tol : float, optional
        What counts as an equilibrium, see ``diagnose``.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Something that is no run, or one without exact gaps.
    """
    named = labelled(Run, run_or_runs, "run_or_runs", lambda run: str(run.settings.get("learner", "run")))
    found = {label: diagnose(run, tol=tol) for label, run in named.items()}
    if any(not each.shares for each in found.values()):
        raise GameError("a run has no shares of equilibria: its trace needs nash_gap, with one record or more")
    kinds = _kinds(list(found.values()))
    ax = axes_for(ax, (7.2, 1.6 + 0.7 * len(found)))
    for row, each in enumerate(found.values()):
        _bar(ax, row, each.shares, kinds)
    ax.set_yticks(range(len(found)), labels=list(found))
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of seeds")
    ax.set_title("Where the seeds end")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(labelsize=12, color=GREY, labelcolor=INK)
    ax.tick_params(axis="y", length=0)
    ax.legend(
        handles=_legend(kinds, list(found.values())), loc="upper center", bbox_to_anchor=(0.5, -0.3 / (0.3 + 0.35 * len(found))), ncols=2
    )
    return ax


selection = selection_shares
"""The short name."""


def _kinds(found: Sequence[Diagnosis]) -> list[tuple[np.ndarray, float]]:
    """Return the different values of equilibria, the first-seen first, and within what they count as one."""
    kinds: list[tuple[np.ndarray, float]] = []
    for each in found:
        for share in each.shares:
            if share.equilibrium and _kind(share, kinds, set()) is None:
                kinds.append((share.values, 2 * each.tol))
            elif share.equilibrium:
                # Two of one run with the same values are different profiles.
                same = sum(s.equilibrium and _near(s.values, share.values, 2 * each.tol) for s in each.shares)
                while sum(_near(values, share.values, near) for values, near in kinds) < same:
                    kinds.append((share.values, 2 * each.tol))
    return kinds


def _near(one: np.ndarray, other: np.ndarray, tol: float) -> bool:
    return one.shape == other.shape and bool((np.abs(one - other) <= tol).all())


def _kind(share: Share, kinds: Sequence[tuple[np.ndarray, float]], taken: set[int]) -> int | None:
    return next((k for k, (values, near) in enumerate(kinds) if k not in taken and _near(values, share.values, near)), None)


def _bar(ax: Axes, row: int, shares: Sequence[Share], kinds: Sequence[tuple[np.ndarray, float]]) -> None:
    left, taken = 0.0, set[int]()
    for share in shares:
        kind = _kind(share, kinds, taken) if share.equilibrium else None
        taken |= set() if kind is None else {kind}
        look: dict[str, Any] = (
            {"color": PALE} if kind is None else {"color": colour(min(kind, MOST_NAMED - 1)), "hatch": HATCHES[min(kind, MOST_NAMED - 1)]}
        )
        ax.barh(row, share.share, left=left, height=0.62, edgecolor="white", **look)
        if share.share >= 0.06:
            text = f"{len(share.seeds)}"
            ax.text(
                left + share.share / 2,
                row,
                text,
                ha="center",
                va="center",
                fontsize=12,
                color=INK,
                bbox={"fc": "white", "ec": "none", "pad": 2},
            )
        left += share.share


def _legend(kinds: Sequence[tuple[np.ndarray, float]], found: Sequence[Diagnosis]) -> list[Patch]:
    handles = []
    for k, (values, _) in enumerate(kinds[:MOST_NAMED]):
        worth = ", ".join(f"{value + 0.0:.4g}" for value in values)
        handles.append(
            Patch(fc=colour(k), ec="white", hatch=HATCHES[k], label=f"equilibrium worth ({worth})" if worth else f"equilibrium {k + 1}")
        )
    if any(not share.equilibrium for each in found for share in each.shares):
        handles.append(Patch(fc=PALE, ec="white", label="no equilibrium"))
    return handles
