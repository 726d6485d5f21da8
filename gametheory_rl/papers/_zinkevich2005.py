"""The game without a stationary deterministic equilibrium: where iterations on action values go round, and what the round is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gametheory_rl._catalogue import load_game
from gametheory_rl._diagnosis import Verdict, diagnose
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Status
from gametheory_rl._verify import verify
from gametheory_rl.learners import CorrelatedQ, FoeQ, FriendQ, IndependentQ, NashQ, Schedule, StackelbergQ
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper
from gametheory_rl.stochastic import solve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROUND = ("KK", "SK", "SS", "KS", "KK")
"""What greedy value iteration plays in turn: player 1's move in state 1 and player 2's in state 2; K keeps, S sends."""
SWEEPS, ROUNDS = 200, 60
VALUES = ((4.0, 16 / 3), (16 / 3, 4.0))
SENDS = (2 / 3, 5 / 12)
STEPS = Schedule.by_visits(0.75)
LEARNERS: dict[str, Any] = {
    "Nash-Q": NashQ(STEPS, exploration=0.5),
    "CE-Q, utilitarian": CorrelatedQ(STEPS, exploration=0.5),
    "CE-Q, egalitarian": CorrelatedQ(STEPS, exploration=0.5, objective="egalitarian"),
    "CE-Q, republican": CorrelatedQ(STEPS, exploration=0.5, objective="republican"),
    "CE-Q, libertarian": CorrelatedQ(STEPS, exploration=0.5, objective="libertarian"),
    "Friend-Q": FriendQ(STEPS, exploration=0.5),
    "Foe-Q": FoeQ(STEPS, exploration=0.5),
    "Stackelberg-Q": StackelbergQ(STEPS, exploration=0.5),
    "Q-learning": IndependentQ(STEPS, exploration=0.5),
}
DRAWN = ("Nash-Q", "CE-Q, utilitarian", "Foe-Q", "Q-learning")


class Greedy(NamedTuple):
    """Greedy value iteration on a game in which player s alone moves in state s."""

    moves: np.ndarray
    """``[sweeps, S]``"""
    values: np.ndarray
    """``[sweeps + 1, n, S]``"""

    def names(self, first: int, count: int) -> tuple[str, ...]:
        """Return what ``count`` sweeps from ``first`` on play, as in ``ROUND``."""
        return tuple("".join("KS"[a] for a in row) for row in self.moves[first : first + count])

    def period(self) -> int:
        """Return after how many sweeps the last values are met again, to 1e-9; 0: never."""
        back = np.abs(self.values[-2::-1] - self.values[-1]).max(axis=(1, 2))
        met = np.flatnonzero(back < 1e-9)
        return int(met[0]) + 1 if met.size else 0


def greedy_iteration(game: StochasticGame, sweeps: int) -> Greedy:
    """Back up, from 0, what the mover of each state finds best; of equally good moves the first."""
    values, moves = [np.zeros((game.num_players, game.num_states))], []
    for _ in range(sweeps):
        stages = [game.stage(state, values[-1]) for state in range(game.num_states)]
        own = [np.take(stage[s], 0, axis=1 - s) for s, stage in enumerate(stages)]
        moves.append([int(np.argmax(row)) for row in own])
        chosen = [
            np.take(np.take(stage, move, axis=1 + s), 0, axis=1) for s, (stage, move) in enumerate(zip(stages, moves[-1], strict=True))
        ]
        values.append(np.stack(chosen, axis=1))
    return Greedy(np.array(moves), np.array(values))


def played_round(game: StochasticGame, greedy: Greedy, period: int, phase: int) -> tuple[np.ndarray, ...]:
    """Return policies with a time axis, ``(T, S, A_i)``: the round played backwards in time, as value iteration looks ahead.

    What an iteration backs up last is played first; ``phase`` sweeps before the end is where the play begins.
    """
    length = period * ROUNDS
    plan = [np.zeros((length, game.num_states, actions)) for actions in game.num_actions]
    moves = greedy.moves[len(greedy.moves) - 1 - phase - np.arange(length) % period]
    for player, policy in enumerate(plan):
        policy[:, :, 0] = 1.0
        policy[:, player] = np.eye(policy.shape[2])[moves[:, player]]
    return tuple(plan)


def experiment(lab: Lab) -> None:
    """Iterate, solve, learn, and judge the round itself as a plan over time."""
    game = load_game("nosde")
    lab.stage("iterations", 0.05)
    _iterations(lab, game)
    _equilibrium(lab, game)
    _learners(lab, game)
    lab.differs(
        "The paper proves that no rule on action values finds the stationary equilibrium, and iterates known games; the learners here "
        "sample, with step sizes that fall, so that each time round takes more steps than the one before."
    )
    lab.differs(
        "Its experiments on random games, where it counts how often iterations converge or reach a cyclic equilibrium, are not repeated: "
        "their generator is not known here."
    )


def _iterations(lab: Lab, game: StochasticGame) -> None:
    greedy = greedy_iteration(game, SWEEPS)
    period = greedy.period()
    lab.row("greedy value iteration: period", period, exact=5.0, note="Sweeps until values are met again, to 1e-9.")
    rounds = {greedy.names(first, len(ROUND)) for first in range(SWEEPS - 2 * len(ROUND), SWEEPS - len(ROUND))}
    lab.claim(f"greedy value iteration goes {' '.join(ROUND)} and round again", period == len(ROUND) and ROUND in rounds)
    lab.keep(greedy=greedy.values[:41])
    if period:
        gains = [verify(game, played_round(game, greedy, period, phase)).epsilon for phase in range(period)]
        lab.row("the round, played backwards: gain", max(gains), exact=0.0, note=ROUND_NOTE)
        lab.claim("the round is a cyclic equilibrium: nobody gains 1e-6 by leaving it, whichever policy comes first", max(gains) < 1e-6)
    periods = {}
    for method in ("nash_iteration", "correlated_iteration"):
        solution = solve(game, method, throw=False)
        periods[method] = solution.period if solution.status is Status.CYCLES else 0
        lab.row(f"{method.replace('_', ' ')}: period", periods[method], exact=5.0, note="solve(game, ...) with its default selection.")
    lab.claim("Nash and correlated value iteration say that they cycle, with period 5", set(periods.values()) == {5})


ROUND_NOTE = "The most that anybody gains by deviating, over all five beginnings and 300 steps, beyond which nothing counts."


def _equilibrium(lab: Lab, game: StochasticGame) -> None:
    solution = solve(game, "homotopy")
    for player, row in enumerate(VALUES):
        for state, value in enumerate(row):
            lab.row(f"homotopy: value of player {player + 1} in state {state + 1}", solution.values[player, state], exact=value)
    sends = [float(solution.profile[player][player, 1]) for player in (0, 1)]
    for player, send in enumerate(sends):
        lab.row(f"homotopy: player {player + 1} sends with", send, exact=SENDS[player])
    near = np.abs(solution.values - VALUES).max() < 1e-6 and np.abs(np.subtract(sends, SENDS)).max() < 1e-6
    lab.claim("homotopy finds the only stationary equilibrium, to 1e-6", near)


def _learners(lab: Lab, game: StochasticGame) -> None:
    steps, verdicts = lab.size(10**6, 100_000, least=200), {}
    for name, learner in LEARNERS.items():
        lab.stage(name, 0.95 / len(LEARNERS))
        run = lab.learn(game, learner, steps=steps, records=30)
        found = diagnose(run, game=game)
        verdicts[name] = found.verdict
        lab.row(f"{name}: gap", run.trace["nash_gap"][:, -1], exact=0.0, note=f"At the last step, worst state. {name}: {found.sentence}")
        if name in DRAWN:
            lab.keep(**{name: run.trace["nash_gap"], "steps": run.trace["step"][0]})
    lab.claim("no learner is said to have converged", Verdict.CONVERGED not in verdicts.values())


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return the values that go round, and the learners' gaps that do not fall."""
    return [lambda ax: _values(data["greedy"], ax), lambda ax: _gaps(data, ax)]


