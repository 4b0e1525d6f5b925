"""Single frames for people to look at: thumbnails and the viewer."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

from engine.media.image_sequence import open_picture
from engine.media.scaling import Frames, FrameScaler, pixel_aspect, shown_size
from engine.media.video import SEEK_GAP_S, ShownFrame, last_frame


class FrameReader:
    """A decoder kept open for a viewer: steps forward while times advance, seeks when they jump.

    Not for several threads at once.
    """

    def __init__(self, path: str | Path) -> None:
        self._video = open_picture(path)
        self._frames: Iterator[ShownFrame] = iter(())
        self._shown: ShownFrame | None = None
        self._upcoming: ShownFrame | None = None
        self._scalers: dict[int, FrameScaler] = {}

    def close(self) -> None:
        if isinstance(self._frames, Generator):
            self._frames.close()
        self._video.close()

    def pixels_at(self, time_s: float, height: int) -> Frames:
        """The frame shown at a media time, uint8 RGB [height, W, 3], its width by the picture's shape."""
        frame = self._frame_at(time_s + self._video.tolerance_s).frame
        scaler = self._scalers.get(height)
        if scaler is None:
            aspect = pixel_aspect(self._video)
            shown_width, shown_height = shown_size(frame, aspect)
            width = max(1, round(height * shown_width / shown_height))
            scaler = self._scalers[height] = FrameScaler(width, height, "rgb24", "stretch", aspect)
        return scaler.pixels(frame)

    def _frame_at(self, limit_s: float) -> ShownFrame:
        if self._shown is None or limit_s < self._shown.time_s or limit_s > self._shown.end_s + SEEK_GAP_S:
            frames: Iterator[ShownFrame] = self._video.frames_from(limit_s)
            self._frames = frames
            self._shown = next(frames, None)
            self._upcoming = next(frames, None)
        if self._shown is None:
            return last_frame(self._video, None, limit_s)
        while self._upcoming is not None and self._upcoming.time_s <= limit_s:
            self._shown, self._upcoming = self._upcoming, next(self._frames, None)
        return self._shown
