"""Stage games in rational arithmetic: Fractions in, Fractions out, nothing rounded."""

from gametheory_rl.equilibria.exact._judges import regret
from gametheory_rl.equilibria.exact._lemke_howson import lemke_howson

__all__ = ["lemke_howson", "regret"]
