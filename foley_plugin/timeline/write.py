"""Writes a cut back with its foley: the source's own JSON with new audio tracks, in a new file."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import soundfile

from foley_plugin.nle.targets import TARGETS
from foley_plugin.timeline.atomic import AlreadyThere, write_new_file
from foley_plugin.timeline.document import Document, brief, read_document, the_timeline
from foley_plugin.timeline.errors import WriteRefused
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.records import AS_IT_STANDS, Placement, Reading
from foley_plugin.timeline.surgery import is_absolute, timeline_with_foley
from foley_plugin.timeline.timeline_rate import timeline_rate

INDENT = 4


def write_cut(
    source: Path,
    target: Path,
    placements: Sequence[Placement],
    *,
    target_nle: str = "resolve",
    source_sha256: str | None = None,
    reading: Reading = AS_IT_STANDS,
) -> Path:
    """Write the source timeline with the takes on new audio tracks to `target`, which must not exist.

    The target is an .otio; a source of another format is converted. The source is never touched.
    The file is written whole or not at all.

    Args:
        target_nle: a name of `nle.targets.TARGETS`.
        source_sha256: `CutRecord.source_sha256`; a source that has changed since is refused.
        reading: `CutRecord.reading`, how the source was read.

    Returns:
        The absolute path written.

    Raises:
        TimelineError: the source cannot be read.
        WriteRefused: the target exists, is the source or cannot be written; a take is missing or its range
            exceeds its file; the source is no timeline.
    """
    source, target = Path(os.path.abspath(source)), Path(os.path.abspath(target))
    check_target(source, target)
    nle = TARGETS.get(target_nle)
    if nle is None:
        raise WriteRefused(f"There is no target “{target_nle}”; choose one of {', '.join(TARGETS)}.")
    document = read_document(source, reading)
    if source_sha256 not in (None, document.sha256):
        raise WriteRefused(f"{source.name} has changed since it was read; open it again and export then.")
    if schema_name(document.root) not in ("Timeline", "SerializableCollection"):
        raise WriteRefused(
            f"{source.name} holds a single {schema_name(document.root)}, not a timeline, so no track can be "
            "added; export the whole timeline as .otio."
        )
    timeline = the_timeline(document.root, source.name, document.sequence)
    rate = timeline_rate(timeline).exact
    for placement in placements:
        check_placement(placement, rate)
    written = timeline_with_foley(timeline, placements, nle)
    root = replaced(document.root, timeline, written)
    write_whole(target, serialised(root, document))
    return target


def serialised(root: Json, document: Document) -> bytes:
    """JSON in the source's style; what was no valid text goes out as the bytes that came in."""
    text = json.dumps(root, indent=INDENT, ensure_ascii=False)
    try:
        return text.encode("utf-8", "surrogateescape" if document.has_broken_text else "strict")
    except UnicodeEncodeError:
        return json.dumps(root, indent=INDENT).encode("ascii")


def write_whole(target: Path, content: bytes) -> None:
    try:
        write_new_file(target, content)
    except AlreadyThere:
        raise WriteRefused(exists_already(target)) from None
    except OSError as error:
        raise WriteRefused(
            f"{target} could not be written ({brief(error)}); free some space or choose another folder."
        ) from None


def check_target(source: Path, target: Path, suffix: str = ".otio") -> None:
    if target.suffix.lower() != suffix:
        raise WriteRefused(f"{target.name} is no name for a timeline; end it in {suffix}.")
    if _is_same_file(source, target):
        raise WriteRefused(
            f"{target.name} is the source timeline, which is never overwritten; choose another name."
        )
    if os.path.lexists(target):
        raise WriteRefused(exists_already(target))
    if not target.parent.is_dir():
        raise WriteRefused(f"There is no folder {target.parent} to write {target.name} to; create it first.")


def _is_same_file(source: Path, target: Path) -> bool:
    try:
        return source == target or target.samefile(source)
    except OSError:
        return False


def check_placement(placement: Placement, rate: Fraction) -> None:
    """One missing file, or a range outside its file, makes an editor refuse the whole timeline."""
    name = os.path.basename(placement.wav)
    if not is_absolute(placement.wav):
        raise WriteRefused(f"The take {name} has no absolute path; export from a project with a full path.")
    frames = (placement.head_frames, placement.record_frame)
    is_inside = placement.head_frames + placement.duration_frames <= placement.wav_frames
    if min(frames) < 0 or placement.duration_frames <= 0 or not is_inside:
        raise WriteRefused(
            f"The take {name} would play outside its file or before the timeline; generate it anew."
        )
    try:
        sound = soundfile.info(placement.wav)
    except (soundfile.SoundFileError, OSError):
        raise WriteRefused(
            f"The take {placement.wav} is missing or unreadable; bring it back or generate it anew."
        ) from None
    if Fraction(sound.frames, sound.samplerate) < placement.wav_frames / rate:
        raise WriteRefused(f"The take {placement.wav} is shorter than its place asks for; generate it anew.")
    if sound.channels != placement.num_channels:
        raise WriteRefused(
            f"The take {placement.wav} has {sound.channels} channels where its track expects "
            f"{placement.num_channels}; generate it anew."
        )


def replaced(node: Any, old: Json, new: Json) -> Any:
    """A copy of a collection with one timeline of it exchanged."""
    if node is old:
        return new
    if schema_name(node) != "SerializableCollection":
        return node
    return node | {"children": [replaced(child, old, new) for child in node["children"]]}


def exists_already(target: Path) -> str:
    return f"{target} exists already and is not overwritten; choose another name."
