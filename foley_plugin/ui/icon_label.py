"""An icon that stands by itself and follows the palette when another is put on."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QSize
from PyQt6.QtWidgets import QLabel

from foley_plugin.ui import theme


class IconLabel(QLabel):
    def __init__(self, name: str = "blank", size_px: int = 16) -> None:
        super().__init__()
        self._name, self._size = name, QSize(size_px, size_px)
        self.setFixedSize(self._size)
        self.show_icon(name)

    def show_icon(self, name: str) -> None:
        self._name = name
        self.setPixmap(theme.icon(name).pixmap(self._size, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.PaletteChange:
            self.show_icon(self._name)
