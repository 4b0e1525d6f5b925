"""The commands that make sounds: `generate` and `demo`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from foley_plugin.cli_media import MediaOption, NetworkOption, RelinkOption, media_places
from foley_plugin.cli_options import (
    ClipOption,
    CutArgument,
    DeviceOption,
    DtypeOption,
    GuideOption,
    InOption,
    JsonOption,
    ModelOption,
    OutOption,
    RateOption,
    SequenceOption,
    TargetOption,
    console_for,
    place_with,
    print_findings,
    print_left_out,
    print_notices,
    stop_with,
)
from foley_plugin.cli_output import GenerateReport, JobBars, bars, left_out_reports, takes_table
from foley_plugin.cli_reports import check_report_target, write_report
from foley_plugin.jobs.casts import cast_of_project
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.hits import read_hits
from foley_plugin.jobs.project import default_output, default_project_folder
from foley_plugin.jobs.wishes import MOST_DRAFTS, drawn_with, labels_of, layered, unheard_hits, wishes_for
from foley_plugin.nle.targets import TARGETS
from foley_plugin.services.batch import RequestFailed, ctrl_c_stops
from foley_plugin.services.demo import DEFAULT_DEMO_FOLDER, lay_out_demo, make_demo_film
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.exporting import name_of_target
from foley_plugin.services.guiding import failures_of, guided_wishes
from foley_plugin.services.known_sounds import check_sounds
from foley_plugin.services.making import Making, make_foley
from foley_plugin.services.opening import open_cut
from foley_plugin.takes.records import MAX_FIRST_SEED, MOST_TAKES
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected, left_out, select

ScaleOption = Annotated[
    float | None,
    typer.Option(
        "--cfg-scale",
        metavar="X",
        min=0,
        help="Scale of classifier-free guidance, instead of the model's own.",
    ),
]
TopKOption = Annotated[
    int | None,
    typer.Option(
        "--top-k", metavar="N", min=1, help="Likeliest tokens to draw from, instead of the model's own."
    ),
]
TemperatureOption = Annotated[
    float | None,
    typer.Option("--temperature", metavar="X", min=0, help="Of the drawing, instead of the model's own."),
]
DraftsOption = Annotated[
    int | None,
    typer.Option(
        "--drafts",
        metavar="N",
        min=1,
        max=MOST_DRAFTS,
        help="Drafts of each window with hits, at most, of which the best is kept; instead of the model's own.",
    ),
]
MAX_LAYER = 99
"""More than anybody hears at once, and little enough for any column."""


def generate_command(
    cut: CutArgument,
    clip: ClipOption = None,
    in_tc: InOption = None,
    out_tc: OutOption = None,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="What is heard, such as hammer; several with commas, each on a layer of its own.",
        ),
    ] = None,
    layer: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=MAX_LAYER, help="Lay it beside what other layers of the clip hold."
        ),
    ] = 0,
    cast: Annotated[
        str | None, typer.Option(metavar="NAME", help="Go on from a sound that was cast: see foley cast.")
    ] = None,
    guide: GuideOption = False,
    prompt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The sound in words, for a model that reads them.")
    ] = None,
    negative_label: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A label to keep away from.")
    ] = None,
    negative_prompt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Words to keep away from.")
    ] = None,
    guidance: Annotated[
        Literal["null", "held"] | None,
        typer.Option(help="Lead away from no picture at all, or from the picture with its first frame held."),
    ] = None,
    cfg_scale: ScaleOption = None,
    top_k: TopKOption = None,
    temperature: TemperatureOption = None,
    drafts: DraftsOption = None,
    hits: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Hits by hand, instead of the spotter's.")
    ] = None,
    takes: Annotated[int, typer.Option(metavar="N", min=1, max=MOST_TAKES, help="Takes a clip.")] = 1,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=MAX_FIRST_SEED, help="Seed of the first take.")
    ] = None,
    project: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Project folder, instead of CUT.foley.")
    ] = None,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Timeline to write.")] = None,
    target: TargetOption = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="ray[:ADDRESS]", help="Make takes on a Ray cluster: ray, ray:auto, ray:HOST:PORT."
        ),
    ] = None,
    actors: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Copies of the model on the cluster.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Takes drawn at once, at most.")
    ] = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
    media: MediaOption = None,
    relink: RelinkOption = None,
    network: NetworkOption = False,
    json: JsonOption = None,
) -> None:
    """Make foley for the clips of a cut and write the timeline with new audio tracks."""
    check_report_target(json, cut, to, hits)
    place = place_with(model, device, dtype, on=on, actors=actors, batch=batch)
    record = open_cut(
        cut, media_places(media, relink, network), reading=reading_of(sequence, rate), project=project
    )
    selected = select(record, clips=clip or [], in_tc=in_tc, out_tc=out_tc)
    without = left_out(record, clips=clip or [], in_tc=in_tc, out_tc=out_tc)
    given = None if hits is None else read_hits(hits)
    if given is not None and guide:
        raise typer.BadParameter("hits by hand need no guide", param_hint="--guide")
    folder = project if project is not None else default_project_folder(cut.absolute())
    sound = None if cast is None else cast_of_project(folder, cast)
    labels = labels_of(label)
    wish = Wish(
        label=labels[0] if labels else (None if sound is None else sound.label),
        layer=layer,
        cast=None if sound is None else sound.sound,
        negative_label=negative_label,
        prompt=prompt,
        negative_prompt=negative_prompt,
        takes=takes,
        seed=seed,
        sampling=drawn_with(cfg_scale, top_k, temperature, guidance, drafts),
    )
    wishes = wishes_for(selected, given, wish)
    unheard = [] if given is None else unheard_hits(wishes, given)
    wishes = layered(wishes, labels)
    written_for = target or ("resolve" if to is None else name_of_target(to))
    timeline = to or default_output(cut.absolute(), folder, TARGETS[written_for].suffix)
    check_report_target(json, timeline)
    console = console_for(json)
    print_notices(console, record)
    print_left_out(console, without)
    for sentence in unheard:
        console.print(sentence, style="yellow", markup=False, soft_wrap=True)
    making = _make(
        record,
        wishes,
        folder,
        timeline,
        console,
        place,
        target_name=written_for,
        with_guide=guide,
        labels=[*labels, wish.label, negative_label],
    )
    _tell(making, json, console, without)
    _end(making)


def demo_command(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the demo goes.")] = DEFAULT_DEMO_FOLDER,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    json: JsonOption = None,
) -> None:
    """Make foley for the demo cut that comes with foley, and a film to hear it by."""
    check_report_target(json)
    place = place_with(model, device, dtype)
    laid_out = lay_out_demo(out)
    record = open_cut(laid_out.cut)
    selected = select(record, clips=[], in_tc=None, out_tc=None)
    wishes = [(each, laid_out.wish(each.clip.track, each.clip.index)) for each in selected]
    console = console_for(json)
    target = default_output(laid_out.cut, laid_out.project)
    # The demo names its media relative to itself, which Resolve does not find.
    making = _make(record, wishes, laid_out.project, target, console, place, mend=True)
    _tell(making, json, console)
    if making.placements:
        film = make_demo_film(laid_out, record, making.placements)
        console.print(f"film      {film}", markup=False, soft_wrap=True)
    _end(making)


def _make(
    cut: CutRecord,
    wishes: list[tuple[Selected, Wish]],
    project: Path,
    target: Path,
    console: Console,
    place: EnginePlace,
    *,
    target_name: str = "resolve",
    mend: bool = False,
    with_guide: bool = False,
    labels: Sequence[str | None] = (),
) -> Making:
    with place.engine() as engine:
        if place.is_elsewhere:
            engine.wait_until_ready()  # a cluster that is not there costs no jobs
        with ctrl_c_stops() as stop, bars(console) as progress:
            job_bars = JobBars(progress)
            check_sounds(engine, labels, stop)
            unspotted: list[ClipRecord] = []
            if with_guide:
                guided = guided_wishes(engine, cut, wishes, stop=stop)
                wishes, unspotted = guided.wishes, guided.left_out
            if stop.is_set:
                stop_with("Stopped; nothing was made.")
            failures = failures_of(unspotted, struck_all=not wishes)
            if unspotted and not wishes:
                raise RequestFailed(" ".join(failures))
            making = make_foley(
                cut,
                wishes,
                project=project,
                target=target,
                target_name=target_name,
                mend=mend,
                engine=engine,
                stop=stop,
                on_jobs=job_bars.begin,
                on_change=job_bars.update,
            )
    return replace(making, failures=[*failures, *making.failures], left_out=unspotted)


def _tell(making: Making, json: str | None, console: Console, without: Sequence[ClipRecord] = ()) -> None:
    """The table, the paths and the JSON, also where not all went well."""
    if making.takes:
        console.print(takes_table(making.takes, making.hit_counts))
    print_findings(making.findings, console)
    console.print(f"takes     {making.project}", markup=False, soft_wrap=True)
    if making.timeline is not None:
        console.print(f"timeline  {making.timeline}", markup=False, soft_wrap=True)
    if json is not None:
        timeline = None if making.timeline is None else str(making.timeline)
        write_report(
            GenerateReport(timeline, making.takes, left_out_reports([*without, *making.left_out])), json
        )


def _end(making: Making) -> None:
    """The exit status that fits, with its sentence."""
    if making.stopped:
        stop_with(f"Stopped; {len(making.takes)} finished takes are kept in {making.project}.")
    for sentence in making.failures:
        print(sentence, file=sys.stderr)
    if making.failures:
        raise typer.Exit(1)
