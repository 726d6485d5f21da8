"""An environment as a learner needs it: whole-numbered states and actions, of all agents at once, from Discrete spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Literal

import numpy as np

from gametheory_rl._game_checks import checked_discount
from gametheory_rl._support._errors import GameError

MOST_STATES = 10**6
"""A product of observations with more states is refused: every learner has a table with a row for each."""
PROBE_STEPS = 1000
"""So many steps of random play decide whether all agents see the same."""


def is_environment(thing: Any) -> bool:
    """Whether ``thing`` has PettingZoo's interface, parallel or in turns; nothing of that library is imported."""
    verbs = ("reset", "step", "observation_space", "action_space")
    return not isinstance(thing, type) and hasattr(thing, "possible_agents") and all(callable(getattr(thing, verb, None)) for verb in verbs)


@dataclass(frozen=True)
class Interface:
    """How an environment's observations and actions are numbered. Players are ``possible_agents``, in that order."""

    agents: tuple[Any, ...]
    num_actions: tuple[int, ...]
    first_actions: tuple[int, ...]
    """The smallest action of each agent's space."""
    num_observations: tuple[int, ...]
    first_observations: tuple[int, ...]
    states: Literal["state", "common", "joint"]
    """Where a state comes from: the environment's ``state()``; the observation that all agents share; or all observations together."""

    @property
    def num_states(self) -> int:
        """How many states there are; of the product, those included that never come up."""
        return prod(self.num_observations) if self.states == "joint" else self.num_observations[0]

    def state(self, env: Any, observations: Any) -> int:
        """Return the state's number."""
        if self.states == "state":
            return _whole(env.state(), self.num_observations[0], self.first_observations[0], "state() of the environment")
        seen = self.observed(observations)
        if self.states == "joint":
            return int(np.ravel_multi_index(seen, self.num_observations))
        if len(set(seen)) > 1:
            raise GameError(
                f"the agents observe {seen}, but saw the same for {PROBE_STEPS} steps of random play: whether that is one state or "
                "several cannot be told; give the environment a Discrete state_space and state()"
            )
        return seen[0]

    def observed(self, observations: Any) -> tuple[int, ...]:
        """Return every agent's observation, counted from 0."""
        try:
            found = [observations[agent] for agent in self.agents]
        except (KeyError, TypeError, IndexError):
            raise GameError(
                f"the environment gives observations of {_names(observations)}, of all of {_names(self.agents)} were expected: agents that "
                "come and go, or end before the others, are not supported"
            ) from None
        ranges = zip(found, self.num_observations, self.first_observations, self.agents, strict=True)
        return tuple(_whole(value, count, first, f"the observation of {agent}") for value, count, first, agent in ranges)

    def rewards(self, rewards: Mapping[Any, Any]) -> np.ndarray:
        """Return every agent's reward, finite."""
        try:
            paid = np.array([float(rewards[agent]) for agent in self.agents])
        except (KeyError, TypeError, ValueError):
            paid = np.array([np.nan])
        if not np.isfinite(paid).all():
            raise GameError(
                f"the environment pays {str(dict(rewards))[:80]}, a finite reward for each of {_names(self.agents)} was expected"
            )
        return paid

    def actions(self, actions: Sequence[Any] | np.ndarray) -> dict[Any, int]:
        """Return actions counted from 0 as the environment takes them."""
        return {agent: first + int(action) for agent, first, action in zip(self.agents, self.first_actions, actions, strict=True)}

    def ended(self, terminations: Mapping[Any, Any], truncations: Mapping[Any, Any]) -> tuple[bool, bool]:
        """Return whether all agents have ended, and whether all were cut off; refuses what lies between."""
        ends, cuts = ([bool(flags.get(agent, False)) for agent in self.agents] for flags in (terminations, truncations))
        if all(ends):
            return True, False
        if any(ends) or any(cuts) != all(cuts):
            done = [str(agent) for agent, end, cut in zip(self.agents, ends, cuts, strict=True) if end or cut]
            raise GameError(f"{', '.join(done)} ended before or otherwise than the others: all agents have to end together")
        return False, all(cuts)


@dataclass(frozen=True, eq=False)
class Environment:
    """A finite parallel environment, with the discount that it does not have itself."""

    env: Any
    face: Interface
    discount: np.ndarray
    """``[n]``"""

    @property
    def name(self) -> str:
        """Its own name, else its class's."""
        return str((getattr(self.env, "metadata", None) or {}).get("name", type(self.env).__name__))

    @property
    def num_states(self) -> int:
        """How many states there are."""
        return self.face.num_states


def environment_of(env: Any, discount: Any) -> Environment:
    """Return ``env`` as learners need it; refuses what is not finite and parallel, and a discount that is none."""
    face = interface_of(env)
    if discount is None:
        raise GameError(f"{type(env).__name__} is an environment, which has no discount: give discount, a number in [0, 1)")
    checked = checked_discount(discount, len(face.agents))
    if (checked >= 1).any():
        raise GameError(f"discount is {discount!r}, a number below 1 was expected")
    return Environment(env, face, checked)


