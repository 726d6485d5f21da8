"""Correlated-Q beside Foe-Q, Friend-Q and Q-learning: two grid games, and the small soccer in which only some of them settle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import SolverError
from gametheory_rl._verify import judge
from gametheory_rl.learners import CorrelatedQ, FoeQ, FriendQ, IndependentQ, Schedule
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._traced import Traced, evenly, traced
from gametheory_rl.stochastic import solve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SOCCER = "greenwald_hall_soccer"
GRIDS = ("grid_game_1", "grid_game_2")
STATE, ACTIONS = "A(0,2) B(0,1), B has the ball", (1, 4)
"""Where the change of one entry is watched: A moves south, B stands."""
SETTLED = 1.0
"""Per cent of a goal."""
SAMPLES = 200
SHOWN = ("Q-learning", "Foe-Q", "Friend-Q", "uCE-Q")


def learners(steps: int, falling: Schedule) -> dict[str, Any]:
    """Return the seven learners with one step size; all explore uniformly but Q-learning, which is on-policy and explores ever less."""
    rules = {"uCE-Q": "utilitarian", "eCE-Q": "egalitarian", "rCE-Q": "republican", "lCE-Q": "libertarian"}
    correlated = {name: CorrelatedQ(falling, exploration=1.0, objective=rule) for name, rule in rules.items()}
    friends = {"Foe-Q": FoeQ(falling, exploration=1.0), "Friend-Q": FriendQ(falling, exploration=1.0)}
    return correlated | friends | {"Q-learning": IndependentQ(falling, exploration=Schedule.exponential(1.0, 0.001, steps))}


def experiment(lab: Lab) -> None:
    """Train all seven on three games; judge them exactly; watch one entry and the policies on soccer."""
    for name in GRIDS:
        _grid(lab, name)
    _soccer(lab)
    lab.differs(
        "The paper plots |Q_t - Q_(t-1)| of one entry at the steps that visit it; here it is looked at 200 times a run, and the change "
        "between two looks is drawn. Which state its figure watches is not known here: in ours B has the ball next to A, and both must mix."
    )
    lab.differs(
        "Step sizes are 1 / (1 + n)^(3/4) after n visits, and on soccer all but Q-learning meet every state equally often, as from a "
        "generative model: uniform play hardly ever sees some states. The paper's step size falls with time."
    )
    lab.differs(
        "That change falls for Q-learning too, because its step size falls. What does not settle is the policy: so greedy policies that "
        "change from look to look are counted, and the exact gap says what they are worth."
    )
    lab.differs(
        "The paper's third grid game and its scores are not here: their rules differ from Hu and Wellman's and are not known. "
        "Correlated profiles are judged by obedience, what a player gains by answering his recommendations otherwise."
    )


def _watched(game: StochasticGame, state: int) -> Callable[[Any], np.ndarray]:
    """Return a look at player 1's entry at ``state``, and at what players would do with most weight everywhere, ``(1 + n S,)``."""
    column = ACTIONS[0] * game.num_actions[1] + ACTIONS[1]

    def look(tables: Any) -> np.ndarray:
        entry = tables.joint.q[state, 0, column] if hasattr(tables, "joint") else tables.q[state, 0, ACTIONS[0]]
        return np.concatenate([[entry], tables.play.policy.argmax(axis=2).ravel()])

    return look


def _grid(lab: Lab, name: str) -> None:
    game, title = load_game(name), name.replace("_", " ")
    verdict, steps = judge(game), lab.size(10**6, 300_000, least=300)
    for kind, learner in learners(steps, Schedule.by_visits(0.75)).items():
        lab.stage(f"{title}, {kind}", 0.3 / 7)
        found = traced(lab, game, learner, [steps], lambda tables: 0, f"{title}, {kind}")
        certificates = [verdict(profile) for profile in found.profiles]
        for player in (0, 1):
            earned = [float(certificate.values[player] @ game.start) for certificate in certificates]
            lab.row(f"{title}: {kind}, player {player + 1} earns", earned, note="Exact expected discounted payoff of the learned play.")
        lab.row(f"{title}: {kind}, gap at the start", [certificate.start_gap for certificate in certificates], exact=0.0)


