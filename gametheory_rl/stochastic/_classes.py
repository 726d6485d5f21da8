"""What kind of game a game is, and why: solvers, and people, pick a method by it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from gametheory_rl._game_checks import joint_legal
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria import _structure as structure
from gametheory_rl.equilibria._structure import Trait
from gametheory_rl.stochastic._influence import SAME, flow_of, matters, movers_of
from gametheory_rl.stochastic._potentials import LegalNames, potential_trait

ONE_STATE = "asked of games of one state"
SUMS = "zero_sum", "constant_sum", "common_interest"
"""Classes that payoffs alone decide."""


@dataclass(frozen=True)
class Classes:
    """The classes of a game; each is true or false, or undecided, with its reason."""

    one_state: Trait
    """A stage game; repeated where the discount is above 0."""
    zero_sum: Trait
    """Payoffs add up to zero; with several states, discounts are equal too."""
    constant_sum: Trait
    """Payoffs add up to one number everywhere, so that the game is zero-sum but for a constant."""
    common_interest: Trait
    """A team: all players earn the same, and discount alike."""
    symmetric: Trait
    """Players can change places, in every state."""
    potential: Trait
    """One function changes as each deviator's payoff does; with several states, as what stationary policies earn from every state."""
    dominance_solvable: Trait
    """Iterated elimination leaves one action each; one state only."""
    degenerate: Trait
    """Ties between best replies beyond the generic; one state and two players only."""
    turn_based: Trait
    """In every state at most one player's action matters."""
    single_controller: Trait
    """Transitions depend on the actions of one player only, the same in every state."""
    switching_control: Trait
    """In every state transitions depend on the actions of at most one player."""
    separable: Trait
    """Payoffs are a part by state plus a part by actions, and transitions do not depend on the state."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes to which the game belongs."""
        return tuple(name for name, trait in self.traits().items() if trait)

    def traits(self) -> dict[str, Trait]:
        """Return all classes by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __str__(self) -> str:
        """Return a line for each class: yes, no or undecided, and why."""
        words = {True: "yes", False: "no", None: "undecided"}
        return "\n".join(f"{name.replace('_', ' ')}: {words[trait.holds]}, {trait.reason}" for name, trait in self.traits().items())


def classify(game: StochasticGame) -> Classes:
    """Return what kind of game a game is, with the reason for each answer.

    Parameters
    ----------
    game : StochasticGame

    Returns
    -------
    Classes
        One ``Trait`` per class: ``holds`` (True, False, or None where that was not decided) and ``reason``.

    Raises
    ------
    GameError
        Not a game.

    Notes
    -----
    Payoffs of illegal joint actions do not count. Equal means equal up to rounding: a few units in the last place of the largest
    payoff, 1e-12 for probabilities. Transitions are compared by two random linear functions of each row, which miss a difference
    with probability zero; so do the random policies that are asked where several states leave a potential open (``_potentials`` has
    the conditions). Classes of stochastic games after J. Filar & K. Vrieze, "Competitive Markov decision processes", 1997, chapter 3; a
    potential after D. Monderer & L. S. Shapley 1996.

    Examples
    --------
    >>> from gametheory_rl import load_game
    >>> classes = classify(load_game("prisoners_dilemma"))
    >>> classes.names
    ('one_state', 'symmetric', 'potential', 'dominance_solvable', 'single_controller', 'switching_control', 'separable')
    >>> classes.dominance_solvable.reason
    'by strict dominance: out go cooperate of row and cooperate of column'
    """
    if not isinstance(game, StochasticGame):
        raise GameError(f"classify was given {type(game).__name__}, a StochasticGame was expected")
    legal = joint_legal(game.legal)
    payoffs = game.payoff[:, legal]
    controllers = _controllers(game, movers_of(game), legal)
    return Classes(**_stage_classes(game), **_sums(game, payoffs), **controllers, separable=_separable(game, flow_of(game, legal)))


def is_team(game: StochasticGame) -> bool:
    """Whether all players earn the same everywhere and discount alike."""
    payoffs = game.payoff[:, joint_legal(game.legal)]
    return bool((game.discount == game.discount[0]).all() and structure.common_interest(payoffs))


def is_separable(game: StochasticGame) -> bool:
    """Whether payoffs are a part by state plus a part by actions, and transitions do not depend on the state."""
    return bool(_separable(game, flow_of(game, joint_legal(game.legal))))


def symmetry(game: StochasticGame) -> Trait:
    """Whether players can change places in every state, and if not, which of them cannot."""
    return _symmetric(game)


def _stage_classes(game: StochasticGame) -> dict[str, Trait]:
    """Answer what is asked of one state, over its legal actions."""
    if game.num_states > 1:
        one = {"one_state": Trait(False, f"there are {game.num_states} states"), "symmetric": _symmetric(game)}
        return one | dict.fromkeys(("dominance_solvable", "degenerate"), Trait(None, ONE_STATE))
    actions = [np.flatnonzero(mask[0]) for mask in game.legal]
    payoffs = game.payoff[:, 0]
    for player, own in enumerate(actions):
        payoffs = payoffs.take(own, axis=player + 1)

    names = LegalNames(game.labels, actions)
    alike = (game.discount == game.discount[0]).all()
    return {
        "one_state": Trait(True, "played once" if not game.discount.any() else "the same stage game again and again"),
        "symmetric": structure.symmetric(payoffs) if alike else Trait(False, "players discount differently"),
        "dominance_solvable": structure.dominance_solvable(payoffs, names),
        "degenerate": structure.degenerate(payoffs),
        "potential": structure.potential(payoffs, names),
    }


def _sums(game: StochasticGame, payoffs: np.ndarray) -> dict[str, Trait]:
    """Answer what is asked of payoffs ``(n, cells)`` alone."""
    if (game.discount != game.discount[0]).any():
        apart = Trait(False, "players discount differently")
        found: dict[str, Trait] = dict.fromkeys(SUMS, apart)
    else:
        found = {kind: getattr(structure, kind)(payoffs) for kind in SUMS}
    if game.num_states > 1:
        found["potential"] = Trait(True, "the common payoff is one") if found["common_interest"] else potential_trait(game)
    return found


def _symmetric(game: StochasticGame) -> Trait:
    """Answer whether players can change places in every state: payoffs do, and transitions stay the same."""
    if (game.discount != game.discount[0]).any():
        return Trait(False, "players discount differently")
    if len(set(game.num_actions)) > 1:
        return Trait(False, "players have different numbers of actions")
    unlike = [i for i in range(game.num_players - 1) if (game.legal[i] != game.legal[i + 1]).any()]
    if unlike:
        return Trait(False, f"players {unlike[0] + 1} and {unlike[0] + 2} have different legal actions")
    legal = joint_legal(game.legal)
    payoffs = structure.symmetric(np.moveaxis(np.where(legal, game.payoff, 0.0), 1, -1))
    if not payoffs:
        return payoffs
    flow = np.where(legal, flow_of(game, legal), 0.0)
    for i in range(game.num_players - 1):
        if np.abs(flow - flow.swapaxes(i + 2, i + 3)).max() > SAME:
            return Trait(False, f"where players {i + 1} and {i + 2} change places, play goes on elsewhere")
    return Trait(True, "players can change places in every state, actions as they are numbered")


def _controllers(game: StochasticGame, movers: list[np.ndarray], legal: np.ndarray) -> dict[str, Trait]:
    """Answer whose actions matter where; ``movers[i]`` (S,): whether player i's do for transitions."""
    moved = np.stack(movers)
    payoff = np.where(legal, game.payoff, np.nan)
    pays = np.stack([matters(payoff, game.legal[i], legal, i) for i in range(game.num_players)])
    return {
        "turn_based": _at_most_one(game, moved | pays, "an action"),
        "switching_control": _at_most_one(game, moved, "transitions"),
        "single_controller": _single(game, moved),
    }


