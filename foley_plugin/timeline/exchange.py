"""What crosses between the program and its timeline child: one JSON request in, one JSON reply out."""

from __future__ import annotations

from msgspec import Struct

from foley_plugin.timeline.errors import ReaderFailed, SeveralTimelines, TimelineError
from foley_plugin.timeline.media_places import MediaPlaces
from foley_plugin.timeline.out.records import Exported, ExportOptions
from foley_plugin.timeline.records import CutRecord, Placement, Reading


class ReadCut(Struct, frozen=True, tag="read"):
    """Read the timeline at `path`, a plain path; `checks` of False leaves the media for a later reading."""

    path: str
    reading: Reading = Reading()
    places: MediaPlaces = MediaPlaces()
    checks: bool = True


class WriteCut(Struct, frozen=True, tag="write"):
    """Write `source` with new audio tracks to `target`; see `write.write_cut`."""

    source: str
    target: str
    placements: list[Placement]
    target_nle: str
    source_sha256: str | None = None
    reading: Reading = Reading()


class ExportCut(Struct, frozen=True, tag="export"):
    """Preflight `source` and write it with its takes for one target; see `out.export.export_cut`."""

    source: str
    target: str
    placements: list[Placement]
    target_name: str
    options: ExportOptions
    source_sha256: str | None = None
    reading: Reading = Reading()


class CutRead(Struct, frozen=True, tag="cut"):
    cut: CutRecord


class CutWritten(Struct, frozen=True, tag="written"):
    path: str


class CutExported(Struct, frozen=True, tag="exported"):
    exported: Exported


class Refused(Struct, frozen=True, tag="refused"):
    """`code` is a leaf of `errors.TimelineError`; `detail` is for the log, never for the user."""

    code: str
    sentence: str
    detail: str = ""
    choices: list[str] = []
    """Of a file with several timelines, their names."""


Request = ReadCut | WriteCut | ExportCut
Reply = CutRead | CutWritten | CutExported | Refused


def error_of(refused: Refused) -> TimelineError:
    """The exception that the child raised, raised again here."""
    if refused.code == SeveralTimelines.code:
        return SeveralTimelines(refused.sentence, refused.choices)
    leaves = {leaf.code: leaf for leaf in TimelineError.__subclasses__()}
    return leaves.get(refused.code, ReaderFailed)(refused.sentence)
