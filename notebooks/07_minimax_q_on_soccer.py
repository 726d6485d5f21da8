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
# # 7 · Minimax-Q on soccer
#
# *Shapley's operator, with samples in place of the rules.*
#
# In lesson 6 the game was known, and its value computed with a proved error. Now the players know neither payoffs nor transitions; they
# play, and see what happens. Littman's Minimax-Q (1994) began multi-agent reinforcement learning. We train it on his own game, and
# measure it by what lesson 6 computed.

# %%
import os

import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt
from gametheory_rl import equilibria as eq

plt.style.use("gametheory_rl.plots.house")
share = float(os.environ.get("LESSON_SHARE", "1"))  # where nothing is compiled, 0.05 of the steps will do

# %% [markdown]
# ## 1 Two ways to see an opponent
#
# **Independent Q-learning** sees a world, and the opponent is part of it:
# $$Q(s,a)\leftarrow Q(s,a)+\alpha\left(r+\gamma\max_{a'}Q(s',a')-Q(s,a)\right).$$
# That world changes as the opponent learns, so nothing of Q-learning's theory applies. And its policy is greedy: deterministic, hence
# predictable.
#
# **Minimax-Q** sees both actions and expects the worst:
# $$V(s)=\max_{\pi\in\Delta(A)}\ \min_{o\in O}\ \sum_{a\in A}\pi(a)\,Q(s,\langle a,o\rangle),\qquad
# Q(s,\langle a,o\rangle)\leftarrow Q(s,\langle a,o\rangle)+\alpha\left(r+\gamma V(s')-Q(s,\langle a,o\rangle)\right).$$
# With $V$ in place of $\max$ it is a sampled version of Shapley's contraction $T$, so it converges whenever every $(s,a,o)$ is tried
# for ever (Littman and Szepesvári 1996), *whatever the opponent does*.
#
# ## 2 The algorithm in a dozen lines
#
# A small pitch, 2 by 3: 60 states. Every state and pair of actions is tried equally often; the step size is $1/n^{0.75}$ at the $n$-th
# try.

# %%
pitch = gt.families.soccer(rows=2, columns=3)
truth = gt.solve(pitch).values[0]
rng = np.random.default_rng(0)
chances = pitch.dense().transition.cumsum(axis=-1)  # of the next state, added up: a uniform number picks one
Q, V = np.zeros(pitch.payoff[0].shape), np.zeros(pitch.num_states)
errors = []
for n in range(1, 401):
    after = (rng.random(Q.shape)[..., None] > chances).sum(axis=-1)  # every state, every pair of actions: one sample of what comes next
    Q += n**-0.75 * (pitch.payoff[0] + pitch.discount[0] * V[after] - Q)
    V = eq.minimax(Q).value  # all stage games at once
    errors.append(abs(V - truth).max())
fig, ax = plt.subplots()
ax.loglog(np.arange(1, 401), errors)
ax.set(xlabel="samples of each state and pair of actions", ylabel="largest error of V (goals, discounted)")
ax.set_title("A dozen lines of Minimax-Q come down to the exact values")
text = ax.text(0.98, 0.9, f"at the end {errors[-1]:.3f}", transform=ax.transAxes, ha="right")

# %% [markdown]
# ## 3 The package's, by self-play
#
# `gt.learn` runs all seeds at once, and at every record the policy is judged *exactly*: the opponent's best reply is computed, not
# sampled.

# %%
runs = [gt.learn(pitch, name, steps=60_000, seeds=2, records=30) for name in ("minimax_q", "independent_q", "wolf_phc")]
fig, axes = plt.subplots(1, 2, figsize=(14, 5))
ax = gt.plots.nash_gap(runs, column="start_gap", ax=axes[0])
ax = gt.plots.value_error(runs[0], ax=axes[1])

# %%
for run in runs:
    print(f"{run.settings['learner']:14s} median gap from the start {np.median(run.trace['start_gap'][:, -1]):.3f}")

# %% [markdown]
# **What the pictures say.** On the left the distance from equilibrium that counts, from the kick-off. Minimax-Q comes down; independent
# Q-learning goes up and down and stays high, since against a deterministic policy there is always an answer. WoLF-PHC, whose steps are
# small, has hardly begun to move. On the right Minimax-Q's own values approach the truth. Learning by *play* is slower than by the
# uniform samples of section 2: some states are rarely met.
#
# ## 4 Littman's pitch
#
# 760 states, 19,000 cells. A million steps.

