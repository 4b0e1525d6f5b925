"""The commands that make a take from a take: `redo`, `vary`, `extend`."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from foley_plugin.cli_options import (
    CutArgument,
    DeviceOption,
    DtypeOption,
    JsonOption,
    ModelOption,
    RateOption,
    SequenceOption,
    console_for,
    place_with,
    stop_with,
)
from foley_plugin.cli_output import GenerateReport, JobBars, bars, takes_table
from foley_plugin.cli_reports import check_report_target, write_report
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.project import default_project_folder
from foley_plugin.jobs.redoing import KEPT_OF_VARIATION, extend, redo_part, vary
from foley_plugin.services.batch import ctrl_c_stops
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.opening import open_cut
from foley_plugin.services.redoing import Ask, remake
from foley_plugin.takes.records import MAX_FIRST_SEED, MOST_TAKES, StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import record_time, whole_clip

TakeArgument = Annotated[str, typer.Argument(metavar="TAKE", help="A take's number or file name.")]
ProjectOption = Annotated[
    Path | None, typer.Option("--project", metavar="DIR", help="Project folder, instead of CUT.foley.")
]
TakesOption = Annotated[
    int, typer.Option("--takes", metavar="N", min=1, max=MOST_TAKES, help="How many new takes.")
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", min=0, max=MAX_FIRST_SEED, help="Seed of the first new take."),
]


def add_redo_commands(app: typer.Typer) -> None:
    app.command("redo")(redo_command)
    app.command("vary")(vary_command)
    app.command("extend")(extend_command)


def redo_command(
    cut: CutArgument,
    take: TakeArgument,
    in_tc: Annotated[str, typer.Option("--in", metavar="TC", help="From this timecode of the timeline.")],
    out_tc: Annotated[str, typer.Option("--out", metavar="TC", help="Up to this timecode of the timeline.")],
    takes: TakesOption = 1,
    seed: SeedOption = None,
    project: ProjectOption = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
    json: JsonOption = None,
) -> None:
    """Draw a part of a take anew, as a new take; the rest of it stays to the sample."""
    place = place_with(model, device, dtype)
    record = open_cut(cut, reading=reading_of(sequence, rate), project=project)
    start, end = record_time(record, in_tc), record_time(record, out_tc)

    def ask(store: Store, job: Job, stored: StoredTake) -> Job:
        return redo_part(store, record, job, stored, start, end, takes=takes, seed=seed)

    _remake(record, take, ask, _folder(cut, project), place, json, at=start)


def vary_command(
    cut: CutArgument,
    take: TakeArgument,
    keep: Annotated[
        int,
        typer.Option("--keep", metavar="N", min=1, help="Codebooks that stay; more is nearer to the take."),
    ] = KEPT_OF_VARIATION,
    takes: TakesOption = 1,
    seed: SeedOption = None,
    project: ProjectOption = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
    json: JsonOption = None,
) -> None:
    """Make new takes that keep a take's rhythm and body, with a detail of their own."""
    place = place_with(model, device, dtype)
    record = open_cut(cut, reading=reading_of(sequence, rate), project=project)

    def ask(store: Store, job: Job, stored: StoredTake) -> Job:
        return vary(store, record, job, stored, kept_codebooks=keep, takes=takes, seed=seed)

    _remake(record, take, ask, _folder(cut, project), place, json)


def extend_command(
    cut: CutArgument,
    take: TakeArgument,
    takes: TakesOption = 1,
    seed: SeedOption = None,
    project: ProjectOption = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
    json: JsonOption = None,
) -> None:
    """Draw to a take what its clip, longer by now, lacks of it; what there is stays to the sample."""
    place = place_with(model, device, dtype)
    record = open_cut(cut, reading=reading_of(sequence, rate), project=project)

    def ask(store: Store, job: Job, stored: StoredTake) -> Job:
        return extend(store, record, job, stored, whole_clip(job.selected.clip), takes=takes, seed=seed)

    _remake(record, take, ask, _folder(cut, project), place, json)


def _folder(cut: Path, project: Path | None) -> Path:
    return project if project is not None else default_project_folder(cut.absolute())


def _remake(
    record: CutRecord,
    take: str,
    ask: Ask,
    folder: Path,
    place: EnginePlace,
    json: str | None,
    at: Fraction | None = None,
) -> None:
    check_report_target(json, Path(record.path))
    console = console_for(json)
    with place.engine() as engine, ctrl_c_stops() as stop, bars(console) as progress:
        job_bars = JobBars(progress)
        done = remake(
            record,
            folder,
            take,
            ask,
            engine=engine,
            stop=stop,
            at=at,
            is_model_chosen=place.model is not None,
            on_jobs=job_bars.begin,
            on_change=job_bars.update,
        )
    if done.takes:
        console.print(takes_table(done.takes, done.hit_counts))
    console.print(f"takes     {done.project}", markup=False, soft_wrap=True)
    if json is not None:
        write_report(GenerateReport(None, done.takes), json)
    if done.stopped:
        stop_with(f"Stopped; finished takes are kept in {done.project}.")
    for sentence in done.failures:
        print(sentence, file=sys.stderr)
    if done.failures:
        raise typer.Exit(1)
