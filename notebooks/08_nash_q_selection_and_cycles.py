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
# # 8 · Nash-Q, selection, and when learning cycles
#
# *In general-sum games the operator has a choice to make, and may have no fixed point.*
#
# Take the value of a matrix game, and you have Shapley's operator. With payoffs of their own the players' stage game has equilibria
# instead of a value: several, worth different amounts. Nash-Q picks one. This lesson shows what hangs on the pick, and a game on which
# no pick helps.

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt

plt.style.use("gametheory_rl.plots.house")

# %% [markdown]
# ## 1 Nash Q-learning
#
# Hu and Wellman (1998, 2003): every player keeps tables for *everybody*, $Q^1,\dots,Q^n$ over joint actions, and repeats
#
# 1. solve the stage game $(Q^1(s'),\dots,Q^n(s'))$ for an equilibrium $\pi_*(s')=(\pi^1_*,\dots,\pi^n_*)$;
# 2. move towards what it pays, for each $j$:
# $$Q^j(s,a)\leftarrow(1-\alpha)\,Q^j(s,a)+\alpha\left(r^j+\gamma\,v^{\text{Nash}}_j(s')\right),\qquad
# v^{\text{Nash}}(s')\triangleq\left[v^1_{\pi_*}(s'),\dots,v^n_{\pi_*}(s')\right].$$
#
# Its theorem needs every stage game on the way to have a global optimum, or each a saddle point, and always the same kind is used.
# Hardly any game grants that.
#
# Their example: two robots on a grid, each to its own goal (a, b); whoever bumps is sent back and pays. Robot 1 must cross to the
# right, robot 2 to the left.

# %%
grid = gt.load_game("grid_game_1")
start = int(grid.start.argmax())
exact = gt.solve(grid, "nash_iteration", select="first")
fig, axes = plt.subplots(1, 2, figsize=(11, 5))
gt.plots.game_state(grid, start, ax=axes[0])
ax = gt.plots.policy_grid(grid, exact.profile, start, ax=axes[1])

# %%
print("values from the start:", exact.values[:, start].round(2), " regret", f"{exact.certificate.epsilon:.0e}")

# %% [markdown]
# There are many equilibria: one robot steps aside, or the other; all take the same number of steps, so all are worth the same here. Now
# learn it, from samples of all states, with three ideas of which equilibrium is meant:

# %%
from gametheory_rl.learners import NashQ

ideas = {
    "both: first found": "first",
    "both: best for 1": "best_for_1",
    "each: best for itself": ("best_for_1", "best_for_2"),
}
runs = {
    name: gt.learn(grid, NashQ(selection=rule), steps=30_000, seeds=3, records=25, sampling="generative") for name, rule in ideas.items()
}
ax = gt.plots.nash_gap(runs)

# %% [markdown]
# **What the picture says.** Whichever rule they *share*, they reach an equilibrium exactly. If each expects the equilibrium that is
# best for itself, they play half of the one and half of the other, and that is none. **Selection is coordination**, and the algorithm
# does not provide it. (The trace's `mismatch` counts the states.)

# %%
for name, run in runs.items():
    disputed = run.trace["mismatch"][0, -1] if "mismatch" in run.trace else 0
    print(f"{name:22s} gap {np.median(run.trace['nash_gap'][:, -1]):8.2f}   states in dispute {disputed:.0f}")

# %% [markdown]
# ## 2 Which equilibrium do learners find?
#
# Where players do not agree beforehand, chance decides. Independent learners on the stag hunt, from twenty seeds:

# %%
hunt = gt.load_game("stag_hunt")
run = gt.learn(hunt, "independent_q", steps=2000, seeds=20, records=30)
ax = gt.plots.selection_shares(run)

# %% [markdown]
# Both shares are equilibria, and no learner did anything wrong. One of them is the hare.
#
# ## 3 A game in which iteration must fail
#
# Zinkevich, Greenwald and Littman (2005). Two states; in state $i$ only player $i$ moves: *keep* the move, or *send* it to the other.

# %%
nosde = gt.load_game("nosde")
fig, axes = plt.subplots(1, 2, figsize=(13, 5.4))
solution = gt.solve(nosde)
for state, ax in enumerate(axes):
    ax = gt.plots.stage_game(nosde, state, solution.values, solution.profile, ax=ax)

