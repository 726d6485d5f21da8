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
# # 3 · Lemke and Howson, step by step
#
# *A path that must end at an equilibrium, and games in which the ground is uneven.*
#
# General-sum games are not linear programs. The oldest algorithm for two players (Lemke and Howson 1964) is also the most beautiful: it
# walks along the edges of two polytopes, and a parity argument says that it arrives. It proves Nash's theorem for two players without
# Brouwer, and shows that the number of equilibria is odd.

# %%
import matplotlib.pyplot as plt
import numpy as np

import gametheory_rl as gt
from gametheory_rl import equilibria as eq

plt.style.use("gametheory_rl.plots.house")
game = gt.load_game("three_by_two")
A, B = game.payoff[:, 0]
print("player 1\n", A, "\nplayer 2\n", B)

# %% [markdown]
# ## 1 Labels
#
# Number all actions: player 1's are $1,2,3$, player 2's are $4,5$. A mixed strategy gets as **labels**
#
# - the actions that its owner does *not* play,
# - the actions that are *best responses* of the other.
#
# > $(x,y)$ is a Nash equilibrium **if and only if together they have all labels**: each action is either not played or a best response.
#
# Scale away the payoff (all entries positive): the strategies become points of two polytopes,
# $$P=\{x\ge0:\ B^\top x\le\mathbf 1\},\qquad Q=\{y\ge0:\ Ay\le\mathbf 1\},$$
# and a label is a face. In a *nondegenerate* game $m$ labels meet in every vertex of $P$ and $n$ in every vertex of $Q$. The origin
# $(0,0)$ has all labels too: nobody plays anything. It is the artificial equilibrium, and the start.


# %%
def vertices(faces, bounds):
    """All corners of {z : faces z <= bounds}, each with the faces that meet there."""
    from itertools import combinations

    found = {}
    for chosen in combinations(range(len(faces)), faces.shape[1]):
        square = faces[list(chosen)]
        if abs(np.linalg.det(square)) > 1e-9:
            corner = np.linalg.solve(square, bounds[list(chosen)])
            if (faces @ corner <= bounds + 1e-9).all():
                tight = np.flatnonzero(abs(faces @ corner - bounds) < 1e-9)
                found[tuple(corner.round(9))] = frozenset(int(face) + 1 for face in tight)
    return found


low = min(A.min(), B.min())
first, second = A - low + 1, B - low + 1  # positive, which changes no best response
P = vertices(np.vstack([-np.eye(3), second.T]), np.array([0, 0, 0, 1, 1.0]))
Q = vertices(np.vstack([first, -np.eye(2)]), np.array([1, 1, 1, 0, 0.0]))
print(len(P), "corners of P,", len(Q), "of Q")
for x, labels in P.items():
    for y, others in Q.items():
        if labels | others == {1, 2, 3, 4, 5} and any(x):
            print("all labels:", (np.array(x) / sum(x)).round(4) + 0.0, (np.array(y) / sum(y)).round(4) + 0.0)

# %% [markdown]
# That is *vertex enumeration*, in a dozen lines: all equilibria, by looking at all pairs of corners.
#
# ## 2 The walk
#
# **Drop** one label $k$ at the origin: move along the edge of $P$ (or $Q$) on which all others stay. At its end a new label is **picked
# up**; it is now there twice, so drop it in the *other* polytope. Go on until the label picked up is $k$.
#
# Why does it end? Consider all pairs of corners that have all labels but perhaps $k$. Each has one or two ways to go on, so they form
# paths and cycles. *The ends of the paths are exactly the pairs with all labels.* No corner is visited twice, and there are finitely
# many.
#
# **Corollary.** Paths have two ends each, and one of the ends is the origin. So **a nondegenerate game has an odd number of
# equilibria**.
#
# Here is the walk itself, in those same labels:


# %%
def step(corners, at, dropped):
    """The corner at the other end of the edge that leaves ``at`` and keeps all its labels but ``dropped``."""
    kept = corners[at] - {dropped}
    (there,) = [corner for corner, labels in corners.items() if corner != at and kept <= labels]
    return there, next(iter(corners[there] - kept))


def walk(dropped):
    places, sides = [(0.0,) * 3, (0.0,) * 2], (P, Q)
    side, label, path = (0 if dropped <= 3 else 1), dropped, []
    while True:
        places[side], picked = step(sides[side], places[side], label)
        path.append((tuple(places), picked))
        if picked == dropped:
            return path
        side, label = 1 - side, picked


for number, ((x, y), picked) in enumerate(walk(2), 1):
    name = "P" if number % 2 else "Q"
    print(f"step {number} in {name}: picked up {picked}   x ~ {np.round(x, 3) + 0.0}   y ~ {np.round(y, 3) + 0.0}")

# %% [markdown]
# The picture: both polytopes with the labels of their faces, and the path (labels count from 0 in the package: 1 is our 2).

# %%
ax = gt.plots.polytopes(game, label=1)

# %% [markdown]
# **What the picture says.** Steps alternate between the two polytopes, like two climbers on one rope. What is picked up on one side is
# put down on the other.
#
# ## 3 In the package
#
# `eq.lemke_howson` pivots on a tableau instead of listing corners (labels count from 0 there). Different labels may lead to different
# equilibria:

# %%
for label in range(5):
    solution = eq.lemke_howson(A, B, label)
    x, y = (strategy.round(4) + 0.0 for strategy in solution.profile)
    print(f"drop label {label + 1}: {x} {y}  after {int(solution.path_length)} pivots, regret {float(solution.regret):.0e}")

# %% [markdown]
# Not every equilibrium need be reachable from the origin. But one may start from any equilibrium: drop a label there.
# `lemke_howson_graph` follows all of these paths.

