"""The playhead's timecode, and where another one is typed."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QLineEdit

from foley_plugin.ui import theme

WIDEST = "-00:00:00;000"


class TimecodeField(QLineEdit):
    """Shows where the playhead is until something is typed; Return goes there, Escape forgets it."""

    entered = pyqtSignal(str)
    left = pyqtSignal()
    """Done with: the keys belong to the timeline again."""

    def __init__(self) -> None:
        super().__init__("00:00:00:00")
        self._is_typing = False
        self._position = "00:00:00:00"
        self.setObjectName("timecode")
        font = theme.timecode_font(15)
        self.setFont(font)
        self.setFixedWidth(QFontMetrics(font).horizontalAdvance(WIDEST) + 14)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus | Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Playhead timecode"))
        self.setToolTip(
            self.tr(
                "Click, or press =, and type where to go: 01:00:10:05, or 1005 for ten seconds and five frames of "
                "this minute, or +10 or -1:00 to go on or back from here"
            )
        )
        self.textEdited.connect(self._on_edited)
        self.returnPressed.connect(self._on_return)

    def show_position(self, timecode: str) -> None:
        self._position = timecode
        if not self._is_typing and timecode != self.text():
            self.setText(timecode)
            if self.hasFocus():
                self.selectAll()

    def begin(self, typed: str = "") -> None:
        """Take the keys, with what was typed already."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        if typed:
            self._is_typing = True
            self.setText(typed)

    def refuse(self) -> None:
        """What was typed is not understood: it stays, to be mended."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()
        self._is_typing = True

    def _forget(self) -> None:
        self._is_typing = False
        self.setText(self._position)

    def _on_edited(self) -> None:
        self._is_typing = True

    def _on_return(self) -> None:
        typed = self.text()
        was_typing, self._is_typing = self._is_typing, False
        self.left.emit()
        if was_typing:
            self.setText(typed)
            self.entered.emit(typed)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        had_focus = self.hasFocus()
        super().mousePressEvent(event)
        if not had_focus:
            self.selectAll()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self._forget()
            self.left.emit()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        if event is not None and event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._forget()
