"""Opus at its least rate, for a codec to be measured beside: there and back in memory."""

from __future__ import annotations

import io

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from engine.media.audio import resample

OPUS_RATE = 48000
BIT_RATE = 6000
"""Opus goes no lower (RFC 6716, section 2.1.1)."""
LONGEST_DELAY_S = 0.05

Wav = NDArray[np.float32]


def has_opus() -> bool:
    """Whether this build of FFmpeg can encode it."""
    try:
        av.codec.Codec("libopus", "w")
    except ValueError:  # PyAV's UnknownCodecError
        return False
    return True


def through_opus(wav: Wav, sample_rate: int, *, bit_rate: int = BIT_RATE) -> Wav:
    """Mono wav [N] as it comes back, [N], aligned by cross-correlation."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=OPUS_RATE, layout="mono")
        stream.bit_rate = bit_rate
        samples = np.clip(resample(wav, sample_rate, OPUS_RATE), -1, 1).astype(np.float32)
        frame = AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate = OPUS_RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    file.seek(0)
    with av.open(file, "r") as opened:
        decoded = [each.to_ndarray().reshape(-1) for each in opened.decode(audio=0)]
    heard = resample(np.concatenate(decoded).astype(np.float32), OPUS_RATE, sample_rate)
    return _aligned(heard, wav, round(LONGEST_DELAY_S * sample_rate))


def _aligned(heard: Wav, wav: Wav, reach: int) -> Wav:
    """`heard` moved to where it fits `wav` best, within `reach` samples either way, and cut or filled to its length."""
    size = 1 << (heard.size + wav.size).bit_length()
    cross = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wav, size)), size)
    lags = np.concatenate([np.arange(reach + 1), np.arange(-reach, 0)])
    late = int(lags[np.argmax(cross[lags])])
    moved = np.pad(heard, (max(0, -late), 0))[max(0, late) :]
    return np.asarray(np.pad(moved, (0, max(0, wav.size - moved.size)))[: wav.size], np.float32)
