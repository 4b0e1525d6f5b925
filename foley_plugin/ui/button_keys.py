"""Space and Enter press the button that was reached by keyboard, though Space is a command elsewhere."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QWidget

ENTER_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
PRESS_KEYS = ENTER_KEYS | {Qt.Key.Key_Space}


class ButtonKeys(QObject):
    """Watches the button of a window that has the focus; after a click of the mouse, Space plays as before.

    Only the button in focus is watched, since a filter of the whole application is asked for every event.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._watched: QAbstractButton | None = None
        self._is_by_mouse = False
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus)

    def _on_focus(self, old: QWidget | None, now: QWidget | None) -> None:
        if now is None or now is self._watched or now.window() is not self._window:
            return  # to another window and back: the button was reached as it was before
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched.destroyed.disconnect(self._forget)
            self._forget()
        if isinstance(now, QAbstractButton):
            self._watched = now
            now.installEventFilter(self)
            now.destroyed.connect(self._forget)

    def _forget(self) -> None:
        self._watched, self._is_by_mouse = None, False

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is not self._watched or event is None:
            return super().eventFilter(watched, event)
        if event.type() is QEvent.Type.MouseButtonPress:
            self._is_by_mouse = True  # the press comes after the focus that it gives
        elif isinstance(event, QKeyEvent) and self._is_press(event):
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and event.key() in ENTER_KEYS:
                if not event.isAutoRepeat() and self._watched is not None:
                    self._watched.click()
                return True
        return super().eventFilter(watched, event)

    def _is_press(self, event: QKeyEvent) -> bool:
        has_modifiers = bool(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
        return event.key() in PRESS_KEYS and not has_modifiers and not self._is_by_mouse
