"""StochasticGame: what the door refuses, what it keeps, and that dense and sparse are one game."""

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array, csc_array, csr_array, csr_matrix

import gametheory_rl as gt
from gametheory_rl import GameError, StochasticGame
from gametheory_rl._game_checks import checked_profile, joint_legal
from gametheory_rl._games import Board, Labels, Successors
from gametheory_rl._support import _memory


def tensors(players=2, states=3, actions=(2, 3), seed=0):
    """Payoffs and transitions of a random game, every row a distribution."""
    rng = np.random.default_rng(seed)
    payoff = rng.normal(size=(players, states, *actions))
    transition = rng.dirichlet(np.full(states, 0.5), size=(states, *actions))
    return payoff, transition


@st.composite
def games(draw, min_players=1, max_players=3):
    """Draw a small game: one to three players, ragged masks, rows with few successors, dense or sparse."""
    n = draw(st.integers(min_players, max_players))
    num_states = draw(st.integers(1, 4))
    actions = tuple(draw(st.integers(1, 3)) for _ in range(n))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    payoff = rng.normal(size=(n, num_states, *actions)) * draw(st.sampled_from([0.0, 1e-9, 1.0, 1e9]))
    transition = rng.dirichlet(np.full(num_states, 0.3), size=(num_states, *actions))
    transition[transition < 0.1] = 0.0
    transition /= transition.sum(axis=-1, keepdims=True)
    legal = [rng.random((num_states, a)) < 0.7 for a in actions]
    for mask in legal:
        mask[:, 0] = True
    discount = rng.uniform(size=n)
    sparse = draw(st.booleans())
    return StochasticGame(payoff, flat_csr(transition) if sparse else transition, discount, legal=legal)


def flat_csr(transition):
    return csr_array(transition.reshape(-1, transition.shape[-1]))


def dense_of(game) -> np.ndarray:
    return np.asarray(game.dense().transition)


def assert_same_game(one, other, rounding=0.0):
    for name in ("payoff", "discount", "start"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for mask, twin in zip(one.legal, other.legal, strict=True):
        np.testing.assert_array_equal(mask, twin)
    np.testing.assert_array_equal(one.terminal, other.terminal)
    np.testing.assert_array_equal(one.successors.offsets, other.successors.offsets)
    np.testing.assert_array_equal(one.successors.states, other.successors.states)
    np.testing.assert_allclose(one.successors.probabilities, other.successors.probabilities, rtol=0, atol=rounding)
    assert (one.labels, one.name) == (other.labels, other.name)


def refused(message, *arguments, **settings):
    with pytest.raises(GameError, match=message) as caught:
        StochasticGame(*arguments, **settings)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 300


# ---- the door: payoffs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_payoffs_must_be_finite_and_the_place_is_named(bad):
    payoff, transition = tensors()
    payoff[1, 2, 0, 1] = bad
    refused(re.escape(f"payoff of player 1, state 2, joint action (0, 1) is {bad}"), payoff, transition, 0.9)
    labels = {"states": ["a", "b", "goal"], "actions": [["up", "down"], ["x", "y", "z"]]}
    refused(r"player 1, state 2 \(goal\), joint action \(0 \(up\), 1 \(y\)\)", payoff, transition, 0.9, labels=labels)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((), r"payoff has shape \(\)"),
        ((2, 3), r"payoff has shape \(2, 3\), \(players, states"),
        ((2, 3, 2), "2 players need 2 action axes, 1 were given"),
        ((3, 1, 2, 2), "3 players need 3 action axes, 2 were given"),
        ((2, 0, 2, 2), "at least one player, state and action"),
        ((2, 3, 2, 0), "at least one player, state and action"),
    ],
)
def test_payoff_shapes(shape, message):
    refused(message, np.zeros(shape), np.zeros((3, 2, 2, 3)), 0.9)


@pytest.mark.parametrize("payoff", [[[[1, 2], [3]]], "text", [[["a"]]], None, [[[1 + 2j]]], np.array([[[1 + 2j]]]), [[[object()]]]])
def test_payoffs_must_be_numbers(payoff):
    refused("payoff (is not an array of real numbers|has shape)", payoff, np.ones((1, 1, 1)), 0.9)


