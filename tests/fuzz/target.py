"""One reader under atheris: ``python -m tests.fuzz.target READER FOLDER RUNS [libFuzzer's options]``; its counts go to standard output."""

import resource
import sys
import time
from pathlib import Path


def main():
    """Run until libFuzzer says that it is done."""
    import atheris

    name, folder, runs, *options = sys.argv[1:]
    place, last = Path(folder), int(runs)
    with atheris.instrument_imports(include=["gametheory_rl", "zipfile", "tomllib", "numpy.lib.format", "numpy.lib._format_impl"]):
        from tests.fuzz import readers
    readers.without_families()
    count = [0, 0, 0.0]

    def one(data):
        began = time.perf_counter()
        count[1] += readers.attack(name, data, place)
        count[0] += 1
        count[2] = max(count[2], time.perf_counter() - began)
        if count[0] >= last or count[0] % 10_000 == 0:  # the fuzzer leaves the process without another word
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{count[0]} {count[1]} {count[2]:.3f} {peak:.0f} {first:.0f}", flush=True)

    for data in readers.seeds(name):
        readers.attack(name, data, place)
    first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    atheris.Setup([sys.argv[0], f"-runs={runs}", *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
