"""Foreign solvers in a process of their own: started by ``_agreement``, by path, never imported by the package.

Standard input takes a matrix game a line, as JSON; standard output answers each with a line: profiles and, where the solver says it,
the value to player 1.
"""

import importlib
import json
import os
import sys
import tempfile
import warnings

import numpy as np


def nashpy(payoffs, zero_sum, text):
    """All extreme equilibria of a bimatrix game."""
    del zero_sum, text
    game = importlib.import_module("nashpy").Game(*payoffs)
    return list(game.vertex_enumeration()), None


def quantecon(payoffs, zero_sum, text):
    """All extreme equilibria of a bimatrix game, one of a larger game."""
    del zero_sum, text
    theory = importlib.import_module("quantecon.game_theory")
    turned = [np.ascontiguousarray(np.moveaxis(each, range(i, len(payoffs)), range(len(payoffs) - i))) for i, each in enumerate(payoffs)]
    game = theory.NormalFormGame([theory.Player(each) for each in turned])
    if len(payoffs) == 2:
        return theory.vertex_enumeration(game), None
    return [theory.mclennan_tourky(game, epsilon=1e-8)], None


def open_spiel(payoffs, zero_sum, text):
    """One equilibrium and the value of a zero-sum game, those of Lemke and Howson's method of any other."""
    del text
    if zero_sum:
        spiel, solver = importlib.import_module("pyspiel"), importlib.import_module("open_spiel.python.algorithms.lp_solver")
        game = spiel.create_matrix_game(payoffs[0].tolist(), payoffs[1].tolist())
        row, column, value, _ = solver.solve_zero_sum_matrix_game(game)
        return [(np.ravel(row), np.ravel(column))], float(value)
    solver = importlib.import_module("open_spiel.python.algorithms.matrix_nash")
    return list(solver.lemke_howson_solve(*payoffs)), None


def pygambit(payoffs, zero_sum, text):
    """All extreme equilibria of a bimatrix game, the pure ones of a larger game; the game goes there as text."""
    del zero_sum
    gambit = importlib.import_module("pygambit")
    with tempfile.NamedTemporaryFile("w", suffix=".nfg", encoding="utf-8", delete=False) as file:
        file.write(text)
    try:
        read = getattr(gambit, "read_nfg", None) or gambit.Game.read_game
        game = read(file.name)
    finally:
        os.unlink(file.name)
    solve = gambit.nash.enummixed_solve if len(payoffs) == 2 else gambit.nash.enumpure_solve
    found = getattr(solve(game), "equilibria", None)
    return [[[float(each[action]) for action in player.strategies] for player in game.players] for each in found or ()], None


ENGINES = {each.__name__: each for each in (nashpy, quantecon, open_spiel, pygambit)}


def main():
    """Answer until standard input ends."""
    engine = ENGINES[sys.argv[1]]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a solver prints is no answer
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        request = json.loads(line)
        payoffs = [np.array(each, float) for each in request["payoffs"]]
        try:
            with np.errstate(all="ignore"):
                profiles, value = engine(payoffs, request["zero_sum"], request["text"])
            plain = [[np.asarray(strategy, float).tolist() for strategy in profile] for profile in profiles]
            answer = {"profiles": plain, "value": value}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