# ---- the door: transitions -------------------------------------------------------------------------------------------


def forms(transition):
    """The same transitions in every form that is taken."""
    flat = transition.reshape(-1, transition.shape[-1])
    rows, columns = np.nonzero(np.ones_like(flat))
    lists = Successors(np.arange(len(flat) + 1) * flat.shape[1], columns, flat[rows, columns])
    return {
        "dense": transition,
        "nested lists": transition.tolist(),
        "csr": csr_array(flat),
        "csc": csc_array(flat),
        "coo": coo_array(flat),
        "old matrix": csr_matrix(flat),
        "lists": lists,
    }


FORMS = ["dense", "nested lists", "csr", "csc", "coo", "old matrix", "lists"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (0.3, "sums to 1.3, 1 was expected"),
        (-0.5, "holds a negative number|sums to 0.5"),
        (np.nan, "holds NaN or infinity"),
        (np.inf, "holds NaN or infinity"),
        (2e-8, "sums to 1.00000002, 1 was expected"),
    ],
)
def test_a_row_must_be_a_distribution_and_the_place_is_named(form, bad, complaint):
    payoff, transition = tensors()
    transition[1, 0, 2] = [1.0, bad, 0.0]
    refused(rf"transition row of state 1, joint action \(0, 2\) ({complaint})", payoff, forms(transition)[form], 0.9)


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_row_is_refused(form):
    payoff, transition = tensors()
    transition[2, 1, 1] = 0.0
    refused(r"state 2, joint action \(1, 1\) sums to 0, 1 was expected", payoff, forms(transition)[form], 0.9)


@pytest.mark.parametrize("form", FORMS)
def test_rows_off_by_rounding_are_rescaled(form):
    payoff, transition = tensors()
    off = transition * (1 + 5e-9)
    game = StochasticGame(payoff, forms(off)[form], 0.9)
    np.testing.assert_allclose(dense_of(game), transition, rtol=1e-15)
    np.testing.assert_allclose(np.add.reduceat(game.successors.probabilities, game.successors.offsets[:-1]), 1.0, rtol=1e-15)


def test_wrong_shapes_of_transitions():
    payoff, transition = tensors()
    refused(r"transition has shape \(3, 2, 3\), \(3, 2, 3, 3\) was expected", payoff, transition[:, :, 0], 0.9)
    refused(r"transition has shape \(17, 3\), \(18, 3\)", payoff, flat_csr(transition)[:-1], 0.9)
    refused("must rise from 0 and number 19", payoff, Successors(np.zeros(4), np.zeros(0), np.zeros(0)), 0.9)
    offsets = np.arange(19)
    refused(r"\(17,\) states and \(18,\) probabilities, 18", payoff, Successors(offsets, np.zeros(17), np.ones(18)), 0.9)
    refused("a successor is state 3, 0 to 2 was expected", payoff, Successors(offsets, np.full(18, 3), np.ones(18)), 0.9)
    refused("a successor is state -1, 0 to 2 was expected", payoff, Successors(offsets, np.full(18, -1), np.ones(18)), 0.9)
    refused("successor states are not whole numbers", payoff, Successors(offsets, np.full(18, 0.5), np.ones(18)), 0.9)
    refused("transition is not an array of real numbers", payoff, [[1], [2, 3]], 0.9)
    refused("transition holds complex128", payoff, flat_csr(transition).astype(complex), 0.9)


def test_duplicate_entries_are_summed():
    payoff, transition = np.zeros((1, 2, 1)), csr_array(([0.25, 0.5, 0.25, 1.0], [1, 0, 1, 0], [0, 3, 4]), shape=(2, 2))
    game = StochasticGame(payoff, transition, 0.5)
    np.testing.assert_array_equal(game.dense().transition, [[[0.5, 0.5]], [[1.0, 0.0]]])
    lists = Successors(np.array([0, 3, 4]), np.array([1, 0, 1, 0]), np.array([0.25, 0.5, 0.25, 1.0]))
    assert_same_game(game, StochasticGame(payoff, lists, 0.5))
    np.testing.assert_array_equal(game.successors.states, [0, 1, 0])


