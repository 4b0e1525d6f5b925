"""WAV files with the chunks that broadcast needs, written in a stream: RIFF, or RF64 past 4 GB (EBU Tech 3306).

    RIFF  WAVE  JUNK  bext  fmt   iXML  data
    RF64  WAVE  ds64  bext  fmt   iXML  data         sizes past 32 bits stand in ds64

All sizes are known before the first sample, so a file is written from its start to its end and never patched.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from foley_plugin.takes.loudness import Samples

BitDepth = Literal[16, 24, 32]
"""32 is floating point."""

PCM, FLOAT = 1, 3
DS64_BYTES = 28
LARGEST_RIFF = 2**32 - 1
UNKNOWN = 0xFFFFFFFF
"""In the place of a size that stands in ds64."""


@dataclass(frozen=True)
class WavFormat:
    sample_rate: int
    bits: BitDepth
    num_channels: int

    @property
    def bytes_a_frame(self) -> int:
        return self.num_channels * self.bits // 8


def wav_header(
    wav: WavFormat,
    num_samples: int,
    *,
    bext: bytes = b"",
    ixml: bytes = b"",
    largest_riff: int = LARGEST_RIFF,
) -> bytes:
    """All that lies before the first sample.

    Args:
        num_samples: of each channel.
        largest_riff: a larger file becomes RF64.
    """
    data_bytes = num_samples * wav.bytes_a_frame
    before = (_chunk(b"bext", bext) if bext else b"") + _chunk(b"fmt ", _fmt(wav))
    if wav.bits == 32:
        before += _chunk(b"fact", struct.pack("<I", min(num_samples, UNKNOWN)))
    before += _chunk(b"iXML", ixml) if ixml else b""
    riff_bytes = len(b"WAVE") + 8 + DS64_BYTES + len(before) + 8 + data_bytes + data_bytes % 2
    if riff_bytes <= largest_riff:
        head = b"RIFF" + struct.pack("<I", riff_bytes) + b"WAVE" + _chunk(b"JUNK", bytes(DS64_BYTES))
        return head + before + b"data" + struct.pack("<I", data_bytes)
    sizes = struct.pack("<QQQI", riff_bytes, data_bytes, num_samples, 0)
    head = b"RF64" + struct.pack("<I", UNKNOWN) + b"WAVE" + _chunk(b"ds64", sizes)
    return head + before + b"data" + struct.pack("<I", UNKNOWN)


def write_new_wav(
    path: Path, wav: WavFormat, num_samples: int, blocks: Iterable[Samples], *, bext: bytes, ixml: bytes
) -> None:
    """Write a file that must not be there yet, and see that it holds all of its samples.

    A failure leaves no file behind.

    Args:
        blocks: [n, C] each, `num_samples` in all.

    Raises:
        OSError: it is there already, the disk is full, or it cannot be written.
    """
    header = wav_header(wav, num_samples, bext=bext, ixml=ixml)
    data_bytes = num_samples * wav.bytes_a_frame
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(header)
            dither = np.random.default_rng(num_samples)
            for block in blocks:
                file.write(encoded(block, wav.bits, dither))
            file.write(bytes(data_bytes % 2))
            file.flush()
            os.fsync(file.fileno())
        written = path.stat().st_size
        if written != len(header) + data_bytes + data_bytes % 2:
            raise OSError(None, "the disk took only a part of it")
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def encoded(samples: Samples, bits: BitDepth, dither: np.random.Generator) -> bytes:
    """[n, C] as little-endian samples; what is past full scale is held there.

    16 bits get triangular dither of one step, drawn alike at every writing, and none where all is silent;
    at 24 bits the step lies far below any take's own noise.
    """
    if bits == 32:
        return bytes(samples.astype("<f4").tobytes())
    full = 2 ** (bits - 1)
    steps = samples.astype(np.float64) * full
    if bits == 16 and samples.any():
        steps += dither.random(steps.shape) - dither.random(steps.shape)
    whole = np.clip(np.rint(steps), -full, full - 1).astype("<i4")
    if bits == 16:
        return bytes(whole.astype("<i2").tobytes())
    return bytes(whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())


def _fmt(wav: WavFormat) -> bytes:
    code = FLOAT if wav.bits == 32 else PCM
    rate, frame = wav.sample_rate, wav.bytes_a_frame
    plain = struct.pack("<HHIIHH", code, wav.num_channels, rate, rate * frame, frame, wav.bits)
    return plain + struct.pack("<H", 0) if code == FLOAT else plain


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
