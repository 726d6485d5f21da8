"""Nash-Q on two grid games: the values at the start, the three equilibria, and players who select different ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl._games import StochasticGame
from gametheory_rl.equilibria import vertex_enumeration
from gametheory_rl.learners import IndependentQ, NashQ, Schedule
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._traced import Traced, spread, traced
from gametheory_rl.stochastic import solve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SELECTIONS = ("first", "welfare", "best_for_1")
VALUE = 97.0299
"""Of grid game 1 at the start, to both: 100 after four moves, at a discount of 0.99."""
NEAR = 0.1
ENTRIES = (("R", "L", 95.059601), ("R", "U", VALUE), ("U", "L", VALUE), ("U", "U", VALUE))
"""The stage game at the start of grid game 1, in equilibrium: both players' entry."""
MIXED = 49.369042881191
EQUILIBRIA = ((98.01, 49.005), (49.005, 98.01), (MIXED, MIXED))
RIGHT = 0.9702064240625
PICKS = {"first": ("first", "first"), "best own": ("best_for_1", "best_for_2"), "egalitarian": ("egalitarian", "egalitarian")}
"""What a player selects, by its number."""
REACHED = 1.0
"""Gap from the start, payoff units, up to which play counts as an equilibrium."""
MOVES = "LRUD"
EXPLORING = Schedule.by_visits(1.0, start=1.0, end=0.1)


def experiment(lab: Lab) -> None:
    """Grid game 1 by three selections, the equilibria of grid game 2, and every pair of selections."""
    game = load_game("grid_game_1")
    _first_game(lab, game)
    _exact_equilibria(lab)
    _pairs(lab)
    lab.differs(
        "The paper's step size is 1 / visits of the (state, joint action), here 1 / visits^(3/4): at a discount of 0.99 the former "
        "forgets its first guesses too slowly. Its own schedule is a row of grid game 1."
    )
    lab.differs(
        "The paper's players take the first or the second equilibrium that its implementation of Lemke and Howson's method finds, or the "
        "best for themselves. What is second depends on that implementation; the egalitarian equilibrium "
        "stands in for it. Its shares are not known here, so that they are not quoted."
    )
    lab.differs(
        "Whether play is an equilibrium is decided by the exact gain of the best deviation, not by looking at the paths. Players with "
        "different equilibria in mind are counted: their play is reported as it is, and no average of equilibria is formed."
    )
    lab.differs(
        "Once values have settled on one equilibrium of the states that come after, the stage game at the start of grid game 2 often has "
        "one equilibrium only, so that most pairs agree there, whatever they select, though they differ in many other states."
    )


def _at_start(game: StochasticGame) -> int:
    return int(np.argmax(game.start))


def _first_game(lab: Lab, game: StochasticGame) -> None:
    steps, start = lab.size(10**6, 100_000, least=500), _at_start(game)
    cells = [MOVES.index(one) * len(MOVES) + MOVES.index(other) for one, other, _ in ENTRIES]
    worst = []
    for selection in SELECTIONS:
        lab.stage(f"grid game 1, {selection}", 0.12)
        found = _trained(lab, game, NashQ(exploration=1.0, selection=selection), steps, f"grid game 1, {selection}", cells)
        learned = found.values[:, :, start]
        worst.append(np.abs(learned - VALUE).max())
        for player in (0, 1):
            lab.row(f"grid game 1, {selection}: value of player {player + 1}", learned[:, player], exact=VALUE)
        if selection == "first":
            for k, (one, other, exact) in enumerate(ENTRIES):
                lab.row(f"grid game 1, first: entry ({one}, {other})", found.seen[:, -1, start, 0, k], exact=exact, note=_NOTES["entry"])
        lab.keep(**{f"grid game 1/{selection}": found.seen[:, :, start, 0, -1], "steps": spread(steps, 40)})
    within = f"within {NEAR} of {VALUE} in every seed, by all three selections"
    lab.claim(f"grid game 1: both values at the start are {within}", max(worst) < NEAR)
    lab.stage("grid game 1, the paper's step size", 0.1)
    learner = NashQ(Schedule.by_visits(), exploration=1.0)
    found = _trained(lab, game, learner, steps, "grid game 1, 1 / visits", cells)
    lab.row("grid game 1, step size 1 / visits: value of player 1", found.values[:, 0, start], exact=VALUE, note="The paper's step size.")


_NOTES = {
    "entry": "Player 1's entry of the stage game at the start: player 1's move, player 2's move.",
    "pair": f"Per cent of seeds whose play gains nobody more than {REACHED:g} from the start by any deviation.",
    "mismatch": "States, of 56, where the two players have different equilibria in mind at the end.",
}


def _trained(lab: Lab, game: StochasticGame, learner: NashQ, steps: int, label: str, cells: Sequence[int]) -> Traced:
    """Train, and keep each look's ``(S, n, cells and value)``."""

    def look(tables: Any) -> np.ndarray:
        return np.concatenate([tables.joint.q[:, :, cells], tables.joint.value[:, :, np.newaxis]], axis=2)

    return traced(lab, game, learner, spread(steps, 40), look, label)


