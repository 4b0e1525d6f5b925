"""From placements to a written timeline, the same way wherever foley is written: levels, file, hand-back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.protocol import fraction
from foley_plugin.services.hand_back import keep_hand_back
from foley_plugin.timeline.client import export_cut
from foley_plugin.timeline.out.records import Exported, ExportOptions
from foley_plugin.timeline.preflight.findings import Severity
from foley_plugin.timeline.records import CutRecord, Placement

IN_SPITE_OF_FINDINGS = ExportOptions(anyway=True)
"""Takes cost their time: what an import may stumble over in the cut's own clips is told, and no reason to lose them."""


def write_foley(
    cut: CutRecord,
    target: Path,
    placements: Sequence[Placement],
    project: Path,
    *,
    target_name: str = "resolve",
    options: ExportOptions = IN_SPITE_OF_FINDINGS,
) -> Exported:
    """Write the cut with takes at their families' levels to a new file, and tell the editors' scripts of it.

    Args:
        target_name: a name of `nle.targets.TARGETS`.

    Raises:
        TimelineError: the timeline cannot be written.
    """
    placed = levelled_for(cut, placements)
    exported = export_cut(
        Path(cut.path),
        target,
        placed,
        target_name=target_name,
        options=options,
        source_sha256=cut.source_sha256,
        reading=cut.reading,
    )
    if exported.path is not None:
        keep_hand_back(project, cut, Path(exported.path), exported.placements)
    return exported


def refusal(exported: Exported) -> str:
    """Why nothing was written, for the user."""
    error = next((each for each in exported.findings if each.severity is Severity.ERROR), None)
    if error is None:
        return "The timeline was not written."
    return f"The timeline was not written: {error.what} {error.remedy}"


def refused(exported: Exported | None) -> list[str]:
    """The sentence of a timeline that was to be written and was not; none else."""
    return [refusal(exported)] if exported is not None and exported.path is None else []


def levelled_for(cut: CutRecord, placements: Sequence[Placement]) -> list[Placement]:
    from foley_plugin.takes.levels import levelled  # here, since numpy is not needed to start

    return levelled(placements, fraction(cut.rate))