def test_zeros_are_not_successors():
    lists = Successors(np.array([0, 2]), np.array([0, 0]), np.array([0.0, 1.0]))
    assert len(StochasticGame(np.zeros((1, 1, 1)), lists, 0.5).successors.states) == 1


# ---- the door: the rest ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("discount", [-0.1, 1.1, np.nan, np.inf, [0.5, 1.5], [0.5], [0.1, 0.2, 0.3], "x", None, [[0.5, 0.5]]])
def test_discounts_outside_the_unit_interval(discount):
    refused("discount", *tensors(), discount)


@pytest.mark.parametrize("discount", [0, 1, 0.5, [0.0, 1.0], np.float32(0.5)])
def test_discounts_inside(discount):
    game = StochasticGame(*tensors(), discount)
    np.testing.assert_array_equal(game.discount, np.broadcast_to(discount, 2))
    assert game.discount.dtype == np.float64


@pytest.mark.parametrize("start", [[1.0], [0.5, 0.5, 0.5], [1.5, -0.5, 0.0], [np.nan, 0.5, 0.5], [np.inf, 0, 0], [0, 0, 0], "x"])
def test_a_start_that_is_no_distribution(start):
    refused("start", *tensors(), 0.9, start=start)


def test_the_default_start_is_uniform_over_the_states_that_go_on():
    payoff, transition = tensors()
    payoff[:, 1], transition[1] = 0.0, [0.0, 1.0, 0.0]
    game = StochasticGame(payoff, transition, 0.9)
    np.testing.assert_array_equal(game.terminal, [False, True, False])
    np.testing.assert_array_equal(game.start, [0.5, 0.0, 0.5])
    all_end = StochasticGame(np.zeros((1, 2, 1)), np.eye(2)[:, np.newaxis], 0.9)
    np.testing.assert_array_equal(all_end.start, [0.5, 0.5])


def test_an_absorbing_state_that_pays_is_not_terminal():
    payoff = np.zeros((1, 2, 2))
    payoff[0, 0, 1] = 1.0
    game = StochasticGame(payoff, np.eye(2)[:, np.newaxis].repeat(2, axis=1), 0.9)
    np.testing.assert_array_equal(game.terminal, [False, True])


@pytest.mark.parametrize(
    ("legal", "message"),
    [
        ([np.ones((3, 2))], "legal has 1 masks, one for each of 2 players"),
        ([np.ones((3, 3)), np.ones((3, 3))], r"legal\[0\] has shape \(3, 3\), \(3, 2\)"),
        ([np.ones((3, 2)), np.full((3, 3), 2)], r"legal\[1\] holds values other than True and False"),
        ([np.ones((3, 2)), np.full((3, 3), np.nan)], r"legal\[1\] holds values other than True and False"),
        ([np.ones((3, 2)), [[1, 1, 1], [0, 0, 0], [1, 1, 1]]], "player 1 has no legal action in state 1"),
        (np.ones((3, 2)), "legal is not a sequence"),
        ([np.ones((3, 2)), [[1], [1, 1], [1]]], r"legal\[1\]"),
        (7, "legal"),
        ([np.ones((3, 2)), None], r"legal\[1\]"),
        ([np.ones((3, 2)), "yes"], r"legal\[1\]"),
    ],
)
def test_masks(legal, message):
    refused(message, *tensors(), 0.9, legal=legal)


