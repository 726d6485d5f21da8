"""Compiled stage-game kernels: plain arrays in, plain arrays filled."""
