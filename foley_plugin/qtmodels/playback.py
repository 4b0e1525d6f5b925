"""Playing the takes with the picture: the audio stream's time is the only clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PyQt6.QtCore import QElapsedTimer, QObject, Qt, QTimer, pyqtSignal

from foley_plugin.qtmodels.mix import MIX_RATE, MixedSound, mixed
from foley_plugin.qtmodels.sound_output import NoDevice, SoundOutput, open_sound_output

TICK_MS = 10
STALL_MS = 1500
SHUTTLE_SPEEDS = (1.0, 2.0, 4.0, 8.0)


class Playback(QObject):
    """Holds the playhead while it moves by itself.

    At normal speed forwards the sound is heard and drives; at other speeds (J and L) it is silent and a
    timer drives.
    """

    position_changed = pyqtSignal(float)
    playing_changed = pyqtSignal(bool)
    sound_stalled = pyqtSignal()
    """The audio device takes nothing any more; playing goes on in silence."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        open_output: Callable[[], SoundOutput] = open_sound_output,
    ) -> None:
        super().__init__(parent)
        self._open_output = open_output
        self._output: SoundOutput | None = None
        self._sounds: tuple[MixedSound, ...] = ()
        self._position_s = 0.0
        self._end_s = 0.0
        self._from_s = 0.0
        self._written_samples = 0
        self._speed = 0.0
        self._elapsed = QElapsedTimer()
        self._last_heard_s = 0.0
        self._since_heard = QElapsedTimer()
        self._has_stalled = False
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

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

    def set_sounds(self, sounds: Iterable[MixedSound]) -> None:
        """What is heard from now on; while playing it changes within the stream's buffer."""
        self._sounds = tuple(sounds)

    def seek(self, time_s: float) -> None:
        speed = self._speed
        self._halt()
        self._position_s = min(max(0.0, time_s), self._end_s)
        self.position_changed.emit(self._position_s)
        if speed:
            self._run(speed)

    def warm(self) -> None:
        """Open the audio device before it is needed; the first time takes a moment."""
        if self._output is None:
            self._output = self._open_output()

    def toggle(self) -> None:
        if self.is_playing:
            self.stop()
        else:
            self.play()

    def play(self) -> None:
        self._play_at(1.0)

    def stop(self) -> None:
        was_playing = self.is_playing
        self._halt()
        if was_playing:
            self.playing_changed.emit(False)

    def shuttle(self, direction: int) -> None:
        """L or J: play that way, faster with each press."""
        if self._speed * direction > 0:
            faster = [speed for speed in SHUTTLE_SPEEDS if speed > abs(self._speed)]
            self._play_at(direction * (faster[0] if faster else SHUTTLE_SPEEDS[-1]))
        else:
            self._play_at(float(direction))

    def _play_at(self, speed: float) -> None:
        self._halt()
        if speed > 0 and self._position_s >= self._end_s - 1e-3:
            self._position_s = 0.0
        self._run(speed)
        self.playing_changed.emit(True)

    def _run(self, speed: float) -> None:
        self._speed = speed
        self._from_s = self._position_s
        if speed == 1.0:
            self._start_stream()
        self._elapsed.start()
        self._timer.start()

    def _halt(self) -> None:
        if self._speed == 1.0 and self._output is not None:
            self._output.stop()
        self._speed = 0.0
        self._timer.stop()

    def _start_stream(self) -> None:
        if self._has_stalled:
            self._has_stalled, self._output = False, None  # another chance for the device
        self.warm()
        assert self._output is not None
        self._written_samples = round(self._from_s * MIX_RATE)
        self._last_heard_s = 0.0
        self._output.start()
        self._fill(self._output)
        self._since_heard.start()

    def _fill(self, output: SoundOutput) -> None:
        free = output.free_frames()
        if free > 0:
            output.write(mixed(self._sounds, self._written_samples, free))
            self._written_samples += free

    def _heard_s(self, output: SoundOutput) -> float:
        """The clock. A device that stands still for long is left, and time goes on without it."""
        self._fill(output)
        heard_s = output.heard_s()
        if heard_s > self._last_heard_s:
            self._last_heard_s = heard_s
            self._since_heard.restart()
        elif self._since_heard.elapsed() > STALL_MS:
            output.stop()
            self._has_stalled, self._output = True, NoDevice()
            self._output.start()
            self._from_s += heard_s
            self.sound_stalled.emit()
            return 0.0
        return heard_s

    def _on_tick(self) -> None:
        if self._speed == 1.0 and self._output is not None:
            position_s = self._from_s + self._heard_s(self._output)
        else:
            position_s = self._from_s + self._speed * self._elapsed.elapsed() / 1000
        self._position_s = min(max(0.0, position_s), self._end_s)
        self.position_changed.emit(self._position_s)
        if (self._speed > 0 and position_s >= self._end_s) or (self._speed < 0 and position_s <= 0):
            self.stop()
