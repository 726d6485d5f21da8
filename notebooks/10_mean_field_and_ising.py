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
# # 10 · Mean field and the Ising model
#
# *Four hundred agents and one number.*
#
# With $n$ agents a table over joint actions has $A^n$ entries. For $n=400$ no computer has room for it. If each agent matters little to
# any other, perhaps only the *average* of the others matters. Physics has lived on that idea for a century. Here it becomes a learning
# rule, and a model from physics, solved exactly in 1944, is its examination.

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt

plt.style.use("gametheory_rl.plots.house")

# %% [markdown]
# ## 1 From pairs to the mean
#
# Suppose agent $j$'s value is made of pairs with its neighbours $\mathcal N(j)$, $N^j$ in number:
# $$Q^j(s,a)=\frac1{N^j}\sum_{k\in\mathcal N(j)}Q^j(s,a^j,a^k).$$
# Write actions as one-hot vectors, $\bar a^j=\frac1{N^j}\sum_k a^k$ for the **mean action**, a distribution over actions, and $a^k=\bar
# a^j+\delta a^{j,k}$. By construction the deviations cancel: $\frac1{N^j}\sum_k\delta a^{j,k}=0$. Expand around the mean (Yang et al.
# 2018):
# $$\begin{aligned}
# Q^j(s,a)&=\frac1{N^j}\sum_k\left[Q^j(s,a^j,\bar a^j)+\nabla_{\bar a^j}Q^j(s,a^j,\bar a^j)\cdot\delta a^{j,k}+\tfrac12\,\delta
# a^{j,k}\cdot\nabla^2Q^j(s,a^j,\tilde a^{j,k})\cdot\delta a^{j,k}\right]\\
# &=Q^j(s,a^j,\bar a^j)+\underbrace{\nabla_{\bar a^j}Q^j\cdot\tfrac1{N^j}\sum_k\delta
# a^{j,k}}_{=\,0}+\underbrace{\tfrac1{2N^j}\sum_k\delta a^{j,k}\cdot\nabla^2Q^j\cdot\delta a^{j,k}}_{\text{the
# remainder}}\;\approx\;Q^j(s,a^j,\bar a^j).
# \end{aligned}$$
# The first-order term vanishes *exactly*. What is left is curvature times spread. So when is it small? If $Q$ is linear in the other's
# action it is zero, and on **one-hot** actions every function of a pair *is* linear: $Q(a^j,a^k)=\sum_b Q(a^j,b)\,a^k_b$. Measured on a
# game whose pairs meet on the corners of a simplex, and with the same actions as points of a line:

# %%
levels = np.linspace(0, 1, 4)
pair = np.cos(4 * np.abs(levels[:, None] - levels))  # what two agents' levels pay
actions = np.indices((4,) * 4)  # four agents, four levels each: all 256 joint actions
payoff = np.array([np.mean([pair[actions[j], actions[k]] for k in range(4) if k != j], axis=0) for j in range(4)])
corners, line = gt.mean_field_remainder(payoff), gt.mean_field_remainder(payoff, places=levels)
print(f"one-hot actions: largest remainder {corners.largest:.0e}")
print(f"the same actions as numbers on a line: {line.largest:.3f}, of payoffs between {payoff.min():.2f} and {payoff.max():.2f}")
ax = gt.plots.mean_field_remainder({"one-hot": corners, "on a line": line})

# %% [markdown]
# **What the picture says.** On one-hot actions nothing at all is lost, whatever the pairs pay. If actions are numbers and the mean is
# their average, the remainder grows with the spread of the others: two agents at 0 and two at 1 are not four agents at one half.
#
# ## 2 The rule
#
# The table is now $Q(\bar a,a)$: own action and (counted) mean action. Agents choose by Boltzmann's distribution and learn from what a
# turn earned:
# $$\pi^j_t(a\mid s,\bar a^j)=\frac{\exp\left(\beta\,Q^j_t(s,a,\bar a^j)\right)}{\sum_{a'}\exp\left(\beta\,Q^j_t(s,a',\bar
# a^j)\right)},\qquad
# Q^j\leftarrow(1-\alpha)Q^j+\alpha\left(r^j+\gamma\,v^j(s')\right),$$
# $v^j(s')$ the policy's expectation of $Q^j(s',\cdot,\bar a')$. A network is trained on the same target, by the loss
# $\left(y^j-Q_{\phi^j}(s,a^j,\bar a^j)\right)^2$ with $y^j=r^j+\gamma\,v^j(s')$ from a replay buffer (lesson 12).
#
# *A sign to watch.* Some texts, the original paper among them, print $\exp(-\beta Q)$. With that sign agents prefer what earns least.
#
# ## 3 The examination: Ising's model
#
# Agents on a torus, each $+1$ or $-1$, paid $\tfrac12\,a^j\sum_{k}a^k$ over four neighbours: they like to agree. At temperature
# $T=1/\beta$ agents that answer their neighbours by heat bath have *exactly* the distribution of the Ising model, and Onsager (1944)
# solved it on the infinite lattice: below $T_c=1/\ln(1+\sqrt2)=1.1346$ a majority forms spontaneously, of size
# $$m(T)=\left(1-\sinh(1/T)^{-4}\right)^{1/8},$$
# above it there is none. Learners know nothing of this. Do they find it?

# %%
temperatures = np.array([0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 2.0])
lattice = gt.families.ising(12)
learned, sampled = [], []
for temperature in temperatures:
    run = gt.learn(lattice, gt.learners.MeanFieldQ(temperature=float(temperature)), steps=2000, seeds=1, records=[500, 2000])
    learned.append(run.trace["order_parameter"][0, -1])
    sampled.append(gt.heat_bath(lattice, float(temperature), sweeps=2000).order)
