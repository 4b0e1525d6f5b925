"""Where the motion is: a thing that crosses, one that stays, a camera, a still."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from engine.protocol import PAN_RATE
from engine.visual.pan import NOISE_LEVELS, SPREAD_S, STILL_SHARE, pan_of

RATE, HEIGHT, WIDTH = 30, 36, 48
RNG = np.random.default_rng(0)


def shot(seconds: float) -> np.ndarray:
    """A room with grain."""
    room = RNG.integers(60, 120, (HEIGHT, WIDTH))
    frames = np.repeat(room[None], round(seconds * RATE), axis=0)
    return np.clip(frames + RNG.normal(0, 1.5, frames.shape), 0, 255)


def with_ball(frames: np.ndarray, columns: np.ndarray) -> np.ndarray:
    out = frames.copy()
    for number, column in enumerate(columns):
        row = 15 + 6 * (number % 2)  # it bounces, so that it moves where it stays
        out[number, row : row + 6, max(0, int(column) - 3) : int(column) + 3] = 250
    return out.astype(np.uint8)


def test_a_thing_that_crosses_the_frame_is_followed_from_left_to_right() -> None:
    pan = pan_of(with_ball(shot(4.0), np.linspace(3, 45, 120)), RATE)
    assert len(pan) == 4 * PAN_RATE
    assert pan[5] < -0.5 and pan[-6] > 0.5 and abs(pan[20]) < 0.2
    assert np.all(np.diff(pan[4:-4]) > 0)


@pytest.mark.parametrize(("column", "place"), [(6, -0.75), (24, 0.0), (42, 0.75)])
def test_a_thing_that_stays_is_where_it_is(column: int, place: float) -> None:
    pan = pan_of(with_ball(shot(2.0), np.full(60, column)), RATE)
    assert pan[5:15] == pytest.approx(np.full(10, place), abs=0.12)


def test_a_moving_camera_pans_nothing() -> None:
    wall = RNG.integers(0, 255, (HEIGHT, WIDTH * 4))
    frames = np.stack([wall[:, 2 * n : 2 * n + WIDTH] for n in range(60)]).astype(np.uint8)
    assert np.abs(pan_of(frames, RATE)).max() < 0.12


def test_grain_and_a_still_lie_in_the_middle() -> None:
    assert np.abs(pan_of(shot(2.0).astype(np.uint8), RATE)).max() < 0.05
    assert np.abs(pan_of(np.full((31, HEIGHT, WIDTH), 90, np.uint8), RATE)).max() == 0
    assert len(pan_of(np.full((31, HEIGHT, WIDTH), 90, np.uint8), RATE)) == 11


def pan_of_the_whole(grey: np.ndarray, frame_rate: int) -> np.ndarray:
    """All frames in floats, every step weighed against every frame."""
    change = np.abs(np.diff(grey.astype(np.float32), axis=0, prepend=grey[:1].astype(np.float32)))
    columns = (np.maximum(change - NOISE_LEVELS, 0) / 255).mean(axis=1)
    across = np.linspace(-1, 1, grey.shape[2], dtype=np.float32)
    steps = -(-len(grey) * PAN_RATE // frame_rate)
    frames_s, steps_s = np.arange(len(grey)) / frame_rate, (np.arange(steps) + 0.5) / PAN_RATE
    weights = np.exp(-0.5 * ((steps_s[:, None] - frames_s[None]) / SPREAD_S) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    return (weights @ (columns * across).mean(axis=1)) / (weights @ columns.mean(axis=1) + STILL_SHARE)


@pytest.mark.parametrize("count", [1, 2, 257, 2000])
def test_a_long_picture_is_worked_on_in_pieces_that_equal_the_whole(count: int) -> None:
    columns = 24 + 20 * np.sin(np.arange(count) / 40)
    grey = with_ball(np.repeat(shot(0.1)[:1], count, axis=0), columns)
    np.testing.assert_allclose(pan_of(grey, RATE), pan_of_the_whole(grey, RATE), atol=1e-6)


def test_ten_minutes_take_no_more_than_their_frames() -> None:
    """All steps against all frames would be nearly a gigabyte, all frames in floats an eighth of one."""
    grey = np.zeros((600 * RATE, HEIGHT, WIDTH), np.uint8)
    tracemalloc.start()
    try:
        assert len(pan_of(grey, RATE)) == 600 * PAN_RATE
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < grey.nbytes
