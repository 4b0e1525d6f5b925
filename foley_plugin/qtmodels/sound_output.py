"""The one audio stream, behind a small protocol: a real device by PortAudio, or none.

A stream's device takes blocks of frames in a thread of its own, and says for each when it will be heard. That
time is the clock of playback.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from foley_plugin.qtmodels.mix import MIX_RATE, NUM_CHANNELS
from foley_plugin.qtmodels.sound_ring import SoundRing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Frames = NDArray[np.float32]

AHEAD_FRAMES = MIX_RATE // 2
"""Mixed ahead, so that a window that is busy for a moment is not heard."""
MARGIN_FRAMES = MIX_RATE // 50
"""What is changed is heard no sooner: the device may be taking what comes before."""
LATENCY_S = 0.06


class NoSound(Enum):
    """Why nothing is heard."""

    NO_LIBRARY = "PortAudio is not installed"
    NO_DEVICE = "there is no audio device"
    REFUSED = "the audio device does not open"


class SoundOutput(Protocol):
    """A stream of `MIX_RATE` stereo frames, float32, counted since `start`."""

    why_silent: NoSound | None
    """Set where it is known that nothing will be heard; None with a device, and where silence is wanted."""

    def rewind(self) -> None:
        """Before `start`: what is written from now on is counted from 0 and waits."""

    def start(self) -> None:
        """Let the device take. Raises whatever it says where it does not."""

    def stop(self) -> None:
        """At once; what was not heard yet is not heard any more."""

    def close(self) -> None: ...

    @property
    def written_frames(self) -> int:
        """Up to where it was written."""

    @property
    def next_frame(self) -> int:
        """The first frame whose content can still be chosen."""

    def write(self, at: int, frames: Frames) -> None:
        """Lay frames at their place; where something lies already and is not taken yet, in its stead."""

    def heard_frames(self) -> float:
        """How much has come out of the loudspeaker. Never goes back."""


class NoDevice:
    """Where no audio device is: time passes all the same."""

    def __init__(
        self, why_silent: NoSound | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.why_silent = why_silent
        self._clock = clock
        self._started_s: float | None = None
        self._written = 0

    def rewind(self) -> None:
        self._started_s, self._written = None, 0

    def start(self) -> None:
        self._started_s = self._clock()

    def stop(self) -> None:
        self._started_s = None

    def close(self) -> None:
        self.stop()

    @property
    def written_frames(self) -> int:
        return self._written

    @property
    def next_frame(self) -> int:
        return int(self.heard_frames())

    def write(self, at: int, frames: Frames) -> None:
        self._written = max(self._written, at + len(frames))

    def heard_frames(self) -> float:
        return 0.0 if self._started_s is None else (self._clock() - self._started_s) * MIX_RATE


class Stream(Protocol):
    """What is used of `sounddevice.OutputStream`."""

    @property
    def time(self) -> float:
        """Seconds on the device's clock."""

    @property
    def latency(self) -> float: ...

    def start(self) -> None: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


Callback = Callable[[Any, int, Any, Any], None]
"""As PortAudio calls it: out [frames, 2], the number of frames, the times, the status."""


class DeviceOutput:
    """A stream that takes what lies in a ring, and the clock that is read off its times."""

    why_silent: NoSound | None = None

    def __init__(self, open_stream: Callable[[Callback], Stream]) -> None:
        """Raises whatever `open_stream` raises."""
        self._ring = SoundRing(2 * AHEAD_FRAMES)
        self._anchor: tuple[float, int] | None = None
        self._heard = 0.0
        self._stream = open_stream(self._on_block)

    def rewind(self) -> None:
        self._ring.reset()
        self._anchor, self._heard = None, 0.0

    def start(self) -> None:
        self._stream.start()

    def stop(self) -> None:
        with suppress(Exception):  # PortAudio's own errors: a device that is gone is stopped already
            self._stream.abort()

    def close(self) -> None:
        with suppress(Exception):
            self._stream.close()

    @property
    def written_frames(self) -> int:
        return self._ring.written

    @property
    def next_frame(self) -> int:
        ring = self._ring
        return ring.taken + max(MARGIN_FRAMES, 2 * ring.largest_take) if ring.taken else 0

    def write(self, at: int, frames: Frames) -> None:
        self._ring.write(at, frames)

    def heard_frames(self) -> float:
        anchor = self._anchor
        if anchor is not None:
            heard_s, frame = anchor
            now = frame + (self._stream.time - heard_s) * MIX_RATE
            # Nothing is heard before it is taken; a clock that jitters does not turn time back.
            self._heard = max(self._heard, min(now, float(self._ring.taken)))
        return self._heard

    def _on_block(self, out: Frames, count: int, times: Any, status: object) -> None:
        """Runs in the device's thread: must not wait, and not speak to Qt."""
        ring = self._ring
        first = ring.taken
        ring.take(out)
        heard_s: float = times.outputBufferDacTime
        if not heard_s:  # some drivers do not tell
            heard_s = self._stream.time + self._stream.latency
        self._anchor = (heard_s, first)


class OutputOpening(threading.Thread):
    """An output that is being opened, so that the window does not wait for PortAudio to look for devices."""

    def __init__(self, open_output: Callable[[], SoundOutput]) -> None:
        super().__init__(daemon=True)
        self._open_output = open_output
        self._output: SoundOutput | None = None
        if sys.platform == "win32":  # COM belongs to the thread that began it
            self.run()
        else:
            self.start()

    def run(self) -> None:
        self._output = self._open_output()

    def output(self) -> SoundOutput:
        """Waits until it is open."""
        if self.ident is not None:
            self.join()
        return NoDevice(NoSound.REFUSED) if self._output is None else self._output


def open_sound_output() -> SoundOutput:
    """The default device; silence with a clock where there is none."""
    is_first = "sounddevice" not in sys.modules
    try:
        import sounddevice
    except OSError:  # PortAudio itself is not there
        return NoDevice(NoSound.NO_LIBRARY)
    if not is_first:
        _look_for_devices(sounddevice)

    def open_stream(callback: Callback) -> Stream:
        stream: Stream = sounddevice.OutputStream(
            samplerate=MIX_RATE,
            channels=NUM_CHANNELS,
            dtype="float32",
            latency=LATENCY_S,
            callback=callback,
        )
        return stream

    try:
        sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError):
        return NoDevice(NoSound.NO_DEVICE)
    try:
        return DeviceOutput(open_stream)
    except (sounddevice.PortAudioError, ValueError):
        return NoDevice(NoSound.REFUSED)


def _look_for_devices(sounddevice: Any) -> None:
    """PortAudio lists devices when it starts: one that was plugged in since is found by starting it anew."""
    with suppress(Exception):
        sounddevice._terminate()
        sounddevice._initialize()
