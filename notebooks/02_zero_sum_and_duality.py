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
# # 2 · Zero-sum games and duality
#
# *One player's gain is the other's loss, and that changes everything.*
#
# If payoffs sum to zero, all the troubles of lesson 1 vanish: all equilibria are worth the same, they can be computed fast, and optimal
# play needs no knowledge of the opponent. This lesson shows why, and it is linear programming.

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import linprog

import gametheory_rl as gt
from gametheory_rl import equilibria as eq

plt.style.use("gametheory_rl.plots.house")

# %% [markdown]
# ## 1 What can I guarantee?
#
# $A$ holds what the column player pays the row player. Row mixes by $x$; if column knew $x$ he would answer with the column that is
# worst for row. So $x$ *guarantees* $\min_j (x^\top\!A)_j$, and row's best guarantee is
#
# $$\underline v=\max_{x\in\Delta}\ \min_j\ (x^\top\!A)_j,\qquad\text{column's}\quad \overline v=\min_{y\in\Delta}\ \max_i\ (Ay)_i .$$
#
# Always $\underline v\le\overline v$: speaking second is no disadvantage. **Theorem (von Neumann 1928):** $\underline v=\overline v$.
#
# With two rows the whole problem is a picture. Let $p$ be the probability of the first row: each column is a straight line in $p$, the
# guarantee is the lower envelope, and row wants its peak.

# %%
A = np.array([[3.0, -1.0, 1.0], [-2.0, 4.0, 2.0]])
p = np.linspace(0, 1, 201)
lines = np.outer(p, A[0]) + np.outer(1 - p, A[1])
solution = eq.minimax(A)
fig, ax = plt.subplots()
for column in range(3):
    ax.plot(p, lines[:, column], linestyle=["-", "--", ":"][column], label=f"column {column + 1}")
ax.plot(p, lines.min(axis=1), color="0.3", linewidth=7, alpha=0.35, label="guaranteed")
ax.plot(solution.profile[0][0], solution.value, "*", color="C1", markersize=18, label=f"value {float(solution.value):.2f}")
ax.set(xlabel="probability of row 1", ylabel="payoff to the row player", title="The value is the peak of the lower envelope")
leg = ax.legend(ncols=2)

# %%
print("row plays", solution.profile[0].round(3), " column plays", solution.profile[1].round(3))
print("wrong by at most", f"{float(solution.gap):.0e}")

# %% [markdown]
# **What the picture says.** At the peak two lines cross: column is indifferent between two of his columns, and only those are played.
# The third is never the worst for row there.
#
# ## 2 A linear program, and its dual
#
# "The largest $v$ that some $x$ guarantees" is a linear program; what column can hold row down to is another:
#
# $$\text{(P)}\ \max v:\ x^\top\!A\ge v\mathbf 1^\top,\ x\in\Delta\qquad\qquad \text{(D)}\ \min w:\ Ay\le w\mathbf 1,\ y\in\Delta .$$
#
# Weak duality is one line: $v\le x^\top\!Ay\le w$ for feasible pairs. Strong duality says that the optima agree: that *is* von
# Neumann's theorem. And the dual variables of (P) are the opponent's strategy. We solve only (P), and read $y$ off the solver:

# %%
rows, columns = A.shape
program = linprog(
    c=[*np.zeros(rows), -1.0],  # maximise v
    A_ub=np.column_stack([-A.T, np.ones(columns)]),  # v - (x A)_j <= 0
    b_ub=np.zeros(columns),
    A_eq=[[1.0] * rows + [0.0]],
    b_eq=[1.0],
    bounds=[(0, None)] * rows + [(None, None)],
)
print("x =", program.x[:rows].round(4), " v =", round(program.x[-1], 4))
print("y =", (-program.ineqlin.marginals).round(4), " from the shadow prices of the columns")

# %% [markdown]
# **Complementary slackness** reads: a column that is played makes row's constraint tight; a row that is played is a best response. That
# is lesson 1's indifference, once more.
#
# **The duality gap is a certificate.** For any pair $(x,y)$, $\max_i(Ay)_i-\min_j(x^\top\!A)_j\ge 0$, and the true value lies between
# these two numbers. No trust in any solver is needed:

# %%
for x, y in [([0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]), (solution.profile[0], solution.profile[1])]:
    low, high = (np.array(x) @ A).min(), (A @ np.array(y)).max()
    print(f"the value lies in [{low:.4f}, {high:.4f}], gap {float(eq.duality_gap(A, x, y)):.4f}")

