"""The cut's own sound, in chunks that are fetched as they come near: a feature has hours of it. Pure: no Qt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

from foley_plugin.qtmodels.mix import MIX_RATE
from foley_plugin.timeline.records import CutRecord, ItemRecord, TrackRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

CHUNK_SAMPLES = 3 * MIX_RATE
MAX_STORE_BYTES = 48 * 1024 * 1024
NUM_SIDES = 2


@dataclass(frozen=True)
class Chunk:
    """`CHUNK_SAMPLES` of a file's sound, the `index`th from its start."""

    media: str
    index: int

    @property
    def first_sample(self) -> int:
        return self.index * CHUNK_SAMPLES


@dataclass(frozen=True)
class ProductionItem:
    """A clip on a sound track; all in samples at `MIX_RATE`, `source_in` from the media's start.

    `side` is set where two tracks hold the two channels of one clip: 0 plays the left one on the left.
    """

    media: str
    record_in: int
    record_out: int
    source_in: int
    side: int | None = None

    def chunks(self, from_samples: int, to_samples: int) -> Iterator[tuple[int, Chunk]]:
        """What is needed between two moments of the timeline, each with when it begins to be heard."""
        first, stop = max(from_samples, self.record_in), min(to_samples, self.record_out)
        if first >= stop:
            return
        offset = self.source_in - self.record_in
        for index in range((first + offset) // CHUNK_SAMPLES, (stop - 1 + offset) // CHUNK_SAMPLES + 1):
            yield max(first, index * CHUNK_SAMPLES - offset), Chunk(self.media, index)


class SoundStore:
    """Chunks that are there, the least recently heard given up first. A file without sound is silent."""

    def __init__(self, max_bytes: int = MAX_STORE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._chunks: OrderedDict[Chunk, Samples] = OrderedDict()
        self._num_bytes = 0
        self._silent: set[str] = set()

    @property
    def num_bytes(self) -> int:
        return self._num_bytes

    def has(self, chunk: Chunk) -> bool:
        """Whether there is nothing to ask for."""
        return chunk in self._chunks or chunk.media in self._silent

    def samples(self, chunk: Chunk) -> Samples | None:
        found = self._chunks.get(chunk)
        if found is not None:
            self._chunks.move_to_end(chunk)
        return found

    def add(self, chunk: Chunk, samples: Samples) -> None:
        if chunk in self._chunks:
            self._num_bytes -= self._chunks[chunk].nbytes
        self._chunks[chunk] = samples
        self._chunks.move_to_end(chunk)
        self._num_bytes += samples.nbytes
        while self._num_bytes > self._max_bytes and len(self._chunks) > 1:
            self._num_bytes -= self._chunks.popitem(last=False)[1].nbytes

    def give_up(self, media: str) -> None:
        """It cannot be heard; ask no more."""
        self._silent.add(media)

    def clear(self) -> None:
        self._chunks.clear()
        self._silent.clear()
        self._num_bytes = 0


class ProductionTrack:
    """The clips of one sound track that can be played."""

    def __init__(self, track: str, items: Iterable[ProductionItem]) -> None:
        self.track = track
        self.items: Sequence[ProductionItem] = sorted(items, key=lambda item: item.record_in)
        self._starts = [item.record_in for item in self.items]
        self._ends = list(accumulate((item.record_out for item in self.items), max))

    def between(self, from_samples: int, to_samples: int) -> Sequence[ProductionItem]:
        return self.items[bisect_right(self._ends, from_samples) : bisect_left(self._starts, to_samples)]


@dataclass(frozen=True)
class HeardTrack:
    """A sound track as it is mixed: what is not there yet is silent."""

    track: ProductionTrack
    store: SoundStore
    gain: float = 1.0

    def add_to(self, total: Samples, from_samples: int) -> None:
        if self.gain == 0.0:
            return
        for item in self.track.between(from_samples, from_samples + len(total)):
            for at, chunk in item.chunks(from_samples, from_samples + len(total)):
                samples = self.store.samples(chunk)
                if samples is not None:
                    self._add_chunk(total, from_samples, item, at, samples, chunk.first_sample)

    def _add_chunk(
        self,
        total: Samples,
        from_samples: int,
        item: ProductionItem,
        at: int,
        samples: Samples,
        first_sample: int,
    ) -> None:
        start = at + item.source_in - item.record_in - first_sample
        count = min(from_samples + len(total), item.record_out) - at
        part = samples[start : start + count]
        into = total[at - from_samples : at - from_samples + len(part)]
        if item.side is None or samples.shape[1] == 1:
            if item.side in (None, 0):
                into += self.gain * part
        else:
            into[:, item.side] += self.gain * part[:, item.side]


def production_tracks(cut: CutRecord) -> list[ProductionTrack]:
    """The cut's sound tracks with what of them can be played.

    Two tracks with the same stretch of one file are its two channels, as NLEs lay them out.
    """
    tracks = [track for track in cut.tracks if track.kind.lower() == "audio"]
    seen: Counter[object] = Counter()
    total = Counter(_stretch(item) for track in tracks for item in track.items)
    return [ProductionTrack(track.track, _items(track, seen, total)) for track in tracks]


def muted_in_cut(cut: CutRecord) -> frozenset[str]:
    """Sound tracks that the cut itself has switched off."""
    return frozenset(
        track.track for track in cut.tracks if track.kind.lower() == "audio" and not track.enabled
    )


def _stretch(item: ItemRecord) -> object:
    return item.media, item.record_in, item.record_out, item.source_in


def _items(track: TrackRecord, seen: Counter[object], total: Counter[object]) -> Iterator[ProductionItem]:
    for item in track.items:
        if item.media is None or item.kind != "clip" or item.is_retimed:
            continue
        key = _stretch(item)
        side = seen[key] if total[key] > 1 else None
        seen[key] += 1
        if side is None or side < NUM_SIDES:
            edges = (_samples(item.record_in), _samples(item.record_out), _samples(item.source_in))
            yield ProductionItem(item.media, *edges, side)


def _samples(time: tuple[int, int]) -> int:
    return round(Fraction(*time) * MIX_RATE)


def wanted_chunks(
    tracks: Iterable[ProductionTrack],
    store: SoundStore,
    from_samples: int,
    to_samples: int,
    *,
    silent_tracks: Collection[str] = (),
    is_backwards: bool = False,
) -> list[Chunk]:
    """What is not there of a stretch of the timeline, in the order in which it will be heard."""
    found: dict[Chunk, int] = {}
    for track in tracks:
        if track.track in silent_tracks:
            continue
        for item in track.between(from_samples, to_samples):
            for at, chunk in item.chunks(from_samples, to_samples):
                if not store.has(chunk):
                    earlier = max if is_backwards else min
                    found[chunk] = earlier(at, found.get(chunk, at))
    return sorted(found, key=lambda chunk: found[chunk], reverse=is_backwards)
