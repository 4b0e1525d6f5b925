"""The commands that hand foley on: `deliver`, `cuesheet`, `markers`, `note`. None of them needs the engine."""

from __future__ import annotations

import os
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from engine.errors import OutputError
from foley_plugin.cli_options import RateOption, SequenceOption
from foley_plugin.cli_output import bars, readers_console
from foley_plugin.cli_reports import STDOUT, Report, check_report_target, write_report
from foley_plugin.jobs.errors import NothingToDo
from foley_plugin.jobs.meant import meant_takes
from foley_plugin.jobs.project import default_project_folder, is_writable, with_project
from foley_plugin.services.delivery.cues import CueLine, CueList, cue_list, read_cues
from foley_plugin.services.delivery.markers import csv_markers, edl_markers
from foley_plugin.services.delivery.writing import write_cue_sheet
from foley_plugin.services.opening import open_cut
from foley_plugin.takes.store import Store
from foley_plugin.timeline.atomic import AlreadyThere, write_new_file
from foley_plugin.timeline.client import write_cut
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import Reading
from foley_plugin.timeline.selection import find_clips

if TYPE_CHECKING:
    from foley_plugin.services.delivery.deliver import Delivery

CutArgument = Annotated[Path, typer.Argument(metavar="CUT", help="The timeline that foley was made for.")]
ProjectOption = Annotated[
    Path | None, typer.Option("--project", metavar="DIR", help="Project folder, instead of CUT.foley.")
]


class DeliverReport(Report, frozen=True):
    """What `deliver --json` tells."""

    folder: str
    files: list[str]
    trim_db: float
    loudness_lufs: float | None
    timeline: str | None


def add_delivery_commands(app: typer.Typer) -> None:
    app.command("deliver")(deliver_command)
    app.command("cuesheet")(cuesheet_command)
    app.command("markers")(markers_command)
    app.command("note")(note_command)


def deliver_command(
    cut: CutArgument,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A new folder for the delivery.")],
    stems: Annotated[
        bool, typer.Option("--stems", help="One WAV a family beside, from the cut's first frame.")
    ] = False,
    rate: Annotated[int, typer.Option("--rate", metavar="HZ", help="Sample rate.")] = 48_000,
    bits: Annotated[
        Literal["16", "24", "32"], typer.Option("--bits", help="Bits a sample; 32 is floating point.")
    ] = "24",
    loudness: Annotated[
        float | None,
        typer.Option("--loudness", metavar="LUFS", min=-70, max=0, help="Loudness of all foley together."),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option(
            "--stereo",
            metavar="WIDTH",
            min=0,
            max=1,
            help="Stereo, each take where its motion is in the frame: 0 the middle, 1 up to the edges.",
        ),
    ] = None,
    handles: Annotated[
        float,
        typer.Option("--handles", metavar="SECONDS", min=0, max=30, help="Sound beyond the cut's edges."),
    ] = 0.0,
    timeline: Annotated[
        Path | None,
        typer.Option("--timeline", metavar="FILE", help="A timeline with the delivered files, too."),
    ] = None,
    project: ProjectOption = None,
    sequence: SequenceOption = None,
    json: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; - for stdout.")
    ] = None,
) -> None:
    """Write broadcast WAVs in folders by track, the cue sheet and the hits: for Pro Tools and any other DAW."""
    from foley_plugin.services.delivery.deliver import (  # here, since numpy is not needed to start
        BIT_DEPTHS,
        SAMPLE_RATES,
        Wanted,
        check_delivery_folder,
        deliver,
    )

    if rate not in SAMPLE_RATES:
        raise typer.BadParameter(f"choose one of {', '.join(map(str, SAMPLE_RATES))}", param_hint="--rate")
    check_report_target(json, cut, to, timeline)
    check_delivery_folder(to.absolute())
    if timeline is not None:
        _check_timeline_target(timeline, to)
    cues = _cues(cut, project, reading_of(sequence, None))
    handle_s = Fraction(handles).limit_denominator(1000)
    wanted = Wanted(rate, BIT_DEPTHS[bits], stems, handle_s, loudness, width)
    console = readers_console(stderr=json == STDOUT)
    with bars(console) as progress:
        task = progress.add_task("measuring", total=None)
        delivery = deliver(
            cues,
            to,
            wanted,
            lambda done, total: progress.update(task, completed=done, total=total, description="writing"),
        )
    written = None
    if timeline is not None:
        written = write_cut(
            cut,
            timeline,
            delivery.placements,
            source_sha256=cues.cut.source_sha256,
            reading=cues.cut.reading,
        )
    _tell(delivery, wanted.loudness_lufs, written, json, console)


