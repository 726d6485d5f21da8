"""Bimatrix games with known answers, and draws that are hard on pivoting."""

import numpy as np
from quantecon.game_theory import NormalFormGame, Player, lemke_howson

SAVANI_VON_STENGEL = (
    [
        [-180, 72, -333, 297, -153, 270],
        [-30, 17, -33, 42, -3, 20],
        [-81, 36, -126, 126, -36, 90],
        [90, -36, 126, -126, 36, -81],
        [20, -3, 42, -33, 17, -30],
        [270, -153, 297, -333, 72, -180],
    ],
    [
        [72, 36, 17, -3, -36, -153],
        [-180, -81, -30, 20, 90, 270],
        [297, 126, 42, -33, -126, -333],
        [-333, -126, -33, 42, 126, 297],
        [270, 90, 20, -30, -81, -180],
        [-153, -36, -3, 17, 36, 72],
    ],
)
"""R. Savani & B. von Stengel 2006: one equilibrium, long paths."""
SAVANI_VON_STENGEL_PATHS = [88, 24, 24, 24, 24, 88, 36, 36, 16, 16, 36, 36]
WILSON = [[0, 3, 0], [2, 2, 0], [3, 0, 1]], [[0, 2, 3], [3, 2, 0], [0, 0, 1]]
"""L. Shapley 1974, figure 3: three equilibria, of which the method reaches one."""
CYCLING = [[0, 0, 0], [0, 1, 1], [1, 1, 0]], np.transpose([[1, 0, 1], [1, 1, 0], [0, 0, 2]])
"""Careless choice among ties cycles here; (0, 2/3, 1/3), (0, 1, 0) is one of the two extreme equilibria."""
VON_STENGEL = [[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]]
"""B. von Stengel 2007, example 3.1."""
VON_STENGEL_75 = (
    [
        [9504, -660, 19976, -20526, 1776, -8976],
        [-111771, 31680, -130944, 168124, -8514, 52764],
        [397584, -113850, 451176, -586476, 29216, -178761],
        [171204, -45936, 208626, -263076, 14124, -84436],
        [1303104, -453420, 1227336, -1718376, 72336, -461736],
        [737154, -227040, 774576, -1039236, 48081, -300036],
    ],
    [
        [72336, 48081, 29216, 14124, 1776, -8514],
        [-461736, -300036, -178761, -84436, -8976, 52764],
        [1227336, 774576, 451176, 208626, 19976, -130944],
        [-1718376, -1039236, -586476, -263076, -20526, 168124],
        [1303104, 737154, 397584, 171204, 9504, -111771],
        [-453420, -227040, -113850, -45936, -660, 31680],
    ],
)
"""B. von Stengel 1999: 75 equilibria, the most that are known of a 6 x 6 game."""

DRAWS = {
    "two values": lambda rng, shape: rng.integers(0, 2, shape).astype(float),
    "three values": lambda rng, shape: rng.integers(0, 3, shape).astype(float),
    "signs": lambda rng, shape: rng.integers(-1, 2, shape).astype(float),
    "gaussian": lambda rng, shape: rng.normal(size=shape),
}


def sandholm_gilpin_conitzer(k):
    """T. Sandholm, A. Gilpin & V. Conitzer 2005: 4k - 1 actions, k > 1; its one equilibrium is uniform on the first 2k - 1."""
    cycle, n = 2 * k - 1, 4 * k - 1
    A = np.zeros((n, n))
    A[:cycle, :cycle] = 3.0
    A[:cycle, cycle:] = 2.0
    for i in range(cycle):
        A[i, (i - 1) % cycle], A[i, (i + 1) % cycle] = 4.0, 2.0
    B = A.T.copy()
    # Pairs of matching pennies, from which each player wants to flee.
    for i in range(cycle, n, 2):
        A[i, i] = A[i + 1, i + 1] = B[i, i + 1] = B[i + 1, i] = 3.0
    return A, B


def quantecon_equilibrium(A, B, label):
    """The peer's end of the path of ``label``."""
    game = NormalFormGame((Player(np.asarray(A, float)), Player(np.ascontiguousarray(np.transpose(B), float))))
    return lemke_howson(game, init_pivot=label)