def test_what_stands_at_illegal_joint_actions_is_ignored():
    payoff, transition = tensors()
    legal = [np.ones((3, 2), dtype=bool), np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])]
    clean = StochasticGame(payoff, transition, 0.9, legal=legal)
    payoff[:, 0, :, 2], transition[2, :, 0] = np.nan, np.inf
    transition[0, :, 2] = 0.0
    assert_same_game(clean, StochasticGame(payoff, transition, 0.9, legal=legal))
    assert_same_game(clean, StochasticGame(payoff, flat_csr(transition), 0.9, legal=legal), rounding=1e-16)
    assert not clean.payoff[:, 0, :, 2].any()
    assert np.isnan(clean.stage(0)[:, :, 2]).all()
    assert np.isfinite(clean.stage(0)[:, :, :2]).all()


@pytest.mark.parametrize(
    "labels",
    [
        {"players": ["one"]},
        {"states": ["a"]},
        {"actions": [["x", "y"]]},
        {"actions": [["x"], ["x", "y", "z"]]},
        {"action": []},
        ["a"],
        Labels(states=("a",)),
        {"states": 5},
    ],
)
def test_labels_that_do_not_fit(labels):
    refused("labels", *tensors(), 0.9, labels=labels)


def test_labels():
    game = StochasticGame(*tensors(actions=(2, 2)), 0.9, labels={"actions": ["left", "right"], "players": ["A", "B"]})
    assert game.labels.actions == (("left", "right"), ("left", "right"))
    assert (game.labels.action(1, 0), game.labels.state(2), game.labels.player(1)) == ("left", "2", "B")
    plain = StochasticGame(*tensors(), 0.9).labels
    assert (plain.action(1, 0), plain.state(2), plain.player(1)) == ("0", "2", "player 2")


def test_a_board_has_to_fit():
    payoff, transition = tensors()
    positions = np.zeros((2, 3, 2), dtype=int)
    assert StochasticGame(payoff, transition, 0.9, board=Board((1, 1), positions)).board is not None
    refused("board.positions has shape", payoff, transition, 0.9, board=Board((1, 1), positions[:1]))
    refused("board is 'x', a Board was expected", payoff, transition, 0.9, board="x")
    refused("board.holder has shape", payoff, transition, 0.9, board=Board((1, 1), positions, np.zeros(2)))


# ---- memory ----------------------------------------------------------------------------------------------------------


def test_payoffs_that_do_not_fit_are_refused_before_they_are_copied():
    vast = np.broadcast_to(0.0, (2, 10**9, 50, 50))
    with pytest.raises(GameError, match=r"payoff \(2 x 1000000000 x 50 x 50\) needs 3.73e\+04 GiB"):
        StochasticGame(vast, np.eye(2), 0.9)
    with pytest.raises(GameError, match="the matrix game .* GiB"):
        StochasticGame.from_matrix_game(np.broadcast_to(0.0, (10**6, 10**7)))


def test_a_span_beyond_float64_is_infinite_without_a_warning():
    assert StochasticGame.from_matrix_game([[1e308, -1e308]] * 2).payoff_span == np.inf


def test_what_does_not_fit_is_refused_before_it_is_taken(monkeypatch):
    payoff, transition = tensors(states=50)
    game = StochasticGame(payoff, flat_csr(transition), 0.9)
    monkeypatch.setattr(_memory, "available_bytes", lambda: 100_000)
    with pytest.raises(GameError, match=r"the dense transition \(50 x 2 x 3 x 50\) needs 0.000112 GiB and 9.31e-05 GiB are free; keep it"):
        game.dense()
    refused("give it as a scipy sparse array", payoff, np.zeros((0,)), 0.9)
    with pytest.raises(GameError, match=r"the payoff tensor \(1 x 300 x 300\) needs"):
        StochasticGame.from_functions(range(300), [range(300)], lambda s, a: 0.0, lambda s, a: s, 0.9)


# ---- frozen ----------------------------------------------------------------------------------------------------------


def test_a_game_is_frozen():
    payoff, transition = tensors()
    for given_transition in (transition, flat_csr(transition)):
        game = StochasticGame(payoff, given_transition, 0.9)
        with pytest.raises(AttributeError, match="frozen"):
            game.discount = np.ones(2)
        with pytest.raises(AttributeError, match="frozen"):
            del game.payoff
        with pytest.raises(AttributeError, match="frozen"):
            game.colour = 1
        arrays: list[Any] = [game.payoff, game.discount, game.start, game.terminal, *game.legal, *game.successors, game.spec.discount]
        arrays += [game.transition.data] if game.is_sparse else [game.transition]
        for array in arrays:
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