def _check_timeline_target(timeline: Path, to: Path) -> None:
    """Say now, not after the delivery is written, that its timeline cannot be."""
    if os.path.lexists(timeline):
        raise OutputError(
            f"{timeline} is there already and is not overwritten; give another file with --timeline."
        )
    if timeline.suffix.lower() != ".otio":
        raise OutputError(f"{timeline.name} is no name for an OpenTimelineIO timeline; end it in .otio.")
    folder = timeline.absolute().parent
    if not folder.is_dir() and folder != to.absolute():
        raise OutputError(f"There is no folder {folder}; make it, or give another file with --timeline.")
    if not is_writable(folder):
        raise OutputError(f"{folder} cannot be written; give another file with --timeline.")


def _tell(
    delivery: Delivery, target_lufs: float | None, timeline: Path | None, json: str | None, console: Console
) -> None:
    console.print(_told(delivery, target_lufs), markup=False, soft_wrap=True)
    console.print(f"delivery  {delivery.folder}", markup=False, soft_wrap=True)
    if timeline is not None:
        console.print(f"timeline  {timeline}", markup=False, soft_wrap=True)
    if json is not None:
        report = DeliverReport(
            folder=str(delivery.folder),
            files=[file.name for file in delivery.files],
            trim_db=delivery.trim.gain_db,
            loudness_lufs=delivery.trim.loudness_lufs,
            timeline=None if timeline is None else str(timeline),
        )
        write_report(report, json)


def cuesheet_command(
    cut: CutArgument,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A new file, .csv or .html.")],
    project: ProjectOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
) -> None:
    """Write the cue sheet: a table (.csv), or a page to print (.html)."""
    folder = project if project is not None else default_project_folder(cut.absolute())
    record = open_cut(cut, reading=reading_of(sequence, rate), project=project)
    write_cue_sheet(record, folder, to, date.today())
    readers_console().print(f"cue sheet {to}", markup=False, soft_wrap=True)


def markers_command(
    cut: CutArgument,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A new file, .edl or .csv.")],
    project: ProjectOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
) -> None:
    """Write the hits of all cues: markers for Resolve (.edl), or a table (.csv)."""
    suffix = _checked_suffix(to, ".edl", ".csv")
    cues = _cues(cut, project, reading_of(sequence, rate))
    if not any(line.hits for line in cues.lines):
        raise NothingToDo("No cue of this cut has a hit, so there is nothing to mark.")
    _write(to, edl_markers(cues) if suffix == ".edl" else csv_markers(cues))
    readers_console().print(f"markers   {to}", markup=False, soft_wrap=True)


def note_command(
    cut: CutArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help='The note; "" takes it away.')],
    clip: Annotated[
        str, typer.Option("--clip", metavar="NAME", help="A clip by its name, or by its place: V1:3.")
    ],
    project: ProjectOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
) -> None:
    """Keep a note with a clip's cue, for the cue sheet and the delivered files."""
    record = open_cut(cut, reading=reading_of(sequence, rate), project=project)
    places = {(each.track, each.index) for each in find_clips(record, clip)}
    folder = project if project is not None else default_project_folder(cut.absolute())
    cues = with_project(folder, lambda store: cue_list(record, meant_takes(store, record), {}))
    meant = [line for line in cues.lines if _place(line) in places]
    if not meant:
        raise NothingToDo(f"“{clip}” has no take yet, and a note stays with its cue; make a take first.")
    with Store.open(folder) as store:
        for line in meant:
            store.cue_book.set_note(line.meant.job.cue.id, text.strip())
    for line in meant:
        readers_console().print(f"cue {line.number}  {line.timecode_in}  {line.clip}", markup=False)


def _cues(cut: Path, project: Path | None, reading: Reading) -> CueList:
    record = open_cut(cut, reading=reading, project=project)
    return read_cues(record, project if project is not None else default_project_folder(cut.absolute()))


def _place(line: CueLine) -> tuple[str, int]:
    clip = line.meant.job.selected.clip
    return clip.track, clip.index


def _checked_suffix(target: Path, *suffixes: str) -> str:
    suffix = target.suffix.lower()
    if suffix not in suffixes:
        raise OutputError(
            f"{target.name} is no name that tells its format; end it in {' or '.join(suffixes)}."
        )
    return suffix


def _write(target: Path, content: bytes) -> None:
    try:
        write_new_file(target.absolute(), content)
    except AlreadyThere:
        raise OutputError(
            f"{target} is there already and is not overwritten; give another file with --to."
        ) from None
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({error.strerror or error}); give another file with --to."
        ) from error


def _told(delivery: Delivery, target_lufs: float | None) -> str:
    trim = delivery.trim
    told = f"{len(delivery.files)} files, none above {delivery.ceiling_dbtp:g} dBTP"
    if trim.gain_db:
        told += f", each trimmed by {trim.gain_db:+.1f} dB"
    if target_lufs is None or trim.loudness_lufs is None:
        return told
    told += f"; all foley together {trim.loudness_lufs:.1f} LUFS"
    if trim.missing_lu:
        told += f", {trim.missing_lu:.1f} LU short of {target_lufs:g}: its peaks are at the ceiling"
    return told
