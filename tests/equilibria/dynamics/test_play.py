import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl._support._streams_kernels import stream_keys, uniform_plain
from gametheory_rl.equilibria import dynamics, obedience, regret
from tests.equilibria.dynamics import rules
from tests.equilibria.dynamics.rules import CHICKEN, INNER, PENNIES, SCISSORS, SHAPLEY, a_game, a_start, earned

ZERO_SUM_SCISSORS = np.array([SCISSORS, -SCISSORS])
SHAPES = [(2, 2), (3, 4), (1, 3), (2, 3, 2), (4,)]


def checked(path, rounds, averages, atol=1e-11):
    for i in range(len(rounds[0])):
        np.testing.assert_allclose(path.profiles[i], [r[i] for r in rounds], rtol=0, atol=atol)
        np.testing.assert_allclose(path.average_profiles[i], [a[i] for a in averages], rtol=0, atol=atol)
    joint = np.zeros([len(x) for x in rounds[0]])
    for r in rounds:
        joint += np.einsum(*itertools.chain.from_iterable((x, [i]) for i, x in enumerate(r)), list(range(len(r))))
    np.testing.assert_allclose(path.joint, joint / len(rounds), rtol=0, atol=atol)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_each_rule_is_its_definition(shape, seed):
    game, start = a_game(seed, shape), a_start(seed, shape)
    common = {"start": start, "records": 30}
    for optimistic, name in enumerate(("hedge", "optimistic_hedge")):
        path = getattr(dynamics, name)(game, 30, rate=0.3, **common)
        checked(path, *rules.play(game, start, 30, rules.hedge_rule(game, 0.3, optimistic)))
    for plus, name in enumerate(("regret_matching", "regret_matching_plus")):
        path = getattr(dynamics, name)(game, 30, **common)
        checked(path, *rules.play(game, start, 30, rules.regret_rule(game, plus)))
    path = dynamics.smooth_fictitious_play(game, 30, precision=1.7, **common)
    checked(path, *rules.play(game, start, 30, rules.smooth_rule(game, 1.7)))


@pytest.mark.parametrize("shape", SHAPES)
def test_extra_gradient_is_its_definition_and_averages_leading_points(shape):
    game, start = a_game(3, shape), a_start(4, shape)
    path = dynamics.extra_gradient(game, 30, rate=0.4, start=start, records=30)
    rounds, _ = rules.play(game, start, 30, rules.extra_gradient_rule(game, 0.4))
    leads = [[rules.project(x + 0.4 * u) for x, u in zip(r, earned(game, r), strict=True)] for r in rounds]
    for i in range(len(shape)):
        np.testing.assert_allclose(path.profiles[i], [r[i] for r in rounds], rtol=0, atol=1e-11)
        np.testing.assert_allclose(path.average[i], np.mean([z[i] for z in leads], axis=0), rtol=0, atol=1e-11)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_fictitious_play_is_that_of_exact_beliefs(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 4, rng.integers(2, 4)))
    game = rng.integers(-3, 4, (len(shape), *shape))
    counts = [[Fraction(int(k == 0)) for k in range(size)] for size in shape]
    path = dynamics.fictitious_play(game, 40, start=tuple(np.eye(k)[0] for k in shape), records=40)
    for t in range(1, 40):
        replies = []
        for i, size in enumerate(shape):
            pays = [Fraction(0)] * size
            for cell in np.ndindex(*shape):
                others = [counts[j][cell[j]] / t for j in range(len(shape)) if j != i]
                pays[cell[i]] += int(game[(i, *cell)]) * np.prod(others, initial=Fraction(1))
            replies.append(pays.index(max(pays)))
        for i, reply in enumerate(replies):
            assert path.profiles[i][t].tolist() == [float(k == reply) for k in range(shape[i])]
            counts[i][reply] += 1
            np.testing.assert_allclose(path.average_profiles[i][t], [float(c / (t + 1)) for c in counts[i]], rtol=1e-15, atol=0)


