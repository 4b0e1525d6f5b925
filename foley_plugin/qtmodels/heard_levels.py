"""How loud it is now: levels of what was mixed ahead, told when they are heard. Pure: no Qt."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK_FRAMES = 480
FLOOR_DB = -60.0
HOLD_S = 1.5
FALL_DB_PER_S = 20.0
RMS_BLOCKS = 30
"""300 ms at 48 kHz, as a VU meter's needle takes."""
SILENT = (0.0, 0.0)


@dataclass(frozen=True)
class Block:
    """Levels of left and right, as factors and mean squares, up to a device frame."""

    end_frame: int
    peak: tuple[float, float]
    square: tuple[float, float]


class LevelLog:
    """Levels of blocks that were mixed but not heard yet."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()

    def clear(self) -> None:
        self._blocks.clear()

    def note(self, at: int, frames: NDArray[np.float32]) -> None:
        """Frames that lie from device frame `at` on, in the place of whatever lay there."""
        import numpy as np

        while self._blocks and self._blocks[-1].end_frame > at:
            self._blocks.pop()
        for first in range(0, len(frames), BLOCK_FRAMES):
            part = frames[first : first + BLOCK_FRAMES]
            peak = np.abs(part).max(axis=0)
            square = np.square(part).mean(axis=0)
            end_frame = at + first + len(part)
            block = Block(end_frame, (float(peak[0]), float(peak[1])), (float(square[0]), float(square[1])))
            self._blocks.append(block)

    def heard(self, device_frame: float) -> list[Block]:
        """What has been heard whole since the last time."""
        blocks: list[Block] = []
        while self._blocks and self._blocks[0].end_frame <= device_frame:
            blocks.append(self._blocks.popleft())
        return blocks


class Meter:
    """Two bars that fall slowly, a peak that is held, and a light that stays on once it clipped."""

    def __init__(self) -> None:
        self._squares: deque[tuple[float, float]] = deque(maxlen=RMS_BLOCKS)
        self._held_until_s = [0.0, 0.0]
        self._last_s = 0.0
        self.peak_db = [FLOOR_DB, FLOOR_DB]
        self.held_db = [FLOOR_DB, FLOOR_DB]
        self.rms_db = [FLOOR_DB, FLOOR_DB]
        self.has_clipped = [False, False]

    @property
    def is_at_rest(self) -> bool:
        return all(level <= FLOOR_DB for level in (*self.peak_db, *self.held_db, *self.rms_db))

    def show(self, blocks: Iterable[Block], now_s: float) -> None:
        """What was heard since the last time; nothing lets the bars fall."""
        fallen_db = FALL_DB_PER_S * max(0.0, now_s - self._last_s)
        self._last_s = now_s
        peaks = [0.0, 0.0]
        num_blocks = 0
        for block in blocks:
            num_blocks += 1
            self._squares.append(block.square)
            peaks = [max(peaks[side], block.peak[side]) for side in (0, 1)]
        if not num_blocks:
            self._squares.append(SILENT)
        for side in (0, 1):
            self._show_side(side, peaks[side], fallen_db, now_s)

    def reset_clipped(self) -> None:
        self.has_clipped = [False, False]

    def _show_side(self, side: int, peak: float, fallen_db: float, now_s: float) -> None:
        level_db = db_of(peak)
        self.peak_db[side] = max(level_db, FLOOR_DB, self.peak_db[side] - fallen_db)
        if level_db >= self.held_db[side]:
            self.held_db[side], self._held_until_s[side] = level_db, now_s + HOLD_S
        elif now_s >= self._held_until_s[side]:
            self.held_db[side] = max(self.peak_db[side], self.held_db[side] - fallen_db)
        if peak > 1.0:
            self.has_clipped[side] = True
        mean = sum(square[side] for square in self._squares) / max(1, len(self._squares))
        self.rms_db[side] = db_of(math.sqrt(mean))


def db_of(factor: float) -> float:
    """In dB below full scale, not lower than the meter's floor."""
    return max(FLOOR_DB, 20 * math.log10(factor)) if factor > 0 else FLOOR_DB
