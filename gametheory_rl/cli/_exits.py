"""Exit codes of the command."""

OK = 0
FAULT = 1
"""A fault of the program itself."""
BAD_INPUT = 2
FELL_SHORT = 3
"""Done, but short of what was asked; the status says why."""
INTERRUPTED = 130
PIPE_CLOSED = 141
