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
# # 1 · What is an equilibrium?
#
# *Best responses, and where they meet.*
#
# One agent in a world that stands still: it maximises, and machine learning is the art of doing so with little data. Put a second agent
# into that world and the question itself changes. What is best for me depends on what you do, which depends on what you think that I
# do. Three difficulties follow, and this course is about them:
#
# - **The world is no longer stationary.** While I learn, you learn, so my experience ages.
# - **There is no one objective.** Each has its own; "better" needs to say for whom.
# - **Evaluation is hard.** A score against the opponents at hand says little about the next opponent.
#
# Game theory answers with a concept that needs no dynamics at all: **equilibrium**. It comes first, since everything that is learned
# later will be measured by its distance from one.

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt
from gametheory_rl import equilibria as eq

plt.style.use("gametheory_rl.plots.house")

# %% [markdown]
# ## 1 A game in two tables
#
# Two hunters. A stag feeds both, if *both* hunt it; a hare can be caught alone. Player 1 chooses the row, player 2 the column, at the
# same moment. Two tables say what each earns: $A$ for player 1, $B$ for player 2.

# %%
stag_hunt = gt.load_game("stag_hunt")
A, B = stag_hunt.payoff[:, 0]
print("player 1 earns\n", A, "\nplayer 2 earns\n", B)

# %%
ax = gt.plots.payoff_table(stag_hunt)

# %% [markdown]
# Marked are **best responses**: against each column the rows that are best for player 1, against each row the columns that are best for
# player 2. A cell where *both* are marked is a **Nash equilibrium** in pure strategies: nobody earns more by moving alone. There are
# two. Nash's condition says nothing about how players get there, and nothing about which of the two.
#
# > **Definition.** A mixed strategy $x\in\Delta(A_1)$ is a distribution over actions. A profile $(x^*,y^*)$ is a Nash equilibrium if
# > $$ x^{*\top}\!A\,y^* \ge x^\top\!A\,y^*\ \ \forall x,\qquad x^{*\top}\!B\,y^* \ge x^{*\top}\!B\,y\ \ \forall y. $$
# > The **regret** of any profile is the most that one player would gain by leaving it alone. An equilibrium is a profile of regret 0.
#
# Two facts make the definition easy to check. Payoffs are linear in one's own mixture, so it is enough to compare with *pure*
# deviations. And hence every action that is played with positive probability must be a best response: **a player who mixes is
# indifferent** between what he mixes.

# %%
for name, profile in {
    "both stag": ([1, 0], [1, 0]),
    "both hare": ([0, 1], [0, 1]),
    "stag against hare": ([1, 0], [0, 1]),
    "a coin each": ([0.5, 0.5], [0.5, 0.5]),
}.items():
    print(f"{name:18s} regret {eq.regret([A, B], profile):.3f}")

# %% [markdown]
# ## 2 All of them
#
# Indifference is an equation, so with two actions each the mixed equilibrium is found by hand. Let player 2 hunt the stag with
# probability $q$. Player 1 is indifferent if $(Ay)_1=(Ay)_2$. With more actions somebody has to guess which actions are played: that is
# support enumeration; `vertex_enumeration` gets the same from the corners of two polytopes (lesson 3).

# %%
found = eq.vertex_enumeration(A, B)
for (x, y), value in zip(found.profiles, found.values.T, strict=True):
    print("player 1:", x.round(4), " player 2:", y.round(4), " values:", value.round(4))
print("complete:", found.complete)

# %% [markdown]
# In rationals, if the payoffs are: nothing is rounded.

# %%
for x, y in eq.exact.vertex_enumeration(*gt.load_payoffs("chicken")).profiles:
    print("chicken:", *x, " | ", *y)

# %% [markdown]
# ## 3 Best responses as a picture
#
# Put player 1's probability $p$ of the first action on one axis, player 2's $q$ on the other. Each best response is a curve, a step;
# equilibria are the crossings. Three games that everybody should know:

# %%
fig, axes = plt.subplots(1, 3, figsize=(14, 5.4))
titles = {"stag_hunt": "Stag hunt: three", "matching_pennies": "Pennies: one, inside", "prisoners_dilemma": "Dilemma: one, in a corner"}
for ax, (name, title) in zip(axes, titles.items(), strict=True):
    ax = gt.plots.best_responses(gt.load_game(name), ax=ax)
    ax.set_title(title)

