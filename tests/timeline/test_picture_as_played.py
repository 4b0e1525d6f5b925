"""Every frame of a cut, decoded by the engine, is the one that the editor would show."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from engine.media.video import FrameRequest, sample_picture
from engine.protocol import Picture, fraction
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.placement import plan_cue
from foley_plugin.timeline.selection import select

from .building import Json, clip, freeze, gap, ramp, saved, stack, time, time_range, timeline, track, warp
from .numbered_video import HEIGHT_PX, WIDTH_PX, number_in, write_numbered_video

FILM, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)
NUM_FRAMES = 100

Shown = Callable[[Json], list[int]]


def numbers_shown(picture: Picture, start: Fraction, rate: Fraction, num_frames: int) -> list[int]:
    """The numbers on screen at the middle of each record frame."""
    times_s = [float(start + (frame + Fraction(1, 2)) / rate) for frame in range(num_frames)]
    (frames,) = sample_picture(picture, [FrameRequest(times_s, WIDTH_PX, HEIGHT_PX, "gray8")])
    return [number_in(frame) for frame in frames]


def numbers_of(path: Path, rate: Fraction) -> list[int]:
    """What the first eligible clip of a cut shows, frame by frame."""
    cut = read_cut(path)
    assert fraction(cut.rate) == rate
    selected = select(cut)[0]
    plan = plan_cue(cut, selected)
    return numbers_shown(plan.picture, fraction(plan.head), rate, plan.duration_frames)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """23.976 with a start timecode, as cameras write it."""
    path = tmp_path_factory.mktemp("film") / "A001 take.mov"
    return write_numbered_video(path, FILM, NUM_FRAMES, "01:00:00:00")


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """29.97 drop-frame, starting just before a minute."""
    path = tmp_path_factory.mktemp("drop") / "drop.mov"
    return write_numbered_video(path, NTSC, NUM_FRAMES, "00:59:59;00")


HOUR = 86400
"""01:00:00:00 at 23.976, in frames."""


@pytest.mark.parametrize(
    "available", [time_range(HOUR, NUM_FRAMES, 23.976), None], ids=["available", "probed"]
)
def test_start_timecode_at_film_rate(tmp_path: Path, film: Path, available: Json | None) -> None:
    shot = clip("c", time_range(HOUR + 10, 30, 23.976), url=str(film), available=available)
    root = timeline(track(gap(7, 23.976), shot), start=time(HOUR, 23.976))
    assert numbers_of(saved(root, tmp_path), FILM) == list(range(10, 40))


def test_start_timecode_in_drop_frame(tmp_path: Path, drop: Path) -> None:
    first = 59 * 60 * 30 + 59 * 30 - 2 * (59 - 5)
    shot = clip("c", time_range(first + 20, 40, 29.97), url=str(drop))
    root = timeline(track(gap(3, 29.97), shot), start=time(107892, 29.97))
    assert numbers_of(saved(root, tmp_path), NTSC) == list(range(20, 60))


def shot_with(film: Path, *effects: Json, start: int = 20, duration: int = 40) -> Json:
    available = time_range(HOUR, NUM_FRAMES, 23.976)
    source = time_range(HOUR + start, duration, 23.976)
    return clip("c", source, url=str(film), available=available, effects=list(effects))


def test_half_speed_shows_every_frame_twice(tmp_path: Path, film: Path) -> None:
    root = timeline(track(shot_with(film, warp(0.5))))
    assert numbers_of(saved(root, tmp_path), FILM) == [20 + frame // 2 for frame in range(40)]


def test_double_speed_shows_every_second_frame(tmp_path: Path, film: Path) -> None:
    root = timeline(track(shot_with(film, warp(2.0))))
    assert numbers_of(saved(root, tmp_path), FILM) == [21 + 2 * frame for frame in range(40)]


def test_reverse_starts_with_the_last_frame_of_the_range(tmp_path: Path, film: Path) -> None:
    root = timeline(track(shot_with(film, warp(-1.0))))
    assert numbers_of(saved(root, tmp_path), FILM) == list(range(59, 19, -1))


def test_reverse_at_half_speed(tmp_path: Path, film: Path) -> None:
    root = timeline(track(shot_with(film, warp(-0.5))))
    assert numbers_of(saved(root, tmp_path), FILM) == [39 - frame // 2 for frame in range(40)]


def test_a_freeze_holds_its_frame(tmp_path: Path, film: Path) -> None:
    root = timeline(track(shot_with(film, freeze())))
    assert numbers_of(saved(root, tmp_path), FILM) == [20] * 40


def test_a_ramp_slows_down_where_it_says(tmp_path: Path, film: Path) -> None:
    frame_s = 1001 / 24000
    keys = [[0.0, 0.0], [20 * frame_s, 40 * frame_s], [60 * frame_s, 60 * frame_s]]
    root = timeline(track(shot_with(film, ramp(keys), start=0, duration=40)))
    shown = numbers_of(saved(root, tmp_path), FILM)
    assert shown[:20] == [1 + 2 * frame for frame in range(20)]
    assert shown[20:] == [40 + frame // 2 for frame in range(20)]


def test_a_nest_at_half_speed_trims_and_slows(tmp_path: Path, film: Path) -> None:
    nest = stack(track(shot_with(film)), source=time_range(10, 20, 23.976), effects=[warp(0.5)])
    root = timeline(track(gap(5, 23.976), nest))
    assert numbers_of(saved(root, tmp_path), FILM) == [30 + frame // 2 for frame in range(20)]


def test_handles_show_what_lies_beside_the_clip(tmp_path: Path, film: Path) -> None:
    cut = read_cut(saved(timeline(track(gap(30, 23.976), shot_with(film, start=30, duration=20))), tmp_path))
    plan = plan_cue(cut, select(cut)[0], handle_s=10 / FILM)
    assert numbers_shown(plan.picture, Fraction(0), FILM, plan.wav_frames) == list(range(20, 60))


def test_handles_hold_the_edges_of_the_media(tmp_path: Path, film: Path) -> None:
    cut = read_cut(saved(timeline(track(shot_with(film, start=5, duration=90))), tmp_path))
    plan = plan_cue(cut, select(cut)[0], handle_s=10 / FILM)
    shown = numbers_shown(plan.picture, Fraction(0), FILM, plan.wav_frames)
    assert shown == [0] * 5 + list(range(100)) + [99] * 5


def test_film_in_a_25_fps_timeline_keeps_its_time(tmp_path: Path, film: Path) -> None:
    root = timeline(track(gap(25, 25.0), shot_with(film)), start=time(0, 25.0))
    cut = read_cut(saved(root, tmp_path))
    (selected,) = select(cut)
    assert selected.record_out - selected.record_in == 40 / FILM
    plan = plan_cue(cut, selected)
    assert numbers_shown(plan.picture, fraction(plan.head), FILM, 40) == list(range(20, 60))
