"""Littman's soccer table: minimax-Q and Q-learning against random, a hand-built player, and challengers trained to beat them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._verify import best_response
from gametheory_rl.families import soccer
from gametheory_rl.learners import AgainstFixed, IndependentQ, MinimaxQ, Schedule
from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._matches import DRAW, Goals, Pitch, exact_goals, pitch_of_soccer, sampled_goals, until_goal
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._soccer_player import hand_built

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AGENTS = ("MR", "MM", "QR", "QQ")
"""Minimax-Q or Q-learning, trained against a random player or against its like."""
OPPONENTS = ("random", "hand-built", "challenger", "best response")
WON = {
    "random": (99.3, 99.3, 99.4, 99.5),
    "hand-built": (48.1, 53.7, 26.1, 76.3),
    "challenger": (35.0, 37.5, 0.0, 0.0),
}
"""The paper's table: per cent of the games that the agent won, of those that ended with a goal; in the order of ``AGENTS``."""
GAMES = {"random": (6500, 7200, 11300, 8600), "hand-built": (4300, 5300, 14300, 3300), "challenger": (4300, 4400, 5500, 1200)}
"""The paper's table: games that ended with a goal."""
STEPS = 10**6
EVALUATION = 100_000
WORST_Z = 4.5
"""Standard errors that the furthest of some 150 samples may lie from its expectation."""


def paper_learner(kind: str, steps: int) -> Any:
    """Return the paper's minimax-Q (``M``) or Q-learning (``Q``): exploration 0.2, step size from 1 to 0.01, every entry 1 at first."""
    step_size = Schedule.exponential(1.0, 0.01, steps)
    return (MinimaxQ if kind == "M" else IndependentQ)(step_size, exploration=0.2, initial=1.0)


def experiment(lab: Lab) -> None:
    """Train the four agents as player A, evaluate each against four opponents, then train minimax-Q on a schedule that converges."""
    pitch = pitch_of_soccer()
    game = until_goal(pitch)
    steps = lab.size(STEPS, STEPS, least=100)
    champions = {}
    for agent in AGENTS:
        lab.stage(f"training {agent}", 0.05)
        learner = paper_learner(agent[0], steps)
        run = lab.learn(game, AgainstFixed(learner, [None, "uniform"]) if agent[1] == "R" else learner, steps=steps)
        champions[agent] = [profile[0] for profile in run.profiles]
        if agent == "MM":
            _gap_rows(lab, "MM, the paper's schedule", run)
    rivals = _opponents(lab, game, champions, steps)
    lab.stage("matches", 0.2)
    _evaluate(lab, pitch, champions, rivals)
    lab.stage("minimax-Q, a schedule that converges", 0.4)
    _converge(lab)
    _differences(lab)


def _opponents(lab: Lab, game: StochasticGame, champions: Mapping[str, list[np.ndarray]], steps: int) -> dict[str, Any]:
    """Return ``(opponent, agent) -> policies of player B``, one a seed."""
    uniform = np.full((game.num_states, game.num_actions[1]), 1.0 / game.num_actions[1])
    simple, rivals = hand_built(soccer(), 1), {}
    for agent, policies in champions.items():
        lab.stage(f"challenging {agent}", 0.05)
        rivals["random", agent] = [uniform] * lab.seeds
        rivals["hand-built", agent] = [simple] * lab.seeds
        rivals["challenger", agent], rivals["best response", agent] = [], []
        for k, policy in enumerate(policies):
            learner = AgainstFixed(paper_learner("Q", steps), [policy, None])
            run = lab.learn(game, learner, steps=steps, seeds=1, seed=lab.seed + 1 + k)
            rivals["challenger", agent].append(run.profile[1])
            rivals["best response", agent].append(best_response(game, (policy, uniform), 1).policy)
            lab.progress((k + 1) / lab.seeds)
    return rivals


