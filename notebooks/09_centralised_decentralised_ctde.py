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
# # 9 · Centralised, decentralised, and in between
#
# *Three ways to train a team, and what each pays.*
#
# Three difficulties make many agents harder than one: **the world is not stationary** while others learn, there are **several
# objectives**, and **evaluation** depends on who else is there. A team has one objective, so it shows the first difficulty by itself.
# There are three answers:
#
# - **Fully centralised.** One super-agent: its state is everybody's, its action the *joint* action. The world is stationary again, and
#   Q-learning's theory applies. But $n$ agents with $A$ actions have $A^n$ joint actions.
# - **Fully decentralised.** Each learns alone, from its own action and reward, and takes the others for weather. Its table does not
#   grow with $n$; nothing guarantees that it converges.
# - **Centralised training, decentralised execution (CTDE).** While they train, agents may see what they will not see when they play; a
#   critic may look at all actions. When they play, each plays its own policy from its own observation.

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt
from gametheory_rl import equilibria as eq

plt.style.use("gametheory_rl.plots.house")

# %% [markdown]
# ## 1 A game that decentralised learners fall for
#
# The *climbing game* (Claus and Boutilier 1998). Both are paid the same. The best joint action pays 11, but whoever tries it alone is
# punished.

# %%
climbing = gt.load_game("climbing")
ax = gt.plots.payoff_table(climbing)

# %% [markdown]
# **Independent Q-learning** has for each agent $j$
# $$Q^j(s,a^j)\leftarrow Q^j(s,a^j)+\alpha\left(r+\gamma\max_{a'}Q^j(s',a')-Q^j(s,a^j)\right),$$
# so its entry for "top" is an *average over what the other does*: about $(11-30+0)/3$ while the other explores. The safe action has the
# better average, so both learn it, though no joint action was ever misjudged.
#
# Three repairs of the update: *hysteretic* learners (Matignon et al. 2007) take bad news with a smaller step than good; *Friend-Q*
# looks at joint actions and hopes; the *centralised* learner simply owns both.

# %%
names = ("independent_q", "hysteretic_q", "friend_q", "centralised_q")
runs = [gt.learn(climbing, name, steps=5000, seeds=10, records=30) for name in names]
best = climbing.payoff.max()
earned = {run.settings["learner"]: [float(gt.verify(climbing, profile).values[0, 0]) for profile in run.profiles] for run in runs}
fig, ax = plt.subplots()
for k, (name, values) in enumerate(earned.items()):
    spots = k + np.linspace(-0.25, 0.25, len(values))
    ax.plot(spots, sorted(values), "os^D"[k], label=name)
ax.axhline(best, color="0.3", linestyle="--")
ax.set_xticks(range(len(earned)), [name.replace("_", "\n") for name in earned])
ax.set(xlabel="learner (each mark one of ten seeds)", ylabel="what the team earns (payoff units)", ylim=(4, 12.5))
ax.set_title("Independent learners mostly stay below")
text = ax.text(-0.4, best + 0.2, "best joint action", color="0.3")

# %% [markdown]
# **What the picture says.** Nine of ten pairs of independent learners earn 5 or 6 in place of 11, though each of them maximises its
# average reward as well as it can, *given how the other explores*: a tenth of exploration is enough to make the good rows look bad. The
# three repairs climb every time.

# %%
for name, values in earned.items():
    print(f"{name:14s} mean {np.mean(values):6.2f}   at the optimum {np.mean(np.isclose(values, best)):.0%}")
print("all pure equilibria and their values:", eq.pure(climbing.payoff[:, 0]).profiles, eq.pure(climbing.payoff[:, 0]).values[0].tolist())

# %% [markdown]
# ## 2 The price of looking at joint actions
#
# Teams of 2 to 5 agents, three actions each, a random payoff for every joint action, 10,000 steps. `compare_paradigms` trains them all
# and measures exactly.

# %%
table = gt.compare_paradigms([2, 3, 4, 5], steps=10_000, seeds=4)
fig, axes = plt.subplots(1, 3, figsize=(17, 5))
for ax, quantity in zip(axes, ("entries", "steps_to_near", "team_loss"), strict=True):
    ax = gt.plots.paradigms(table, quantity=quantity, ax=ax)
    if quantity != "entries":
        ax.get_legend().remove()  # the same lines as on the left

