"""Which frame is shown when: numbered frames, read back from the pixels."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.errors import Cancelled, MediaNotFound, MediaTruncated, MediaUnreadable
from engine.media.decoding import LEAST_DECODING_THREADS, OpenVideo
from engine.media.frame_rates import parsed_timecode_s, snapped_frame_rate
from engine.media.video import FrameRequest, probe, sample_picture
from engine.media.viewer import FrameReader
from tests.engine.media.numbered_video import (
    HEIGHT,
    NUM_BITS,
    number_in,
    numbers_shown,
    picture_of,
    write_numbered,
)
from tests.engine.media.odd_sounds import with_tracks

ONE = Fraction(1)
WITH_B_FRAMES = {"preset": "medium", "bf": "3", "g": "24"}


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "ts", "avi"])
@pytest.mark.parametrize("rate", [Fraction(24), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(50)])
def test_a_time_on_a_boundary_gives_the_frame_that_starts_there(
    tmp_path: Path, rate: Fraction, suffix: str
) -> None:
    path = write_numbered(tmp_path / f"a.{suffix}", 60, rate, options=WITH_B_FRAMES)
    picture = picture_of(path, (60 / rate, Fraction(0), ONE))
    assert numbers_shown(picture, [float(i / rate) for i in range(60)]) == list(range(60))


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60)])
def test_a_frame_is_held_until_the_next_one_starts(tmp_path: Path, rate: Fraction) -> None:
    path = write_numbered(tmp_path / "a.mp4", 40, rate, options=WITH_B_FRAMES)
    picture = picture_of(path, (40 / rate, Fraction(0), ONE))
    almost_over = [float((i + Fraction(7, 10)) / rate) for i in range(40)]
    assert numbers_shown(picture, almost_over) == list(range(40))


def test_reverse_shows_the_last_frame_first_and_every_frame_once(tmp_path: Path) -> None:
    rate = Fraction(24000, 1001)
    path = write_numbered(tmp_path / "a.mp4", 30, rate, options=WITH_B_FRAMES)
    picture = picture_of(path, (30 / rate, 30 / rate, Fraction(-1)))
    assert numbers_shown(picture, [float(i / rate) for i in range(30)]) == list(reversed(range(30)))


def test_half_speed_double_speed_freeze_and_cuts(tmp_path: Path) -> None:
    rate = Fraction(25)
    path = write_numbered(tmp_path / "a.mp4", 100, rate)
    picture = picture_of(
        path,
        (8 / rate, 10 / rate, Fraction(1, 2)),
        (4 / rate, 50 / rate, Fraction(2)),
        (3 / rate, 77 / rate, Fraction(0)),
        (3 / rate, 20 / rate, Fraction(-2)),
    )
    expected = [10, 10, 11, 11, 12, 12, 13, 13, 50, 52, 54, 56, 77, 77, 77, 19, 17, 15]
    assert numbers_shown(picture, [i / 25 for i in range(18)]) == expected


def test_times_outside_the_media_and_the_picture_hold_the_edge_frames(tmp_path: Path) -> None:
    rate = Fraction(25)
    path = write_numbered(tmp_path / "a.mp4", 20, rate)
    beyond = picture_of(path, (Fraction(2), Fraction(-1, 2), ONE))
    assert numbers_shown(beyond, [0.0, 0.4, 0.5, 0.54, 1.3, 1.9]) == [0, 0, 0, 1, 19, 19]
    inside = picture_of(path, (5 / rate, 5 / rate, ONE))
    assert numbers_shown(inside, [-1.0, 0.16, 0.2, 9.0]) == [5, 9, 9, 9]
    backwards = picture_of(path, (5 / rate, 10 / rate, -ONE))
    assert numbers_shown(backwards, [-1.0, 0.0, 0.16, 0.2, 9.0]) == [9, 9, 5, 5, 5]


def test_times_count_from_the_first_frame_where_stamps_do_not_start_at_zero(tmp_path: Path) -> None:
    stamps = [500 + i for i in range(50)]
    for suffix in ("ts", "mkv", "mp4"):
        path = write_numbered(
            tmp_path / f"a.{suffix}", 50, Fraction(25), stamps=stamps, options=WITH_B_FRAMES
        )
        picture = picture_of(path, (Fraction(2), Fraction(0), ONE))
        assert numbers_shown(picture, [i / 25 for i in range(50)]) == list(range(50))


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_variable_frame_rate_is_followed_by_its_stamps(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(3)
    stamps_ms = np.cumsum(rng.integers(15, 90, 60)) - 15
    stamps_ms -= stamps_ms[0]
    path = write_numbered(
        tmp_path / f"a.{suffix}",
        60,
        Fraction(25),
        stamps=stamps_ms.tolist(),
        time_base=Fraction(1, 1000),
        options=WITH_B_FRAMES,
    )
    picture = picture_of(path, (Fraction(int(stamps_ms[-1]) + 40, 1000), Fraction(0), ONE))
    assert numbers_shown(picture, (stamps_ms / 1000).tolist()) == list(range(60))
    middles_s = (stamps_ms[:-1] + stamps_ms[1:]) / 2000
    assert numbers_shown(picture, middles_s.tolist()) == list(range(59))
    assert probe(path).has_variable_frame_rate


def test_frames_deep_in_a_long_file_are_exact_after_seeking(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    for suffix in ("mp4", "mkv", "ts", "avi"):
        path = write_numbered(tmp_path / f"a.{suffix}", 1500, rate, options={"preset": "veryfast", "g": "90"})
        picture = picture_of(
            path, (5 / rate, 1203 / rate, ONE), (5 / rate, 40 / rate, ONE), (5 / rate, 1490 / rate, ONE)
        )
        expected = [*range(1203, 1208), *range(40, 45), *range(1490, 1495)]
        assert numbers_shown(picture, [float(i / rate) for i in range(15)]) == expected


def test_all_requests_are_served_from_one_pass(tmp_path: Path) -> None:
    rate = Fraction(25)
    path = write_numbered(tmp_path / "a.mp4", 50, rate)
    picture = picture_of(path, (Fraction(2), Fraction(0), ONE))
    fractions: list[float] = []
    grey, colour, none = sample_picture(
        picture,
        [
            FrameRequest([1.0, 0.0, 1.96], NUM_BITS, 8, "gray8"),
            FrameRequest([0.0, 1.0], 32, 32, "rgb24", "crop"),
            FrameRequest([], 32, 32, "rgb24"),
        ],
        on_progress=fractions.append,
    )
    assert [number_in(frame) for frame in grey] == [25, 0, 49]
    assert colour.shape == (2, 32, 32, 3) and none.shape == (0, 32, 32, 3)
    assert fractions[-1] == 1.0 and fractions == sorted(fractions)


def test_crop_keeps_the_shape_and_cuts_out_the_centre(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 1 << 7, Fraction(25))
    picture = picture_of(path, (ONE, 96 / Fraction(25), ONE))  # 96 has its two bars right of the centre
    [frame] = sample_picture(picture, [FrameRequest([0.0], HEIGHT, HEIGHT, "gray8", "crop")])[0]
    # Source columns 64 to 128 remain: bars 4 to 7 (counted from the left), of which 5 and 6 are white.
    bars = frame.reshape(HEIGHT, 4, 16).mean(axis=(0, 2)) > 127
    assert bars.tolist() == [False, True, True, False]


def test_rotation_noted_by_the_camera_is_applied(tmp_path: Path) -> None:
    upright = write_numbered(tmp_path / "a.mp4", 5, Fraction(25))
    turned = write_numbered(tmp_path / "b.mp4", 5, Fraction(25), rotation=90)
    assert (probe(turned).width, probe(turned).height) == (probe(upright).height, probe(upright).width)
    request = [FrameRequest([0.16], HEIGHT, NUM_BITS, "gray8")]
    picture = picture_of(turned, (ONE, Fraction(0), ONE))
    [frame] = sample_picture(picture, request)[0]
    # Turned counter-clockwise by 90 degrees the lowest bit, on the right, comes to the top.
    assert number_in(np.rot90(frame, -1)) == 4


def test_a_truncated_file_is_reported_where_the_picture_needs_what_is_missing(tmp_path: Path) -> None:
    rate = Fraction(25)
    for suffix, options in (("mp4", {"movflags": "faststart"}), ("mkv", {})):
        whole = write_numbered(tmp_path / f"a.{suffix}", 250, rate, container_options=options)
        half = tmp_path / f"half.{suffix}"
        half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        with pytest.raises(MediaTruncated, match="cut short"):
            numbers_shown(picture_of(half, (Fraction(10), Fraction(0), ONE)), [0.0, 9.0])
        assert numbers_shown(picture_of(half, (ONE, Fraction(0), ONE)), [0.0, 0.96]) == [0, 24]


def test_a_damaged_stretch_costs_only_its_own_frames(tmp_path: Path) -> None:
    rate = Fraction(25)
    path = write_numbered(tmp_path / "a.mp4", 100, rate, options={"preset": "ultrafast", "g": "1"})
    with av.open(str(path)) as container:
        packet = next(p for i, p in enumerate(container.demux()) if i == 40)
        assert packet.pos is not None
        start, size = packet.pos, packet.size
    data = bytearray(path.read_bytes())
    data[start : start + size] = b"\xff" * size
    path.write_bytes(data)
    with av.open(str(path)) as container, pytest.raises(av.FFmpegError):
        list(container.decode(video=0))
    shown = numbers_shown(picture_of(path, (Fraction(4), Fraction(0), ONE)), [i / 25 for i in range(100)])
    wrong = [i for i, number in enumerate(shown) if number != i]
    assert wrong == [40] and shown[40] == 39


def test_missing_and_unreadable_media_say_so_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match=r"gone\.mp4 is not there"):
        probe(tmp_path / "gone.mp4")
    text = tmp_path / "notes.mp4"
    text.write_text("no film " * 1000)
    with pytest.raises(MediaUnreadable, match="cannot be read as media"):
        probe(text)
    playlist = tmp_path / "list.mp4"
    playlist.write_text("ffconcat version 1.0\nfile 'other.mp4'\n")
    with pytest.raises(MediaUnreadable):
        probe(playlist)


def test_cancelling_stops_the_decode(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 50, Fraction(25))
    with pytest.raises(Cancelled):
        sample_picture(
            picture_of(path, (Fraction(2), Fraction(0), ONE)),
            [FrameRequest([1.9], 8, 8, "gray8")],
            is_cancelled=lambda: True,
        )


@pytest.mark.parametrize("codec", ["mpeg4", "mpeg2video", "libx264"])
@pytest.mark.parametrize("container", ["avi", "mov", "mkv"])
def test_a_constant_frame_rate_is_constant_with_b_frames_too(
    tmp_path: Path, container: str, codec: str
) -> None:
    film = with_tracks(tmp_path / f"a.{container}", picture_s=2.0, codec=codec, max_b_frames=2)
    info = probe(film)
    assert not info.has_variable_frame_rate and info.frame_rate == 25 and info.duration_s == 2


def test_probe_tells_rate_duration_timecode_and_size(tmp_path: Path) -> None:
    rate = Fraction(24000, 1001)
    path = write_numbered(tmp_path / "a.mov", 48, rate, metadata={"timecode": "01:00:00:12"})
    info = probe(path)
    assert info.frame_rate == rate and not info.has_variable_frame_rate
    assert abs(info.duration_s - 48 / rate) < Fraction(1, 1000)
    assert info.start_timecode_s == (86400 + 12) / rate
    assert (info.width, info.height, info.has_audio) == (NUM_BITS * 16, HEIGHT, False)


@pytest.mark.parametrize(
    ("measured", "snapped"),
    [
        (Fraction(2997, 125), Fraction(24000, 1001)),
        (Fraction(2997, 100), Fraction(30000, 1001)),
        (Fraction(24), Fraction(24)),
        (Fraction(59940, 1000), Fraction(60000, 1001)),
        (Fraction(179, 6), Fraction(179, 6)),
        (Fraction(24999, 1000), Fraction(25)),
    ],
)
def test_frame_rates_snap_to_whole_and_ntsc_rates(measured: Fraction, snapped: Fraction) -> None:
    assert snapped_frame_rate(measured) == snapped


def test_drop_frame_timecode_counts_real_frames() -> None:
    rate = Fraction(30000, 1001)
    assert parsed_timecode_s("00:01:00;02", rate) == 1800 / rate
    assert parsed_timecode_s("00:10:00;00", rate) == 17982 / rate
    assert parsed_timecode_s("01:00:00:00", Fraction(24000, 1001)) == Fraction(172_972_800, 48_000)
    assert parsed_timecode_s("about noon", rate) is None


def test_the_viewers_reader_steps_forward_and_jumps(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    path = write_numbered(tmp_path / "a.mp4", 900, rate, options={"preset": "veryfast", "g": "60"})
    reader = FrameReader(path)
    order = [*range(20), 700, 701, 699, 899, 0, 5, 300]
    shown = [reader.pixels_at(float(i / rate), HEIGHT) for i in order]
    assert [number_in(frame[..., 0].reshape(HEIGHT, NUM_BITS, 16).mean(axis=2)) for frame in shown] == order
    reader.close()


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("mpeg4", {"bf": "2"}),
        ("libx264", {"preset": "medium", "bf": "3", "g": "12", "x264-params": "open-gop=1"}),
    ],
)
def test_an_avi_whose_frames_are_reordered_shows_the_frame_that_is_asked_for(
    tmp_path: Path, codec: str, options: dict[str, str]
) -> None:
    rate = Fraction(25)
    path = write_numbered(tmp_path / "a.avi", 500, rate, codec=codec, options=options)
    for number in (37, 250, 498):
        picture = picture_of(path, (2 / rate, number / rate, ONE))
        assert numbers_shown(picture, [0.0]) == [number]


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "mov", "ts"])
def test_a_picture_that_begins_late_on_its_files_clock_is_whole(tmp_path: Path, suffix: str) -> None:
    rate = Fraction(25)
    stamps = [25 + number for number in range(100)]
    path = write_numbered(tmp_path / f"a.{suffix}", 100, rate, stamps=stamps)
    picture = picture_of(path, (Fraction(2), Fraction(3), ONE))
    assert numbers_shown(picture, [0.0, 0.5, 1.9]) == [75, 87, 99]


def test_more_threads_decode_than_there_are_cores(tmp_path: Path) -> None:
    with OpenVideo(write_numbered(tmp_path / "a.mp4", 10, Fraction(25))) as video:
        found = video.stream.codec_context.thread_count
        assert found >= LEAST_DECODING_THREADS or (
            found == 0 and (os.cpu_count() or 1) >= LEAST_DECODING_THREADS
        )


def test_a_film_that_is_gone_when_it_is_read_anew_can_be_read_when_it_is_back(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 60, Fraction(25))
    away = tmp_path / "away.mp4"
    with OpenVideo(path) as video:
        promised_s = video.promised_end_s
        path.rename(away)
        with pytest.raises(MediaNotFound):
            video.restart()
        assert video.promised_end_s == promised_s
        away.rename(path)
        assert sum(1 for _ in video.frames_from(0.0)) == 60
