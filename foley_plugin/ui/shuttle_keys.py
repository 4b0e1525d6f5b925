"""J, K and L as on an edit controller: again is faster, K held with one of them is a frame, or slow while held."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication, QWidget

from foley_plugin.qtmodels.playback import SLOW_SPEED, Playback
from foley_plugin.ui.actions import Actions

HELD_KEYS = (Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_L)


class ShuttleKeys(QObject):
    """Actions tell that a key was pressed; whether it is held is seen at whatever has the focus."""

    def __init__(self, playback: Playback, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._playback, self._window = playback, window
        self._step = {1: actions["frame_forward"], -1: actions["frame_back"]}
        self._is_k_held = self._is_repeat = self._is_slow = False
        actions["stop"].triggered.connect(self._on_stop)
        actions["play_forwards"].triggered.connect(lambda: self._on_shuttle(1))
        actions["play_backwards"].triggered.connect(lambda: self._on_shuttle(-1))
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus)

    def _on_stop(self) -> None:
        if not self._is_repeat:
            self._playback.stop()

    def _on_shuttle(self, direction: int) -> None:
        if self._is_k_held and self._is_repeat:
            if not self._playback.is_playing:
                self._is_slow = True
                self._playback.play_at(direction * SLOW_SPEED)
        elif self._is_k_held:
            self._step[direction].trigger()
        elif not self._is_repeat:
            self._playback.shuttle(direction)

    def _on_focus(self, old: QWidget | None, now: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        self._is_k_held = self._is_repeat = False
        if now is not None and now.window() is self._window:
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.key() in HELD_KEYS:
            if event.type() is QEvent.Type.KeyRelease:
                if not event.isAutoRepeat():
                    self._on_released(event.key())
            else:  # a shortcut is asked about first, so this comes before what it triggers
                self._is_repeat = event.isAutoRepeat()
                self._is_k_held = self._is_k_held or event.key() == Qt.Key.Key_K
        return False

    def _on_released(self, key: int) -> None:
        self._is_repeat = False
        if key == Qt.Key.Key_K:
            self._is_k_held = False
        if self._is_slow:
            self._is_slow = False
            self._playback.stop()
