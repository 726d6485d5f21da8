"""Files of many rows: what reading them takes is a small multiple of what they are."""

import tracemalloc

import numpy as np
import pytest

import gametheory_rl as gt

ROWS = 100_000
MULTIPLE = 5
"""Of the file's bytes: the text itself, numbers of 4 and 8 bytes in place of 3 to 9 characters, and the game's own copy of them."""


def stage(folder, rows):
    side = round(rows**0.5)
    payoffs = np.random.default_rng(0).normal(size=(side * side, 2)).round(6).tolist()
    lines = [f"{k // side},{k % side},{a},{b}\n" for k, (a, b) in enumerate(payoffs)]
    (folder / "stage.csv").write_text("action_1,action_2,payoff_1,payoff_2\n" + "".join(lines))
    return folder / "stage.csv", side * side


def stochastic(folder, rows):
    states = rows // 20
    head = '# {"discount": 0.9}\nstate,action_1,action_2,payoff_1,payoff_2,next_state,probability\n'
    both = ((s, a) for s in range(states) for a in range(10))
    lines = [f"{s},{a},0,{s / 7:.4f},-1,{s},0.25\n{s},{a},0,{s / 7:.4f},-1,{(s + 1) % states},0.75\n" for s, a in both]
    (folder / "stochastic.csv").write_text(head + "".join(reversed(lines)))
    return folder / "stochastic.csv", states * 10


def chain(folder, rows):
    """As many states as rows."""
    lines = [f"{s},0,{s / 7:.4f},{(s + 1) % rows},1.0\n" for s in range(rows)]
    (folder / "chain.csv").write_text('# {"discount": 0.9}\nstate,action_1,payoff_1,next_state,probability\n' + "".join(lines))
    return folder / "chain.csv", rows


def explicit(folder, rows):
    states = rows // 20
    both = ((s, c) for s in range(states) for c in range(10))
    lines = [f"{s} {c} {s} 0.25 [a{c // 5},b{c % 5}]\n{s} {c} {(s + 1) % states} 0.75 [a{c // 5},b{c % 5}]\n" for s, c in both]
    (folder / "model.tra").write_text(f"{states}:2 {states * 10} {states * 20}\n" + "".join(lines))
    (folder / "model.srew").write_text(f"{states} {states}\n" + "".join(f"{s} {s / 7:.4f}\n" for s in range(states)))
    return folder / "model.tra", states * 10


def gambit(folder, rows):
    return saved(folder / "stage.nfg", rows)


def gametracer(folder, rows):
    return saved(folder / "stage.gam", rows)


def saved(path, rows):
    side = round(rows**0.5)
    gt.save_game(gt.StochasticGame.from_matrix_game(np.random.default_rng(0).normal(size=(2, side, side))), path)
    return path, side * side


@pytest.mark.parametrize("make", [stage, stochastic, chain, explicit, gambit, gametracer])
def test_reading_takes_a_small_multiple_of_the_file(make, tmp_path):
    (tmp_path / "small").mkdir()
    small, _ = make(tmp_path / "small", 40)
    path, entries = make(tmp_path, ROWS)
    parameters = {"discount": 0.9} if path.suffix == ".tra" else {}
    gt.load_game(small, **parameters)  # what is imported and compiled once is no part of it
    tracemalloc.start()
    game = gt.load_game(path, **parameters)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert game.payoff[0].size == entries
    assert peak < MULTIPLE * sum(each.stat().st_size for each in tmp_path.iterdir() if each.is_file())
