"""What the pure actions of one player of a bimatrix game earn, from the definition alone: no solver is imported here.

Both players' payoffs are read by the same code. ``flat`` holds many games one after the other; the own action ``r`` against the
other's action ``v`` pays ``flat[start + r * own + v * other]``.
"""

from gametheory_rl._support._compile import inline_kernel
from gametheory_rl.equilibria._kernels._certify import safe_scale


@inline_kernel
def units(low, high):
    """Return scale, base and inverse: (a * scale - base) * inverse lies in [0, 1] for payoffs a from low to high."""
    scale = safe_scale(low, high) if low < high else 1.0
    base = low * scale
    span = high * scale - base
    return scale, base, 1.0 / span if span > 0.0 else 1.0


@inline_kernel
def earnings(flat, start, own, other, scale, base, mine, theirs):
    """Return what the mixed action ``mine`` earns against ``theirs``, and what the best reply earns, in scaled units less ``base``."""
    earned, best = 0.0, 0.0
    for r in range(mine.size):
        place, pays = start + r * own, 0.0
        for v in range(theirs.size):
            pays += (flat[place + v * other] * scale - base) * theirs[v]
        earned += mine[r] * pays
        best = pays if pays > best else best  # all payoffs less the base are at least 0
    return earned, best
