"""Which moment of the timeline comes out of the loudspeaker at which frame of the device. Pure: no Qt.

```
device    0 ------- 4800 ------- 9600 ---- 12000 ---
timeline  960 ----> 5760 | 960 ----> 5760 | 960 --->        a loop from 960 to 5760
```
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """The part of the timeline that is played, in samples; `is_loop` begins again where it ends."""

    start_samples: float
    end_samples: float
    is_loop: bool = False


@dataclass(frozen=True)
class Leg:
    """From `device_frame` on, for `num_frames`, the timeline runs at `speed` from `start_samples`.

    `start_samples` is exact and may lie between two samples; `first_sample` is the one that is heard.
    """

    device_frame: int
    num_frames: int
    start_samples: float
    speed: float

    @property
    def first_sample(self) -> int:
        return round(self.start_samples)

    @property
    def end_frame(self) -> int:
        return self.device_frame + self.num_frames

    def at(self, device_frame: float) -> float:
        """Timeline samples at a device frame, held at both ends."""
        run = min(max(0.0, device_frame - self.device_frame), float(self.num_frames))
        return self.start_samples + run * self.speed


@dataclass(frozen=True)
class Due:
    """A frame of the timeline that is to be seen, in the pass of a loop that it belongs to."""

    leg: int
    frame: int


class Route:
    """Legs laid end to end from a device frame on; more are laid as far as is asked for."""

    def __init__(self, device_frame: int, from_samples: float, speed: float, stretch: Stretch) -> None:
        self._stretch, self._speed = stretch, speed
        self._legs = [self._leg(device_frame, from_samples)]

    @property
    def end_frame(self) -> int | None:
        """The device frame where playing ends; None in a loop."""
        return None if self._stretch.is_loop else self._legs[-1].end_frame

    def position_samples(self, device_frame: float) -> float:
        """Where the timeline is when `device_frame` is heard; before the first leg, where that starts."""
        self._lay(math.ceil(device_frame) + 1)
        return self._legs[self._leg_at(device_frame)].at(device_frame)

    def parts(self, from_frame: int, to_frame: int) -> Iterator[tuple[int, int, Leg]]:
        """`(device_frame, num_frames, leg)` of what is heard between two device frames; the rest is silent."""
        self._lay(to_frame)
        for leg in self._legs[self._leg_at(from_frame) :]:
            first, end = max(from_frame, leg.device_frame), min(to_frame, leg.end_frame)
            if first < end:
                yield first, end - first, leg

    def due(
        self, device_frame: float, to_frame: float, frame_at: Callable[[float], int], step: int = 1
    ) -> Iterator[Due]:
        """The timeline's frames that are due from now until a later device frame, in order.

        Args:
            frame_at: the frame shown at a time of the timeline in samples.
            step: only frames whose number divides by it; for speeds at which nobody sees them all.
        """
        self._lay(math.ceil(to_frame))
        first_leg = self._leg_at(device_frame)
        for number, leg in enumerate(self._legs[first_leg:], start=first_leg):
            if leg.device_frame >= to_frame and number > first_leg:
                return
            first = frame_at(leg.at(device_frame)) // step * step
            # What is heard last is just before the end, which belongs to the next leg.
            last = frame_at(leg.at(min(to_frame, leg.end_frame) - 0.5)) // step * step
            if leg.speed > 0:
                frames = range(first, max(first, last) + 1, step)
            else:
                frames = range(first, min(first, last) - 1, -step)
            yield from (Due(number, frame) for frame in frames)

    def _leg_at(self, device_frame: float) -> int:
        return max(0, bisect_right(self._legs, device_frame, key=lambda leg: leg.device_frame) - 1)

    def _lay(self, to_frame: int) -> None:
        stretch = self._stretch
        while stretch.is_loop and self._legs[-1].end_frame < to_frame:
            start = stretch.start_samples if self._speed > 0 else stretch.end_samples
            self._legs.append(self._leg(self._legs[-1].end_frame, start))

    def _leg(self, device_frame: int, from_samples: float) -> Leg:
        end = self._stretch.end_samples if self._speed > 0 else self._stretch.start_samples
        run = (round(end) - round(from_samples)) / self._speed
        # A loop of nothing would never come to an end of laying.
        shortest = 1 if self._stretch.is_loop else 0
        return Leg(device_frame, max(shortest, math.ceil(run)), from_samples, self._speed)
