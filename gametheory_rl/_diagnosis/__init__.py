"""What became of a training run: its verdict, its rate, its cycles, where its seeds ended, and bands over them."""

from gametheory_rl._diagnosis._diagnose import Diagnosis, diagnose
from gametheory_rl._diagnosis._shares import Share
from gametheory_rl._diagnosis._statistics import Band, Slope, bands, iqm, iqm_interval
from gametheory_rl._diagnosis._verdict import SeedDiagnosis, Verdict

__all__ = ["Band", "Diagnosis", "SeedDiagnosis", "Share", "Slope", "Verdict", "bands", "diagnose", "iqm", "iqm_interval"]
