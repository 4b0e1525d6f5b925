"""The engine's own entry point: data, training, evaluation, benchmarks. `foley train …` passes on to it.

Never a traceback, but with FOLEY_DEBUG=1.
"""

from __future__ import annotations

import os
import sys
import traceback

import typer

from engine.cli.bench import bench
from engine.cli.data import data
from engine.cli.evaluate import evaluate
from engine.cli.listen import listen
from engine.cli.recipe import train_foleygen
from engine.cli.train import train
from engine.errors import FoleyError
from engine.training.stages import end_with_starter

DEBUG_VARIABLE = "FOLEY_DEBUG"

train.command("foleygen")(train_foleygen)
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(data, name="data")
app.add_typer(train, name="train")
app.add_typer(evaluate, name="evaluate")
app.add_typer(bench, name="bench")
app.command("listen")(listen)


def main() -> int:
    """Run; an error is one sentence on stderr and status 1."""
    # Idle threads that spin take the processor from the editor's other programs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    end_with_starter()
    try:
        app()
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        print(_sentence(error), file=sys.stderr)
        return 1
    return 0


def _sentence(error: Exception) -> str:
    if isinstance(error, FoleyError):
        return error.sentence
    what = " ".join(str(error).split()) or type(error).__name__
    return f"Something unexpected happened ({what}); set {DEBUG_VARIABLE}=1 to see where."
