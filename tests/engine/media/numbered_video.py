"""Small videos whose frames carry their own number in black and white bars."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from engine.media.video import FrameRequest, sample_picture
from engine.protocol import Picture, Span, rational

NUM_BITS = 12
BAR_WIDTH, HEIGHT = 16, 64


def numbered_pixels(number: int) -> NDArray[np.uint8]:
    """RGB [HEIGHT, NUM_BITS * BAR_WIDTH, 3], the highest bit on the left."""
    bits = [(number >> bit) & 1 for bit in reversed(range(NUM_BITS))]
    row = np.repeat(np.array(bits, np.uint8) * 255, BAR_WIDTH)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (HEIGHT, row.size, 3)))


def number_in(frame: NDArray[np.uint8]) -> int:
    """The number in a grey frame of NUM_BITS pixels' width."""
    return sum(1 << bit for bit, value in enumerate(reversed(frame.mean(axis=0))) if value > 127)


def write_numbered(
    path: Path,
    num_frames: int,
    rate: Fraction,
    *,
    stamps: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    rotation: int = 0,
) -> Path:
    """Frame i is presented at `stamps[i] * time_base`, by default at i / rate."""
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = NUM_BITS * BAR_WIDTH, HEIGHT, "yuv420p"
        stream.time_base = stream.codec_context.time_base = time_base or 1 / rate
        stream.metadata.update(metadata or {})
        if rotation:
            stream.set_display_rotation(rotation)
        for i in range(num_frames):
            frame = av.VideoFrame.from_ndarray(numbered_pixels(i), format="rgb24")
            frame.pts = i if stamps is None else stamps[i]
            frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def picture_of(path: Path, *spans: tuple[Fraction, Fraction, Fraction]) -> Picture:
    """Spans of (duration, source_start, speed), all in seconds."""
    return Picture(
        media=str(path),
        spans=[Span(duration=rational(d), source_start=rational(s), speed=rational(v)) for d, s, v in spans],
    )


def numbers_shown(picture: Picture, times_s: Sequence[float]) -> list[int]:
    [frames] = sample_picture(picture, [FrameRequest(times_s, NUM_BITS, 8, "gray8")])
    return [number_in(frame) for frame in frames]
