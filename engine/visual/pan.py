"""Where in the frame the motion is, from left to right: what a stereo delivery pans a mono take by.

A camera that moves, moves everything, so its motion lies in the middle and pans nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol import PAN_RATE

Floats = NDArray[np.floating]

SPREAD_S = 0.25
"""Standard deviation of the smoothing: an ear follows a place no faster, and a jump would be heard as one."""
NOISE_LEVELS = 4.0
"""Grey levels of 255 that a pixel changes by without anything moving: grain and compression."""
REACH_S = 8 * SPREAD_S
"""What lies farther weighs less than the places' own rounding."""
PIECE_FRAMES = 256
PIECE_STEPS = 256
"""Worked on at a time: a long picture's frames in floats, or all its steps against all its frames, fit nowhere."""
STILL_SHARE = 0.002
"""Of a full change of all pixels: with much less motion than this the place goes to the middle."""


def pan_of(grey: NDArray[np.uint8], frame_rate: int) -> NDArray[np.float32]:
    """Grey frames [N, H, W] -> places at `PAN_RATE`, -1 (the left edge) to 1, one for each begun step.

    Each is the centre of the motion about that moment, drawn towards the middle where there is little.
    """
    amount, moment = _motion_of(grey)
    steps = -(-len(grey) * PAN_RATE // frame_rate)
    frames_s, steps_s = np.arange(len(grey)) / frame_rate, (np.arange(steps) + 0.5) / PAN_RATE
    places = np.zeros(steps, np.float32)
    for first in range(0, steps, PIECE_STEPS):
        at_s = steps_s[first : first + PIECE_STEPS]
        near = slice(*np.searchsorted(frames_s, (at_s[0] - REACH_S, at_s[-1] + REACH_S)))
        weights = np.exp(-0.5 * ((at_s[:, None] - frames_s[None, near]) / SPREAD_S) ** 2)
        weights /= weights.sum(axis=1, keepdims=True)
        places[first : first + PIECE_STEPS] = (weights @ moment[near]) / (
            weights @ amount[near] + STILL_SHARE
        )
    return places


def _motion_of(grey: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """How much each frame [N] has moved since the one before, and its moment about the middle; none in the first."""
    across = np.linspace(-1, 1, grey.shape[2], dtype=np.float32)
    amount, moment = np.zeros(len(grey), np.float32), np.zeros(len(grey), np.float32)
    for first in range(1, len(grey), PIECE_FRAMES):
        end = min(first + PIECE_FRAMES, len(grey))
        change = np.abs(np.diff(grey[first - 1 : end].astype(np.float32), axis=0))
        columns = (np.maximum(change - NOISE_LEVELS, 0) / 255).mean(axis=1)  # [n, W]
        amount[first:end], moment[first:end] = columns.mean(axis=1), (columns * across).mean(axis=1)
    return amount, moment