# %%
print("the only stationary equilibrium: values", solution.values.round(4).tolist())

# %% [markdown]
# **What the picture says.** With the equilibrium's continuation values both actions of the mover are worth *exactly* the same. So the
# stage game does not tell with which probability to play them, and yet only one mixture makes the *other* player indifferent. **No
# function of the action values can return this equilibrium**: the information is not in $Q$. That is the theorem, *no stationary
# deterministic equilibrium*, and it hits Nash-Q, CE-Q and every other method that computes its policy from $Q$ alone.
#
# What value iteration does instead:

# %%
stuck = gt.solve(nosde, "nash_iteration", throw=False)
print(stuck.status.value)
print("period", stuck.period)

# %% [markdown]
# And learners:

# %%
run = gt.learn(nosde, "independent_q", steps=150_000, seeds=2, policy_states=[0, 1])
print(gt.diagnose(run, game=nosde).sentence)
ax = gt.plots.recurrence(run)

# %% [markdown]
# **What the picture says.** A point $(t, t')$ is blue where the policy at step $t$ is the one at step $t'$. Blue blocks off the
# diagonal mean: *it left, and came back*. Each stay is longer than the one before, since step sizes fall; so a short run looks as if it
# had converged. With a million steps and more seeds `gt.diagnose` is sure of it: a cycle through the policies of value iteration's own
# cycle.
#
# ## 4 A path instead of an iteration
#
# The equilibrium exists (Fink 1964), and an exact solver finds it: *homotopy* follows a path of games from one whose solution is known
# to the game itself. Along the path the mixture is a variable of its own, not a function of $Q$.

# %%
path = gt.solve(nosde, "homotopy")
fig, axes = plt.subplots(1, 2, figsize=(13, 4.8), sharey=True)
for state, ax in enumerate(axes):
    ax = gt.plots.solution_path(nosde, path, state, player=state, ax=ax)

# %%
print(f"nobody gains more than {path.certificate.epsilon:.0e} by any deviation")

# %% [markdown]
# ## 5 Does correlation help?
#
# CE-Q (Greenwald and Hall 2003) asks for a *correlated* equilibrium of every stage game, a convex set, so there is no coordination
# problem once the objective is agreed on. On grids it works well. On `nosde` one player moves at a time, there is nothing to correlate,
# and it cycles as Nash-Q does. What does exist there is a *cyclic* correlated equilibrium: policies that change with time, in a fixed
# round, and that nobody wants to leave. The cycle that we saw **is** the equilibrium, if we let policies depend on the clock.

# %%
runs = {name: gt.learn(nosde, name, steps=20_000, seeds=2, records=30) for name in ("nash_q", "correlated_q")}
for name, run in runs.items():
    print(f"{name}: {gt.diagnose(run).sentence}")

# %% [markdown]
# ## 6 What it means
#
# | | zero-sum | general sum |
# |--|--|--|
# | operator | contraction, one fixed point | depends on a selection; may have no fixed point |
# | policy from $Q$ | yes | not always: `nosde` |
# | learners | converge | may settle apart, may cycle |
# | how to know | gap 0 | gap 0, *and* look for cycles: `gt.diagnose` |
#
# Report the exact gap, not the reward. A cycle can look like convergence to the eye of whoever looks at averages.
#
# ## Exercises
#
# **8.1** In `nosde`, with what probability does player 1 *keep* in state 0 in the only stationary equilibrium?

# %%
answer = None
gt.exercises.check("8.1", answer)

# %% [markdown]
# **8.2** With which period does `nash_iteration` cycle on `nosde`?

# %%
answer = None
gt.exercises.check("8.2", answer)

# %% [markdown]
# **8.3** Grid game 2 from `gt.load_game("grid_game_2")`: which of the players' sums of values from the start does `gt.solve(...,
# "nash_iteration", select="welfare")` reach? Give the sum, to two digits.

# %%
answer = None
gt.exercises.check("8.3", answer)

# %% [markdown]
# **8.4** Each player expects the equilibrium that is best for himself, as in section 1, but in `gt.load_game("battle_of_the_sexes")`.
# What do they play? Give the profile, one mixture per player.

# %%
answer = None
gt.exercises.check("8.4", answer)
