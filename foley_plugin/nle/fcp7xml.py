"""FCP7 XML (xmeml 4): the steady way into Premiere Pro, and one that Resolve and Avid read too.

A stereo track of ours is two tracks here, "exploded", as Premiere writes and wants them; with other
attributes it plays one side only. Resolve matches media by the true timecodes and needs `<format>`.

    in and out of a clip count the media's frames from 0, already retimed: at 50 % a file is twice as long.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from fractions import Fraction
from typing import BinaryIO

from foley_plugin.nle.sequence import (
    Clock,
    Dissolve,
    Fade,
    Mark,
    MediaFile,
    Sequence,
    SequenceClip,
    SequenceTrack,
)
from foley_plugin.nle.target import Imports, NleTarget, Trait
from foley_plugin.nle.xml_text import add, file_url, write_document

TRACK_TYPES = {1: "Mono", 2: "Stereo", 6: "5.1"}
MOST_LEVEL = 3.98107
CHANNEL_TYPES = {1: "mono", 2: "stereo", 6: "5.1"}
NTSC_STEP = 1001
DISSOLVES = {
    "video": ("Cross Dissolve", "Cross Dissolve"),
    "audio": ("Cross Fade (+3dB)", "KGAudioTransCrossFade3dB"),
}
"""Name and id of the transition, by the kind of track."""
UUID_NAMESPACE = uuid.UUID("8a1e3f6e-5c0b-4d57-9d5f-6b1c0a7e2f10")


@dataclass
class _Item:
    """One `<clipitem>` to be: an exploded half has a channel of its own, and its markers lie on the first."""

    clip: SequenceClip
    media_type: str
    track_index: int
    clip_index: int
    channel: int
    num_channels: int
    number: int
    has_marks: bool
    linked: list[_Item] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"clipitem-{self.number}"


def write_fcp7xml(sequence: Sequence, out: BinaryIO, with_media: bool = False) -> None:
    """Write the cut as xmeml."""
    root = ET.Element("xmeml", version="4")
    write_document(_Writer(sequence).write(root), "xmeml", out)


class _Writer:
    """Numbers items, files and links; use once."""

    def __init__(self, sequence: Sequence) -> None:
        self.sequence = sequence
        self.files: dict[str, str] = {}
        self.count = 0
        self.track_counts = {"video": 0, "audio": 0}

    def write(self, root: ET.Element) -> ET.Element:
        cut = self.sequence
        element = add(root, "sequence", id="sequence-1", explodedTracks="true")
        add(element, "uuid", uuid.uuid5(UUID_NAMESPACE, f"{cut.name}\n{cut.start}\n{cut.duration}"))
        add(element, "duration", cut.duration)
        _add_rate(element, cut.rate)
        add(element, "name", cut.name)
        media = add(element, "media")
        video = [self._planned(track, 1) for track in cut.of_kind("video")]
        audio = [self._planned(track, track.num_channels) for track in cut.of_kind("audio")]
        _link([item for track in (*video, *audio) for half in track for item in half])
        self._add_video(media, list(zip(cut.of_kind("video"), video, strict=True)))
        self._add_audio(media, list(zip(cut.of_kind("audio"), audio, strict=True)))
        _add_timecode(element, cut.start)
        foley = [clip for track in cut.tracks for clip in track.clips if clip.role]
        marks = [*cut.marks, *(mark for clip in foley for mark in clip.marks)]
        for mark in sorted(marks, key=lambda each: each.frame):
            _add_mark(element, mark, mark.frame)
        return root

    def _planned(self, track: SequenceTrack, num_halves: int) -> list[list[_Item]]:
        """The items of a track: a list for each track that it is exploded to."""
        halves: list[list[_Item]] = []
        for half in range(num_halves):
            self.track_counts[track.kind] += 1
            items: list[_Item] = []
            for number, clip in enumerate(track.clips, start=1):
                channels = clip.channels or (1,)
                channel = channels[half] if half < len(channels) else channels[0]
                self.count += 1
                index = self.track_counts[track.kind]
                has_marks = half == 0 and not clip.role
                items.append(
                    _Item(clip, track.kind, index, number, channel, len(channels), self.count, has_marks)
                )
            halves.append(items)
        return halves

    def _add_video(self, media: ET.Element, tracks: list[tuple[SequenceTrack, list[list[_Item]]]]) -> None:
        video = add(media, "video")
        characteristics = add(add(video, "format"), "samplecharacteristics")
        _add_rate(characteristics, self.sequence.rate)
        _add_picture(characteristics, self.sequence.width, self.sequence.height)
        for track, halves in tracks:
            element = add(video, "track", **{"MZ.TrackName": track.name or None})
            self._add_items(element, track, halves[0])
            add(element, "enabled", _flag(track.enabled))
            add(element, "locked", "FALSE")

    def _add_audio(self, media: ET.Element, tracks: list[tuple[SequenceTrack, list[list[_Item]]]]) -> None:
        audio = add(media, "audio")
        add(audio, "numOutputChannels", 2)
        characteristics = add(add(audio, "format"), "samplecharacteristics")
        add(characteristics, "depth", 16)
        add(characteristics, "samplerate", 48_000)
        _add_outputs(audio)
        for track, halves in tracks:
            for index, items in enumerate(halves):
                exploded = {
                    "currentExplodedTrackIndex": index,
                    "totalExplodedTrackCount": len(halves),
                    "premiereTrackType": TRACK_TYPES.get(len(halves), "Multichannel"),
                    "MZ.TrackName": track.name or None,
                }
                element = add(audio, "track", **exploded)
                self._add_items(element, track, items)
                add(element, "enabled", _flag(track.enabled))
                add(element, "locked", "FALSE")
                add(element, "outputchannelindex", index + 1)

    def _add_items(self, element: ET.Element, track: SequenceTrack, items: list[_Item]) -> None:
        """Clips, with dissolves between them: a clip's edge under a dissolve is written as -1."""
        cuts = {dissolve.at: dissolve for dissolve in track.dissolves}
        for item in items:
            before, after = cuts.get(item.clip.record_in), cuts.get(item.clip.record_out)
            if before is not None:
                _add_dissolve(element, before, track.kind, self.sequence.rate)
            head, tail = (before.head if before else 0), (after.tail if after else 0)
            self._add_clip(element, item, head, tail)
            if after is not None and after.fade is Fade.OUT:
                _add_dissolve(element, after, track.kind, self.sequence.rate)

    def _add_clip(self, track: ET.Element, item: _Item, head: int, tail: int) -> None:
        clip, rate = item.clip, self.sequence.rate
        kind = CHANNEL_TYPES.get(item.num_channels, "mono") if item.media_type == "audio" else None
        element = add(track, "clipitem", id=item.id, premiereChannelType=kind)
        number = list(self.files).index(clip.media.path) + 1 if clip.media.path in self.files else 0
        add(element, "masterclipid", f"masterclip-{number or len(self.files) + 1}")
        add(element, "name", clip.name)
        add(element, "enabled", _flag(clip.enabled))
        speed = clip.speed or Fraction(1)
        add(element, "duration", _frames(clip.media.duration / abs(speed), rate))
        _add_rate(element, rate)
        first = _first_frame(clip, rate)
        add(element, "start", -1 if head else clip.record_in)
        add(element, "end", -1 if tail else clip.record_out)
        add(element, "in", first - head)
        add(element, "out", first + clip.duration + tail)
        self._add_file(element, clip.media)
        if clip.speed not in (0, 1):
            _add_speed(element, clip.speed, item.media_type)
        if item.media_type == "audio" and clip.gain_db:
            _add_level(element, clip.gain_db)
        for mark in clip.marks if item.has_marks else ():
            _add_mark(element, mark, first + mark.frame - clip.record_in)
        source = add(element, "sourcetrack")
        add(source, "mediatype", item.media_type)
        if item.media_type == "audio":
            add(source, "trackindex", item.channel)
        for other in item.linked:
            link = add(element, "link")
            add(link, "linkclipref", other.id)
            add(link, "mediatype", other.media_type)
            add(link, "trackindex", other.track_index)
            add(link, "clipindex", other.clip_index)
            if other.media_type == "audio":
                add(link, "groupindex", 1)

    def _add_file(self, clip: ET.Element, media: MediaFile) -> None:
        """The file in full where it is first played, its id alone after that."""
        if media.path in self.files:
            add(clip, "file", id=self.files[media.path])
            return
        file_id = self.files[media.path] = f"file-{len(self.files) + 1}"
        element = add(clip, "file", id=file_id)
        add(element, "name", media.name)
        add(element, "pathurl", file_url(media.path, host="localhost"))
        _add_rate(element, media.start.rate)
        add(element, "duration", _frames(media.duration, media.start.rate))
        _add_timecode(element, media.start)
        streams = add(element, "media")
        if media.has_picture:
            picture = add(add(streams, "video"), "samplecharacteristics")
            _add_rate(picture, media.start.rate)
            _add_picture(picture, media.width, media.height)
        if media.num_channels:
            audio = add(streams, "audio")
            sound = add(audio, "samplecharacteristics")
            add(sound, "depth", 24)
            add(sound, "samplerate", media.sample_rate)
            add(audio, "channelcount", media.num_channels)


