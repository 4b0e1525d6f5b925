"""Icons that are drawn once, in the dark palette, and painted in whatever palette is worn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from foley_plugin.ui.palette import DARK, Palette

ROLES = ("text", "text_dim", "accent", "on_accent", "error", "ok", "panel")
"""Colours of the dark palette that the files in resources/icons are drawn in."""

FADED = 0.38
"""Opacity of an icon that is disabled."""


class ThemeIcon(QIconEngine):
    """Paints an SVG with its colours replaced by their counterparts, at whatever size and scale is asked for."""

    def __init__(self, file: Path, worn: Callable[[], Palette]) -> None:
        super().__init__()
        self._file, self._worn = file, worn
        self._drawing = file.read_text(encoding="utf-8")
        self._renderer: tuple[Palette, QSvgRenderer] | None = None

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        assert painter is not None
        painter.save()
        if mode is QIcon.Mode.Disabled:
            painter.setOpacity(painter.opacity() * FADED)
        self._rendered().render(painter, QRectF(rect))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        return pixmap

    def clone(self) -> QIconEngine:
        return ThemeIcon(self._file, self._worn)

    def _rendered(self) -> QSvgRenderer:
        palette = self._worn()
        if self._renderer is None or self._renderer[0] is not palette:
            drawing = self._drawing
            for role in ROLES:
                drawing = drawing.replace(getattr(DARK, role), getattr(palette, role))
            self._renderer = (palette, QSvgRenderer(drawing.encode()))
        return self._renderer[1]
