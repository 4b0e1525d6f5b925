"""`foley export`: the takes at hand into a timeline, without the engine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from foley_plugin.cli_options import (
    CutArgument,
    JsonOption,
    RateOption,
    SequenceOption,
    TargetOption,
    console_for,
    print_findings,
)
from foley_plugin.cli_output import ExportReport
from foley_plugin.cli_reports import check_report_target, write_report
from foley_plugin.jobs.project import default_project_folder
from foley_plugin.services.exporting import export_project
from foley_plugin.services.opening import open_cut
from foley_plugin.timeline.out.records import Exported, ExportOptions
from foley_plugin.timeline.preflight.findings import Severity
from foley_plugin.timeline.reading import reading_of


def export_command(
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
    sequence: SequenceOption = None,
    rate: RateOption = None,
    json: JsonOption = None,
) -> None:
    """Write the cut with takes that its project holds already; no engine is needed."""
    check_report_target(json, cut, to)
    record = open_cut(cut, reading=reading_of(sequence, rate), project=project)
    folder = project if project is not None else default_project_folder(cut.absolute())
    options = ExportOptions(mend=mend, anyway=anyway, only_look=preflight_only, bundle_media=bundle_media)
    exported = export_project(
        record, folder, to, target_name=target, takes=takes, with_marks=markers, options=options
    )
    console = console_for(json)
    _tell_export(exported, console)
    if json is not None:
        write_report(ExportReport(exported.path, exported.findings, exported.mended), json)
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
    print_findings(exported.findings, console)
    for sentence in exported.mended:
        console.print(f"mended    {sentence}", markup=False, soft_wrap=True)
    if exported.path is not None:
        console.print(f"timeline  {exported.path}", markup=False, soft_wrap=True)
