"""Mute, solo, foley alone, production dimmed: by keys, by the buttons in the track headers, by the menu of tracks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu

from foley_plugin.qtmodels.cut_session import CutSession
from foley_plugin.qtmodels.lanes import Lane, LaneKind
from foley_plugin.qtmodels.listening import Listening
from foley_plugin.qtmodels.production_sound import muted_in_cut
from foley_plugin.ui.actions import Actions, name_in_menu
from foley_plugin.ui.timeline_view import TimelineView
from foley_plugin.ui.track_buttons import TrackButton


class ListeningControl(QObject):
    """A cut keeps its way of listening while the panel runs; tracks that the cut has switched off begin muted."""

    changed = pyqtSignal()

    def __init__(self, session: CutSession, view: TimelineView, actions: Actions) -> None:
        super().__init__(view)
        self._session, self._view = session, view
        self._alone, self._dimmed = actions["solo_foley"], actions["dim_production"]
        self._clear = actions["clear_listening"]
        self._of_cut: dict[str, Listening] = {}
        self._menu: QMenu | None = None
        session.shown.connect(self._on_shown)
        view.track_button_pressed.connect(self.toggle)
        self._alone.toggled.connect(lambda on: self._set(replace(self.listening, is_foley_alone=on)))
        self._dimmed.toggled.connect(lambda on: self._set(replace(self.listening, is_production_dimmed=on)))
        self._clear.triggered.connect(lambda: self._set(Listening()))

    @property
    def listening(self) -> Listening:
        return self._session.scene.listening

    @property
    def silent_tracks(self) -> frozenset[str]:
        lanes = (placed.lane for placed in self._session.scene.stack.lanes)
        return frozenset(lane.track for lane in lanes if self.listening.factor(lane.track, lane.kind) == 0.0)

    def fill(self, menu: QMenu) -> None:
        """The header buttons' equal for the keyboard; its entries are those of the open cut."""
        self._menu = menu
        menu.aboutToShow.connect(self._fill_menu)

    def toggle(self, track: str, button: TrackButton) -> None:
        listening = self.listening
        if button is TrackButton.MUTE:
            self._set(listening.with_mute(track, track not in listening.muted))
        else:
            self._set(listening.with_solo(track, track not in listening.soloed))

    def _on_shown(self) -> None:
        cut = self._session.cut
        if cut is not None:
            self._set(self._of_cut.get(cut.path, Listening(muted=muted_in_cut(cut))))

    def _set(self, listening: Listening) -> None:
        self._session.scene.listening = listening
        if self._session.cut is not None:
            self._of_cut[self._session.cut.path] = listening
        self._alone.setChecked(listening.is_foley_alone)
        self._dimmed.setChecked(listening.is_production_dimmed)
        self._view.update()
        self.changed.emit()

    def _fill_menu(self) -> None:
        menu = self._menu
        assert menu is not None
        for action in menu.actions():
            if action.property("of_track"):
                menu.removeAction(action)
                action.deleteLater()
        listening = self.listening
        for lane in self._sounding_lanes():
            muted, soloed = lane.track in listening.muted, lane.track in listening.soloed
            name = lane.track if lane.title in ("", lane.track) else f"{lane.track} · {lane.title}"
            self._add(menu, self.tr("Mute {}").format(name_in_menu(name)), muted, lane, TrackButton.MUTE)
            self._add(menu, self.tr("Solo {}").format(name_in_menu(name)), soloed, lane, TrackButton.SOLO)

    def _sounding_lanes(self) -> list[Lane]:
        lanes = (placed.lane for placed in self._session.scene.stack.lanes)
        return [lane for lane in lanes if lane.kind is not LaneKind.VIDEO]

    def _add(self, menu: QMenu, words: str, is_on: bool, lane: Lane, button: TrackButton) -> None:
        action = QAction(words, menu)
        action.setCheckable(True)
        action.setChecked(is_on)
        action.setProperty("of_track", True)
        toggle: Callable[[], None] = lambda: self.toggle(lane.track, button)  # noqa: E731
        action.triggered.connect(toggle)
        menu.addAction(action)
