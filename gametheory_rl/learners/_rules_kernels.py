"""The rules of learning that the one loop can run, found by the type of a learner's tables.

A rule's file defines a NamedTuple of its tables and registers two kernels for it. Numba resolves ``act`` and ``update`` while
it compiles the loop, so every rule gets a loop of its own, and only those that are used get compiled. (A kernel passed as an
argument would be compiled anew in every process: numba's disk cache does not know it.)
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gametheory_rl._support._compile import COMPILED, PACKAGE
from gametheory_rl.learners._play_kernels import act_apart


class Rule(NamedTuple):
    """The two kernels of a rule; their arguments are those of ``act`` and ``update`` below."""

    act: Callable[..., None]
    update: Callable[..., None]


RULES: dict[type, Rule] = {}
"""Type of the tables -> the rule."""


def register_rule(tables: type, *, update: Callable[..., None], act: Callable[..., None] = act_apart) -> None:
    """Make the loop run ``update`` and ``act`` for learners whose tables are of type ``tables``."""
    RULES[tables] = Rule(act, update)


def is_cacheable(tables: Any) -> bool:
    """Whether the loop may be cached on disk for a rule, and one within it: they belong to the package, whose changes start a new cache."""
    rules = [RULES[type(part)] for part in (tables, *tables) if type(part) in RULES]
    return all(str(PACKAGE) in plain(kernel).__code__.co_filename for rule in rules for kernel in rule)


def plain(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Return the Python source of a kernel."""
    return getattr(kernel, "py_func", kernel)


def act(tables: Any, state: Any, step: int, visits: int, draws: np.ndarray, actions: np.ndarray) -> None:
    """Choose every player's action, exploration included.

    Parameters
    ----------
    tables : NamedTuple
        One seed's; read only.
    state, step, visits : int
        ``visits`` counts the earlier visits of ``state``.
    draws : ndarray, shape (n,)
        Uniform in [0, 1): one for each player.
    actions : ndarray, shape (n,), int64
        Written.
    """
    plain(RULES[type(tables)].act)(tables, state, step, visits, draws, actions)


def update(tables: Any, state: Any, step: int, actions: np.ndarray, rewards: np.ndarray, following: Any, ended: bool) -> None:
    """Learn from one step; writes to the arrays of ``tables``, its policy among them.

    Parameters
    ----------
    tables : NamedTuple
    state, step : int
    actions : ndarray, shape (n,), int64
    rewards : ndarray, shape (n,)
    following : int
        The next state.
    ended : bool
        Whether ``following`` is terminal, so that nothing comes after it.
    """
    plain(RULES[type(tables)].update)(tables, state, step, actions, rewards, following, ended)


if COMPILED:
    from numba.extending import overload

    # The rule's own source is the implementation: one level fewer for LLVM, which optimises a function once in every caller.
    @overload(act, strict=False, jit_options={"forceinline": True, "error_model": "numpy"})
    def _act_of_rule(tables: Any, state: Any, step: Any, visits: Any, draws: Any, actions: Any) -> Any:
        return plain(RULES[tables.instance_class].act)

    @overload(update, strict=False, jit_options={"forceinline": True, "error_model": "numpy"})
    def _update_of_rule(tables: Any, state: Any, step: Any, actions: Any, rewards: Any, following: Any, ended: Any) -> Any:
        return plain(RULES[tables.instance_class].update)
