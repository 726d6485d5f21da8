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
# # 12 · Reasoning, communication, many agents
#
# *I think that you think; I tell you; and what if there are thousands of us?*
#
# Three ways to be more than an independent learner: model how the others will answer (PR2), talk to them (CommNet), or see them as a
# crowd (mean field and factorised Q).

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt

plt.style.use("gametheory_rl.plots.house")

# %% [markdown]
# ## 1 Recursive reasoning: PR2
#
# An independent learner takes the others as given. One level up: *if I do this, they will answer like that.* Wen et al. (2019) write
# the joint policy in two ways,
# $$\pi_\theta(a^i,a^{-i}\mid s)=\pi^i_{\theta^i}(a^i\mid s)\,\pi^{-i}_{\theta^{-i}}(a^{-i}\mid s,a^i)=\pi^{-i}_{\theta^{-i}}(a^{-i}\mid
# s)\,\pi^i_{\theta^i}(a^i\mid s,a^{-i}),$$
# and replace the unknown conditional policy of the others by a model $\rho^{-i}_{\phi^{-i}}(a^{-i}\mid s,a^i)$. The objective is
# $\arg\max_{\theta^i,\phi^{-i}}\eta^i\left(\pi^i_{\theta^i}(a^i\mid s)\,\rho^{-i}_{\phi^{-i}}(a^{-i}\mid s,a^i)\right)$, its gradient
# $$\nabla_{\theta^i}\eta^i=\mathbb E_{s\sim p,\,a^i\sim\pi^i}\left[\nabla_{\theta^i}\log\pi^i_{\theta^i}(a^i\mid
# s)\int_{a^{-i}}\rho^{-i}_{\phi^{-i}}(a^{-i}\mid s,a^i)\,Q^i(s,a^i,a^{-i})\,\mathrm da^{-i}\right].$$
# Theorem 1 of the paper gives the model in closed form: $\rho\propto\exp\left(Q^i(s,a^i,a^{-i})-Q^i(s,a^i)\right)$. Read it carefully:
# *the others* are modelled by *my own* $Q^i$. That is right in a team. Is it elsewhere?

# %%
from gametheory_rl.learners import PR2Q

rules = {"counts": PR2Q(rho="counts"), "Theorem 1": PR2Q(rho="soft", worth="soft")}
fig, axes = plt.subplots(1, 2, figsize=(13, 4.8))
for ax, name in zip(axes, ("climbing", "battle_of_the_sexes"), strict=True):
    game = gt.load_game(name)
    runs = {label: gt.learn(game, learner, steps=20_000, seeds=3, records=30) for label, learner in rules.items()}
    ax = gt.plots.nash_gap(runs, ax=ax)
    ax.set_title(f"{name.replace('_', ' ')}: gap of both models")

# %%
teams = {label: gt.learn(gt.load_game("climbing"), learner, steps=20_000, seeds=5, records=2) for label, learner in rules.items()}
for label, run in teams.items():
    earned = [float(gt.verify(gt.load_game("climbing"), profile).values[0, 0]) for profile in run.profiles]
    print(f"climbing, {label}: the team earns {np.median(earned):.2f} (median of 5 seeds)")

# %% [markdown]
# **What the pictures say.** In the team game Theorem 1's hope is justified: the others do want what I want, and the team climbs. Where
# interests differ each expects the other to give in, and what they play together is no equilibrium. A model of the others is only as
# good as its assumption about what they *want*.
#
# ## 2 Communication: CommNet
#
# One network for all agents (Sukhbaatar et al. 2016). Between its layers agents hear the mean of the others' hidden vectors,
# $$c^{k}_j=\frac{1}{J-1}\sum_{j'\ne j}h^{k}_{j'},\qquad h^{k+1}_j=f^k\!\left(h^k_j,\,c^k_j\right),$$
# so what is pooled and handed back is partial knowledge of everybody's state, and since the mean is symmetric, agents may come and go.
# The gradient passes through the channel: *what to say* is learned with *what to do*. It is a centralised method, for agents that may
# talk while they play.
#
# The channel in a few lines: five agents on five levers; each must pull a different one. What a layer does to five numbers:

# %%
rng = np.random.default_rng(0)
hidden = rng.normal(size=5)
rounds = [hidden]
for _ in range(6):
    others = (rounds[-1].sum() - rounds[-1]) / 4
    rounds.append(0.5 * rounds[-1] + 0.5 * others)  # f: the mean of own and heard
fig, ax = plt.subplots()
for agent, dash in enumerate(["-", "--", ":", "-.", (0, (5, 1))]):
    ax.plot(np.array(rounds)[:, agent], linestyle=dash, marker="o", label=f"agent {agent + 1}")
ax.set(xlabel="rounds of communication", ylabel="hidden number (no unit)", title="Averaging alone makes everybody alike")
leg = ax.legend(ncols=2)

# %% [markdown]
# **What the picture says.** A channel that only averages *destroys* the differences that a division of labour needs. So CommNet hands
# the first vector $h^0$ to every layer, and where agents see the same it needs identities. The package's page on neural methods has its
# levers and its traffic junction, trained, beside the paper's figures.
#
# How much does talking help? Levers without any: each pulls at random, and $m$ agents on $m$ levers pull on average a share
# $1-(1-1/m)^m$ of different ones. With one number heard from each it can be 1.

