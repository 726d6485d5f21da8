"""Differential games: payoffs by their formulas, slopes by differences, and the basins that arithmetic gives."""

import numpy as np
import pytest

from gametheory_rl import GameError, families
from gametheory_rl.families import DIFFERENTIAL_GAMES, DifferentialGame, differential_game, gradient_path, recursive_path

FORMULAS = {
    "two_quadratics": lambda a, b: (max(0.8 * (-(((a + 5) / 3) ** 2) - ((b + 5) / 3) ** 2), 10 - (a - 5) ** 2 - (b - 5) ** 2),) * 2,
    "bilinear": lambda a, b: (a * b / 10, -a * b / 10),
    "chase": lambda a, b: (-((a - b) ** 2) / 10, -((a + b) ** 2) / 10),
    "duopoly": lambda a, b: (a * (6 - a - b), b * (6 - a - b)),
}


@pytest.mark.parametrize("name", DIFFERENTIAL_GAMES)
def test_payoffs_and_slopes_are_the_formulas(name):
    game = differential_game(name)
    points = np.random.default_rng(0).uniform(-10, 10, (200, 2))
    np.testing.assert_allclose(game.payoffs(points), [FORMULAS[name](*point) for point in points], atol=1e-9)
    shift, slopes = 1e-6, []
    for i in range(2):
        step = shift * np.eye(2)[i]
        slopes.append((game.payoffs(points + step) - game.payoffs(points - step))[:, i] / (2 * shift))
    np.testing.assert_allclose(game.gradients(points), np.stack(slopes, axis=1), atol=1e-5)


def reached(path, game):
    return game.payoffs(path[-1])[..., 0]


def test_gates_of_the_two_quadratics():
    game = differential_game("two_quadratics")
    starts = [[1.6, 1.6], [0.0, 0.0]]
    np.testing.assert_allclose(reached(recursive_path(game, starts), game), [10, 0], atol=1e-6)
    np.testing.assert_allclose(reached(gradient_path(game, starts), game), [0, 0], atol=1e-6)


@pytest.mark.parametrize(("temperature", "border"), [(0.0, 1.319), (0.1, 1.31), (0.5, 1.278), (1.0, 1.235)])
def test_basins_of_recursive_reasoning(temperature, border):
    game = differential_game("two_quadratics")
    starts = np.repeat([[border - 0.005], [border + 0.005]], 2, axis=1)
    np.testing.assert_allclose(
        reached(recursive_path(game, starts, temperature=temperature, rate=0.15, steps=600), game), [0, 10], atol=1e-2
    )


def test_basin_of_plain_gradients():
    game = differential_game("two_quadratics")
    starts = [[1.946, 1.946], [1.956, 1.956]]
    np.testing.assert_allclose(reached(gradient_path(game, starts), game), [0, 10], atol=1e-6)


def test_what_gradients_and_reasoners_do_elsewhere():
    duopoly, bilinear, chase = map(differential_game, ("duopoly", "bilinear", "chase"))
    np.testing.assert_allclose(gradient_path(duopoly, [[0, 5]])[-1], [[2, 2]], atol=1e-9)
    np.testing.assert_allclose(gradient_path(chase, [[1, 5]])[-1], [[0, 0]], atol=1e-7)
    turning = np.hypot(*gradient_path(bilinear, [1, 0], steps=300).T)
    np.testing.assert_allclose(turning[1:] / turning[:-1], np.sqrt(1 + 0.01**2), atol=1e-9)
    # Who counts on the other's help goes to the border: |a| * 10 / 10 rises with |a|, and so do 6 a - a^2 + 10 a up to a = 8.
    np.testing.assert_allclose(recursive_path(bilinear, [1, -2])[-1], [10, -10], atol=1e-9)
    np.testing.assert_allclose(recursive_path(duopoly, [1, 2])[-1], [8, 8], atol=1e-9)
    np.testing.assert_allclose(recursive_path(chase, [1, -2])[-1], [1, -2], atol=1e-9)


def test_what_is_refused():
    game = differential_game("chase")
    with pytest.raises(GameError, match="differential game"):
        differential_game("chasee")
    for starts in ([1, 2, 3], [11, 0], [np.nan, 0]):
        with pytest.raises(GameError, match="starts have shape"):
            gradient_path(game, starts)
    for knobs in ({"rate": 0}, {"steps": -1}, {"steps": 1.5}):
        with pytest.raises(GameError, match="rate is"):
            gradient_path(game, [0, 0], **knobs)
    for temperature in (-1, np.nan, "hot"):
        with pytest.raises(GameError, match="temperature"):
            recursive_path(game, [0, 0], temperature=temperature)
    with pytest.raises(GameError, match="3 players"):
        recursive_path(DifferentialGame("three", np.zeros((3, 1)), np.zeros((3, 1, 3)), np.zeros((3, 1, 3, 3)), 1.0), [0, 0, 0])
    with pytest.raises(GameError, match="bound"):
        DifferentialGame("x", np.zeros((2, 1)), np.zeros((2, 1, 2)), np.zeros((2, 1, 2, 2)), 0.0)
    with pytest.raises(GameError, match="linear has shape"):
        DifferentialGame("x", np.zeros((2, 1)), np.zeros((2, 2)), np.zeros((2, 1, 2, 2)), 1.0)
    assert "differential_game" in families.__all__
