"""Timecode for the ruler and the readouts, drop-frame aware, counted in whole frames."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.timeline.timecode import DROPPED_A_MINUTE, nominal_rate, timecode_of_frames

SECOND_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True)
class Tick:
    """A mark on the ruler. `time_s` counts from the timeline's start; a minor tick has no label."""

    time_s: float
    label: str | None


@dataclass(frozen=True)
class TimecodeRuler:
    """Turns seconds from the timeline's start into timecode, `start` (global_start_time) included.

    Timecode here is a count of frames with names; the rate is exact and nothing is rounded twice.
    """

    rate: Fraction
    start: Fraction = Fraction(0)
    drop_frame: bool = False

    @property
    def nominal_rate(self) -> int:
        return max(1, nominal_rate(self.rate))

    @property
    def frame_s(self) -> float:
        return float(1 / self.rate)

    def frame_at(self, time_s: float) -> int:
        """The frame that is shown at `time_s`, counted from the timeline's start."""
        return math.floor(time_s * float(self.rate) + 1e-6)

    def time_of(self, frame: int) -> float:
        return float(frame / self.rate)

    def text(self, time_s: float) -> str:
        return self.text_of_frame(self.frame_at(time_s))

    def text_of_frame(self, frame: int) -> str:
        """`frame` counts from the timeline's start."""
        return timecode_of_frames(self._start_frames + frame, self.rate, drop_frame=self.drop_frame)

    def duration_text(self, duration_s: float) -> str:
        """A length, counted from zero; lengths are never written in drop-frame."""
        return timecode_of_frames(round(duration_s * float(self.rate)), self.rate)

    @property
    def _start_frames(self) -> int:
        return round(self.start * self.rate)

    def _frame_of_label_second(self, second: int) -> int:
        """The first frame, from the timeline's start, whose timecode says `second` of the day or later."""
        minute = second // 60
        dropped_a_minute = DROPPED_A_MINUTE.get(self.rate, 0) if self.drop_frame else 0
        dropped = dropped_a_minute * (minute - minute // 10)
        if second % 60 == 0 and minute % 10:
            dropped -= dropped_a_minute  # its :00 and :01 do not exist; the first that does is :02
        return second * self.nominal_rate - dropped - self._start_frames

    def ticks(self, from_s: float, to_s: float, min_label_gap_s: float) -> Iterator[Tick]:
        """Labelled ticks at least `min_label_gap_s` apart, on round timecode, with minor ones between."""
        nominal = self.nominal_rate
        steps = (step for step in range(1, nominal) if nominal % step == 0)
        frame_step = next((step for step in steps if step * self.frame_s >= min_label_gap_s), None)
        if frame_step is not None:
            yield from self._frame_ticks(from_s, to_s, frame_step)
            return
        second_step = next((step for step in SECOND_STEPS if step >= min_label_gap_s), SECOND_STEPS[-1])
        while second_step < min_label_gap_s:
            second_step *= 2
        yield from self._second_ticks(from_s, to_s, second_step)

    def _frame_ticks(self, from_s: float, to_s: float, step: int) -> Iterator[Tick]:
        """Labels on every `step`th frame number of each second, marks on the frames between."""
        second = (self.frame_at(from_s) + self._start_frames) // self.nominal_rate
        while (first := self._frame_of_label_second(second)) <= self.frame_at(to_s) + 1:
            following = self._frame_of_label_second(second + 1)
            missing = self.nominal_rate - (following - first)
            for frame in range(max(0, first), following):
                has_label = (frame - first + missing) % step == 0
                yield Tick(self.time_of(frame), self.text_of_frame(frame) if has_label else None)
            second += 1

    def _second_ticks(self, from_s: float, to_s: float, step: int) -> Iterator[Tick]:
        minor = step / 5 if step % 5 == 0 else step / 2 if step > 1 else 0.2
        # Drop-frame names run ahead of the count, never behind, so this starts early enough.
        second = (self.frame_at(from_s) + self._start_frames) // self.nominal_rate // step * step - step
        while (time_s := self.time_of(self._frame_of_label_second(second))) <= to_s:
            if time_s + step >= from_s and second >= 0:
                yield Tick(time_s, self.text(time_s))
                for part in range(1, round(step / minor)):
                    yield Tick(time_s + part * minor, None)
            second += step
