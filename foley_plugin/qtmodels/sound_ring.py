"""What was mixed ahead, between the window's thread, which writes, and the device's, which takes. No Qt.

Frames are counted since the stream began, and each has its slot for good: what the writer did not bring in
time is silent, and what follows still comes out at its own moment. What has not been taken yet may be written
again, so that a fader is heard at once however far ahead was mixed. Nothing is ever locked: the device only
moves `taken`, the window only `written`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Frames = NDArray[np.float32]

NUM_CHANNELS = 2


class SoundRing:
    def __init__(self, capacity_frames: int) -> None:
        import numpy as np

        self._capacity = capacity_frames
        self._slots: Frames = np.zeros((capacity_frames, NUM_CHANNELS), np.float32)
        self.taken = 0
        """How many frames the device has taken."""
        self.written = 0
        """Up to where there is something to take."""
        self.largest_take = 0

    @property
    def capacity_frames(self) -> int:
        return self._capacity

    def reset(self) -> None:
        """Begin again at 0; only while no device takes."""
        self.taken = self.written = self.largest_take = 0

    def write(self, at: int, frames: Frames) -> None:
        """Lay frames at their place; what is already taken of them is left out.

        A hole between what was written before and `at` is silent.
        """
        if at > self.written:
            hole = min(at - self.written, self._capacity)
            self._lay(at - hole, None, hole)
        skipped = max(0, self.taken - at)
        room = max(0, self.taken + self._capacity - at)
        part = frames[skipped:room]
        if len(part):
            self._lay(at + skipped, part, len(part))
            self.written = max(self.written, at + skipped + len(part))

    def take(self, out: Frames) -> None:
        """Fill `out` with the next frames. Called by the device: copies, and does nothing else."""
        count, first = len(out), self.taken
        ready = min(count, max(0, self.written - first))
        start = first % self._capacity
        before_wrap = min(ready, self._capacity - start)
        out[:before_wrap] = self._slots[start : start + before_wrap]
        if before_wrap < ready:
            out[before_wrap:ready] = self._slots[: ready - before_wrap]
        if ready < count:
            out[ready:] = 0.0
        if count > self.largest_take:
            self.largest_take = count
        self.taken = first + count

    def _lay(self, at: int, frames: Frames | None, count: int) -> None:
        start = at % self._capacity
        before_wrap = min(count, self._capacity - start)
        self._slots[start : start + before_wrap] = 0.0 if frames is None else frames[:before_wrap]
        if before_wrap < count:
            self._slots[: count - before_wrap] = 0.0 if frames is None else frames[before_wrap:]
