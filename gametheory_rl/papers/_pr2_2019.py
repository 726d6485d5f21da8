"""PR2 in its paper's two small games: where reasoning about answers settles, where it does not, and from where it finds the higher hill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.equilibria.dynamics import iga, logit
from gametheory_rl.families import DifferentialGame, differential_game, gradient_path, recursive_path
from gametheory_rl.learners import PR2Q
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._traced import evenly

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ITERATIONS = 500
TEMPERATURES = (1.0, 2.0)
NEAR = 0.1
THEOREM_1 = {"soft": "soft maximum", "mean": "mean under rho"}
SHARPNESS = (0.0, 0.1, 0.5, 1.0)
"""Temperatures of the integral over answers; 0 is the largest."""
START = (0.7, 0.5)
"""Where gradient and logit play begin: off the equilibrium, as exactly there nothing moves."""


def experiment(lab: Lab) -> None:
    """Play the game of two actions, then climb the two hills: exactly, and learned where JAX is installed."""
    matrix = _counts(lab)
    _theorem(lab, matrix)
    _others(lab, matrix)
    hills = differential_game("two_quadratics")
    _gates(lab, hills)
    _borders(lab, hills)
    _basins(lab, hills)
    _learned(lab)
    lab.differs(
        "The paper gives no temperature for the game of two actions; both of ours are said. Its figures show play near the equilibrium; "
        "that follows where answers are counted, as it does for plain logit play, not where they follow from Theorem 1."
    )
    lab.differs(
        "The paper's agents begin near (0, 0) and climb the higher hill. Exact reasoning from there ends on the lower one: its border on "
        "the diagonal is at 1.319. The released code divides by 3 where the paper squares the quotient; ours is the paper's."
    )


def _form(rho: Any, worth: Any, temperature: float = 1.0) -> PR2Q:
    return PR2Q(step_size=1.0, rho=rho, worth=worth, temperature=temperature, annealing=0.0, exploration=0.0)


def _path_of(lab: Lab, learner: PR2Q) -> np.ndarray:
    """Return every seed's first probabilities, ``(seeds, records, 2)``."""
    game = load_game("recursive_reasoning")
    run = lab.learn(game, learner, steps=ITERATIONS, records=evenly(ITERATIONS, 100), policy_states=[0])
    return np.asarray(run.policies)[:, :, :, 0, 0]


def _counts(lab: Lab) -> np.ndarray:
    game = load_game("recursive_reasoning")
    for temperature in TEMPERATURES:
        lab.stage(f"counted answers, temperature {temperature:g}", 0.05)
        paths = _path_of(lab, _form("counts", "mean", temperature))
        distance = np.abs(paths[:, -1] - 0.5).max(axis=1)
        lab.row(f"two actions: counted answers, T = {temperature:g}, distance", distance, exact=0.0, note=_NOTE)
        lab.claim(f"two actions: counted answers end within {NEAR} of the equilibrium at T = {temperature:g}", distance.max() < NEAR)
        lab.keep(**{f"counts/{temperature:g}": paths[0]})
    return np.asarray(game.payoff)[:, 0]


_NOTE = f"Of either probability from 1/2, the larger, after {ITERATIONS} iterations."


def _theorem(lab: Lab, matrix: np.ndarray) -> None:
    rows = np.exp(matrix[0])
    worths = {"soft": np.log(rows.sum(axis=1)), "mean": (rows * matrix[0]).sum(axis=1) / rows.sum(axis=1)}
    for worth, words in THEOREM_1.items():
        lab.stage(f"Theorem 1, {words}", 0.05)
        paths = _path_of(lab, _form("soft", worth))
        settled = float(np.exp(worths[worth][0]) / np.exp(worths[worth]).sum())
        lab.row(f"two actions: Theorem 1, {words}, P(first)", paths[:, -1, 0], exact=settled, note="Player 1's; at T = 1.")
        lab.claim(
            f"two actions: Theorem 1 with the {words} settles at {settled:.3f}, not at 1/2", np.abs(paths[:, -1] - settled).max() < 1e-6
        )
        lab.keep(**{f"theorem/{worth}": paths[0]})


def _others(lab: Lab, matrix: np.ndarray) -> None:
    lab.stage("gradient and logit play", 0.05)
    start = tuple((p, 1 - p) for p in START)
    orbit = iga(matrix, 30.0, start=start, records=400, progress=False)
    smooth = logit(matrix, 30.0, precision=1.0, start=start, records=400, progress=False)
    for name, path in (("gradient", orbit), ("logit", smooth)):
        firsts = np.stack([each[:, 0] for each in path.profiles], axis=1)
        distance = np.hypot(*(firsts - 0.5).T)
        lab.row(f"two actions: {name} play, distance at the end", distance[-1], exact=0.0 if name == "logit" else float(distance[0]))
        lab.keep(**{name: firsts})
        if name == "gradient":
            lab.claim("two actions: gradient play stays on its circle", np.ptp(distance) < 1e-3)
        else:
            lab.claim("two actions: plain logit play converges too", distance[-1] < 1e-3)


