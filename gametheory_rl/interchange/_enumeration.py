"""A tensor game from an environment of PettingZoo that has no chance in it, by playing copies of it from every state it reaches."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._progress import Show, progress_bar
from gametheory_rl.interchange._duplicate import duplicate
from gametheory_rl.interchange._exploration import Outcome, assembled, require_room

MOST_STATES = 10_000
"""More states than this are refused where nothing else is asked for: a copy of the environment is made for each joint action."""
RESETS = 100
"""So many seeds show where play starts."""
AUDIT_STEPS = 2_000
"""So many steps of random play, under other seeds, have to go as the table says."""


@dataclass(frozen=True)
class _End:
    """A state in which play has terminated: none that goes on is equal to it, whatever was observed."""

    key: Hashable

    def __str__(self) -> str:
        return f"end at {self.key}"


def from_pettingzoo(
    env: Any,
    *,
    discount: Any,
    state: Callable[[Any], Any] | None = None,
    name: str | None = None,
    resets: int = RESETS,
    audit_steps: int = AUDIT_STEPS,
    most_states: int = MOST_STATES,
    progress: Show = None,
) -> StochasticGame:
    """Return the tensor game that a finite, deterministic parallel environment plays.

    Parameters
    ----------
    env : pettingzoo.ParallelEnv
        Discrete action spaces, agents that end together, and it must survive ``copy.deepcopy`` (that it may be an ``EzPickle``, whose
        copies begin anew, is seen to). It is copied, not played.
    discount : float or array_like, shape (n,)
        An environment has none.
    state : callable, optional
        ``state(env)`` returns what tells states apart, any hashable value. None: the environment's ``state()`` where it has a Discrete
        ``state_space``, else all agents' observations together.
    name : str, optional
        None: the environment's own.
    resets : int
        The start distribution is the shares of states after ``reset(seed=0), ..., reset(seed=resets - 1)``: exact where all are one
        state, an estimate otherwise.
    audit_steps : int
        Steps of random play under other seeds that are compared with the table.
    most_states : int
        Exploration stops there, with an error.
    progress : bool, optional
        Whether to draw a progress bar; None: on a terminal.

    Returns
    -------
    StochasticGame
        States in the order in which they were found; what an ``action_mask`` of the infos rules out is illegal. Termination leads to a
        terminal state of its own; truncation is no end of the game.

    Raises
    ------
    GameError
        Agents that take turns or do not end together, spaces that are not Discrete, more than ``most_states`` states. Chance, or
        states that do not say enough: the same state and actions had two outcomes. From outside, probabilities cannot be known, and shares
        of samples would be no exact game: write the environment's rules as a function for ``from_function``.

    Notes
    -----
    Each state is explored from the copy that reached it first. That it is a state, and that no chance is at work, the audit alone
    tells: an outcome that is rare under random play can escape it.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> env = gt.interchange.to_pettingzoo(gt.load_game("grid_game_1"), horizon=10**6)
    >>> gt.interchange.from_pettingzoo(env, discount=0.97, name="again")
    StochasticGame('again', 2 players, 26 states, 1 terminal, 4 x 4 actions, discount 0.97, general-sum, sparse)
    """
    explorer = _Explorer(env, state, most_states)
    start = explorer.starts(resets)
    with progress_bar("exploring", 1.0, show=progress) as advance:
        explorer.explore(advance)
    explorer.audit(audit_steps, first_seed=resets)
    own = (getattr(env, "metadata", None) or {}).get("name", type(env).__name__) if name is None else name
    menus = explorer.menus.__getitem__
    return assembled(explorer.outcomes, menus, start, discount, label=str, players=explorer.agents, name=str(own))


class _Explorer:
    """Finds the states of an environment and what every joint action does there."""

    def __init__(self, env: Any, state: Callable[[Any], Any] | None, most_states: int) -> None:
        if getattr(env, "agent_iter", None) is not None or not callable(getattr(env, "reset", None)):
            raise GameError(f"env is {type(env).__name__}, a parallel environment was expected (pettingzoo.utils.aec_to_parallel converts)")
        self.env, self.most_states, self.state = env, most_states, state
        self.agents: list[Any] = list(getattr(env, "possible_agents", None) or [])
        if not self.agents:
            raise GameError(f"{type(env).__name__} has no possible_agents, a parallel environment of PettingZoo was expected")
        self.actions = [_discrete(env.action_space(agent), agent) for agent in self.agents]
        self.has_state = state is None and _is_discrete(getattr(env, "state_space", None))
        self.outcomes: dict[Hashable, dict[tuple[int, ...], Outcome]] = {}
        self.menus: dict[Hashable, list[list[int]]] = {}
        self.copies: dict[Hashable, Any] = {}
        self.cut: set[Hashable] = set()
        self.waiting: deque[Hashable] = deque()

    # ---- one environment ---------------------------------------------------------------------------------------

    def copied(self, env: Any) -> Any:
        """Return a copy of the environment as it stands."""
        try:
            return duplicate(env)
        except Exception as error:  # whatever the environment holds may refuse in its own way
            raise GameError(f"{type(env).__name__} cannot be copied ({error!r:.80}), and each state is explored from a copy") from None

    def key(self, env: Any, observations: Any) -> Hashable:
        """Return what tells the state apart."""
        if self.state is not None:
            return _frozen(self.state(env))
        if self.has_state:
            return _frozen(env.state())
        missing = [agent for agent in self.agents if agent not in observations]
        if missing:
            raise GameError(f"there is no observation of {missing[0]}: one of every agent was expected until all of them end together")
        seen = tuple(_frozen(observations[agent]) for agent in self.agents)
        return seen[0] if len(set(seen)) == 1 else seen

    def menu(self, observations: Any, infos: Any) -> list[list[int]]:
        """Return each agent's legal actions: by the mask in its info, or else in its observation."""
        menus = []
        for agent, every in zip(self.agents, self.actions, strict=True):
            told = ((infos or {}).get(agent), (observations or {}).get(agent))
            mask = next((which["action_mask"] for which in told if isinstance(which, Mapping) and "action_mask" in which), None)
            if mask is not None and np.shape(mask) != (len(every),):
                raise GameError(f"the action_mask of {agent} has shape {np.shape(mask)}, {(len(every),)} was expected")
            menus.append(every if mask is None else [action for action, allowed in zip(every, mask, strict=True) if allowed])
        return menus

    def moved(self, env: Any, joint: tuple[int, ...]) -> tuple[Outcome, Hashable, bool, list[list[int]]]:
        """Return what a joint action does to ``env``: the outcome, where it leads, whether play was cut there, what is legal there."""
        observations, rewards, ends, cuts, infos = env.step(dict(zip(self.agents, joint, strict=True)))
        flags = [{bool(which.get(agent, False)) for agent in self.agents} for which in (ends, cuts)]
        if any(len(flag) > 1 for flag in flags):
            raise GameError(f"some of {', '.join(map(str, self.agents))} ended before the others, all have to end together")
        ended, cut = (flag.pop() for flag in flags)
        key = self.key(env, observations)
        following: Hashable = _End(key) if ended else key
        payoffs = self.paid(rewards, joint)
        if not np.isfinite(payoffs).all():
            raise GameError(f"actions {joint} lead to {key!r:.60} and pay {payoffs.tolist()}, finite rewards were expected")
        return Outcome(payoffs, {following: 1.0}), following, cut or ended, self.menu(observations, infos)

    def paid(self, rewards: Any, joint: tuple[int, ...]) -> np.ndarray:
        """Return one number an agent."""
        try:
            return np.array([float(np.asarray(rewards[agent]).item()) for agent in self.agents])
        except (KeyError, TypeError, ValueError):
            raise GameError(
                f"actions {joint} pay {rewards!r:.80}, a number for each of {', '.join(map(str, self.agents))} was expected"
            ) from None

    # ---- all of it ---------------------------------------------------------------------------------------------

    def starts(self, resets: int) -> Mapping[Hashable, float]:
        """Return the shares of the first states, which are left waiting to be explored."""
        found: Counter[Hashable] = Counter()
        for seed in range(max(1, resets)):
            env = self.copied(self.env)
            observations, infos = env.reset(seed=seed)
            key = self.key(env, observations)
            found[key] += 1
            self.reached(key, env, self.menu(observations, infos))
        return {key: count / found.total() for key, count in found.items()}

    def reached(self, key: Hashable, env: Any, menus: list[list[int]]) -> None:
        """Keep a copy that stands at a state from which nothing was tried yet."""
        if key not in self.menus:
            if not all(menus):
                raise GameError(f"at {key!r:.60} the action_mask leaves some agent nothing to do, a legal action of each was expected")
            require_room(len(self.outcomes) + 1, self.most_states)
            self.outcomes.setdefault(key, {})
            self.copies[key], self.menus[key] = env, menus
            self.cut.discard(key)
            self.waiting.append(key)

    def explore(self, advance: Callable[[float, str], None]) -> None:
        """Try every joint action at every state that is reached."""
        explored = 0
        while self.waiting:
            key = self.waiting.popleft()
            here = self.copies.pop(key)
            for joint in itertools.product(*self.menus[key]):
                env = self.copied(here)
                outcome, following, over, menus = self.moved(env, joint)
                self.outcomes[key][joint] = outcome
                if not over:
                    self.reached(following, env, menus)
                elif following not in self.outcomes:
                    require_room(len(self.outcomes) + 1, self.most_states)
                    self.outcomes[following] = {}
                    if not isinstance(following, _End):
                        self.cut.add(following)
            explored += 1
            advance(explored / len(self.outcomes), f"{explored} of {len(self.outcomes)} states found so far")
        if self.cut:
            raise GameError(
                f"play was cut off at {len(self.cut)} states before they could be explored, such as {next(iter(self.cut))!r:.60}; "
                "give it a longer horizon"
            )

    def audit(self, steps: int, *, first_seed: int) -> None:
        """Compare random play under fresh seeds with what was found."""
        rng = np.random.default_rng(0)
        env, key, seed = None, None, first_seed
        for _ in range(steps):
            if env is None:
                env = self.copied(self.env)
                key = self.key(env, env.reset(seed=seed)[0])
                seed += 1
            if key not in self.menus:
                raise GameError(f"reset(seed={seed - 1}) starts at {key!r:.60}, where no play led before; give more resets")
            joint = tuple(int(rng.choice(menu)) for menu in self.menus[key])
            outcome, following, over, _ = self.moved(env, joint)
            expected = self.outcomes[key][joint]
            if outcome.following != expected.following or not np.array_equal(outcome.payoffs, expected.payoffs):
                raise GameError(
                    f"actions {joint} at {key!r:.60} led to {following!r:.60} paying {outcome.payoffs.tolist()}, and to "
                    f"{next(iter(expected.following))!r:.60} paying {expected.payoffs.tolist()} before: the environment has chance in it, "
                    "whose probabilities cannot be known from outside (write its rules as a step function for interchange.from_function, "
                    "or train on it as it is, learn(env, ...)), or this is not all of its state (give state)"
                )
            env, key = (None, None) if over else (env, following)


def _is_discrete(space: Any) -> bool:
    return isinstance(getattr(space, "n", None), int | np.integer) and not getattr(space, "shape", ())


def _discrete(space: Any, agent: Any) -> list[int]:
    if not _is_discrete(space):
        raise GameError(f"the action space of {agent} is {str(space)[:60]}, a Discrete space was expected")
    first = int(getattr(space, "start", 0))
    return list(range(first, first + int(space.n)))


def _frozen(value: Any) -> Hashable:
    """Return an observation of any make as something hashable that is equal where the observation is."""
    if isinstance(value, Mapping):
        return tuple((str(key), _frozen(part)) for key, part in sorted(value.items(), key=lambda item: str(item[0])))
    if isinstance(value, np.ndarray | np.generic):
        return _frozen(value.tolist())
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    return value
