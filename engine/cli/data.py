"""`foley data …`: clips to training data."""

from __future__ import annotations

import typer

data = typer.Typer(no_args_is_help=True, help="Turn clips into training data.")


@data.callback()
def _root() -> None:
    """Commands follow."""
