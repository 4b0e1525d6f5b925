"""The guide track: onsets of production sound as it is played, and only those."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.errors import MediaNotFound
from engine.guide import guide_hits
from engine.media.audio import write_wav
from engine.media.movie import write_frames_as_movie
from engine.media.sound_range import read_sound_range
from engine.protocol import Picture, Span, image_sequence, rational

RATE = 48000
KNOCKS_S = (0.5, 1.25, 2.0, 3.5)


def knocks() -> np.ndarray:
    rng = np.random.default_rng(0)
    wav = rng.normal(0, 1e-4, 5 * RATE)
    for time_s in KNOCKS_S:
        at = round(time_s * RATE)
        wav[at : at + RATE // 5] += rng.normal(0, 0.4, RATE // 5) * np.exp(-np.arange(RATE // 5) / 2400)
    return wav.astype(np.float32)


@pytest.fixture(scope="module", params=["wav", "mp4"])
def media(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("guide") / f"rush.{request.param}"
    if request.param == "wav":
        write_wav(path, knocks(), RATE)
    else:
        frames = (np.full((64, 64, 3), 90, np.uint8) for _ in range(125))
        write_frames_as_movie(frames, knocks(), path, frame_rate=Fraction(25))
    return path


def span(duration: str, start: str, speed: str = "1") -> Span:
    return Span(*(rational(Fraction(each)) for each in (duration, start, speed)))


def times(media: Path, *spans: Span) -> list[float]:
    return [hit.time_s for hit in guide_hits(Picture(str(media), list(spans)))]


def test_onsets_are_found_where_they_are_heard(media: Path) -> None:
    assert times(media, span("5", "0")) == pytest.approx(KNOCKS_S, abs=0.012)


def test_a_part_of_the_sound_is_counted_from_its_own_start(media: Path) -> None:
    assert times(media, span("2", "1")) == pytest.approx([0.25, 1.0], abs=0.012)


def test_retimed_sound_is_where_it_is_played_and_reversed_sound_has_no_attacks(media: Path) -> None:
    assert times(media, span("4", "1", "1/2")) == pytest.approx([0.5, 2.0], abs=0.025)
    assert times(media, span("2", "3", "-1"), span("1", "3")) == pytest.approx([2.5], abs=0.012)


def test_past_the_end_and_before_the_start_there_is_silence(media: Path) -> None:
    assert times(media, span("4", "4")) == []
    wav, rate = read_sound_range(media, -1.0, 1.9)
    assert rate == RATE and not wav[: RATE // 2].any() and wav[round(1.45 * RATE) :].any()


@pytest.mark.parametrize("start", ["-1", "0", "-1/4"])
def test_where_a_recording_begins_nothing_hits(tmp_path: Path, start: str) -> None:
    wav = np.random.default_rng(1).normal(0, 0.02, 3 * RATE).astype(np.float32)
    wav[2 * RATE : -RATE // 2] += knocks()[round(1.25 * RATE) :][: RATE // 2]
    write_wav(tmp_path / "steady.wav", wav, RATE)
    assert times(tmp_path / "steady.wav", span("4", start)) == pytest.approx(
        [2 - float(Fraction(start))], abs=0.012
    )


def test_media_without_sound_has_no_onsets_and_missing_media_says_so(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        for _ in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert times(path, span("1", "0")) == []
    with pytest.raises(MediaNotFound, match="is not there"):
        times(tmp_path / "gone.mp4", span("1", "0"))


def test_pictures_alone_have_no_sound(tmp_path: Path) -> None:
    sequence = f"sequence:{tmp_path}/shot.[1-9].png?digits=4&step=1&rate=24:1&missing=hold"
    assert image_sequence(sequence) is not None, "this is how a sequence crosses"
    assert guide_hits(Picture(sequence, [span("1", "0")])) == []
