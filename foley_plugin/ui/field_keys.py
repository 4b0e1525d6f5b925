"""Keys that belong to a field while it has the focus, though they are commands elsewhere."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent

KEYS = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}


class FieldKeys(QObject):
    """An event filter: the arrows move within a list or a number, not the playhead."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.key() in KEYS
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)
