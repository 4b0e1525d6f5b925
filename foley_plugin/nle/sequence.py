"""A whole cut as plain values, for the formats that are written anew instead of by surgery.

    OTIO JSON + placements -> Sequence -> FCP7 XML, FCPXML, AAF

Positions on the timeline are whole frames of its rate, counted from its start. Times in media are exact
seconds from the media's first frame. Every clip has one speed: a ramp is several clips.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


@dataclass(frozen=True)
class Mark:
    """A hit or a marker of the cut: a frame or several from it on, a name and a colour of OpenTimelineIO's."""

    frame: int
    name: str
    colour: str = "RED"
    note: str = ""
    length: int = 1


@dataclass(frozen=True)
class Clock:
    """A first frame's timecode: `frames` of `rate` after midnight, and as text."""

    rate: Fraction
    frames: int
    text: str
    drop_frame: bool


@dataclass(frozen=True)
class MediaFile:
    """A file that clips play.

    Attributes:
        path: plain and absolute, of whichever operating system.
        start: its first frame in its own timecode.
        duration: seconds.
        width, height: 0 without a picture.
        num_channels: 0 without sound; all streams together.
        is_there: it was found on disk.
    """

    path: str
    name: str
    start: Clock
    duration: Fraction
    width: int = 0
    height: int = 0
    num_channels: int = 0
    sample_rate: int = 48_000
    is_there: bool = True

    @property
    def has_picture(self) -> bool:
        return self.width > 0

    @property
    def start_s(self) -> Fraction:
        """Its first frame, seconds after midnight."""
        return self.start.frames / self.start.rate


@dataclass(frozen=True)
class SequenceClip:
    """A stretch of media at one speed.

    Attributes:
        place: as in `V1:3`; empty for foley.
        source_in: what is seen at `record_in`; a reversed clip plays from there down.
        channels: which of the media's channels are heard, from 1.
        link: clips of one number move together in an editor.
        role: of foley, such as "foley-footsteps"; empty for the cut's own.
        marks: frames of the timeline.
    """

    place: str
    name: str
    media: MediaFile
    record_in: int
    duration: int
    source_in: Fraction
    speed: Fraction = Fraction(1)
    enabled: bool = True
    channels: tuple[int, ...] = ()
    link: int | None = None
    role: str = ""
    marks: tuple[Mark, ...] = ()
    gain_db: float = 0.0

    @property
    def record_out(self) -> int:
        return self.record_in + self.duration


class Fade(StrEnum):
    """Where a dissolve has a clip on one side only."""

    NONE = ""
    IN = "in"
    OUT = "out"


@dataclass(frozen=True)
class Dissolve:
    """A dissolve around the cut at frame `at`: `head` frames before it, `tail` after; of sound a cross-fade."""

    at: int
    head: int
    tail: int
    fade: Fade = Fade.NONE


@dataclass(frozen=True)
class SequenceTrack:
    """Clips in record order without overlap; `kind` is "video" or "audio"."""

    kind: str
    name: str
    clips: tuple[SequenceClip, ...]
    enabled: bool = True
    num_channels: int = 0
    dissolves: tuple[Dissolve, ...] = ()


@dataclass(frozen=True)
class Sequence:
    """A timeline: tracks bottom to top for video, top to bottom for audio, foley last."""

    name: str
    start: Clock
    duration: int
    width: int
    height: int
    tracks: tuple[SequenceTrack, ...]
    marks: tuple[Mark, ...] = field(default=())

    @property
    def rate(self) -> Fraction:
        return self.start.rate

    def of_kind(self, kind: str) -> Iterator[SequenceTrack]:
        return (track for track in self.tracks if track.kind == kind)
