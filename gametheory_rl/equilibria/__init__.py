"""Stage games: solvers, one method per file, and the judges that measure their answers."""

from gametheory_rl.equilibria._judges import duality_gap, obedience, regret
from gametheory_rl.equilibria._minimax import minimax
from gametheory_rl.equilibria._pure import PureEquilibria, best_responses, pure
from gametheory_rl.equilibria._security import SecurityLevel, security

__all__ = [
    "PureEquilibria",
    "SecurityLevel",
    "best_responses",
    "duality_gap",
    "minimax",
    "obedience",
    "pure",
    "regret",
    "security",
]
