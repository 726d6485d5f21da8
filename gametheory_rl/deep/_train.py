"""Training runs of all deep methods: pieces of the compiled loop between records, judged, evaluated, saved and resumed bit for bit."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gametheory_rl import _checkpoint as checkpoints
from gametheory_rl._games import StochasticGame
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._results import Plan, Profile, Run, Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import progress_bar
from gametheory_rl._support._threads import num_threads
from gametheory_rl.deep import _loop
from gametheory_rl.deep._compiled import use_cache
from gametheory_rl.deep._method import Method, Tree, spec_of
from gametheory_rl.deep.envs._population import PopulationWorld
from gametheory_rl.deep.envs._tensor_game import TensorGame
from gametheory_rl.deep.envs._world import World

PIECE_SECONDS = 0.5
"""About how long compiled code runs before Ctrl-C and the progress bar have their turn."""
MOST_TABLES = 2**26
"""Policies of more numbers than this are not tabulated."""

Row = Mapping[str, np.ndarray]


def world_of(game: Any, horizon: int | None) -> World:
    """Return ``game`` as a world; a world has a time limit of its own."""
    if isinstance(game, StochasticGame):
        return TensorGame(game, horizon)
    if isinstance(game, PopulationGame):
        return PopulationWorld(game, horizon)
    if horizon is not None:
        raise GameError(f"horizon is {horizon}, but a world has a time limit of its own: leave it out, or build the world with another")
    return game


def problem_of(method: Method, world: World, iterations: int) -> _loop.Problem:
    """Return what the compiled loop is given; refuses a world that the method cannot play."""
    size = 0
    if method.uses_state:
        shapes = jax.eval_shape(lambda key: world.global_state(*world.reset(key)), jax.random.PRNGKey(0))
        size = int(shapes.shape[0])
    spec = spec_of(world, method, size)
    method.require(spec)
    return _loop.Problem(method, spec, world, jnp.float32(iterations))


def train(method: Method, game: Any, plan: Plan) -> Run:
    """Train ``method`` on ``game`` as ``plan`` says.

    Raises
    ------
    GameError
        The method cannot play the world; the checkpoint is another run's, damaged, or cannot be written.
    SolverError
        A loss was not finite: the message says which, and after how many steps; the last checkpoint stays.
    """
    use_cache()
    world = world_of(game, plan.horizon)
    each = method.environments * method.rollout
    shape = (method.rollout, method.environments, world.num_agents, max(world.observation_sizes))
    require_memory(shape, "a rollout", "set fewer environments or a shorter rollout", item_bytes=8)
    problem = problem_of(method, world, -(-plan.steps // each))
    with within_memory(f"{method.name} with {world.num_agents} agents"):
        training = Training(method, getattr(world, "game", game), problem, plan)
        status = Status.FINISHED
        try:
            with progress_bar(str(plan.settings.get("learner", method.name)), float(plan.steps), show=plan.progress) as advance:
                training.resume()
                for target in np.unique(-(-plan.record_steps // each)).tolist():
                    training.run_to(target, advance)
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        return training.result(status)


@contextmanager
def within_memory(what: str) -> Iterator[None]:
    """Say in a sentence that XLA got no memory, which it asks for only when it runs."""
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if not str(error).startswith("RESOURCE_EXHAUSTED"):
            raise
        size = re.search(r"allocating (\d+) bytes", str(error))
        asked = f"{int(size[1]) / 2**30:.3g} GiB at once" if size else "more"
        raise GameError(
            f"{what} asks for {asked} and that is not free: give fewer environments, a shorter rollout, a smaller batch or replay"
        ) from None


class Training:
    """One run as it goes: the compiled state, and the rows recorded so far."""

    def __init__(self, method: Method, game: Any, problem: _loop.Problem, plan: Plan) -> None:
        self._method, self._problem, self._plan, self._game = method, problem, plan, game
        self._each = method.environments * method.rollout
        self._rows: list[Row] = []
        self._pace = 0.0
        """Seconds an iteration takes; 0: not known yet."""
        self._done = 0
        """Iterations"""
        drawn = [method.draw(np.random.default_rng(int(key)), problem.spec) for key in plan.keys]
        weights = jax.tree.map(lambda *leaves: np.stack(leaves), *drawn)
        self._blocks = [
            _loop.start(problem, jax.tree.map(lambda leaf, block=block: jnp.asarray(leaf[block]), weights), jnp.asarray(keys[block]))
            for keys in (raw_keys(plan.keys),)
            for block in blocks(len(plan.keys))
        ]
        self._carry = joined(self._blocks)
        """All seeds together, as of the last record."""
        self._kept = self._policies()

    def resume(self) -> None:
        """Go on from the checkpoint, where there is one."""
        if self._plan.checkpoint is None or (self._plan.pace is not None and not self._plan.checkpoint.exists()):
            return
        leaves = arrays_of(self._carry)
        done, rows = checkpoints.resume(self._plan, [leaves])
        # A copy: donated buffers must be JAX's own.
        filled = [jnp.array(leaf) for leaf in leaves.values()]
        self._carry = jax.tree.unflatten(jax.tree.structure(self._carry), filled)
        self._blocks = parted(self._carry, len(self._plan.keys))
        self._rows, self._done = list(rows), done // self._each
        self._kept = self._policies()

    def run_to(self, target: int, advance: Any) -> None:
        """Run to ``target`` iterations and record; does nothing where the run is there already."""
        if target <= self._done:
            return
        while self._done < target:
            # The first piece is one iteration, which compiles; then as many as fit into a piece.
            count = min(target - self._done, max(1, int(PIECE_SECONDS / self._pace)) if self._pace else 1)
            begun, known = time.perf_counter(), self._pace > 0
            self._blocks = self._advanced(count)
            taken = (time.perf_counter() - begun) / count
            self._pace = taken if known or self._done else min(taken, PIECE_SECONDS / 4)
            self._require_finite()
            self._done += count
            advance(float(min(self._done * self._each, self._plan.steps)), self._note())
        self._record()

    def _advanced(self, count: int) -> list[_loop.Carry]:
        """Return the blocks ``count`` iterations later; after the first, which compiles, they run in threads."""

        def one(block: _loop.Carry) -> _loop.Carry:
            return jax.block_until_ready(_loop.advance(self._problem, block, jnp.int32(count)))

        config: Any = jax.config
        threads = min(num_threads(), len(self._blocks) - 1)
        if threads < 2 or config.jax_disable_jit:  # which is a thread's own setting
            return [one(block) for block in self._blocks]
        with ThreadPoolExecutor(threads, thread_name_prefix="gametheory_rl_seed") as pool:
            return [one(self._blocks[0]), *pool.map(one, self._blocks[1:])]

    def _require_finite(self) -> None:
        for name in self._blocks[0].failed:
            first = np.concatenate([np.asarray(block.failed[name]) for block in self._blocks])
            if (first >= 0).any():
                seed = int(np.flatnonzero(first >= 0)[0])
                kept = (
                    f"; {self._plan.checkpoint} has the last record"
                    if self._plan.checkpoint is not None and self._plan.pace is None
                    else ""
                )
                raise SolverError(
                    f"{name} of seed {seed} was no longer finite after {(int(first[seed]) + 1) * self._each} steps of {self._method.name}: "
                    f"try a smaller learning_rate or gradient_norm{kept}"
                )

    def _note(self) -> str:
        if not self._rows:
            return ""
        for name, words in (("nash_gap", "gap"), ("episode_return", "return")):
            if name in self._rows[-1]:
                return f"{words} {np.median(self._rows[-1][name]):.3g}"
        return ""

    # ---- records -----------------------------------------------------------------------------------------------

    def _record(self) -> None:
        """Judge or evaluate every seed, forget the losses' sums, save."""
        self._carry = joined(self._blocks)
        step = self._done * self._each
        row: dict[str, np.ndarray] = {"step": np.full(len(self._plan.keys), step, np.int64)}
        row |= self._judged() if self._problem.spec.tensor_game else self._evaluated()
        counted = np.maximum(np.asarray(self._carry.counted), 1)
        row |= {name: np.asarray(total, float) / counted for name, total in self._carry.losses.items()}
        zeros = {name: jnp.zeros_like(total) for name, total in self._carry.losses.items()}
        self._carry = self._carry._replace(losses=zeros, counted=jnp.zeros_like(self._carry.counted))
        self._blocks = parted(self._carry, len(self._plan.keys))
        self._rows.append(row)
        self._kept = self._policies()
        if checkpoints.due(self._plan):
            checkpoints.save(self._plan, [arrays_of(self._carry)], step, self._rows)

    def _judged(self) -> dict[str, np.ndarray]:
        """Return the exact numbers of each seed's policy, and of its average over visits."""
        policies, estimates = self._tables()
        found = []
        for k, (now, average) in enumerate(zip(*self._profiles(np.asarray(policies)), strict=True)):
            own = None if estimates is None else np.asarray(estimates[k], float).T
            numbers = dict(self._plan.judge(now, own, np.asarray(self._carry.tally.visits[k])))
            averaged = self._plan.judge(average, None)
            found.append(numbers | {f"average_{name}": number for name, number in averaged.items()})
        rows = {name: np.array([each[name] for each in found]) for name in found[0]}
        return {name: column for name, column in rows.items() if not name.endswith("start_values")}

    def _evaluated(self) -> dict[str, np.ndarray]:
        """Return means over evaluation episodes, sampled and greedy."""
        return summary(joined([_loop.evaluate(self._problem, block.weights, block.key) for block in self._blocks]))

    def _tables(self) -> Any:
        """Return policies and estimates of all seeds, each block by itself, as it was trained."""
        return joined([_loop.tables(self._problem, block.weights) for block in self._blocks])

    def _profiles(self, policies: np.ndarray) -> tuple[list[Profile], list[Profile]]:
        """Return each seed's profile, and its average over the visits of each state."""
        sums = np.asarray(self._carry.tally.sums, float)
        now = [profile_of(self._game, table) for table in policies]
        unseen = np.asarray(self._carry.tally.visits) == 0
        average = [
            profile_of(self._game, np.where(_like(none, own), own, total)) for none, own, total in zip(unseen, policies, sums, strict=True)
        ]
        return now, average

    def _policies(self) -> tuple[tuple[Profile, ...], tuple[Profile, ...], np.ndarray | None, Mapping[str, np.ndarray]]:
        weights = arrays_of(self._carry.weights)
        if not self._problem.spec.tensor_game:
            return (), (), None, weights
        now, average = self._profiles(np.asarray(self._tables()[0]))
        return tuple(now), tuple(average), np.asarray(self._carry.tally.visits, np.int64), weights

    def result(self, status: Status) -> Run:
        """Return everything up to the last record."""
        profiles, averages, visits, weights = self._kept
        names = list(dict.fromkeys(name for row in self._rows for name in row)) or ["step"]
        unknown = np.full(len(self._plan.keys), np.nan)
        empty = np.empty((len(self._plan.keys), 0))
        trace = {name: np.stack([row.get(name, unknown) for row in self._rows], axis=1) if self._rows else empty for name in names}
        return Run(profiles, averages, trace, self._plan.settings, status, None, visits, None, weights)


