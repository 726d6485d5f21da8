"""Compiled parts of the stochastic solvers: plain arrays in, plain arrays out."""
