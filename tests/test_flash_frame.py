"""From the user's hand to the user's result: a flash in the picture, a sound on the flash in the written timeline.

The default model is given the flash as a hit. The timeline that comes back is read by OpenTimelineIO, the
sound's onset is measured in its file, and its place on the timeline is worked out from the two.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest

from engine.media.audio import read_audio
from engine.media.onsets import detect_onsets
from engine.media.video import FrameRequest, sample_picture
from engine.protocol import fraction
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.placement import plan_cue
from foley_plugin.timeline.selection import select
from tests.timeline.building import clip, gap, saved, time, time_range, timeline, track, warp

NUM_FRAMES = 108
FLASHES = (36, 60)
SOURCE_IN, SOURCE_OUT = 16, 76
GAP_FRAMES = 30


@dataclass(frozen=True)
class Case:
    """`media_start` is the media's first frame in its own timecode, frames."""

    name: str
    rate: Fraction
    speed: Fraction = Fraction(1)
    media_start: int = 0
    media_timecode: str | None = None
    timeline_start: int | None = None

    def record_frame(self, flash: int) -> Fraction:
        """Frames from the clip's start at which a flash of the media begins to be seen."""
        if self.speed < 0:
            return SOURCE_OUT - 1 - Fraction(flash)
        return (flash - SOURCE_IN) / self.speed

    @property
    def duration(self) -> int:
        return int((SOURCE_OUT - SOURCE_IN) / abs(self.speed))


CASES = [
    Case("23.976", Fraction(24000, 1001)),
    Case("29.97 drop-frame", Fraction(30000, 1001), timeline_start=107892),
    Case("media timecode", Fraction(24), media_start=86400, media_timecode="01:00:00:00"),
    Case("half speed", Fraction(25), speed=Fraction(1, 2)),
    Case("reversed", Fraction(24), speed=Fraction(-1)),
]
ALWAYS = {"29.97 drop-frame", "reversed"}
"""The others take minutes together."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[] if case.name in ALWAYS else [pytest.mark.minutes]) for case in CASES],
    ids=lambda case: case.name,
)
def test_the_sound_is_heard_within_a_frame_of_the_flash(case: Case, tmp_path: Path) -> None:
    cut = _write_cut(case, tmp_path)
    true_s = [float(case.record_frame(flash) / case.rate) for flash in FLASHES]
    _assert_the_engine_sees_the_flash(cut, true_s, case)
    hits = tmp_path / "hits.json"
    hits.write_text(json.dumps([{"time_s": time_s, "strength": 0.9} for time_s in true_s]), encoding="utf-8")
    target = tmp_path / "out.otio"
    words = [
        "generate",
        str(cut),
        "--hits",
        str(hits),
        "--label",
        "impact_wood",
        "--seed",
        "1",
        "--to",
        str(target),
    ]
    done = subprocess.run([sys.executable, "-m", "foley_plugin", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    heard_s = _onsets_on_the_timeline(target)
    clip_s = float(GAP_FRAMES / case.rate)
    for flash_s in true_s:
        error_s = min(abs(onset_s - clip_s - flash_s) for onset_s in heard_s)
        assert error_s <= float(1 / case.rate), (flash_s, [onset_s - clip_s for onset_s in heard_s])


def _write_cut(case: Case, folder: Path) -> Path:
    media = folder / "flash.mov"
    with av.open(str(media), "w") as container:
        if case.media_timecode:
            container.metadata["timecode"] = case.media_timecode
        stream = container.add_stream("mpeg4", rate=case.rate)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(NUM_FRAMES):
            pixels = np.full((64, 96, 3), 250 if number in FLASHES else 20, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    rate = float(case.rate)
    shot = clip(
        "flash.mov",
        time_range(case.media_start + SOURCE_IN, case.duration, rate),
        url=str(media),
        available=time_range(case.media_start, NUM_FRAMES, rate),
        effects=[] if case.speed == 1 else [warp(float(case.speed))],
    )
    start = None if case.timeline_start is None else time(case.timeline_start, rate)
    return saved(timeline(track(gap(GAP_FRAMES, rate), shot), start=start), folder)


def _assert_the_engine_sees_the_flash(cut_path: Path, true_s: list[float], case: Case) -> None:
    cut = read_cut(cut_path)
    plan = plan_cue(cut, select(cut)[0])
    frame_s = float(1 / case.rate)
    moments = [
        float(fraction(plan.head)) + time_s + shift * frame_s for time_s in true_s for shift in (-0.5, 0.5)
    ]
    (frames,) = sample_picture(plan.picture, [FrameRequest(moments, 8, 8, "gray8")])
    bright = [bool(frame.mean() > 128) for frame in frames]
    assert bright == [False, True] * len(true_s)


def _onsets_on_the_timeline(path: Path) -> list[float]:
    """Seconds from the timeline's start, of every onset in the part of the foley that is placed."""
    written = otio.adapters.read_from_file(str(path))
    heard_s = []
    for audio in written.audio_tracks():
        for child in audio.find_clips():
            place_s = child.range_in_parent().start_time.to_seconds()
            source = child.trimmed_range()
            wav = read_audio(child.media_reference.target_url, 16000)
            onsets_s = [hit.time_s for hit in detect_onsets(wav, 16000)]
            start_s, end_s = source.start_time.to_seconds(), source.end_time_exclusive().to_seconds()
            heard_s += [place_s + onset - start_s for onset in onsets_s if start_s <= onset < end_s]
    return heard_s
