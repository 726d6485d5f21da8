# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6 · Stochastic games and Shapley's theorem
#
# *Value iteration, and an error that is proved.*
#
# In lessons 1 to 5 a game was played once. Now what the players do also decides **which game they play next**: a soccer player who is
# tackled stands where he stands, without the ball. After this lesson you can
#
# - write such a game down as two tensors,
# - say why a zero-sum one has a value, and compute it with an error that is *proved*, not hoped for,
# - judge any policy, wherever it comes from, by what an opponent could still gain against it.

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt
from gametheory_rl import equilibria as eq

plt.style.use("gametheory_rl.plots.house")

# %% [markdown]
# ## 1 The model
#
# A **stochastic game** (Shapley 1953; in reinforcement learning also *Markov game*) is a tuple $\langle \mathcal N, \mathcal S,
# \mathcal A, \mathcal R, \mathcal P\rangle$:
#
# - $\mathcal N$: the $n$ players; $\mathcal S$: the states, here a finite set; in a world of many bodies $\mathcal S =
#   S_1\times\dots\times S_n$, one part for each;
# - $\mathcal A = A_1\times\dots\times A_n$: each player $j$ chooses $a^j\in A_j$, all at the same moment;
# - $\mathcal R = (r^1,\dots,r^n)$: what each is paid, $r^j(s, a^1,\dots,a^n)$;
# - $\mathcal P$: where the play moves, $p(s' \mid s, a^1,\dots,a^n)$.
#
# A **policy** of player $j$ is $\pi^j:\mathcal S\to\Delta(A_j)$, a mixed action for each state; a **joint policy** is $\pi =
# (\pi^1,\dots,\pi^n)$. With a discount $\gamma\in[0,1)$ it is worth
#
# $$v^j_\pi(s) = \sum_{t\ge 0}\gamma^t\;\mathbb E_{\pi,p}\!\left[r^j_t \mid s_0=s\right],\qquad
# Q^j_\pi(s,a) = r^j(s,a)+\gamma\,\mathbb E_{s'\sim p(\cdot\mid s,a)}\!\left[v^j_\pi(s')\right],\qquad a=(a^1,\dots,a^n).$$
#
# What player $j$ can earn depends on the *joint* policy, so "maximise" alone means nothing. The joint policy
# $\pi_*=(\pi^1_*,\dots,\pi^n_*)$ is a **Nash equilibrium** where nobody wants to leave alone, in no state, for no policy of his:
#
# $$v^j(s;\pi^j_*,\pi^{-j}_*)\;\ge\; v^j(s;\pi^j,\pi^{-j}_*)\qquad\text{for all } j,\ s,\ \pi^j.$$
#
# In the package the tuple is two arrays: `payoff[j, s, a1, ..., an]` and `transition[s, a1, ..., an, s']`.

# %%
payoff = np.zeros((2, 2, 2, 2))  # players, states, actions of 1, actions of 2
payoff[0, 0] = [[1, 0], [0, 1]]  # state 0, "play": player 1 wins where the actions match
payoff[1] = -payoff[0]  # zero-sum
transition = np.zeros((2, 2, 2, 2))  # states, actions of 1, actions of 2, next states
transition[0, :, :, 1] = 1.0  # as a rule the game is over,
transition[0, 0, 0] = [1, 0]  # but after (top, left) it is played once more
transition[1, :, :, 1] = 1.0  # state 1, "end": nothing happens any more
game = gt.StochasticGame(payoff, transition, discount=0.5)
print(game)

# %% [markdown]
# Player 1 would like to match *at top left*: there he is paid and may play again. Player 2 knows it. How much is it worth to be player
# 1?
#
# ## 2 Shapley's operator
#
# Suppose we knew what the future is worth, $V(s')$. Then today is a matrix game, the **stage game** at $s$:
#
# $$Q(s,a,o) = r(s,a,o)+\gamma\sum_{s'}p(s'\mid s,a,o)\,V(s').$$
#
# A matrix game has a value (lesson 2). So take it, in every state:
#
# $$(TV)(s) \;=\; \max_{x\in\Delta(A)}\;\min_{o\in O}\;\sum_{a}x(a)\,Q(s,a,o).$$
#
# If $V$ was right about the future then $TV = V$. **Theorem (Shapley 1953).** $T$ has exactly one fixed point $V^*$; it is the value of
# the game, and optimal strategies of its stage games are optimal *stationary* policies.
#
# *Why.* Change every entry of a matrix by at most $\varepsilon$, and its value changes by at most $\varepsilon$: the old optimal
# strategy still guarantees the old value less $\varepsilon$, for either player. The stage games for $V$ and for $W$ differ by at most
# $\gamma\lVert V-W\rVert_\infty$. Hence
#
# $$\lVert TV-TW\rVert_\infty\;\le\;\gamma\,\lVert V-W\rVert_\infty :$$
#
# a contraction, and Banach's theorem says the rest. All of it in three lines of code, `minimax` for every state at once:


# %%
def shapley(game, V):
    """One sweep: the value of each state's stage game if the future is worth V."""
    Q = game.payoff[0] + game.discount[0] * game.transition @ V
    return eq.minimax(Q).value


V = np.zeros(game.num_states)
for sweep in range(1, 9):
    before, V = V, shapley(game, V)
    print(f"sweep {sweep}:  V(play) = {V[0]:.10f}   changed by {abs(V - before).max():.1e}")

# %% [markdown]
# Every payoff, probability and discount of this game is rational. The value is not: optimal play solves $v = (1+\tfrac v2)/(2+\tfrac
# v2)$, so $v=(\sqrt{17}-3)/2 = 0.5615528\ldots$ **No finite number of exact arithmetic steps on rationals can end at it**: a linear
# program solves a matrix game, and none solves a stochastic one. So we must stop somewhere, and say how far off we are.
#
# ## 3 How far off? A bound that is proved
#
# We do not know $V^*$. But we know how much the last sweep changed. With $\delta=\lVert V_{k}-V_{k-1}\rVert_\infty$ the contraction
# gives
#
# $$\lVert V^*-V_k\rVert\;\le\;\gamma\lVert V^*-V_{k-1}\rVert\;\le\;\gamma\left(\lVert V^*-V_k\rVert+\delta\right)
# \quad\Longrightarrow\quad \lVert V^*-V_k\rVert_\infty\;\le\;\frac{\gamma}{1-\gamma}\,\delta .$$
#
# `gt.solve` stops on such a bound, rounding included. `value_trace` draws the values and the band in which the truth must lie.

# %%
solution = gt.solve(game, "value_iteration", tol=1e-6)
print(f"value {solution.values[0, 0]:.7f}, and this is wrong by at most {solution.error_bound:.1e}")
print(f"truth {(17**0.5 - 3) / 2:.7f}")
ax = gt.plots.value_trace(solution, states={"play": 0})

# %% [markdown]
# **What the picture says.** The line is at its place after three sweeps, but only the band tells us so. A solver without a band has to
# say "it no longer moves", which is something else: at a discount of 0.999 a value that still creeps by a millionth a sweep may be a
# thousandth away from the truth.
#
# ## 4 A game of 760 states
#
# Littman's soccer (1994): a pitch of 4 by 5, two players, five moves each, the ball changes hands in a tackle, and the players' moves
# are carried out in random order. Zero-sum, discount 0.9.

# %%
soccer = gt.load_game("soccer")
kickoff = soccer.labels.states.index("A(1,3) B(2,1), A has the ball")
fig, axes = plt.subplots(1, 2, figsize=(13, 4.6), layout="constrained")
gt.plots.game_state(soccer, kickoff, ax=axes[0])
sweeps = gt.solve(soccer, "value_iteration")
ax = gt.plots.value_trace(sweeps, discount=0.9, ax=axes[1])

# %%
print(f"{sweeps.iterations} sweeps; the kick-off is worth {sweeps.values[0, kickoff]:.6f} to A, within {sweeps.error_bound:.1e}")

# %% [markdown]
# **What the picture says.** On a logarithmic axis a contraction is a straight line. The grey stripe falls by the factor 0.9 that the
# theorem promises in each sweep; the certified error does at least that, and here better: not all that is worth something lies in the
# far future.
#
# The contraction of each sweep, the change divided by the change before, is in the trace. The theorem says that it is never above 0.9:

# %%
residual = sweeps.trace["residual"]
ratio = residual[1:] / residual[:-1]
fig, ax = plt.subplots()
ax.plot(np.arange(2, len(residual) + 1), ratio, marker="o", label="measured")
ax.axhline(0.9, color="C1", linestyle="--", label="discount: the theorem's bound")
ax.set(xlabel="sweep", ylabel="change / change before (no unit)", ylim=(0, 1), title="No sweep contracts by less than the discount")
leg = ax.legend(loc="lower right")

# %% [markdown]
# ## 5 Better than sweeping
#
# Each sweep gains a factor 0.9. At a discount of 0.99 the same error takes ten times as many sweeps. Other methods solve the same
# fixed-point equation faster:
#
# - **policy iteration** (Hoffman and Karp 1966): fix player 1's stage strategies, solve player 2's whole decision process, repeat;
# - **Newton's method** (Pollatschek and Avi-Itzhak 1969; safeguarded): fix *both* players' stage strategies, solve one linear system
#   for their value, repeat.
#
# All stop on the same certified bound, so they can be compared.