def _exact_equilibria(lab: Lab) -> None:
    """Enumerate the equilibria of grid game 2's stage game at the start, on what the states after it are worth.

    Those have several equilibria of their own; the ones that homotopy ends in are those of the paper's three.
    """
    lab.stage("grid game 2, exactly", 0.02)
    game = load_game("grid_game_2")
    start = _at_start(game)
    moves = [np.flatnonzero(legal[start]) for legal in game.legal]
    payoffs = game.stage(start, solve(game, "homotopy").values)[:, moves[0]][:, :, moves[1]]
    profiles = vertex_enumeration(*payoffs).profiles
    paid = np.array([[x @ table @ y for table in payoffs] for x, y in profiles])
    off = []
    for number, exact in enumerate(EQUILIBRIA):
        nearest = int(np.abs(paid - exact).max(axis=1).argmin())
        off.append(np.abs(paid[nearest] - exact).max())
        for player in (0, 1):
            lab.row(f"grid game 2: equilibrium {number + 1}, player {player + 1}", paid[nearest, player], exact=exact[player])
        if number == 2:
            right = float(profiles[nearest][0][moves[0].tolist().index(MOVES.index("R"))])
            lab.row("grid game 2: the mixed one, P(Right) of player 1", right, exact=RIGHT)
    lab.claim("grid game 2 has three equilibria at the start, and these values", len(profiles) == 3 and max(off) < 1e-6)


def _pairs(lab: Lab) -> None:
    """Train every pair of selections, and Q-learners, on both games, and count how often play is an equilibrium."""
    steps, shares = lab.size(300_000, 30_000, least=500), {}
    pairs = [(one, other) for one in PICKS for other in PICKS]
    for name in ("grid_game_1", "grid_game_2"):
        game, title = load_game(name), name.replace("_", " ")
        table, differ = np.zeros((2, len(PICKS), len(PICKS)))
        for k, (one, other) in enumerate(pairs):
            lab.stage(f"{title}, {one} v {other}", 0.25 / len(pairs))
            learner = NashQ(exploration=1.0, selection=(PICKS[one][0], PICKS[other][1]))
            run = lab.learn(game, learner, steps=steps, label=f"{title}, {one} v {other}")
            reached = run.trace["start_gap"][:, -1] <= REACHED
            table[k // len(PICKS), k % len(PICKS)] = 100 * reached.mean()
            lab.row(f"{title}: {one} v {other}, equilibrium reached, %", 100 * reached.mean(), note=_NOTES["pair"])
            apart = run.trace.get("mismatch")
            if apart is not None:
                differ[k // len(PICKS), k % len(PICKS)] = np.median(apart[:, -1])
                lab.row(f"{title}: {one} v {other}, states where they differ", apart[:, -1], note=_NOTES["mismatch"])
        lab.stage(f"{title}, Q-learning", 0.01)
        run = lab.learn(game, IndependentQ(exploration=EXPLORING), steps=steps, label=f"{title}, Q-learning")
        share = 100 * (run.trace["start_gap"][:, -1] <= REACHED).mean()
        lab.row(f"{title}: Q-learning v Q-learning, equilibrium reached, %", share, note=_NOTES["pair"])
        shares[name] = table
        lab.keep(**{name: np.stack([table, differ])})
    differing = max(row.median for row in lab.rows if row.name.endswith("states where they differ"))
    lab.claim("players with different selections have different equilibria in mind somewhere, and it is seen", differing > 0)
    lab.claim(
        "grid game 2: players who both take the first, or the egalitarian, reach an equilibrium in every seed",
        min(shares["grid_game_2"][k, k] for k in (0, 2)) == 100,
    )


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return the values learned in grid game 1, and the shares of equilibria in grid game 2."""
    return [lambda ax: _values(data, ax), lambda ax: _shares(data["grid_game_2"], ax)]


def _values(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import DASHES, GREY, MARKERS, colour, dress_curves

    for index, selection in enumerate(SELECTIONS):
        learned = data[f"grid game 1/{selection}"]
        low, middle, high = (f(learned, axis=0) for f in (np.min, np.median, np.max))
        ax.fill_between(data["steps"], low, high, color=colour(index), alpha=0.2, linewidth=0)
        style = {"linestyle": DASHES[index], "marker": MARKERS[index], "markevery": (2 * index, 6)}
        ax.plot(data["steps"], middle, color=colour(index), label=selection.replace("_", " "), **style)
    ax.axhline(VALUE, color=GREY, linewidth=1.2, linestyle=":", label="97.03, exact")
    ax.set_xscale("log")
    dress_curves(ax, "Grid game 1: Nash-Q's value at the start", "environment steps", "value of player 1")
    ax.legend(loc="lower right")


def _shares(both: np.ndarray, ax: Axes) -> None:
    """Draw the share of each pair, and in how many states its players differ at the end."""
    from gametheory_rl.plots._style import INK

    table, differ = both
    ax.imshow(table, cmap="Blues", vmin=0, vmax=130)
    for row in range(len(PICKS)):
        for column in range(len(PICKS)):
            share = table[row, column]
            ax.text(
                column,
                row,
                f"{share:.0f} %\n{differ[row, column]:.0f} states apart",
                ha="center",
                va="center",
                fontsize=16,
                color="white" if share > 70 else INK,
            )
    ax.set_xticks(range(len(PICKS)), list(PICKS))
    ax.set_yticks(range(len(PICKS)), list(PICKS))
    ax.set_xlabel("player 2 selects")
    ax.set_ylabel("player 1 selects")
    ax.set_title("Grid game 2: runs that reach an equilibrium")


PAPER = Paper(
    title="Nash-Q on two grid games: values, equilibria, and players who select different ones",
    source='J. Hu, M. P. Wellman, "Nash Q-learning for general-sum stochastic games", JMLR 4, 2003, section 5',
    experiment=experiment,
    panels=panels,
    minutes=10.0,
)
