"""``learn``: train a learner on a game and measure it, record by record, against the exact truth."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from gametheory_rl._catalogue import list_games
from gametheory_rl._checkpoint import Paced
from gametheory_rl._game_checks import checked_index, checked_integer
from gametheory_rl._games import StochasticGame
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._records import judge_of_records
from gametheory_rl._registry import resolve, resolve_learner, table
from gametheory_rl._results import GameSolution, Plan, Profile, Run
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl._support._progress import Show
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners._environment import train_in
from gametheory_rl.learners._interface import Environment, environment_of, is_environment
from gametheory_rl.learners._learner import TabularLearner
from gametheory_rl.learners._sampling import checked_sampling

SEED_BYTES = 4096
"""No seed takes less: what cannot fit is refused before its streams are made, which would take minutes."""
MAX_STEPS = 2**53
"""Far beyond what a run can take; the counters of the streams hold it for hundreds of players."""


def learn(
    game: StochasticGame | PopulationGame | Any,
    learner: Any,
    *,
    steps: int,
    seeds: int = 1,
    seed: int = 0,
    horizon: int | None = None,
    records: int | Sequence[int] = 50,
    sampling: str | None = None,
    policy_states: Sequence[int] = (),
    discount: float | Sequence[float] | None = None,
    exact: GameSolution | None = None,
    checkpoint: str | Path | Paced | None = None,
    progress: Show = None,
) -> Run:
    """Train ``learner`` on ``game`` from samples and judge its policy exactly as it goes.

    The learner knows the game's shape, nothing else: it sees states, actions and rewards. The judge knows everything.

    Parameters
    ----------
    game : StochasticGame, PopulationGame, environment, or a world or its name
        Every discount below 1. A population is for ``MeanFieldQ``, which see for what its run holds; it has no horizon and no exact truth.
        An environment is anything with PettingZoo's parallel interface and Discrete spaces: see Notes. Worlds, of ``gametheory_rl.deep``,
        are for its learners.
    learner : learner or str
        An object of ``gametheory_rl.learners`` or ``gametheory_rl.deep``, or a registered name for its defaults.
    steps : int
        Environment steps of each seed; of a population, sweeps: one turn of every agent. Neural learners take whole rollouts of all their
        environments, so that records and the end come at multiples of those.
    seeds : int
        How many independent runs, all at once in threads; no number depends on how many threads there are.
    seed : int
        Where the seeds' streams of random numbers come from; seed k of a run is the same whatever ``seeds`` is.
    horizon : int, optional
        Restart from ``game.start`` after so many steps. That is a truncation, not an end: learners bootstrap through it.
        Restarts after a terminal state happen in any case, and nothing is bootstrapped from there.
    records : int or sequence of int
        How many times to judge, at steps spread evenly on a logarithmic axis over the last four decades, or the steps
        themselves; ``steps`` is always the last.
    sampling : {"on_policy", "epsilon_greedy", "uniform", "generative"}, optional
        Who acts. ``on_policy``, as None: the learner, exploring in its own way. ``epsilon_greedy``: its policy, but with the probability
        that is its ``exploration`` each player, by a coin of its own, acts uniformly at random; this is how most learners explore
        anyway, and then the same run to the bit. ``uniform``: everybody, always, uniformly over legal actions; only the update
        is the learner's. ``generative``: the same, and each step starts in a state drawn uniformly from those that are not
        terminal, as from a generative model of the game, so that all are seen equally often; no ``horizon`` then.
    policy_states : sequence of int, optional
        States whose policies are kept at every record, in ``Run.policies``.
    discount : float or sequence of float, optional
        Below 1, of an environment, which says none itself; nothing else takes it.
    exact : GameSolution, optional
        The truth for ``value_error``; None: solved here where the game is zero-sum or has one player. For a centralised learner
        it is the solution of ``game.centralised(learner.weights)``.
    checkpoint : path, optional
        Where the whole state is saved, atomically, at each record. If the file is there, the run goes on from it, bit for
        bit as if it had never stopped, provided it belongs to the same run; ``steps`` and ``records`` may differ. Rates and temperatures
        of neural methods depend on the share of ``steps`` behind: with other ``steps`` theirs go on as those of the other run.
    progress : bool or callable, optional
        None: a progress bar where standard error is a terminal. ``progress(share, note)`` is told instead, where the run is part of
        something larger.

    Returns
    -------
    Run
        Its trace has, ``(seeds, records)`` each: ``step``; ``nash_gap``, the exact gain of the best deviation in the worst state
        (``Certificate.epsilon``); ``start_gap``, weighed by the start distribution; ``average_nash_gap`` and ``average_start_gap`` of
        the policies averaged over the visits of each state; ``value_error``, the largest error of the learner's own value
        estimates over players and non-terminal states, unvisited ones included, where the truth is known; ``bellman_residual``, the
        largest change that one exact backup makes to those estimates; ``unvisited``, how many non-terminal states no step has
        started from; ``team_gap`` of a centralised learner, the exact loss of its joint policy against the best one. The backup is
        optimal for one player, or a team as one; minimax in zero-sum games: there the estimates are off by at most
        ``bellman_residual / (1 - discount)``. Elsewhere it is the learned profile's own, which says whether the estimates fit
        the policy, and nothing of how good that is. On Ctrl-C the run ends with
        ``Status.INTERRUPTED`` and everything up to its last record.

    Raises
    ------
    GameError
        An argument out of range, an unknown name, a game that the learner cannot play, a checkpoint of another run; an environment that is
        not finite, masks actions, or lets agents come and go.

    Notes
    -----
    In an environment nobody knows the truth, so its trace has no gap: it has ``step``; ``episodes``, how many ended since the last
    record; ``episode_return_0``, ``episode_return_1``, ..., each player's mean over those of its summed, undiscounted rewards (NaN
    where none ended); and ``reward_0``, ..., its mean over steps. The state is the environment's ``state()`` where it has a Discrete
    ``state_space``; else the observation that all agents share, if they do in 1,000 steps of random play; else all their
    observations as a product, of at most a million states, for every learner alike. Termination ends an episode; truncation cuts
    it, and learners bootstrap through it; either must come to all agents at once. Episodes are seeded from the seed's
    stream. Several seeds play in deep copies, in turn, by the readable loop: thousands of steps a second. There is no checkpoint: an
    environment cannot be saved. Learners of zero-sum games take two agents on trust, until rewards do not sum to zero.

    A neural learner's policy on a StochasticGame is tabulated over all states and judged like any other. On worlds and populations its
    trace has means over evaluation episodes, in which nothing is learned: ``episode_return``, summed over agents, ``episode_return_0``,
    ... of each, ``episode_length``, and what the world measures, ``NAME`` over all steps and ``NAME_at_end``; ``greedy_`` before a name:
    always with the most likely action. Losses are means since the last record. Checkpoints hold everything, networks and replay included.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> pennies = gt.StochasticGame.from_matrix_game([[1, -1], [-1, 1]], name="pennies")
    >>> run = gt.learn(pennies, "minimax_q", steps=1000, records=3)
    >>> bool(run.trace["nash_gap"][0, -1] < 1e-6)
    True
    """
    name, learner = _resolved(learner)
    game = _world(game, name, learner)
    game = game if _is_world(game) else _environment(game, name, learner, discount, exact=exact, checkpoint=checkpoint)
    policy_states = _listed(policy_states)
    deep = bool(getattr(learner, "is_deep", False))
    if deep:
        _require_plain(game, name, learner, sampling=sampling, policy_states=policy_states or None, discount=discount, exact=exact)
    else:
        _require_match(game, name, learner, horizon=horizon, exact=exact, sampling=sampling, policy_states=policy_states or None)
    steps = checked_integer(steps, "steps", 1, MAX_STEPS)
    seeds, seed = checked_integer(seeds, "seeds", 1, 2**31), checked_integer(seed, "seed", 0, None)
    horizon = None if horizon is None else checked_integer(horizon, "horizon", 1, 2**62)
    require_memory((seeds, SEED_BYTES), "the tables of all seeds", "run fewer seeds at once", item_bytes=1)
    sampling = "on_policy" if deep else checked_sampling(sampling, learner, horizon)
    kept = () if deep else _states(game, policy_states)
    settings = _settings(game, name, learner) | {"steps": steps, "seeds": seeds, "seed": seed, "horizon": horizon}
    settings |= {"sampling": sampling, "policy_states": list(kept)}
    plan = Plan(
        steps=steps,
        keys=stream_keys(seed, seeds),
        horizon=horizon,
        record_steps=record_steps(records, steps),
        judge=judge_of_records(_tables(game), learner, exact) if _judgeable(game, deep) else _unjudged,
        checkpoint=_path(checkpoint.path if isinstance(checkpoint, Paced) else checkpoint),
        pace=checkpoint if isinstance(checkpoint, Paced) else None,
        progress=progress,
        sampling=sampling,
        policy_states=kept,
        settings=settings,
    )
    return train_in(game, learner, plan) if isinstance(game, Environment) else learner.train(game, plan)


def _environment(game: Any, name: str, learner: Any, discount: Any, **useless: Any) -> Any:
    """Return ``game``, if it is an environment as learners need it; refuses what does not go with one, and a discount elsewhere."""
    if not is_environment(game):
        if discount is not None and isinstance(game, StochasticGame | PopulationGame):
            raise GameError(f"discount is {discount!r}, but the game has its own: leave it out, or build the game with another")
        return game
    if not isinstance(learner, TabularLearner) or getattr(learner, "plays_populations", False):
        raise GameError(f"{name} does not play environments: a tabular learner of games was expected, such as independent_q")
    for setting, value in useless.items():
        if value is not None:
            reason = "cannot be saved" if setting == "checkpoint" else "has no tensors to judge by"
            raise GameError(f"{setting} is given, but an environment {reason}: leave it out")
    return environment_of(game, discount)


def _judgeable(game: Any, deep: bool) -> bool:
    """Whether there are tables to judge by; neural policies of populations are not tabulated."""
    return isinstance(_tables(game), StochasticGame) or (isinstance(game, PopulationGame) and not deep)


def _tables(game: Any) -> Any:
    """Return the game behind a world that is one, such as a ``TensorGame``, else what is given."""
    behind = getattr(game, "game", None)
    return behind if _is_world(game) and isinstance(behind, StochasticGame) else game


def _require_plain(game: Any, name: str, learner: Any, **settings: Any) -> None:
    """Refuse what neural learners, or worlds, have no use for."""
    game = _tables(game)
    allowed = {"exact"} if isinstance(game, StochasticGame) else set()
    for setting, value in settings.items():
        if value is not None and setting not in allowed and value != "on_policy":
            raise GameError(f"{setting} is given, which {name} has no use for here: leave it out")
    if isinstance(game, StochasticGame):
        _require_match(game, name, learner)


def _require_match(game: Any, name: str, learner: Any, **single: Any) -> None:
    """Refuse a game that is none, and a learner or a setting that does not go with it."""
    populations = bool(getattr(learner, "plays_populations", False))
    if isinstance(game, PopulationGame):
        if not populations:
            raise GameError(f"{name} does not play populations: a StochasticGame was expected, or the learner mean_field_q")
        for setting, value in single.items():
            if value is not None:
                raise GameError(f"{setting} is given, which a population has no use for: leave it out")
        return
    if isinstance(game, Environment):
        return
    if not isinstance(game, StochasticGame):
        raise GameError(
            f"game is {type(game).__name__}, a StochasticGame was expected (load_game returns one), or a parallel environment of PettingZoo"
        )
    if (game.discount >= 1).any():
        raise GameError(f"discount is {game.discount.tolist()}: every discount must be below 1 for gaps to be measured")


def record_steps(records: int | Sequence[int], steps: int) -> np.ndarray:
    """Return the ascending steps ``(records,)`` at which to judge, ``steps`` the last."""
    if isinstance(records, int | np.integer):
        count = checked_integer(records, "records", 1, 10**6)
        spread = np.geomspace(max(1, steps // 10_000), steps, count) if count > 1 else [steps]
        return np.unique([*np.rint(spread).astype(np.int64), steps])
    try:
        given = np.array([checked_integer(step, "a record step", 1, steps) for step in records], dtype=np.int64)
    except TypeError:
        raise GameError(f"records is {records!r}, a number of records or a sequence of steps was expected") from None
    return np.unique([*given, steps]).astype(np.int64)


def _resolved(learner: Any) -> tuple[str, Any]:
    """Return the learner's registered name, else its class's, and the learner."""
    if isinstance(learner, str):
        return learner, resolve_learner(learner)()
    kind = type(learner)
    if isinstance(learner, type) or not callable(getattr(learner, "train", None)):
        hint = f"; give {learner.__name__}() for its defaults" if isinstance(learner, type) else ""
        raise GameError(f"learner is {learner!r}, a learner or the name of one was expected{hint}")
    if getattr(learner, "is_deep", False):
        return str(learner.name), learner
    where = f"{kind.__module__}:{kind.__qualname__}"
    return next((name for name, place in table("learner").items() if place == where), kind.__qualname__), learner


def _world(game: Any, name: str, learner: Any) -> Any:
    """Return ``game``, or the world that it names; refuses worlds for learners that do not play them."""
    deep = bool(getattr(learner, "is_deep", False))
    if isinstance(game, str) and game in list_games("all"):
        raise GameError(f"game is the name {game!r}, the game itself was expected: load_game({game!r})")
    if isinstance(game, str) and deep:
        return resolve("world", game)()
    if _is_world(game) and not deep:
        raise GameError(f"{name} does not play worlds: a neural learner was expected, such as ippo")
    if deep and not (_is_world(game) or isinstance(game, StochasticGame | PopulationGame)):
        raise GameError(f"game is {type(game).__name__}, a StochasticGame, a PopulationGame, or a world or its name was expected")
    return game


def _is_world(thing: Any) -> bool:
    """Whether ``thing`` is a world of ``gametheory_rl.deep``, or has all that makes one; nothing of JAX is imported."""
    parts = ("reset", "step", "observation_sizes", "action_sizes", "global_state", "measures")
    return not isinstance(thing, type) and all(hasattr(thing, part) for part in parts)


def _listed(states: Any) -> list[Any]:
    try:
        return list(states)
    except TypeError:
        raise GameError(f"policy_states is {states!r}, a sequence of states was expected") from None


def _states(game: Any, states: Sequence[Any]) -> tuple[int, ...]:
    """Return states of ``game`` as integers."""
    return () if isinstance(game, PopulationGame) else tuple(checked_index(state, game.num_states, "a policy state") for state in states)


def _unjudged(profile: Profile, *rest: Any) -> dict[str, Any]:
    """Return no numbers: nobody knows the truth of an environment."""
    del profile, rest
    return {}


def _path(checkpoint: str | Path | None) -> Path | None:
    try:
        return None if checkpoint is None else Path(checkpoint)
    except TypeError:
        raise GameError(f"checkpoint is {checkpoint!r}, a path was expected") from None


def settings_of(game: Any, learner: Any) -> dict[str, Any]:
    """Return what a run of ``learner`` on ``game`` says of the two, with the versions that compute it: JSON values only."""
    name, learner = _resolved(learner)
    return _settings(_world(game, name, learner), name, learner)


def _settings(game: Any, name: str, learner: Any) -> dict[str, Any]:
    from gametheory_rl import __version__

    hyper = dataclasses.asdict(learner) if dataclasses.is_dataclass(learner) and not isinstance(learner, type) else repr(learner)
    hyper = json.loads(json.dumps(hyper, default=_plain))
    return {
        "game": game.name or "unnamed",
        "shape": _shape(game),
        **_identity(game),
        "learner": name,
        "hyper_parameters": hyper,
        "version": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _identity(game: Any) -> dict[str, Any]:
    if _is_world(game):
        kind = type(game)
        numbers = [value for name, value in sorted(getattr(game, "__dict__", {}).items()) if hasattr(value, "dtype")]
        hashed = {"world_hash": _digest(np.asarray(each) for each in numbers)} if numbers else {}  # of which repr says the shapes only
        return {"world": f"{kind.__module__}:{kind.__qualname__}", "world_settings": repr(game)} | hashed
    if not isinstance(game, Environment):
        return {"game_hash": game_hash(game), "payoff_span": game.payoff_span}
    kind = type(game.env)
    return {"environment": f"{kind.__module__}.{kind.__qualname__}", "states": game.face.states, "discount": game.discount.tolist()}


def _shape(game: Any) -> list[int]:
    if _is_world(game):
        return [game.num_agents, 0, *game.action_sizes]
    if isinstance(game, Environment):
        return [len(game.face.agents), game.num_states, *game.face.num_actions]
    if isinstance(game, PopulationGame):
        return [game.num_agents, 1, game.num_actions]
    return [game.num_players, game.num_states, *game.num_actions]


def _plain(value: Any) -> Any:
    """Return what JSON has for a value that it does not know; of a function, its name, which is the same in every process."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, partial):
        return {"function": _plain(value.func), "arguments": [*value.args], **value.keywords}
    if isinstance(value, FunctionType):
        line = f":{value.__code__.co_firstlineno}" if value.__name__ == "<lambda>" else ""
        return f"{value.__module__}:{value.__qualname__}{line}"
    if callable(value) and type(value).__repr__ is object.__repr__:
        return f"{type(value).__module__}:{type(value).__qualname__}"
    return repr(value)


def game_hash(game: StochasticGame | PopulationGame) -> str:
    """Return a digest of everything that decides what a learner meets: the same for a dense game and its sparse form."""
    if isinstance(game, PopulationGame):
        arrays = (game.neighbours, game.pair, game.own, game.load, game.kinds, game.payoff, np.array(game.discount), game.start)
    else:
        arrays = (game.payoff, *game.successors, game.discount, game.start, *game.legal)
    return _digest(arrays)


def _digest(arrays: Iterable[np.ndarray]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]
