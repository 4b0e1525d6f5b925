"""Hearing takes against each other: read ahead, brought to one level, the one before while a key is held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.lanes import LaneItem
from foley_plugin.qtmodels.listening_level import loudest_moment_lufs, matching_gains
from foley_plugin.qtmodels.mix import read_sound
from foley_plugin.ui.playback_control import PlaybackControl

Level = tuple[float, float]
"""Loudest moment in LUFS, highest sample 0 to 1."""


class TakeListening(QObject):
    """What is heard of the takes that are compared. Nothing here changes the timeline, nor what is exported."""

    comparing_changed = pyqtSignal()

    def __init__(self, playback: PlaybackControl, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._playback, self._background = playback, background
        self._items: dict[str, LaneItem] = {}
        self._levels: dict[tuple[str, float, float], Level] = {}
        self._asked: set[tuple[str, float, float]] = set()
        self._matches = True
        self._compared: tuple[str, str] | None = None

    def set_matching(self, matches: bool) -> None:
        self._matches = matches
        self._set_gains()

    def show(self, items: Mapping[str, LaneItem]) -> None:
        """The takes that are compared from now on, by id; each is read and measured once."""
        if dict(items) == self._items:
            return
        self._items = dict(items)
        self._playback.also_load(self._items)
        for item in self._items.values():
            self._measure(item)
        self._set_gains()

    def compare(self, instead_of: str, other: str) -> None:
        """Hear another take than the one on the timeline, until `end_comparing`."""
        self._compared = (instead_of, other)
        self._set_gains()
        self.comparing_changed.emit()

    def end_comparing(self) -> None:
        if self._compared is not None:
            self._compared = None
            self._set_gains()
            self.comparing_changed.emit()

    @property
    def compared(self) -> str | None:
        """The take that is heard instead of the one on the timeline."""
        return None if self._compared is None else self._compared[1]

    def _set_gains(self) -> None:
        matched = self._matched() if self._matches else {}
        placed = self._playback.placed_takes
        gains = {take_id: gain for take_id, gain in matched.items() if take_id in placed}
        if self._compared is not None:
            here, other = self._compared
            gains |= {here: 0.0, other: matched.get(other, 1.0)}
        self._playback.set_take_gains(gains)

    def refresh(self) -> None:
        """Something was placed or taken off."""
        self._set_gains()

    def _matched(self) -> dict[str, float]:
        known = {
            take_id: self._levels[key]
            for take_id, item in self._items.items()
            if (key := _stretch(item)) in self._levels
        }
        return matching_gains(
            {take_id: level[0] for take_id, level in known.items()},
            {take_id: level[1] for take_id, level in known.items()},
        )

    def _measure(self, item: LaneItem) -> None:
        key = _stretch(item)
        if item.media is None or key in self._asked:
            return
        self._asked.add(key)
        path, where = item.media, (item.record_in_s, item.record_out_s, item.wave_in_s)

        def measure() -> Level:
            samples = read_sound(path, *where).samples
            return loudest_moment_lufs(samples), float(abs(samples).max(initial=0.0))

        self._background.run(measure, lambda level: self._on_level(key, cast(Level, level)), lambda _: None)

    def _on_level(self, key: tuple[str, float, float], level: Level) -> None:
        self._levels[key] = level
        self._set_gains()


def _stretch(item: LaneItem) -> tuple[str, float, float]:
    """What is heard of which file, wherever it lies."""
    return item.media or "", item.wave_in_s, round(item.duration_s, 6)
