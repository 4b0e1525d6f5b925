"""The outline of a sound, for drawing: an hour of sound takes no more memory than its outline and a few seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import MediaNotFound
from engine.media.audio import Wav
from engine.media.decoding import open_container
from engine.media.film_sound import FilmBlocks
from engine.media.sound_range import clock_origin_s
from engine.media.wav_stream import BLOCK_SAMPLES, without_first

Peaks = NDArray[np.float32]
"""Lowest and highest sample of each bin, [num_bins, 2]."""


def peaks(path: Path, bins_per_s: int) -> tuple[Peaks, float]:
    """The outline, float32 [num_bins, 2], and the duration in seconds, from a film's first picture on.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    if not path.is_file():
        raise MediaNotFound(f"The sound file {path} is not there; reconnect its drive or relink the clip.")
    try:
        with soundfile.SoundFile(path) as file:
            blocks = file.blocks(BLOCK_SAMPLES, dtype="float32", always_2d=True)
            outline = Outline(file.samplerate, bins_per_s)
            outline.take(block.mean(axis=1) for block in blocks)
    except (soundfile.SoundFileError, OSError, TypeError):
        outline = _outline_of_film(path, bins_per_s)
    return outline.peaks(), outline.duration_s


def _outline_of_film(path: Path, bins_per_s: int) -> Outline:
    with open_container(path) as container:
        origin_s = clock_origin_s(path, container)
    with FilmBlocks(path) as film:
        outline = Outline(film.sample_rate, bins_per_s)
        outline.take(_from_clock(film, origin_s))
    return outline


def _from_clock(film: FilmBlocks, origin_s: float) -> Iterator[Wav]:
    """The film's sound from a moment of its clock on, with silence before it if it begins later."""
    blocks = iter(film)
    first = next(blocks)
    late_samples = round((film.start_s - origin_s) * film.sample_rate)
    for start in range(0, late_samples, BLOCK_SAMPLES):
        yield np.zeros(min(BLOCK_SAMPLES, late_samples - start), np.float32)
    yield from without_first(chain((first,), blocks), max(0, -late_samples))


def peaks_of(wav: Wav, sample_rate: int, bins_per_s: int) -> Peaks:
    """The outline of a sound that is in memory."""
    outline = Outline(sample_rate, bins_per_s)
    outline.take((wav,))
    return outline.peaks()


class Outline:
    """Takes a sound block by block.

    Bin i holds the samples from i / bins_per_s to (i + 1) / bins_per_s seconds, rounded down. With more bins than
    samples a bin repeats the sample that it falls on.
    """

    def __init__(self, sample_rate: int, bins_per_s: int) -> None:
        self._rate, self._bins_per_s = sample_rate, bins_per_s
        self._closed: list[Peaks] = []
        self._num_closed, self._num_samples = 0, 0
        self._tail: Wav = np.zeros(0, np.float32)
        """From where the next bin begins."""

    @property
    def duration_s(self) -> float:
        return self._num_samples / self._rate

    def take(self, blocks: Iterable[Wav]) -> None:
        """Goes on after what was taken before."""
        for block in blocks:
            if not len(block):
                continue
            self._tail = np.concatenate([self._tail, block])
            self._num_samples += len(block)
            # The bin of the last sample may go on, or others may begin on that sample.
            self._close((self._num_samples - 1) * self._bins_per_s // self._rate)

    def peaks(self) -> Peaks:
        """Of all that was taken; nothing can be taken after."""
        self._close(-(-self._num_samples * self._bins_per_s // self._rate))
        return np.concatenate([np.zeros((0, 2), np.float32), *self._closed])

    def _close(self, num_bins: int) -> None:
        if num_bins <= self._num_closed:
            return
        bins = np.arange(self._num_closed, num_bins + 1, dtype=np.int64)
        starts = bins * self._rate // self._bins_per_s
        starts -= starts[0]
        of_bins = self._tail[: max(starts[-1], starts[-2] + 1)]
        lowest, highest = (each.reduceat(of_bins, starts[:-1]) for each in (np.minimum, np.maximum))
        self._closed.append(np.stack([lowest, highest], axis=1))
        self._num_closed, self._tail = num_bins, self._tail[starts[-1] :]
