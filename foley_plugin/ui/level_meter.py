"""How loud it is, beside the picture: two bars in dB, the peak in figures, and a light that tells of clipping."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from PyQt6.QtCore import QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from foley_plugin.qtmodels.heard_levels import FLOOR_DB, Block, Meter
from foley_plugin.ui import theme

SHOWS_EVERY_MS = 33
WIDTH_PX = 58
BAR_PX = 10
BAR_GAP_PX = 2
LEFT_PX = 7
LIGHT_PX = 9
TOP_PX = 24
FOOT_PX = 22
MARKS_DB = (0, -6, -12, -18, -24, -36, -48, -60)
LOUD_DB = -6.0


class LevelMeter(QWidget):
    """Shows what is heard now, asked for thirty times a second while it plays and until the bars have fallen."""

    def __init__(self, heard: Callable[[], Iterable[Block]]) -> None:
        super().__init__()
        self._heard = heard
        self.meter = Meter()
        self._is_playing = False
        self._small = theme.timecode_font(9)
        self._figures = theme.timecode_font(11)
        self._timer = QTimer(self)
        self._timer.setInterval(SHOWS_EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        self.setFixedWidth(WIDTH_PX)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Level meter"))
        self.setToolTip(
            self.tr(
                "Peak and loudness of what is heard, in dB; click to put out the light that tells of clipping"
            )
        )
        self._describe()

    def show_playing(self, is_playing: bool) -> None:
        self._is_playing = is_playing
        if is_playing:
            self._timer.start()
        else:
            self._describe()

    def refresh(self) -> None:
        self.meter.show(self._heard() if self._is_playing else (), time.perf_counter())
        self.update()
        if not self._is_playing and self.meter.is_at_rest:
            self._timer.stop()

    def put_out(self) -> None:
        self.meter.reset_clipped()
        self._describe()
        self.update()

    def figures(self) -> str:
        """The held peak of the louder side."""
        peak_db = max(self.meter.held_db)
        return "–∞" if peak_db <= FLOOR_DB else f"{peak_db:+.1f}".replace("-", "–")

    def _describe(self) -> None:
        words = self.tr("Peak {} dB").format(self.figures())
        if any(self.meter.has_clipped):
            words = self.tr("Peak {} dB, it clipped").format(self.figures())
        self.setAccessibleDescription(words)

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 200)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self.put_out()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.put_out()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            worn = theme.palette()
            painter.fillRect(self.rect(), QColor(worn.panel))
            for side in (0, 1):
                self._paint_bar(painter, side)
            self._paint_scale(painter)
            painter.setFont(self._figures)
            painter.setPen(QColor(worn.error if any(self.meter.has_clipped) else worn.text))
            foot = QRectF(0, self.height() - FOOT_PX, self.width(), FOOT_PX)
            painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, self.figures())
            if self.hasFocus():
                painter.setPen(QColor(worn.accent))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_bar(self, painter: QPainter, side: int) -> None:
        worn, meter = theme.palette(), self.meter
        left = LEFT_PX + side * (BAR_PX + BAR_GAP_PX)
        has_clipped = meter.has_clipped[side]
        light = QRectF(left, TOP_PX - LIGHT_PX - 4, BAR_PX, LIGHT_PX)
        painter.fillRect(light, QColor(worn.error if has_clipped else worn.sunken))
        if has_clipped:
            painter.setFont(self._small)
            painter.setPen(QColor(worn.on_accent))
            painter.drawText(light, Qt.AlignmentFlag.AlignCenter, "!")
        bottom, top = self._y_of(FLOOR_DB), self._y_of(0.0)
        painter.fillRect(QRectF(left, top, BAR_PX, bottom - top), QColor(worn.sunken))
        self._fill(painter, left, BAR_PX, meter.peak_db[side], faint=True)
        self._fill(painter, left, BAR_PX, meter.rms_db[side], faint=False)
        held_db = meter.held_db[side]
        if held_db > FLOOR_DB:
            painter.fillRect(QRectF(left, self._y_of(min(0.0, held_db)), BAR_PX, 2), QColor(worn.text))

    def _fill(self, painter: QPainter, left: float, width: float, level_db: float, *, faint: bool) -> None:
        worn = theme.palette()
        bottom, loud = self._y_of(FLOOR_DB), self._y_of(LOUD_DB)
        top = self._y_of(min(0.0, level_db))
        painter.setOpacity(0.45 if faint else 1.0)
        painter.fillRect(QRectF(left, max(top, loud), width, bottom - max(top, loud)), QColor(worn.ok))
        if top < loud:
            painter.fillRect(QRectF(left, top, width, loud - top), QColor(worn.accent))
        painter.setOpacity(1.0)

    def _paint_scale(self, painter: QPainter) -> None:
        worn = theme.palette()
        painter.setFont(self._small)
        left = LEFT_PX + 2 * BAR_PX + BAR_GAP_PX + 3
        for mark_db in MARKS_DB:
            y = self._y_of(mark_db)
            painter.setPen(QColor(worn.line_soft))
            painter.drawLine(round(left), round(y), round(left) + 3, round(y))
            painter.setPen(QColor(worn.text_dim))
            box = QRectF(left + 5, y - 7, self.width() - left - 5, 14)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, str(abs(mark_db)))

    def _y_of(self, level_db: float) -> float:
        height = self.height() - TOP_PX - FOOT_PX - 4
        return TOP_PX + height * min(1.0, max(0.0, level_db / FLOOR_DB))
