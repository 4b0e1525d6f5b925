"""Plain records that cross from the timeline child to the rest. No OpenTimelineIO objects, no Qt.

Exact times are `Rational` pairs `[numerator, denominator]` in seconds. Record times count from the
timeline's start (global_start_time excluded).
"""

from __future__ import annotations

from msgspec import Struct

from engine.protocol import Rational, Span


class ClipRecord(Struct, frozen=True):
    """One video clip as it sits on the top-level timeline.

    `track` is the track's short name ("V1" is the lowest video track) and `index` the clip's 1-based
    place among the clips of that track, so that `V1:3` selects the third. A clip inside a nest is listed
    under the top-level track that holds the nest, with `nest` naming the path to it.
    """

    name: str
    track: str
    index: int
    record_in: Rational
    record_out: Rational
    source_in: Rational
    """In the media, counted from the media's first frame; the smallest source time that is played."""
    source_out: Rational
    media: str | None
    """Plain absolute path, an image sequence's line (`engine.protocol.sequence`), or None where there is none
    to name. Where the media was not found, the path that the timeline names."""
    eligible: bool
    reason: str | None
    """Why no foley can be made, one sentence; None where it can."""
    spans: list[Span]
    """The picture as played from record_in to record_out, dissolve offsets included."""
    media_in: Rational | None = None
    """The media's first frame in its own timecode, seconds."""
    media_duration: Rational | None = None
    enabled: bool = True
    nest: str | None = None
    speed_note: str | None = None
    """What the retime is, for people: "50 %", "reversed", "speed ramp"; None at normal speed."""
    kind: str = "clip"
    """"clip" or "title"; a title covers nothing below it."""
    layer: int = 0
    """Paint order: a clip of a higher layer covers those of lower ones, inside nests too."""
    is_checking: bool = False
    """Its media has not been looked for yet, so that it is not eligible yet; times in the media may change."""
    is_offline: bool = False
    """There is media to look for, and it was not found."""
    is_still: bool = False
    """Its media is a still picture, so that there is nothing to hear."""
    named: str | None = None
    """The media as the timeline names it, wherever it was found."""
    twin: int = 0
    """Of the clips of the cut that show the same picture, how many come before it in record order."""
    twins: int = 1
    """How many clips of the cut show the same picture, itself included."""


class TrackRecord(Struct, frozen=True):
    """A track of the cut as the panel draws it, bottom to top for video."""

    track: str
    name: str
    kind: str
    enabled: bool
    items: list[ItemRecord]


class ItemRecord(Struct, frozen=True):
    """Anything that is drawn on a track: clip, nest, title; gaps are left out."""

    name: str
    record_in: Rational
    record_out: Rational
    kind: str
    """"clip", "nest" or "title"."""
    media: str | None = None
    source_in: Rational = (0, 1)
    clip_index: int | None = None
    """The `ClipRecord.index` on this track, where it has one."""
    is_retimed: bool = False
    """Of sound: it does not play its media at normal speed forwards."""


class Reading(Struct, frozen=True):
    """What the user says of a timeline file that the file itself leaves open.

    `sequence` is the name or the number, from 1, of one of several timelines; `rate` the frames a second
    of an EDL.
    """

    sequence: str | None = None
    rate: Rational | None = None


AS_IT_STANDS = Reading()
"""The user says nothing."""


class CutRecord(Struct, frozen=True):
    """A whole cut, read."""

    path: str
    name: str
    rate: Rational
    """Frames a second of the timeline."""
    start: Rational
    """global_start_time in seconds."""
    drop_frame: bool
    duration: Rational
    tracks: list[TrackRecord]
    clips: list[ClipRecord]
    notices: list[str]
    source_sha256: str
    format: str = "OpenTimelineIO"
    """The source's format by its usual name, `formats.content.Format`."""
    reading: Reading = Reading()
    """How the source was read, to read it again for the write-back."""
    has_foley: bool = False
    """Foley wrote the source: tracks in it bear a mark that editing programs do not write."""


class Placement(Struct, frozen=True):
    """Where a take goes. Frames are whole frames of the timeline's rate.

    `wav_frames` long is the file, head and tail included; `head_frames` of them lie before `record_frame`.
    Gain and fades are data: the file is never changed by them.
    """

    wav: str
    record_frame: int
    duration_frames: int
    head_frames: int
    wav_frames: int
    num_channels: int
    track_name: str
    metadata: dict[str, object]
    gain_db: float = 0.0
    """What brings the take to its family's level."""
    fade_in_samples: int = 0
    """At 48 kHz, from the start of what is heard."""
    fade_out_samples: int = 0
    """At 48 kHz, up to the end of what is heard."""
    enabled: bool = True
    """False for a take that lies beside another as an alternative."""
    hit_frames: list[int] = []
    """Hits to mark: frames of the WAV, its head included."""
