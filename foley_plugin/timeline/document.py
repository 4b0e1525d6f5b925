"""A timeline file of any format as parsed OpenTimelineIO JSON, read once and checked."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from engine.protocol import fraction
from foley_plugin.timeline.document_parts import brief, the_timeline, timelines_in
from foley_plugin.timeline.errors import TimelineNotFound, TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats import otio_json
from foley_plugin.timeline.formats.aaf import converted_aaf
from foley_plugin.timeline.formats.bundle import converted_otiod, converted_otioz
from foley_plugin.timeline.formats.content import (
    BUNDLE_CONTENT,
    FCPXML_BUNDLE_CONTENT,
    HEAD_BYTES,
    Format,
    format_of,
    format_of_folder,
    suffix_notice,
)
from foley_plugin.timeline.formats.converted import Converted
from foley_plugin.timeline.formats.edl import converted_edl
from foley_plugin.timeline.formats.fcpxml import converted_fcpxml
from foley_plugin.timeline.formats.xmeml import converted_xmeml
from foley_plugin.timeline.guards import Json, check_structure, too_deep
from foley_plugin.timeline.records import AS_IT_STANDS, Reading

__all__ = ["Document", "brief", "read_document", "the_timeline", "timelines_in"]

_NO_CHARACTER = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_KEPT_BYTE = re.compile("[\udc80-\udcff]")
"""Halves of characters, and the bytes that were no text, which are kept as such halves."""

MAX_FILE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Document:
    """A timeline file, read once.

    Attributes:
        root: the whole timeline as parsed OpenTimelineIO JSON; of other formats the chosen timeline.
        text: what was parsed, byte-order mark stripped.
        sha256: of the file's bytes; of a bundle's timeline and directory.
        has_broken_text: some of it was not valid UTF-8 (kept as surrogate escapes).
        format: what the source is; `root` is converted where that is not OTIO.
        notices: what had to be guessed or left out, whole sentences.
        drop_frame: how the timeline counts, None where the file does not say.
        sequence: which timeline of `root` is meant, as `the_timeline` wants it.
    """

    root: Json
    text: str
    sha256: str
    has_broken_text: bool
    format: Format = Format.OTIO
    notices: tuple[str, ...] = ()
    drop_frame: bool | None = None
    sequence: str | None = None


def read_document(path: Path, reading: Reading = AS_IT_STANDS) -> Document:
    """Read and check a timeline of any format, known by its content.

    Raises:
        TimelineError: any of its leaves.
    """
    if path.is_dir():
        return _read_folder(path, reading)
    head = _bytes_of(path, HEAD_BYTES, whole=False)
    if format_of(head, path.name) is Format.OTIOZ:
        converted, sha256 = converted_otioz(path)
        return _document(converted, sha256, Format.OTIOZ, path, reading)
    return _read_bytes(_bytes_of(path, MAX_FILE_BYTES, whole=True), path, reading)


def _read_folder(path: Path, reading: Reading) -> Document:
    found = format_of_folder(path)
    content = path / (BUNDLE_CONTENT if found is Format.OTIOD else FCPXML_BUNDLE_CONTENT)
    raw = _bytes_of(content, MAX_FILE_BYTES, whole=True)
    if found is Format.OTIOD:
        return _document(converted_otiod(path), _sha256(raw), found, path, reading)
    return _read_bytes(raw, path, reading)


def _read_bytes(raw: bytes, path: Path, reading: Reading) -> Document:
    found = format_of(raw, path.name)
    if found is Format.OTIO:
        root, text, is_broken = otio_json.parsed(raw, path.name)
        return Document(root, text, _sha256(raw), is_broken, sequence=reading.sequence)
    return _document(_converted(found, raw, path.name, reading), _sha256(raw), found, path, reading)


def _converted(found: Format, raw: bytes, file_name: str, reading: Reading) -> Converted:
    try:
        return _convert(found, raw, file_name, reading)
    except RecursionError:
        raise TimelineTooLarge(too_deep(file_name)) from None


def _convert(found: Format, raw: bytes, file_name: str, reading: Reading) -> Converted:
    if found is Format.XMEML:
        return converted_xmeml(raw, file_name)
    if found is Format.FCPXML:
        return converted_fcpxml(raw, file_name)
    if found is Format.AAF:
        return converted_aaf(raw, file_name)
    assert found is Format.EDL
    rate: Fraction | None = None if reading.rate is None else fraction(reading.rate)
    return converted_edl(raw, file_name, rate)


def _document(converted: Converted, sha256: str, found: Format, path: Path, reading: Reading) -> Document:
    """Of several timelines, the chosen one alone: an editor would import them all."""
    root = the_timeline(converted.root, path.name, reading.sequence)
    check_structure(root, path.name)
    notice = suffix_notice(found, path)
    text = _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", json.dumps(root, ensure_ascii=False))
    return Document(
        root=root,
        text=text,
        sha256=sha256,
        has_broken_text=_KEPT_BYTE.search(text) is not None,
        format=found,
        notices=converted.notices if notice is None else (notice, *converted.notices),
        drop_frame=converted.drop_frame,
    )


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _bytes_of(path: Path, limit: int, *, whole: bool) -> bytes:
    """A file's bytes up to `limit`; more is an error where it is wanted `whole`."""
    try:
        if not path.is_file():
            raise TimelineNotFound(f"There is no timeline file at {path}; check the path.")
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise TimelineNotFound(f"The timeline {path} cannot be opened ({brief(error)}).") from None
    if whole and len(raw) > limit:
        raise TimelineTooLarge(
            f"{path.name} is larger than {limit // 2**20} MB; export a shorter part of the cut."
        )
    if whole and not raw.strip():
        raise TimelineUnreadable(f"{path.name} is empty; export the cut again.")
    return raw
