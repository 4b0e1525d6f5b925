"""FCPXML 1.9 for Final Cut Pro and Resolve: exact rational times, no frame counts.

The lowest video track is the spine; everything else is connected to what lies on the spine at its start.

    lane  1          [clip]
    spine [gap ][clip      ][clip   ]
    lane -1   [foley]  [foley]

A child's offset counts in its parent's own time: the parent's `start` plus how far into it the child begins.
"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from foley_plugin.nle.sequence import Dissolve, Fade, Mark, MediaFile, Sequence, SequenceClip, SequenceTrack
from foley_plugin.nle.target import Imports, NleTarget, Trait
from foley_plugin.nle.xml_text import add, file_url, write_document

VERSION = "1.9"
GAP_START_S = Fraction(3600)
"""As Final Cut Pro writes it, so that children may begin before."""
STANDARD_RATES = {"2398", "24", "25", "2997", "30", "50", "5994", "60"}
STANDARD_SIZES = {(1280, 720): "720p", (1920, 1080): "1080p", (3840, 2160): "3840x2160p"}
NTSC_SCALES = (24_000, 30_000, 60_000, 120_000)
"""Units a second that NTSC times are whole numbers of."""


def write_fcpxml(sequence: Sequence, out: BinaryIO, with_media: bool = False) -> None:
    """Write the cut as FCPXML."""
    root = ET.Element("fcpxml", version=VERSION)
    write_document(_Writer(sequence).write(root), "fcpxml", out)


@dataclass(frozen=True)
class _Hold:
    """An item of the spine that others are connected to: timeline frames and its own start in seconds."""

    element: ET.Element
    record_in: int
    record_out: int
    start: Fraction


class _Writer:
    def __init__(self, sequence: Sequence) -> None:
        self.sequence = sequence
        self.frame = 1 / sequence.rate
        self.formats: dict[tuple[Fraction, int, int], str] = {}
        self.assets: dict[str, str] = {}
        self.resources = ET.Element("resources")
        self.start = sequence.start.frames * self.frame
        self.holds: list[_Hold] = []
        self.hold_starts: list[int] = []

    def write(self, root: ET.Element) -> ET.Element:
        cut = self.sequence
        sequence_format = self._format(cut.rate, cut.width, cut.height)
        root.append(self.resources)
        event = add(add(root, "library"), "event", name=cut.name)
        project = add(event, "project", name=cut.name)
        element = add(
            project,
            "sequence",
            format=sequence_format,
            duration=_time(cut.duration * self.frame),
            tcStart=_time(self.start),
            tcFormat=_tc_format(cut.start.drop_frame),
            audioLayout="stereo",
            audioRate="48k",
        )
        video = list(cut.of_kind("video"))
        self.holds = self._spine(add(element, "spine"), video[0] if video else None)
        self.hold_starts = [hold.record_in for hold in self.holds]
        for lane, track in enumerate(video[1:], start=1):
            self._connect(track, lane)
        for lane, track in enumerate(cut.of_kind("audio"), start=1):
            self._connect(track, -lane)
        for mark in cut.marks:
            hold = self._hold_at(mark.frame)
            self._add_mark(hold.element, mark, hold.start + (mark.frame - hold.record_in) * self.frame)
        for hold in self.holds:
            _in_dtd_order(hold.element)
        return root

    def _spine(self, spine: ET.Element, track: SequenceTrack | None) -> list[_Hold]:
        """The lowest track end to end, gaps filled, as long as the timeline."""
        holds: list[_Hold] = []
        at = 0
        dissolves = {dissolve.at: dissolve for dissolve in track.dissolves} if track else {}
        for clip in track.clips if track else ():
            if clip.record_in > at:
                holds.append(self._gap(spine, at, clip.record_in))
            if (dissolve := dissolves.get(clip.record_in)) is not None:
                self._dissolve(spine, dissolve)
            offset = self.start + clip.record_in * self.frame
            element = self._clip(spine, clip, offset, track)
            holds.append(_Hold(element, clip.record_in, clip.record_out, _local_start(clip)))
            at = clip.record_out
            if (dissolve := dissolves.get(at)) is not None and dissolve.fade is Fade.OUT:
                self._dissolve(spine, dissolve)
        if at < self.sequence.duration or not holds:
            holds.append(self._gap(spine, at, max(self.sequence.duration, at + 1)))
        return holds

    def _dissolve(self, spine: ET.Element, dissolve: Dissolve) -> None:
        length = (dissolve.head + dissolve.tail) * self.frame
        offset = self.start + (dissolve.at - dissolve.head) * self.frame
        add(spine, "transition", name="Cross Dissolve", offset=_time(offset), duration=_time(length))

    def _gap(self, spine: ET.Element, start: int, end: int) -> _Hold:
        offset, length = self.start + start * self.frame, (end - start) * self.frame
        element = add(
            spine,
            "gap",
            name="Gap",
            offset=_time(offset),
            start=_time(GAP_START_S),
            duration=_time(length),
        )
        return _Hold(element, start, end, GAP_START_S)

    def _connect(self, track: SequenceTrack, lane: int) -> None:
        for clip in track.clips:
            hold = self._hold_at(clip.record_in)
            offset = hold.start + (clip.record_in - hold.record_in) * self.frame
            element = self._clip(hold.element, clip, offset, track)
            element.set("lane", str(lane))

    def _clip(
        self, parent: ET.Element, clip: SequenceClip, offset: Fraction, track: SequenceTrack | None
    ) -> ET.Element:
        is_audio = track is not None and track.kind == "audio"
        media = clip.media
        element = add(
            parent,
            "asset-clip",
            ref=self._asset(media),
            offset=_time(offset),
            name=clip.name,
            start=_time(_local_start(clip)),
            duration=_time(clip.duration * self.frame),
            enabled=None if clip.enabled and (track is None or track.enabled) else "0",
            srcEnable="audio" if is_audio and media.has_picture else "video" if not is_audio else None,
            tcFormat=_tc_format(media.start.drop_frame),
            audioRole=(f"effects.{clip.role}" if clip.role else "dialogue") if is_audio else None,
        )
        if media.has_picture and media.start.rate != self.sequence.rate:
            add(element, "conform-rate", scaleEnabled="0")
        if clip.speed != 1:
            self._add_time_map(element, clip)
        if is_audio and clip.gain_db:
            add(element, "adjust-volume", amount=f"{clip.gain_db:.2f}dB")
        for mark in clip.marks:
            self._add_mark(element, mark, _local_start(clip) + (mark.frame - clip.record_in) * self.frame)
        return element

    def _hold_at(self, frame: int) -> _Hold:
        return self.holds[max(0, bisect_right(self.hold_starts, frame) - 1)]

    def _add_time_map(self, element: ET.Element, clip: SequenceClip) -> None:
        """The whole media retimed, so that the clip keeps its handles: two points, linear between."""
        first, last = clip.media.start_s, clip.media.start_s + clip.media.duration
        if clip.speed == 0:
            held = first + clip.source_in
            points = ((first, held), (first + clip.duration * self.frame, held))
        else:
            end = first + clip.media.duration / abs(clip.speed)
            ends = (first, last) if clip.speed > 0 else (last, first)
            points = ((first, ends[0]), (end, ends[1]))
        time_map = add(element, "timeMap", frameSampling="floor")
        for time, value in points:
            add(time_map, "timept", time=_time(time), value=_time(value), interp="linear")

    def _add_mark(self, element: ET.Element, mark: Mark, start: Fraction) -> None:
        add(
            element,
            "marker",
            start=_time(start),
            duration=_time(mark.length * self.frame),
            value=mark.name or "Marker",
            note=mark.note or None,
        )

    def _asset(self, media: MediaFile) -> str:
        if media.path in self.assets:
            return self.assets[media.path]
        picture_format = (
            self._format(media.start.rate, media.width, media.height) if media.has_picture else None
        )
        asset_id = self.assets[media.path] = f"a{len(self.assets) + 1}"
        asset = add(
            self.resources,
            "asset",
            id=asset_id,
            name=media.name,
            uid=hashlib.md5(media.path.encode("utf-8", "replace"), usedforsecurity=False).hexdigest().upper(),
            start=_time(media.start_s),
            duration=_time(media.duration),
            hasVideo="1" if media.has_picture else None,
            format=picture_format,
            videoSources="1" if media.has_picture else None,
            hasAudio="1" if media.num_channels else None,
            audioSources="1" if media.num_channels else None,
            audioChannels=media.num_channels or None,
            audioRate=media.sample_rate if media.num_channels else None,
        )
        add(asset, "media-rep", kind="original-media", src=file_url(media.path))
        return asset_id

    def _format(self, rate: Fraction, width: int, height: int) -> str:
        key = (rate, width, height)
        if key not in self.formats:
            format_id = self.formats[key] = f"f{len(self.formats) + 1}"
            attributes = {
                "name": _format_name(rate, width, height),
                "frameDuration": _time(1 / rate),
                "width": width,
                "height": height,
            }
            add(self.resources, "format", id=format_id, **attributes)
        return self.formats[key]


def _local_start(clip: SequenceClip) -> Fraction:
    """The clip's start in its own time: its media's timecode, stretched by the retime; reversed media
    begins with its end."""
    start = clip.media.start_s
    if clip.speed == 0:
        return start
    if clip.speed < 0:
        return start + (clip.media.duration - clip.source_in) / -clip.speed
    return start + clip.source_in / clip.speed


DTD_ORDER = ("conform-rate", "timeMap", "adjust-volume", "gap", "asset-clip", "marker")


def _in_dtd_order(element: ET.Element) -> None:
    """Markers come after connected clips."""
    element[:] = sorted(element, key=lambda child: DTD_ORDER.index(child.tag))


def _time(time_s: Fraction) -> str:
    """A rational second: 1001/24000s, or 5s. NTSC times keep their 24000ths, as Final Cut Pro writes them."""
    if time_s.denominator == 1:
        return f"{time_s.numerator}s"
    scale = next((scale for scale in NTSC_SCALES if scale % time_s.denominator == 0), time_s.denominator)
    return f"{time_s.numerator * (scale // time_s.denominator)}/{scale}s"


def _tc_format(drop_frame: bool) -> str:
    return "DF" if drop_frame else "NDF"


def _format_name(rate: Fraction, width: int, height: int) -> str | None:
    """Final Cut Pro's own name where it has one; without it the numbers alone count."""
    name = f"{float(rate) * 100:.0f}" if rate.denominator != 1 else str(rate)
    size = STANDARD_SIZES.get((width, height))
    return f"FFVideoFormat{size}{name}" if size and name in STANDARD_RATES else None


FCPXML = NleTarget(
    "fcpxml",
    title="FCPXML for Final Cut Pro and Resolve",
    suffix=".fcpxml",
    imports=Imports(
        loses={
            Trait.RAMP: "is cut into clips of one speed each",
            Trait.TITLE: "is left out, and its place stays empty",
            Trait.NEST: "is laid out as the clips in it",
            Trait.OTHER_TRANSITION: "becomes a cross dissolve",
            Trait.UPPER_TRANSITION: "becomes a cut, as on every track above the lowest",
            Trait.SOUND_TRANSITION: "becomes a cut",
            Trait.LOOSE_MARKER: "comes without its markers",
            Trait.EFFECT: "comes without its effects",
            Trait.IMAGE_SEQUENCE: "is left out, and its place stays empty",
            Trait.LINK: "comes in as picture and sound apart, not linked",
        },
        refuses={},
    ),
    write=write_fcpxml,
)