# %%
soccer = gt.load_game("soccer")
exact = gt.solve(soccer)
steps = int(1_000_000 * share)
full = [gt.learn(soccer, name, steps=steps, seeds=2, records=24, exact=exact) for name in ("minimax_q", "independent_q")]
ax = gt.plots.nash_gap(full, column="start_gap")

# %% [markdown]
# **What the picture says.** For a long time nothing happens: a goal has to be scored by accident before anything can be learned, and
# then its value has to travel back, state by state. From there on Minimax-Q comes down like a power of the steps.
#
# ## 5 What a policy is worth
#
# Train, freeze, and let an opponent learn the best reply: Littman's *challenger*. A policy's **guarantee** is what it earns against its
# best challenger. With the exact best response there is no doubt about the challenger's skill.

# %%
kickoff = soccer.labels.states.index("A(1,3) B(2,1), A has the ball")


def guarantee(profile):
    """What A's policy earns at the kick-off against B's best reply."""
    return -gt.best_response(soccer, profile, 1).values[kickoff]


uniform = tuple(legal / legal.sum(axis=1, keepdims=True) for legal in soccer.legal)
rows = {"optimal": exact.profile, "minimax_q": full[0].profile, "independent_q": full[1].profile, "uniform": uniform}
values = [guarantee(profile) for profile in rows.values()]
fig, ax = plt.subplots()
ax.barh(list(rows), values, color=["C2", "C0", "C1", "0.6"])
ax.axvline(exact.values[0, kickoff], color="0.3", linestyle="--")
ax.invert_yaxis()
ax.set(xlabel="guaranteed to A at the kick-off (goals, discounted)", ylabel="policy", title="What is left when the opponent knows you")
text = ax.text(exact.values[0, kickoff], 3.4, " value", va="bottom", color="0.3")

# %%
for name, value in zip(rows, values, strict=True):
    print(f"{name:14s} {value:+.3f}")

# %% [markdown]
# Littman measured this in 1994 by matches; the table is in the package, beside the exact percentages: `gametheory-rl reproduce
# littman1994`. One finding of that comparison: his *schedule* (step size falling from 1 to 0.01 over a million steps) had not
# converged.
#
# ## 6 Friend, foe
#
# The same engine with other values for the next state gives a family: *Foe-Q* is Minimax-Q for each player, *Friend-Q* takes the best
# joint action, $\max_{a,o}$, and hopes for help (Littman 2001). On soccer hope is a bad guide:

# %%
runs = [gt.learn(pitch, name, steps=30_000, seeds=2, records=20) for name in ("foe_q", "friend_q")]
ax = gt.plots.nash_gap(runs, column="start_gap")

# %% [markdown]
# ## 7 What it means
#
# - Minimax-Q's guarantee holds against *anyone*; its price is a table over joint actions, a matrix game per step, and the opponent's
#   actions being seen.
# - Against a weak opponent it earns less than a best reply would. It is a shield, not a sword.
# - "It beats the opponent we trained it with" says nothing. Ask what its best challenger leaves.
#
# ## Exercises
#
# **7.1** $Q(s,\cdot,\cdot)$ of the *next* state is $\begin{pmatrix}1&-1\\-1&1\end{pmatrix}$, the reward was 0.5, $\gamma=0.9$,
# $\alpha=0.2$, and the entry to be updated is 0. What is it afterwards?

# %%
answer = None
gt.exercises.check("7.1", answer)

# %% [markdown]
# **7.2** The same, for independent Q-learning whose two entries at the next state are 1 and -1. What is the entry afterwards?

# %%
answer = None
gt.exercises.check("7.2", answer)

# %% [markdown]
# **7.3** What does uniform play *guarantee* A at `kickoff` of Littman's soccer?

# %%
answer = None
gt.exercises.check("7.3", answer)

# %% [markdown]
# **7.4** Train any learner on `gt.families.soccer(rows=2, columns=3)` for at most 200,000 steps so that its policy's `start_gap` is
# below 0.2. Give `run.profile`. (`sampling="generative"` may help.)

# %%
answer = None
gt.exercises.check("7.4", answer)
