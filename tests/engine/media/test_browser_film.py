"""Films for browsers: the very same picture under every sound, and the sound on the sample."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.media.audio import read_audio_with_rate
from engine.media.browser_film import write_silent_picture, write_with_sound
from engine.media.video import probe


def picture_packets(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as container:
        return [(packet.pts, bytes(packet)) for packet in container.demux(video=0)]


def test_two_sounds_lie_under_the_same_packets_on_the_sample(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 255, (25, 48, 64, 3), np.uint8)
    write_silent_picture(iter(frames), tmp_path / "silent.webm", frame_rate=Fraction(25))
    click = np.zeros(60000)
    click[24000:24200] = 0.8
    write_with_sound(tmp_path / "silent.webm", click, tmp_path / "a.webm", duration=Fraction(1))
    write_with_sound(tmp_path / "silent.webm", np.zeros(100), tmp_path / "b.webm", duration=Fraction(1))
    assert picture_packets(tmp_path / "a.webm") == picture_packets(tmp_path / "b.webm")
    assert probe(tmp_path / "a.webm").duration_s == 1
    heard, rate = read_audio_with_rate(tmp_path / "a.webm")
    assert rate == 48000 and heard.size == 48000
    assert abs(int(np.argmax(np.abs(heard) > 0.3)) - 24000) < 48
    assert np.abs(read_audio_with_rate(tmp_path / "b.webm")[0]).max() < 1e-3


def test_no_name_is_written_into_the_film(tmp_path: Path) -> None:
    frames = np.zeros((3, 32, 32, 3), np.uint8)
    write_silent_picture(iter(frames), tmp_path / "ours_secret.webm", frame_rate=Fraction(25))
    write_with_sound(
        tmp_path / "ours_secret.webm", np.zeros(9), tmp_path / "a.webm", duration=Fraction(3, 25)
    )
    assert b"secret" not in (tmp_path / "a.webm").read_bytes()
