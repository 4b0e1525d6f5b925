"""Decoded frames to arrays of one size, as a viewer shows them: rotation and pixel aspect applied."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from engine.media.image_sequence import OpenPicture

Frames = NDArray[np.uint8]
PixelFormat = Literal["gray8", "rgb24"]
Fit = Literal["stretch", "crop"]


def pixel_aspect(video: OpenPicture) -> Fraction:
    """Width over height of one pixel."""
    aspect = video.sample_aspect_ratio
    return aspect if aspect is not None and aspect > 0 else Fraction(1)


def _is_on_its_side(frame: VideoFrame) -> bool:
    return round(frame.rotation / 90) % 2 == 1


def shown_size(frame: VideoFrame, aspect: Fraction) -> tuple[int, int]:
    """Width and height as a viewer shows the frame."""
    width, height = round(frame.width * aspect), frame.height
    return (height, width) if _is_on_its_side(frame) else (width, height)


class FrameScaler:
    """Decoded frames to arrays of one size, by swscale; rotation as the camera noted it."""

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
        if _is_on_its_side(frame):
            width, height = height, width
        scaled = self._reformatter.reformat(
            frame, width=width, height=height, format=self._format, interpolation=self._interpolation
        )
        pixels = np.rot90(scaled.to_ndarray(), round(frame.rotation / 90) % 4)
        top, left = (pixels.shape[0] - self._height) // 2, (pixels.shape[1] - self._width) // 2
        return np.asarray(pixels[top : top + self._height, left : left + self._width], np.uint8)

    def _scaled_size(self, frame: VideoFrame) -> tuple[int, int]:
        """What to scale to, as shown, before the centre is cut out."""
        if self._fit == "stretch":
            return self._width, self._height
        shown_width, shown_height = shown_size(frame, self._aspect)
        scale = max(self._width / shown_width, self._height / shown_height)
        return max(self._width, round(shown_width * scale)), max(self._height, round(shown_height * scale))
