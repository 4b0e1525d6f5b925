"""From a project's takes to a written timeline, in one go: what `foley export` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from foley_plugin.jobs.exporting import Which, kept_placements
from foley_plugin.jobs.project import with_project
from foley_plugin.nle.targets import TARGETS, target_of_suffix
from foley_plugin.services.writing import write_foley
from foley_plugin.timeline.client import export_cut
from foley_plugin.timeline.errors import WriteRefused
from foley_plugin.timeline.out.records import Exported, ExportOptions
from foley_plugin.timeline.records import CutRecord, Placement


def export_project(
    cut: CutRecord,
    project: Path,
    target: Path,
    *,
    target_name: str | None,
    takes: Which = "best",
    with_marks: bool = False,
    options: ExportOptions,
) -> Exported:
    """Write the cut with takes that its project holds already.

    Args:
        target_name: None goes by the file's suffix.

    Raises:
        FoleyError: no such project, no takes, a target that is unknown or cannot be written.
    """
    name = target_name if target_name is not None else name_of_target(target)
    placements = with_project(
        project, lambda store: kept_placements(store, cut, takes, with_marks=with_marks)
    )
    return write_foley(cut, target, placements, project.absolute(), target_name=name, options=options)


def look_at_export(cut: CutRecord, placements: Sequence[Placement], target_name: str) -> Exported:
    """The preflight alone: what an import would stumble over, with nothing mended and nothing written.

    Raises:
        TimelineError: the timeline cannot be read any more.
    """
    return export_cut(
        Path(cut.path),
        Path(cut.path),
        placements,
        target_name=target_name,
        options=ExportOptions(only_look=True),
        source_sha256=cut.source_sha256,
        reading=cut.reading,
    )


def name_of_target(target: Path) -> str:
    """The target that a file's suffix asks for.

    Raises:
        WriteRefused: none.
    """
    found = target_of_suffix(target.suffix)
    if found is None:
        suffixes = ", ".join(dict.fromkeys(each.suffix for each in TARGETS.values()))
        raise WriteRefused(
            f"{target.name} is no name for a timeline; end it in one of {suffixes}, or give --target."
        )
    return found.name
