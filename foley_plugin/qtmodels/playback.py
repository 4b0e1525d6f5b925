"""Playing the timeline: the audio stream's time is the only clock, and all that moves follows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from foley_plugin.qtmodels.heard_levels import Block, LevelLog
from foley_plugin.qtmodels.mix import MIX_RATE, Heard, clipped, mixed_at_speed
from foley_plugin.qtmodels.route import Due, Route, Stretch
from foley_plugin.qtmodels.sound_output import (
    AHEAD_FRAMES,
    NoDevice,
    NoSound,
    OutputOpening,
    SoundOutput,
    open_sound_output,
)

TICK_MS = 10
STALL_S = 1.5
SHUTTLE_SPEEDS = (1.0, 2.0, 4.0, 8.0)
SLOW_SPEED = 0.25
MAY_COME = (NoSound.NO_DEVICE, NoSound.REFUSED)
"""Looked for again each time that playing begins; the window does not wait for it."""


class Playback(QObject):
    """Holds the playhead while it moves by itself.

    Forwards, backwards, fast and slow, what is heard is mixed ahead into the stream; where the stream's
    device stands, the playhead stands too.
    """

    position_changed = pyqtSignal(float)
    playing_changed = pyqtSignal(bool)
    sound_stalled = pyqtSignal()
    """The audio device takes nothing any more; playing goes on in silence."""
    sound_missing = pyqtSignal(object)
    """A `NoSound`, once: there is no device to play on."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        open_output: Callable[[], SoundOutput] = open_sound_output,
        wall_clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(parent)
        self._open_output = open_output
        self._wall_clock = wall_clock
        self._output: SoundOutput | None = None
        self._opening: OutputOpening | None = None
        self._sounds: tuple[Heard, ...] = ()
        self._levels = LevelLog()
        self._route: Route | None = None
        self._position_s = 0.0
        self._end_s = 0.0
        self._loop_s: tuple[float, float] | None = None
        self._speed = 0.0
        self._last_heard = 0.0
        self._last_moved_s = 0.0
        self._has_stalled = False
        self._has_told_of_silence = False
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)

    @property
    def position_s(self) -> float:
        return self._position_s

    @property
    def is_playing(self) -> bool:
        return self._speed != 0.0

    @property
    def speed(self) -> float:
        """Negative backwards, 0 when stopped."""
        return self._speed

    def set_end(self, end_s: float) -> None:
        self._end_s = end_s

    def set_sounds(self, sounds: Iterable[Heard]) -> None:
        """What is heard from now on; while playing it is heard as soon as the device can be reached."""
        self._sounds = tuple(sounds)
        self.mix_again()

    def mix_again(self) -> None:
        """The sounds have changed by themselves: what lies ahead is mixed afresh."""
        if self._output is not None and self._route is not None:
            at = self._output.next_frame
            self._mix(at, max(self._output.written_frames, at))

    def set_loop(self, loop_s: tuple[float, float] | None) -> None:
        """Play a stretch again and again; a playhead outside of it goes to its start."""
        if loop_s is not None and loop_s[1] <= loop_s[0]:
            loop_s = None
        if loop_s == self._loop_s:
            return
        self._loop_s = loop_s
        if self.is_playing:
            self._restart_route(self._inside_loop(self._position_s))

    def seek(self, time_s: float) -> None:
        self._position_s = min(max(0.0, time_s), self._end_s)
        if self.is_playing:
            self._restart_route(self._position_s)
        self.position_changed.emit(self._position_s)

    def warm(self) -> None:
        """Begin to open the audio device before it is needed; the first time takes up to a second."""
        if self._output is None and self._opening is None:
            self._opening = OutputOpening(self._open_output)

    def close(self) -> None:
        self.stop()
        outputs = [self._output, None if self._opening is None else self._opening.output()]
        self._output = self._opening = None
        for output in outputs:
            if output is not None:
                output.close()

    def _opened(self) -> SoundOutput:
        if self._output is None:
            self.warm()
            assert self._opening is not None
            self._output, self._opening = self._opening.output(), None
        return self._output

    def toggle(self) -> None:
        if self.is_playing:
            self.stop()
        else:
            self.play()

    def play(self) -> None:
        self.play_at(1.0)

    def stop(self) -> None:
        was_playing = self.is_playing
        self._halt()
        if was_playing:
            self.playing_changed.emit(False)

    def shuttle(self, direction: int) -> None:
        """L or J: play that way, faster with each press."""
        if self._speed * direction > 0:
            faster = [speed for speed in SHUTTLE_SPEEDS if speed > abs(self._speed)]
            self.play_at(direction * (faster[0] if faster else SHUTTLE_SPEEDS[-1]))
        else:
            self.play_at(float(direction))

    def play_at(self, speed: float) -> None:
        """Play at any of the shuttle speeds, or slowly, either way."""
        was_playing = self.is_playing
        if speed > 0 and self._position_s >= self._end_s - 1e-3:
            self._position_s = 0.0
        self._position_s = self._inside_loop(self._position_s)
        self._speed = speed
        if was_playing:
            self._restart_route(self._position_s)
        else:
            self._start_stream()
            self._timer.start()
        self.playing_changed.emit(True)

    def due_frames(self, ahead_s: float, frame_at: Callable[[float], int], step: int = 1) -> list[Due]:
        """The timeline's frames that are to be seen from now on, the one that is due now first.

        Args:
            frame_at: the frame shown at a time of the timeline in seconds.
        """
        if self._route is None or self._output is None:
            return []
        heard = self._output.heard_frames()
        ahead = heard + ahead_s * MIX_RATE
        return list(self._route.due(heard, ahead, lambda samples: frame_at(samples / MIX_RATE), step))

    def heard_levels(self) -> list[Block]:
        """How loud it was since the last time that this was asked."""
        return [] if self._output is None else self._levels.heard(self._output.heard_frames())

    def tick(self) -> None:
        """Mix ahead, and follow the clock. The timer calls it; a test may."""
        if self._output is None or self._route is None:
            return
        self._use_device_that_came()
        self._fill()
        heard = self._heard_frames()
        self._position_s = min(max(0.0, self._route.position_samples(heard) / MIX_RATE), self._end_s)
        self.position_changed.emit(self._position_s)
        end_frame = self._route.end_frame if self._route is not None else None
        if end_frame is not None and heard >= end_frame:
            self.stop()

    def _halt(self) -> None:
        if self.is_playing and self._output is not None:
            self._output.stop()
        self._speed = 0.0
        self._route = None
        self._levels.clear()
        self._timer.stop()

    def _start_stream(self) -> None:
        if self._output is not None and self._has_stalled:
            self._output.close()
            self._has_stalled, self._output = False, None  # another chance for the device
        output = self._opened()
        if output.why_silent in MAY_COME and self._opening is None:
            self._opening = OutputOpening(self._open_output)
        try:
            self._run(output)
        except Exception:  # PortAudio's own errors; whatever it is, the picture plays on
            self._leave_device()
            return
        if output.why_silent is not None and not self._has_told_of_silence:
            self._has_told_of_silence = True
            self.sound_missing.emit(output.why_silent)

    def _use_device_that_came(self) -> None:
        """Playing began in silence, and one has been found meanwhile."""
        if self._opening is None or self._opening.is_alive():
            return
        found, self._opening = self._opening.output(), None
        if found.why_silent is None:
            self._output = found
            self._start_stream()

    def _run(self, output: SoundOutput) -> None:
        """What is heard first lies ready before the device begins to take."""
        output.rewind()
        self._last_heard, self._last_moved_s = 0.0, self._wall_clock()
        self._lay_route(0, self._position_s)
        output.start()

    def _leave_device(self) -> None:
        """It does not take anything: time goes on without it, until playing starts again."""
        self._has_stalled, self._output = True, NoDevice(clock=self._wall_clock)
        self._run(self._output)
        self.sound_stalled.emit()

    def _restart_route(self, position_s: float) -> None:
        assert self._output is not None
        self._position_s = position_s
        self._lay_route(self._output.next_frame, position_s)

    def _lay_route(self, device_frame: int, position_s: float) -> None:
        end_s = self._end_s
        if self._loop_s is not None:
            stretch = Stretch(self._loop_s[0] * MIX_RATE, min(self._loop_s[1], end_s) * MIX_RATE, True)
        else:
            stretch = Stretch(0.0, end_s * MIX_RATE)
        self._route = Route(device_frame, position_s * MIX_RATE, self._speed, stretch)
        self._fill(device_frame)

    def _fill(self, changed_from: int | None = None) -> None:
        """Mix until enough lies ahead; from `changed_from` on in the place of what lies there."""
        assert self._output is not None
        output = self._output
        first = output.next_frame
        begin = max(first, output.written_frames) if changed_from is None else changed_from
        self._mix(begin, first + AHEAD_FRAMES)

    def _mix(self, begin: int, end: int) -> None:
        """Lay what the route leads through between two device frames."""
        import numpy as np

        if self._route is None or self._output is None or end <= begin:
            return
        total = np.zeros((end - begin, 2), np.float32)
        for at, count, leg in self._route.parts(begin, end):
            run = mixed_at_speed(self._sounds, leg.first_sample, count, leg.speed, at - leg.device_frame)
            total[at - begin : at - begin + count] = run
        self._levels.note(begin, total)
        self._output.write(begin, clipped(total))

    def _heard_frames(self) -> float:
        """The clock. A device that stands still for long is left, and time goes on without it."""
        assert self._output is not None
        heard, now_s = self._output.heard_frames(), self._wall_clock()
        if heard > self._last_heard:
            self._last_heard, self._last_moved_s = heard, now_s
        elif now_s - self._last_moved_s > STALL_S:
            self._output.stop()
            self._output.close()
            self._leave_device()
            return 0.0
        return heard

    def _inside_loop(self, position_s: float) -> float:
        if self._loop_s is None or self._loop_s[0] - 1e-6 <= position_s < self._loop_s[1] - 1e-6:
            return position_s
        return self._loop_s[0]
