"""An audio device whose clock the test winds by hand: real stream code, no sound card.

It takes blocks as PortAudio does, each one `latency_s` before it is heard, and remembers all that it was given.
`drift` makes its crystal run fast or slow; `jitter_s` makes the times that it tells imprecise.
"""

from __future__ import annotations

import random
from types import SimpleNamespace

import numpy as np

from foley_plugin.qtmodels.mix import MIX_RATE
from foley_plugin.qtmodels.sound_output import Callback, DeviceOutput


class SimulatedDevice:
    """`open_output` is what a `Playback` is made with."""

    def __init__(
        self,
        *,
        block_frames: int = 512,
        latency_s: float = 0.05,
        drift: float = 0.0,
        jitter_s: float = 0.0,
        is_dead: bool = False,
        refuses: bool = False,
    ) -> None:
        self.block_frames = block_frames
        self.latency = latency_s
        self.time = 100.0
        self.is_running = False
        self.is_dead = is_dead
        self.refuses = refuses
        self.num_opened = 0
        self.output: DeviceOutput | None = None
        self._rate = MIX_RATE * (1 + drift)
        self._jitter_s = jitter_s
        self._random = random.Random(1)
        self._callback: Callback | None = None
        self._began_s = 0.0
        self._blocks: list[np.ndarray] = []

    def open_output(self) -> DeviceOutput:
        self.output = DeviceOutput(self._open)
        return self.output

    def _open(self, callback: Callback) -> SimulatedDevice:
        self.num_opened += 1
        self._callback = callback
        return self

    # As `sounddevice.OutputStream`

    def start(self) -> None:
        if self.refuses:
            raise RuntimeError("Error opening OutputStream: Device unavailable")
        self.is_running = True
        self._began_s, self._blocks = self.time, []

    def abort(self) -> None:
        self.is_running = False

    def close(self) -> None:
        self.is_running = False

    # For the test

    def advance(self, by_s: float) -> None:
        """Let time pass; the device takes what is due meanwhile."""
        until_s = self.time + by_s
        while self.is_running and not self.is_dead:
            called_s = self._began_s + len(self._blocks) * self.block_frames / self._rate
            if called_s > until_s:
                break
            self.time = max(self.time, called_s)
            self._take(called_s)
        self.time = until_s

    def _take(self, called_s: float) -> None:
        assert self._callback is not None
        block = np.full((self.block_frames, 2), np.nan, np.float32)
        told_s = called_s + self.latency + self._random.uniform(-self._jitter_s, self._jitter_s)
        self._callback(block, self.block_frames, SimpleNamespace(outputBufferDacTime=told_s), None)
        self._blocks.append(block)

    @property
    def heard_frames(self) -> float:
        """The truth: how much has come out since it was started."""
        heard = (self.time - self._began_s - self.latency) * self._rate
        return min(max(0.0, heard), float(self.block_frames * len(self._blocks)))

    @property
    def taken(self) -> np.ndarray:
        """All frames that it was given since it was started, [N, 2]."""
        return np.concatenate(self._blocks) if self._blocks else np.zeros((0, 2), np.float32)