# %% [markdown]
# ## 3 Why zero-sum is easy
#
# 1. **Exchangeable**: if $(x,y)$ and $(x',y')$ are equilibria so are $(x,y')$ and $(x',y)$. No selection problem: one may play his part
#   of *any*.
# 2. **One value**: all equilibria are worth $v$.
# 3. **Convex**: each player's optimal strategies form a polytope.
# 4. **Fast**: a linear program. For general payoffs finding one equilibrium is PPAD-complete (lesson 3).
#
# The optimal strategies as a set, in rationals:

# %%
sets = eq.exact.optimal_strategies([[0, 0, 1], [1, 0, 0]])
print("value", sets.value, " unique:", sets.unique)
print("corners of row's optimal set:", [[str(q) for q in corner] for corner in sets.x])

# %% [markdown]
# ## 4 Rock, paper, scissors, and a bias
#
# Pay double for winning with rock. Intuition says: play rock more often. Duality says otherwise.

# %%
rps = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], float)
bonus = np.linspace(0, 3, 31)
games = np.array([rps + np.array([[0, 0, b], [0, 0, 0], [-b, 0, 0]]) for b in bonus])
mixed = eq.minimax(games).profile[0]  # one call for the whole batch
fig, ax = plt.subplots()
for action, (name, dash, width) in enumerate([("rock", "-", 6), ("paper", "--", 2.4), ("scissors", ":", 3)]):
    ax.plot(bonus, mixed[:, action], dash, linewidth=width, label=name)
ax.set(xlabel="bonus for a win by rock (payoff units)", ylabel="probability (no unit)", ylim=(0, 0.7))
ax.set_title("A bonus for rock makes paper the action to play")
leg = ax.legend()

# %% [markdown]
# **What the picture says.** Row's mixture has to keep *column* indifferent. If rock pays more, column's scissors become dangerous for
# column, and column's paper attractive to both: the equilibrium has more paper, and as little rock as scissors. What you mix depends on
# what it does to the other.
#
# ## 5 Symmetric games, and games from linear programs
#
# If $A=-A^\top$ the value is 0 and both have the same optimal strategies. Dantzig (1951) turned this around: a linear program can be
# solved by solving a zero-sum game. So minimax and linear programming are one problem.
#
# A larger example: Colonel Blotto distributes five battalions over three fields, most fields win.

# %%
blotto = gt.families.blotto(fields=3, troops=5)
A = blotto.payoff[0, 0]
solution = eq.minimax(A)
x = solution.profile[0]
names = [blotto.labels.action(0, action) for action in range(len(x))]
earned = A @ x  # symmetric: what each deployment earns against the optimal mixture
fig, axes = plt.subplots(2, 1, figsize=(8, 5.6), sharex=True)
axes[0].bar(range(len(x)), x, color="C0")
axes[0].set(ylabel="probability", title="What is played earns the value, and nothing earns more")
axes[1].bar(range(len(x)), earned, color="C1")
axes[1].axhline(float(solution.value), color="0.3", linestyle="--", label="value")
axes[1].set(xlabel="battalions on each field", ylabel="payoff (a win is 1)", ylim=(-1, 0.3))
axes[1].set_xticks(range(len(x)), names, rotation=90)
leg = axes[1].legend(loc="upper right")

# %% [markdown]
# **What it means.** Against an optimal opponent everything in the support earns exactly the value, everything outside at most that. So
# an optimal strategy is a *shield*: it wins nothing from a fool that it was not offered. Learners (lesson 7) inherit both sides of
# this.
#
# ## Exercises
#
# **2.1** What is the value of $\begin{pmatrix}2&-1\\-1&1\end{pmatrix}$ to the row player?

# %%
answer = None
gt.exercises.check("2.1", answer)

# %% [markdown]
# **2.2** In rock, paper, scissors with a bonus of 1 for a win by rock, give the optimal mixture (rock, paper, scissors).

# %%
answer = None
gt.exercises.check("2.2", answer)

# %% [markdown]
# **2.3** Somebody plays $x=(0.75, 0.25)$ in the 2 x 3 game of section 1. How much below the value is what he guarantees?

# %%
answer = None
gt.exercises.check("2.3", answer)

# %% [markdown]
# **2.4** Give a 3 x 3 matrix of whole numbers, not all alike, whose value is exactly 0 and in which the row player has more than one
# optimal strategy.

# %%
answer = None
gt.exercises.check("2.4", answer)

# %% [markdown]
# **2.5** A game $A$ has value $v=0.6$. What is the value of $3A+2$, every entry tripled and raised by two?

# %%
answer = None
gt.exercises.check("2.5", answer)