def _soccer(lab: Lab) -> None:
    game = load_game(SOCCER)
    state, truth, verdict = game.labels.states.index(STATE), solve(game).values, judge(game)
    steps = lab.size(4 * 10**6, 300_000, least=400)
    looks, ends = evenly(steps, SAMPLES), {}
    lab.keep(steps=looks)
    for kind, learner in learners(steps, Schedule.by_visits(0.75)).items():
        lab.stage(f"soccer, {kind}", 0.7 / 7)
        sampling = "on_policy" if kind == "Q-learning" else "generative"
        try:
            found = traced(lab, game, learner, looks, _watched(game, state), f"soccer, {kind}", sampling)
        except SolverError as error:
            lab.differs(f"soccer: {kind} stopped before its last step: {error}")
            continue
        ends[kind] = _soccer_rows(lab, kind, found, truth, [verdict(profile).epsilon for profile in found.profiles])
        if kind in SHOWN:
            lab.keep(**{f"entry/{kind}": found.seen[:, :, 0]})
        if kind == "Friend-Q":
            pure = all(np.isin(policy[~game.terminal], (0.0, 1.0)).all() for profile in found.profiles for policy in profile)
            lab.claim("soccer: Friend-Q's policies are deterministic", pure)
    values = {kind: found.values for kind, (found, _, _) in ends.items()}
    correlated = [kind for kind in values if "CE-Q" in kind]
    lab.claim("soccer: all four CE-Q run to the end", len(correlated) == 4)
    apart = max((np.abs(values[kind][:, 0] - values["Foe-Q"][:, 0]).max() for kind in correlated), default=np.nan)
    lab.row("soccer: CE-Q's values and Foe-Q's, largest difference", apart, exact=0.0, note="Over states, seeds and all four selections.")
    lab.claim(f"soccer: all four CE-Q learn Foe-Q's values, to {SETTLED:g} % of a goal", len(correlated) == 4 and apart < SETTLED)
    changes, gaps = ({kind: end[k] for kind, end in ends.items()} for k in (1, 2))
    lab.claim("soccer: Q-learning's greedy policy goes on changing in the last quarter, in every seed", changes["Q-learning"].min() > 0)
    lab.claim("soccer: Q-learning's gap is at least three times Foe-Q's in every seed", gaps["Q-learning"].min() > 3 * gaps["Foe-Q"].max())


def _soccer_rows(lab: Lab, kind: str, found: Traced, truth: np.ndarray, gaps: Sequence[float]) -> tuple[Traced, np.ndarray, np.ndarray]:
    """Report one learner; returns what was found, the changes of its greedy policy, and its gaps."""
    late = found.seen[:, 3 * found.seen.shape[1] // 4 :, 1:]
    changes = (np.diff(late, axis=1) != 0).any(axis=2).mean(axis=1) * 100
    errors = np.abs(found.values - truth).max(axis=(1, 2))
    lab.row(f"soccer: {kind}, value error", errors, exact=0.0, note="Largest over players and states, of values up to 100.")
    lab.row(f"soccer: {kind}, gap", gaps, exact=0.0, note="Exact gain of the best deviation in the worst state.")
    lab.row(
        f"soccer: {kind}, looks with a changed policy, %",
        changes,
        note="In the last quarter: somewhere, an action has most weight that had not.",
    )
    return found, changes, np.array(gaps)


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return a panel a learner: how much the watched entry changes from look to look."""
    return [lambda ax: _changes(data, SHOWN[:2], ax), lambda ax: _changes(data, SHOWN[2:], ax)]


def _changes(data: Mapping[str, np.ndarray], kinds: Sequence[str], ax: Axes) -> None:
    from gametheory_rl.plots._style import DASHES, colour, dress_curves

    highest = 0.0
    for kind in kinds:
        index = SHOWN.index(kind)
        change = np.abs(np.diff(data[f"entry/{kind}"], axis=1))
        highest = max(highest, float(change.max()))
        low, middle, high = (f(change, axis=0) for f in (np.min, np.median, np.max))
        ax.fill_between(data["steps"][1:], low, high, color=colour(index), alpha=0.2, linewidth=0)
        ax.plot(data["steps"][1:], middle, color=colour(index), linestyle=DASHES[index % 2], linewidth=1.5, label=kind)
    ax.set_ylim(0, max(1.2 * highest, 1e-9))
    dress_curves(ax, f"Soccer: {kinds[0]} and {kinds[1]}", "environment steps", "change of one entry between looks")
    ax.legend(loc="upper right")


PAPER = Paper(
    title="Correlated-Q, Foe-Q, Friend-Q and Q-learning on two grid games and a small soccer",
    source='A. Greenwald, K. Hall, "Correlated-Q learning", ICML 2003, sections 4 and 5',
    experiment=experiment,
    panels=panels,
    minutes=15.0,
    seeds=3,
    quick_seeds=2,
)
