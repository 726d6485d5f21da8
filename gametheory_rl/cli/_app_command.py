"""``gametheory-rl app``: the page in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from gametheory_rl.cli import _exits
from gametheory_rl.cli._output import note


def app(
    port: Annotated[
        int | None, typer.Option(help="Where to serve; not given: the first free one from 2718 on.", show_default=False)
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only say the address; open nothing.")] = False,
) -> int:
    """Open the page in the browser: edit a game, see its equilibria, step a solver, train a learner, watch a match.

    It is served to this computer alone, until Ctrl-C. Needs the extra: pip install 'gametheory-rl[app]'
    """
    from gametheory_rl.app import serve

    serve(port, browser=not no_browser, tell=note)
    return _exits.OK