def test_the_given_arrays_stay_the_users_own():
    payoff, transition = tensors()
    legal = [np.ones((3, 2), dtype=bool), np.ones((3, 3), dtype=bool)]
    sparse = flat_csr(transition)
    discount, start = np.array([0.5, 0.5]), np.array([1.0, 0.0, 0.0])
    game = StochasticGame(payoff, sparse, discount, start, legal)
    other = StochasticGame(payoff, transition, discount, start, legal)
    for array in (payoff, transition, sparse.data, discount, start, *legal):
        array[...] = 0
    assert game.payoff.any()
    assert other.start.any()
    assert other.legal[0].all()
    np.testing.assert_allclose(dense_of(game), dense_of(other))


@given(game=games())
def test_pickle_and_copy_keep_every_bit(game):
    for twin in (pickle.loads(pickle.dumps(game)), copy.deepcopy(game), copy.copy(game)):
        assert_same_game(game, twin)
        assert twin.is_sparse == game.is_sparse
        assert not twin.payoff.flags.writeable


def test_pickle_keeps_labels_name_and_board():
    board = Board((1, 2), np.zeros((2, 3, 2), dtype=int))
    game = StochasticGame(*tensors(), 0.9, labels={"states": "abc"}, name="tiny", board=board)
    twin = pickle.loads(pickle.dumps(game))
    assert (twin.name, twin.labels) == ("tiny", game.labels)
    np.testing.assert_array_equal(twin.board.positions, board.positions)


# ---- dense and sparse ------------------------------------------------------------------------------------------------


@given(game=games())
def test_dense_and_sparse_are_one_game(game):
    assert_same_game(game.dense(), game.sparse())
    assert_same_game(game, game.sparse().dense())
    assert game.sparse().is_sparse
    assert not game.dense().is_sparse
    np.testing.assert_array_equal(game.dense().transition.reshape(-1, game.num_states), game.sparse().transition.toarray())


@given(game=games())
def test_successor_lists_keep_their_promises(game):
    offsets, states, probabilities = game.successors
    assert (offsets.dtype, states.dtype, probabilities.dtype) == (np.int64, np.int32, np.float64)
    assert offsets[-1] == len(states) == len(probabilities)
    assert (probabilities > 0).all()
    joint = joint_legal(game.legal).ravel()
    for row in range(game.num_states * game.num_joint_actions):
        own = slice(offsets[row], offsets[row + 1])
        assert (np.diff(states[own]) > 0).all()
        assert probabilities[own].sum() == pytest.approx(1.0 if joint[row] else 0.0, abs=1e-14)


# ---- views -----------------------------------------------------------------------------------------------------------


@given(game=games(), seed=st.integers(0, 1000))
def test_stage_is_payoff_plus_discounted_continuation(game, seed):
    values = np.random.default_rng(seed).normal(size=(game.num_players, game.num_states))
    dense = game.dense().transition
    for state in range(game.num_states):
        stage = game.stage(state, values)
        assert stage.shape == (game.num_players, *game.num_actions)
        for joint in np.ndindex(game.num_actions):
            at = (slice(None), *joint)
            legal = all(mask[state, a] for mask, a in zip(game.legal, joint, strict=True))
            expected = game.payoff[:, state][at] + game.discount * (values @ dense[(state, *joint)]) if legal else np.nan
            np.testing.assert_allclose(stage[at], expected, rtol=1e-12, atol=1e-12)


def test_stage_refuses():
    game = StochasticGame(*tensors(), 0.9)
    bad_states: list[Any] = [3, -1, 0.5, "x", None, np.nan, np.inf]
    for bad in bad_states:
        with pytest.raises(GameError, match="state is"):
            game.stage(bad)
    with pytest.raises(GameError, match=r"values have shape \(3,\), \(2, 3\) was expected"):
        game.stage(0, np.zeros(3))
    a_numpy_integer: Any = np.int64(1)
    np.testing.assert_array_equal(game.stage(a_numpy_integer), game.payoff[:, 1])


