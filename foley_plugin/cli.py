"""The `foley` command. It imports no Qt, no torch, no OpenTimelineIO: each lives in a process of its own.

Exit status: 0; 1 for an error that is told in one sentence on stderr; 2 for usage; 130 after Ctrl-C.
Never a traceback, but with FOLEY_DEBUG=1.
"""

from __future__ import annotations

import os
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from engine.errors import FoleyError
from foley_plugin.cli_casts import add_cast_commands
from foley_plugin.cli_conform import add_conform_commands
from foley_plugin.cli_delivery import add_delivery_commands
from foley_plugin.cli_media import MediaOption, NetworkOption, RelinkOption, media_places, relink_cut
from foley_plugin.cli_output import (
    STDOUT,
    ExportReport,
    GenerateReport,
    InspectReport,
    JobBars,
    SpotReport,
    SpottedClip,
    bars,
    clip_report,
    clips_table,
    findings_table,
    readers_console,
    spot_table,
    takes_table,
    write_json,
)
from foley_plugin.cli_ways import add_ways
from foley_plugin.jobs.casts import cast_of_project
from foley_plugin.jobs.generate import Wish, spot_request
from foley_plugin.jobs.hits import read_hits
from foley_plugin.jobs.project import default_output, default_project_folder
from foley_plugin.jobs.wishes import layered, wishes_for
from foley_plugin.nle.targets import TARGETS
from foley_plugin.services.batch import ctrl_c_stops, run_spot
from foley_plugin.services.demo import DEFAULT_DEMO_FOLDER, lay_out_demo, make_demo_film
from foley_plugin.services.doctor import examine
from foley_plugin.services.engine_commands import INTERRUPTED_STATUS, run_engine_command, run_panel
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.services.exporting import export_project, name_of_target
from foley_plugin.services.guiding import candidates, guided_wishes
from foley_plugin.services.making import Making, make_foley
from foley_plugin.services.opening import open_cut
from foley_plugin.services.settings import without_home
from foley_plugin.services.watching.inbox import newest_timeline
from foley_plugin.timeline.out.records import Exported, ExportOptions
from foley_plugin.timeline.preflight.findings import Finding, Severity
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected, select

DEBUG_VARIABLE = "FOLEY_DEBUG"

app = typer.Typer(
    help="Foley for a cut: OpenTimelineIO in, sound that hits the picture out.",
    invoke_without_command=True,
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)

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


@app.callback()
def _root(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        raise typer.Exit(run_panel([]))


@app.command()
def panel(cut: Annotated[Path | None, typer.Argument(metavar="[CUT]")] = None) -> None:
    """Open the panel; of a folder, its newest timeline."""
    if cut is not None and cut.is_dir():
        cut = newest_timeline(cut)
    raise typer.Exit(run_panel([] if cut is None else [str(cut)]))


@app.command()
def inspect(
    cut: CutArgument,
    sequence: SequenceOption = None,
    rate: RateOption = None,
    media: MediaOption = None,
    relink: RelinkOption = None,
    network: NetworkOption = False,
    json: JsonOption = None,
) -> None:
    """List the clips of a cut: where they sit, what they show, whether foley can be made."""
    record = open_cut(cut, media_places(media, relink, network), reading=reading_of(sequence, rate))
    console = _console(json)
    console.print(clips_table(record))
    _print_notices(console, record)
    if json is not None:
        write_json(InspectReport([clip_report(clip) for clip in record.clips]), json)


@app.command("relink")
def relink_command(
    cut: CutArgument,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A folder or file as the cut names it.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Where it is on this computer.")],
    project: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Project folder, instead of CUT.foley.")
    ] = None,
) -> None:
    """Tell where a cut's media have moved; one file or folder brings its whole tree. Remembered."""
    relink_cut(cut, old, new, project, readers_console())


@app.command()
def spot(
    cut: CutArgument,
    clip: ClipOption = None,
    in_tc: InOption = None,
    out_tc: OutOption = None,
    guide: GuideOption = False,
    sequence: SequenceOption = None,
    rate: RateOption = None,
    media: MediaOption = None,
    relink: RelinkOption = None,
    network: NetworkOption = False,
    json: JsonOption = None,
) -> None:
    """Find the hits in the picture. What --json writes can be edited and given to generate --hits."""
    record = open_cut(cut, media_places(media, relink, network), reading=reading_of(sequence, rate))
    selected = select(record, clips=clip or [], in_tc=in_tc, out_tc=out_tc)
    spotted, stopped = _spot_all(record, selected, with_guide=guide)
    console = _console(json)
    console.print(spot_table(spotted))
    _print_notices(console, record)
    if stopped:
        _stop("Stopped.")
    if json is not None:
        write_json(SpotReport(spotted), json)


