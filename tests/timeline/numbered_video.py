"""Tiny videos whose every frame shows its own number, readable from the pixels."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

NUM_BITS = 8
BAR_PX = 8
WIDTH_PX, HEIGHT_PX = NUM_BITS * BAR_PX, 16


def write_numbered_video(
    path: Path, rate: Fraction, num_frames: int, timecode: str | None = None, codec: str = "mpeg4"
) -> Path:
    """One white bar for each set bit of the frame's number, the highest bit on the left."""
    with av.open(str(path), "w") as container:
        if timecode is not None:
            container.metadata["timecode"] = timecode
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.bit_rate = 2_000_000
        for number in range(num_frames):
            frame = av.VideoFrame.from_ndarray(numbered_picture(number), format="gray8").reformat(
                format="yuv420p"
            )
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def number_in(pixels: NDArray[np.uint8]) -> int:
    """The number that a frame [H, W] shows."""
    bars = pixels.reshape(HEIGHT_PX, NUM_BITS, BAR_PX).mean(axis=(0, 2)) > 127
    return int("".join("1" if bar else "0" for bar in bars), 2)


def numbered_picture(number: int) -> NDArray[np.uint8]:
    bits = [number >> bit & 1 for bit in reversed(range(NUM_BITS))]
    return np.tile(np.repeat(np.array(bits, np.uint8) * 255, BAR_PX), (HEIGHT_PX, 1))
