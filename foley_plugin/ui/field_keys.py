"""Keys that belong to a field while it has the focus, though they are commands elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent

KEYS = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}
ROW_KEYS = {Qt.Key.Key_Left, Qt.Key.Key_Right}
"""Of what lies in a row, such as tabs."""
SLIDER_KEYS = KEYS | ROW_KEYS


class FieldKeys(QObject):
    """An event filter: the arrows move within a list or a number, not the playhead.

    Left and right with another key held are commands everywhere.
    """

    def __init__(self, parent: QObject, keys: Collection[int] = KEYS) -> None:
        super().__init__(parent)
        self._keys = keys

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and self._is_own(event)
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _is_own(self, event: QKeyEvent) -> bool:
        is_plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return event.key() in self._keys and (is_plain or event.key() in KEYS)
