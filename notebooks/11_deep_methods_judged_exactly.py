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
# # 11 · Deep methods, judged exactly
#
# *Networks in place of tables, and the same judge.*
#
# A network generalises; a table does not. But how good is what a network learned? Papers show reward curves against the opponents at
# hand. Here we train neural methods on games whose answer is *known*, tabulate their policies, and let the exact judge of lesson 6 say
# how far from equilibrium they are.

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt

plt.style.use("gametheory_rl.plots.house")

# %% [markdown]
# ## 1 Policy gradients for many agents
#
# Each agent $i$ has a policy $\pi_{\theta_i}(a_i\mid o_i)$ and climbs its own return,
# $$\nabla_{\theta_i}J_i=\mathbb E\left[\nabla_{\theta_i}\log\pi_{\theta_i}(a_i\mid o_i)\,\hat A_i\right].$$
# The methods differ in what the advantage $\hat A_i$ may look at.
#
# - **IPPO**: every agent runs PPO by itself; its critic sees its own observation. Fully decentralised.
# - **MAPPO**: the same actors, but the critic sees the state. Centralised training, decentralised execution.
# - **CentralisedPPO**: one actor for the joint action.
#
# PPO itself clips the ratio $\rho_t=\pi_\theta(a_t\mid o_t)/\pi_{\text{old}}(a_t\mid o_t)$, so that one batch cannot move the policy
# far:
# $$L(\theta)=\mathbb E\left[\min\left(\rho_t\hat A_t,\ \mathrm{clip}(\rho_t,1-\epsilon,1+\epsilon)\,\hat A_t\right)\right].$$
#
# **MADDPG** (Lowe et al. 2017) is CTDE for Q-functions. The critic of agent $i$ knows all actions, so the world is stationary for it
# although everybody learns:
# $$\mathcal L(\omega_i)=\mathbb E_{x,a,r,x'}\left[\left(Q_i^\mu(x,a_1,\dots,a_N)-y\right)^2\right],\qquad
# y=r_i+\gamma\,Q_i^{\mu'}(x',a'_1,\dots,a'_N)\big|_{a'_j=\mu'_j(o_j)},$$
# $x=(o_1,\dots,o_N)$; the replay buffer $\mathcal D$ holds $\langle x,x',a_1,\dots,a_N,r_1,\dots,r_N\rangle$. The actor follows it, for
# deterministic policies $\mu_i$ by
# $$\nabla_{\theta_i}J(\mu_i)=\mathbb E_{x\sim\mathcal D}\left[\nabla_{\theta_i}\mu_i(o_i)\
# \nabla_{a_i}Q_i^\mu(x,a_1,\dots,a_N)\big|_{a_i=\mu_i(o_i)}\right],$$
# and when it plays it needs $o_i$ alone. In DDPG, its decentralised sibling, the critic sees only $(o_i,a_i)$.
#
# ## 2 A team: the climbing game again
#
# Lesson 9's game, where independent learners fall short. What do neural ones do?

# %%
climbing = gt.load_game("climbing")
settings = {"environments": 8, "rollout": 16, "hidden": (16,), "minibatches": 1, "epochs": 2, "learning_rate": 0.01}
methods = {"IPPO": gt.deep.IPPO(**settings), "MAPPO": gt.deep.MAPPO(**settings), "CentralisedPPO": gt.deep.CentralisedPPO(**settings)}
team = {name: gt.learn(climbing, method, steps=8_192, seeds=2, records=16) for name, method in methods.items()}
best = climbing.payoff.max()
fig, ax = plt.subplots()
for k, (name, run) in enumerate(team.items()):
    earned = [float(gt.verify(climbing, profile).values[0, 0]) for profile in run.profiles]
    ax.plot(k + np.linspace(-0.1, 0.1, len(earned)), sorted(earned), "os^"[k], markersize=10, label=name)
ax.axhline(best, color="0.3", linestyle="--", label="best joint action")
ax.set_xticks(range(len(team)), list(team))
ax.set(xlabel="method (each mark one seed)", ylabel="what the team earns, exactly (payoff units)", ylim=(-2, 12.5))
ax.set_title("The cliff remains: networks do not change the game")
leg = ax.legend(loc="lower right")

# %% [markdown]
# **What the picture says.** Each mark is the *exact* value of a stochastic policy, nothing was sampled for it. The joint actor can move
# both agents at once; the others have to cross the valley of punishment one agent at a time, central critic or not. The trouble was
# never the table.
#
# ## 3 A zero-sum game: does self-play settle?
#
# Matching pennies. The equilibrium is in the middle, and lesson 5 has told us what gradients do: they circle.

# %%
pennies = gt.load_game("matching_pennies")
ippo = gt.deep.IPPO(**settings)
run = gt.learn(pennies, ippo, steps=16_384, seeds=2, records=32)
ax = gt.plots.nash_gap({"IPPO": run})

# %%
average = run.trace["average_nash_gap"][:, -1] if "average_nash_gap" in run.trace else None
print("gap of the last policies:", run.trace["nash_gap"][:, -1].round(2))
print("gap of their averages:   ", average.round(2) if average is not None else "not recorded")

# %% [markdown]
# **What the picture says.** The network begins near a fair coin, which is the equilibrium, and *learning drives it away*: the gap of
# the last iterate grows to almost 2, the largest there is. It is lesson 5's picture once more. Averages are closer, but PPO with a
# falling learning rate is no rule without regret, so nothing promises that they arrive. A reward curve would have shown nothing at all,
# since in self-play of a zero-sum game both earn about zero *all the time*.
#
# ## 4 Beside the tabular learner
#
# Same game, same judge, same axis.

# %%
tabular = gt.learn(pennies, "minimax_q", steps=16_384, seeds=2, records=32)
ax = gt.plots.nash_gap({"IPPO": run, "Minimax-Q": tabular})

# %% [markdown]
# ## 5 What it means
#
# - A network is a way to represent a policy. Non-stationarity, selection and cycles are properties of the *game*; they stay.
# - On games small enough to tabulate the judge is exact: train there first, and find mistakes that reward curves hide.
# - On large worlds only a *lower* bound of exploitability can be had, by training a best response (`gt.deep.best_response_bound`): an
#   upper bound nobody has.
#
# ## Exercises
#
# **11.1** PPO with $\epsilon=0.2$: the ratio is 1.5 and the advantage 2. What is the term inside the expectation?

# %%
answer = None
gt.exercises.check("11.1", answer)

# %% [markdown]
# **11.2** The same with the ratio 1.5 and the advantage $-2$.

# %%
answer = None
gt.exercises.check("11.2", answer)

# %% [markdown]
# **11.3** A policy pair of matching pennies plays heads with 0.7 and 0.4. What is its gap, the exact gain of the best deviation?

# %%
answer = None
gt.exercises.check("11.3", answer)

# %% [markdown]
# **11.4** MADDPG's critic for one of 3 agents, each with an observation of 4 numbers and 5 actions given one-hot: how many inputs has
# it? DDPG's? Give the pair.

# %%
answer = None
gt.exercises.check("11.4", answer)
