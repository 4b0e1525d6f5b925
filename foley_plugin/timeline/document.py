"""A timeline file as parsed JSON, read once and checked."""

from __future__ import annotations

import codecs
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from foley_plugin.timeline.errors import TimelineNotFound, TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.guards import Json, check_structure, schema_name, too_deep

MAX_FILE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Document:
    """A timeline file, read once.

    Attributes:
        root: the whole parsed JSON.
        text: what was parsed, byte-order mark stripped.
        sha256: of the file's bytes.
        has_broken_text: some of it was not valid UTF-8 (kept as surrogate escapes).
    """

    root: Json
    text: str
    sha256: str
    has_broken_text: bool


def read_document(path: Path) -> Document:
    """Read and check a timeline file.

    Raises:
        TimelineNotFound, TimelineTooLarge, TimelineUnreadable.
    """
    raw = _bytes_of(path)
    text, is_broken = _decoded(raw)
    try:
        root = json.loads(text)
    except RecursionError:
        raise TimelineTooLarge(too_deep(path.name)) from None
    except ValueError as error:
        raise TimelineUnreadable(_not_json(path.name, text, error)) from None
    if not isinstance(root, dict) or schema_name(root) is None:
        raise TimelineUnreadable(
            f"{path.name} is JSON, but not an OpenTimelineIO timeline; export the cut as .otio."
        )
    check_structure(root, path.name)
    return Document(root, text, hashlib.sha256(raw).hexdigest(), is_broken)


def _not_json(file_name: str, text: str, error: ValueError) -> str:
    """A damaged timeline, or another kind of file altogether."""
    if text.lstrip()[:1] == "{":
        line = getattr(error, "lineno", 1)
        return f"{file_name} is damaged or cut short (line {line}); export the cut again."
    return f"{file_name} is not an OpenTimelineIO timeline; export the cut as .otio and open that."


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise TimelineNotFound(f"There is no timeline file at {path}; check the path.")
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise TimelineNotFound(f"The timeline {path} cannot be opened ({brief(error)}).") from None
    if len(raw) > MAX_FILE_BYTES:
        raise TimelineTooLarge(
            f"{path.name} is larger than {MAX_FILE_BYTES // 2**20} MB; export a shorter part of the cut."
        )
    if not raw.strip():
        raise TimelineUnreadable(f"{path.name} is empty; export the cut again.")
    return raw


def _decoded(raw: bytes) -> tuple[str, bool]:
    """Text and whether some bytes of it were no text."""
    if raw.startswith(codecs.BOM_UTF8):
        raw = raw[len(codecs.BOM_UTF8) :]
    encoding = json.detect_encoding(raw)
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError:
        return raw.decode("utf-8", "surrogateescape"), True


def timelines_in(root: Json) -> list[Json]:
    """The timelines of a file: its root, or those of a collection."""
    if schema_name(root) == "Timeline":
        return [root]
    if schema_name(root) == "SerializableCollection":
        return [found for child in root.get("children", []) for found in timelines_in(child)]
    return []


def the_timeline(root: Json, file_name: str) -> Json:
    """The one timeline of a file.

    Raises:
        TimelineUnreadable: none, or several.
    """
    found = timelines_in(root)
    if len(found) == 1:
        return found[0]
    if found:
        raise TimelineUnreadable(
            f"{file_name} holds {len(found)} timelines; export the one that you want foley for by itself."
        )
    raise TimelineUnreadable(
        f"{file_name} holds a {schema_name(root)}, not a timeline; export the whole timeline as .otio."
    )


def brief(error: Exception) -> str:
    """An exception in a few words, for the middle of a sentence."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
