"""Sound that is made block by block: however long it is, no more than a few seconds of it are in memory.

blocks [n] at any lengths -> resampled -> cut -> held (peak known, the rest on disk) -> scaled -> pieces of a WAV
"""

from __future__ import annotations

import contextlib
import struct
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.errors import OutputError
from engine.media.audio import encode_wav

Wav = NDArray[np.float32]

BLOCK_SAMPLES = 1 << 18
HELD_IN_MEMORY_BYTES = 4 << 20
"""Sounds of up to 20 s at 48 kHz touch no disk but for their file."""

HEADER_BYTES = 44
RIFF_SIZE_AT, DATA_SIZE_AT = 4, 40
"""Where a WAV's header tells the bytes that follow in the file, and in its samples (RIFF, little-endian, 32 bit)."""

BYTES_PER_SAMPLE = 3


def resampled(blocks: Iterable[Wav], from_rate: int, to_rate: int) -> Iterator[Wav]:
    """The samples that `engine.media.audio.resample` gives of the whole, bit for bit, as they come."""
    if from_rate == to_rate:
        yield from blocks
        return
    stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="VHQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)


def cut(blocks: Iterable[Wav], num_samples: int) -> Iterator[Wav]:
    """The first `num_samples`. Never padded.

    Raises:
        ValueError: there are fewer.
    """
    left = num_samples
    for block in blocks:
        if left <= 0:
            return
        yield block[:left]
        left -= min(left, len(block))
    if left > 0:
        raise ValueError(f"the sound is {left} of {num_samples} samples short")


def without_first(blocks: Iterable[Wav], num_samples: int) -> Iterator[Wav]:
    """All but the first samples."""
    left = num_samples
    for block in blocks:
        yield block[left:]
        left -= min(left, len(block))


def peak_of(block: Wav) -> float:
    """The greatest magnitude, without a second array."""
    return max(float(block.max(initial=0.0)), -float(block.min(initial=0.0)))


def gain_to(ceiling: float, peak: float) -> float:
    """What a sound is multiplied by, so that its peak is at most `ceiling`; quieter ones are left alone."""
    return min(1.0, ceiling / max(peak, 1e-9))


class HeldSound:
    """A sound that was heard to its end once, so that its peak is known, and can be heard again, scaled."""

    def __init__(self, file: IO[bytes], blocks: Iterable[Wav], sample_rate: int, ceiling: float) -> None:
        self._file, self.sample_rate = file, sample_rate
        self.num_samples, found = 0, 0.0
        for block in blocks:
            found = max(found, peak_of(block))
            self.num_samples += len(block)
            file.write(np.ascontiguousarray(block, np.float32).tobytes())
        self._gain = np.float32(gain_to(ceiling, found))
        # Rounded as the samples are.
        self.peak = float(np.float32(found) * self._gain)

    def blocks(self) -> Iterator[Wav]:
        """From the beginning. One reader at a time."""
        self._file.seek(0)
        while content := self._file.read(4 * BLOCK_SAMPLES):
            yield np.frombuffer(content, np.float32) * self._gain

    def between(self, first: int, stop: int) -> Wav:
        """Samples first .. stop; not while `blocks` is read."""
        self._file.seek(4 * first)
        return np.frombuffer(self._file.read(4 * (stop - first)), np.float32) * self._gain

    def wav_pieces(self) -> Iterator[bytes]:
        """The WAV file's bytes."""
        return wav_pieces(self.blocks(), self.num_samples, self.sample_rate)


@contextlib.contextmanager
def held(blocks: Iterable[Wav], sample_rate: int, *, ceiling: float, folder: Path) -> Iterator[HeldSound]:
    """Take in a sound; a long one lies in a file of `folder` that has no name and is gone after the block.

    Where there is no such folder, in the system's own for temporary files.

    Args:
        ceiling: where the peak is above it, all of the sound is scaled down to it.

    Raises:
        OutputError: the disk is full or read-only.
    """
    place = folder if folder.is_dir() else Path(tempfile.gettempdir())
    with tempfile.SpooledTemporaryFile(max_size=HELD_IN_MEMORY_BYTES, dir=str(place)) as file:
        try:
            sound = HeldSound(file, blocks, sample_rate, ceiling)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputError(
                f"The sound could not be kept in the folder {place} while it was made ({reason}); "
                "free some space or choose another folder."
            ) from error
        yield sound


def wav_pieces(blocks: Iterable[Wav], num_samples: int, sample_rate: int) -> Iterator[bytes]:
    """The bytes that `engine.media.audio.encode_wav` gives of the whole, as they come.

    Raises:
        ValueError: a sample is not finite, or there are not `num_samples` of them.
    """
    size = num_samples * BYTES_PER_SAMPLE
    padding = size % 2
    header = bytearray(encode_wav(np.empty(0, np.float32), sample_rate))
    struct.pack_into("<I", header, RIFF_SIZE_AT, HEADER_BYTES - 8 + size + padding)
    struct.pack_into("<I", header, DATA_SIZE_AT, size)
    yield bytes(header)
    left = num_samples
    for block in blocks:
        left -= len(block)
        for start in range(0, len(block), BLOCK_SAMPLES):
            part = block[start : start + BLOCK_SAMPLES]
            yield encode_wav(part, sample_rate)[HEADER_BYTES : HEADER_BYTES + len(part) * BYTES_PER_SAMPLE]
    if left:
        raise ValueError(f"{num_samples} samples were promised, {num_samples - left} came")
    yield bytes(padding)