def _link(items: list[_Item]) -> None:
    """Ties picture and sound of a link group, and the halves of one stereo clip."""
    groups: dict[object, list[_Item]] = {}
    for item in items:
        clip = item.clip
        key = ("link", clip.link, clip.record_in) if clip.link is not None else ("clip", id(clip))
        groups.setdefault(key, []).append(item)
    for group in groups.values():
        if len(group) > 1:
            for item in group:
                item.linked = group


def _first_frame(clip: SequenceClip, rate: Fraction) -> int:
    """The in-point: frames of the retimed media before what is seen first; reversed media starts at its end."""
    if clip.speed < 0:
        return _frames((clip.media.duration - clip.source_in) / -clip.speed, rate)
    return _frames(clip.source_in / (clip.speed or 1), rate)


def _add_mark(element: ET.Element, mark: Mark, frame: int) -> None:
    """On a clip, `frame` counts as its in-point does."""
    marker = add(element, "marker")
    add(marker, "comment", mark.note)
    add(marker, "name", mark.name)
    add(marker, "in", frame)
    add(marker, "out", frame + mark.length if mark.length > 1 else -1)


def _add_dissolve(track: ET.Element, dissolve: Dissolve, kind: str, rate: Fraction) -> None:
    element = add(track, "transitionitem")
    add(element, "start", dissolve.at - dissolve.head)
    add(element, "end", dissolve.at + dissolve.tail)
    add(element, "alignment", _alignment(dissolve))
    add(element, "cutPointTicks", _ticks(dissolve.head, rate))
    _add_rate(element, rate)
    effect = add(element, "effect")
    name, effect_id = DISSOLVES[kind]
    add(effect, "name", name)
    add(effect, "effectid", effect_id)
    if kind == "video":
        add(effect, "effectcategory", "Dissolve")
    add(effect, "effecttype", "transition")
    add(effect, "mediatype", kind)


