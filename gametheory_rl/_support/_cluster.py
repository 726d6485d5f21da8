"""Reaching a Dask cluster: one that is running, by its scheduler's address, or one on this machine; and refusing what is none."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from typing import Any
from urllib.parse import urlsplit

from gametheory_rl._support._errors import GameError
from gametheory_rl._support._threads import ONE_THREAD

REACH = 3.0
"""Seconds in which a scheduler has to answer."""
LOCAL = "local"
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
"""Run by every worker of our own: Ctrl-C reaches all processes of a terminal, and what to do about it is decided here."""

QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.tick.cycle": "10s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.diagnostics.nvml": False,
}
"""Of a cluster of our own. Its dashboard is off: what it would show, a profile a hundred times a second among it, is not gathered."""


def local_cluster(workers: int) -> Any:
    """Return a cluster of ``workers`` processes on this machine, one thread each."""
    import distributed
    from dask import config  # pyright: ignore[reportPrivateImportUsage]

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    environment = {**ONE_THREAD, "GAMETHEORY_RL_ANNOUNCE": "0", "PYTHONWARNINGS": "ignore"}
    before = {name: os.environ.get(name) for name in environment}
    # Libraries read it when they are loaded, in a process that inherits it.
    os.environ.update(environment)
    try:
        with config.set({"distributed.nanny.pre-spawn-environ": environment, **QUIET}):
            make: Any = distributed.LocalCluster
            options = {"dashboard_address": None, "silence_logs": logging.CRITICAL, "preload": [DEAF]}
            return make(n_workers=workers, threads_per_worker=1, processes=True, **options)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def require_reachable(address: str) -> None:
    """Try the port before Dask does, which takes its time over a wrong one."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme not in ("tcp", "tls"):
        return
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None:
        raise GameError("tcp://HOST:PORT was expected, or local")
    with socket.create_connection((host, port), timeout=REACH):
        pass


def close_client(client: Any) -> None:
    """Leave a cluster, whatever state it is in."""
    with contextlib.suppress(Exception):
        client.close(timeout=2)


def require_package(client: Any, address: str) -> None:
    """Refuse workers without this package, or with another version of it."""
    from gametheory_rl import __version__

    for worker, version in client.run(_version, on_error="return").items():
        if version != __version__:
            has = f"has version {version}" if isinstance(version, str) else "does not have it"
            raise GameError(f"the worker {worker} of {address!r} {has}, gametheory_rl {__version__} was expected there, as here")


def _version() -> str:
    """Return the version of this package on a worker."""
    from gametheory_rl import __version__

    return __version__


def in_words(error: Exception) -> str:
    """Return an error on one line."""
    return " ".join((getattr(error, "strerror", None) or str(error) or type(error).__name__).split())[:200]
