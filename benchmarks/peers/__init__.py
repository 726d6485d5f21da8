"""Other people's tools, each in an environment of its own; the benchmarks run these files with that environment's Python."""