def _alignment(dissolve: Dissolve) -> str:
    """Those with black have a clip on one side only."""
    if dissolve.fade is not Fade.NONE:
        return "start-black" if dissolve.fade is Fade.IN else "end-black"
    if not dissolve.head:
        return "start"
    return "center" if dissolve.tail else "end"


def _ticks(frames: int, rate: Fraction) -> int:
    """Premiere's own clock."""
    return round(254_016_000_000 * frames / rate)


def _add_speed(clip: ET.Element, speed: Fraction, media_type: str) -> None:
    effect = add(add(clip, "filter"), "effect")
    for tag, text in (
        ("name", "Time Remap"),
        ("effectid", "timeremap"),
        ("effectcategory", "motion"),
        ("effecttype", "motion"),
        ("mediatype", media_type),
    ):
        add(effect, tag, text)
    _add_parameter(effect, "variablespeed", 0, 0, 1)
    _add_parameter(effect, "speed", f"{float(abs(speed)) * 100:.10g}", -100_000, 100_000)
    _add_parameter(effect, "reverse", _flag(speed < 0))
    _add_parameter(effect, "frameblending", "FALSE")


def _add_level(clip: ET.Element, gain_db: float) -> None:
    """A factor, from silence to 12 dB."""
    effect = add(add(clip, "filter"), "effect")
    for tag, text in (
        ("name", "Audio Levels"),
        ("effectid", "audiolevels"),
        ("effectcategory", "audiolevels"),
        ("effecttype", "audiolevels"),
        ("mediatype", "audio"),
    ):
        add(effect, tag, text)
    _add_parameter(effect, "level", f"{min(10 ** (gain_db / 20), MOST_LEVEL):.6g}", 0, MOST_LEVEL)


