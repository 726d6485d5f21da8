"""Experiments of papers, run again: the paper's printed figures beside ours, with seeds and intervals."""

from gametheory_rl.papers._lab import Lab
from gametheory_rl.papers._paper import Paper
from gametheory_rl.papers._reproduce import list_papers, reproduce
from gametheory_rl.papers._reproduction import Claim, Reproduction, Row

__all__ = ["Claim", "Lab", "Paper", "Reproduction", "Row", "list_papers", "reproduce"]