@app.command()
def generate(
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
        int, typer.Option(metavar="N", min=0, help="Lay it beside what other layers of the clip hold.")
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
        Literal["null", "held"],
        typer.Option(help="Lead away from no picture at all, or from the picture with its first frame held."),
    ] = "null",
    hits: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Hits by hand, instead of the spotter's.")
    ] = None,
    takes: Annotated[int, typer.Option(metavar="N", min=1, max=32, help="Takes a clip.")] = 1,
    seed: Annotated[int | None, typer.Option(metavar="N", min=0, help="Seed of the first take.")] = None,
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
    sequence: SequenceOption = None,
    rate: RateOption = None,
    media: MediaOption = None,
    relink: RelinkOption = None,
    network: NetworkOption = False,
    json: JsonOption = None,
) -> None:
    """Make foley for the clips of a cut and write the timeline with new audio tracks."""
    record = open_cut(
        cut, media_places(media, relink, network), reading=reading_of(sequence, rate), project=project
    )
    selected = select(record, clips=clip or [], in_tc=in_tc, out_tc=out_tc)
    given = None if hits is None else read_hits(hits)
    if given is not None and guide:
        raise typer.BadParameter("hits by hand need no guide", param_hint="--guide")
    folder = project if project is not None else default_project_folder(cut.absolute())
    sound = None if cast is None else cast_of_project(folder, cast)
    labels = [each.strip() for each in (label or "").split(",") if each.strip()]
    wish = Wish(
        label=labels[0] if labels else (None if sound is None else sound.label),
        layer=layer,
        cast=None if sound is None else sound.sound,
        negative_label=negative_label,
        prompt=prompt,
        negative_prompt=negative_prompt,
        takes=takes,
        seed=seed,
    ).led_away_from(guidance)
    wishes = layered(wishes_for(selected, given, wish), labels)
    written_for = target or ("resolve" if to is None else name_of_target(to))
    timeline = to or default_output(cut.absolute(), folder, TARGETS[written_for].suffix)
    console = _console(json)
    _print_notices(console, record)
    making = _make(
        record,
        wishes,
        folder,
        timeline,
        console,
        EnginePlace(on, actors, batch),
        target_name=written_for,
        with_guide=guide,
    )
    _tell(making, json, console)
    _end(making)


add_cast_commands(app)
add_conform_commands(app)


@app.command()
def export(
    cut: CutArgument,
    to: Annotated[
        Path, typer.Option(metavar="FILE", help="Timeline to write: .otio, .xml, .fcpxml, .otioz, .aaf.")
    ],
    target: TargetOption = None,
    project: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Project folder, instead of CUT.foley.")
    ] = None,
    takes: Annotated[
        Literal["best", "all"],
        typer.Option(help="One take a clip, or the others too, disabled on tracks of their own."),
    ] = "best",
    markers: Annotated[bool, typer.Option("--markers", help="Mark the hits.")] = False,
    bundle_media: Annotated[
        bool, typer.Option("--bundle-media", help="Put media into the file: .otioz and .aaf.")
    ] = False,
    preflight_only: Annotated[
        bool, typer.Option("--preflight-only", help="Name what the import would refuse; write nothing.")
    ] = False,
    mend: Annotated[
        bool, typer.Option("--mend", help="Put right what can be, in the written file alone.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Write in spite of errors in the cut's own clips.")
    ] = False,
    json: JsonOption = None,
) -> None:
    """Write the cut with takes that its project holds already; no engine is needed."""
    record = open_cut(cut, project=project)
    folder = project if project is not None else default_project_folder(cut.absolute())
    options = ExportOptions(mend=mend, anyway=anyway, only_look=preflight_only, bundle_media=bundle_media)
    exported = export_project(
        record, folder, to, target_name=target, takes=takes, with_marks=markers, options=options
    )
    console = _console(json)
    _tell_export(exported, console)
    if json is not None:
        write_json(ExportReport(exported.path, exported.findings, exported.mended), json)
    errors = sum(found.severity is Severity.ERROR for found in exported.findings)
    if exported.path is None and errors:
        what = "1 finding" if errors == 1 else f"{errors} findings"
        print(
            f"The import would fail by {what}; give --mend to put right what can be, or --anyway to write "
            "it as it is.",
            file=sys.stderr,
        )
        raise typer.Exit(1)


def _tell_export(exported: Exported, console: Console) -> None:
    _print_findings(exported.findings, console)
    for sentence in exported.mended:
        console.print(f"mended    {sentence}", markup=False, soft_wrap=True)
    if exported.path is not None:
        console.print(f"timeline  {exported.path}", markup=False, soft_wrap=True)


def _print_findings(findings: list[Finding], console: Console) -> None:
    if findings:
        console.print(findings_table(findings))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the demo goes.")] = DEFAULT_DEMO_FOLDER,
    json: JsonOption = None,
) -> None:
    """Make foley for the demo cut that comes with foley, and a film to hear it by."""
    laid_out = lay_out_demo(out)
    record = open_cut(laid_out.cut)
    selected = select(record, clips=[], in_tc=None, out_tc=None)
    wishes = [(each, laid_out.wish(each.clip.track, each.clip.index)) for each in selected]
    console = _console(json)
    target = default_output(laid_out.cut, laid_out.project)
    # The demo names its media relative to itself, which Resolve does not find.
    making = _make(record, wishes, laid_out.project, target, console, EnginePlace(), mend=True)
    _tell(making, json, console)
    if making.placements:
        film = make_demo_film(laid_out, record, making.placements)
        console.print(f"film      {film}", markup=False, soft_wrap=True)
    _end(making)


