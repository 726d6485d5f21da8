"""Mean-field Q-learning: many agents, each of which answers the mean action of those it meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, final

import numpy as np

from gametheory_rl._games import GameSpec, StochasticGame
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._results import Plan, Profile, Run
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.learners._checks import checked_number
from gametheory_rl.learners._learner import TabularLearner
from gametheory_rl.learners._mean_action import FEWEST, require_symmetric, tables_of
from gametheory_rl.learners._mean_action_kernels import MeanActionTables
from gametheory_rl.learners._mean_field_q_kernels import MeanFieldTables, be_boltzmann
from gametheory_rl.learners._population_training import policy_of, train_population
from gametheory_rl.learners._schedules import Schedule, as_schedule

MOST_ENTRIES = 10**8
TURNS = ("asynchronous", "simultaneous", "stale")
"""In the order of the kernels' ``IN_TURN``, ``TOGETHER``, ``STALE``."""


@final
@dataclass(frozen=True)
class MeanFieldQ(TabularLearner):
    """Every agent learns Q(own action, mean action of those it meets), and plays the Boltzmann policy of it.

    ``pi(a | m) = softmax(Q(m, .) / temperature)``, m the mean action met, and Q(m, a) moves towards
    ``r + discount * sum_a' pi(a' | m') Q(m', a')``, m' the mean action met at the agent's next turn. On a ``PopulationGame`` a step of
    ``learn`` is a sweep, one turn of every agent. On a ``StochasticGame`` of three or more symmetric players it is a step as any
    learner's, the table is Q(s, m, a), m counts the others' actions, and the profile is the fixed point of policy and mean action:
    what each player answers, by Boltzmann's policy, to the mean action that the policy itself makes.

    Parameters
    ----------
    temperature : float
        Positive, in payoff units; 1 / beta.
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the entry; in a population schedules by steps do not apply.
    levels : int
        Intervals into which each load of a crowd is cut; a network's mean actions are counted exactly.
    turns : {"asynchronous", "simultaneous", "stale"}
        Agents act one after the other, on the actions of now: on a network colour by colour, where no two of one colour are
        neighbours, as on a board all white squares and then all black ones. Or all at once on the mean action of the sweep before, and
        they learn about the one that they then meet; or about the one that they acted on.
    target : {"value", "sample"}
        What comes next: the policy's mean of Q as above, or Q of the action that the agent plays next.
    shared : bool
        One table for all agents, who are alike; False: one each.
    initial : float or sequence of A floats
        Every entry of the tables at first, or those of each action. It is what an agent believes of what it has not tried, at every mean
        action, so it decides what is tried there first and for how long.
    exploration : Schedule or float
        On a ``StochasticGame``, probability of a uniformly random legal action beside Boltzmann's.

    Raises
    ------
    GameError
        A parameter out of its range.

    Notes
    -----
    Y. Yang et al., "Mean field multi-agent reinforcement learning", ICML 2018, equations 6 to 12 and algorithm 1. Deviations:

    - The paper prints the policy with ``exp(-beta Q)``. With that sign agents prefer what earns least, and the Ising model never orders.
    - Its algorithm acts on the mean action of the step before, all agents at once: that is ``simultaneous``. On an even torus the two
      halves of a chessboard then take no notice of each other, and cancel in half of all runs. ``stale`` has order where there is none,
      because who acts on yesterday's majority finds it again today. ``asynchronous`` has the order of the Ising model.
    - In Gaussian squeeze with 500 agents or more, uniform play earns nothing that differs: tables that start level stay there, wherever
      the actions start. Tables that start at ``415 - 5 a`` with ``temperature=0.1`` and exact levels reach 97 % of the optimum, also from
      uniform first actions: agents then believe that what they have not tried is nearly best, and lean to small actions.
    - The mean action is counted, or cut into levels; the paper's experiments give it to a table or a network.

    On a ``StochasticGame`` all act at once, so nobody sees the mean action of now, and the one of before is stale. The others' independent
    play of a policy x makes mean actions m at random; the table at their mean is E Q(s, m, a), which is its polynomial (Bernstein's)
    through the counts. x(s) is the fixed point ``x = softmax(E_x Q(s, m, .) / temperature)``, sought at each visit by steps towards the
    answer, damped where they overshoot, from the policy of before, at first Boltzmann's of ``initial``. So of several fixed points
    it is the one to which the policy has moved as the table grew; runs may differ. The trace's ``fixed_point_residual`` is the largest
    difference between policy and answer over states: where it stays, the steps go round and round, and the policy is no fixed point.
    Payoffs of symmetric players depend on counts alone, so nothing is lost: where the discount is 0, x is the logit equilibrium
    of precision ``1 / temperature``, else that of the game of the table, and a ``nash_gap`` of the order of the temperature is what it
    should have. ``shared=False`` gives each player a table and lets players settle apart. ``levels``, ``turns`` and ``target`` are
    for populations; a game whose states say who stands where, such as a board, is not symmetric.

    On a population a run's profiles are ``(types, 1, mean actions, A)``, its average profiles the shares of actions as played. Its
    trace has ``population_gap`` and ``average_population_gap`` in place of ``nash_gap``, and, averaged over the sweeps since the last
    record, ``order_parameter``, (A s - 1) / (A - 1) where s is the share of the most frequent action, and ``mean_payoff``, what a turn
    earned.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.families.ising(10), gt.learners.MeanFieldQ(temperature=0.6), steps=2000, records=[500, 2000])
    >>> bool(abs(run.trace["order_parameter"][0, -1] - gt.ising_order(0.6)) < 0.02)
    True
    """

    temperature: float = 1.0
    step_size: Schedule | float = Schedule.by_visits(0.75)  # noqa: RUF009 -- frozen
    levels: int = 20
    turns: Literal["asynchronous", "simultaneous", "stale"] = "asynchronous"
    target: Literal["value", "sample"] = "value"
    shared: bool = True
    initial: float | Sequence[float] = 0.0
    exploration: Schedule | float = 0.0
    paradigm: ClassVar[str] = "joint"
    plays_populations: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if checked_number(self.temperature, "temperature") <= 0:
            raise GameError(f"temperature is {self.temperature!r}, a positive number was expected")
        as_schedule(self.step_size, "step_size")
        as_schedule(self.exploration, "exploration")
        if isinstance(self.levels, bool) or not isinstance(self.levels, int) or self.levels < 1:
            raise GameError(f"levels is {self.levels!r}, an integer of at least 1 was expected")
        for name, choices in (("turns", TURNS), ("target", ("value", "sample")), ("shared", (True, False))):
            if getattr(self, name) not in choices:
                raise GameError(f"{name} is {getattr(self, name)!r}, one of {', '.join(map(repr, choices))} was expected")
        for number in self.initial if isinstance(self.initial, list | tuple) else (self.initial,):
            checked_number(number, "initial")

    def init(self, spec: GameSpec | StochasticGame | PopulationGame) -> MeanActionTables | MeanFieldTables:
        """Return the tables of one seed."""
        if isinstance(spec, PopulationGame):
            return self.population_tables(spec)
        if isinstance(spec, StochasticGame):
            spec = spec.spec
        return tables_of(self, spec, self._first_row(spec.num_actions[0] if spec.num_players >= FEWEST else np.size(self.initial)))

    def population_tables(self, game: PopulationGame) -> MeanFieldTables:
        """Return the tables of one seed on a population."""
        if as_schedule(self.exploration, "exploration") != Schedule.constant(0.0):
            raise GameError(
                f"exploration is {self.exploration!r}, which is for stochastic games: agents of a population play Boltzmann's policy"
            )
        if as_schedule(self.step_size, "step_size").kind not in ("visits", "constant"):
            raise GameError(f"step_size is {self.step_size!r}, a number or a schedule by visits was expected on a population")
        shape = (1 if self.shared else game.num_agents, game.num_bins(self.levels), game.num_actions)
        if np.prod(shape, dtype=float) > MOST_ENTRIES:
            raise GameError(f"the tables have {' x '.join(map(str, shape))} entries, {MOST_ENTRIES} are the most; share them")
        require_memory((3, *shape), "one seed's tables", "share them, or give fewer levels")
        q, policy = np.empty(shape), np.empty(shape)
        q[:] = self._first_row(game.num_actions)
        be_boltzmann(q[0, 0], float(self.temperature), policy[0, 0])
        policy[:] = policy[0, 0]
        return MeanFieldTables(
            q=q,
            policy=policy,
            counts=np.zeros(shape, np.int64),
            temperature=float(self.temperature),
            step_size=as_schedule(self.step_size, "step_size").floats,
            update=TURNS.index(self.turns),
            sampled=self.target == "sample",
        )

    def _first_row(self, count: int) -> np.ndarray:
        """Return what every row of the table holds at first, ``(A,)``."""
        row = np.broadcast_to(np.asarray(self.initial, np.float64), count) if np.size(self.initial) in (1, count) else None
        if row is None:
            raise GameError(f"initial has {np.size(self.initial)} numbers, one or {count} (one per action) were expected")
        return row

    def profile(self, tables: Any) -> Profile:
        """Return the policy: ``(S, A)`` a player, of a population ``(types, 1, mean actions, A)``."""
        return policy_of(tables) if isinstance(tables, MeanFieldTables) else super().profile(tables)

    def values(self, tables: MeanActionTables) -> np.ndarray:
        """Return the mean-field values ``(n, S)``."""
        return tables.value.T.copy()

    def report(self, tables: MeanActionTables) -> Mapping[str, float]:
        """Return the largest residual of the fixed point over states."""
        return {"fixed_point_residual": float(tables.residual.max())}

    def train(self, game: StochasticGame | PopulationGame, plan: Plan) -> Run:
        """Train on ``game`` as ``plan`` says."""
        if isinstance(game, PopulationGame):
            return train_population(self, game, plan)
        self.init(game.spec)
        require_symmetric(game)
        return super().train(game, plan)
