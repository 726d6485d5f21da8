"""Grid games: the rules told twice, Hu and Wellman's figures, drawings that make no sense."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from gametheory_rl import GameError, load_game
from gametheory_rl.families import grid_game
from tests.families.reference import grid_walk, rows_of

STEPS = {"L": (0, -1), "R": (0, 1), "U": (-1, 0), "D": (1, 0)}
GRID_GAME_2 = ". * .\n\n. . .\n^   ^\n1 . 2"


def assert_follows_the_rules(game, cells, walls, hindered, own_goals, chance, goal, bump):
    n = game.num_players
    states = [
        placing
        for placing in product(sorted(cells), repeat=n)
        if len(set(placing)) == n and not any(s in own for s, own in zip(placing, own_goals, strict=True))
    ]
    number = {state: i for i, state in enumerate(states)} | {"end": len(states)}
    found = rows_of(game)
    assert game.num_states == len(number)
    for s, state in enumerate(states):
        for joint in product(range(4), repeat=n):
            moves = [STEPS["LRUD"[action]] for action in joint]
            aims = [(square[0] + move[0], square[1] + move[1]) for square, move in zip(state, moves, strict=True)]
            legal = [aim in cells and (square, aim) not in walls for square, aim in zip(state, aims, strict=True)]
            assert [bool(game.legal[i][s, a]) for i, a in enumerate(joint)] == legal
            if not all(legal):
                assert found[(s, *joint)] == {}
                continue
            goals, bumps, after = grid_walk(state, moves, hindered, own_goals, chance)
            expected = [goal * float(g) - bump * float(b) for g, b in zip(goals, bumps, strict=True)]
            assert game.payoff[(slice(None), s, *joint)] == pytest.approx(expected, abs=1e-12)
            assert found[(s, *joint)] == pytest.approx({number[to]: float(p) for to, p in after.items()})


def test_every_transition_of_grid_game_1():
    cells = set(product(range(3), repeat=2))
    assert_follows_the_rules(grid_game(), cells, set(), set(), [{(0, 2)}, {(0, 0)}], Fraction(1, 2), 100, 1)


def test_every_transition_of_grid_game_2():
    cells = set(product(range(3), repeat=2))
    hindered = {((2, 0), STEPS["U"]), ((2, 2), STEPS["U"])}
    assert_follows_the_rules(grid_game(GRID_GAME_2), cells, set(), hindered, [{(0, 1)}] * 2, Fraction(1, 2), 100, 1)


def test_every_transition_with_three_players_walls_and_hindrances():
    layout = "1~.>* a\n#     v\n. # .<2\n      ~\n. . 3 c"
    cells = set(product(range(3), range(4))) - {(1, 1)}
    walls = {((0, 0), (1, 0)), ((1, 0), (0, 0))}
    hindered = {
        ((0, 0), STEPS["R"]),
        ((0, 1), STEPS["L"]),
        ((0, 1), STEPS["R"]),
        ((0, 3), STEPS["D"]),
        ((1, 3), STEPS["L"]),
        ((1, 3), STEPS["D"]),
        ((2, 3), STEPS["U"]),
    }
    own_goals = [{(0, 2), (0, 3)}, {(0, 2)}, {(0, 2), (2, 3)}]
    game = grid_game(layout, goal_reward=8, bump_penalty=0.5, pass_probability=0.25)
    assert_follows_the_rules(game, cells, walls, hindered, own_goals, Fraction(1, 4), 8, 0.5)


def test_sizes():
    # 9 * 9 placings less those on one square, and those where somebody is at home.
    assert grid_game().num_states == (9 - 1) * (9 - 1) - 7 + 1
    assert grid_game(GRID_GAME_2).num_states == 8 * 7 + 1
    assert grid_game("1 . a").num_states == 2 + 1


def test_both_enter_the_shared_goal_together():
    game = grid_game(GRID_GAME_2)
    state = game.labels.states.index("1(0,0) 2(0,2)")
    right, left = 1, 0
    assert game.payoff[:, state, right, left].tolist() == [100, 100]
    assert rows_of(game)[state, right, left] == {game.num_states - 1: 1.0}


def best_conceivable(game, weights):
    """Values of the super-agent who moves both players for the weighted payoffs."""
    team = game.centralised(weights)
    values = np.zeros(team.num_states)
    transition = team.sparse().transition
    for _ in range(60):
        q = team.payoff[0] + 0.99 * (transition @ values).reshape(team.num_states, -1)
        values = np.where(team.legal[0], q, -np.inf).max(axis=1)
    return values


def test_grid_game_1_pays_both_the_most_that_is_conceivable():
    game = load_game("grid_game_1")
    start = int(game.start.argmax())
    alone = [best_conceivable(game, weights)[start] for weights in ((1, 0), (0, 1))]
    together = best_conceivable(game, (0.5, 0.5))[start]
    # Each alone could earn no more than both earn together: shortest paths that do not meet are an equilibrium.
    assert alone == pytest.approx([100 * 0.99**3] * 2)
    assert together == pytest.approx(100 * 0.99**3)
    values = np.stack([best_conceivable(game, (0.5, 0.5))] * 2)
    stage = game.stage(start, values)
    right, left, up = 1, 0, 2
    assert stage[:, right, left] == pytest.approx([95.06] * 2, abs=5e-3)
    for actions in ((right, up), (up, left), (up, up)):
        assert stage[(0, *actions)] == pytest.approx(97.03, abs=5e-3)


def continuation_of_grid_game_2(game):
    """Values ``(2, S)`` of the states after the first move in which both then run, by their shortest ways, without meeting."""
    values = np.zeros((2, game.num_states))
    distance = {(2, 0): 3, (2, 1): 2, (2, 2): 3, (1, 0): 2, (1, 2): 2}
    for one, two in product(distance, repeat=2):
        if one != two:
            first = min(distance[one], distance[two])
            state = game.labels.states.index(f"1({one[0]},{one[1]}) 2({two[0]},{two[1]})")
            for player, square in enumerate((one, two)):
                values[player, state] = 100 * 0.99 ** (first - 1) * (distance[square] == first)
    return values


def test_grid_game_2_has_the_three_equilibria_of_the_paper():
    game = load_game("grid_game_2")
    start = int(game.start.argmax())
    right, left, up = 1, 0, 2
    for mine, theirs, wanted in ((right, up, (98.01, 49.005)), (up, left, (49.005, 98.01))):
        values = continuation_of_grid_game_2(game)
        values[:, start] = wanted
        stage = game.stage(start, values)
        assert stage[:, mine, theirs] == pytest.approx(wanted)
        assert stage[0, mine, theirs] == pytest.approx(np.nanmax(stage[0, :, theirs]))
        assert stage[1, mine, theirs] == pytest.approx(np.nanmax(stage[1, mine]))


def test_grid_game_2_mixed_equilibrium():
    game = load_game("grid_game_2")
    start = int(game.start.argmax())
    right, left, up = 1, 0, 2
    value, mix = 49.0, np.zeros(2)
    for _ in range(200):  # value <- the mixed equilibrium's payoff of the stage game, which is a contraction here
        values = continuation_of_grid_game_2(game)
        values[:, start] = value
        stage = game.stage(start, values)[0][np.ix_((right, up), (left, up))]
        p = (stage[1, 1] - stage[0, 1]) / (stage[0, 0] - stage[0, 1] - stage[1, 0] + stage[1, 1])
        mix = np.array([p, 1 - p])
        value = float(stage[0] @ mix)
    assert value == pytest.approx(49.369, abs=5e-4)
    assert mix[0] == pytest.approx(0.970, abs=5e-4)


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        ("", "line 1, column 1 of the layout is ' '"),
        ("x . a", "line 1, column 1 of the layout is 'x'"),
        ("1 . a\n x\n. . .", "line 2, column 2 of the layout is 'x', but a corner"),
        ("1^. a", "line 1, column 2 of the layout is '\\^', but an edge"),
        (". . *", "0 starts 1"),
        ("1 1 *", "2 starts 1"),
        ("1 3 *", "0 starts 2"),
        ("1 . b", "a goal of player 2 but 1 start"),
        ("1 2 a", "no goal of player 2"),
        ("1#. a", "no move leads out of the square \\(0, 0\\)"),
        ("1", "no goal of player 1"),
        (7, "layout is 7"),
    ],
)
def test_drawings_that_make_no_sense(layout, message):
    with pytest.raises(GameError, match=message):
        grid_game(layout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pass_probability": 2}, "pass_probability is 2"),
        ({"goal_reward": float("inf")}, "goal_reward is inf"),
        ({"discount": "0.9"}, "discount is '0.9'"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(GameError, match=message):
        grid_game(**arguments)


def test_too_many_players_for_the_memory():
    with pytest.raises(GameError, match="GiB are free"):
        grid_game(" ".join("123456789" + "*" + "." * 20))
