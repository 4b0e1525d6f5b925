"""Log-mel spectrograms as PNG images, written here: a palette of 64 colours, deflated."""

from __future__ import annotations

import base64
import struct
import zlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.media.onsets import SAMPLE_RATE

WINDOW_SAMPLES = 1024
HOP_SAMPLES = 256
NUM_BANDS = 96
LOWEST_HZ = 40.0
RANGE_DB = 70.0
"""From the loudest moment of all that is compared down to the darkest colour."""
PALETTE_STOPS = ((12, 10, 32), (67, 24, 108), (150, 44, 98), (222, 92, 58), (251, 177, 65), (252, 250, 196))
"""From dark to light, its lightness rising evenly: it reads the same without colour."""
NUM_COLOURS = 64


def mel_db(wav: NDArray[np.float32], sample_rate: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """Mel bands [bands, frames] of wav [N] in dB, lowest band first; windows and hops last as long at any rate."""
    window_samples, hop_samples = (n * sample_rate // SAMPLE_RATE for n in (WINDOW_SAMPLES, HOP_SAMPLES))
    padded = np.pad(wav, (window_samples // 2, window_samples))
    windows = np.lib.stride_tricks.sliding_window_view(padded, window_samples)[::hop_samples]
    windows = windows[: max(1, -(-wav.size // hop_samples))]
    power = np.abs(np.fft.rfft(windows * np.hanning(window_samples), axis=1)) ** 2
    return np.asarray(10 * np.log10(power @ _filters(sample_rate, window_samples) + 1e-12).T, np.float32)


@cache
def _filters(sample_rate: int, window_samples: int) -> NDArray[np.float64]:
    """Triangles [bins, bands], evenly spread in mel, each with a peak of 1."""
    frequency_hz = np.fft.rfftfreq(window_samples, 1 / sample_rate)
    low, high = _mel(LOWEST_HZ), _mel(sample_rate / 2)
    edges = 700 * (10 ** (np.linspace(low, high, NUM_BANDS + 2) / 2595) - 1)
    width = np.maximum(np.diff(edges), sample_rate / window_samples)
    rising = 1 - (edges[1:-1] - frequency_hz[:, None]) / width[:-1]
    falling = 1 - (frequency_hz[:, None] - edges[1:-1]) / width[1:]
    return np.asarray(np.clip(np.minimum(rising, falling), 0, 1), np.float64)


def _mel(frequency_hz: float) -> float:
    return 2595 * float(np.log10(1 + frequency_hz / 700))


def height_of(frequency_hz: float) -> float:
    """Where a frequency lies in the image, 0 (bottom) to 1."""
    low, high = _mel(LOWEST_HZ), _mel(SAMPLE_RATE / 2)
    return (_mel(frequency_hz) - low) / (high - low)


def as_png(levels_db: NDArray[np.float32], top_db: float) -> bytes:
    """Levels [bands, frames] as an image one pixel a cell, the lowest band at the bottom."""
    share = np.clip(1 + (levels_db - top_db) / RANGE_DB, 0, 1)
    pixels = np.asarray(np.round(share[::-1] * (NUM_COLOURS - 1)), np.uint8)
    height, width = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels], axis=1)  # each row: filter 0, pixels
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette().tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


@cache
def palette() -> NDArray[np.uint8]:
    """RGB [NUM_COLOURS, 3], straight lines between the stops."""
    at = np.linspace(0, len(PALETTE_STOPS) - 1, NUM_COLOURS)
    stops = np.array(PALETTE_STOPS, np.float64)
    channels = [np.interp(at, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return np.asarray(np.round(np.stack(channels, axis=1)), np.uint8)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def as_data_uri(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64," + base64.b64encode(content).decode("ascii")
