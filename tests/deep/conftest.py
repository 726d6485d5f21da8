"""XLA's reports on its own cache would fill the output of every failing test."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