# %%
agents = np.arange(2, 21)
silent = 1 - (1 - 1 / agents) ** agents
fig, ax = plt.subplots()
ax.plot(agents, silent, "o-", label="silent, uniformly at random")
ax.plot(agents, np.ones(len(agents)), "s--", label="a joint plan")
ax.axhline(1 - np.exp(-1), color="0.5", linestyle=":", label="1 - 1/e")
ax.set(xlabel="agents and levers (count)", ylabel="share of levers pulled", ylim=(0.5, 1.05), title="A third is lost by not talking")
leg = ax.legend()

# %% [markdown]
# Now the paper's experiment, small enough for a lecture: in each round four agents are drawn from a pool of twelve, see nothing but their
# own number, and must pull four different levers. They are told afterwards who should have pulled what (the k-th smallest number lever k),
# which nobody can know alone. The same network with the channel and without:

# %%
from gametheory_rl.deep.envs import Levers

levers = Levers(levers=4, pool=12, one_hot=False)
settings = {"lookup": 12, "supervised": True, "hidden": 32, "learning_rate": 3e-3, "environments": 64, "rollout": 1, "evaluation": 512}
fig, ax = plt.subplots()
for label, channel, marker in (("CommNet", "mean", "o"), ("silent", "none", "s")):
    method = gt.deep.CommNet(communication=channel, **settings)
    talk = gt.learn(levers, method, steps=64 * 300, seeds=2, records=8)
    ax.plot(talk.trace["step"][0], talk.trace["distinct_share"].mean(axis=0), marker=marker, label=label)
ax.set(xlabel="rounds played (count)", ylabel="share of levers pulled", ylim=(0.5, 1.05), title="Who talks learns to share the levers out")
leg = ax.legend()

# %% [markdown]
# **What the picture says.** The silent network stays where its twelve numbers leave it. With the channel it has to learn *what to say*
# first, and nothing seems to happen; then the levers are shared out almost without fault.
#
# %% [markdown]
# ## 3 Many agents: a crowd is a number
#
# Lesson 10's mean-field rule, with a network in place of the table: minimise $\mathcal L(\phi^j)=\left(y^j-Q_{\phi^j}(s,a^j,\bar
# a^j)\right)^2$, $y^j=r^j+\gamma\,v_{\phi^j}(s')$, over samples $\langle s,a,r,s',\bar a\rangle$ of a buffer. *Factorised* Q-learning
# (FQL, Zhou et al. 2019) keeps the pairs and factorises them,
# $$Q^j(s,a)=Q^j(s,a^j)+\frac1{N^j}\sum_{k\in\mathcal N(j)}u^j(s,a^j)^\top v(s,a^k),$$
# own value and interaction apart, with vectors $u,v$ of low dimension in place of an $A\times A$ table. Which pair tables *have* low
# rank? The singular values know:

# %%
levels = np.linspace(0, 1, 10)
pairs = {
    "agree or not (Ising-like)": np.eye(10),
    "smooth: cos of the difference": np.cos(3 * (levels[:, None] - levels)),
    "crowding: who is close": np.exp(-20 * (levels[:, None] - levels) ** 2),
}
fig, ax = plt.subplots()
for (name, table), marker in zip(pairs.items(), "os^", strict=True):
    left = 1 - np.cumsum(np.linalg.svd(table)[1] ** 2) / (table**2).sum()
    ax.semilogy(np.arange(1, 11), np.maximum(left, 1e-16), marker=marker, label=name)
ax.set(xlabel="dimension of u and v", ylabel="share of the interaction left out", ylim=(1e-8, 2), title="Smooth interactions factorise")
leg = ax.legend()

# %% [markdown]
# **What the picture says.** Two dimensions hold all of a cosine, five all but half a per cent of a crowd; "the same or not" needs all
# ten. Factorisation is an assumption about the game, and it can be checked before a network is trained.
#
# A crowd of a hundred drivers on three roads, each road slower the fuller it is:

# %%
drivers = gt.load_game("congestion_population")
run = gt.learn(drivers, gt.learners.MeanFieldQ(temperature=0.2), steps=400, seeds=3, records=40)
ax = gt.plots.population_trace(run, column="population_gap")

# %% [markdown]
# **What the picture says.** After the first sweep nobody gains more than some hundredths by changing roads. The rest is the
# temperature: drivers who choose at 0.2 err on purpose by about as much as the roads differ.
#
# ## 4 What it means, and where to go
#
# | idea | assumes | pays off | fails |
# |--|--|--|--|
# | PR2 | others answer as modelled | teams | opposed interests |
# | CommNet | a channel while playing | information that others lack | nothing to say, or agents alike |
# | mean field | alike, many, averages | crowds, lattices | key individuals |
# | factorised Q | low-rank pairs | smooth interactions | "same or not" |
#
# Twelve lessons, one habit: *write the game down, compute what is true of it, and measure what was learned by that.*
#
# ## Exercises
#
# **12.1** A row of one agent's table is $Q(a^i,\cdot)=(1,0)$. By Theorem 1 at temperature 1, with which probability is the other
# expected to answer with his first action?

# %%
answer = None
gt.exercises.check("12.1", answer)

# %% [markdown]
# **12.2** Three agents have hidden numbers 1, 2 and 6. What does the first one hear, $c_1$?

# %%
answer = None
gt.exercises.check("12.2", answer)

# %% [markdown]
# **12.3** Silent agents on levers, $m=4$: which share of the levers is pulled on average?

# %%
answer = None
gt.exercises.check("12.3", answer)

# %% [markdown]
# **12.4** How many numbers has a pair table for 50 actions, and how many have its factors $u$ and $v$ of dimension 3? Give both.

# %%
answer = None
gt.exercises.check("12.4", answer)
