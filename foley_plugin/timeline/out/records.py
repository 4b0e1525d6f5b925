"""What is asked of an export and what comes of it; plain records that cross from the timeline child."""

from __future__ import annotations

from msgspec import Struct

from foley_plugin.timeline.preflight.findings import Finding, MendChoice
from foley_plugin.timeline.records import Placement


class ExportOptions(Struct, frozen=True):
    """How to export.

    Attributes:
        mend: apply every mend that the preflight offers, to the written copy.
        mends: with `mend`, only these, of what a preflight has found before; None means every one.
        anyway: write in spite of errors that the cut's own clips have.
        only_look: preflight and write nothing.
        bundle_media: the cut's own media goes into the file too, where the format can hold it.
    """

    mend: bool = False
    anyway: bool = False
    only_look: bool = False
    bundle_media: bool = False
    mends: list[MendChoice] | None = None


class Exported(Struct, frozen=True):
    """What came of it.

    Attributes:
        path: what was written; None where nothing was.
        findings: of the preflight; with mends, those that are left.
        mended: what was mended, a sentence each.
        placements: what lies in it, after the mends.
    """

    path: str | None
    findings: list[Finding]
    mended: list[str]
    placements: list[Placement] = []
