"""The engine's own entry point: data, training, evaluation, benchmarks. `foley train …` passes on to it."""

from __future__ import annotations

import os
import sys

import typer

from engine.cli.bench import bench
from engine.cli.data import data
from engine.cli.evaluate import evaluate
from engine.cli.listen import listen
from engine.cli.train import train
from engine.errors import FoleyError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(data, name="data")
app.add_typer(train, name="train")
app.add_typer(evaluate, name="evaluate")
app.add_typer(bench, name="bench")
app.command("listen")(listen)


def main() -> int:
    """Run; a FoleyError is one sentence on stderr and status 1."""
    # Idle threads that spin take the processor from the editor's other programs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app()
    except FoleyError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return 0
