"""``python3 dev.py fuzz [READER ...] [--runs N]``: each reader with N inputs, guided by coverage; a table of what happened.

What makes a reader fail is left in the working folder as ``crash-...``, to be put in the corpus once the reader is mended.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys

from tests.fuzz.readers import CORPUS, READERS, folder

LONGEST_INPUT = 12_000
SECONDS = 20
"""Longer than any input may take."""
MEGABYTES = 600
"""Of the whole process; about 250 of them are Python, numpy and the fuzzer itself."""


def fuzz(reader, runs, seed):
    """Run one reader; returns the exit code and what was counted: inputs, accepted, slowest, peak and first memory."""
    options = [f"-seed={seed}", f"-max_len={LONGEST_INPUT}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", "-verbosity=0"]
    place, new = folder(), folder()
    command = [sys.executable, "-m", "tests.fuzz.target", reader, str(place), str(runs), *options, str(new), str(CORPUS / reader)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    finally:
        shutil.rmtree(place)
        shutil.rmtree(new)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if not line.startswith(("INFO", "WARNING"))]
        print("\n".join(lines[-40:]), file=sys.stderr)
    counted = done.stdout.splitlines()
    return done.returncode, counted[-1].split() if counted and counted[-1].count(" ") == 4 else ["-"] * 5


def main(arguments):
    """Return 0 where every reader stood, 1 where one fell, 2 where there is no atheris."""
    parser = argparse.ArgumentParser(prog="dev.py fuzz", description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"of {', '.join(READERS)}; none: all")
    parser.add_argument("--runs", type=int, default=1_000_000, help="inputs for each reader")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.readers if name not in READERS]
    if unknown:
        parser.error(f"there is no reader {unknown[0]!r}: choose from {', '.join(READERS)}")
    if importlib.util.find_spec("atheris") is None:
        print("fuzz: atheris is not installed (pip install atheris: Linux on x86-64, Python 3.11 to 3.13)", file=sys.stderr)
        return 2
    print(f"{'reader':<12}{'inputs':>10}{'accepted':>10}{'slowest s':>11}{'peak MB':>9}{'above start':>13}  outcome", flush=True)
    fallen = 0
    for reader in chosen.readers or READERS:
        code, (inputs, accepted, slowest, peak, first) = fuzz(reader, chosen.runs, chosen.seed)
        fallen += code != 0
        grown = f"{float(peak) - float(first):.0f}" if peak != "-" else "-"
        print(f"{reader:<12}{inputs:>10}{accepted:>10}{slowest:>11}{peak:>9}{grown:>13}  {'failed' if code else 'stood'}", flush=True)
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
