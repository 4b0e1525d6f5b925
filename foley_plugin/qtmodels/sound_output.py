"""The one audio stream, behind a small protocol: a real device, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QElapsedTimer, QIODevice

from foley_plugin.qtmodels.mix import BYTES_PER_FRAME, MIX_RATE, NUM_CHANNELS

if TYPE_CHECKING:
    from PyQt6.QtMultimedia import QAudioSink

BUFFER_MS = 300


class SoundOutput(Protocol):
    """A stream of `MIX_RATE` stereo frames of 16 bits. Its device time is the clock of playback."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def free_frames(self) -> int:
        """How many frames it takes now."""

    def write(self, data: bytes) -> None: ...

    def heard_s(self) -> float:
        """Since `start`, how much has come out of the loudspeaker."""


class NoDevice:
    """Where no audio device is: time passes all the same."""

    def __init__(self) -> None:
        self._elapsed = QElapsedTimer()

    def start(self) -> None:
        self._elapsed.start()

    def stop(self) -> None:
        self._elapsed.invalidate()

    def free_frames(self) -> int:
        return 0

    def write(self, data: bytes) -> None:
        raise AssertionError("nothing is free to be written to")

    def heard_s(self) -> float:
        return self._elapsed.elapsed() / 1000 if self._elapsed.isValid() else 0.0


class DeviceOutput:
    """QtMultimedia's sink, fed by us; what lies in its buffer has not been heard yet."""

    def __init__(self, sink: QAudioSink) -> None:
        self._sink = sink
        self._device: QIODevice | None = None
        self._written_frames = 0

    def start(self) -> None:
        self._written_frames = 0
        self._device = self._sink.start()

    def stop(self) -> None:
        self._device = None
        self._sink.reset()

    def free_frames(self) -> int:
        return self._sink.bytesFree() // BYTES_PER_FRAME if self._device is not None else 0

    def write(self, data: bytes) -> None:
        if self._device is not None:
            self._written_frames += max(0, self._device.write(data)) // BYTES_PER_FRAME

    def heard_s(self) -> float:
        waiting = max(0, self._sink.bufferSize() - self._sink.bytesFree()) // BYTES_PER_FRAME
        by_buffer_s = max(0, self._written_frames - waiting) / MIX_RATE
        return min(by_buffer_s, self._sink.processedUSecs() / 1e6)


def open_sound_output() -> SoundOutput:
    """The default device; silence with a clock where there is none, or QtMultimedia cannot be loaded."""
    try:
        from PyQt6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices
    except ImportError:
        return NoDevice()
    device = QMediaDevices.defaultAudioOutput()
    wanted = QAudioFormat()
    wanted.setSampleRate(MIX_RATE)
    wanted.setChannelCount(NUM_CHANNELS)
    wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    if device.isNull() or not device.isFormatSupported(wanted):
        return NoDevice()
    sink = QAudioSink(device, wanted)
    sink.setBufferSize(MIX_RATE * BUFFER_MS // 1000 * BYTES_PER_FRAME)
    return DeviceOutput(sink)
