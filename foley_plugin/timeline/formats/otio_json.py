"""OpenTimelineIO's own JSON."""

from __future__ import annotations

import codecs
import json

from foley_plugin.timeline.errors import TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.guards import Json, check_structure, schema_name, too_deep


def parsed(raw: bytes, file_name: str) -> tuple[Json, str, bool]:
    """The checked JSON, its text without byte-order mark, and whether some bytes of it were no text.

    Raises:
        TimelineTooLarge, TimelineUnreadable.
    """
    text, is_broken = _decoded(raw)
    try:
        root = json.loads(text)
    except RecursionError:
        raise TimelineTooLarge(too_deep(file_name)) from None
    except ValueError as error:
        raise TimelineUnreadable(_not_json(file_name, text, error)) from None
    if not isinstance(root, dict) or schema_name(root) is None:
        raise TimelineUnreadable(
            f"{file_name} is JSON, but not an OpenTimelineIO timeline; export the cut as .otio."
        )
    check_structure(root, file_name)
    return root, text, is_broken


def _not_json(file_name: str, text: str, error: ValueError) -> str:
    """A damaged timeline, or another kind of file altogether."""
    if text.lstrip()[:1] == "{":
        line = getattr(error, "lineno", 1)
        return f"{file_name} is damaged or cut short (line {line}); export the cut again."
    return (
        f"{file_name} is not a timeline that foley knows; export the cut as OTIO, Final Cut Pro XML, FCPXML, "
        "AAF or EDL and open that."
    )


def _decoded(raw: bytes) -> tuple[str, bool]:
    if raw.startswith(codecs.BOM_UTF8):
        raw = raw[len(codecs.BOM_UTF8) :]
    encoding = json.detect_encoding(raw)
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError:
        return raw.decode("utf-8", "surrogateescape"), True
