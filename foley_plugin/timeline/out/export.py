"""Writes a cut with its foley for one target, after a preflight. Runs in the timeline child."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from foley_plugin.nle.target import NleTarget
from foley_plugin.nle.targets import TARGETS
from foley_plugin.timeline.atomic import AlreadyThere, stream_new_file
from foley_plugin.timeline.document import Document, brief, read_document, the_timeline
from foley_plugin.timeline.errors import WriteRefused
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.out.bundle import (
    Bundle,
    bundle_picture,
    bundle_writer,
    bundled_takes,
    check_bundle,
)
from foley_plugin.timeline.out.laying import sequence_of, start_of
from foley_plugin.timeline.out.media_files import MediaFiles
from foley_plugin.timeline.out.records import Exported, ExportOptions
from foley_plugin.timeline.preflight.findings import Finding, MendChoice, Severity
from foley_plugin.timeline.preflight.mends import mended
from foley_plugin.timeline.preflight.preflight import preflight
from foley_plugin.timeline.records import AS_IT_STANDS, Placement, Reading
from foley_plugin.timeline.surgery import timeline_with_foley
from foley_plugin.timeline.timecode import counts_drop_frame, has_drop_frame
from foley_plugin.timeline.timeline_rate import timeline_rate
from foley_plugin.timeline.write import (
    check_placement,
    check_target,
    exists_already,
    replaced,
    serialised,
    write_whole,
)


def export_cut(
    source: Path,
    target: Path,
    placements: Sequence[Placement],
    *,
    target_name: str,
    options: ExportOptions,
    source_sha256: str | None = None,
    reading: Reading = AS_IT_STANDS,
) -> Exported:
    """Preflight a cut for a target and write it with its foley to a file that must not exist.

    The source is never touched, and the file is written whole or not at all.

    Raises:
        TimelineError: the source cannot be read.
        WriteRefused: the target is unknown or unavailable; the file exists or cannot be written; a take
            cannot be used.
    """
    nle = known_target(target_name)
    source, target = Path(os.path.abspath(source)), Path(os.path.abspath(target))
    if not options.only_look:
        check_target(source, target, nle.suffix)
    document, timeline = _read(source, source_sha256, reading)
    base = _base_of(source, target, nle, options)
    work = _Work(document, timeline, str(source.parent), list(placements), nle, source.stem, base)
    findings, told = work.look(options)
    if options.only_look or _stops(findings, options.anyway):
        return Exported(None, findings, told)
    for placement in work.placements:
        check_placement(placement, work.rate)
    findings += work.write(target, options.bundle_media)
    return Exported(str(target), findings, told, work.placements)


def known_target(name: str) -> NleTarget:
    """
    Raises:
        WriteRefused: there is none of that name, or it cannot be written.
    """
    target = TARGETS.get(name)
    if target is None:
        raise WriteRefused(f"There is no target “{name}”; choose one of {', '.join(TARGETS)}.")
    if target.unavailable:
        raise WriteRefused(target.unavailable)
    return target


def _stops(findings: Sequence[Finding], anyway: bool) -> bool:
    """Errors of takes always stop; those of the cut's own clips may be overruled."""
    errors = [found for found in findings if found.severity is Severity.ERROR]
    return any(not anyway or found.take is not None for found in errors)


def _is_wanted(found: Finding, mends: Sequence[MendChoice] | None) -> bool:
    return found.mend is not None and (mends is None or found.mend_choice in mends)


