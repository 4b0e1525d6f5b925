"""What a lane looks like from afar, worked out for all its items at once: numpy in, one-line images out.

Ten thousand clips on a screen are fewer pixels than clips, so nothing here is done clip by clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QColor, QImage

from foley_plugin.qtmodels.lanes import Lane
from foley_plugin.qtmodels.time_scale import TimeScale

EDGE_PX = 1
"""Of background between neighbours, so that every edit is seen."""

Codes = NDArray[np.uint8]
Pixels = NDArray[np.int64]


@dataclass(frozen=True)
class ItemBoxes:
    """The items of a lane that touch a stretch of the screen, in whole pixels of the widget.

    `first` is the lane's number of the first; `left_px` and `right_px` have one entry an item, edges left out.
    """

    first: int
    left_px: Pixels
    right_px: Pixels

    @property
    def width_px(self) -> Pixels:
        return self.right_px - self.left_px


def boxes_between(lane: Lane, scale: TimeScale, origin_px: int, from_px: int, to_px: int) -> ItemBoxes:
    """Where the items lie that touch `from_px` to `to_px`; the scale's x = 0 is at `origin_px`."""
    visible = lane.between(scale.time_at(from_px - 2 - origin_px), scale.time_at(to_px + 2 - origin_px))
    starts_s = np.frombuffer(lane.starts_s)[visible.start : visible.stop]
    ends_s = np.frombuffer(lane.own_ends_s)[visible.start : visible.stop]
    left = np.rint((starts_s - scale.left_s) * scale.pixels_per_s).astype(np.int64) + origin_px
    right = np.rint((ends_s - scale.left_s) * scale.pixels_per_s).astype(np.int64) + origin_px - EDGE_PX
    return ItemBoxes(visible.start, left, np.maximum(right, left + 1))


def columns(boxes: ItemBoxes, codes: Codes, chosen: NDArray[np.bool_], from_px: int, to_px: int) -> Codes:
    """One code a pixel from `from_px` to `to_px`: the greatest of the items that lie there, 0 on the ground."""
    line = np.zeros(max(0, to_px - from_px), np.uint8)
    left = np.clip(boxes.left_px[chosen], from_px, to_px) - from_px
    right = np.clip(boxes.right_px[chosen], from_px, to_px) - from_px
    counts = right - left
    total = int(counts.sum())
    if total:
        steps = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        np.maximum.at(line, np.repeat(left, counts) + steps, np.repeat(codes[chosen], counts))
    return line


def line_image(line: Codes, colours: NDArray[np.uint32]) -> QImage:
    """One pixel high, to be drawn as high as a lane; code 0 is transparent.

    Args:
        colours: ARGB by code.
    """
    pixels = colours[line]
    image = QImage(pixels.tobytes(), len(line), 1, 4 * len(line), QImage.Format.Format_ARGB32)
    return image.copy()  # the bytes are Python's, and go


def argb(colour: QColor) -> int:
    return int(colour.rgba())


def wave_image(peaks: NDArray[np.float32], colour: QColor, height_px: int) -> QImage:
    """A sound's outline about the middle, one column a peak (0 to 1; negative where nothing is), smooth at its edge."""
    reach = height_px / 2 - 3
    distance = np.abs(np.arange(height_px) + 0.5 - height_px / 2)[:, None]
    cover = np.clip(np.maximum(peaks * reach, 0.75)[None, :] - distance + 0.5, 0.0, 1.0)
    cover[:, peaks < 0] = 0.0
    alpha = (cover * colour.alpha()).astype(np.uint32)
    pixels = (alpha << 24) | np.uint32(argb(colour) & 0xFFFFFF)
    image = QImage(pixels.tobytes(), len(peaks), height_px, 4 * len(peaks), QImage.Format.Format_ARGB32)
    return image.copy()


def spread(parts: Sequence[tuple[int, NDArray[np.float32]]], from_px: int, to_px: int) -> NDArray[np.float32]:
    """Outlines of several items on one line: -1 where there is none."""
    line = np.full(max(0, to_px - from_px), -1.0, np.float32)
    for left_px, peaks in parts:
        line[left_px - from_px : left_px - from_px + len(peaks)] = peaks
    return line
