"""Decoded frames to arrays of one size, as a viewer shows them: display matrix and pixel aspect applied."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

import numpy as np
from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from engine.media.image_sequence import OpenPicture

Frames = NDArray[np.uint8]
PixelFormat = Literal["gray8", "rgb24"]
Fit = Literal["stretch", "crop"]

_side_data_of = cast("Callable[[VideoFrame], Mapping[Type, bytes]]", SideDataContainer)


def pixel_aspect(video: OpenPicture) -> Fraction:
    """Width over height of one pixel."""
    aspect = video.sample_aspect_ratio
    return aspect if aspect is not None and aspect > 0 else Fraction(1)


@dataclass(frozen=True)
class _Orientation:
    """How a stored picture is shown: mirrored left to right first, then turned counterclockwise."""

    is_mirrored: bool
    quarter_turns: int

    @property
    def is_on_its_side(self) -> bool:
        return self.quarter_turns % 2 == 1

    def shown(self, pixels: Frames) -> Frames:
        """[H, W, ...] as stored to [H, W, ...] or [W, H, ...] as shown."""
        return np.rot90(pixels[:, ::-1] if self.is_mirrored else pixels, self.quarter_turns)


def _orientation(frame: VideoFrame) -> _Orientation:
    """What the frame's display matrix says, to the nearest quarter turn."""
    matrix = _display_matrix(frame)
    if matrix is None:
        return _Orientation(is_mirrored=False, quarter_turns=round(frame.rotation / 90) % 4)
    # Where a step to the right and a step down in the stored picture lead.
    right_x, right_y, _, down_x, down_y = (int(each) for each in matrix[:5])
    is_mirrored = right_x * down_y - down_x * right_y < 0
    if is_mirrored:
        right_x, right_y = -right_x, -right_y
    return _Orientation(is_mirrored, round(-math.atan2(right_y, right_x) / (math.pi / 2)) % 4)


def _display_matrix(frame: VideoFrame) -> NDArray[np.int32] | None:
    """None where there is none, or it cannot be got at."""
    try:
        # A frame keeps what `frame.side_data` gives, which keeps the frame: pictures would fill memory until both are
        # found to be garbage.
        side_data = _side_data_of(frame)
    except ValueError:  # PyAV does not know every kind of side data, the Exif of a TIFF say
        return None
    found = side_data.get(Type.DISPLAYMATRIX)
    return None if found is None else np.frombuffer(found, np.int32)


def shown_size(frame: VideoFrame, aspect: Fraction) -> tuple[int, int]:
    """Width and height as a viewer shows the frame."""
    width, height = round(frame.width * aspect), frame.height
    return (height, width) if _orientation(frame).is_on_its_side else (width, height)


class FrameScaler:
    """Decoded frames to arrays of one size, by swscale; turned and mirrored as the display matrix says."""

    def __init__(
        self,
        width: int,
        height: int,
        pixel_format: PixelFormat,
        fit: Fit = "stretch",
        aspect: Fraction = Fraction(1),
    ) -> None:
        self._width, self._height, self._fit = width, height, fit
        self._format, self._aspect = pixel_format, aspect
        self._interpolation = Interpolation.AREA if pixel_format == "gray8" else Interpolation.BICUBIC
        self._reformatter = VideoReformatter()

    def pixels(self, frame: VideoFrame) -> Frames:
        """uint8 [H, W] or [H, W, 3]."""
        width, height = self._scaled_size(frame)
        orientation = _orientation(frame)
        if orientation.is_on_its_side:
            width, height = height, width
        scaled = self._reformatter.reformat(
            frame, width=width, height=height, format=self._format, interpolation=self._interpolation
        )
        pixels = orientation.shown(np.asarray(scaled.to_ndarray(), np.uint8))
        top, left = (pixels.shape[0] - self._height) // 2, (pixels.shape[1] - self._width) // 2
        return np.asarray(pixels[top : top + self._height, left : left + self._width], np.uint8)

    def _scaled_size(self, frame: VideoFrame) -> tuple[int, int]:
        """What to scale to, as shown, before the centre is cut out."""
        if self._fit == "stretch":
            return self._width, self._height
        shown_width, shown_height = shown_size(frame, self._aspect)
        scale = max(self._width / shown_width, self._height / shown_height)
        return max(self._width, round(shown_width * scale)), max(self._height, round(shown_height * scale))
