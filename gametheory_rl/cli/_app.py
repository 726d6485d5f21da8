"""The command's verbs, in the order in which a newcomer meets them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gametheory_rl.cli._agree import agree
from gametheory_rl.cli._app_command import app as page
from gametheory_rl.cli._convert import convert
from gametheory_rl.cli._diagnose import diagnose
from gametheory_rl.cli._games import games
from gametheory_rl.cli._learn import learn
from gametheory_rl.cli._matrix_command import matrix
from gametheory_rl.cli._methods import methods
from gametheory_rl.cli._paradigms import paradigms
from gametheory_rl.cli._plot import plot
from gametheory_rl.cli._reproduce import reproduce
from gametheory_rl.cli._results import results
from gametheory_rl.cli._show import show
from gametheory_rl.cli._solve import solve
from gametheory_rl.cli._sweep import sweep
from gametheory_rl.cli._verify import verify

PROGRAM = "gametheory-rl"

# Plain help costs half of what the framed one costs, and reads the same in a pipe.
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    if asked:
        from gametheory_rl import __version__

        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.", callback=_version, is_eager=True)] = False,
) -> None:
    """Stochastic games: their exact solution, and learners measured against it.

    Exit codes: 0 done; 2 bad input; 3 done, but short of what was asked; 130 interrupted.
    """
    del version
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


VERBS = (games, show, solve, learn, diagnose, verify, plot, convert, agree, matrix, paradigms, methods, sweep, results, reproduce, page)
for verb in VERBS:
    app.command()(verb)


def command() -> Any:
    """Return the parser of the whole command line."""
    return typer.main.get_command(app)
