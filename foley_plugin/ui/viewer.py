"""The picture at the playhead."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from foley_plugin.ui import theme
from foley_plugin.ui.panel_words import in_the_panel

BLACK = QColor("#0a0a0a")


class Viewer(QWidget):
    """Shows one image, as large as fits, on black; or a line of words where there is no picture."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._words = ""
        self.setAccessibleName(self.tr("Viewer"))
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def image(self) -> QImage | None:
        return self._image

    @property
    def words(self) -> str:
        return self._words

    def show_picture(self, image: QImage) -> None:
        self._image, self._words = image, ""
        self.update()

    def show_words(self, words: str) -> None:
        """No picture, and why."""
        words = in_the_panel(words)
        self._image, self._words = None, words
        self.setAccessibleDescription(words)
        self.update()

    def picture_height_px(self) -> int:
        """How many lines of picture are worth asking for, in device pixels, rounded so that sizes repeat."""
        height = self.height() * self.devicePixelRatioF()
        return max(90, min(1080, int(height // 90 * 90)))

    def sizeHint(self) -> QSize:
        return QSize(800, 450)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), BLACK)
            if self._image is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(self._picture_box(self._image), self._image)
            elif self._words:
                painter.setPen(QColor(theme.palette().text_faint))
                box = self.rect().adjusted(40, 0, -40, 0)
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(box, int(flags), self._words)

    def _picture_box(self, image: QImage) -> QRectF:
        scale = min(self.width() / image.width(), self.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
