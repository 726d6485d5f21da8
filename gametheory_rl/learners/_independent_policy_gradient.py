"""Independent policy gradient: every player climbs its own value by what it sees alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl.learners._checks import checked_number
from gametheory_rl.learners._independent_policy_gradient_kernels import GradientTables
from gametheory_rl.learners._learner import TabularLearner, constant, padded, play_of
from gametheory_rl.learners._schedules import Schedule, as_schedule


@final
@dataclass(frozen=True)
class IndependentPolicyGradient(TabularLearner):
    """Each player climbs the gradient of its own value in the logits of its softmax policy, and judges its play by its own critic.

    With the temporal difference ``d_i = r_i + discount_i v_i(s') - v_i(s)``, a one-step actor-critic:

        v_i(s)          += step_size * d_i,
        theta_i(s, .)   += policy_step_size * d_i * w_i * (e(a_i) - pi_i(s, .)),   pi_i(s, .) = softmax(theta_i(s, .)).

    ``d_i`` estimates the advantage of a_i; ``e(a) - pi`` is the score of a softmax. Players play ``(1 - e) pi_i + e / |A_i(s)|``, e the
    exploration, and ``w_i = (1 - e) pi_i(a_i) / ((1 - e) pi_i(a_i) + e / |A_i(s)|)`` makes this the score of what is played.

    Parameters
    ----------
    step_size : Schedule or float
        Of the critic, by visits of the state; ``1 / sqrt(1 + n)`` by default.
    policy_step_size : Schedule or float
        Of the logits, by visits of the state, per unit of payoff: where payoffs are large, make it small. By default
        ``0.1 / (1 + n / 1000)^(3/5)``.
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately; ``1 / sqrt(1 + n)`` by default.
    initial : float
        Every entry of the critic at first.

    Raises
    ------
    GameError
        A parameter out of its range.

    Notes
    -----
    Softmax parametrisation: A. Agarwal, S. Kakade, J. Lee, G. Mahajan, "On the theory of policy gradient methods", JMLR 22 (2021). Players
    who run it apart: C. Daskalakis, D. Foster, N. Golowich, "Independent policy gradient methods for competitive reinforcement learning",
    NeurIPS 2020 (zero-sum); S. Leonardos et al., "Global convergence of multi-agent policy gradient in Markov potential games", ICLR 2022
    (arXiv 2021). Deviations: these papers have REINFORCE with whole episodes, or exact gradients, and project the policy itself; here a
    critic stands in for the rest of the episode, states weigh by their visits without the power of the discount, and exploration
    falls. So their rates do not carry over.

    What to expect: with one player, in teams and potential games, a stationary point, in most runs an equilibrium; softmax
    plateaus may hold it up for long, as in the climbing game. Where equilibria are mixed, as in matching pennies, the policy goes round;
    the papers' zero-sum result needs one player much slower than the other, and is about averages.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.load_game("stag_hunt"), gt.learners.IndependentPolicyGradient(), steps=50_000, records=1)
    >>> bool(run.trace["nash_gap"][0, -1] < 0.01)
    True
    """

    step_size: Schedule | float = Schedule.by_visits(0.5)  # noqa: RUF009 -- frozen
    policy_step_size: Schedule | float = Schedule.by_visits(0.6, start=0.1, scale=1000)  # noqa: RUF009 -- frozen
    exploration: Schedule | float = Schedule.by_visits(0.5)  # noqa: RUF009 -- frozen
    initial: float = 0.0
    paradigm: ClassVar[str] = "decentralised"
    off_policy: ClassVar[bool] = False  # the update weighs an action by how likely it was to be played

    def __post_init__(self) -> None:
        for name in ("step_size", "policy_step_size", "exploration"):
            as_schedule(getattr(self, name), name)
        checked_number(self.initial, "initial")

    def init(self, spec: GameSpec) -> GradientTables:
        """Return the tables of one seed."""
        legal = padded(spec)
        return GradientTables(
            play=play_of(spec, self.exploration),
            logits=np.zeros(legal.shape),
            value=np.full(legal.shape[:2], float(self.initial)),
            mixed=np.zeros(legal.shape[2]),
            discount=constant(spec.discount, np.float64),
            step_size=as_schedule(self.step_size, "step_size").floats,
            policy_step_size=as_schedule(self.policy_step_size, "policy_step_size").floats,
        )

    def values(self, tables: GradientTables) -> np.ndarray:
        """Return what each player believes its policy to earn, ``(n, S)``."""
        return tables.value.T.copy()