def _values(values: np.ndarray, ax: Axes) -> None:
    from gametheory_rl.plots._style import DASHES, GREY, MARKERS, colour, dress_curves

    for player in (0, 1):
        for state in (0, 1):
            style = {"color": colour(player), "linestyle": DASHES[state], "marker": MARKERS[2 * player + state], "markersize": 4.5}
            ax.plot(values[:, player, state], label=f"player {player + 1}, state {state + 1}", **style)
    for value in VALUES[0]:
        ax.axhline(value, color=GREY, linewidth=1.0, linestyle=":")
    dress_curves(ax, "Greedy value iteration goes round", "sweeps", "value (dotted: the equilibrium's)")
    ax.set_ylim(0, 1.28 * values.max())
    ax.legend(loc="upper center", ncols=2)


def _gaps(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import DASHES, MARKERS, colour, dress_curves

    for index, name in enumerate(DRAWN):
        low, middle, high = (f(data[name], axis=0) for f in (np.min, np.median, np.max))
        ax.fill_between(data["steps"], low, high, color=colour(index), alpha=0.15, linewidth=0)
        style = {"color": colour(index), "linestyle": DASHES[index], "marker": MARKERS[index], "markevery": (index, 4)}
        ax.plot(data["steps"], middle, label=name, **style)
    ax.set_xscale("log")
    ax.set_ylim(0, 1.45 * max(float(data[name].max()) for name in DRAWN))
    dress_curves(ax, "NoSDE: no learner's gap closes", "environment steps", "exact gap (payoff units)")
    ax.legend(loc="upper center", ncols=2)


PAPER = Paper(
    title="NoSDE: value iteration, learners and cyclic equilibria where no deterministic stationary equilibrium exists",
    source='M. Zinkevich, A. Greenwald, M. Littman, "Cyclic equilibria in Markov games", NIPS 2005',
    experiment=experiment,
    panels=panels,
    minutes=3.0,
)