@given(game=games(), seed=st.integers(0, 1000))
def test_the_super_agent_sees_joint_actions(game, seed):
    rng = np.random.default_rng(seed)
    common = StochasticGame(game.payoff, game.transition, 0.7, game.start, game.legal)
    weights = rng.normal(size=game.num_players)
    team = common.centralised(weights)
    assert (team.num_players, team.num_actions) == (1, (game.num_joint_actions,))
    values = rng.normal(size=(1, game.num_states))
    alike = np.repeat(values, game.num_players, axis=0)
    for state in range(game.num_states):
        joint_stage = common.stage(state) * weights.reshape(-1, *[1] * game.num_players)
        flow = (common.stage(state, alike) - common.stage(state))[0]
        np.testing.assert_allclose(team.stage(state, values)[0], (joint_stage.sum(axis=0) + flow).ravel(), atol=1e-6, rtol=1e-6)
    np.testing.assert_array_equal(team.start, common.start)


def test_the_super_agent_of_a_team_game_earns_the_common_payoff():
    payoff, transition = tensors()
    payoff[1] = payoff[0]
    game = StochasticGame(payoff, transition, 0.9, labels={"actions": [["u", "d"], ["l", "m", "r"]]}, name="team game")
    team = game.centralised()
    np.testing.assert_allclose(team.payoff[0], payoff[0].reshape(3, 6), rtol=1e-15)
    assert team.labels.actions[0][:3] == ("u l", "u m", "u r")
    assert team.name == "team game, centralised"


def test_the_super_agent_refuses():
    payoff, transition = tensors()
    with pytest.raises(GameError, match="one common discount is needed"):
        StochasticGame(payoff, transition, [0.5, 0.9]).centralised()
    for weights in ([1.0], [1.0, np.nan], "x"):
        with pytest.raises(GameError, match="weights"):
            StochasticGame(payoff, transition, 0.9).centralised(weights)


def test_zero_sum_allows_rounding_and_needs_equal_discounts():
    payoff, transition = tensors()
    payoff[1] = -payoff[0]
    assert StochasticGame(payoff, transition, 0.9).zero_sum
    assert StochasticGame(payoff + 1e-14 * np.abs(payoff).max(), transition, 0.9).zero_sum
    assert not StochasticGame(payoff, transition, [0.9, 0.8]).zero_sum
    payoff[1, 0, 0, 0] += 1e-6
    assert not StochasticGame(payoff, transition, 0.9).zero_sum
    assert not StochasticGame(payoff[:1, :, :, 0], transition[:, :, 0], 0.9).zero_sum


def test_the_payoff_span_leaves_illegal_entries_out():
    legal = [np.array([[True, False]])]
    assert StochasticGame([[[5.0, 1.0]]], np.ones((1, 2, 1)), 0.0, legal=legal).payoff_span == 0.0
    assert StochasticGame([[[5.0, 1.0]]], np.ones((1, 2, 1)), 0.0).payoff_span == 4.0


def test_sizes_and_spec():
    game = StochasticGame(*tensors(), 0.9)
    assert (game.num_players, game.num_states, game.num_actions, game.num_joint_actions) == (2, 3, (2, 3), 6)
    spec = game.spec
    assert (spec.num_players, spec.num_states, spec.num_actions, spec.zero_sum) == (2, 3, (2, 3), False)
    assert not {"payoff", "transition", "successors"} & set(dir(spec))


def test_repr():
    payoff, transition = tensors()
    game = StochasticGame(payoff, transition, 0.9, name="tiny")
    assert repr(game) == "StochasticGame('tiny', 2 players, 3 states, 2 x 3 actions, discount 0.9, general-sum, dense)"
    assert "discount [0.5, 1.0]" in repr(StochasticGame(payoff, transition, [0.5, 1.0]))
    one = StochasticGame(np.zeros((1, 1, 2)), csr_array(np.ones((2, 1))), 0.5)
    assert repr(one) == "StochasticGame(1 player, 1 states, 1 terminal, 2 actions, discount 0.5, one player, sparse)"