# %% [markdown]
# **What the pictures say.** *Stag hunt*: three crossings. The one in the middle is where each is just indifferent, and it pays no more
# than the hare. *Matching pennies*: one crossing, in the middle; without mixing there is none. *Prisoner's dilemma*: one crossing in a
# corner, both defect, and both would prefer another corner. **An equilibrium is not an optimum.** It is a place that nobody leaves
# alone.
#
# ## 4 There is always one
#
# **Theorem (Nash 1950).** Every finite game has an equilibrium in mixed strategies.
#
# *Idea.* Move each player's mixture a little towards actions that would do better,
# $$ x'_i = \frac{x_i+\max(0,(Ay)_i-x^\top\!Ay)}{1+\sum_k\max(0,(Ay)_k-x^\top\!Ay)} , $$
# likewise $y$. It is a continuous map of a product of simplices into itself, so by Brouwer it has a fixed point; and a fixed point can
# only be where no action would do better. The proof does not say how to find it. Here is Nash's map, on matching pennies:

# %%
pennies = gt.load_game("matching_pennies").payoff[:, 0]


def nash_map(x, y):
    gain_x = np.maximum(0, pennies[0] @ y - x @ pennies[0] @ y)
    gain_y = np.maximum(0, x @ pennies[1] - x @ pennies[1] @ y)
    return (x + gain_x) / (1 + gain_x.sum()), (y + gain_y) / (1 + gain_y.sum())


x, y = np.array([0.9, 0.1]), np.array([0.5, 0.5])
path = [(x[0], y[0])]
for _ in range(400):
    x, y = nash_map(x, y)
    path.append((x[0], y[0]))
fig, ax = plt.subplots(figsize=(5.4, 5))
ax.plot(*np.transpose(path), linewidth=1)
ax.plot(0.5, 0.5, "o", color="C1", markersize=10, label="equilibrium")
ax.set(xlabel="probability that player 1 shows heads", ylabel="probability that player 2 shows heads", xlim=(0, 1), ylim=(0, 1))
ax.set_title("Iterating Nash's map misses its fixed point")
leg = ax.legend()

# %% [markdown]
# **What the picture says.** The fixed point exists, and the obvious iteration runs around it. To *be* an equilibrium and to be *found*
# by adapting players are different things; lessons 5 and 8 are about the gap between them.
#
# With three players an equilibrium of rational payoffs may need irrational numbers. `eq.nash` finds one and certifies it:

# %%
nau = gt.load_game("nau").payoff[:, 0]
solution = eq.nash(nau)
for player, mixture in enumerate(solution.profile, 1):
    print(f"player {player}:", mixture)
print(f"regret {solution.regret:.0e}")

# %% [markdown]
# ## 5 Which one? Two answers to the stag hunt
#
# Both players prefer (stag, stag). But who doubts the other hunts hare. Harsanyi and Selten (1988) call the equilibrium that is lost
# less easily **risk dominant**: compare what each would lose by a unilateral slip, and multiply.

# %%
for rule in ("welfare", "risk_dominant", "egalitarian", "max_entropy"):
    chosen = eq.select(A, B, rule)
    print(f"{rule:14s} player 1 plays {chosen.profile[0].round(3)}, values {chosen.values.round(3)}")

# %% [markdown]
# Selection will matter a great deal: Nash-Q (lesson 8) must choose an equilibrium in every state, and two players who choose
# differently play none at all.
#
# ## 6 What it means
#
# - A Nash equilibrium is a **consistency condition**, not a prediction, not an optimum.
# - Its **regret** measures how far any behaviour is from it, and that needs no equilibrium to be known: only best responses. That is
#   why it can judge learners on games whose equilibria nobody knows.
# - There may be many, so a solver's answer is *an* equilibrium; say which rule chose it.
#
# ## Exercises
#
# **1.1** How many equilibria does `gt.load_game("battle_of_the_sexes")` have, mixed ones included?

# %%
answer = None
gt.exercises.check("1.1", answer)

# %% [markdown]
# **1.2** What is the regret of both swerving in chicken, `gt.load_game("chicken")`, where swerving is each player's first action?

# %%
answer = None
gt.exercises.check("1.2", answer)

# %% [markdown]
# **1.3** In the stag hunt above, with what probability does each hunt the stag in the mixed equilibrium? Give the number.

# %%
answer = None
gt.exercises.check("1.3", answer)

# %% [markdown]
# **1.4** Design a game of 2 x 2 with no pure equilibrium, in which player 1 plays his first action with probability 3/4 in the only
# equilibrium. Give `(A, B)`. (Whose payoffs decide what player 1 mixes?)

# %%
answer = None
gt.exercises.check("1.4", answer)

# %% [markdown]
# **1.5** In `gt.load_game("inspection")` both toss a fair coin. What is the regret of that profile, and whose is it? Give the number.

# %%
answer = None
gt.exercises.check("1.5", answer)