fine = np.linspace(0.5, 2.1, 400)
fig, ax = plt.subplots()
ax.plot(fine, [gt.ising_order(t) for t in fine], color="0.4", label="Onsager, infinite lattice")
ax.plot(temperatures, learned, "o", markersize=9, label="MeanFieldQ, 12 x 12")
ax.plot(temperatures, sampled, "x", markersize=9, label="heat bath, 12 x 12")
ax.axvline(1 / np.log(1 + np.sqrt(2)), color="0.7", linestyle=":", label="critical temperature")
ax.set(xlabel="temperature (payoff units)", ylabel="order: |majority|, 0 to 1", title="Learners order below the critical temperature")
leg = ax.legend()

# %% [markdown]
# **What the picture says.** Learners (circles), told nothing but what each turn earned, lie on the samples of physics (crosses): they
# have *learned the heat bath*. Both lie on Onsager's curve below the critical temperature. Above it a lattice of 12 x 12 still has an
# order of some tenths, and the infinite one has none: that difference belongs to the size of the lattice, not to the learning, since
# crosses and circles agree, as far as samples of so wide a swing can.
#
# How the order comes about:

# %%
runs = {f"T = {t}": gt.learn(lattice, gt.learners.MeanFieldQ(temperature=t), steps=600, seeds=2, records=40) for t in (0.8, 1.0, 1.5)}
ax = gt.plots.population_trace(runs)

# %% [markdown]
# What it looks like: one agent a pixel.

# %%
fig, axes = plt.subplots(1, 3, figsize=(12, 4.4))
for ax, temperature in zip(axes, (0.8, 1.13, 2.0), strict=True):
    spins = gt.heat_bath(gt.families.ising(40), temperature, sweeps=120, seed=1).actions.reshape(40, 40)
    ax.imshow(spins, cmap="cividis", vmin=0, vmax=1)
    ax.grid(False)
    ax.set(xlabel="column (agents)", ylabel="row (agents)", title=f"T = {temperature}")
title = fig.suptitle("Order, islands of every size, disorder", fontweight="bold")

# %% [markdown]
# ## 4 All at once, or in turn?
#
# Much of the literature lets *all* agents answer the mean action of the step before. On a chessboard that is a trap: black fields see
# only white ones, so the two halves of the lattice live in two different times and take no notice of each other.

# %%
orders = {}
for turns in ("asynchronous", "simultaneous", "stale"):
    run = gt.learn(lattice, gt.learners.MeanFieldQ(temperature=0.8, turns=turns), steps=600, seeds=6, records=[300, 600])
    orders[turns] = run.trace["order_parameter"][:, -1]
fig, ax = plt.subplots()
for k, values in enumerate(orders.values()):
    ax.plot(k + np.linspace(-0.15, 0.15, len(values)), values, "os^"[k])
ax.axhline(gt.ising_order(0.8), color="0.4", linestyle="--")
ax.set_xticks(range(3), list(orders))
ax.set(xlabel="who acts when (each mark one of six seeds)", ylabel="order, 0 to 1", ylim=(-0.05, 1.05))
ax.set_title("T = 0.8: all at once, and half of the runs lose their order")
text = ax.text(2.4, gt.ising_order(0.8) - 0.07, "Onsager", ha="right", color="0.4")

# %% [markdown]
# An equilibrium statement needs asynchronous turns. It is the kind of detail that papers leave to an appendix, and that an exact answer
# brings to light.
#
# ## 5 How good is it? Gaps without a joint tensor
#
# Nobody can verify $2^{144}$ joint actions. But an agent's gain by changing *its own* action given everybody else's is a sum over its
# neighbours: `population_gap`. Agents that choose at temperature $T$ should have a gap of that order: they err on purpose.

# %%
for name, run in runs.items():
    gain, payoff = run.trace["population_gap"][0, -1], run.trace["mean_payoff"][0, -1]
    print(f"{name}: an agent gains {gain:.3f} by its best change of action; a turn earns {payoff:.3f}")

# %% [markdown]
# ## 6 What it means
#
# - Mean field replaces $A^n$ by the number of mean actions; its error is curvature times spread, and nothing where pairs are linear in
#   one-hot actions.
# - It needs agents that are alike, and payoffs through averages. A goalkeeper is not a mean.
# - An exact solution for *one* population game is worth more than a hundred reward curves: it found a wrong sign and a wrong order of
#   turns.
#
# ## Exercises
#
# **10.1** What is Onsager's order at $T=1.0$?

# %%
answer = None
gt.exercises.check("10.1", answer)

# %% [markdown]
# **10.2** How many entries has the table of one MeanFieldQ agent on the lattice (two actions, four neighbours, so five counted mean
# actions), and how many has a table over the joint actions of *an agent and its four neighbours*? Give the pair of numbers.

# %%
answer = None
gt.exercises.check("10.2", answer)

# %% [markdown]
# **10.3** An agent has three neighbours playing $+1$ and one playing $-1$. At temperature 1 with what probability does it play $+1$?
# (Payoffs as in section 3.)

# %%
answer = None
gt.exercises.check("10.3", answer)

# %% [markdown]
# **10.4** In Gaussian squeeze 500 agents choose numbers, and the sum $x$ earns all $x\,e^{-(x-\mu)^2/\sigma^2}$ with $\mu=400$,
# $\sigma=200$. Which $x$ is best?

# %%
answer = None
gt.exercises.check("10.4", answer)
