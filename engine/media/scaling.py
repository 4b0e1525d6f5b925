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
Fit = Literal["stretch", "squash", "crop", "pad"]
"""How a picture is brought to a size: to all of it whatever its own shape ("stretch", "squash"), by its short edge with
the rest cut off at both ends ("crop"), or by its long edge with black bars ("pad").

What is stretched is scaled as the default model was trained to see it, byte for byte. The other three do what encoders
that somebody else trained have seen: sizes and centres are rounded, and colours kept, as by torchvision's, open_clip's
and timm's own transforms on PIL's antialiased bicubic.
"""
AS_PIL = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)
"""swscale's bicubic is antialiased as PIL's is; without the flags it takes every other column of the colours alone."""
FRAMED = "framed as encoders ask"
"""Goes into what is kept of pictures that are brought to a size, and changes whenever other pixels come of them."""

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
        self._interpolation = _interpolation(pixel_format, fit)
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
        return pixels if self._fit in ("stretch", "squash") else self._framed(pixels)

    def _scaled_size(self, frame: VideoFrame) -> tuple[int, int]:
        """What to scale to, as shown, before the centre is cut out or bars are added."""
        width, height = self._width, self._height
        if self._fit in ("stretch", "squash"):
            return width, height
        shown_width, shown_height = shown_size(frame, self._aspect)
        if self._fit == "crop":
            return (
                max(width, shown_width * height // shown_height),
                max(height, shown_height * width // shown_width),
            )
        ratio = max(shown_width / width, shown_height / height)
        return max(1, round(shown_width / ratio)), max(1, round(shown_height / ratio))

    def _framed(self, pixels: Frames) -> Frames:
        """The centre of what is too large, and what is too small between black bars."""
        for axis, size in enumerate((self._height, self._width)):
            over = pixels.shape[axis] - size
            if over > 0:
                first = round(over / 2)  # half a pixel goes to the even one, as torchvision has it
                pixels = pixels.take(range(first, first + size), axis)
            elif over < 0:
                bars = [(0, 0)] * pixels.ndim
                bars[axis] = (-over // 2, -over - -over // 2)
                pixels = np.pad(pixels, bars)
        return np.ascontiguousarray(pixels)


def _interpolation(pixel_format: PixelFormat, fit: Fit) -> Interpolation:
    if pixel_format == "gray8":
        return Interpolation.AREA
    return Interpolation.BICUBIC if fit == "stretch" else AS_PIL