@app.command()
def doctor() -> None:
    """Look whether all that foley needs is there, and say what to do where it is not."""
    console = readers_console()
    is_well = True
    for finding in examine():
        is_well = is_well and (finding.is_well or not finding.is_needed)
        mark = (
            "[green]ok[/]  "
            if finding.is_well
            else "[red]FAIL[/]"
            if finding.is_needed
            else "[yellow]note[/]"
        )
        console.print(f"{mark} {finding.name}: ", end="")
        console.print(without_home(finding.detail), markup=False, soft_wrap=True)
    if not is_well:
        raise typer.Exit(1)


add_ways(app)
add_delivery_commands(app)


def _pass_through(name: str, text: str) -> None:
    """A command that is the engine's own: its arguments go there as they are."""

    def command(context: typer.Context) -> None:
        raise typer.Exit(run_engine_command([name, *context.args]))

    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command(name, help=text, context_settings=settings)(command)


_pass_through("train", "Train the model's parts; see foley train --help.")
_pass_through("evaluate", "Measure a model; see foley evaluate --help.")
_pass_through("data", "Turn clips into training data; see foley data --help.")
_pass_through("listen", "Ask people which of two sounds they prefer; see foley listen --help.")
_pass_through("bench", "Time the engine on this machine; see foley bench --help.")


def main() -> None:
    """Run the command line and end the process with its status."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_STATUS)
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        print(_sentence(error), file=sys.stderr)
        sys.exit(1)


def _sentence(error: Exception) -> str:
    if isinstance(error, FoleyError):
        return error.sentence
    what = " ".join(str(error).split()) or type(error).__name__
    return f"Something unexpected happened ({what}); set {DEBUG_VARIABLE}=1 to see where."


def _console(json: str | None) -> Console:
    """Where people read: stderr where stdout carries JSON."""
    return readers_console(stderr=json == STDOUT)


def _print_notices(console: Console, cut: CutRecord) -> None:
    for notice in cut.notices:
        console.print(notice, style="yellow", markup=False)


def _stop(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    raise typer.Exit(INTERRUPTED_STATUS)


def _spot_all(
    cut: CutRecord, selected: list[Selected], *, with_guide: bool
) -> tuple[list[SpottedClip], bool]:
    """Hits of each clip, in order; whether the user stopped before the last."""
    spotted: list[SpottedClip] = []
    with ctrl_c_stops() as stop, SubprocessEngine() as engine, bars(readers_console(stderr=True)) as progress:
        for each in selected:
            task = progress.add_task(escape(each.clip.name), total=1.0)
            found = run_spot(
                engine,
                spot_request(cut, each, with_guide=with_guide),
                stop=stop,
                on_progress=partial(_advance, progress, task),
            )
            if found is None:
                return spotted, True
            _advance(progress, task, 1.0)
            clip, moments = each.clip, candidates(found, each)
            hits, origins = [one.hit for one in moments], [one.origin for one in moments if with_guide]
            spotted.append(SpottedClip(clip.name, clip.track, clip.index, hits, origins))
    return spotted, False


def _advance(progress: Progress, task: TaskID, fraction: float) -> None:
    progress.update(task, completed=fraction)


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
) -> Making:
    with SubprocessEngine(place.command(), end_limit_s=place.end_limit_s) as engine:
        if place.is_elsewhere:
            engine.wait_until_ready()  # a cluster that is not there costs no jobs
        with ctrl_c_stops() as stop, bars(console) as progress:
            job_bars = JobBars(progress)
            if with_guide:
                wishes = guided_wishes(engine, cut, wishes, stop=stop)
            if stop.is_set:
                _stop("Stopped; nothing was made.")
            return make_foley(
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


def _tell(making: Making, json: str | None, console: Console) -> None:
    """The table, the paths and the JSON, also where not all went well."""
    if making.takes:
        console.print(takes_table(making.takes, making.hit_counts))
    _print_findings(making.findings, console)
    console.print(f"takes     {making.project}", markup=False, soft_wrap=True)
    if making.timeline is not None:
        console.print(f"timeline  {making.timeline}", markup=False, soft_wrap=True)
    if json is not None:
        timeline = None if making.timeline is None else str(making.timeline)
        write_json(GenerateReport(timeline, making.takes), json)


def _end(making: Making) -> None:
    """The exit status that fits, with its sentence."""
    if making.stopped:
        _stop(f"Stopped; {len(making.takes)} finished takes are kept in {making.project}.")
    for sentence in making.failures:
        print(sentence, file=sys.stderr)
    if making.failures:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
