"""What happens in one step of a battle: strikes in random order, then moves in the agents' order, as MAgent2's engine carries them out.

Both are sequential in that engine. Here everybody is decided at once: whether an agent strikes, or moves, follows from what those before
it did, so guessing for all and correcting until nothing changes ends at the one answer that the sequence has; as many passes as the
longest chain of agents that depend on one another, usually three or four.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

MOVES = np.array([(x, y) for y in range(-2, 3) for x in range(-2, 3) if x * x + y * y <= 4])
"""``[13, 2]``: x, y. In the middle, to stay."""
STRIKES = np.array([(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if (x, y) != (0, 0)])
"""``[8, 2]``: the k-th is opposite to the (7 - k)-th."""

FULL_HEALTH = 10.0
DAMAGE = 2.0
RECOVERY = 0.1


class Strikes(NamedTuple):
    """What the strikes of a step did, ``[n]`` each."""

    health: Array
    """float32; negative of the dead"""
    died: Array
    """bool"""
    struck: Array
    """bool: who hit an enemy that survived this blow"""
    killed: Array
    """bool: whose blow was an enemy's last"""
    swung: Array
    """bool: who lived until its turn and struck, at whatever"""


def shifts(offsets: np.ndarray, size: int) -> np.ndarray:
    """Return offsets (x, y) as differences of cell numbers on a board ``size`` wide."""
    return (offsets[:, 1] * size + offsets[:, 0]).astype(np.int32)


def strike(grid: Array, cells: Array, health: Array, targets: Array, teams: np.ndarray, turn: Array, size: int) -> Strikes:
    """Carry out strikes in the order of ``turn``.

    Parameters
    ----------
    grid : (size * size,) int32
        Who stands in each cell; -1: nobody.
    cells, health : (n,)
    targets : (n,) int32
        Which of the 8 cells each strikes; -1: none.
    teams : (n,) int
    turn : (n,)
        Numbers, all different: the smaller, the earlier.
    """
    n = len(teams)
    there = grid[cells[:, None] + shifts(STRIKES, size)]
    opposite = len(STRIKES) - 1 - np.arange(len(STRIKES))
    hostile = (there >= 0) & (targets[there] == opposite) & (jnp.asarray(teams)[there] != teams[:, None])
    stands = grid[cells] == np.arange(n)  # the dead lie where they fell, and nobody can strike them
    real = hostile & stands[:, None]
    when = jnp.where(real, turn[there], jnp.inf)
    not_later = when[:, :, None] <= when[:, None, :]
    needed = jnp.floor(health / DAMAGE).astype(jnp.int32) + 1

    def blows(acts: Array) -> Array:
        """Return how many have fallen on each agent with each of the blows, [n, 8]."""
        return jnp.sum(not_later & acts[:, :, None], axis=1)

    def pass_once(carry: tuple[Array, Array]) -> tuple[Array, Array]:
        alive, _ = carry
        acts = real & alive[there]
        last = acts & (blows(acts) == needed[:, None])
        end = jnp.min(jnp.where(last, when, jnp.inf), axis=1)
        found = turn <= end
        return found, jnp.any(found != alive)

    alive, _ = jax.lax.while_loop(lambda carry: carry[1], pass_once, (jnp.ones(n, bool), jnp.ones((), bool)))
    acts = real & alive[there]
    count = blows(acts)
    fatal = acts & (count == needed[:, None])
    harmed = acts & (count < needed[:, None])
    # To whom each blow belongs; who strikes strikes once.
    credit = lambda which: jnp.zeros(n, bool).at[jnp.where(which, there, n)].set(True, mode="drop")  # noqa: E731
    taken = jnp.minimum(jnp.sum(acts, axis=1), needed)
    died = jnp.any(fatal, axis=1)
    return Strikes(health - DAMAGE * taken, died, credit(harmed), credit(fatal), (targets >= 0) & alive)


def move(grid: Array, cells: Array, alive: Array, goals: Array, wall: np.ndarray) -> Array:
    """Return cells after the living have moved one after another; who finds its goal taken stays.

    Parameters
    ----------
    grid : (size * size,) int32
        Who stands in each cell now; -1: nobody.
    cells, goals : (n,) int32
        Where each stands and wants to be, the same where it does not move.
    alive : (n,) bool
    wall : (size * size,) bool
    """
    n = len(cells)
    rank = np.arange(n)
    wants = alive & (goals != cells) & ~jnp.asarray(wall)[goals]
    holder = grid[goals]
    # One who moves later still stands in its cell; one who moved earlier may have left it, or may have taken the goal.
    possible = wants & ~(holder > rank)

    def pass_once(carry: tuple[Array, Array]) -> tuple[Array, Array]:
        moves, _ = carry
        left = (holder < 0) | moves[holder]
        first = jnp.full(grid.size, n).at[goals].min(jnp.where(moves, rank, n))
        found = possible & left & (first[goals] >= rank)
        return found, jnp.any(found != moves)

    moves, _ = jax.lax.while_loop(lambda carry: carry[1], pass_once, (possible, jnp.ones((), bool)))
    return jnp.where(moves, goals, cells)


def occupancy(cells: Array, alive: Array, size: int) -> Array:
    """Return ``(size * size,)`` int32: who stands in each cell, -1 nobody."""
    empty = jnp.full(size * size, -1, jnp.int32)
    return empty.at[jnp.where(alive, cells, size * size)].set(jnp.arange(len(cells), dtype=jnp.int32), mode="drop")
