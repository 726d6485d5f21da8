"""Tables of payoffs as CSV: names that a spreadsheet would trim."""

import numpy as np

import gametheory_rl as gt


def test_names_of_players_may_begin_and_end_with_blanks(tmp_path):
    labels = gt.Labels(("", "\x85", " a "), ("s",), (("u", "d"), ("l", "r"), ("x",)))
    game = gt.StochasticGame(np.arange(12.0).reshape(3, 1, 2, 2, 1), np.ones((1, 2, 2, 1, 1)), 0.0, labels=labels, name="g")
    back = gt.load_game(gt.save_game(game, tmp_path / "g.csv"))
    assert back.labels.players == labels.players
    np.testing.assert_array_equal(back.payoff, game.payoff)
