"""From codes to what is heard: decoded, resampled, cut, under the ceiling; a take's own samples where they stay."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.codec.encodec import Encodec
from engine.lm.keeping import LaidOriginal
from engine.media.splicing import DrawnSound, KeptSound, Splice, heard_spans
from engine.media.wav_stream import HeldSound, Wav, cut, gain_to, held, peak_of, resampled, without_first

PEAK_CEILING = 10 ** (-1 / 20)
CHUNK_FRAMES = 250
"""A codec with an LSTM begins anew with each chunk, so it has no more of them than it must."""
BAND_CHUNK_FRAMES = 125
"""Of a codec of bands, whose chunks equal the whole; drafts are heard side by side, and each takes memory."""


def waveform(codec: Encodec, codes: Tensor, num_samples: int, sample_rate: int) -> Wav:
    """Codes [K, T] -> [num_samples], peak at most -1 dBFS: what `held_sound` holds, as one array."""
    wav = np.concatenate(list(_sound(codec, codes, num_samples, sample_rate)))
    # In place: a long take is not held twice.
    wav *= np.float32(gain_to(PEAK_CEILING, peak_of(wav)))
    return wav


def held_sound(
    codec: Encodec, codes: Tensor, num_samples: int, sample_rate: int, folder: Path
) -> AbstractContextManager[HeldSound]:
    """The sound of codes [K, T], peak at most -1 dBFS, in memory that does not grow with it.

    Raises:
        OutputError: a long one does not fit into `folder`.
    """
    blocks = _sound(codec, codes, num_samples, sample_rate)
    return held(blocks, sample_rate, ceiling=PEAK_CEILING, folder=folder)


@contextmanager
def spliced_sound(
    codec: Encodec, codes: Tensor, original: LaidOriginal, num_samples: int, sample_rate: int, folder: Path
) -> Iterator[HeldSound]:
    """The sound of a take that was made from another: that one's samples but for the stretches that were drawn.

    Only about these are codes [K, T] decoded.

    Raises:
        OutputError: a long one does not fit into `folder`.
        RequestError: the original is not there any more.
    """
    with ExitStack() as stack:
        kept = stack.enter_context(KeptSound(original.wav, sample_rate))
        parts = []
        for first, stop in heard_spans(original.stretches, num_samples, sample_rate):
            blocks = _span(codec, codes, original.origin, first, stop, sample_rate)
            part = stack.enter_context(held(blocks, sample_rate, ceiling=math.inf, folder=folder))
            parts.append((first, part))
        drawn = DrawnSound(parts, num_samples, sample_rate)
        splice = Splice(kept, original.start, drawn, original.stretches, PEAK_CEILING)
        # What is kept is not scaled, wherever its peak lies.
        yield stack.enter_context(held(splice.blocks(), sample_rate, ceiling=math.inf, folder=folder))


def _sound(codec: Encodec, codes: Tensor, num_samples: int, sample_rate: int) -> Iterator[Wav]:
    """Decode, resample as a whole, cut: [num_samples] in blocks, not scaled. Never padded."""
    blocks = resampled(decoded(codec, codes), codec.config.sample_rate, sample_rate)
    return cut(blocks, num_samples)


def _span(
    codec: Encodec, codes: Tensor, origin: Fraction, first: int, stop: int, sample_rate: int
) -> Iterator[Wav]:
    """Samples first .. stop of a take whose codes [K, T] begin at `origin` seconds; not scaled."""
    rate = codec.config.frame_rate
    begin = math.floor((Fraction(first, sample_rate) - origin) * rate)
    end = math.ceil((Fraction(stop, sample_rate) - origin) * rate) + 1
    blocks = resampled(decoded(codec, codes, begin, end), codec.config.sample_rate, sample_rate)
    early = first - round((origin + Fraction(begin, rate)) * sample_rate)
    return cut(without_first(blocks, early), stop - first)


def decoded(codec: Encodec, codes: Tensor, first: int = 0, stop: int | None = None) -> Iterator[Wav]:
    """Frames first .. stop of codes [K, T] -> wav at the codec's rate, in chunks with context where it is long."""
    total = codes.shape[-1] if stop is None else min(stop, codes.shape[-1])
    at_once = CHUNK_FRAMES if codec.config.bands is None else BAND_CHUNK_FRAMES
    for start in range(first, total, at_once):
        yield _chunk(codec, codes, start, min(total, start + at_once))


@torch.inference_mode()
def _chunk(codec: Encodec, codes: Tensor, start: int, stop: int) -> Wav:
    hop, begin = codec.config.hop_length, max(0, start - codec.reach_frames)
    wav = codec.decode(codes[None, :, begin : stop + codec.reach_frames], begin)[0, 0]
    return np.asarray(wav[(start - begin) * hop : (stop - begin) * hop].numpy(), np.float32)
