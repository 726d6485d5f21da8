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
# # 4 · Correlated play
#
# *What a traffic light can do that no pair of drivers can.*
#
# In a Nash equilibrium players randomise independently. If they may look at a common signal, more is possible: nobody crashes at a
# traffic light, and nobody is told to wait for ever. Correlated equilibria are **easier** to compute than Nash equilibria (a linear
# program) and **easier** to learn (no-regret rules end there). They are the natural meeting point of game theory and learning.

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt
from gametheory_rl import equilibria as eq

plt.style.use("gametheory_rl.plots.house")
chicken = gt.load_game("chicken")
payoffs = chicken.payoff[:, 0]

# %% [markdown]
# ## 1 Chicken
#
# Two drivers; each would like to dare, and if both do it is a disaster.

# %%
ax = gt.plots.payoff_table(chicken)

# %% [markdown]
# Three Nash equilibria: two unfair ones, and a mixed one in which both sometimes crash.

# %%
for (x, y), value in zip(eq.vertex_enumeration(*payoffs).profiles, eq.vertex_enumeration(*payoffs).values.T, strict=True):
    print("yield with", x[0].round(4), "and", y[0].round(4), " values", value.round(4))

# %% [markdown]
# ## 2 The definition
#
# A referee draws a *joint* action $a=(a^1,a^2)$ from a distribution $p$ and tells each player only his own part. $p$ is a **correlated
# equilibrium** (Aumann 1974) if obeying is best when the other obeys:
#
# $$\sum_{a^{-i}}p(a^i,a^{-i})\left[u^i(b^i,a^{-i})-u^i(a^i,a^{-i})\right]\le 0\qquad\text{for all } i,\ a^i,\ b^i .$$
#
# These are *linear* inequalities in $p$, so the equilibria form a polytope, and any linear objective is optimised by a linear program.
# Every Nash equilibrium is in it: $p=x\otimes y$. If the player has to decide *before* he is told whether to obey at all, fewer
# deviations count, and the set grows to the **coarse** correlated equilibria,
#
# $$\sum_{a}p(a)\left[u^i(b^i,a^{-i})-u^i(a)\right]\le 0\qquad\text{for all } i,\ b^i .$$

# %%
for objective in ("welfare", "egalitarian", "republican", "entropy"):
    found = eq.correlated(payoffs, objective)
    print(f"{objective:12s} p = {found.distribution.round(3).tolist()}  values {found.values.round(3)}  slack {abs(found.slack):.0e}")

# %% [markdown]
# The names are Greenwald and Hall's (2003), whose CE-Q (lesson 8) solves such a program in every state: *welfare* (utilitarian) is the
# sum, *egalitarian* the smallest payoff, *republican* the largest.
#
# ## 3 The picture
#
# Every distribution over the four outcomes is a point of the polygon of payoffs. How much of it is stable?

# %%
ax = gt.plots.payoff_polygon(chicken)

# %% [markdown]
# **What the picture says.** The correlated set sticks out beyond the line between the two pure Nash equilibria: there are *fair*
# outcomes in it that pay both more than tossing a coin between the two unfair equilibria. The mixed Nash equilibrium is far inside. And
# the best corner, both yield always, is *not* reachable: whoever is sure that the other yields dares.
#
# ## 4 The traffic light that pays most
#
# The best one is drawn here: of the four joint actions it never recommends the crash.

# %%
best = eq.correlated(payoffs, "welfare")
fig, ax = plt.subplots(figsize=(5.2, 4.4))
ax.imshow(best.distribution, cmap="Blues", vmin=0, vmax=1)
for i, j in np.ndindex(2, 2):
    ax.text(j, i, f"{best.distribution[i, j]:.2f}", ha="center", va="center", fontsize=16)
ax.set_xticks([0, 1], ["yield", "dare"])
ax.set_yticks([0, 1], ["yield", "dare"])
ax.grid(False)
ax.set(xlabel="told to column (action)", ylabel="told to row (action)", title="Welfare: never both dare")
print("told 'yield', row believes that column was told 'yield' with", (best.distribution[0] / best.distribution[0].sum())[0].round(3))

