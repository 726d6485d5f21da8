"""The battle of mean-field learning's paper: four methods trained by self-play, held against random play and against each other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory_rl import deep
from gametheory_rl._registry import resolve
from gametheory_rl._support._statistics import share_interval
from gametheory_rl.papers._lab import Lab

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RANDOM = "random"
WANTED = 95.0
"""Per cent of games against random play that mean-field methods are to win."""
SETTINGS: dict[str, Any] = {
    "environments": 16,
    "rollout": 8,
    "replay": 640,
    "batch_size": 8,
    "warmup": 128,
    "updates": 4,
    "learning_rate": 1e-3,
    "discount": 0.95,
    "temperature": 0.1,
    "last_temperature": 0.05,
    "evaluation": 1,
}
METHODS = {
    "mean-field Q": "deep_mean_field_q",
    "mean-field AC": "mean_field_ac",
    "independent Q": "deep_independent_q",
    "factorized Q": "factorized_q",
}
FOUND = (("mean-field Q", "independent Q"), ("mean-field Q", "mean-field AC"), ("independent Q", "mean-field AC"))
"""Who beat whom in the paper."""
BOTH = 2
"""Each pair meets as often from either side."""


def battles(lab: Lab, world: Any = None, names: tuple[str, ...] = tuple(METHODS)) -> None:
    """Train every method against itself, then let every pair meet."""
    world = deep.load_world("battle") if world is None else world
    players: dict[str, list[Any]] = {}
    steps = lab.size(40_000, 16_000, least=128)
    for name in names:
        lab.stage(f"battle: {name}", 0.05)
        method = resolve("deep", METHODS[name])(**SETTINGS)
        # Each by itself, so that each is kept as soon as it ends.
        trained = [lab.trained(world, method, steps=steps, seed=lab.seed + k) for k in range(lab.seeds)]
        players[name] = [deep.load_policy(run, world) for run in trained]
        lab.row(f"battle: {name}, steps in self-play", np.full(lab.seeds, steps), note="Of 128 agents each.")
    players[RANDOM] = [random_player(world)] * lab.seeds
    _tournament(lab, world, players)
    if lab.folder is not None:
        _film(lab, world, players)
    trained_on = f"{SETTINGS['updates'] * SETTINGS['batch_size']} of every {SETTINGS['environments'] * SETTINGS['rollout']} steps"
    lab.differs(
        f"Battle: the paper trains for 2,000 rounds of up to 400 steps with convolutions over the view; here perceptrons of two layers see "
        f"as much, for {steps:,} steps, and learn from {trained_on}, all agents of each. The temperature falls from "
        f"{SETTINGS['temperature']:g} to {SETTINGS['last_temperature']:g}."
    )


def random_player(world: Any) -> Any:
    """Return a policy that takes every action equally often: a network that says nothing, at a temperature of 1e9."""
    from gametheory_rl.deep._train import problem_of

    method = deep.DeepIndependentQ(hidden=(1,), temperature=1e9)
    spec = problem_of(method, world, 1).spec
    return deep.Policy(method, spec, world, method.draw(np.random.default_rng(0), spec))


def meet(world: Any, first: Any, second: Any, games: int, seed: int) -> np.ndarray:
    """Return how many of ``games`` the first won, drew and lost, ``(2, 3)``: half of them from either side, by who has more left."""
    half, found = world.num_agents // BOTH, np.zeros((BOTH, 3), int)
    for side in range(BOTH):
        sides = [first] * half + [second] * half if side == 0 else [second] * half + [first] * half
        left = deep.evaluate(world, sides, episodes=games // BOTH, seed=seed + side).last
        ahead = (left["alive_0"] - left["alive_1"]) * (1 - 2 * side)
        found[side] = [(ahead > 0).sum(), (ahead == 0).sum(), (ahead < 0).sum()]
    return found


def _tournament(lab: Lab, world: Any, players: Mapping[str, list[Any]]) -> None:
    lab.stage("battle: matches", 0.1)
    names, games = list(players), BOTH * lab.size(50, 8)
    score = np.zeros((len(names), len(names), lab.seeds, BOTH, 3), int)
    pairs = list(itertools.combinations(range(len(names)), 2))
    for place, (i, j) in enumerate(pairs):
        for k in range(lab.seeds):
            pair, seed = (players[names[i]][k], players[names[j]][k]), lab.seed + 1000 * place + BOTH * k
            score[i, j, k] = lab.once(
                "battle", (*(player.digest() for player in pair), repr(world), games, seed), partial(meet, world, *pair, games, seed)
            )
        score[j, i] = score[i, j][:, ::-1, ::-1]
        note = f"Of {games} games of each training, half from either side; who has more left has won."
        lab.row(f"battle: {names[i]} beats {names[j]}, %", 100 * score[i, j, :, :, 0].sum(axis=1) / games, note=note)
        for first, second in ((i, j), (j, i)):
            _claim(lab, (names[first], names[second]), score[first, second])
        lab.progress((place + 1) / len(pairs))
        lab.keep(battle_score=score, battle_names=np.array(names))


def _claim(lab: Lab, pair: tuple[str, str], score: np.ndarray) -> None:
    """Hold what is wanted, or was found by the paper, of the first of a pair against its games with the second, ``(seeds, 2, 3)``."""
    first, second = pair
    games, (won, drawn, _) = int(score.sum()), score.sum(axis=(0, 1))
    low, high = share_interval(int(won), games)
    sides = " and ".join(str(each) for each in score[..., 0].sum(axis=0))
    each = ", ".join(f"{100 * share:.0f}" for share in score[..., 0].sum(axis=1) / score.sum(axis=(1, 2)))
    words = f"{won} of {games} games won, {sides} from either side, {drawn} drawn: {100 * low:.1f} to {100 * high:.1f} % at 95 %"
    words += f"; {each} % by training" if len(score) > 1 else ""
    if second == RANDOM:
        lab.claim(f"battle: {first} beats random play in {WANTED:g} % of games ({words})", 100 * won >= WANTED * games)
    elif pair in FOUND:
        lab.claim(f"battle: {first} beats {second} in most games ({words})", low > 0.5)


def _film(lab: Lab, world: Any, players: Mapping[str, list[Any]]) -> None:
    """Write one battle of the first method against the last trained one as an animation."""
    from gametheory_rl.deep._watch import scenes
    from gametheory_rl.plots import world_animation

    first, *_, second = [name for name in players if name != RANDOM]
    half = world.num_agents // 2
    shown = scenes(world, [players[first][0]] * half + [players[second][0]] * half, 120, seed=lab.seed)
    shown = shown[::2]
    titles = [f"{2 * k}: {first} (0), {second} (1)" for k in range(len(shown))]
    folder = Path(str(lab.folder))
    folder.mkdir(parents=True, exist_ok=True)
    world_animation(shown, folder / "battle.gif", titles=titles)


def battle_panel(data: Mapping[str, np.ndarray], ax: Axes) -> None:
    """Draw who wins how many games against whom, in %."""
    from gametheory_rl.plots._style import INK

    score, names = data["battle_score"].astype(float), [str(name) for name in data["battle_names"]]
    share = 100 * score[..., 0].sum(axis=(2, 3)) / np.maximum(score.sum(axis=(2, 3, 4)), 1)
    np.fill_diagonal(share, np.nan)
    ax.imshow(share[:-1], cmap="cividis", vmin=0, vmax=100, aspect="auto")
    for i, j in itertools.product(range(len(names) - 1), range(len(names))):
        if i != j:
            ax.text(j, i, f"{share[i, j]:.0f}", ha="center", va="center", color="white" if share[i, j] < 55 else INK)
    ax.set_xticks(range(len(names)), [name.replace(" ", "\n") for name in names], fontsize=9)
    ax.set_yticks(range(len(names) - 1), [name.replace(" ", "\n") for name in names[:-1]], fontsize=9)
    ax.grid(False)
    ax.set_title("Battle: % of games that the row wins")
