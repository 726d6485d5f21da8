"""A Dask scheduler and its workers as programs of their own, on loopback."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import gametheory_rl as gt


def program(*arguments):
    environment = {**os.environ, "PYTHONPATH": str(Path(gt.__file__).parent.parent), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Cluster:
    """A scheduler at one address, and its workers."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.workers = []
        self.begin()
        self.join(2)

    def begin(self):
        self.scheduler = program("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def join(self, count):
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        self.workers += [program("distributed.cli.dask_worker", self.address, *options) for _ in range(count)]

    def listens(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@contextlib.contextmanager
def running_cluster():
    """Yield a cluster whose scheduler listens; everything is killed in the end."""
    found = Cluster()
    try:
        deadline = time.monotonic() + 60
        while not found.listens():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield found
    finally:
        found.close()
