"""The one sentence of a diagnosis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from gametheory_rl._diagnosis._statistics import Slope
from gametheory_rl._diagnosis._verdict import SeedDiagnosis, Verdict

SHORT = {
    Verdict.CONVERGED: "converged to within {tol:.3g}",
    Verdict.CLOSE: "as close but not settled",
    Verdict.TEAM: "settled on the team's best plan, no equilibrium",
    Verdict.AVERAGES: "converging on average only",
    Verdict.CYCLES: "cycling",
    Verdict.FALLING: "with a gap that is still falling",
    Verdict.WANDERS: "never settling",
    Verdict.DRIFTS: "with a gap of no clear trend",
    Verdict.STALLED: "with a gap that has stopped falling",
    Verdict.UNKNOWN: "with too few records",
}
MOST_NAMED = 8
"""A loop of more profiles is not spelt out."""
CONVERGED = (Verdict.CONVERGED, Verdict.CLOSE, Verdict.UNKNOWN)
"""Where no seed has one of these, none converged."""


def sentence(
    verdict: Verdict, seeds: Sequence[SeedDiagnosis], tol: float, rate: Slope, route: Sequence[str], late: int, column: str = "nash_gap"
) -> str:
    """Return the verdict's sentence with its numbers."""
    count = len(seeds)
    if verdict is Verdict.DIVIDED:
        found = Counter(seed.verdict for seed in seeds).most_common()
        rest = ", ".join(f"{number} of {count} {SHORT[each].format(tol=tol)}" for each, number in found)
        return verdict.value.format(rest=rest if any(each in CONVERGED for each, _ in found) else f"{rest}; none has converged")
    return verdict.value.format(
        tol=tol,
        who="the one seed" if count == 1 else f"every one of {count} seeds",
        gap=_largest(seed.gap for seed in seeds),
        late=late,
        average=_largest(seed.average_gap for seed in seeds),
        team=round(_largest(seed.team_gap for seed in seeds), 12),
        before=float(np.median([seed.levels[0] for seed in seeds])),
        after=float(np.median([seed.levels[1] for seed in seeds])),
        rate=rate.slope,
        low=rate.low,
        high=rate.high,
        period=_period(seeds, route),
        rest=_rest(verdict, seeds, column),
    )


def _largest(numbers: object) -> float:
    return float(np.max(np.fromiter(numbers, float)))  # type: ignore[call-overload]


def _rest(verdict: Verdict, seeds: Sequence[SeedDiagnosis], column: str) -> str:
    cycling = sum(seed.cycle is not None for seed in seeds)
    if verdict is Verdict.CONVERGED:
        return "and no policy cycles" if all(seed.settled for seed in seeds) else "and what still moves does not cycle"
    if verdict is Verdict.CLOSE:
        if cycling:
            return "but the policy cycles"
        unwatched = any(seed.settled is None for seed in seeds)
        return "but nobody watched the policy between records" if unwatched else "but the policy's values still move"
    if verdict is Verdict.AVERAGES:
        return ", which cycles" if cycling == len(seeds) else ""
    if verdict is Verdict.UNKNOWN:
        count = min(seed.recent for seed in seeds)
        return f"{count} record{'s' * (count != 1)} in the last factor 4 of the steps, where 5 or more are needed"
    if verdict is Verdict.WANDERS:
        back = int(np.median([seed.returns for seed in seeds]))
        return f", {_times(back)} back at greedy profiles that it had left" if back else ""
    return _standstill(seeds, column) if verdict is Verdict.STALLED else ""


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _standstill(seeds: Sequence[SeedDiagnosis], column: str) -> str:
    """Return what is known of policies whose gap stands still."""
    if column == "population_gap":
        return ", where at a positive temperature some gap remains in any case"
    if not all(seed.settled for seed in seeds):
        return ""
    found = ": the policy has stood still over the last factor 4 of the steps, at no equilibrium"
    back = int(np.median([seed.returns for seed in seeds]))
    before = f", after coming back {_times(back)} to greedy profiles that it had left, so that it may move on"
    return found + (before if back else "")


def _period(seeds: Sequence[SeedDiagnosis], route: Sequence[str]) -> str:
    """Return ``with period 4 (a > b > c > d), ...``, or what is known of it."""
    steps = float(np.median([seed.cycle.steps for seed in seeds if seed.cycle is not None] or [np.nan]))
    pace = f"once round in about {rounded(steps)} steps at the end"
    if not route:
        return f"with no fixed set of profiles, {pace}"
    named = f" ({' > '.join(route)})" if len(route) <= MOST_NAMED else ""
    return f"with period {len(route)}: through {len(route)} greedy profiles{named}, {pace}"


def rounded(number: float) -> str:
    """Return a number to two digits, written out."""
    if not np.isfinite(number) or number <= 0:
        return "?"
    digits = 1 - int(np.floor(np.log10(number)))
    return f"{round(number, digits):,.{max(digits, 0) if number < 10 else 0}f}"
