"""The placed takes in memory, as they will be exported: those near the playhead, read away from the window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.mix import MIX_RATE, MixedSound, read_sound
from foley_plugin.services.writing import levelled_for
from foley_plugin.timeline.records import CutRecord, Placement

AHEAD_S = 30.0
BEHIND_S = 5.0
LOOKS_EVERY_S = 1.0
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Spot:
    """One take at one place; with another placement it is another spot, to be read afresh."""

    take_id: str
    track: str
    wav: str
    record_frame: int
    duration_frames: int
    head_frames: int


class TakeSounds(QObject):
    """Reads takes as they come near, gives up the farthest when there are too many."""

    changed = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._cut: CutRecord | None = None
        self._placements: dict[Spot, Placement] = {}
        self._loaded: dict[Spot, MixedSound] = {}
        self._open: set[Spot] = set()
        self._bad: set[Spot] = set()
        self._position_s = 0.0
        self._looked_at_s: float | None = None

    @property
    def loaded(self) -> dict[Spot, MixedSound]:
        """At the levels of their families, with their fades."""
        return self._loaded

    @property
    def num_bytes(self) -> int:
        return sum(sound.samples.nbytes for sound in self._loaded.values())

    def clear(self) -> None:
        self._cut = None
        self._placements, self._loaded = {}, {}
        self._open.clear()
        self._bad.clear()

    def show(self, cut: CutRecord, placed: Iterable[tuple[str, str, Placement]]) -> None:
        """What lies on the timeline now: take, track and placement of each."""
        self._cut = cut
        self._placements = {
            Spot(take_id, track, each.wav, each.record_frame, each.duration_frames, each.head_frames): each
            for take_id, track, each in placed
        }
        self._bad &= self._placements.keys()
        self._loaded = {spot: sound for spot, sound in self._loaded.items() if spot in self._placements}
        self._look()
        self.changed.emit()

    def follow(self, position_s: float) -> None:
        """The playhead is there now; often called, and cheap where it moved a little."""
        self._position_s = position_s
        if self._looked_at_s is None or abs(position_s - self._looked_at_s) >= LOOKS_EVERY_S:
            self._look()

    def _look(self) -> None:
        self._looked_at_s = self._position_s
        for spot in sorted(self._near(), key=self._distance_s):
            if spot not in self._loaded and spot not in self._open and spot not in self._bad:
                self._read(spot)

    def _near(self) -> Iterable[Spot]:
        return (
            spot
            for spot in self._placements
            if -BEHIND_S <= self._starts_s(spot) - self._position_s <= AHEAD_S
            or self._distance_s(spot) == 0.0
        )

    def _starts_s(self, spot: Spot) -> float:
        return spot.record_frame / self._rate

    def _distance_s(self, spot: Spot) -> float:
        starts_s = self._starts_s(spot)
        ends_s = starts_s + spot.duration_frames / self._rate
        return max(0.0, starts_s - self._position_s, self._position_s - ends_s)

    @property
    def _rate(self) -> float:
        return 1.0 if self._cut is None else self._cut.rate[0] / self._cut.rate[1]

    def _read(self, spot: Spot) -> None:
        cut, placement = self._cut, self._placements[spot]
        assert cut is not None
        self._open.add(spot)
        self._background.run(
            lambda: sound_of(cut, placement),
            lambda sound: self._on_read(spot, cast(MixedSound, sound)),
            lambda sentence: self._on_failed(spot, sentence),
        )

    def _on_read(self, spot: Spot, sound: MixedSound) -> None:
        self._open.discard(spot)
        if spot in self._placements:
            self._loaded[spot] = sound
            self._give_up_the_farthest()
            self.changed.emit()

    def _on_failed(self, spot: Spot, sentence: str) -> None:
        self._open.discard(spot)
        if spot in self._placements:
            self._bad.add(spot)
            self.failed.emit(sentence)

    def _give_up_the_farthest(self) -> None:
        total = self.num_bytes
        for spot in sorted(self._loaded, key=self._distance_s, reverse=True):
            if total <= MAX_BYTES or self._distance_s(spot) == 0.0:
                return
            total -= self._loaded.pop(spot).samples.nbytes


def sound_of(cut: CutRecord, placement: Placement) -> MixedSound:
    """A take as it is written to a timeline: its stretch, at its family's level, with its fades.

    Raises:
        MediaUnreadable: the WAV cannot be read.
    """
    rate = Fraction(*cut.rate)
    record_in, duration = placement.record_frame / rate, placement.duration_frames / rate
    head_s = float(placement.head_frames / rate)
    sound = read_sound(placement.wav, float(record_in), float(record_in + duration), head_s)
    [levelled] = levelled_for(cut, [placement])
    return replace(
        sound,
        start_samples=round(record_in * MIX_RATE),
        gain=10 ** (levelled.gain_db / 20),
        fade_in_samples=levelled.fade_in_samples,
        fade_out_samples=levelled.fade_out_samples,
    )
