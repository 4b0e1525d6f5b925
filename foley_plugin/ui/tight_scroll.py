"""Room for a form that may be taller than its place: it is shown whole where it fits, and scrolls where it does not."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget


class TightScroll(QScrollArea):
    """Never taller than its content, and as low as `least_px` where there is no room."""

    def __init__(self, content: QWidget, least_px: int) -> None:
        super().__init__()
        self._content, self._least_px = content, least_px
        self.setObjectName("tight")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        hint, bar = self._content.minimumSizeHint(), self.verticalScrollBar()
        bar_px = bar.sizeHint().width() if bar is not None else 0
        return QSize(hint.width() + bar_px, min(hint.height(), self._least_px))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
