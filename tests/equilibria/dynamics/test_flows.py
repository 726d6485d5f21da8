import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from gametheory_rl import GameError
from gametheory_rl.equilibria import dynamics, lemke_howson, regret
from tests.equilibria.dynamics import rules
from tests.equilibria.dynamics.rules import INNER, PENNIES, SCISSORS, a_game, a_start, earned

FLOWS = ["replicator", "best_response", "logit", "iga", "wolf_iga"]


def integrated(payoffs, start, times, velocity):
    """Profiles at ``times`` by another integrator; ``velocity(i, x, u)`` of player i."""
    cuts = np.cumsum([len(x) for x in start])[:-1]

    def field(_, flat):
        profile = np.split(flat, cuts)
        return np.concatenate([velocity(i, x, u) for i, (x, u) in enumerate(zip(profile, earned(payoffs, profile), strict=True))])

    found = solve_ivp(field, (0, times[-1]), np.concatenate(start), t_eval=times, rtol=1e-11, atol=1e-13)
    return np.split(found.y.T, cuts, axis=1)


@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (2, 3, 2), (1, 3), (3,)])
def test_replicator_and_logit_are_their_equations(shape):
    game, start = a_game(1, shape), a_start(2, shape)
    path = dynamics.replicator(game, 10, start=start, rate=0.5, records=21)
    wanted = integrated(game, start, path.times, lambda i, x, u: 0.5 * x * (u - x @ u))
    for x, y in zip(path.profiles, wanted, strict=True):
        np.testing.assert_allclose(x, y, atol=1e-6)
    assert path.step_error < 1e-6
    path = dynamics.logit(game, 10, start=start, precision=2.0, records=21)
    wanted = integrated(game, start, path.times, lambda i, x, u: rules.softmax(2.0 * u) - x)
    for x, y in zip(path.profiles, wanted, strict=True):
        np.testing.assert_allclose(x, y, atol=1e-5)


def test_the_error_is_estimated_and_falls_with_the_fourth_power():
    game, start = a_game(1, (3, 3)), a_start(2, (3, 3))
    exact = dynamics.replicator(game, 20, start=start, step=0.001, records=2)
    for step in (0.2, 0.1):
        path = dynamics.replicator(game, 20, start=start, step=step, records=2)
        off = max(abs(x - y).max() for x, y in zip(path.last, exact.last, strict=True))
        assert 0.5 < path.step_error / off < 2.0
        assert path.step == pytest.approx(step)
    finer = dynamics.replicator(game, 20, start=start, step=0.05, records=2)
    assert 10 < path.step_error / finer.step_error < 24


