"""Media files as the written timeline tells of them: found, probed once, completed by what the cut says."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable
from fractions import Fraction

import soundfile

from foley_plugin.nle.sequence import Clock, MediaFile
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.guards import Json
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.out.json_references import reference_in
from foley_plugin.timeline.out.seats import Seat
from foley_plugin.timeline.probe import ProbeFailed, Streams, probe_streams
from foley_plugin.timeline.rates import snapped_rate
from foley_plugin.timeline.references import TimeSpan
from foley_plugin.timeline.timecode import (
    counts_drop_frame,
    day_s,
    frames_of_timecode,
    has_drop_frame,
    timecode_of_frames,
)
from foley_plugin.timeline.urls import Place

PROBE_BUDGET_S = 20.0
"""After this long, the timeline's own words have to do."""

INSTANT = Fraction(1, 1000)
"""Seconds of media that a clip is taken to play at least, where ranges are compared."""

SOUND_SUFFIXES = frozenset(
    {".wav", ".bwf", ".aif", ".aiff", ".mp3", ".flac", ".m4a", ".aac", ".ogg", ".opus"}
)


class MediaFiles:
    """The files of a cut, by path.

    Args:
        rate, drop_frame: how the timeline counts; sounds without timecode are counted so too.
        probe: replaced in tests.
    """

    def __init__(
        self, rate: Fraction, drop_frame: bool, probe: Callable[[str], Streams] = probe_streams
    ) -> None:
        self.rate = rate
        self.drop_frame = drop_frame
        self._probe = probe
        self._streams: dict[str, Streams | None] = {}
        self._files: dict[tuple[str, Fraction | None], MediaFile] = {}
        self._shelf = MediaShelf()
        self._deadline_s = time.monotonic() + PROBE_BUDGET_S

    def path_of(self, seat: Seat) -> tuple[str, bool]:
        """The likeliest plain path of a clip's media, and whether it is there."""
        address = seat.address
        if address.place is Place.LOCAL:
            for path in address.candidates:
                if os.path.isfile(path):
                    return path, True
        return address.path or address.shown, False

    def streams(self, path: str) -> Streams | None:
        """What the file itself says; None where it is no readable media, or time is up."""
        if path not in self._streams:
            if time.monotonic() > self._deadline_s:
                return None
            try:
                self._streams[path] = self._probe(path)
            except ProbeFailed:
                self._streams[path] = None
        return self._streams[path]

    def file_of(self, seat: Seat) -> MediaFile:
        """A clip's media, told by the file where it can be read and by the timeline elsewhere."""
        path, is_there = self.path_of(seat)
        key = (path, seat.available.start if seat.available else None)
        if key not in self._files:
            self._files[key] = self._file(seat, path, is_there)
        return self._files[key]

    def whole_of(self, clip: Json, folder: str, kind: str, whose: str) -> TimeSpan | None:
        """All that a clip's media has, in the time that the clip would count in, as the reader finds it."""
        media = self._shelf.media_for(reference_in(clip, folder, whose), None, whose, must_look=True)
        if media.start is not None and media.duration is not None:
            return TimeSpan(media.start, media.duration)
        has_sound = kind == "audio" and media.path is not None and not media.is_offline
        sound = self.streams(media.path) if has_sound and media.path else None
        if sound is None or not sound.duration:
            return None
        clock = self._start(None, sound, sound.rate or self.rate)
        return TimeSpan(clock.frames / clock.rate, sound.duration)

    def _file(self, seat: Seat, path: str, is_there: bool) -> MediaFile:
        streams = self.streams(path) if is_there else None
        is_sound = os.path.splitext(path)[1].lower() in SOUND_SUFFIXES
        rate = (streams.rate if streams else None) or _written_rate(seat, self.rate)
        start = self._start(seat.available, streams, rate)
        span = seat.available or seat.span
        duration = (streams.duration if streams else None) or (span.duration if span else Fraction(0))
        if streams is None:
            is_video = seat.kind == "video" and not is_sound
            width, height, channels = (1920, 1080, 0) if is_video else (0, 0, 2)
            sample_rate = 48_000
        else:
            width, height, channels = streams.width, streams.height, streams.num_channels
            sample_rate = streams.sample_rate
        return MediaFile(
            path, _file_name(path), start, duration, width, height, channels, sample_rate, is_there
        )

    def _start(self, available: TimeSpan | None, streams: Streams | None, rate: Fraction) -> Clock:
        """The file's own timecode, else the timeline's word for it, else zero."""
        text = streams.timecode if streams else ""
        if text:
            with contextlib.suppress(SelectionError):
                return clock_of(frames_of_timecode(text, rate), rate, ";" in text)
        if available is None:
            return clock_of(0, rate, False)
        start = round(available.start * rate)
        return clock_of(start, rate, counts_drop_frame(Fraction(start), rate))

    def origin_of(self, seat: Seat) -> Fraction:
        """The media's first frame in the time that the clip's source range counts in.

        The first of the timeline's word, the file's timecode, that of the next day where the file runs over midnight,
        and zero by which the clip plays something.
        """
        media = self.file_of(seat)
        day = day_s(media.start.rate, drop_frame=media.start.drop_frame)
        runs_over_midnight = media.start_s + media.duration > day
        starts = [media.start_s, *([media.start_s - day] if runs_over_midnight else []), Fraction(0)]
        if seat.available is not None:
            starts.insert(0, seat.available.start)
        played = TimeSpan(seat.span.start, max(seat.span.duration, INSTANT)) if seat.span else None
        overlapping = (s for s in starts if played and played.overlaps(TimeSpan(s, media.duration)))
        return next(overlapping, starts[0])

    def take(self, wav: str) -> MediaFile:
        """A take's file: its first sample is at zero of the timeline's rate."""
        sound = soundfile.info(wav)
        duration = Fraction(sound.frames, sound.samplerate)
        clock = clock_of(0, self.rate, self.drop_frame)
        return MediaFile(
            wav, _file_name(wav), clock, duration, num_channels=sound.channels, sample_rate=sound.samplerate
        )


def clock_of(frames: int, rate: Fraction, drop_frame: bool) -> Clock:
    drop_frame = drop_frame and has_drop_frame(rate)
    return Clock(rate, frames, timecode_of_frames(frames, rate, drop_frame=drop_frame), drop_frame)


def _written_rate(seat: Seat, otherwise: Fraction) -> Fraction:
    """The rate that the timeline counts the media in, where that can be one of pictures."""
    for place in (seat.reference.get("available_range"), seat.node.get("source_range")):
        duration = place.get("duration") if isinstance(place, dict) else None
        rate = duration.get("rate") if isinstance(duration, dict) else None
        if isinstance(rate, (int, float)) and 5 <= rate <= 300:
            return snapped_rate(float(rate))
    return otherwise


def _file_name(path: str) -> str:
    return re.split(r"[\\/]", path)[-1]
