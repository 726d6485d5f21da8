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
# # 5 · Learning in matrix games
#
# *Do players who adapt find an equilibrium?*
#
# An equilibrium is where nobody wants to move. Nobody has said yet how anybody gets there. Here two players play the same matrix game
# over and over, each with a sensible rule. Watch closely **what** converges: play itself, its average, or only the joint statistics.

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt
from gametheory_rl.equilibria import dynamics

plt.style.use("gametheory_rl.plots.house")
pennies = gt.load_game("matching_pennies").payoff[:, 0]

# %% [markdown]
# ## 1 Fictitious play
#
# Brown's rule of 1951: believe that the other will play what he has played so far, and answer it best. With $\hat y_t$ the other's
# frequencies,
# $$ i_{t+1}\in\arg\max_i (A\hat y_t)_i .$$
# **Theorem (Robinson 1951).** In a zero-sum game the frequencies converge to optimal strategies.

# %%
path = dynamics.fictitious_play(pennies, 3000, start=([0.9, 0.1], [0.4, 0.6]), records=300)
fig, axes = plt.subplots(1, 2, figsize=(12, 4.6))
axes[0].plot(path.average_profiles[0][:, 0], path.average_profiles[1][:, 0], linewidth=1)
axes[0].plot(0.5, 0.5, "*", color="C1", markersize=16, label="equilibrium")
axes[0].set(xlabel="player 1: share of heads", ylabel="player 2: share of heads", title="Frequencies spiral inwards")
axes[0].legend()
axes[1].loglog(path.times, path.average_regrets, label="average so far")
axes[1].loglog(path.times, path.regrets, linestyle=":", label="play of the round")
axes[1].set(xlabel="round", ylabel="regret (payoff units)", title="The average learns, play does not")
leg = axes[1].legend()

# %% [markdown]
# **What the pictures say.** The *average* tends to the equilibrium. *Play* does not: each round is a pure action, as far from mixing as
# can be.
#
# ## 2 Where fictitious play fails
#
# Shapley (1964) gave a 3 x 3 game, a rock-paper-scissors of two non-zero-sum players, in which the frequencies run around a triangle
# for ever, ever more slowly.

# %%
shapley = gt.load_game("shapley_cycle").payoff[:, 0]
path = dynamics.fictitious_play(shapley, 30_000, start=([1, 0, 0], [0, 1, 0]), records=400)
fig, ax = plt.subplots()
for action, dash in enumerate(["-", "--", ":"]):
    ax.semilogx(path.times, path.average_profiles[0][:, action], dash, label=f"action {action + 1}")
ax.axhline(1 / 3, color="0.6", linewidth=1)
ax.set(xlabel="round (logarithmic)", ylabel="player 1's frequency (no unit)", title="Shapley's cycle: each turn takes longer than the last")
leg = ax.legend()

# %%
print(f"regret of the averages after {path.times[-1]} rounds: {path.average_regrets[-1]:.3f}")

# %% [markdown]
# On a logarithmic axis the swings keep their size: nothing converges. Learning in games is not optimisation; there is no function that
# goes down.
#
# ## 3 Evolution: the replicator equation
#
# A population of rock, paper and scissors players; who earns more than the average grows,
# $$\dot x_i=x_i\left[(Ax)_i-x^\top\!Ax\right].$$
# It is also what exponential weights (section 4) do in the limit of small steps.

# %%
fig, axes = plt.subplots(1, 2, figsize=(12.5, 5.4))
for ax, (title, win) in zip(axes, {"win 1, lose 1: closed orbits": 1.0, "win 1, lose 2: outwards": 0.5}.items(), strict=True):
    matrix = np.array([[0, -1, win], [win, 0, -1], [-1, win, 0]])
    ax = gt.plots.simplex(matrix, "replicator", ax=ax)
    ax.set_title(title)

# %% [markdown]
# **What the pictures say.** Corners 0, 1, 2 are rock, paper, scissors; the equilibrium in the middle is the same in both. In the
# zero-sum game it is surrounded by closed orbits: nobody gets closer, nobody further away. Make losing worse than winning is good, and
# the orbits wind outwards. Whether learning converges is a property of the game *and* the rule, not of the equilibrium.
#
# ## 4 No regret
#
# A rule has **no regret** if in hindsight no single action would have earned more per round, whatever the others did:
# $$\frac1T\max_i\sum_{t\le T}\left(u_i^t-u_{a_t}^t\right)\ \to\ 0 .$$
# *Hedge* plays $x_i\propto\exp(\eta\sum_t u_i^t)$; *regret matching* plays actions in proportion to how much they are regretted. Both
# need nothing but payoffs, and both keep their promise against anybody: the average regret falls as $1/\sqrt T$.
#
# **Folk theorem.** If all players have no regret, their *joint* play tends to the set of coarse correlated equilibria (lesson 4). If
# two such players play a zero-sum game, their *averages* tend to optimal strategies: add both regrets and you have bounded the duality
# gap.