# %% [markdown]
# Told to yield, row thinks: *the other was told to yield with 2/3.* Daring earns $\tfrac23\cdot 7+\tfrac13\cdot0$, obeying
# $\tfrac23\cdot6+\tfrac13\cdot2$: the same. He obeys, just so.
#
# `eq.obedience` is the judge: the most that anybody gains by disobeying, from the definition.

# %%
devices = {"the program's": best.distribution, "always both yield": [[1, 0], [0, 0]], "a coin between the unfair": [[0, 0.5], [0.5, 0]]}
for name, p in devices.items():
    print(f"{name:26s} gain by disobeying {max(0.0, eq.obedience(payoffs, p)):.3f}")

# %% [markdown]
# ## 5 Coarse is larger
#
# Rock, paper, scissors. A device draws one of the six cells without a draw, each as likely as any other. Whoever is told "rock" knows
# that the other holds paper or scissors, so he would rather play scissors. But to decide *before* being told gains nothing:

# %%
p = (np.ones((3, 3)) - np.eye(3)) / 6
rps = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], float)
told = eq.obedience(np.stack([rps, -rps]), p)
before = eq.obedience(np.stack([rps, -rps]), p, coarse=True)
print(f"gain by disobeying what one is told: {told:.3f};  by never listening: {abs(before):.3f}")

# %% [markdown]
# So this device is a coarse correlated equilibrium and no correlated one.
#
# ## 6 Learning it
#
# No-regret players' *joint* frequencies tend to coarse correlated equilibria (lesson 5). Hart and Mas-Colell (2000) sharpened it:
# regret the *replacement* of one action by another, and joint play tends to the correlated equilibria themselves. Nobody computes
# anything but his own regrets. Which equilibrium it will be is left to chance.

# %%
path = eq.dynamics.conditional_regret_matching(payoffs, 20_000, seed=3)
print("joint frequencies\n", path.joint.round(3))
print(f"gain by disobeying them: {float(path.slack):.4f}")

# %%
steps = [100, 300, 1000, 3000, 10_000, 20_000]
slack = [[float(eq.dynamics.conditional_regret_matching(payoffs, n, seed=s).slack) for n in steps] for s in range(3)]
fig, ax = plt.subplots()
for s, row in enumerate(slack):
    ax.loglog(steps, np.maximum(row, 1e-4), marker="os^"[s], linestyle=["-", "--", ":"][s], label=f"seed {s}")
ax.set(xlabel="rounds", ylabel="gain by disobeying (payoff units)", title="Joint play comes close (0 drawn as 0.0001)")
leg = ax.legend()

# %% [markdown]
# ## 7 Commitment is yet another thing
#
# A leader who *announces* his mixture and is believed may earn more than in any equilibrium (von Stackelberg 1934; Conitzer and
# Sandholm 2006): a linear program per reply.

# %%
leader = eq.stackelberg(*payoffs)
print("row commits to", leader.profile[0].round(3), " and earns", leader.values[0].round(3))

# %% [markdown]
# ## 8 What it means
#
# $$\text{Nash}\subseteq\text{correlated}\subseteq\text{coarse correlated}.$$
#
# From left to right the sets grow, are easier to compute, and easier to learn. With $n$ players the polytope has $\prod_i |A_i|$
# variables but only $\sum_i |A_i|^2$ inequalities: a linear program instead of a fixed point.
#
# ## Exercises
#
# **4.1** What is the largest sum of payoffs of a correlated equilibrium of chicken?

# %%
answer = None
gt.exercises.check("4.1", answer)

# %% [markdown]
# **4.2** Give a correlated equilibrium of `gt.load_game("battle_of_the_sexes")` that pays both the same and more than 1 each, as a 2 x
# 2 array of probabilities.

# %%
answer = None
gt.exercises.check("4.2", answer)

# %% [markdown]
# **4.3** The welfare-optimal device of chicken tells row to yield. With which probability was column told to *dare*?

# %%
answer = None
gt.exercises.check("4.3", answer)

# %% [markdown]
# **4.4** Which is the largest sum of payoffs of a *coarse* correlated equilibrium of chicken? Is it more than 4.1?

# %%
answer = None
gt.exercises.check("4.4", answer)
