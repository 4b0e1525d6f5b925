"""Fetches the cut's own sound around the playhead from the media process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.mix import MIX_RATE
from foley_plugin.qtmodels.production_sound import (
    CHUNK_SAMPLES,
    Chunk,
    ProductionTrack,
    SoundStore,
    wanted_chunks,
)
from foley_plugin.services.media_client import WaveSamples

AHEAD_SAMPLES = 12 * MIX_RATE
BEHIND_SAMPLES = MIX_RATE // 2
LOOKS_EVERY_SAMPLES = MIX_RATE // 4
MAX_OPEN = 2
MAX_TRIES = 2


class ProductionFeed(QObject):
    """Asks for what will be heard next, two chunks at a time; what comes late is silent until then."""

    arrived = pyqtSignal()

    def __init__(self, media: MediaProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._media = media
        self.store = SoundStore()
        self.tracks: Sequence[ProductionTrack] = ()
        self._silent_tracks: Collection[str] = ()
        self._open: set[Chunk] = set()
        self._failures: Counter[str] = Counter()
        self._position = 0
        self._is_backwards = False
        self._looked_at: int | None = None

    @property
    def num_open(self) -> int:
        return len(self._open)

    def set_tracks(self, tracks: Sequence[ProductionTrack]) -> None:
        """Another cut, or the same one with its media found."""
        self.tracks = tracks
        self.store.clear()
        self._failures.clear()
        self._looked_at = None
        self._ask()

    def set_silent_tracks(self, tracks: Collection[str]) -> None:
        """Nothing is fetched for tracks that are not listened to."""
        self._silent_tracks = tracks
        self._looked_at = None
        self._ask()

    def follow(self, position_s: float, speed: float = 0.0) -> None:
        """The playhead is there now; often called, and cheap where it moved a little."""
        self._position = round(position_s * MIX_RATE)
        if (
            self._looked_at is None
            or (speed < 0) is not self._is_backwards
            or abs(self._position - self._looked_at) >= LOOKS_EVERY_SAMPLES
        ):
            self._is_backwards = speed < 0
            self._ask()

    def _ask(self) -> None:
        self._looked_at = self._position
        if len(self._open) >= MAX_OPEN or not self.tracks:
            return
        behind, ahead = BEHIND_SAMPLES, AHEAD_SAMPLES
        if self._is_backwards:
            behind, ahead = ahead, behind
        wanted = wanted_chunks(
            self.tracks,
            self.store,
            self._position - behind,
            self._position + ahead,
            silent_tracks=self._silent_tracks,
            is_backwards=self._is_backwards,
        )
        for chunk in wanted:
            if len(self._open) >= MAX_OPEN:
                return
            if chunk not in self._open and not self._ask_for(chunk):
                return

    def _ask_for(self, chunk: Chunk) -> bool:
        self._open.add(chunk)
        asked = self._media.ask(
            lambda client: client.sound(
                chunk.media,
                chunk.first_sample,
                CHUNK_SAMPLES,
                MIX_RATE,
                lambda samples: self._on_samples(chunk, samples),
                lambda _: self._on_failed(chunk),
            )
        )
        if not asked:
            self._open.discard(chunk)
        return asked

    def _on_samples(self, chunk: Chunk, samples: WaveSamples) -> None:
        import numpy as np

        self._open.discard(chunk)
        frames = np.frombuffer(samples.data, "<f4").reshape(-1, samples.num_channels)
        self.store.add(chunk, frames)
        self.arrived.emit()
        self._ask()

    def _on_failed(self, chunk: Chunk) -> None:
        """No sound in it, or no such file: the timeline tells of that already."""
        self._open.discard(chunk)
        self._failures[chunk.media] += 1
        if self._failures[chunk.media] >= MAX_TRIES:  # once may be the process's own end
            self.store.give_up(chunk.media)
        self._ask()
