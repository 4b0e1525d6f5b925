"""Options that several commands share, and what each of them does first and last."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from engine.errors import OutputError
from engine.media.atomic import replace_file

SoundsOption = Annotated[Path, typer.Option("--sounds", help="A folder of recordings with a manifest.csv.")]
ClipsOption = Annotated[
    Path | None, typer.Option("--clips", help="Where a CSV's films lie; beside it if not given.")
]
SplitOption = Annotated[str, typer.Option("--split", help="Which lines of a CSV.")]
HeardOption = Annotated[
    Path,
    typer.Option(
        "--sounds",
        help="Recordings with a manifest.csv, a folder of films or sounds, or a CSV as VGGSound's.",
    ),
]
OutOption = Annotated[Path, typer.Option("--out", help="The run's folder; a second start goes on in it.")]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, help="Processor threads.")]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="A model folder; the default model if not given.")
]

DEFAULT_RUN = Path("runs")


def _writable(path: Path | None) -> Path | None:
    """The file of figures, looked at before the work: hours later it would be too late.

    Raises:
        OutputError: its folder is missing or closed, or something else than earlier figures lies there.
    """
    if path is None or (path.exists() and not path.is_file() and not path.is_dir()):
        return path
    if path.is_dir():
        raise OutputError(f"The figures cannot be written to {path}: it is a folder; name a file in it.")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise OutputError(
            f"The figures cannot be written to {path}: its folder is not there or not writable; choose another."
        )
    if path.exists() and not _holds_figures(path):
        raise OutputError(
            f"The file {path} is there already and holds no figures of foley's; choose another name for them."
        )
    return path


def _holds_figures(path: Path) -> bool:
    """Whether it may be replaced: a JSON object that is no timeline."""
    if path.suffix.lower() != ".json":
        return False
    try:
        found = msgspec.json.decode(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and "OTIO_SCHEMA" not in found


JsonOption = Annotated[
    Path | None, typer.Option("--json", callback=_writable, help="Write the figures to this file.")
]


def log(line: str) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} {line}")


def set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def write_json(path: Path | None, figures: Struct) -> None:
    """
    Raises:
        OutputError: the file cannot be written.
    """
    if path is None:
        return
    content = msgspec.json.format(msgspec.json.encode(figures)) + b"\n"
    if path.exists() and not path.is_file():  # a pipe or a terminal cannot be replaced
        path.write_bytes(content)
    else:
        replace_file(path.resolve(), content, partial_in=path.resolve().parent)
