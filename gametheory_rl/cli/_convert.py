"""``gametheory-rl convert IN OUT``: a game from one form into another."""

from __future__ import annotations

from typing import Annotated

import typer

from gametheory_rl.cli._options import Game, Parameters, load
from gametheory_rl.cli._output import note


def convert(
    game: Game,
    out: Annotated[
        str, typer.Argument(metavar="OUT", help="The file to write: .toml .json .npz .nfg .gam .csv .prism", show_default=False)
    ],
    parameter: Parameters = None,
) -> None:
    """Write a game in another form.

    From a name of the catalogue, or from a file: any of OUT's forms but .prism, and PRISM's explicit .tra.
    What the new form cannot carry is refused.

    For example: gametheory-rl convert chicken chicken.nfg
    """
    from gametheory_rl import save_game

    note(f"wrote {save_game(load(game, parameter), out)}")