def test_one_population():
    start = [0.5, 0.3, 0.2]
    hawk_dove = [[-1, 4], [0, 2]]
    for flow in (dynamics.replicator, dynamics.best_response):
        path = flow(hawk_dove, 60, start=[0.1, 0.9])
        assert len(path.profiles) == 1
        np.testing.assert_allclose(path.last[0], [2 / 3, 1 / 3], atol=0.01)
        assert path.last_regret < 0.05
    cycle = dynamics.replicator(SCISSORS, 200, start=start, records=500)
    np.testing.assert_allclose(cycle.profiles[0].prod(axis=1), 0.03, atol=1e-6)
    np.testing.assert_allclose(cycle.average[0], np.full(3, 1 / 3), atol=0.02)  # time averages are the equilibrium
    assert np.ptp(cycle.profiles[0][:, 0]) > 0.3
    outward = dynamics.replicator(SCISSORS - 0.2 * (SCISSORS < 0), 200, start=start)
    inward = dynamics.replicator(SCISSORS + 0.2 * (SCISSORS > 0), 200, start=start)
    assert outward.last[0].prod() < 1e-4
    assert inward.last[0].prod() > 0.036
    both = np.array([SCISSORS, SCISSORS.T])
    np.testing.assert_allclose(cycle.last[0], dynamics.replicator(both, 200, start=(start, start)).last[0], atol=1e-6)
    assert cycle.last_regret == regret(both, (cycle.last[0], cycle.last[0]))
    np.testing.assert_allclose(dynamics.logit(SCISSORS, start=start).last[0], np.full(3, 1 / 3), atol=1e-6)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_relative_entropy_is_conserved_in_zero_sum_games(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.dirichlet(np.full(3, 5.0)), rng.dirichlet(np.full(4, 5.0))
    A = rng.normal(size=(3, 4))
    A = A - (A @ y)[:, None]
    A = A - x @ A  # now x and y make the other indifferent
    rates = rng.uniform(0.2, 1.0, 2)
    path = dynamics.replicator([A, -A], 50, rate=rates, start=a_start(seed, (3, 4)))
    entropy = sum(-(e * np.log(z)).sum(axis=1) / r for e, z, r in zip((x, y), path.profiles, rates, strict=True))
    assert np.ptp(entropy) < 1e-3 * (1 + abs(entropy).max())


@given(st.integers(0, 2**32 - 1), st.sampled_from(FLOWS))
@settings(max_examples=40)
def test_paths_stay_in_the_simplex(seed, name):
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    starts = dynamics.random_starts(a_game(seed, shape), 3, seed=seed)
    path = getattr(dynamics, name)(a_game(seed, shape), 20, start=starts, step=rng.choice([0.01, 0.1, 1.0]))
    for x in (*path.profiles, *path.average_profiles):
        assert x.min() >= 0.0
        np.testing.assert_allclose(x.sum(axis=-1), 1.0, atol=1e-12)


def test_faces_of_the_simplex_are_left_by_nobody():
    path = dynamics.replicator(SCISSORS, 30, start=[0.4, 0.6, 0.0])
    assert (path.profiles[0][:, 2] == 0.0).all()
    np.testing.assert_allclose(path.last[0], [0, 1, 0], atol=1e-6)


def test_best_responses_move_straight():
    path = dynamics.best_response(SCISSORS, 0.2, start=[0.6, 0.3, 0.1], step=0.05, records=5)
    for t, x in zip(path.times, path.profiles[0], strict=True):
        np.testing.assert_allclose(x, [0.6 * np.exp(-t), 1 - 0.7 * np.exp(-t), 0.1 * np.exp(-t)], atol=1e-13)
    assert path.step_error < 1e-13
    both, start = np.array([SCISSORS, -SCISSORS]), ([0.6, 0.3, 0.1], [0.2, 0.5, 0.3])
    rough, fine = (dynamics.best_response(both, 30, start=start, step=step).regrets[50:].max() for step in (0.01, 0.0001))
    assert fine < 0.2 * rough < 0.05  # zigzags of the size of the square root of the step
    zero = dynamics.best_response(np.zeros((2, 2, 3)), 1)
    assert zero.last_regret == 0.0


def test_gradient_ascent_circles_where_wolf_converges():
    circle = dynamics.iga(PENNIES, 100, start=INNER, rate=0.5)
    x, y = (z[:, 0] - 0.5 for z in circle.profiles)
    np.testing.assert_allclose(x, 0.2 * np.cos(2 * circle.times) - 0.1 * np.sin(2 * circle.times), atol=2e-4)
    np.testing.assert_allclose(x**2 + y**2, 0.05, atol=2e-5)
    wolf = dynamics.wolf_iga(PENNIES, 100, start=INNER)
    assert wolf.last_regret < 1e-4
    slow = dynamics.wolf_iga(PENNIES, 20, start=INNER, winning=1.0, records=9)
    np.testing.assert_array_equal(slow.profiles[0], dynamics.iga(PENNIES, 20, start=INNER, records=9).profiles[0])


@pytest.mark.parametrize("seed", range(12))
def test_two_by_two_games(seed):
    game = a_game(seed, (2, 2))
    starts = dynamics.random_starts(game, 4, seed=seed)
    assert (dynamics.wolf_iga(game, 1000, start=starts, winning=0.25).last_regret < 0.02).all()
    # Singh, Kearns and Mansour, theorem 1: average payoffs are those of an equilibrium, play or not.
    path = dynamics.iga(game, 1000, start=starts, records=4001)
    values = np.einsum("iab,kta,ktb->ikt", game, *path.profiles).mean(axis=2)
    known = [dynamics.iga(game, 1000, start=x).last for x in [np.eye(2)[[0, 0]], np.eye(2)[[0, 1]], np.eye(2)[[1, 0]], np.eye(2)[[1, 1]]]]
    profiles = [p for p in known if regret(game, p) < 1e-9] + [lemke_howson(*game, label=k).profile for k in range(4)]
    wanted = np.array([np.einsum("iab,a,b->i", game, *p) for p in profiles])
    assert (abs(values.T[:, None] - wanted).max(axis=2).min(axis=1) < 0.05).all()


def test_projected_gradients_in_larger_games():
    rng = np.random.default_rng(0)
    game = np.stack([rng.normal(size=(3, 4))] * 2)  # common interest: climbing ends at an equilibrium
    path = dynamics.iga(game, 200, start=a_start(1, (3, 4)))
    assert path.last_regret < 1e-9
    inside = dynamics.iga(game, 0.02, start=([0.3, 0.3, 0.4], [0.25] * 4), rate=1.0, step=0.0001, records=2)
    u = earned(game, ([0.3, 0.3, 0.4], [0.25] * 4))[0]
    np.testing.assert_allclose((inside.last[0] - [0.3, 0.3, 0.4]) / 0.02, 2 * (u - u.mean()), atol=0.05)


@pytest.mark.parametrize("name", FLOWS)
def test_scales_offsets_and_names_do_not_matter(name):
    game, start = a_game(21, (2, 2)), a_start(22, (2, 2))
    flow = getattr(dynamics, name)
    plain = flow(game, 5, start=start, records=11)
    for scale, offset in ((1e-300, 0.0), (1e300, 0.0), ([[[7.0]], [[0.01]]], [[[5.0]], [[-3.0]]])):
        other = flow(game * scale + offset, 5, start=start, records=11)
        for x, y in zip(plain.profiles, other.profiles, strict=True):
            np.testing.assert_allclose(y, x, rtol=0, atol=1e-9)
    swapped = flow(game[::-1].transpose(0, 2, 1), 5, start=start[::-1], records=11)
    np.testing.assert_allclose(swapped.profiles[1], plain.profiles[0], atol=1e-9)
    turned = flow(game[:, ::-1], 5, start=(start[0][::-1], start[1]), records=11)
    np.testing.assert_allclose(turned.profiles[0][:, ::-1], plain.profiles[0], atol=1e-9)


def test_an_action_and_its_copy_share():
    game = a_game(23, (2, 3))
    plain = dynamics.replicator(game, 20, start=([0.7, 0.3], [0.2, 0.3, 0.5]))
    twice = dynamics.replicator(game[:, [0, 0, 1]], 20, start=([0.5, 0.2, 0.3], [0.2, 0.3, 0.5]))
    np.testing.assert_allclose(twice.profiles[0][:, :2].sum(axis=1), plain.profiles[0][:, 0], atol=1e-10)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: dynamics.replicator(np.zeros((2, 3))), r"has shape \(2, 3\); one population needs"),
        (lambda: dynamics.replicator(PENNIES, 0), "duration is 0"),
        (lambda: dynamics.replicator(PENNIES, np.inf), "duration is inf"),
        (lambda: dynamics.replicator(PENNIES, step=-1), "step is -1"),
        (lambda: dynamics.replicator(PENNIES, step="x"), "step is 'x'"),
        (lambda: dynamics.replicator(PENNIES, 1e20), "would read"),
        (lambda: dynamics.replicator(PENNIES, 10, records=[1.0, 11.0]), "from 0 to 10"),
        (lambda: dynamics.replicator(SCISSORS, start=([1, 0], [1, 0])), r"shape \(2, 2\), \(..., 3\)"),
        (lambda: dynamics.logit(PENNIES, precision=np.nan), "nan"),
        (lambda: dynamics.iga(SCISSORS), "one axis per player"),
        (lambda: dynamics.wolf_iga(PENNIES, winning=1.5), "winning is 1.5"),
        (lambda: dynamics.wolf_iga(PENNIES, equilibrium=([1, 0],)), "equilibrium has 1"),
        (lambda: dynamics.wolf_iga(PENNIES, equilibrium=([1, 0], [1, 1])), "equilibrium action of player 1 adds up to 2"),
        (lambda: dynamics.wolf_iga(np.zeros((3, 2, 2, 2))), "with 3 players"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, says):
    with pytest.raises(GameError, match=says):
        call()


def test_as_nashpy_integrates():
    nashpy = pytest.importorskip("nashpy")
    A, B = a_game(31, (3, 3)), np.linspace(0, 5, 6)
    theirs = nashpy.Game(A[0]).replicator_dynamics(y0=[0.5, 0.3, 0.2], timepoints=B)
    ours = dynamics.replicator(A[0], 5, start=[0.5, 0.3, 0.2], rate=1.0, records=B)
    np.testing.assert_allclose(ours.profiles[0], theirs, atol=1e-5)
    x, y = a_start(32, (3, 3))
    rows, columns = nashpy.Game(*A).asymmetric_replicator_dynamics(x0=x, y0=y, timepoints=B)
    both = dynamics.replicator(A, 5, start=(x, y), rate=1.0, records=B)
    np.testing.assert_allclose(both.profiles[0], rows, atol=1e-5)
    np.testing.assert_allclose(both.profiles[1], columns, atol=1e-5)