def interface_of(env: Any) -> Interface:
    """Return the interface of a finite parallel environment, which it resets and plays at random to see who observes what.

    Raises
    ------
    GameError
        Agents take turns, or there are none; a space is not Discrete; too many states.
    """
    kind = type(env).__name__
    if getattr(env, "agent_iter", None) is not None:
        raise GameError(f"{kind} lets agents take turns, a parallel environment was expected (pettingzoo.utils.aec_to_parallel converts)")
    names: list[Any] = list(env.possible_agents or [])
    if not names:
        raise GameError(f"{kind} has no possible_agents, at least one was expected")
    agents = tuple(names)
    actions = [_discrete(env.action_space(agent), f"the action space of {agent}") for agent in agents]
    observations = [_discrete(env.observation_space(agent), f"the observation space of {agent}") for agent in agents]
    space = getattr(env, "state_space", None)
    if space is not None and _is_discrete(space):
        (count, first), states = _discrete(space, "state_space"), "state"
        return _checked(Interface(agents, *_apart(actions), (count,), (first,), states))
    face = Interface(agents, *_apart(actions), *_apart(observations), "joint")
    if len(set(observations)) == 1 and (len(agents) == 1 or _all_see_the_same(env, face)):
        face = replace(face, states="common")
    return _checked(face)


def _checked(face: Interface) -> Interface:
    if face.num_states > MOST_STATES:
        product = " x ".join(map(str, face.num_observations)) if face.states == "joint" else ""
        raise GameError(
            f"the environment has {face.num_states} states{f' ({product} observations)' if product else ''}, tables take at most "
            f"{MOST_STATES}; merge observations, or give it a smaller Discrete state_space and state()"
        )
    return face


def _all_see_the_same(env: Any, face: Interface) -> bool:
    """Whether the agents' observations agree throughout a stretch of random play, which nothing else depends on."""
    rng = np.random.default_rng(0)
    observations = begun(env, 0)
    for step in range(PROBE_STEPS):
        if len(set(face.observed(observations))) > 1:
            return False
        observations, _, terminations, truncations, _ = moved(env, face.actions(rng.integers(face.num_actions)))
        if any(face.ended(terminations, truncations)):
            if len(set(face.observed(observations))) > 1:
                return False
            observations = begun(env, step + 1)
    return True


def begun(env: Any, seed: int) -> Any:
    """Return the first observations of an episode."""
    found = env.reset(seed=seed)
    if not isinstance(found, tuple) or len(found) != 2:
        raise GameError(f"reset of {type(env).__name__} returned {type(found).__name__}, (observations, infos) was expected")
    _require_unmasked(found[1])
    return found[0]


def moved(env: Any, actions: dict[Any, int]) -> tuple[Any, Any, Any, Any, Any]:
    """Return observations, rewards, terminations, truncations and infos of one step."""
    found = env.step(actions)
    if not isinstance(found, tuple) or len(found) != 5:
        raise GameError(
            f"step of {type(env).__name__} returned {type(found).__name__}, "
            "(observations, rewards, terminations, truncations, infos) was expected"
        )
    for what, given in zip(("rewards", "terminations", "truncations"), found[1:4], strict=True):
        if not isinstance(given, Mapping):
            raise GameError(f"step of {type(env).__name__} returned {what} of type {type(given).__name__}, a dict by agent was expected")
    _require_unmasked(found[4])
    return found


def _require_unmasked(infos: Any) -> None:
    for agent, info in (infos or {}).items():
        mask = info.get("action_mask") if isinstance(info, Mapping) else None
        if mask is not None and not np.all(mask):
            raise GameError(
                f"the environment masks actions of {agent}, and tables must know what is legal before they start: "
                "let it take every action, or build a StochasticGame with legal"
            )


def _is_discrete(space: Any) -> bool:
    # A MultiBinary space has an n as well, but is an array.
    return isinstance(getattr(space, "n", None), int | np.integer) and not getattr(space, "shape", ())


def _discrete(space: Any, what: str) -> tuple[int, int]:
    if not _is_discrete(space):
        raise GameError(f"{what} is {str(space)[:60]}, a Discrete space was expected: tables have a row for each value")
    if space.n < 1:
        raise GameError(f"{what} is {str(space)[:60]}, which holds nothing: at least one value was expected")
    return int(space.n), int(getattr(space, "start", 0))


def _apart(pairs: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(count for count, _ in pairs), tuple(first for _, first in pairs)


def _whole(value: Any, count: int, first: int, what: str) -> int:
    found = np.asarray(value)
    if found.size != 1 or found.dtype.kind not in "iub" or not first <= int(found.ravel()[0]) < first + count:
        raise GameError(f"{what} is {str(value)[:40]}, an integer from {first} to {first + count - 1} was expected of its space")
    return int(found.ravel()[0]) - first


def _names(agents: Any) -> str:
    return ", ".join(map(str, agents)) if isinstance(agents, Mapping | Sequence) and len(agents) else "nobody"
