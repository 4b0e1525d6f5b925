"""Takes in memory, as they will be exported: those near the playhead, read away from the window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.family_level import family_gain
from foley_plugin.qtmodels.lanes import LaneItem
from foley_plugin.qtmodels.mix import MixedSound, read_sound
from foley_plugin.timeline.records import Placement

AHEAD_S = 30.0
BEHIND_S = 5.0
LOOKS_EVERY_S = 1.0
MAX_BYTES = 48 * 1024 * 1024


@dataclass(frozen=True)
class Spot:
    """One take at one place; moved or slipped it is another spot, to be read afresh."""

    take_id: str
    wav: str
    record_in_s: float
    record_out_s: float
    wave_in_s: float

    def distance_s(self, position_s: float) -> float:
        return max(0.0, self.record_in_s - position_s, position_s - self.record_out_s)

    def is_near(self, position_s: float) -> bool:
        return -BEHIND_S <= self.record_in_s - position_s <= AHEAD_S or self.distance_s(position_s) == 0.0


@dataclass(frozen=True)
class Voice:
    """What is known of a take beside its place: the track that it is heard on, its family's track and its fades."""

    track: str
    family_track: str = ""
    fade_in_samples: int = 0
    fade_out_samples: int = 0
    is_placed: bool = True


def spot_of(item: LaneItem) -> Spot:
    return Spot(item.take_id or "", item.media or "", item.record_in_s, item.record_out_s, item.wave_in_s)


def voice_of(track: str, placement: Placement | None, *, is_placed: bool = True) -> Voice:
    if placement is None:
        return Voice(track, is_placed=is_placed)
    fades = (placement.fade_in_samples, placement.fade_out_samples)
    return Voice(track, placement.track_name, *fades, is_placed=is_placed)


class TakeSounds(QObject):
    """Reads takes as they come near, gives up the farthest when there are too many."""

    changed = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._voices: dict[Spot, Voice] = {}
        self._loaded: dict[Spot, MixedSound] = {}
        self._open: set[Spot] = set()
        self._bad: set[Spot] = set()
        self._position_s = 0.0
        self._looked_at_s: float | None = None

    @property
    def loaded(self) -> Mapping[Spot, MixedSound]:
        """At the levels of their families, with their fades."""
        return self._loaded

    @property
    def num_bytes(self) -> int:
        return sum(sound.samples.nbytes for sound in self._loaded.values())

    def voice(self, spot: Spot) -> Voice:
        return self._voices[spot]

    def show(self, voices: Mapping[Spot, Voice]) -> None:
        """The takes that may be heard from now on."""
        self._voices = dict(voices)
        self._bad &= self._voices.keys()
        self._loaded = {spot: sound for spot, sound in self._loaded.items() if spot in self._voices}
        self._look()
        self.changed.emit()

    def follow(self, position_s: float) -> None:
        """The playhead is there now; often called, and cheap where it moved a little."""
        self._position_s = position_s
        if self._looked_at_s is None or abs(position_s - self._looked_at_s) >= LOOKS_EVERY_S:
            self._look()

    def _look(self) -> None:
        self._looked_at_s = self._position_s
        there = self._loaded.keys() | self._open | self._bad
        for spot in self._nearest_first(spot for spot in self._voices if spot not in there):
            if spot.is_near(self._position_s):
                self._read(spot)

    def _nearest_first(self, spots: Iterable[Spot]) -> list[Spot]:
        return sorted(spots, key=lambda spot: spot.distance_s(self._position_s))

    def _read(self, spot: Spot) -> None:
        voice = self._voices[spot]
        self._open.add(spot)
        self._background.run(
            lambda: sound_of(spot, voice),
            lambda sound: self._on_read(spot, cast(MixedSound, sound)),
            lambda sentence: self._on_failed(spot, sentence),
        )

    def _on_read(self, spot: Spot, sound: MixedSound) -> None:
        self._open.discard(spot)
        if spot in self._voices:
            self._loaded[spot] = sound
            self._give_up_the_farthest()
            self.changed.emit()

    def _on_failed(self, spot: Spot, sentence: str) -> None:
        self._open.discard(spot)
        if spot in self._voices:
            self._bad.add(spot)
            self.failed.emit(sentence)

    def _give_up_the_farthest(self) -> None:
        total = self.num_bytes
        for spot in reversed(self._nearest_first(self._loaded)):
            if total <= MAX_BYTES or spot.is_near(self._position_s):
                return
            total -= self._loaded.pop(spot).samples.nbytes


def sound_of(spot: Spot, voice: Voice) -> MixedSound:
    """A take as it is written to a timeline: its stretch, at its family's level, with its fades.

    Raises:
        MediaUnreadable: the WAV cannot be read.
    """
    sound = read_sound(spot.wav, spot.record_in_s, spot.record_out_s, spot.wave_in_s)
    return replace(
        sound,
        gain=family_gain(sound.samples, voice.family_track),
        fade_in_samples=voice.fade_in_samples,
        fade_out_samples=voice.fade_out_samples,
    )
