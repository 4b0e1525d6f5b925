"""Hearing takes against each other: read ahead, brought to one level, the one before while a key is held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.lanes import LaneItem
from foley_plugin.qtmodels.listening_level import loudest_moment_lufs, matching_gain
from foley_plugin.qtmodels.mix import read_sound
from foley_plugin.ui.mix_control import Comparison
from foley_plugin.ui.playback_control import PlaybackControl


class TakeListening(QObject):
    """What is heard of the takes that are compared. Nothing here changes the timeline, nor what is exported."""

    comparing_changed = pyqtSignal()

    def __init__(self, playback: PlaybackControl, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._playback, self._background = playback, background
        self._items: dict[str, LaneItem] = {}
        self._levels_lufs: dict[tuple[str, float, float], float] = {}
        """The loudest moment of each."""
        self._asked: set[tuple[str, float, float]] = set()
        self._matches = True
        self._compared: tuple[str, str] | None = None

    def set_matching(self, matches: bool) -> None:
        self._matches = matches
        self._hear()

    def show(self, items: Mapping[str, LaneItem]) -> None:
        """The takes that are compared from now on, by id; each is read and measured once."""
        if dict(items) == self._items:
            return
        self._items = dict(items)
        self._playback.also_load(self._items)
        for item in self._items.values():
            self._measure(item)
        self._hear()

    def compare(self, instead_of: str, other: str) -> None:
        """Hear another take than the one on the timeline, until `end_comparing`."""
        self._compared = (instead_of, other)
        self._hear()
        self.comparing_changed.emit()

    def end_comparing(self) -> None:
        if self._compared is not None:
            self._compared = None
            self._hear()
            self.comparing_changed.emit()

    @property
    def compared(self) -> str | None:
        """The take that is heard instead of the one on the timeline."""
        return None if self._compared is None else self._compared[1]

    def _hear(self) -> None:
        """Takes on the timeline are heard as they are exported; what is compared comes to the level of its like."""
        if self._compared is None:
            self._playback.set_comparison(None)
            return
        placed, other = self._compared
        self._playback.set_comparison(Comparison(placed, other, self._matching(placed, other)))

    def _matching(self, placed: str, other: str) -> float | None:
        lufs, wanted_lufs = self._level_lufs(other), self._level_lufs(placed)
        if not self._matches or lufs is None or wanted_lufs is None:
            return None
        return matching_gain(lufs, wanted_lufs)

    def _level_lufs(self, take_id: str) -> float | None:
        item = self._items.get(take_id)
        return None if item is None else self._levels_lufs.get(_stretch(item))

    def _measure(self, item: LaneItem) -> None:
        key = _stretch(item)
        if item.media is None or key in self._asked:
            return
        self._asked.add(key)
        path, where = item.media, (item.record_in_s, item.record_out_s, item.wave_in_s)

        self._background.run(
            lambda: loudest_moment_lufs(read_sound(path, *where).samples),
            lambda lufs: self._on_level(key, cast(float, lufs)),
            lambda _: None,
        )

    def _on_level(self, key: tuple[str, float, float], lufs: float) -> None:
        self._levels_lufs[key] = lufs
        self._hear()


def _stretch(item: LaneItem) -> tuple[str, float, float]:
    """What is heard of which file, wherever it lies."""
    return item.media or "", item.wave_in_s, round(item.duration_s, 6)
