"""Which format a timeline is in, told by what it holds: names lie, and exports get renamed."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

from foley_plugin.timeline.errors import TimelineNotFound, TimelineUnreadable

HEAD_BYTES = 64 * 1024
"""The first part of a file, which the format is told by."""

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND_FILE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_GZIP_MAGIC = b"\x1f\x8b"
_XML_ROOT = re.compile(r"<([A-Za-z_][\w.\-]*)")
_XML_PROLOGUE = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\])?[^>]*>", re.DOTALL)
_EDL_LINE = re.compile(
    r"^\s*(TITLE:|FCM:|\d+\s+\S.*\d\d[:;.]\d\d[:;.]\d\d[:;.]\d\d)", re.MULTILINE | re.IGNORECASE
)


class Format(Enum):
    """A timeline format by the name that editors know it by."""

    OTIO = "OpenTimelineIO"
    OTIOZ = "OTIOZ"
    OTIOD = "OTIOD"
    XMEML = "FCP7 XML"
    FCPXML = "FCPXML"
    AAF = "AAF"
    EDL = "EDL"


SUFFIXES = {
    Format.OTIO: (".otio", ".json"),
    Format.OTIOZ: (".otioz",),
    Format.OTIOD: (".otiod",),
    Format.XMEML: (".xml", ".xmeml"),
    Format.FCPXML: (".fcpxml", ".fcpxmld", ".xml"),
    Format.AAF: (".aaf",),
    Format.EDL: (".edl", ".txt"),
}

BUNDLE_CONTENT = "content.otio"
FCPXML_BUNDLE_CONTENT = "Info.fcpxml"


def format_of_folder(folder: Path) -> Format:
    """What a folder holds.

    Raises:
        TimelineNotFound: no timeline.
    """
    if (folder / BUNDLE_CONTENT).is_file():
        return Format.OTIOD
    if (folder / FCPXML_BUNDLE_CONTENT).is_file():
        return Format.FCPXML
    raise TimelineNotFound(
        f"{folder} is a folder without {BUNDLE_CONTENT}, so it is no timeline; open the exported file itself."
    )


def format_of(raw: bytes, file_name: str) -> Format:
    """What a file holds. What looks like nothing is taken for OpenTimelineIO, whose reader says why not.

    Raises:
        TimelineUnreadable: a kind of file that is known, and is no timeline.
    """
    if raw.startswith(ZIP_MAGICS):
        return Format.OTIOZ
    if raw.startswith(_COMPOUND_FILE_MAGIC):
        return Format.AAF
    if raw.startswith(_GZIP_MAGIC):
        raise TimelineUnreadable(
            f"{file_name} is a compressed project, not a timeline; export the sequence from your editor as "
            "OTIO or as Final Cut Pro XML."
        )
    text = _head_text(raw)
    if text.startswith("<"):
        return _xml_format(text, file_name)
    if text[:1] not in ("{", "[") and _EDL_LINE.search(text):
        return Format.EDL
    return Format.OTIO


def suffix_notice(found: Format, path: Path) -> str | None:
    """A sentence where the name says something else than the content."""
    if path.suffix.lower() in SUFFIXES[found]:
        return None
    return f"{path.name} holds {found.value}, whatever its name says, and was read as that."


def _xml_format(text: str, file_name: str) -> Format:
    root = _XML_ROOT.search(_XML_PROLOGUE.sub("", text))
    name = root[1].lower() if root else ""
    if name == "xmeml":
        return Format.XMEML
    if name == "fcpxml":
        return Format.FCPXML
    what = f"XML of another kind (<{root[1][:40]}>)" if root else "damaged XML"
    raise TimelineUnreadable(
        f"{file_name} is {what}, not a timeline; export the cut as OTIO, Final Cut Pro XML or FCPXML."
    )


def _head_text(raw: bytes) -> str:
    head = raw[:HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").lstrip("\ufeff \t\r\n")
    return head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
