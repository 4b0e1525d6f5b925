"""Paints a take as a lane: its number, star, name and sync above, its wave on the clip's own time below."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PyQt6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from foley_plugin.qtmodels.lanes import LaneItem, LaneKind
from foley_plugin.qtmodels.take_list import ROW_ROLE, TakeListModel
from foley_plugin.qtmodels.take_rows import TakeRow
from foley_plugin.qtmodels.waveform import Waveform
from foley_plugin.ui import theme
from foley_plugin.ui.timeline_colours import colours

LANE_PX = 46
WORDS_PX = 20
PAD_PX = 6
NUMBER_PX = 14
ICON_PX = 13
GAP_PX = 4
TICK_PX = 5
SLIP_PX = 13
HEARD_PX = 7
PLACED_BAR_PX = 3

Waves = Callable[[LaneItem], Waveform | None]


@dataclass(frozen=True)
class LaneTime:
    """The stretch of the timeline that all lanes show: the clip. Seconds from the timeline's start."""

    in_s: float = 0.0
    out_s: float = 1.0
    playhead_s: float = 0.0

    def x_of(self, time_s: float, box: QRectF) -> float:
        return box.left() + (time_s - self.in_s) / max(1e-6, self.out_s - self.in_s) * box.width()


class TakeLanePainter(QStyledItemDelegate):
    """A delegate: the list view keeps keys, selection and what screen readers are told."""

    star_clicked = pyqtSignal(str)

    def __init__(self, waves: Waves, parent: QWidget) -> None:
        super().__init__(parent)
        self._waves = waves
        self.time = LaneTime()
        self.heard: str | None = None
        """The take that is heard instead of the one on the timeline."""
        self.onsets_of: Callable[[str], Iterable[float]] = lambda _: ()
        """What was measured in a file: onsets, seconds from its start."""
        self._font, self._small = theme.ui_font(11), theme.ui_font(10)
        self._bold = theme.ui_font(11, bold=True)
        self._star, self._star_on = theme.icon("star"), theme.icon("star-on")
        self._placed = theme.icon("placed")

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(120, LANE_PX)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        model = index.model()
        if painter is None or not isinstance(row, TakeRow) or not isinstance(model, TakeListModel):
            return
        painter.save()
        box = QRectF(option.rect)
        self._paint_ground(painter, box, option, row)
        self._paint_words(painter, box, row)
        self._paint_wave(painter, _wave_box(box), row)
        slip = model.slip_words(row)
        if slip:
            self._paint_slip(painter, _wave_box(box), slip)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, box: QRectF, option: QStyleOptionViewItem, row: TakeRow
    ) -> None:
        worn = theme.palette()
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(box, QColor(worn.hover if is_selected else worn.panel))
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), QColor(worn.line_soft))
        if row.is_placed:
            painter.fillRect(
                QRectF(box.left(), box.top(), PLACED_BAR_PX, box.height() - 1), QColor(worn.accent)
            )
        if is_selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(worn.accent), 1))
            painter.drawRect(box.adjusted(0.5, 0.5, -1, -1.5))

    def _paint_words(self, painter: QPainter, box: QRectF, row: TakeRow) -> None:
        worn = theme.palette()
        line = QRectF(box.left() + PAD_PX, box.top() + 2, box.width() - 2 * PAD_PX, WORDS_PX)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._bold)
        painter.setPen(QColor(worn.accent if row.is_placed else worn.text_dim))
        number = str(row.number) if row.number else "·"
        painter.drawText(QRectF(line.left(), line.top(), NUMBER_PX, line.height()), middle, number)
        (self._star_on if row.is_favourite else self._star).paint(painter, _star_box(box))
        if row.is_placed:
            spot = QRectF(line.right() - ICON_PX, line.top(), ICON_PX, line.height())
            self._placed.paint(painter, _square(spot))
        right = line.right() - ICON_PX - GAP_PX
        painter.setFont(self._small)
        facts = self._facts(row)
        width = QFontMetricsF(self._small).horizontalAdvance(facts)
        painter.setPen(QColor(worn.text_dim))
        painter.drawText(QRectF(right - width, line.top(), width + 1, line.height()), middle, facts)
        name = _name_box(box)
        name.setRight(right - width - GAP_PX)
        font = self._bold if row.is_placed else self._font
        painter.setFont(font)
        painter.setPen(QColor(worn.text_faint if row.is_trashed else worn.text))
        words = QFontMetricsF(font).elidedText(row.name, Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, middle, words)
        if row.is_trashed:
            width = min(name.width(), QFontMetricsF(font).horizontalAdvance(words))
            y = name.center().y()
            painter.drawLine(QPointF(name.left(), y), QPointF(name.left() + width, y))

    def _facts(self, row: TakeRow) -> str:
        """Sync and rank, as short as they can be said; the tooltip says them in full."""
        if row.take_id == self.heard:
            return self.tr("heard now")
        parts = []
        if row.sync is not None:
            parts.append(f"{row.sync.f1_100ms:.2f}")
            if row.sync.offset_ms is not None:
                parts.append(f"{_signed(round(row.sync.offset_ms))} ms")
        if row.rank is not None:
            parts.append(f"#{row.rank}")
        return "  ".join(parts)

    def _paint_slip(self, painter: QPainter, box: QRectF, words: str) -> None:
        """In the corner of the wave, on a ground of its own."""
        worn = theme.palette()
        painter.setFont(self._small)
        width = QFontMetricsF(self._small).horizontalAdvance(words) + 2 * GAP_PX
        spot = QRectF(box.right() - width, box.bottom() - SLIP_PX, width, SLIP_PX)
        painter.fillRect(spot, QColor(worn.panel))
        painter.setPen(QColor(worn.text))
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_wave(self, painter: QPainter, box: QRectF, row: TakeRow) -> None:
        look, item, time = colours(), row.item, self.time
        painter.fillRect(box, look.lane_background)
        left, right = (time.x_of(edge_s, box) for edge_s in (item.record_in_s, item.record_out_s))
        body = QRectF(left, box.top(), right - left, box.height()).intersected(box)
        painter.fillRect(body, look.lanes[LaneKind.FOLEY].body)
        if row.is_trashed:
            painter.setOpacity(0.45)
        wave = self._waves(item)
        if wave is not None and body.width() >= 1:
            self._paint_peaks(painter, box, body, item, wave)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.hit)
        for hit_s in item.hits_s:
            x = time.x_of(item.record_in_s + hit_s, box)
            if box.left() <= x <= box.right():
                notch = [QPointF(x + dx, box.top() + y) for dx, y in ((-3, 0), (3, 0), (0, TICK_PX))]
                painter.drawPolygon(QPolygonF(notch))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_heard(painter, box, body, item)
        painter.setOpacity(1.0)
        if time.in_s <= time.playhead_s <= time.out_s:
            x = round(time.x_of(time.playhead_s, box))
            painter.fillRect(QRectF(x, box.top(), 1, box.height()), look.accent)

    def _paint_peaks(
        self, painter: QPainter, box: QRectF, body: QRectF, item: LaneItem, wave: Waveform
    ) -> None:
        step_s = (self.time.out_s - self.time.in_s) / box.width()
        from_s = self.time.in_s + (int(body.left()) - box.left()) * step_s - item.record_in_s + item.wave_in_s
        peaks = wave.peaks(from_s, step_s, max(1, int(body.width())))
        middle, reach = body.center().y(), body.height() / 2 - 1
        left = int(body.left())
        upper = [QPointF(left + i, middle - peak * reach) for i, peak in enumerate(peaks)]
        lower = [QPointF(left + i, middle + max(0.5, peak * reach)) for i, peak in enumerate(peaks)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours().lanes[LaneKind.FOLEY].wave)
        painter.drawPolygon(QPolygonF(upper + lower[::-1]))

    def _paint_heard(self, painter: QPainter, box: QRectF, body: QRectF, item: LaneItem) -> None:
        """A stroke from below at each onset that is heard, so that one off its hit is seen."""
        if item.media is None:
            return
        for onset_s in self.onsets_of(item.media):
            x = self.time.x_of(item.record_in_s + onset_s - item.wave_in_s, box)
            if body.left() <= x < body.right():
                painter.fillRect(QRectF(round(x), box.bottom() - HEARD_PX, 1, HEARD_PX), colours().heard)

    def wave_strip(self, lane: QRect, time_s: float) -> QRect:
        """What must be painted again where the playhead is, or was."""
        box = _wave_box(QRectF(lane))
        x = round(self.time.x_of(time_s, box))
        return QRect(x - 1, int(box.top()), 3, int(box.height()) + 1)

    # Renaming, and the star

    def createEditor(
        self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget | None:
        editor = QLineEdit(parent)
        editor.setFont(self._font)
        editor.setAccessibleName(self.tr("Name of the take"))
        editor.setFrame(False)
        return editor

    def updateEditorGeometry(
        self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        if editor is not None:
            name = _name_box(QRectF(option.rect)).toRect()
            editor.setGeometry(name.adjusted(-GAP_PX, 0, 0, 4))

    def editorEvent(
        self,
        event: QEvent | None,
        model: QAbstractItemModel | None,
        option: QStyleOptionViewItem,
        index: QModelIndex,
    ) -> bool:
        row = index.data(ROW_ROLE)
        if (
            isinstance(event, QMouseEvent)
            and event.type() is QEvent.Type.MouseButtonRelease
            and event.button() is Qt.MouseButton.LeftButton
            and isinstance(row, TakeRow)
            and self.is_on_star(QRect(option.rect), event.position())
        ):
            self.star_clicked.emit(row.take_id)
            return True
        return super().editorEvent(event, model, option, index)

    def is_on_star(self, lane: QRect, at: QPointF) -> bool:
        return QRectF(_star_box(QRectF(lane))).adjusted(-3, -5, 3, 5).contains(at)


def _signed(number: int) -> str:
    """With a true minus, and none before nought."""
    return f"{number:+d}".replace("-", "−") if number else "0"


def _star_box(lane: QRectF) -> QRect:
    left = lane.left() + PAD_PX + NUMBER_PX
    return _square(QRectF(left, lane.top() + 2, ICON_PX, WORDS_PX))


def _name_box(lane: QRectF) -> QRectF:
    left = lane.left() + PAD_PX + NUMBER_PX + ICON_PX + GAP_PX + 2
    return QRectF(left, lane.top() + 2, lane.right() - PAD_PX - left, WORDS_PX)


def _wave_box(lane: QRectF) -> QRectF:
    return QRectF(
        lane.left() + PAD_PX, lane.top() + WORDS_PX + 3, lane.width() - 2 * PAD_PX, LANE_PX - WORDS_PX - 7
    )


def _square(box: QRectF) -> QRect:
    """The largest square in the middle."""
    side = int(min(box.width(), box.height()))
    return QRect(round(box.center().x() - side / 2), round(box.center().y() - side / 2), side, side)
