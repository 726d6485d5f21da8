"""A kernel for the tests of the streams."""

import numpy as np

from gametheory_rl._support._compile import kernel
from gametheory_rl._support._streams_kernels import uniform


@kernel
def fill_uniform(key: np.uint64, out: np.ndarray) -> None:
    for counter in range(len(out)):
        out[counter] = uniform(key, counter)
