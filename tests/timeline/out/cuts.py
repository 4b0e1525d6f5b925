"""A cut of every kind of clip over real small media, and takes that are silent but for one click."""

from __future__ import annotations

import functools
import shutil
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from foley_plugin.timeline.out.export import export_cut
from foley_plugin.timeline.out.records import Exported, ExportOptions
from foley_plugin.timeline.records import Placement
from foley_plugin.timeline.timecode import timecode_of_frames

from ..building import Json, clip, dissolve, gap, item, saved, stack, time, time_range, timeline, track, warp
from ..numbered_video import write_numbered_video

SAMPLE_RATE = 48_000
NUM_MEDIA_FRAMES = 200


@dataclass(frozen=True)
class Standard:
    """A frame rate with its way of counting."""

    rate: Fraction
    drop_frame: bool

    @property
    def written(self) -> float:
        return float(self.rate)

    @property
    def one_hour(self) -> int:
        """Frames at 01:00:00:00."""
        nominal = round(float(self.rate) + 0.3) if self.rate.denominator != 1 else int(self.rate)
        return nominal * 3600 - (108 if self.drop_frame else 0)


NTSC_24 = Standard(Fraction(24000, 1001), False)
NTSC_30_DROP = Standard(Fraction(30000, 1001), True)
PAL = Standard(Fraction(25), False)
STANDARDS = {"23.976": NTSC_24, "29.97 drop-frame": NTSC_30_DROP}


@dataclass(frozen=True)
class MadeCut:
    """A cut on disk: its file, its JSON, its media."""

    path: Path
    root: Json
    standard: Standard
    movie: Path
    sound: Path
    media_start: int
    """The movie's first frame, frames after midnight."""


@functools.cache
def _movie(standard: Standard, media_start: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="foley-movie-"))
    text = timecode_of_frames(media_start, standard.rate, drop_frame=standard.drop_frame)
    return write_numbered_video(folder / "shot.mov", standard.rate, NUM_MEDIA_FRAMES, text)


def make_cut(folder: Path, standard: Standard = NTSC_24) -> MadeCut:
    """V1 [shot 48][gap 12][shot at 50 % 40][shot reversed 24][nest 36]; A1 [room, stereo, 96].

    The movie's timecode starts at 02:00:00:00, the timeline's at 01:00:00:00.
    """
    rate = standard.written
    media_start = 2 * standard.one_hour
    movie = folder / "shot #1 50%.mov"
    shutil.copy(_movie(standard, media_start), movie)
    sound = folder / "room tone.wav"
    soundfile.write(sound, np.zeros((SAMPLE_RATE * 8, 2)), SAMPLE_RATE, subtype="PCM_24")
    available = time_range(media_start, NUM_MEDIA_FRAMES, rate)

    def shot(start: int, length: int, **more: Any) -> Json:
        source = time_range(media_start + start, length, rate)
        return clip(movie.name, source, url=str(movie), available=available, **more)

    nested = stack(track(gap(6, rate), shot(60, 90)), name="compound", source=time_range(10, 36, rate))
    linked = {"Resolve_OTIO": {"Link Group ID": 1}}
    picture = track(
        shot(10, 48, metadata=linked),
        gap(12, rate),
        shot(20, 40, effects=[warp(0.5)]),
        shot(100, 24, effects=[warp(-1.0)]),
        nested,
        name="Video 1",
    )
    channels = {"Channels": [{"Source Channel ID": c, "Source Track ID": 0} for c in (0, 1)]}
    room = clip(
        sound.name,
        time_range(5, 48, rate),
        url=str(sound),
        available=time_range(0, 8 * round(rate), rate),
        metadata={"Resolve_OTIO": {**channels, "Link Group ID": 1}},
    )
    root = timeline(
        picture, track(room, kind="Audio", name="Audio 1"), start=time(standard.one_hour, rate), name="Reel 1"
    )
    return MadeCut(saved(root, folder), root, standard, movie, sound, media_start)


def make_take(
    folder: Path,
    standard: Standard,
    record_frame: int,
    duration_frames: int,
    *,
    click_s: Fraction,
    head_frames: int = 12,
    tail_frames: int = 12,
    name: str = "take_0001.wav",
    num_channels: int = 1,
    **more: Any,
) -> Placement:
    """A take with one click, `click_s` after the placed range begins."""
    wav_frames = head_frames + duration_frames + tail_frames
    samples = np.zeros((-(-wav_frames * SAMPLE_RATE // standard.rate), num_channels))
    samples[round((head_frames / standard.rate + click_s) * SAMPLE_RATE)] = 0.9
    wav = folder / name
    soundfile.write(wav, samples, SAMPLE_RATE, subtype="PCM_24")
    fields: dict[str, Any] = {"track_name": "Foley", "metadata": {"take": 1}} | more
    return Placement(
        wav=str(wav),
        record_frame=record_frame,
        duration_frames=duration_frames,
        head_frames=head_frames,
        wav_frames=wav_frames,
        num_channels=num_channels,
        **fields,
    )


def click_in(samples: Any) -> int:
    """The sample at which a sound's only click lies."""
    mono = np.abs(samples).max(axis=1) if samples.ndim == 2 else np.abs(samples)
    return int(np.argmax(mono))


def export(source: Path, target: Path, placements: list[Placement], name: str, **options: bool) -> Exported:
    return export_cut(source, target, placements, target_name=name, options=ExportOptions(**options))


def with_dissolve(made: MadeCut) -> Json:
    """V1 [shot][dissolve 5+5][shot], with pictures on either side."""
    rate, start = made.standard.written, made.media_start
    available = time_range(start, NUM_MEDIA_FRAMES, rate)

    def shot(first: int) -> Json:
        source = time_range(start + first, 40, rate)
        return clip(made.movie.name, source, url=str(made.movie), available=available)

    return timeline(
        track(shot(20), dissolve(5, 5, rate), shot(100), name="Video 1"),
        start=time(made.standard.one_hour, rate),
    )


def effect(name: str) -> Json:
    return item("Effect.1", name, None, effect_name=name)
