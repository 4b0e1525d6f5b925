"""Where the editor was in a cut: the playhead and the zoom, there again when the cut is opened another day."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

from engine.errors import FoleyError
from foley_plugin.services.settings import CutPlace, change_settings, read_settings

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


class PlaceKeeper(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._path = window.surroundings.settings_path
        self._cut_path: str | None = None
        window.session.opening.connect(self.keep)
        window.session.shown.connect(self._on_shown)

    def keep(self) -> None:
        """Write down where the editor is; not worth a notice where that fails."""
        if self._cut_path is None:
            return
        scale, settings = self._window.view.scale, read_settings(self._path)
        here = CutPlace(max(0.0, self._window.playback.position_s), scale.left_s, scale.pixels_per_s)
        known = {cut: place for cut, place in settings.cut_places.items() if cut in settings.recent_cuts}
        with suppress(FoleyError):
            change_settings(self._path, cut_places={**known, self._cut_path: here})

    def _on_shown(self) -> None:
        cut = self._window.session.cut
        self._cut_path = cut.path if cut is not None else None
        QTimer.singleShot(0, self._put_back)  # when the room is laid out

    def _put_back(self) -> None:
        window = self._window
        place = read_settings(self._path).cut_places.get(self._cut_path or "")
        if place is None:
            return
        window.view.set_scale(
            replace(window.view.scale, left_s=place.left_s, pixels_per_s=place.pixels_per_s)
        )
        window.playback.seek(min(place.playhead_s, window.session.scene.duration_s))