def _gates(lab: Lab, hills: DifferentialGame) -> None:
    lab.stage("two hills", 0.05)
    starts, reached = np.array([[1.6, 1.6], [0.0, 0.0]]), {}
    for name, follow in (("exact PR2", recursive_path), ("gradient", gradient_path)):
        path = follow(hills, starts)
        reached[name] = hills.payoffs(path[-1])[:, 0]
        for start, payoff in zip(("(1.6, 1.6)", "(0, 0)"), reached[name], strict=True):
            lab.row(f"two hills: {name} from {start}", payoff)
        lab.keep(**{f"path/{name}": path[:200]})
    lab.claim(
        "two hills: from (1.6, 1.6) exact PR2 reaches 10, the gradient 0",
        np.allclose([each[0] for each in reached.values()], [10, 0], atol=1e-6),
    )
    lab.claim("two hills: from (0, 0) both end at 0", np.allclose([each[1] for each in reached.values()], 0, atol=1e-6))


def _borders(lab: Lab, hills: DifferentialGame) -> None:
    lab.stage("borders on the diagonal", 0.2)
    steps = lab.size(400, 250)
    lab.row("two hills: border, gradient", border(hills, gradient_path, steps), exact=_tie(2.0))
    for temperature in SHARPNESS:
        follow = partial(recursive_path, temperature=temperature, rate=0.15)
        name = f"T = {temperature:g}" if temperature else "max"
        lab.row(
            f"two hills: border, exact PR2, {name}",
            border(hills, follow, steps),
            exact=_tie(1.0) if temperature == 0 else None,
            note=_BORDER,
        )


_BORDER = "From beyond it on the diagonal the higher hill is climbed; T is that of the log-integral over answers."


def _tie(terms: float) -> float:
    """Return where the hills are level: ``10 - terms (a - 5)^2 = -.8 terms ((a + 5) / 3)^2``, the root between them."""
    low = 0.8 / 9 * terms
    roots = np.roots([low - terms, 10 * (low + terms), 25 * (low - terms) + 10]).real
    return float(roots[np.abs(roots) < 5][0])


def border(game: DifferentialGame, follow: Callable[..., np.ndarray], steps: int = 400) -> float:
    """Return from where on the diagonal the higher hill is climbed, to 2e-4, if so many steps suffice to tell."""
    low, high = 1.0, 2.2
    for _ in range(3):
        starts = np.linspace(low, high, 19)
        path = follow(game, np.repeat(starts[:, np.newaxis], 2, axis=1), steps=steps)
        first = int(np.argmax(game.payoffs(path[-1])[:, 0] > 5))
        low, high = starts[max(first - 1, 0)], starts[first]
    return float((low + high) / 2)


def _basins(lab: Lab, hills: DifferentialGame) -> None:
    lab.stage("basins", 0.2)
    line = np.linspace(-10, 10, lab.size(81, 61, least=9))
    grid = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1)
    plain = hills.payoffs(gradient_path(hills, grid, rate=0.3, steps=150)[-1])[..., 0]
    alone = recursive_path(hills, np.stack([line, line], axis=1), rate=0.3, steps=150)[-1]
    # No player's path depends on the other's: where both end from any pair of starts is known from the line.
    ends = np.stack(np.meshgrid(alone[:, 0], alone[:, 1], indexing="ij"), axis=-1)
    reasoned = hills.payoffs(ends)[..., 0]
    lab.keep(line=line, plain=plain, reasoned=reasoned)
    lab.row("two hills: share of starts that reach 10, gradient", (plain > 5).mean())
    lab.row("two hills: share of starts that reach 10, exact PR2", (reasoned > 5).mean())
    lab.row("two hills: share of starts that end on no hill, exact PR2", (reasoned < -1).mean(), note=_NOWHERE)


_NOWHERE = "The players climb different hills, each counting on the other to come along."