def _evaluate(lab: Lab, pitch: Pitch, champions: Mapping[str, list[np.ndarray]], rivals: Mapping[Any, Any]) -> None:
    drawn, rng, steps = soccer(draw=DRAW), np.random.default_rng(lab.seed), lab.size(EVALUATION, EVALUATION, least=100)
    won = np.full((len(OPPONENTS), len(AGENTS), lab.seeds), np.nan)
    furthest = 0.0
    for o, opponent in enumerate(OPPONENTS):
        for a, agent in enumerate(AGENTS):
            pairs = [_on_pitch(drawn, pair) for pair in zip(champions[agent], rivals[opponent, agent], strict=True)]
            exact = [exact_goals(drawn, pair) for pair in pairs]
            won[o, a] = [goals.share for goals in exact]
            sampled = [sampled_goals(pitch, pair, steps, rng) for pair in pairs]
            furthest = max([furthest, *(standard_errors(*both, steps) for both in zip(exact, sampled, strict=True))])
            printed = f"{WON[opponent][a]:g}" if opponent in WON else ""
            lab.row(f"{agent} v {opponent}: won, %", won[o, a], paper=printed, note=_NOTES.get(opponent, ""))
            games = [goals.completed(EVALUATION) for goals in exact]
            lab.row(f"{agent} v {opponent}: games", games, paper=str(GAMES[opponent][a]) if opponent in GAMES else "", note=_NOTES["games"])
            lab.progress((o * len(AGENTS) + a + 1) / (len(OPPONENTS) * len(AGENTS)))
    lab.keep(won=won)
    _play_on(lab, drawn, champions["QR"])
    challenged = dict(zip(AGENTS, won[OPPONENTS.index("best response")], strict=True))
    lab.claim(
        "QR and QQ lose every game to the best response, in every seed: none won of 200",
        max(challenged[q].max() for q in ("QR", "QQ")) < 0.5,
    )
    lab.claim("MR and MM do not: at least one game of ten won, in every seed", min(challenged[m].min() for m in ("MR", "MM")) > 10)
    lab.claim(f"goals sampled over {EVALUATION:,} steps lie within {WORST_Z:g} standard errors of the exact ones", furthest < WORST_Z)


_NOTES = {
    "hand-built": "The paper's hand-built player is lost; ours goes for the goal, and blocks the holder's way there.",
    "playing on": "The best response of one who plays on after a goal, and counts the goals of later games too.",
    "challenger": "Q-learning as player B for as many steps as the champion, which is held fixed.",
    "best response": "The exact best response to the champion: the strongest challenger that there is, discount 0.9 for the draws.",
    "games": "Games that end with a goal in 100,000 steps, expected exactly.",
}


def _play_on(lab: Lab, drawn: StochasticGame, policies: Sequence[np.ndarray]) -> None:
    """Report what the best response to QR does where a goal is followed by a new kick-off in the same, discounted, play."""
    game, shares = soccer(), []
    for policy in policies:
        champion = policy[: game.num_states]
        answer = best_response(game, (champion, np.full_like(champion, 1 / champion.shape[1])), 1).policy
        shares.append(exact_goals(drawn, (champion, answer)).share)
    lab.row("QR v best response, playing on: won, %", shares, note=_NOTES["playing on"])