class _Work:
    """One export on its way; the source's own JSON is never changed."""

    def __init__(
        self,
        document: Document,
        timeline: Json,
        folder: str,
        placements: list[Placement],
        nle: NleTarget,
        name: str,
        base: str | None,
    ) -> None:
        self.document, self.source = document, timeline
        self.timeline, self.placements = timeline, placements
        self.folder, self.nle, self.name, self.base = folder, nle, name, base
        self.rate = timeline_rate(timeline).exact
        self.files = MediaFiles(self.rate, _drop_frame(document, timeline, self.rate))

    def look(self, options: ExportOptions) -> tuple[list[Finding], list[str]]:
        """Preflight, and mend where that was asked for. A mend may bring up another finding, once; where single
        mends were chosen it is only told, since nobody has chosen it.
        """
        findings, told = self._preflight(), []
        rounds = 0 if not options.mend else 2 if options.mends is None else 1
        for _ in range(rounds):
            wanted = [found for found in findings if _is_wanted(found, options.mends)]
            if not wanted:
                break
            done = mended(self.timeline, self.folder, self.placements, wanted, self.files, self.rate)
            self.timeline, self.placements = done.timeline, done.placements
            told += done.told
            findings = self._preflight()
        return findings, told

    def write(self, target: Path, bundle_media: bool) -> list[Finding]:
        """Write the file; returns what had to be left out of it."""
        if self.nle.is_bundle:
            return self._write_bundle(target, bundle_media)
        if self.nle.write is None:
            write_whole(target, self._otio(self.timeline, self.placements))
            return []
        sequence = sequence_of(self.timeline, self.folder, self.placements, self.name, self.files)
        write = self.nle.write
        if self.nle.check is None:
            held = BytesIO()
            write(sequence, held, False)
            write_whole(target, held.getvalue())
        else:
            _stream(target, lambda out: write(sequence, out, bundle_media), self.nle.check)
        return []

    def _write_bundle(self, target: Path, bundle_media: bool) -> list[Finding]:
        bundle = Bundle()
        timeline, left_out = copy.deepcopy(self.timeline), []
        if bundle_media:
            left_out = bundle_picture(timeline, self.folder, self.files, bundle)
        content = self._otio(timeline, bundled_takes(self.placements, bundle))
        _stream(target, bundle_writer(content, bundle), check_bundle)
        return [_not_bundled(path) for path in left_out]

    def _otio(self, timeline: Json, placements: Sequence[Placement]) -> bytes:
        """The source's own JSON with the foley tracks."""
        written = timeline_with_foley(timeline, placements, self.nle)
        return serialised(replaced(self.document.root, self.source, written), self.document)

    def _preflight(self) -> list[Finding]:
        return preflight(self.timeline, self.folder, self.placements, self.nle, self.files, self.base)


def _base_of(source: Path, target: Path, nle: NleTarget, options: ExportOptions) -> str | None:
    """What relative media paths will count from; None for a look before a file is chosen.

    In a bundle that is the bundle itself, but for media that goes into it and is named anew.
    """
    folder = str(source.parent)
    if options.only_look and target == source:
        return None
    if nle.is_bundle:
        return folder if options.bundle_media else str(target)
    is_same = os.path.realpath(folder) == os.path.realpath(target.parent)
    return folder if is_same else str(target.parent)


def _drop_frame(document: Document, timeline: Json, rate: Fraction) -> bool:
    """How the timeline counts: by its file's own word, else by its start."""
    if document.drop_frame is None:
        return counts_drop_frame(Fraction(round(start_of(timeline) * rate)), rate)
    return document.drop_frame and has_drop_frame(rate)


def _not_bundled(path: str) -> Finding:
    name = os.path.basename(path)
    what = f"{path} is missing or no readable media, and is not in the bundle."
    return Finding(Severity.WARNING, name, what, "Bring it back and export again.")


def _read(source: Path, sha256: str | None, reading: Reading) -> tuple[Document, Json]:
    document = read_document(source, reading)
    if sha256 not in (None, document.sha256):
        raise WriteRefused(f"{source.name} has changed since it was read; open it again and export then.")
    if schema_name(document.root) not in ("Timeline", "SerializableCollection"):
        raise WriteRefused(
            f"{source.name} holds a single {schema_name(document.root)}, not a timeline, so no track can be "
            "added; export the whole timeline as .otio."
        )
    return document, the_timeline(document.root, source.name, document.sequence)


def _stream(target: Path, write: Callable[[BinaryIO], None], check: Callable[[BinaryIO], None]) -> None:
    try:
        stream_new_file(target, write, check)
    except AlreadyThere:
        raise WriteRefused(exists_already(target)) from None
    except OSError as error:
        raise WriteRefused(
            f"{target} could not be written ({brief(error)}); free some space or choose another folder."
        ) from None