# ---- builders --------------------------------------------------------------------------------------------------------


def test_from_matrix_game():
    pennies = StochasticGame.from_matrix_game([[1, -1], [-1, 1]])
    assert pennies.zero_sum
    assert pennies.num_states == 1
    np.testing.assert_array_equal(pennies.discount, [0, 0])
    np.testing.assert_array_equal(pennies.stage(0)[1], [[-1, 1], [1, -1]])
    dilemma = StochasticGame.from_matrix_game([[[3, 0], [5, 1]], [[3, 5], [0, 1]]], discount=0.9, name="dilemma")
    assert not dilemma.zero_sum
    np.testing.assert_array_equal(dilemma.stage(0, [[1.0], [2.0]])[:, 1, 0], [5.9, 1.8])
    three = StochasticGame.from_matrix_game(np.zeros((3, 2, 2, 2)))
    assert three.num_actions == (2, 2, 2)


def test_a_single_row_is_a_choice_of_one_player():
    assert StochasticGame.from_matrix_game([[1.0, 2.0, 3.0]]).num_actions == (3,)
    assert StochasticGame.from_matrix_game([[[1.0, 2.0]], [[-1.0, -2.0]]]).zero_sum


@pytest.mark.parametrize("payoffs", [[[1, 2], [3]], "text", 3.0, [1.0, 2.0], np.zeros((0, 2)), [[np.nan]], np.zeros((2, 2, 2, 2))])
def test_from_matrix_game_refuses(payoffs):
    with pytest.raises(GameError):
        StochasticGame.from_matrix_game(payoffs)


def test_from_arrays_is_the_constructor():
    payoff, transition = tensors()
    assert_same_game(StochasticGame.from_arrays(payoff, transition, 0.9, name="x"), StochasticGame(payoff, transition, 0.9, name="x"))


def corridor(**settings):
    """Two walkers on cells 0, 1, 2; cell 2 ends the walk and pays who chose to go."""

    def actions(state):
        return [["stay", "go"], ["wait"] if state == 0 else ["wait", "push"]]

    def payoff(state, joint):
        return (float(state == 1 and joint[0] == "go"), -float(joint[1] == "push" and state < 2))

    def transition(state, joint):
        if state == 2:
            return 2
        return {state + 1: 0.75, state: 0.25} if joint[0] == "go" else state

    return StochasticGame.from_functions([0, 1, 2], actions, payoff, transition, 0.9, **settings)


def test_from_functions():
    game = corridor(start=0, name="corridor")
    assert game.is_sparse
    assert (game.num_states, game.num_actions) == (3, (2, 2))
    assert game.labels.actions == (("stay", "go"), ("wait", "push"))
    np.testing.assert_array_equal(game.legal[1], [[True, False], [True, True], [True, True]])
    np.testing.assert_array_equal(game.terminal, [False, False, True])
    np.testing.assert_array_equal(game.start, [1, 0, 0])
    dense = game.dense().transition
    np.testing.assert_array_equal(dense[1, 1, 1], [0, 0.25, 0.75])
    np.testing.assert_array_equal(dense[0, 1, 1], 0)
    np.testing.assert_array_equal(game.payoff[:, 1, 1, 1], [1, -1])
    np.testing.assert_array_equal(corridor(start={0: 0.5, 1: 0.5}).start, [0.5, 0.5, 0])
    for start in (np.array([0.0, 1.0, 0.0]), [0.0, 1.0, 0.0]):
        np.testing.assert_array_equal(corridor(start=start).start, [0, 1, 0])


def test_from_functions_takes_any_hashable_state():
    states = [(r, c) for r in range(2) for c in range(2)]
    game = StochasticGame.from_functions(states, [["x"]], lambda s, a: 1.0, lambda s, a: (0, 0), 0.5, start=(1, 1))
    assert game.labels.states[3] == "(1, 1)"
    np.testing.assert_array_equal(game.start, [0, 0, 0, 1])


