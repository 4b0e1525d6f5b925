"""Words on one line that never make a window wider: what there is no room for is left out, and told on asking."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QToolTip

from foley_plugin.qtmodels.plain_tip import plain_tip


class ElidingLabel(QLabel):
    """Wants room for all its words and does with none; `text()` and screen readers have all of them.

    Args:
        takes_rest: the label wants no room of its own and takes what others leave, so that nothing beside it moves.
        mode: where words are left out; in the middle of names, which differ at their ends.
    """

    def __init__(
        self, *, takes_rest: bool = False, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__()
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)  # an editor's names are no markup
        wide = QSizePolicy.Policy.Ignored if takes_rest else QSizePolicy.Policy.Preferred
        self.setSizePolicy(wide, QSizePolicy.Policy.Preferred)

    def setText(self, words: str | None) -> None:
        super().setText(" ".join((words or "").splitlines()))

    @property
    def shown_text(self) -> str:
        """What of the words there is room for."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    @property
    def tip(self) -> str:
        """What the mouse is told: the words where some are left out, and what else there is to say."""
        left_out = self.text() if self.shown_text != self.text() else ""
        return "\n".join(words for words in (left_out, self.toolTip()) if words)

    # Qt

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        style, room = self.style(), self.contentsRect()
        if style is not None:
            with QPainter(self) as painter:
                style.drawItemText(
                    painter,
                    room,
                    int(self.alignment()),
                    self.palette(),
                    self.isEnabled(),
                    self.shown_text,
                    self.foregroundRole(),
                )

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), plain_tip(self.tip), self)
            return True
        return super().event(event)
