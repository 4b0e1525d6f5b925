"""What an editor's script needs to lay the takes itself, written into the project beside every export.

    cut.otio                  what the editor exported
    cut_foley.otio            what foley wrote
    cut.foley/
        hand_back/0001.json   which take goes where, for scripts

Frames count in the timeline's own rate, from the timeline's start. The newest file is the one that counts.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.protocol import Rational, fraction
from foley_plugin.timeline.atomic import AlreadyThere, write_new_file
from foley_plugin.timeline.lanes import TrackLane, lanes_of
from foley_plugin.timeline.records import AS_IT_STANDS, CutRecord, Placement, Reading

HAND_BACK_FOLDER = "hand_back"
HAND_BACK_VERSION = 1

_log = logging.getLogger(__name__)


class HandedClip(Struct, frozen=True):
    """One take: `head_frames` of the WAV lie before `record_frame`."""

    wav: str
    record_frame: int
    duration_frames: int
    head_frames: int
    wav_frames: int
    label: str
    gain_db: float = 0.0
    """What the written timeline brings the take to its family's level by; a script cannot."""


class HandedTrack(Struct, frozen=True):
    """One new audio track, its clips in record order without overlaps."""

    name: str
    num_channels: int
    clips: list[HandedClip]


class HandBack(Struct, frozen=True):
    source: str
    """The timeline that the editor exported, a plain absolute path."""
    source_sha256: str
    timeline: str
    """The timeline that foley wrote of it."""
    rate: Rational
    """Frames a second."""
    start_frame: int
    """Of the timeline: its start timecode in frames."""
    tracks: list[HandedTrack]
    reading: Reading = AS_IT_STANDS
    """Which timeline of the source it is, and an EDL's rate, as somebody said."""
    version: int = HAND_BACK_VERSION


def hand_back_of(cut: CutRecord, timeline: Path, placements: Sequence[Placement]) -> HandBack:
    """Where the takes lie in a written timeline, on the same tracks."""
    return HandBack(
        source=cut.path,
        source_sha256=cut.source_sha256,
        timeline=str(timeline),
        rate=cut.rate,
        start_frame=round(fraction(cut.start) * fraction(cut.rate)),
        tracks=[_track(lane) for lane in lanes_of([each for each in placements if each.enabled])],
        reading=cut.reading,
    )


def keep_hand_back(
    project: Path, cut: CutRecord, timeline: Path, placements: Sequence[Placement]
) -> Path | None:
    """Write the hand-back of a timeline that was just written; its path.

    None where it could not be written: the timeline and the takes are there all the same, and a script
    says that it finds nothing.
    """
    content = msgspec.json.format(msgspec.json.encode(hand_back_of(cut, timeline, placements)), indent=2)
    folder = project / HAND_BACK_FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = max((number for number, _ in _numbered(folder)), default=0)
        while True:
            number += 1
            try:
                path = folder / f"{number:04d}.json"
                write_new_file(path, content)
                return path
            except AlreadyThere:
                continue
    except OSError as error:
        _log.warning("the hand-back in %s could not be written: %s", folder, error)
        return None


def read_hand_backs(project: Path) -> Iterator[HandBack]:
    """Every hand-back of a project that can be read, newest first."""
    for _, path in sorted(_numbered(project / HAND_BACK_FOLDER), reverse=True):
        try:
            yield msgspec.json.decode(path.read_bytes(), type=HandBack)
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("the hand-back %s cannot be read: %s", path, error)


def written_timeline(project: Path, cut: CutRecord, labels: Collection[str] = ()) -> Path | None:
    """The timeline that this project last wrote of a cut with takes of these labels, where it is still there."""
    for each in read_hand_backs(project):
        found = {clip.label for track in each.tracks for clip in track.clips}
        is_same = (each.source_sha256, each.reading) == (cut.source_sha256, cut.reading)
        if is_same and found.issuperset(labels) and os.path.exists(each.timeline):
            return Path(each.timeline)
    return None


def is_written_by(project: Path, timeline: Path) -> bool:
    """Whether foley wrote this timeline out of the project's takes."""
    return any(Path(each.timeline) == timeline for each in read_hand_backs(project))


def _track(lane: TrackLane) -> HandedTrack:
    clips = [
        HandedClip(
            wav=placement.wav,
            record_frame=placement.record_frame,
            duration_frames=placement.duration_frames,
            head_frames=placement.head_frames,
            wav_frames=placement.wav_frames,
            label=str(placement.metadata.get("label", "")),
            gain_db=placement.gain_db,
        )
        for placement in lane.placements
    ]
    return HandedTrack(lane.name, lane.num_channels, clips)


def _numbered(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in folder.glob("*.json"):
        if path.stem.isdecimal():
            yield int(path.stem), path