BAD_FUNCTIONS = {
    "no states": ({"states": []}, "at least one and no repeats"),
    "repeated states": ({"states": [0, 0]}, "1 of them distinct"),
    "unhashable states": ({"states": [[0]]}, "hashable"),
    "no actions": ({"actions": [[]]}, "a non-empty list for every player"),
    "a number of states": ({"states": 5}, "states are 5, an iterable of states was expected"),
    "no players": ({"actions": []}, "a non-empty list for every player"),
    "other players": ({"actions": lambda s: [["x"]] * (s + 1)}, "different numbers of players"),
    "too many payoffs": ({"payoff": lambda s, a: (1, 2)}, r"payoff\(0, \('x',\)\) has shape \(2,\)"),
    "text for a payoff": ({"payoff": lambda s, a: "much"}, r"payoff\(0, \('x',\)\)"),
    "NaN payoff": ({"payoff": lambda s, a: np.nan}, r"state 0 \(0\), joint action \(0 \(x\)\) is nan"),
    "unknown successor": ({"transition": lambda s, a: 7}, r"transition\(0, \('x',\)\) leads to 7, which is not among the states"),
    "unhashable successor": ({"transition": lambda s, a: [0]}, r"transition\(0, \('x',\)\)"),
    "half a row": ({"transition": lambda s, a: {0: 0.5}}, r"state 0 \(0\), joint action \(0 \(x\)\) sums to 0.5"),
    "text for a probability": ({"transition": lambda s, a: {0: "half"}}, r"transition\(0, \('x',\)\)"),
    "one action that is a list": ({"actions": [[["x"]]]}, "a list of hashable actions"),
    "actions that are a number": ({"actions": 3}, "a list of hashable actions"),
    "unknown start": ({"start": 9}, "start names 9"),
    "half a start": ({"start": {0: 0.5}}, "start sums to 0.5"),
}


@pytest.mark.parametrize("case", BAD_FUNCTIONS)
def test_from_functions_refuses(case):
    change, message = BAD_FUNCTIONS[case]
    given_functions = {
        "states": [0, 1],
        "actions": [["x"]],
        "payoff": lambda s, a: 0.0,
        "transition": lambda s, a: s,
        "discount": 0.5,
    } | change
    with pytest.raises(GameError, match=message):
        StochasticGame.from_functions(**given_functions)


# ---- profiles --------------------------------------------------------------------------------------------------------


def test_profiles_are_checked():
    legal = [np.ones((3, 2)), np.array([[1, 1, 0], [1, 1, 1], [1, 1, 1]])]
    game = StochasticGame(*tensors(), 0.9, legal=legal)
    one, two = np.full((3, 2), 0.5), np.array([[0.5, 0.5, 0.0]] * 3)
    checked = checked_profile(game, (one, two))
    np.testing.assert_array_equal(checked[1], two)
    joint = one[:, :, np.newaxis] * two[:, np.newaxis, :]
    np.testing.assert_allclose(checked_profile(game, joint), joint)
    cases = [
        ((one,), "1 players' policies, 2 were expected"),
        ((one, one), r"the policy of player 1 has shape \(3, 2\), \(3, 3\)"),
        ((one, two * 0.9), "the policy of player 1 in state 0 is not a probability distribution"),
        ((one, np.where(two == 0, np.nan, two)), "not a probability distribution"),
        ((one, np.full((3, 3), 1 / 3)), "the policy of player 1 plays an illegal action in state 0"),
        (joint[0], "the correlated profile has shape"),
        (np.full((3, 2, 3), 1 / 6), "the correlated profile plays an illegal action in state 0"),
        ("x", "the correlated profile is not"),
    ]
    for profile, message in cases:
        with pytest.raises(GameError, match=message):
            checked_profile(game, profile)


def test_errors_survive_a_process_boundary():
    with pytest.raises(GameError) as caught:
        gt.load_game("socer")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