# %%
print("agents  learner         numbers to learn   near the optimum   team loses (spans)")
for row in table.rows:
    print(f"{row.agents:6d}  {row.learner:14s} {row.entries:17,d} {row.near_share:18.0%} {row.team_loss:20.3f}")

# %% [markdown]
# **What the pictures say.** Left: tables over joint actions grow by a factor of three with every agent, those over own actions by three
# *entries*. Middle: whoever has to try all joint actions needs more steps the more there are. Right: whoever does not, settles in a
# worse place. That is the trade, in numbers.
#
# ## 3 Information, and who may see it
#
# In this package a decentralised learner's update *cannot* depend on what others do or earn: a test changes the others' actions and
# rewards and demands the same bits. CTDE says it the other way round: during training a critic
# $$Q_i^\pi(x,a_1,\dots,a_N),\qquad x=(o_1,\dots,o_N),$$
# sees everything, which makes its target stationary (given all actions the reward and the next state no longer depend on who learns),
# while the actor $\pi_i(a_i\mid o_i)$ sees its own observation alone. For $N$ agents whose policies have parameters $\theta_i$, the
# gradient is
# $$\nabla_{\theta_i}J=\mathbb E\left[\nabla_{\theta_i}\log\pi_i(a_i\mid o_i)\;Q_i^\pi(x,a_1,\dots,a_N)\right].$$
# Lesson 11 has the deep methods that do this (MADDPG, MAPPO), and those that do not (IPPO).
#
# The tabular learner of this kind with a theorem is *decentralised Q-learning* with two time scales (Sayin et al. 2021): each agent
# smooths its own policy slowly against a fast table, and in zero-sum games the policies come close to an equilibrium, though nobody
# sees the opponent.

# %%
game = gt.load_game("matching_pennies")
runs = [gt.learn(game, name, steps=40_000, seeds=3, records=30) for name in ("independent_q", "decentralised_q", "minimax_q")]
ax = gt.plots.nash_gap(runs)

# %% [markdown]
# **What the picture says.** Both decentralised learners see the same, their own coin and what it earned. One is greedy and circles; the
# other is patient, mixes, and comes close, as far as its temperature lets it. Minimax-Q, which sees both coins, is done at once.
#
# ## 4 Is a team's optimum an equilibrium?
#
# For a *team* yes: nobody gains by leaving the best joint action. With payoffs of one's own, no. The centralised learner of the
# prisoner's dilemma maximises the sum:

# %%
dilemma = gt.load_game("prisoners_dilemma")
run = gt.learn(dilemma, "centralised_q", steps=5000, seeds=2)
certificate = gt.verify(dilemma, run.profile)
print("the super-agent plays", [policy[0].round(2).tolist() for policy in run.profile])
print(f"it earns {certificate.values[:, 0].round(2).tolist()}, and a player gains {certificate.epsilon:.2f} by leaving it")
print(gt.diagnose(run).sentence)

# %% [markdown]
# ## 5 What it means
#
# | | sees while training | sees while playing | table | promise |
# |--|--|--|--|--|
# | centralised | everything | everything | $A^n$ | the optimum |
# | CTDE | everything | its own | $n A^n$, or a network | depends on the method |
# | decentralised | its own | its own | $nA$ | where it settles, an equilibrium of the greedy policies |
#
# ## Exercises
#
# **9.1** How many entries does the table of a super-agent of 6 agents with 4 actions each have, in one state?

# %%
answer = None
gt.exercises.check("9.1", answer)

# %% [markdown]
# **9.2** In the climbing game the other agent plays uniformly. Which of its actions (0, 1 or 2) does an independent learner then think
# best?

# %%
answer = None
gt.exercises.check("9.2", answer)

# %% [markdown]
# **9.3** How much does the team of the climbing game lose, against its best joint action, in the equilibrium at (1, 1)?

# %%
answer = None
gt.exercises.check("9.3", answer)

# %% [markdown]
# **9.4** Change the payoffs of the climbing game by as little as you like so that (0, 0) is the *only* pure equilibrium, both still
# paid the same, and 11 the largest payoff. Give the 3 x 3 table.

# %%
answer = None
gt.exercises.check("9.4", answer)
