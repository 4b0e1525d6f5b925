"""A film's sound from its beginning to its end, block by block: however long it is, seconds of it are in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np
import soxr
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from engine.errors import MediaUnreadable
from engine.media.decoding import open_container, sound_streams
from engine.media.mixing import bent_under_full_scale
from engine.media.sound_pieces import is_added, sound_pieces

LAGS_S = 5.0
"""In a film with several sounds one may come so much later than another."""
BLOCK_S = 2.0
GAP_SAMPLES = 1 << 16
"""Silence is filled in by so much at a time."""

Wav = NDArray[np.float32]


class FilmBlocks:
    """All sounds of a film as one: float32 mono blocks [N], from the first sample that decodes; for a `with`.

    Attributes:
        sample_rate: Hz; the highest of the sounds'.
        start_s: the first sample's time on the container's clock; known once a block came.
        missing_s: how much less came than the container promises, of the sound that lacks the most; known at the end.

    Raises:
        MediaNotFound, MediaUnreadable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container = open_container(path)
        try:
            self._streams = sound_streams(self._container, path)
        except MediaUnreadable:
            self._container.close()
            raise
        self.sample_rate = max(stream.rate for stream in self._streams)
        self.start_s = self.missing_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def __iter__(self) -> Iterator[Wav]:
        """Once, in order."""
        lanes = [_Lane(stream, self.sample_rate) for stream in self._streams]
        total = _Sum(round(LAGS_S * self.sample_rate) if len(lanes) > 1 else 0)
        block_samples = round(BLOCK_S * self.sample_rate)
        for piece in sound_pieces(self._container, self._streams, 1):
            for at, wav in lanes[piece.stream].joined(piece.at, piece.wav[:, 0]):
                total.add(at, wav)
                if total.num_ready >= block_samples:
                    yield self._taken(total, total.num_ready)
        for lane in lanes:
            total.add(lane.position, lane.rest())
        if total.first is None and total.num_held == 0:
            raise MediaUnreadable(
                f"The sound of the media file {self._path} cannot be decoded; export it again."
            )
        yield self._taken(total, total.num_held)
        self.missing_s = max(lane.missing_s for lane in lanes)

    def _taken(self, total: _Sum, num_samples: int) -> Wav:
        wav = total.take(num_samples)
        self.start_s = (total.first or 0) / self.sample_rate
        return bent_under_full_scale(wav) if is_added(self._streams) else wav


class _Lane:
    """One stream at the common rate, without gaps from its first sample on."""

    def __init__(self, stream: AudioStream, rate: int) -> None:
        self.position = 0
        """Where what comes next lies on the container's clock, samples at the common rate."""
        self._stream, self._own_rate, self._rate = stream, stream.rate, rate
        self._next: int | None = None
        self._num_samples = 0
        is_other = stream.rate != rate
        self._resampler = soxr.ResampleStream(stream.rate, rate, 1, "float32", "VHQ") if is_other else None

    def joined(self, at: int, wav: Wav) -> Iterator[tuple[int, Wav]]:
        """A piece at the stream's rate, and the silence before it."""
        if self._next is None:
            self._next = at
            self.position = round(at * self._rate / self._own_rate)
        for first in range(self._next, at, GAP_SAMPLES):
            yield from self._given(np.zeros(min(GAP_SAMPLES, at - first), np.float32))
        yield from self._given(wav)

    def rest(self) -> Wav:
        """What the resampler held back."""
        nothing = np.zeros(0, np.float32)
        if self._resampler is None or self._next is None:
            return nothing
        return np.asarray(self._resampler.resample_chunk(nothing, last=True), np.float32)

    @property
    def missing_s(self) -> float:
        """How much less came than promised; nothing where nothing could be decoded."""
        stream = self._stream
        if self._next is None or not stream.duration or not stream.time_base:
            return 0.0
        return max(0.0, float(stream.duration * stream.time_base) - self._num_samples / self._own_rate)

    def _given(self, wav: Wav) -> Iterator[tuple[int, Wav]]:
        assert self._next is not None
        self._next += len(wav)
        self._num_samples += len(wav)
        if self._resampler is not None:
            wav = np.asarray(self._resampler.resample_chunk(wav), np.float32)
        yield self.position, wav
        self.position += len(wav)


class _Sum:
    """Sounds that come one before the other, added where they lie."""

    def __init__(self, lag_samples: int) -> None:
        self.first: int | None = None
        """Where the sum begins; later than something that came too late."""
        self._lag = lag_samples
        self._begin, self._end = 0, 0
        self._held: list[tuple[int, Wav]] = []

    def add(self, at: int, wav: Wav) -> None:
        if not len(wav):
            return
        is_first = self.first is None and not self._held
        self._end = at + len(wav) if is_first else max(self._end, at + len(wav))
        if self.first is None:
            self._begin = at if is_first else min(self._begin, at)
        self._held.append((at, wav))

    @property
    def num_held(self) -> int:
        return self._end - self._begin

    @property
    def num_ready(self) -> int:
        """How much no other sound will be added to."""
        return max(0, self.num_held - self._lag)

    def take(self, num_samples: int) -> Wav:
        if self.first is None:
            self.first = self._begin
        stop = self._begin + num_samples
        total = np.zeros(num_samples, np.float32)
        kept: list[tuple[int, Wav]] = []
        for at, wav in self._held:
            part = wav[max(0, self._begin - at) : max(0, stop - at)]
            start = max(0, at - self._begin)
            total[start : start + len(part)] += part
            if at + len(wav) > stop:
                kept.append((max(at, stop), wav[max(0, stop - at) :]))
        self._begin, self._held = stop, kept
        return total
