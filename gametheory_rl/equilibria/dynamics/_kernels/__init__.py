"""Compiled parts of the dynamics: payoffs of actions, the rules, and the two loops."""
