"""What several commands share: their options, and how they speak."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from foley_plugin.cli_output import findings_table, readers_console
from foley_plugin.cli_reports import STDOUT
from foley_plugin.services.engine_commands import INTERRUPTED_STATUS
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.model_choice import model_folder
from foley_plugin.timeline.preflight.findings import Finding
from foley_plugin.timeline.records import ClipRecord, CutRecord

CutArgument = Annotated[
    Path,
    typer.Argument(
        metavar="CUT", help="A timeline: OTIO, OTIOZ, OTIOD, Final Cut Pro XML, FCPXML, AAF or EDL."
    ),
]
SequenceOption = Annotated[
    str | None,
    typer.Option("--sequence", metavar="NAME", help="Which timeline of a file with several; or its number."),
]
RateOption = Annotated[
    str | None, typer.Option("--rate", metavar="FPS", help="Frames a second of an EDL, which names none.")
]
JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; - for stdout.")
]
ClipOption = Annotated[
    list[str] | None,
    typer.Option("--clip", metavar="NAME", help="A clip by its name, or by its place: V1:3."),
]
InOption = Annotated[
    str | None, typer.Option("--in", metavar="TC", help="From this timecode of the timeline.")
]
TargetName = Literal["resolve", "premiere", "plain", "fcp7xml", "fcpxml", "otioz", "aaf"]
TargetOption = Annotated[
    TargetName | None,
    typer.Option("--target", help="The program or format to write for, instead of going by the suffix."),
]
GuideOption = Annotated[
    bool, typer.Option("--guide", help="Join the onsets of the clip's own sound to the picture's hits.")
]
OutOption = Annotated[
    str | None, typer.Option("--out", metavar="TC", help="Up to this timecode of the timeline.")
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="FOLDER_OR_NAME",
        help="A folder that foley train pack wrote, instead of the default model; or foley-tiny, that one's name.",
    ),
]
DeviceOption = Annotated[
    Literal["cpu", "cuda"] | None,
    typer.Option("--device", help="Where the networks compute, instead of FOLEY_DEVICE or the cpu."),
]
DtypeOption = Annotated[
    Literal["float32", "bfloat16", "int8"] | None,
    typer.Option("--dtype", help="Type of the language model's weights, instead of FOLEY_DTYPE's."),
]


def place_with(
    model: str | None,
    device: str | None,
    dtype: str | None,
    *,
    on: str | None = None,
    actors: int | None = None,
    batch: int | None = None,
) -> EnginePlace:
    """Where the engine works, with the model, device and type that were asked for.

    Raises:
        CheckpointError: there is no such model; said here, before anything is made.
    """
    folder = None if model is None else model_folder(model)
    return EnginePlace(on, actors, batch, folder, device, dtype)


def console_for(json: str | None) -> Console:
    """Where people read: stderr where stdout carries JSON."""
    return readers_console(stderr=json == STDOUT)


def print_notices(console: Console, cut: CutRecord) -> None:
    for notice in cut.notices:
        console.print(notice, style="yellow", markup=False)


def print_left_out(console: Console, clips: Sequence[ClipRecord]) -> None:
    for clip in clips:
        console.print(f"left out  {clip.reason}", style="yellow", markup=False, soft_wrap=True)


def stop_with(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    raise typer.Exit(INTERRUPTED_STATUS)


def print_findings(findings: list[Finding], console: Console) -> None:
    if findings:
        console.print(findings_table(findings))
