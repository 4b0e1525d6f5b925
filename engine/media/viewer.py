"""Single frames for people to look at: thumbnails and the viewer."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path

from engine.media.image_sequence import open_picture
from engine.media.scaling import Frames, FrameScaler, pixel_aspect, shown_size
from engine.media.video import SEEK_GAP_S, ShownFrame, last_frame

STEP_BACK_S = 0.5
"""A shorter way back is a step; a longer one a jump."""
MAX_KEPT = 16
MAX_KEPT_BYTES = 48 * 1024 * 1024


class FrameReader:
    """A decoder kept open for a viewer: steps forward while times advance, seeks when they jump.

    Backwards it decodes a run of frames at a time, so that playing backwards does not seek for each.

    Not for several threads at once.
    """

    def __init__(self, path: str | Path) -> None:
        self._video = open_picture(path)
        self._frames: Iterator[ShownFrame] = iter(())
        self._shown: ShownFrame | None = None
        self._upcoming: ShownFrame | None = None
        self._passed: deque[ShownFrame] = deque()
        self._keeps_passed = False
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
        if self._passed and self._passed[0].time_s <= limit_s and self._is_before_shown(limit_s):
            return next(frame for frame in reversed(self._passed) if frame.time_s <= limit_s)
        if self._shown is None or self._is_before_shown(limit_s) or limit_s > self._shown.end_s + SEEK_GAP_S:
            self._seek(limit_s)
        elif limit_s >= self._shown.end_s:
            self._keeps_passed = False
            self._passed.clear()
        if self._shown is None:
            return last_frame(self._video, None, limit_s)
        while self._upcoming is not None and self._upcoming.time_s <= limit_s:
            if self._keeps_passed:
                self._passed.append(self._shown)
            self._shown, self._upcoming = self._upcoming, next(self._frames, None)
        return self._shown

    def _is_before_shown(self, limit_s: float) -> bool:
        return self._shown is not None and limit_s < self._shown.time_s

    def _seek(self, limit_s: float) -> None:
        """Where steps lead backwards, a run of frames is decoded and kept: each alone would cost a seek."""
        oldest = self._passed[0] if self._passed else self._shown
        self._keeps_passed = oldest is not None and 0 < oldest.time_s - limit_s <= STEP_BACK_S
        self._passed.clear()
        start_s = limit_s
        if self._keeps_passed and oldest is not None:
            num_kept = _num_kept(oldest)
            self._passed = deque(maxlen=num_kept)
            start_s = max(0.0, limit_s - num_kept * (oldest.end_s - oldest.time_s))
        frames: Iterator[ShownFrame] = self._video.frames_from(start_s)
        self._frames = frames
        self._shown = next(frames, None)
        self._upcoming = next(frames, None)


def _num_kept(shown: ShownFrame) -> int:
    frame = shown.frame
    return min(MAX_KEPT, max(1, MAX_KEPT_BYTES // (2 * frame.width * frame.height)))