# %%
methods = ["value_iteration", "policy_iteration", "newton"]
ax = gt.plots.value_trace([gt.solve(soccer, method) for method in methods])

# %% [markdown]
# **What it means.** Newton's error collapses at the end, as it does for a smooth equation: the operator is piecewise smooth, and once
# the optimal actions are settled one step is enough. Pollatschek and Avi-Itzhak's bare method may cycle; the catalogue has a game on
# which it does (`newton_cycle`), so the package's falls back to a sweep wherever the step did not help.
#
# ## 6 What is played: the stage game of a state
#
# The values give the stage game, the stage game the policy. Here is a duel: A has the ball and attacks to the left, B stands in its
# way. Rows are A's moves, columns B's, and each entry is what A will have earned in the end if these two moves are made now and both
# play optimally from then on.

# %%
best = gt.solve(soccer)
duel = soccer.labels.states.index("A(1,2) B(1,1), A has the ball")
ax = gt.plots.stage_game(soccer, duel, best.values, best.profile)

# %%
ax = gt.plots.policy_grid(soccer, best.profile, duel)

# %%
mixes = [(policy.max(axis=1) < 0.99).sum() for policy in best.profile]
print(f"A mixes in {mixes[0]} of {soccer.num_states} states, B in {mixes[1]}")

# %% [markdown]
# **What the picture says.** In a duel nobody may be predictable: were A's next move known, B would stand in its way; were B's known, A
# would walk around. In most states there is nothing to hide, and play is deterministic, but without these few duels there would be no
# game. That is the difference to a Markov decision process, where a deterministic optimal policy always exists.
#
# ## 7 The judge
#
# Somebody hands you a policy: a network, a student, a colleague. How good is it? Fix it; then the opponent faces a plain Markov
# decision process, and that can be solved. What he gains at best, over what he gets if he goes along, is the policy's
# **exploitability**; the largest gain over players and states is $\varepsilon$ of an $\varepsilon$-equilibrium. `gt.verify` computes it
# from the definition, and shares no code with any solver.

# %%
uniform = tuple(legal / legal.sum(axis=1, keepdims=True) for legal in soccer.legal)
for name, profile in {"optimal": best.profile, "uniform": uniform}.items():
    certificate = gt.verify(soccer, profile)
    print(f"{name}: worst state {certificate.epsilon:.1e}, from the start {certificate.start_gap:.1e}")

# %% [markdown]
# Beware of a cheaper number. Looking *one step* ahead, "how much does a player gain who deviates now and comes back to his policy",
# understates the gain by up to $1/(1-\gamma)$, which is 10 here. The deviation that hurts goes on for ever.
#
# ## 8 What it means
#
# | | Markov decision process | zero-sum stochastic game | general sum |
# |--|--|--|--|
# | fixed point | one | one | many, or none that iteration finds |
# | optimal play | deterministic | mixed | mixed |
# | operator | max | value of a matrix game | needs a *choice* of equilibrium (lesson 8) |
# | exact method | linear program | Newton, certified | homotopy, certified by regret |
#
# Reinforcement learning is these operators with samples in place of $\mathcal P$. Lesson 7 does that with Shapley's operator, and the
# numbers that we found here are what its results will be measured by.
#
# ## Exercises
#
# **6.1** Value iteration with discount 0.9 has just changed the values by 0.02 at most. By how much at most are they wrong? Give the
# number.

# %%
answer = None
gt.exercises.check("6.1", answer)

# %% [markdown]
# **6.2** The state of play of section 1, but with discount 0.8. What is it worth to player 1? Give the number to six digits. (Another
# discount is another polynomial; or let the package do it.)

# %%
answer = None
gt.exercises.check("6.2", answer)

# %% [markdown]
# **6.3** On soccer, B plays uniformly at random for ever. What does the best answer to that earn A at `kickoff`? (`gt.best_response`
# returns values for one player.)

# %%
answer = None
gt.exercises.check("6.3", answer)

# %% [markdown]
# **6.4** Build a zero-sum stochastic game of two states or more, each player with two actions or more, and discount 0.5, that is worth
# exactly 3 to player 1 in state 0, though no single payoff is larger than 2 in absolute value. Give the game.

# %%
answer = None
gt.exercises.check("6.4", answer)

# %% [markdown]
# **6.5** Give a pair of policies for the game of section 1, as `(x, y)` with `x` and `y` of shape (2 states, 2 actions), that nobody
# can improve on by more than 0.001 in any state.

# %%
answer = None
gt.exercises.check("6.5", answer)
