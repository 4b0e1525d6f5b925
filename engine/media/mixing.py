"""Decoded sound at one layout and one rate, whatever a file turns into on its way."""

from __future__ import annotations

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray


class Mixer:
    """Mixes frames to float32. Recordings that were joined may change their channels or rate in mid-stream."""

    def __init__(self, layout: str | None, rate: int) -> None:
        """A layout of None keeps each frame's own."""
        self._layout, self._rate = layout, rate
        self._taken: tuple[str, str, int] | None = None
        self._resampler: av.AudioResampler | None = None

    def mixed(self, frame: AudioFrame) -> list[NDArray[np.float32]]:
        """What a frame comes to, [N, C] each."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or kind != self._taken:
            self._taken = kind
            # Packed: of planar frames PyAV knows no more than eight channels.
            self._resampler = av.AudioResampler(format="flt", layout=self._layout, rate=self._rate)
        return [
            np.asarray(mixed.to_ndarray(), np.float32).reshape(-1, mixed.layout.nb_channels)
            for mixed in self._resampler.resample(frame)
        ]
