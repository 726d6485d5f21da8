"""Counter-based random numbers: the number is a function of (key, counter), so nothing has to be stored or replayed.

Source: the finaliser of SplitMix64, Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
Deviation: it is used as a hash of the counter, which is the generator's own definition with the state written out.
"""

from typing import SupportsInt

import numpy as np

from gametheory_rl._support._compile import COMPILED, fused_kernel
from gametheory_rl._support._errors import GameError

_MASK = (1 << 64) - 1
_GAMMA, _M1, _M2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_G64, _A64, _B64 = np.uint64(_GAMMA), np.uint64(_M1), np.uint64(_M2)
_S30, _S27, _S31, _S11, _ONE = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11), np.uint64(1)
_TO_UNIT = 2.0**-53


def uniform_plain(key: SupportsInt, counter: SupportsInt) -> float:
    """Return the ``counter``-th number of stream ``key``, uniform in [0, 1), in Python integers."""
    z = (int(key) + (int(counter) + 1) * _GAMMA) & _MASK
    z = ((z ^ (z >> 30)) * _M1) & _MASK
    z = ((z ^ (z >> 27)) * _M2) & _MASK
    z ^= z >> 31
    return (z >> 11) * _TO_UNIT


@fused_kernel
def _uniform_compiled(key: np.uint64, counter: int) -> float:
    z = key + (np.uint64(counter) + _ONE) * _G64
    z = (z ^ (z >> _S30)) * _A64
    z = (z ^ (z >> _S27)) * _B64
    z = z ^ (z >> _S31)
    return np.float64(z >> _S11) * _TO_UNIT


uniform = _uniform_compiled if COMPILED else uniform_plain
"""``uniform(key, counter)``: a float in [0, 1); the same bits compiled and plain."""


def stream_keys(seed: int, count: int) -> np.ndarray:
    """Return ``count`` keys ``(count,)`` uint64, a different stream each, from one integer seed."""
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise GameError(f"seed is {seed!r}, an integer from 0 up was expected")
    return np.random.SeedSequence(seed).generate_state(count, np.uint64)
