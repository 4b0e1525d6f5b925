"""Where in the frame the motion is, from left to right: what a stereo delivery pans a mono take by.

A camera that moves, moves everything, so its motion lies in the middle and pans nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol import PAN_RATE

SPREAD_S = 0.25
"""Standard deviation of the smoothing: an ear follows a place no faster, and a jump would be heard as one."""
NOISE_LEVELS = 4.0
"""Grey levels of 255 that a pixel changes by without anything moving: grain and compression."""
STILL_SHARE = 0.002
"""Of a full change of all pixels: with much less motion than this the place goes to the middle."""


def pan_of(grey: NDArray[np.uint8], frame_rate: int) -> NDArray[np.float32]:
    """Grey frames [N, H, W] -> places at `PAN_RATE`, -1 (the left edge) to 1, one for each begun step.

    Each is the centre of the motion about that moment, drawn towards the middle where there is little.
    """
    count, _, width = grey.shape
    steps = -(-count * PAN_RATE // frame_rate)
    change = np.abs(np.diff(grey.astype(np.float32), axis=0, prepend=grey[:1].astype(np.float32)))
    change = np.maximum(change - NOISE_LEVELS, 0) / 255
    columns = change.mean(axis=1)  # [N, W]
    across = np.linspace(-1, 1, width, dtype=np.float32)
    amount, moment = columns.mean(axis=1), (columns * across).mean(axis=1)
    frames_s, steps_s = np.arange(count) / frame_rate, (np.arange(steps) + 0.5) / PAN_RATE
    weights = np.exp(-0.5 * ((steps_s[:, None] - frames_s[None]) / SPREAD_S) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    places: NDArray[np.floating] = (weights @ moment) / (weights @ amount + STILL_SHARE)
    return places.astype(np.float32)
