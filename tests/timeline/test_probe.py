"""What files say of themselves, read by the real decoder."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from engine.media.video import probe
from foley_plugin.timeline.probe import ProbeFailed, Streams, probe_media, probe_streams
from tests.engine.media.odd_sounds import with_cover, with_unknown_picture, with_unknown_sound

from .numbered_video import write_numbered_video

FILM, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)
NTSC_60, NTSC_120 = 2 * NTSC, 4 * NTSC


@pytest.mark.parametrize(
    ("rate", "timecode", "start_frames"),
    [
        (FILM, "01:00:00:00", 86400),
        (Fraction(25), "10:00:00:12", 900012),
        (NTSC, "01:00:00;00", 107892),
        (NTSC, "01:00:00:00", 108000),
        (Fraction(24), None, 0),
    ],
)
def test_start_timecode_is_real_time(
    tmp_path: Path, rate: Fraction, timecode: str | None, start_frames: int
) -> None:
    probe = probe_media(str(write_numbered_video(tmp_path / "a.mov", rate, 10, timecode)))
    assert probe.start == start_frames / rate
    assert probe.duration == 10 / rate
    assert not probe.is_still


def counted_by(path: Path, share: int) -> None:
    """Let a QuickTime timecode track number every second or fourth picture, as some cameras do."""
    content = bytearray(path.read_bytes())
    entry = content.index(b"tmcd", content.index(b"stsd", content.rindex(b"TimeCodeHandler")))
    clock = entry + 20  # after the type, reserved bytes, an index and flags
    timescale, duration, nominal = struct.unpack_from(">IIB", content, clock)
    struct.pack_into(">IIB", content, clock, timescale // share, duration, nominal // share)
    with av.open(str(path)) as film:
        (track,) = (each for each in film.streams if each.type == "data")
        count = bytes(next(film.demux(track)))
    struct.pack_into(">I", content, content.index(count), int.from_bytes(count, "big") // share)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("rate", "share", "timecode", "shown", "start_frames"),
    [
        (NTSC_60, 1, "01:00:00;30", "01:00:00;30", 215784 + 30),
        (NTSC_60, 2, "01:00:00;30", "01:00:00;15", 215784 + 30),
        (NTSC_60, 2, "01:00:00:30", "01:00:00:15", 216000 + 30),
        (NTSC_60, 2, "00:01:00;04", "00:01:00;02", 3600),
        (Fraction(50), 2, "10:00:00:30", "10:00:00:15", 1_800_030),
        (NTSC_120, 1, "01:00:00;060", "01:00:00;060", 431568 + 60),
        (NTSC_120, 4, "01:00:00;060", "01:00:00;15", 431568 + 60),
        (Fraction(100), 1, "01:00:00:60", "01:00:00:60", 360_060),
    ],
)
def test_the_pictures_of_high_rates_may_be_numbered_by_twos_and_fours(
    tmp_path: Path, rate: Fraction, share: int, timecode: str, shown: str, start_frames: int
) -> None:
    path = write_numbered_video(tmp_path / "a.mov", rate, 10, timecode, codec="libx264")
    if share > 1:
        counted_by(path, share)
    with av.open(str(path)) as film:
        assert film.streams.video[0].metadata["timecode"] == shown
    assert probe_media(str(path)).start == start_frames / rate
    assert probe_streams(str(path)).timecode == timecode
    assert probe(path).start_timecode_s == start_frames / rate


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".mkv", ".avi"])
def test_the_timecode_of_every_container(tmp_path: Path, suffix: str) -> None:
    path = write_numbered_video(tmp_path / f"a{suffix}", FILM, 10, "01:00:00:00")
    assert probe_media(str(path)).start == Fraction(18018, 5)
    assert probe_streams(str(path)).timecode == "01:00:00:00"
    assert probe(path).start_timecode_s == Fraction(18018, 5)


def test_names_with_odd_signs_are_opened_as_files(tmp_path: Path) -> None:
    odd = write_numbered_video(tmp_path / "take #1 50% a:b.mp4", Fraction(25), 5)
    assert probe_media(str(odd)).duration == Fraction(1, 5)


def test_a_picture_file_is_a_still(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "rgb24"
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert probe_media(str(path)).is_still


def test_sound_has_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "s.wav"
    soundfile.write(path, np.zeros(4800), 48_000)
    with pytest.raises(ProbeFailed, match="no picture"):
        probe_media(str(path))


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 5000, b"#EXTM3U\nhttp://127.0.0.1:9/a.ts\n"])
def test_what_is_no_video_fails_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.m3u8"
    path.write_bytes(content)
    with pytest.raises(ProbeFailed) as caught:
        probe_media(str(path))
    assert str(caught.value)


def test_half_a_movie_fails_in_words(tmp_path: Path) -> None:
    path = write_numbered_video(tmp_path / "a.mp4", Fraction(25), 20)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ProbeFailed):
        probe_media(str(path))


def test_streams_that_nobody_can_decode_are_left_out_and_keep_nothing_from_being_written(
    tmp_path: Path,
) -> None:
    two = Fraction(2)
    phone = probe_streams(str(with_unknown_sound(tmp_path / "phone.mov", "stereo", "mono")))
    assert phone == Streams("", Fraction(25), two, 80, 48, 2, 48000)
    raw = probe_streams(str(with_unknown_picture(tmp_path / "raw.mov")))
    assert raw == Streams("", Fraction(25), two, 1920, 1080, 1, 48000)
    music = probe_streams(str(with_cover(tmp_path / "music.flac")))
    assert music == Streams("", None, two, 0, 0, 2, 48000)
