"""Decoded sound at one layout and one rate, whatever a file turns into on its way."""

from __future__ import annotations

import av
from av.audio.frame import AudioFrame


class Mixer:
    """Mixes frames to planar float32. Recordings that were joined may change their channels or rate in mid-stream."""

    def __init__(self, layout: str | None, rate: int) -> None:
        """A layout of None keeps each frame's own."""
        self._layout, self._rate = layout, rate
        self._taken: tuple[str, str, int] | None = None
        self._resampler: av.AudioResampler | None = None

    def mixed(self, frame: AudioFrame) -> list[AudioFrame]:
        """What a frame comes to, [C, N] each."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or kind != self._taken:
            self._taken = kind
            self._resampler = av.AudioResampler(format="fltp", layout=self._layout, rate=self._rate)
        return self._resampler.resample(frame)
