"""A film to time the engine by: 1920 x 1080 at 30 fps, H.264, textured and moving, as a camera's would be."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE = (1920, 1080)
FRAME_RATE = 30
NUM_NOISES = 8


def write_film(path: Path, *, duration_s: int, seed: int, noise: int = 0) -> Path:
    """A texture that drifts behind a box that bounces.

    Args:
        noise: how far each pixel's brightness strays from frame to frame, of 255, as a sensor's does. Some of it
            makes the decoder's work and the file's size (about 20 Mbit/s at 10) those of a camera's film.
    """
    rng = np.random.default_rng(seed)
    width, height = SIZE
    grain = rng.integers(0, 60, (height + 200, width + 200, 3), dtype=np.uint8)
    noises = rng.integers(0, noise + 1, (NUM_NOISES if noise else 0, height, width, 1), dtype=np.uint8)
    with av.open(os.fspath(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(FRAME_RATE))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "18" if noise else "23"}
        for number in range(duration_s * FRAME_RATE):
            drift = number % 200
            pixels = grain[drift // 2 : drift // 2 + height, drift : drift + width].copy()
            low = int((height - 200) * abs(np.sin(number / 12)))
            pixels[low : low + 200, 800:1000] = (230, 200, 90)
            if noise:
                pixels += np.roll(noises[number % NUM_NOISES], 37 * number, axis=1)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
