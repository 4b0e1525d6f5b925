"""A field that shows a chosen sound in words and opens the list to choose another."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QPushButton

from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.ui import theme
from foley_plugin.ui.actions import name_in_menu
from foley_plugin.ui.sound_popup import RowsFor, SoundPopup

CHEVRON_ROOM_PX = 24
LEAST_WIDTH_PX = 90
"""Whatever it says; longer words are elided."""
OPENING_KEYS = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class SoundField(QPushButton):
    row_taken = pyqtSignal(object, bool)
    """See `SoundPopup.row_taken`."""

    def __init__(self, accessible_name: str, *, takes_several: bool) -> None:
        super().__init__()
        self.setObjectName("field")
        self.setMinimumWidth(LEAST_WIDTH_PX)
        self._name = accessible_name
        self._words = ""
        self._rows_for: RowsFor = lambda query: ()
        self._chosen: Callable[[], frozenset[str]] = frozenset
        self._empty_words = ""
        self.popup = SoundPopup(self, takes_several=takes_several)
        self.popup.row_taken.connect(self.row_taken)
        self.clicked.connect(self.open)
        self.installEventFilter(self)

    def set_source(self, rows_for: RowsFor, chosen: Callable[[], frozenset[str]], empty_words: str) -> None:
        """Where the list's rows come from; asked whenever it opens."""
        self._rows_for, self._chosen, self._empty_words = rows_for, chosen, empty_words

    def set_words(self, words: str) -> None:
        self._words = words
        self.setAccessibleName(f"{self._name}: {words}")
        self.setToolTip(plain_tip(words))
        self._elide()

    @property
    def words(self) -> str:
        return self._words

    def open(self, typed: str = "") -> None:
        self.popup.open_under(self, self._rows_for, self._chosen(), self._empty_words)
        if isinstance(typed, str) and typed:
            self.popup.search.setText(typed)

    def _elide(self) -> None:
        room = max(0, self.width() - CHEVRON_ROOM_PX - 10)
        words = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        self.setText(name_in_menu(words))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Down opens the list; a letter opens it and is searched for, though letters are commands elsewhere."""
        if isinstance(event, QKeyEvent) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            types = event.text().strip().isalpha() and not event.modifiers() & Qt.KeyboardModifier.AltModifier
            if types or event.key() in OPENING_KEYS:
                if event.type() is QEvent.Type.ShortcutOverride:
                    event.accept()
                    return True
                if event.type() is QEvent.Type.KeyPress:
                    self.open(event.text() if types else "")
                    return True
        if event is not None and event.type() is QEvent.Type.Resize:
            self._elide()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        worn = theme.palette()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(worn.text_dim if self.isEnabled() else worn.text_faint), 1.5))
            x, y = self.width() - 14.0, self.height() / 2
            painter.drawPolyline(
                QPolygonF([QPointF(x - 3.5, y - 2), QPointF(x, y + 2), QPointF(x + 3.5, y - 2)])
            )