def blocks(seeds: int) -> list[slice]:
    """Return which seeds are one program: on an accelerator all of them, mapped; on a CPU each by itself.

    There a mapped program is no faster, and its last bits depend on how many seeds there are.
    """
    return [slice(k, k + 1) for k in range(seeds)] if jax.default_backend() == "cpu" else [slice(0, seeds)]


def joined(parts: list[Tree]) -> Tree:
    """Return the blocks as one tree, leaves ``(seeds, ...)``."""
    return parts[0] if len(parts) == 1 else jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *parts)


def parted(carry: _loop.Carry, seeds: int) -> list[_loop.Carry]:
    """Return the tree of all seeds as blocks, which are given away as they run: copies, unless it is the only one."""
    if len(blocks(seeds)) == 1:
        return [carry]
    return [jax.tree.map(lambda leaf, block=block: jnp.array(leaf[block]), carry) for block in blocks(seeds)]


def _like(states: np.ndarray, table: np.ndarray) -> np.ndarray:
    return states.reshape((-1,) + (1,) * (table.ndim - 1))


def profile_of(game: StochasticGame, table: np.ndarray) -> Profile:
    """Return a table ``(S, n, A)`` or ``(S, J)`` as a profile of ``game``: float64, rows that sum to 1, nothing illegal."""
    table = np.asarray(table, float)
    if table.ndim == 2:
        joint = table.reshape(game.num_states, *game.num_actions)
        for player, mask in enumerate(game.legal):
            shape = [1] * joint.ndim
            shape[0], shape[player + 1] = mask.shape
            joint = joint * mask.reshape(shape)
        return joint / joint.sum(axis=tuple(range(1, joint.ndim)), keepdims=True)
    own = [table[:, i, :count] * mask for i, (count, mask) in enumerate(zip(game.num_actions, game.legal, strict=True))]
    return tuple(policy / policy.sum(axis=1, keepdims=True) for policy in own)


