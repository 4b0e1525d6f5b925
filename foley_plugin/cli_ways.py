"""The commands that lead into editing programs: `install`, `uninstall`, `watch`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from foley_plugin.cli_options import (
    DeviceOption,
    DtypeOption,
    ModelOption,
    RateOption,
    SequenceOption,
    place_with,
    print_left_out,
)
from foley_plugin.cli_output import JobBars, bars, readers_console, takes_table
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.wishes import labels_of
from foley_plugin.services.batch import Stop, ctrl_c_stops
from foley_plugin.services.engine_commands import INTERRUPTED_STATUS
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.services.installing import premiere, resolve
from foley_plugin.services.installing.launcher import foley_command
from foley_plugin.services.installing.placing import Placed, put_in_place, take_away
from foley_plugin.services.installing.records import default_records
from foley_plugin.services.making import Making
from foley_plugin.services.watching.continuing import make_what_is_missing
from foley_plugin.services.watching.watch import Handled, Watch, watched
from foley_plugin.timeline.reading import reading_of
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected

FolderOption = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Put the files here instead.")
]

install_app = typer.Typer(help="Put foley into an editing program's menu.", no_args_is_help=True)
uninstall_app = typer.Typer(help="Take foley out of an editing program's menu.", no_args_is_help=True)


def add_ways(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(install_app, name="install")
    app.add_typer(uninstall_app, name="uninstall")
    app.command()(watch)


@install_app.command("resolve")
def install_resolve(
    all_users: Annotated[bool, typer.Option("--all-users", help="For everybody on this computer.")] = False,
    folder: FolderOption = None,
) -> None:
    """Put foley's scripts into DaVinci Resolve: Workspace > Scripts."""
    place = folder.absolute() if folder is not None else resolve.scripts_folder(all_users=all_users)
    command = foley_command()
    planned = resolve.planned_files(place, command, resolve.hand_over_folder())
    _tell_installed(put_in_place(resolve.EDITOR, planned, command, default_records()), resolve.LIMITS)


@uninstall_app.command("resolve")
def uninstall_resolve() -> None:
    """Take foley's scripts out of DaVinci Resolve."""
    _tell_removed(take_away(resolve.EDITOR, default_records()))


@install_app.command("premiere")
def install_premiere(folder: FolderOption = None) -> None:
    """Put foley's panel into Adobe Premiere Pro: Window > UXP Plugins."""
    if folder is None:
        premiere.check_platform()
    place = folder.absolute() if folder is not None else premiere.panel_folder()
    command = foley_command()
    planned = premiere.planned_files(place, command, premiere.hand_over_folder())
    placed = put_in_place(premiere.EDITOR, planned, command, default_records())
    _tell_installed(placed, (premiere.hand_to_premiere(place / premiere.PACKAGE_NAME), *premiere.LIMITS))


@uninstall_app.command("premiere")
def uninstall_premiere() -> None:
    """Take foley's panel out of Adobe Premiere Pro."""
    placed = take_away(premiere.EDITOR, default_records())
    _tell_removed(placed)
    _say(readers_console(), premiere.take_from_premiere())


def watch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where an editor exports timelines.")],
    label: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="What is heard, such as hammer; several with commas, each on a layer of its own.",
        ),
    ] = None,
    takes: Annotated[int, typer.Option(metavar="N", min=1, max=32, help="Takes a clip.")] = 1,
    project: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Project folder, instead of DIR/foley.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Do what is there, then end.")] = False,
    settle: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="A file counts when it stood still so long.")
    ] = 2.0,
    poll: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", min=0.1, help="Look so often: for a network folder, which sends no news."
        ),
    ] = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    sequence: SequenceOption = None,
    rate: RateOption = None,
) -> None:
    """Wait for timelines in a folder and write DIR/foley/NAME_foley.otio for each, from any editor."""
    place, labels = place_with(model, device, dtype), labels_of(label)
    plan = Watch(
        folder.absolute(),
        Wish(label=labels[0] if labels else None, takes=takes),
        labels=labels,
        reading=reading_of(sequence, rate),
        project=None if project is None else project.absolute(),
        settle_s=settle,
        poll_s=poll,
        is_once=once,
    )
    console = readers_console()
    failures = 0
    with ctrl_c_stops() as stop, place.engine() as engine:
        if not once:
            _say(console, f"watching  {plan.folder} (Ctrl-C ends)")
        for handled in watched(plan, partial(_make_watched, plan, engine, stop, console), stop):
            failures += not _tell_handled(handled, console)
    if stop.is_set:
        print("The watch has ended; every finished take is kept.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED_STATUS)
    if failures:
        raise typer.Exit(1)


def _make_watched(
    plan: Watch,
    engine: SubprocessEngine,
    stop: Stop,
    console: Console,
    cut: CutRecord,
    wishes: list[tuple[Selected, Wish]],
    target: Path,
) -> Making:
    for notice in cut.notices:
        console.print(notice, style="yellow", markup=False)
    with bars(console) as progress:
        job_bars = JobBars(progress)
        return make_what_is_missing(
            cut,
            wishes,
            project=plan.project_folder,
            target=target,
            engine=engine,
            stop=stop,
            on_jobs=job_bars.begin,
            on_change=job_bars.update,
        )


def _tell_handled(handled: Handled, console: Console) -> bool:
    """What came of one timeline; whether all went well."""
    print_left_out(console, handled.left_out)
    if handled.is_there is not None:
        _say(console, f"there     {handled.is_there}")
        return True
    if handled.is_own:
        _say(console, f"passed    {handled.source} (foley wrote it; it is no new cut)")
        return True
    if handled.making is None:
        print(handled.sentence, file=sys.stderr, flush=True)
        return False
    if handled.making.takes:
        console.print(takes_table(handled.making.takes, handled.making.hit_counts))
    for sentence in handled.making.failures:
        print(f"{handled.source.name}: {sentence}", file=sys.stderr, flush=True)
    if handled.making.timeline is not None:
        _say(console, f"timeline  {handled.making.timeline}")
    return not handled.making.failures


def _tell_installed(placed: Placed, limits: tuple[str, ...]) -> None:
    console = readers_console()
    for path in placed.done:
        _say(console, f"installed {path}")
    for sentence in limits if placed.done else ():
        _say(console, sentence)
    _end_where_kept(placed, "it is not foley's or was changed by hand; move it away to have foley's")


def _tell_removed(placed: Placed) -> None:
    for path in placed.done:
        _say(readers_console(), f"removed   {path}")
    _end_where_kept(placed, "it was changed by hand; delete it yourself if you do not want it")


def _end_where_kept(placed: Placed, why: str) -> None:
    for path in placed.kept:
        print(f"{path} is kept: {why}.", file=sys.stderr)
    if placed.kept:
        raise typer.Exit(1)


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)