# %%
start = ([0.6, 0.4], [0.5, 0.5])
rules = {
    "hedge": dynamics.hedge(pennies, 2000, rate=0.1, start=start),
    "regret matching+": dynamics.regret_matching_plus(pennies, 2000, start=start),
    "optimistic hedge": dynamics.optimistic_hedge(pennies, 2000, rate=0.1, start=start),
}
fig, axes = plt.subplots(1, 2, figsize=(12.5, 4.6), sharey=True)
for (name, path), dash in zip(rules.items(), ["-", "--", ":"], strict=True):
    axes[0].loglog(path.times, np.maximum(path.average_regrets, 1e-6), dash, label=name)
    axes[1].loglog(path.times, np.maximum(path.regrets, 1e-6), dash, label=name)
axes[0].set(xlabel="round", ylabel="regret (payoff units)", title="Averages: all fall")
axes[1].set(xlabel="round", title="Play itself: only the optimistic falls", ylabel="regret (payoff units)")
leg = axes[0].legend()

# %% [markdown]
# **What the pictures say.** Hedge's play moves *away* from the equilibrium while its average comes closer. Optimism, counting the last
# payoff twice, is enough to make play itself converge (Rakhlin and Sridharan 2013; Daskalakis and Panageas 2019). Remember it when a
# neural network is trained by self-play and somebody evaluates its *last* iterate.
#
# ## 5 Gradients, and WoLF
#
# Two actions each: let each player follow the gradient of his own payoff (Singh, Kearns and Mansour 2000, "IGA"). In matching pennies
# it circles. *Win or learn fast* (Bowling and Veloso 2002): small steps when you do better than equilibrium play would, large steps
# when worse. The circle becomes a spiral.

# %%
fig, axes = plt.subplots(1, 2, figsize=(12, 5.2))
for ax, (title, rule) in zip(axes, {"Gradients circle": "iga", "Win or learn fast: they arrive": "wolf_iga"}.items(), strict=True):
    ax = gt.plots.unit_square(gt.load_game("matching_pennies"), rule, starts=([[0.85, 0.15]], [[0.5, 0.5]]), duration=25, ax=ax)
    ax.set_title(title)

# %% [markdown]
# ## 6 From samples
#
# So far players saw what every action would have earned. A reinforcement learner sees *his own* action's reward alone. Q-learning,
# WoLF-PHC and Minimax-Q on rock, paper, scissors, four seeds each; the gap is exact.

# %%
game = gt.load_game("rock_paper_scissors")
runs = [gt.learn(game, learner, steps=20_000, seeds=4, records=40) for learner in ("independent_q", "wolf_phc", "minimax_q")]
ax = gt.plots.nash_gap(runs)

# %%
for run in runs:
    print(f"{run.settings['learner']}: {gt.diagnose(run).sentence}")

# %% [markdown]
# **What the picture says.** Minimax-Q solves its estimated game, so it mixes, and it is right as soon as it has seen every cell.
# Independent Q-learning is greedy: it cannot mix, so it circles. WoLF-PHC begins with uniform play, which *is* the equilibrium here,
# and is driven away from it by the noise of its own exploration: to begin at the answer is not to have learned it.
#
# **What it means.**
#
# | rule | zero-sum | general sum |
# |--|--|--|
# | fictitious play | averages converge | may cycle for ever |
# | hedge, regret matching | averages converge, play does not | joint play tends to coarse correlated equilibria |
# | optimistic, extra-gradient | play converges | nothing in general |
# | independent Q-learning | a greedy policy cannot mix: no | where it settles: an equilibrium, perhaps a bad one |
# | Minimax-Q | converges | does not apply |
#
# Look at the right end of a path before you say that it converged: play, average, or joint play.
#
# ## Exercises
#
# **5.1** Fictitious play on matching pennies: which converges, `"play"`, `"average"` or `"neither"`?

# %%
answer = None
gt.exercises.check("5.1", answer)

# %% [markdown]
# **5.2** What is the regret (in payoff units) of player 1's and player 2's average after 10,000 rounds of `dynamics.hedge(pennies,
# 10_000, rate=0.05, start=([0.6, 0.4], [0.5, 0.5]))`? Give the number to four digits.

# %%
answer = None
gt.exercises.check("5.2", answer)

# %% [markdown]
# **5.3** Give a 3 x 3 payoff matrix of one population, with rock-paper-scissors' cycle of best replies, whose replicator orbits wind
# *inwards* to the middle. (What must be larger, winning or losing?)

# %%
answer = None
gt.exercises.check("5.3", answer)

# %% [markdown]
# **5.4** Hedge has played a zero-sum game; the average regret of player 1 is 0.03 and of player 2 is 0.05 per round. How large can the
# duality gap of the average strategies be at most?

# %%
answer = None
gt.exercises.check("5.4", answer)
