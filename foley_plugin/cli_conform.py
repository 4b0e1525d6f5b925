"""`foley conform` and `foley slip`: the editor comes back with a changed cut."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.protocol import fraction
from foley_plugin.cli_options import (
    DeviceOption,
    DtypeOption,
    ModelOption,
    RateOption,
    SequenceOption,
    place_with,
)
from foley_plugin.cli_output import JobBars, bars, readers_console, takes_table
from foley_plugin.cli_reports import STDOUT, Report, check_report_target, write_report
from foley_plugin.jobs.generate import TakeReport
from foley_plugin.jobs.project import default_output, default_project_folder
from foley_plugin.jobs.recut.report import CueLine
from foley_plugin.jobs.wishes import labels_of
from foley_plugin.services.batch import ctrl_c_stops
from foley_plugin.services.conforming import Conforming, Making, conform, tell_conform
from foley_plugin.services.engine_commands import INTERRUPTED_STATUS
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.opening import open_cut
from foley_plugin.services.slipping import slip_samples, slip_take
from foley_plugin.takes.records import MOST_TAKES
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import CutRecord

ProjectOption = Annotated[
    Path | None, typer.Option("--project", metavar="DIR", help="Project folder, instead of CUT.foley.")
]


class ConformReport(Report, frozen=True):
    """What `conform --json` tells."""

    timeline: str | None
    cues: list[CueLine]
    made: list[TakeReport]


def add_conform_commands(app: typer.Typer) -> None:
    app.command("conform")(conform_command)
    app.command("slip")(slip_command)


def conform_command(
    cut: Annotated[Path, typer.Argument(metavar="NEW_CUT", help="The changed cut.")],
    project: ProjectOption = None,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make what is stale or new, and nothing else.")
    ] = False,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Timeline to write.")] = None,
    takes: Annotated[int, typer.Option(metavar="N", min=1, max=MOST_TAKES, help="Takes a clip.")] = 1,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="What is heard in new clips; several with commas, each on a layer of its own.",
        ),
    ] = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
    json: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON; - for stdout.")
    ] = None,
) -> None:
    """Match a changed cut with the takes of its project, and say what is kept, stale, gone or new."""
    check_report_target(json, cut, to)
    place = place_with(model, device, dtype)
    record = open_cut(cut, reading=reading_of(sequence, rate), project=project)
    folder = project if project is not None else default_project_folder(cut.absolute())
    console = readers_console(stderr=json == STDOUT)
    if generate:
        target = to if to is not None else default_output(cut.absolute(), folder)
        check_report_target(json, target)
        done = _generate(record, folder, target, takes, labels_of(label), place, console)
    elif to is not None:
        done = conform(record, folder, to, None)
    else:
        done = tell_conform(record, folder)
    _tell(record, done, console)
    if json is not None:
        timeline = None if done.timeline is None else str(done.timeline)
        write_report(ConformReport(timeline, done.lines, done.made), json)
    _end(done)


def slip_command(
    cut: Annotated[Path, typer.Argument(metavar="CUT", help="The cut that the take lies in.")],
    take: Annotated[str, typer.Argument(metavar="TAKE", help="A take's number or file name.")],
    frames: Annotated[
        int | None, typer.Option(metavar="N", help="Frames later; negative is earlier.")
    ] = None,
    ms: Annotated[float | None, typer.Option(metavar="X", help="Milliseconds later.")] = None,
    project: ProjectOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
) -> None:
    """Slip a take under its clip without generating; 0 undoes it. Every timeline written after has it."""
    record = open_cut(cut, reading=reading_of(sequence, rate), project=project)
    samples = slip_samples(record, frames=frames, ms=ms)
    folder = project if project is not None else default_project_folder(cut.absolute())
    slip = slip_take(record, folder, take, samples)
    frames_told = samples * float(fraction(record.rate)) / 48000
    print(f"{Path(slip.take.wav).name} is slipped by {samples / 48:+.1f} ms ({frames_told:+.2f} frames)")


def _generate(
    cut: CutRecord,
    project: Path,
    target: Path,
    takes: int,
    labels: Sequence[str],
    place: EnginePlace,
    console: Console,
) -> Conforming:
    with place.engine() as engine, ctrl_c_stops() as stop, bars(console) as progress:
        job_bars = JobBars(progress)
        making = Making(
            engine,
            stop,
            takes,
            labels,
            is_model_chosen=place.model is not None,
            on_jobs=job_bars.begin,
            on_change=job_bars.update,
        )
        return conform(cut, project, target, making)


def _tell(cut: CutRecord, done: Conforming, console: Console) -> None:
    console.print(conform_table(done.lines))
    for notice in cut.notices:
        console.print(notice, style="yellow", markup=False)
    if done.made:
        console.print(takes_table(done.made, done.hit_counts))
    console.print(f"takes     {done.project}", markup=False, soft_wrap=True)
    if done.timeline is not None:
        console.print(f"timeline  {done.timeline}", markup=False, soft_wrap=True)


def conform_table(lines: list[CueLine]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("clip", "label", "now at", "what"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        to = ", ".join(f"{place.track}:{place.index}" for place in line.to)
        style = "yellow" if line.is_stale or line.state == "new" else "dim" if line.state == "gone" else None
        table.add_row(escape(line.clip), escape(line.label or ""), to, escape(line.text), style=style)
    return table


def _end(done: Conforming) -> None:
    if done.stopped:
        print(f"Stopped; finished takes are kept in {done.project}.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED_STATUS)
    for sentence in done.failures:
        print(sentence, file=sys.stderr)
    if done.failures:
        raise typer.Exit(1)