def test_the_first_rounds_by_hand():
    once = {"records": [1, 2, 3]}
    play = dynamics.fictitious_play(PENNIES, 3, start=([1, 0], [1, 0]), **once)
    assert play.profiles[0].tolist() == [[1, 0], [1, 0], [1, 0]]  # then indifferent: the first
    assert play.profiles[1].tolist() == [[1, 0], [0, 1], [0, 1]]
    play = dynamics.regret_matching(CHICKEN, 3, start=([1, 0], [1, 0]), **once)
    np.testing.assert_allclose(play.profiles[0], [[1, 0], [0, 1], [2 / 3, 1 / 3]], atol=1e-15)  # regrets (0, 1), then (2, 1)
    play = dynamics.hedge(CHICKEN, 2, rate=np.log(2.0), start=([0.5, 0.5], [1, 0]), records=2)
    np.testing.assert_allclose(play.profiles[0][1], [1 / 3, 2 / 3], atol=1e-15)
    assert play.profiles[1][1].tolist() == [1.0, 0.0]
    play = dynamics.regret_matching_plus(PENNIES, 2, averaging="linear", start=([1, 0], [1, 0]), records=2)
    assert play.profiles[1][1].tolist() == [0.0, 1.0]
    np.testing.assert_allclose(play.average[1], [1 / 3, 2 / 3], atol=1e-15)


def test_conditional_regret_matching_is_the_authors_procedure():
    game, start, inertia, seed = a_game(5, (3, 2)), a_start(5, (3, 2)), 1.5, 7
    path = dynamics.conditional_regret_matching(game, 50, start=start, inertia=inertia, seed=seed, records=50)
    key, spans = stream_keys(seed, 1)[0], rules.spans(game)
    mixed, regrets, joint = [np.array(x) for x in start], [np.zeros((k, k)) for k in (3, 2)], np.zeros((3, 2))
    for t in range(50):
        cell = []
        for i, x in enumerate(mixed):
            np.testing.assert_allclose(path.profiles[i][t], x, atol=1e-12)
            cell.append(int(np.searchsorted(np.cumsum(x), uniform_plain(key, 2 * t + i), side="right")))
        joint[tuple(cell)] += 1
        for i, own in enumerate(cell):
            pays = np.take(game[i], cell[1 - i], axis=1 - i)
            regrets[i][own] += pays - pays[own]
            moves = np.maximum(regrets[i][own], 0) / (t + 1) / (inertia * (len(pays) - 1) * spans[i])
            moves[own] = 0
            mixed[i] = moves + (1 - moves.sum()) * np.eye(len(pays))[own]
    np.testing.assert_allclose(path.joint, joint / 50, atol=1e-12)


def test_drawn_play_is_reproducible_and_averages_what_was_drawn():
    for name in ("regret_matching", "hedge", "smooth_fictitious_play"):
        rule = getattr(dynamics, name)
        one, again, other = (rule(CHICKEN, 200, seed=s, start=INNER) for s in (3, 3, 4))
        np.testing.assert_array_equal(one.joint, again.joint)
        assert (one.joint != other.joint).any()
        np.testing.assert_allclose(one.joint * 200, np.rint(one.joint * 200), atol=1e-9)
        np.testing.assert_allclose(one.joint.sum(axis=1), one.average[0], atol=1e-12)
    both = dynamics.hedge(CHICKEN, 500, seed=1, start=([[0.5, 0.5]] * 2, [[0.5, 0.5]] * 2))
    assert (both.joint[0] != both.joint[1]).any()


def test_fictitious_play_converges_in_zero_sum_games_and_cycles_in_shapleys():
    for seed in range(3):
        A = a_game(seed, (4, 5))[0]
        paths = dynamics.fictitious_play([A, -A], 100_000, records=[100, 100_000])
        assert paths.average_regret < 0.02 * np.ptp(A)
        assert paths.average_regrets[1] < paths.average_regrets[0]
    cycles = dynamics.fictitious_play(SHAPLEY, 100_000, start=([1, 0, 0], [0, 1, 0]), records=50)
    assert cycles.average_regrets[25:].min() > 0.1
    assert len(np.unique(cycles.profiles[0].argmax(axis=1))) == 3
    assert cycles.coarse_slack < 1e-3  # not an equilibrium, yet nobody regrets


