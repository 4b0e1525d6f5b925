"""Frames for features at 1 and at 25 a second: from one decode by swscale, and the naive way beside it.

The naive way is a decode for each rate, with the decoder's usual threads, and every picture resized by PIL.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import av
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.evaluation.speed_film import FRAME_RATE
from engine.media.video import FrameRequest, sample_picture
from engine.protocol import Picture, Span

FEATURE_RATES = (1, 25)
FEATURE_SIZE = 224
PIL_BICUBIC = 3
FRAMES_TARGET_RATIO = 0.55


class FrameReading(Struct, frozen=True):
    """Frames at 1 and 25 a second, 224 x 224: medians over alternating runs, in seconds, and ours over the naive."""

    one_pass_s: float
    naive_s: float
    ratio: float


def measure_frame_reading(film: Path, duration_s: int, *, runs: int) -> FrameReading:
    """Both ways by turns, so that a machine that slows down slows both."""
    ours_s, naive_s = [], []
    for _ in range(runs):
        ours_s.append(_seconds(lambda: frames_in_one_pass(film, duration_s)))
        naive_s.append(_seconds(lambda: [frames_naively(film, rate) for rate in FEATURE_RATES]))
    return FrameReading(median(ours_s), median(naive_s), median(ours_s) / median(naive_s))


def _seconds(work: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s


def frames_in_one_pass(film: Path, duration_s: int) -> list[NDArray[np.uint8]]:
    """uint8 [duration, 224, 224, 3] and [25 * duration, 224, 224, 3]."""
    picture = Picture(str(film), [Span((duration_s, 1), (0, 1))])
    wanted = [
        FrameRequest(np.arange(duration_s * rate) / rate, FEATURE_SIZE, FEATURE_SIZE, "rgb24", "crop")
        for rate in FEATURE_RATES
    ]
    return sample_picture(picture, wanted)


def frames_naively(film: Path, frames_per_s: int) -> NDArray[np.uint8]:
    """What a script does: every frame decoded, the wanted ones to PIL, resized and cropped there."""
    frames: list[NDArray[np.uint8]] = []
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            end_s = (frame.time or 0.0) + 1 / FRAME_RATE
            if end_s - 1e-3 < len(frames) / frames_per_s:
                continue
            image = frame.to_image()  # type: ignore[no-untyped-call]
            scale = FEATURE_SIZE / min(image.size)
            width, height = (round(side * scale) for side in image.size)
            left, top = (width - FEATURE_SIZE) // 2, (height - FEATURE_SIZE) // 2
            box = (left, top, left + FEATURE_SIZE, top + FEATURE_SIZE)
            frames.append(np.asarray(image.resize((width, height), PIL_BICUBIC).crop(box)))
    return np.stack(frames)