def _at_most_one(game: StochasticGame, matters: np.ndarray, what: str) -> Trait:
    crowded = np.flatnonzero(matters.sum(axis=0) > 1)
    if not crowded.size:
        return Trait(True, "in every state at most one player's action matters" + (" to transitions" if what == "transitions" else ""))
    state = int(crowded[0])
    who = " and ".join(game.labels.player(int(i)) for i in np.flatnonzero(matters[:, state]))
    return Trait(
        False,
        f"in state {game.labels.state(state)} {'transitions depend on' if what == 'transitions' else 'it matters what is done by'} {who}",
    )


def _single(game: StochasticGame, moved: np.ndarray) -> Trait:
    who = np.flatnonzero(moved.any(axis=1))
    if len(who) > 1:
        return Trait(False, f"transitions depend on {' and '.join(game.labels.player(int(i)) for i in who)}")
    return Trait(True, f"transitions depend on {game.labels.player(int(who[0]))} alone" if len(who) else "transitions depend on nobody")


def _separable(game: StochasticGame, flow: np.ndarray) -> Trait:
    """Answer for separable rewards and transitions that do not depend on the state (T. Parthasarathy, S. Tijs & O. Vrieze 1984)."""
    if not all(mask.all() for mask in game.legal):
        return Trait(False, "some actions are illegal in some states")
    if np.abs(flow - flow[:, :1]).max() > SAME:
        return Trait(False, "transitions depend on the state")
    base = (slice(None), slice(None), *[slice(0, 1)] * game.num_players)
    mixed = game.payoff - game.payoff[base] - game.payoff[:, :1] + game.payoff[base][:, :1]
    if np.abs(mixed).max() > 4 * SAME * np.abs(game.payoff).max():
        return Trait(False, "payoffs are no sum of a part by state and a part by actions")
    return Trait(True, "payoffs are a part by state plus a part by actions, transitions do not depend on the state")
