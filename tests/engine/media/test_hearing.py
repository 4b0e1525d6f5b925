"""Stretches of a film's sound join without a seam, and stand where the picture is."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from engine.errors import MediaUnreadable
from engine.media.hearing import SoundReader
from engine.media.server import serve
from engine.protocol import MediaFailed, MediaReplyBuffer, Samples, Sound, encode_media
from tests.engine.media.numbered_video import write_numbered
from tests.engine.media.odd_sounds import Track, with_tracks

RATE = 48000


def noise(path: Path, own_rate: int, num_channels: int, duration_s: float = 3.0) -> np.ndarray:
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, (round(duration_s * own_rate), num_channels))
    soundfile.write(path, samples, own_rate, subtype="FLOAT")
    return samples.astype(np.float32)


@pytest.mark.parametrize("num_channels", [1, 2])
def test_at_the_wanted_rate_the_samples_are_the_files_own(tmp_path: Path, num_channels: int) -> None:
    own = noise(tmp_path / "a.wav", RATE, num_channels)
    read = SoundReader().read(tmp_path / "a.wav", 40_001, 30_000, RATE)
    assert np.array_equal(read, own[40_001:70_001])


@pytest.mark.parametrize("own_rate", [44100, 96000, 32000])
def test_stretches_join_without_a_seam(tmp_path: Path, own_rate: int) -> None:
    own = noise(tmp_path / "a.wav", own_rate, 2)
    whole = soxr.resample(own, own_rate, RATE, quality="HQ")
    reader = SoundReader()
    stretches = [reader.read(tmp_path / "a.wav", first, 12_345, RATE) for first in range(0, 120_000, 12_345)]
    joined = np.concatenate(stretches)
    # At the file's own edges a resampler may guess differently.
    assert np.abs(joined - whole[: len(joined)])[500:].max() < 1e-5


def test_before_the_start_and_after_the_end_it_is_silent(tmp_path: Path) -> None:
    own = noise(tmp_path / "a.wav", RATE, 1, 1.0)
    read = SoundReader().read(tmp_path / "a.wav", -1000, RATE + 2000, RATE)
    assert not read[:1000].any() and not read[-1000:].any()
    assert np.array_equal(read[1000:-1000], own)


@pytest.mark.parametrize("codec", ["mpeg4", "mpeg2video", "libx264"])
@pytest.mark.parametrize("max_b_frames", [0, 2])
@pytest.mark.parametrize("container", ["avi", "mov", "mkv"])
def test_sound_and_first_picture_begin_together(
    tmp_path: Path, container: str, codec: str, max_b_frames: int
) -> None:
    """AVI knows no presentation times, and what FFmpeg makes up for it is a frame late."""
    wav = np.random.default_rng(1).uniform(-0.5, 0.5, 2 * RATE).astype(np.float32)
    path = tmp_path / f"a.{container}"
    with_tracks(path, Track(wav), picture_s=2.0, codec=codec, max_b_frames=max_b_frames)
    assert SoundReader().read(path, 1000, RATE, RATE)[:, 0] == pytest.approx(
        wav[1000 : 1000 + RATE], abs=1e-4
    )


def test_the_process_answers_and_says_why_it_cannot(tmp_path: Path) -> None:
    own = noise(tmp_path / "a.wav", RATE, 2)
    silent = write_numbered(tmp_path / "b.mp4", 12, Fraction(24))
    requests = [
        Sound(1, str(tmp_path / "a.wav"), 100, 2000, RATE),
        Sound(2, str(silent), 0, 2000, RATE),
        Sound(3, str(silent), 0, 0, RATE),
    ]
    replies = io.BytesIO()
    replies.close = lambda: None  # type: ignore[method-assign]
    serve(io.BytesIO(b"".join(map(encode_media, requests))), replies)
    by_id = {header.id: (header, payload) for header, payload in MediaReplyBuffer().feed(replies.getvalue())}
    header, payload = by_id[1]
    assert isinstance(header, Samples) and (header.num_samples, header.num_channels) == (2000, 2)
    assert np.array_equal(np.frombuffer(payload, "<f4").reshape(2000, 2), own[100:2100])
    no_sound, none_asked = by_id[2][0], by_id[3][0]
    assert isinstance(no_sound, MediaFailed) and "no sound" in no_sound.sentence
    assert isinstance(none_asked, MediaFailed)


def test_a_file_that_is_no_media_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"nothing")
    with pytest.raises(MediaUnreadable):
        SoundReader().read(tmp_path / "a.wav", 0, 100, RATE)


def test_a_rate_that_no_sound_has_is_refused(tmp_path: Path) -> None:
    """How much is decoded follows from it."""
    path = tmp_path / "a.wav"
    noise(path, 48000, 1, 0.1)
    content = bytearray(path.read_bytes())
    at = content.index(b"fmt ") + 12
    content[at : at + 4] = (2_000_000_000).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match="2000000000 Hz"):
        SoundReader().read(path, 0, 1000, RATE)