def _on_pitch(game: StochasticGame, pair: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Return the policies without what they would do after the end."""
    return tuple(policy[: game.num_states] for policy in pair)


def standard_errors(exact: Goals, sampled: Goals, steps: int) -> float:
    """Return how many standard errors the sampled share lies from the exact one, given as many games as were sampled."""
    games, share = sampled.completed(steps), exact.share / 100
    if not games > 0:
        return 0.0
    deviation = max(np.sqrt(max(share * (1 - share), 0.0) / games), 1e-9)
    return float(abs(sampled.share / 100 - share) / deviation)


def _gap_rows(lab: Lab, name: str, run: Any, note: str = "") -> tuple[np.ndarray, np.ndarray]:
    worst, start = run.trace["nash_gap"][:, -1], run.trace["start_gap"][:, -1]
    lab.row(f"{name}: gap, worst state", worst, exact=0.0, note=note)
    lab.row(f"{name}: gap at the start", start, exact=0.0, note=note)
    return worst, start


def _converge(lab: Lab) -> None:
    """Train minimax-Q on steps that fall with visits while both play uniformly: what its convergence theorem asks for."""
    steps, learner = lab.size(10**8, 10**7, least=100), MinimaxQ(Schedule.by_visits(1.0, scale=5), exploration=1.0)
    run = lab.learn(soccer(), learner, steps=steps, seeds=min(lab.seeds, 2), records=20)
    note = f"Step size 1 / (1 + n / 5) after n visits, uniform play, {steps:,} steps."
    worst, start = _gap_rows(lab, "minimax-Q, convergent schedule", run, note)
    lab.keep(steps=run.trace["step"][0], nash_gap=run.trace["nash_gap"], start_gap=run.trace["start_gap"])
    if not lab.quick:
        reached = worst.max() < 0.1 and start.max() < 0.02
        lab.claim(f"on that schedule the gap is below 0.1 in the worst state and 0.02 at the start after {steps:,} steps", reached)


def _differences(lab: Lab) -> None:
    lab.differs(
        "Against the hand-built player the figures are not comparable: it is another player. Ours wins 99.9 % of its games against a "
        "random one, the paper's 99.5 %. What QQ wins against it is mostly chance."
    )
    lab.differs(
        "A challenger that Q-learning has trained is not the strongest one: the exact best response is, so its row is the champion's worst "
        "case. The paper has the former only, one of each."
    )
    lab.differs(
        "Here a goal ends the game. The paper says that the board is reset, and not whether play, and the discounted sum, go on. "
        "Where they do, a best response concedes quick goals to be sooner at the next kick-off, and QR still wins a quarter of its games: "
        "that the paper's QR lost them all says that its challengers counted one game at a time."
    )
    lab.differs(
        "The paper has one run of each agent; here the spread over seeds says how much of its table is chance. Its kick-off squares, which "
        "goal rows there are, and whether both learners are evaluated or one, are read off its figure; the agents here are player A."
    )


def panels(data: Mapping[str, np.ndarray]) -> Sequence[Callable[[Axes], object]]:
    """Return the table as bars, and the gap of minimax-Q where its schedule converges."""
    return [lambda ax: _bars(data["won"], ax), lambda ax: _gaps(data, ax)]


def _bars(won: np.ndarray, ax: Axes) -> None:
    from gametheory_rl.plots._style import INK, colour, dress_curves

    places = np.arange(len(OPPONENTS))
    for a, agent in enumerate(AGENTS):
        middle, low, high = (f(np.nan_to_num(won[:, a]), axis=1) for f in (np.median, np.min, np.max))
        x = places + (a - 1.5) * 0.2
        ax.bar(x, middle, 0.18, color=colour(a), edgecolor=INK, linewidth=0.6, hatch=("", "//", "..", "xx")[a], label=agent)
        ax.errorbar(x, middle, [middle - low, high - middle], fmt="none", ecolor=INK, elinewidth=1.2, capsize=3)
        printed = [WON[opponent][a] for opponent in OPPONENTS if opponent in WON]
        ax.plot(x[: len(printed)], printed, "D", color="white", markeredgecolor=INK, markersize=6, label="the paper" if a == 3 else None)
    ax.set_xticks(places, OPPONENTS)
    dress_curves(ax, "Soccer: games won by each agent", "opponent", "won (% of games with a goal)")
    ax.grid(False, axis="x")
    ax.set_ylim(0, 119)
    ax.set_yticks(range(0, 101, 20))
    ax.legend(loc="upper right", ncols=5, columnspacing=1.0, handletextpad=0.4)


def _gaps(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    from gametheory_rl.plots._style import DASHES, GREY, MARKERS, colour, dress_curves

    for index, (name, label, bound) in enumerate((("nash_gap", "worst state", 0.1), ("start_gap", "at the start", 0.02))):
        low, middle, high = (f(data[name], axis=0) for f in (np.min, np.median, np.max))
        ax.fill_between(data["steps"], low, high, color=colour(index), alpha=0.2, linewidth=0)
        ax.plot(data["steps"], middle, color=colour(index), linestyle=DASHES[index], marker=MARKERS[index], label=label)
        ax.axhline(bound, color=GREY, linewidth=1.0, linestyle=":")
    ax.set_xscale("log")
    ax.set_yscale("log")
    dress_curves(ax, "Minimax-Q, decaying steps, uniform exploration", "environment steps", "exact gap (payoff units)")
    ax.legend(loc="upper right")


PAPER = Paper(
    title="Soccer: minimax-Q and Q-learning against random, hand-built and trained opponents",
    source='M. L. Littman, "Markov games as a framework for multi-agent reinforcement learning", ICML 1994, section 5, table 1',
    experiment=experiment,
    panels=panels,
    minutes=2.0,
)