def _add_parameter(
    effect: ET.Element, name: str, value: object, low: int | None = None, high: float | None = None
) -> None:
    element = add(effect, "parameter", authoringApp="PremierePro")
    add(element, "parameterid", name)
    add(element, "name", name)
    if low is not None:
        add(element, "valuemin", low)
        add(element, "valuemax", high)
    add(element, "value", value)


def _add_rate(parent: ET.Element, rate: Fraction) -> None:
    """30000/1001 is a timebase of 30 with ntsc TRUE."""
    element = add(parent, "rate")
    add(element, "timebase", -(-rate.numerator // rate.denominator))
    add(element, "ntsc", _flag(rate.denominator == NTSC_STEP))


def _add_timecode(parent: ET.Element, clock: Clock) -> None:
    element = add(parent, "timecode")
    _add_rate(element, clock.rate)
    add(element, "string", clock.text)
    add(element, "frame", clock.frames)
    add(element, "displayformat", "DF" if clock.drop_frame else "NDF")


def _add_picture(parent: ET.Element, width: int, height: int) -> None:
    add(parent, "width", width)
    add(parent, "height", height)
    add(parent, "anamorphic", "FALSE")
    add(parent, "pixelaspectratio", "square")
    add(parent, "fielddominance", "none")


def _add_outputs(audio: ET.Element) -> None:
    outputs = add(audio, "outputs")
    for index in (1, 2):
        group = add(outputs, "group")
        add(group, "index", index)
        add(group, "numchannels", 1)
        add(group, "downmix", 0)
        add(add(group, "channel"), "index", index)


def _frames(time_s: Fraction, rate: Fraction) -> int:
    return round(time_s * rate)


def _flag(value: bool) -> str:
    return "TRUE" if value else "FALSE"


FCP7XML = NleTarget(
    "fcp7xml",
    title="FCP7 XML for Premiere Pro and others",
    suffix=".xml",
    imports=Imports(
        loses={
            Trait.FREEZE: "plays on instead of holding its frame",
            Trait.RAMP: "is cut into clips of one speed each",
            Trait.TITLE: "is left out, and its place stays empty",
            Trait.NEST: "is laid out as the clips in it",
            Trait.OTHER_TRANSITION: "becomes a cross dissolve",
            Trait.LOOSE_MARKER: "comes without its markers",
            Trait.EFFECT: "comes without its effects",
            Trait.IMAGE_SEQUENCE: "is left out, and its place stays empty",
        },
        refuses={},
    ),
    write=write_fcp7xml,
)