# %%
graph = eq.lemke_howson_graph(A, B)
angles = np.pi / 2 + 2 * np.pi * np.arange(len(graph.nodes)) / len(graph.nodes)
places = np.stack([np.cos(angles), np.sin(angles)], axis=1)
fig, ax = plt.subplots(figsize=(6.6, 5.6))
together = {}
for start, end, label, _ in graph.edges:
    together.setdefault((int(start), int(end)), []).append(str(label + 1))
for (start, end), labels in together.items():
    ax.plot(*places[[start, end]].T, color="0.6", linewidth=2, zorder=1)
    spot = 0.42 * places[start] + 0.58 * places[end]
    ax.text(*spot, ", ".join(labels), ha="center", va="center", bbox={"facecolor": "white", "edgecolor": "0.6"})
for node, (place, equilibrium) in enumerate(zip(places, graph.nodes, strict=True)):
    x, y = ("origin", "") if equilibrium < 0 else (mixed.round(2).tolist() for mixed in graph.profiles[equilibrium])
    ax.scatter(*place, s=300, color="C0" if graph.index[node] > 0 else "C1", marker="o" if graph.index[node] > 0 else "s", zorder=2)
    ax.text(place[0], place[1] + 0.16, f"{x}\n{y}" if y else x, ha="center", va="bottom")
ax.set(xlim=(-1.6, 1.6), ylim=(-1.35, 1.75), title="Every equilibrium has one path per label")
axis = ax.axis("off")

# %% [markdown]
# **What the picture says.** Boxes hold the labels whose paths join two nodes. Each path joins a circle (index +1) and a square (index
# -1; the origin is one): so the equilibria are one more circle than square, and their number is odd.
# ## 4 Long paths
#
# How long can it be? Savani and von Stengel (2006) built games whose paths grow exponentially *from every label*:

# %%
sizes = range(2, 13, 2)
lengths = []
for size in sizes:
    dual = gt.families.dual_cyclic(actions=size).payoff[:, 0]
    lengths.append([int(eq.lemke_howson(*dual, label).path_length) for label in range(size)])
fig, ax = plt.subplots()
ax.semilogy(sizes, [max(row) for row in lengths], "o-", label="longest")
ax.semilogy(sizes, [min(row) for row in lengths], "s--", label="shortest")
ax.set(xlabel="actions of each player (count)", ylabel="pivots (count)", title="Paths grow exponentially from every label")
leg = ax.legend()

# %% [markdown]
# So Lemke-Howson is no polynomial algorithm. Probably there is none: finding one equilibrium of two players is complete for PPAD, the
# class of problems whose solution exists *by this very parity argument* (Papadimitriou 1994; Chen, Deng and Teng 2009).
#
# ## 5 Degenerate games
#
# If a mixture has more best responses than actions that it plays, more faces meet in a corner than should. Then
#
# - the picked-up label is not unique, and a careless walk may go round in circles;
# - equilibria may come as whole **segments and faces**, infinitely many;
# - the count need not be odd.

# %%
degenerate = gt.load_game("three_by_two_degenerate")
C, D = degenerate.payoff[:, 0]
found = eq.vertex_enumeration(C, D)
print("degenerate:", found.degenerate, " extreme equilibria:", len(found))
for component in found.components:
    for subset in component.subsets:
        print("any mixture of", found.x[list(subset.x)].round(3).tolist(), "with any of", found.y[list(subset.y)].round(3).tolist())

# %% [markdown]
# Two cures. *Lexicographic pivoting* breaks ties as if the game were perturbed by infinitesimals $\varepsilon,\varepsilon^2,\dots$: the
# walk ends, always. And *rational arithmetic*: whether two numbers are tied is a question that floating point cannot answer.

# %%
solution = eq.exact.lemke_howson(*gt.load_payoffs("three_by_two_degenerate"), label=1)
print(*solution.profile[0], "|", *solution.profile[1], "| values", *solution.values)

# %% [markdown]
# And a segment, seen: in a degenerate 2 x 2 game the best-response curves overlap.

# %%
ax = gt.plots.best_responses(np.array([[[1.0, 1.0], [0.0, 1.0]], [[1.0, 1.0], [1.0, 0.0]]]))
t = ax.set_title("A degenerate game: curves that overlap")

# %% [markdown]
# ## 6 What it means
#
# | | finds | degenerate games | cost |
# |--|--|--|--|
# | `support_enumeration`, `vertex_enumeration` | all extreme equilibria | decided exactly | exponential, always |
# | `lemke_howson` | one per label | lexicographic, then rationals | short as a rule, exponential at worst |
# | `lemke_howson_graph` | what paths reach | | paths from each equilibrium |
#
# ## Exercises
#
# **3.1** Which labels (a list, counted from 1 as in section 1) does $x=(0, \tfrac13, \tfrac23)$ have in the 3 x 2 game above?

# %%
answer = None
gt.exercises.check("3.1", answer)

# %% [markdown]
# **3.2** How many different equilibria does Lemke-Howson reach from the origin, over all labels, in
# `gt.load_game("battle_of_the_sexes")`?

# %%
answer = None
gt.exercises.check("3.2", answer)

# %% [markdown]
# **3.3** Build a 2 x 2 game `(A, B)` that has infinitely many equilibria, and in which no two entries of A are equal.

# %%
answer = None
gt.exercises.check("3.3", answer)

# %% [markdown]
# **3.4** What is the shortest path, over all labels, in `gt.families.dual_cyclic(actions=14)`? Give the number of pivots.

# %%
answer = None
gt.exercises.check("3.4", answer)
