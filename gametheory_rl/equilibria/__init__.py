"""Stage games: solvers, one method per file, and the judges that measure their answers."""

from gametheory_rl.equilibria._judges import duality_gap, regret
from gametheory_rl.equilibria._minimax import minimax

__all__ = ["duality_gap", "minimax", "regret"]
