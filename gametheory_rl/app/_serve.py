"""Serve the page on this computer until Ctrl-C."""

from __future__ import annotations

import importlib.util
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gametheory_rl._support._errors import GameError

HOST = "127.0.0.1"
PAGE = Path(__file__).with_name("_page.py")
INSTALL = "pip install 'gametheory-rl[app]'"
FIRST_PORT, PORTS = 2718, 20
"""Where a free port is looked for when none is asked for."""


def serve(port: int | None = None, *, browser: bool = True, tell: Callable[[str], object] = print) -> None:
    """Serve the page at 127.0.0.1 until Ctrl-C.

    Parameters
    ----------
    port : int, optional
        From 1 to 65535; None: the first free one from 2718 on.
    browser : bool
        Open the page in the user's browser.
    tell : callable
        Is told the page's address once, as a sentence.

    Raises
    ------
    GameError
        marimo is not installed, or the port is not free.
    """
    require_marimo()
    found = _free_port(port)
    address = f"http://{HOST}:{found}"
    tell(f"the page is at {address} (Ctrl-C ends it)")
    page = _application()
    # Only now: the two would take turns, and a browser takes as long to load the page as the first picture takes to be made ready.
    _warm_up()
    if browser:
        threading.Timer(0.3, webbrowser.open, (address,)).start()
    _run(page, found)


def require_marimo() -> None:
    """Raise ``GameError`` with the remedy where marimo is not installed."""
    if importlib.util.find_spec("marimo") is None:
        raise GameError(f"the app needs marimo, which is not installed: {INSTALL}")


def _free_port(port: int | None) -> int:
    if port is not None and not 1 <= port <= 65535:
        raise GameError(f"--port got {port}, a number from 1 to 65535 was expected")
    for candidate in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as probe:
            # A port that a server just left is free, though its last connections linger.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, candidate))
            except OSError:
                continue
            return candidate
    if port is not None:
        raise GameError(f"port {port} is taken or not allowed: choose another, or leave --port out")
    raise GameError(f"the ports {FIRST_PORT} to {FIRST_PORT + PORTS - 1} are all taken: name a free one with --port")


def _warm_up() -> None:
    """Load, while the browser loads the page, what the first picture needs."""

    def load() -> None:
        from gametheory_rl.app import _stage

        _stage.first_picture()

    threading.Thread(target=load, daemon=True).start()


def _run(page: Any, port: int) -> None:
    import uvicorn

    # A page elsewhere may point a name of its own at 127.0.0.1; the browser then still says that name.
    uvicorn.run(page, host=HOST, port=port, log_level="warning", ws_max_size=64 * 1024**2)


def _application() -> Any:
    import marimo
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    page = marimo.create_asgi_app(quiet=True, include_code=False).with_app(path="", root=str(PAGE)).build()
    return TrustedHostMiddleware(page, allowed_hosts=[HOST, "localhost"])
