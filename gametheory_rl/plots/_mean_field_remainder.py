"""What a mean-field view leaves out, against how far apart the others' actions are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl._mean_field_remainder import MeanFieldRemainder
from gametheory_rl.plots._style import DASHES, MARKERS, axes_for, colour, dress_curves, house_style, labelled

Remainders = MeanFieldRemainder | Sequence[MeanFieldRemainder] | Mapping[str, MeanFieldRemainder]


@house_style()
def mean_field_remainder(found: Remainders, *, ax: Axes | None = None) -> Axes:
    """Draw the remainder over the spread of the others' actions: its root mean square over all joint actions of equal spread.

    Parameters
    ----------
    found : MeanFieldRemainder, sequence of them or mapping from labels to them
        As ``gametheory_rl.mean_field_remainder`` returns; of several, by numbers of players for instance, a line each. The lighter
        band reaches from the smallest to the largest remainder without its sign.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Something that is no remainder.
    """
    named = labelled(MeanFieldRemainder, found, "found", lambda one: f"{len(one.spread)} players")
    ax = axes_for(ax)
    for index, (label, one) in enumerate(named.items()):
        spreads, groups = np.unique(one.spread.round(12), return_inverse=True)
        sizes = [np.abs(one.remainder.ravel()[groups.ravel() == k]) for k in range(len(spreads))]
        shade, dashes, marker = colour(index), DASHES[index % len(DASHES)], MARKERS[index % len(MARKERS)]
        ax.fill_between(spreads, [each.min() for each in sizes], [each.max() for each in sizes], color=shade, alpha=0.13, linewidth=0)
        middle = [float(np.sqrt((each**2).mean())) for each in sizes]
        ax.plot(spreads, middle, color=shade, label=label, linestyle=dashes, marker=marker)
    dress_curves(ax, "What the mean action leaves out", "spread of the others' actions", "remainder (payoff units)")
    ax.set_ylim(bottom=0 if ax.get_ylim()[1] > 0 else None)
    ax.legend(loc="best", title="root mean square, band: smallest to largest", alignment="left", title_fontsize=10.5)
    return ax
