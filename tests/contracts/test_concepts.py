"""What holds for every registered solution concept on every matrix game of the catalogue: judged from the definition, and its laws."""

import inspect
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from gametheory_rl import GameError, _registry, list_games, load_game, load_payoffs
from gametheory_rl import equilibria as eq
from gametheory_rl._catalogue import game_info

CONCEPTS = {name: _registry.resolve("concept", name) for name in sorted(_registry.table("concept"))}
GAMES = {name: load_payoffs(name) for name in list_games() if load_game(name).num_states == 1}
SMALL = {name: payoffs for name, payoffs in GAMES.items() if payoffs[0].size <= 16}


def answer(concept, payoffs, **options):
    """The answer, or None where the concept says that it does not cover the game."""
    try:
        return CONCEPTS[concept](payoffs, **options)
    except GameError as error:
        assert len(payoffs) != 2 or concept == "minimax", error
        return None


PLAYS = pytest.mark.parametrize(("concept", "game"), [(concept, game) for concept in CONCEPTS for game in GAMES])
LAWS = pytest.mark.parametrize(("concept", "game"), [(concept, game) for concept in CONCEPTS for game in SMALL])


def floats(array):
    return np.asarray(array, dtype=float)


def span_of(payoffs):
    return max(float(np.ptp(floats(payoff))) for payoff in payoffs)


@pytest.mark.parametrize("concept", CONCEPTS)
def test_takes_payoffs_and_named_options_only(concept):
    first, *options = inspect.signature(CONCEPTS[concept]).parameters.values()
    assert first.name == "payoffs"
    assert all(option.kind is option.KEYWORD_ONLY and option.default is not option.empty for option in options)


@PLAYS
def test_every_answer_is_what_it_says(concept, game):
    payoffs = GAMES[game]
    found = answer(concept, payoffs)
    if found is None:
        return
    assert found.says
    assert "\n" not in found.says
    judge(concept, payoffs, found)


def judge(concept, payoffs, found):
    span, flat = max(span_of(payoffs), 1e-300), floats(payoffs)
    for k, profile in enumerate(found.profiles):
        earned = flat
        for mixed in reversed(profile):
            earned = earned @ floats(mixed)
        if concept != "security":
            assert earned == pytest.approx(floats(found.values[:, k]), abs=1e-9 * max(1, np.abs(flat).max()))
        if concept in ("nash", "pure", "minimax", "logit"):
            exact = profile[0].dtype == object
            assert eq.exact.regret(payoffs, profile) == 0 if exact else eq.regret(flat, profile) <= 1e-7 * span
    if concept == "stackelberg":
        (x, y), (_, follows) = found.profiles[0], flat
        assert y @ (x @ follows) >= (x @ follows).max() - 1e-9 * span
        assert found.values[0, 0] >= max((flat[0].min(axis=1)).max(), -np.inf) - 1e-9 * span
    if concept == "security":
        for i, (strategy, payoff) in enumerate(zip(found.profiles[0], payoffs, strict=True)):
            table = np.moveaxis(payoff, i, 0).reshape(len(strategy), -1)
            assert float(min(strategy @ table)) >= float(found.values[i, 0]) - 1e-9 * span
    if concept in ("correlated", "coarse"):
        drawn = floats(found.distribution)
        assert eq.obedience(flat, drawn, coarse=concept == "coarse") <= 1e-9 * span
        assert (flat * drawn).reshape(len(flat), -1).sum(axis=1) == pytest.approx(floats(found.values[:, 0]), abs=1e-9 * span)
    if concept in ("dominance", "rationalizable"):
        assert all(len(left) for left in found.survivors)


@pytest.mark.parametrize("game", GAMES)
def test_known_equilibria_are_found_counted_and_survive(game):
    payoffs, known = GAMES[game], game_info(game).known
    listed = known.get("equilibria") or ([known] if "profile" in known else [])
    survivors = answer("dominance", payoffs).survivors
    for solution in listed:
        for mixed, left in zip(solution["profile"], survivors, strict=True):
            assert set(np.flatnonzero(np.array(mixed) > 1e-12)) <= set(left.tolist())
    if len(payoffs) != 2:
        return
    found = answer("nash", payoffs)
    assert found.complete
    if "count" in known or "extreme" in known:
        assert len(found.profiles) == known.get("count", known.get("extreme"))
    if known.get("unique"):
        assert len(found.profiles) == len(listed)
    for solution in listed:
        assert any(same(solution["profile"], profile) for profile in found.profiles)


def same(one, other):
    return all(np.allclose(floats(a), floats(b), atol=1e-9) for a, b in zip(one, other, strict=True))


# ---- laws ------------------------------------------------------------------------------------------------------------


def same_sets(one, other):
    """Whether two answers have the same profiles and survivors, in whatever order."""
    survivors = all(np.array_equal(a, b) for a, b in zip(one.survivors, other.survivors, strict=True))
    return survivors and len(one.profiles) == len(other.profiles) and all(any(same(a, b) for b in other.profiles) for a in one.profiles)


@LAWS
def test_units_do_not_matter(concept, game):
    payoffs = SMALL[game]
    before = answer(concept, payoffs)
    if before is None:
        return
    units = [(Fraction(7, 3), Fraction(-5)), (Fraction(1, 1000), Fraction(3)), (Fraction(50), Fraction(0))]
    # A game stays zero-sum only where all units are the same; and one precision is measured in everybody's payoffs.
    shared = concept in ("minimax", "logit")
    scaled = np.stack([payoff * units[0 if shared else i][0] + (0 if shared else units[i][1]) for i, payoff in enumerate(payoffs)])
    after = answer(concept, scaled)
    judge(concept, scaled, after)
    if before.complete:
        assert same_sets(before, after)


@LAWS
def test_names_of_actions_do_not_matter(concept, game):
    payoffs = SMALL[game]
    before = answer(concept, payoffs)
    if before is None:
        return
    orders = [np.random.default_rng(i).permutation(count) for i, count in enumerate(payoffs.shape[1:])]
    moved = payoffs[(slice(None), *np.ix_(*orders))]
    after = answer(concept, moved)
    judge(concept, moved, after)
    if before.complete:
        back = [tuple(mixed[np.argsort(order)] for mixed, order in zip(profile, orders, strict=True)) for profile in after.profiles]
        left = tuple(np.sort(order[kept]) for order, kept in zip(orders, after.survivors, strict=False))
        assert len(back) == len(before.profiles)
        assert all(any(same(a, b) for b in back) for a in before.profiles)
        assert all(np.array_equal(np.sort(a), b) for a, b in zip(before.survivors, left, strict=True))


@LAWS
def test_players_can_change_places(concept, game):
    payoffs = SMALL[game]
    before = answer(concept, payoffs)
    if before is None:
        return
    order = list(permutations(range(len(payoffs))))[-1]
    swapped = payoffs[list(order)].transpose(0, *(i + 1 for i in order))
    after = answer(concept, swapped)
    judge(concept, swapped, after)
    if before.complete:
        back = [tuple(profile[order.index(i)] for i in range(len(order))) for profile in after.profiles]
        assert len(back) == len(before.profiles)
        assert all(any(same(a, b) for b in back) for a in before.profiles)


@LAWS
def test_floats_give_what_fractions_give(concept, game):
    payoffs = SMALL[game]
    exact, rounded = answer(concept, payoffs), answer(concept, floats(payoffs))
    assert (exact is None) == (rounded is None)
    if exact is not None:
        judge(concept, floats(payoffs), rounded)
        if exact.complete and (payoffs == floats(payoffs)).all():
            assert same_sets(exact, rounded)
