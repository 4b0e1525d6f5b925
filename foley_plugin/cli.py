"""The `foley` command. It imports no Qt, no torch, no OpenTimelineIO: each lives in a process of its own.

Exit status: 0; 1 for an error that is told in one sentence on stderr; 2 for usage; 130 after Ctrl-C.
Never a traceback, but with FOLEY_DEBUG=1.
"""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, TaskID

from engine.errors import FoleyError
from foley_plugin.cli_casts import add_cast_commands
from foley_plugin.cli_conform import add_conform_commands
from foley_plugin.cli_delivery import add_delivery_commands
from foley_plugin.cli_export import export_command
from foley_plugin.cli_making import demo_command, generate_command
from foley_plugin.cli_media import MediaOption, NetworkOption, RelinkOption, media_places, relink_cut
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
    console_for,
    place_with,
    print_left_out,
    print_notices,
    stop_with,
)
from foley_plugin.cli_output import (
    InspectReport,
    SpotReport,
    SpottedClip,
    bars,
    clip_report,
    clips_table,
    left_out_reports,
    readers_console,
    spot_table,
)
from foley_plugin.cli_redo import add_redo_commands
from foley_plugin.cli_reports import check_report_target, write_report
from foley_plugin.cli_ways import add_ways
from foley_plugin.jobs.generate import spot_request
from foley_plugin.services.batch import RequestFailed, ctrl_c_stops, run_spot
from foley_plugin.services.doctor import examine
from foley_plugin.services.engine_commands import INTERRUPTED_STATUS, run_engine_command, run_panel
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.guiding import candidates, failures_of, without_hits
from foley_plugin.services.opening import open_cut
from foley_plugin.services.settings import without_home
from foley_plugin.services.watching.inbox import newest_timeline
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected, left_out, select

DEBUG_VARIABLE = "FOLEY_DEBUG"

app = typer.Typer(
    help="Foley for a cut: a timeline in, sound that hits the picture out.",
    invoke_without_command=True,
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _root(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        raise typer.Exit(run_panel([]))


@app.command()
def panel(
    cut: Annotated[Path | None, typer.Argument(metavar="[CUT]")] = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Open the panel; of a folder, its newest timeline. A model given here is of this session."""
    place = place_with(model, device, dtype)
    if cut is not None and cut.is_dir():
        cut = newest_timeline(cut)
    raise typer.Exit(run_panel([*([] if cut is None else [str(cut)]), *place.options()]))


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
    check_report_target(json, cut)
    record = open_cut(cut, media_places(media, relink, network), reading=reading_of(sequence, rate))
    console = console_for(json)
    console.print(clips_table(record))
    print_notices(console, record)
    if json is not None:
        write_report(InspectReport([clip_report(clip) for clip in record.clips]), json)


@app.command("relink")
def relink_command(
    cut: CutArgument,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A folder or file as the cut names it.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Where it is on this computer.")],
    project: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Project folder, instead of CUT.foley.")
    ] = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
) -> None:
    """Tell where a cut's media have moved; one file or folder brings its whole tree. Remembered."""
    relink_cut(cut, old, new, project, reading_of(sequence, rate), readers_console())


@app.command()
def spot(
    cut: CutArgument,
    clip: ClipOption = None,
    in_tc: InOption = None,
    out_tc: OutOption = None,
    guide: GuideOption = False,
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
    """Find the hits in the picture. What --json writes can be edited and given to generate --hits."""
    check_report_target(json, cut)
    place = place_with(model, device, dtype)
    record = open_cut(cut, media_places(media, relink, network), reading=reading_of(sequence, rate))
    selected = select(record, clips=clip or [], in_tc=in_tc, out_tc=out_tc)
    without = left_out(record, clips=clip or [], in_tc=in_tc, out_tc=out_tc)
    spotted, failed, stopped = _spot_all(record, selected, place, with_guide=guide)
    console = console_for(json)
    console.print(spot_table(spotted))
    print_notices(console, record)
    print_left_out(console, without)
    if stopped:
        stop_with("Stopped.")
    if json is not None:
        write_report(SpotReport(spotted, left_out_reports([*without, *failed])), json)
    for sentence in failures_of(failed, struck_all=not spotted):
        print(sentence, file=sys.stderr)
    if failed:
        raise typer.Exit(1)


app.command("generate")(generate_command)
app.command("export")(export_command)
app.command("demo")(demo_command)
add_cast_commands(app)
add_redo_commands(app)
add_conform_commands(app)


@app.command()
def doctor(
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Look whether all that foley needs is there, and say what to do where it is not."""
    place = place_with(model, device, dtype)
    console = readers_console()
    is_well = True
    for finding in examine(place):
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


PASSED_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def _pass_through(name: str, text: str) -> None:
    """A command that is the engine's own: its arguments go there as they are."""

    def command(context: typer.Context) -> None:
        raise typer.Exit(run_engine_command([name, *context.args]))

    app.command(name, help=text, context_settings=PASSED_THROUGH)(command)


_pass_through("train", "Train the model's parts; see foley train --help.")
_pass_through("evaluate", "Measure a model; see foley evaluate --help.")
_pass_through("data", "Turn clips into training data; see foley data --help.")
_pass_through("listen", "Ask people which of two sounds they prefer; see foley listen --help.")


@app.command(
    "bench",
    help="Time the engine or the panel on this machine; see foley bench --help and foley bench panel --help.",
    context_settings=PASSED_THROUGH,
)
def bench_command(context: typer.Context) -> None:
    if context.args[:1] == ["panel"]:
        raise typer.Exit(
            subprocess.call([sys.executable, "-m", "foley_plugin.panel_speed", *context.args[1:]])
        )
    raise typer.Exit(run_engine_command(["bench", *context.args]))


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


def _spot_all(
    cut: CutRecord, selected: list[Selected], place: EnginePlace, *, with_guide: bool
) -> tuple[list[SpottedClip], list[ClipRecord], bool]:
    """Hits of each clip, in order; the clips that failed; whether the user stopped before the last."""
    spotted: list[SpottedClip] = []
    failed: list[ClipRecord] = []
    with (
        ctrl_c_stops() as stop,
        place.engine() as engine,
        bars(readers_console(stderr=True)) as progress,
    ):
        for each in selected:
            task = progress.add_task(escape(each.clip.name), total=1.0)
            try:
                found = run_spot(
                    engine,
                    spot_request(cut, each, with_guide=with_guide),
                    stop=stop,
                    on_progress=partial(_advance, progress, task),
                )
            except RequestFailed as failure:
                failed.append(without_hits(each, failure))
                continue
            if found is None:
                return spotted, failed, True
            _advance(progress, task, 1.0)
            clip, moments = each.clip, candidates(found, each)
            hits, origins = [one.hit for one in moments], [one.origin for one in moments if with_guide]
            spotted.append(SpottedClip(clip.name, clip.track, clip.index, hits, origins))
    return spotted, failed, False


def _advance(progress: Progress, task: TaskID, fraction: float) -> None:
    progress.update(task, completed=fraction)


if __name__ == "__main__":
    main()