@pytest.mark.parametrize("seed", range(4))
def test_play_without_regret_has_the_promised_bounds(seed):
    shape, steps = (3, 4), 4000
    game = a_game(seed, shape)
    span, actions = max(rules.spans(game)), max(shape)
    for path in (dynamics.regret_matching(game, steps), dynamics.regret_matching_plus(game, steps)):
        assert path.coarse_slack <= span * np.sqrt(actions / steps)
        assert path.coarse_slack == obedience(game, path.joint, coarse=True)
    assert dynamics.hedge(game, steps).coarse_slack <= span * np.sqrt(np.log(actions) / (2 * steps)) + 1e-12
    zero_sum = np.array([game[0], -game[0]])
    path = dynamics.regret_matching_plus(zero_sum, steps, records=[steps // 100, steps])
    assert path.average_regret == regret(zero_sum, path.average)
    assert (path.average_regrets <= 2 * span * np.sqrt(actions / path.times)).all()
    for averaging in ("linear", "quadratic"):
        assert dynamics.regret_matching_plus(zero_sum, steps, averaging=averaging).average_regret < 0.02 * span


def test_conditional_regrets_lead_to_correlated_equilibria():
    for game in (SHAPLEY, CHICKEN, a_game(1, (3, 3)), a_game(2, (2, 2, 2))):
        path = dynamics.conditional_regret_matching(game, 300_000)
        assert path.slack < 0.05 * max(rules.spans(game))
    assert dynamics.regret_matching(SHAPLEY, 20_000, start=([1, 0, 0], [0, 1, 0])).coarse_slack < 0.01


def test_weights_spiral_out_where_the_optimistic_and_the_far_sighted_converge():
    out = dynamics.hedge(PENNIES, 3000, rate=0.1, start=INNER, records=3000)
    divergence = -sum(np.log(x).sum(axis=-1) for x in out.profiles)
    assert (np.diff(divergence[: np.argmax(divergence > 20)]) > 0).all()
    assert out.last_regret > 0.9
    assert out.average_regret < 0.2
    for game in (PENNIES, ZERO_SUM_SCISSORS, np.array([[[3.0, 0], [0, 2]], [[-3.0, 0], [0, -2]]])):
        start = a_start(9, game.shape[1:])
        assert dynamics.optimistic_hedge(game, 20_000, start=start).last_regret < 1e-4
        assert dynamics.extra_gradient(game, 5000, start=start).last_regret < 1e-6


RULES = ["fictitious_play", "smooth_fictitious_play", "regret_matching", "regret_matching_plus", "conditional_regret_matching"]
RULES += ["hedge", "optimistic_hedge", "extra_gradient"]


@pytest.mark.parametrize("name", RULES)
def test_scales_and_offsets_do_not_matter(name):
    game, start = a_game(11, (3, 2)), a_start(11, (3, 2))
    plain = getattr(dynamics, name)(game, 60, start=start, records=60)
    for scale, offset in ((1e-300, 0.0), (1e300, 0.0), ([[[7.0]], [[0.01]]], [[[5.0]], [[-3.0]]]), (1.0, 1e4)):
        other = getattr(dynamics, name)(game * scale + offset, 60, start=start, records=60)
        for x, y in zip(plain.profiles, other.profiles, strict=True):
            np.testing.assert_allclose(y, x, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in RULES if name != "conditional_regret_matching"])  # draws follow the order of players
def test_players_and_actions_may_be_renamed(name):
    game, start = a_game(12, (3, 2, 2)), a_start(12, (3, 2, 2))
    plain = getattr(dynamics, name)(game, 60, start=start, records=60)
    order, relabel = [2, 0, 1], [np.array([2, 0, 1]), np.array([1, 0]), np.array([1, 0])]
    moved = np.stack([game[i][np.ix_(*relabel)].transpose(order) for i in order])
    other = getattr(dynamics, name)(moved, 60, start=[start[i][relabel[i]] for i in order], records=60)
    for x, i in zip(other.profiles, order, strict=True):
        np.testing.assert_allclose(x, plain.profiles[i][:, relabel[i]], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["hedge", "optimistic_hedge"])
def test_an_action_and_its_copy_share_the_weight(name):
    game = a_game(13, (2, 3))
    doubled = game[:, [0, 0, 1]]
    plain = getattr(dynamics, name)(game, 100, rate=0.2, start=(*INNER[:1], [0.2, 0.3, 0.5]), records=20)
    other = getattr(dynamics, name)(doubled, 100, rate=0.2, start=([0.5, 0.2, 0.3], [0.2, 0.3, 0.5]), records=20)
    np.testing.assert_allclose(other.profiles[0][:, :2].sum(axis=1), plain.profiles[0][:, 0], atol=1e-12)
    np.testing.assert_allclose(other.profiles[1], plain.profiles[1], atol=1e-12)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: dynamics.hedge([[1, 2], [3]], 5), "ragged"),
        (lambda: dynamics.hedge(np.full((2, 2, 2), np.nan), 5), "nan at"),
        (lambda: dynamics.hedge(np.zeros((2, 2, 2, 2)), 5), "one axis per player"),
        (lambda: dynamics.hedge(SCISSORS, 5), "one axis per player"),
        (lambda: dynamics.hedge(PENNIES, 0), "steps is 0"),
        (lambda: dynamics.fictitious_play(PENNIES, 2.5), "steps is 2.5"),
        (lambda: dynamics.fictitious_play(PENNIES, True), "steps is True"),
        (lambda: dynamics.fictitious_play(PENNIES, 10**15), "1e.15 steps of 1 starts would read"),
        (lambda: dynamics.fictitious_play(PENNIES, 5, records=0), "records is 0"),
        (lambda: dynamics.fictitious_play(PENNIES, 5, records=[3, 2]), "ascending numbers from 1 to 5"),
        (lambda: dynamics.fictitious_play(PENNIES, 5, records=[0, 2]), "ascending numbers from 1 to 5"),
        (lambda: dynamics.fictitious_play(PENNIES, 10**9, start=np.full((2, 10**5, 2), 0.5)), "steps of 100000 starts"),
        (lambda: dynamics.fictitious_play(PENNIES, 10**10, records=10**10), "the trajectory .* GiB"),
        (lambda: dynamics.fictitious_play(PENNIES, 5, start=([1, 0],)), "start has 1 mixed actions, 2"),
        (lambda: dynamics.fictitious_play(PENNIES, 5, start=([1, 0], [1, 0, 0])), r"the start of player 1 has shape \(3,\)"),
        (lambda: dynamics.fictitious_play(PENNIES, 5, start=([1, 0], [0.5, 0.6])), "player 1 adds up to 1.1"),
        (lambda: dynamics.fictitious_play(PENNIES, 5, start=(np.full((2, 2), 0.5), np.full((3, 2), 0.5))), "leading axes"),
        (lambda: dynamics.hedge(PENNIES, 5, rate=0), "rate is 0"),
        (lambda: dynamics.hedge(PENNIES, 5, rate=[1, 2, 3]), "2 of them"),
        (lambda: dynamics.hedge(PENNIES, 5, rate=np.inf), "rate is inf"),
        (lambda: dynamics.hedge(PENNIES * 1e308, 5, rate=1e308), "beyond float64"),
        (lambda: dynamics.hedge(PENNIES, 5, seed=-1), "seed is -1"),
        (lambda: dynamics.smooth_fictitious_play(PENNIES, 5, precision=-1), "precision is -1"),
        (lambda: dynamics.regret_matching_plus(PENNIES, 5, averaging="cubic"), "averaging is 'cubic', one of uniform"),
        (lambda: dynamics.conditional_regret_matching(PENNIES, 5, inertia=1.0), "inertia is 1.0"),
        (lambda: dynamics.random_starts(PENNIES, 0), "count is 0"),
        (lambda: dynamics.random_starts(PENNIES, 2, seed=-1), "seed is -1"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, says):
    with pytest.raises(GameError, match=says):
        call()


@pytest.mark.parametrize("seed", range(3))
def test_fictitious_play_as_quantecon_plays_it(seed):
    game_theory = pytest.importorskip("quantecon.game_theory")
    A, B = a_game(seed, (3, 4))
    theirs = game_theory.FictitiousPlay(game_theory.NormalFormGame((game_theory.Player(A), game_theory.Player(B.T))))
    beliefs = theirs.time_series(200, init_actions=(0, 0))
    ours = dynamics.fictitious_play([A, B], 200, start=([1, 0, 0], [1, 0, 0, 0]), records=200)
    for mine, his in zip(ours.average_profiles, beliefs, strict=True):
        np.testing.assert_allclose(mine, his, atol=1e-9)