def summary(episodes: _loop.Episode) -> dict[str, np.ndarray]:
    """Return means ``(seeds,)`` over episodes ``(seeds, 2, evaluation)``, the greedy ones' names beginning with ``greedy_``."""
    found: dict[str, np.ndarray] = {}
    returns = np.asarray(episodes.returns, float)
    for kind, prefix in enumerate(("", "greedy_")):
        own = returns[:, kind].mean(axis=1)
        found[f"{prefix}episode_return"] = own.sum(axis=-1)
        if own.shape[1] <= MOST_COLUMNS:
            found |= {f"{prefix}episode_return_{i}": own[:, i] for i in range(own.shape[1])}
        found[f"{prefix}episode_length"] = np.asarray(episodes.length, float)[:, kind].mean(axis=1)
        for name, column in episodes.measures.items():
            found[f"{prefix}{name}"] = np.asarray(column, float)[:, kind].mean(axis=1)
            found[f"{prefix}{name}_at_end"] = np.asarray(episodes.last[name], float)[:, kind].mean(axis=1)
    return found


MOST_COLUMNS = 8
"""With more agents, only the sum of their returns is a column."""


def raw_keys(keys: np.ndarray) -> np.ndarray:
    """Return 64-bit keys as JAX's raw ones, ``(seeds, 2)`` uint32."""
    keys = np.asarray(keys, np.uint64)
    return np.stack([keys >> np.uint64(32), keys & np.uint64(0xFFFFFFFF)], axis=1).astype(np.uint32)


def arrays_of(tree: Tree) -> dict[str, np.ndarray]:
    """Return a pytree's leaves by their paths, in its order, as writeable numpy arrays."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {_path(path): np.array(leaf) for path, leaf in leaves}


def tree_like(tree: Tree, arrays: Mapping[str, np.ndarray], what: str) -> Tree:
    """Return ``tree`` with its leaves replaced by the arrays of their paths."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(tree)
    found = []
    for path, leaf in leaves:
        array = arrays.get(_path(path))
        if array is None or array.shape != np.shape(leaf):
            got = "is missing" if array is None else f"has shape {array.shape}"
            raise GameError(f"{what} does not fit: {_path(path)} {got}, {np.shape(leaf)} was expected")
        found.append(jnp.asarray(array))
    return jax.tree.unflatten(structure, found)


def _path(path: Any) -> str:
    return ".".join(str(getattr(part, "name", getattr(part, "key", getattr(part, "idx", part)))) for part in path)