def _learned(lab: Lab) -> None:
    steps, starts = lab.size(48_000, 32_000), lab.size(64, 16)
    if find_spec("jax") is None or steps < 4_000:
        lab.differs("Learned PR2 was left out: it needs pip install 'gametheory-rl[deep]' and an effort of some thousand steps.")
        return
    from gametheory_rl.deep import PR2, load_world
    from gametheory_rl.deep._method import Spec

    lab.stage("learned PR2 from many starts", 0.3)
    method = PR2(spread=0.99, hidden=(32, 32), batch_size=32, particles=16, warmup=200, evaluation=1)
    run = lab.learn(load_world("differential"), method, steps=steps, seeds=starts)
    spec = Spec((1, 1), (1, 1), 0, True, (method.discount,) * 2)
    drawn = [method.draw(np.random.default_rng(int(key)), spec)["nets"]["actor"][-1].bias[:, 0] for key in stream_keys(lab.seed, starts)]
    begun, ends = 10 * np.tanh(drawn), np.stack([run.trace[f"greedy_action_{i}"][:, -1] for i in range(2)], axis=1)
    payoffs = differential_game("two_quadratics").payoffs(ends)[:, 0]
    lab.row("two hills: share of starts that reach 9, learned PR2", (payoffs > 9).mean(), note=f"{starts} runs of {steps:,} steps.")
    lab.keep(begun=begun, ends=ends, learned=payoffs)


# ---- the plot ------------------------------------------------------------------------------------------------------


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return the dynamics of the game of two actions, and the basins of the two hills."""
    return [partial(_square, data), partial(_hills, data)]


def _square(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import DASHES, GREY, INK, MARKERS, colour, dress_curves

    ax.plot(*data["gradient"].T, color=GREY, linewidth=1.2, linestyle=DASHES[1], label="gradient: goes round")
    ax.plot(*data["logit"].T, color=INK, linewidth=1.2, linestyle=DASHES[2], label="logit play")
    for index, temperature in enumerate(TEMPERATURES):
        path = data[f"counts/{temperature:g}"]
        ax.plot(*path.T, color=colour(index), linewidth=1.0, alpha=0.8, label=f"PR2-Q, counts, T = {temperature:g}")
        ax.plot(*path[-1], MARKERS[index], color=colour(index), markeredgecolor=INK, markersize=9)
    for index, (worth, words) in enumerate(THEOREM_1.items(), 2):
        ax.plot(
            *data[f"theorem/{worth}"][-1],
            MARKERS[index],
            color=colour(index),
            markeredgecolor=INK,
            markersize=10,
            linestyle="",
            label=f"Theorem 1, {words}",
        )
    ax.plot([0.5], [0.5], "+", color=INK, markersize=16, markeredgewidth=2, linestyle="", label="equilibrium")
    dress_curves(ax, "Two actions", "P(first), player 1", "P(first), player 2")
    ax.set_xlim(0.2, 1)
    ax.set_ylim(0.2, 1)
    ax.set_aspect("equal")
    ax.legend(loc="upper left", fontsize=9)


def _hills(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from matplotlib.patches import Patch

    from gametheory_rl.plots._style import INK, PALE, SKY, VERMILION, dress_curves

    line, kinds = data["line"], np.digitize(data["reasoned"], [-1, 5])
    ax.contourf(line, line, kinds.T, levels=[-0.5, 0.5, 1.5, 2.5], colors=["white", PALE, SKY], alpha=0.6)
    ax.contour(line, line, data["plain"].T, levels=[5], colors=[VERMILION], linestyles="--", linewidths=2)
    handles: list[Any] = [Patch(color=SKY, alpha=0.6, label="exact PR2 reaches 10")]
    handles += [Patch(color=PALE, label="... ends at 0"), Patch(facecolor="white", edgecolor=PALE, label="... ends on no hill")]
    handles += ax.plot([], [], color=VERMILION, linestyle="--", label="border of the gradient's basin")
    for name, style in (("exact PR2", "-"), ("gradient", ":")):
        first, second = (data[f"path/{name}"][:, start].T for start in range(2))
        handles += ax.plot(*first, color=INK, linestyle=style, linewidth=1.6, label=f"{name}, from (0, 0) and (1.6, 1.6)")
        ax.plot(*second, color=INK, linestyle=style, linewidth=1.6)
    ax.plot([1.6, 0.0], [1.6, 0.0], "o", color=INK, markersize=6)
    handles += ax.plot([-5, 5], [-5, 5], "*", color=INK, markersize=13, linestyle="", label="hills: 0 and 10")
    if "begun" in data:
        high = data["learned"] > 9
        handles += ax.plot(
            *data["begun"][high].T,
            "^",
            color="white",
            markeredgecolor=INK,
            linestyle="",
            zorder=6,
            label="learned PR2 started here, reached 10",
        )
        handles += ax.plot(*data["begun"][~high].T, "x", color=INK, linestyle="", label="... and did not")
    dress_curves(ax, "Two hills: where play begins", "action of player 1", "action of player 2")
    ax.set_aspect("equal")
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1.0), fontsize=9)


PAPER = Paper(
    title="PR2: a game of two actions and two hills, exactly and learned",
    source='Y. Wen, Y. Yang, R. Luo, J. Wang, W. Pan: "Probabilistic recursive reasoning for multi-agent reinforcement learning", 2019',
    experiment=experiment,
    panels=panels,
    minutes=10.0,
    seeds=20,
    quick_seeds=20,
)
