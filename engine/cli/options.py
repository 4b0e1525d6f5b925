"""Options that several commands share, and what each of them does first and last."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

SoundsOption = Annotated[Path, typer.Option("--sounds", help="A folder of recordings with a manifest.csv.")]
OutOption = Annotated[Path, typer.Option("--out", help="The run's folder; a second start goes on in it.")]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, help="Processor threads.")]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="A model folder; the default model if not given.")
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")]

DEFAULT_RUN = Path("runs")


def log(line: str) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} {line}")


def set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def write_json(path: Path | None, figures: Struct) -> None:
    if path is not None:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
