"""The timeline: one hand-painted widget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QToolTip, QWidget

from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX, ClipKey, LaneItem
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.qtmodels.time_scale import TimeScale
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.ui.item_painter import Thumbnails, Waves
from foley_plugin.ui.panel_words import in_the_panel
from foley_plugin.ui.ruler_painter import HEADER_PX, PLAYHEAD_HEAD_PX, Look, playhead_x, track_button_at
from foley_plugin.ui.timeline_mouse import TimelineMouse
from foley_plugin.ui.track_buttons import TrackButton

if TYPE_CHECKING:
    from foley_plugin.ui.hit_mouse import HitMouse
    from foley_plugin.ui.timeline_painter import TimelinePainter

ZOOM_STEP = 1.25
WHEEL_NOTCH = 120
MAX_STRIPS = 6
"""Of a running playhead, painted one by one; more between two paints are painted at once."""
ROOM_AROUND = 0.04
"""Of what is zoomed to, on both sides."""
SNAP_PX = 7
"""How near the mouse must come to an edit, a mark or a hit to be drawn to it."""


class TimelineView(QWidget):
    """Draws a `TimelineScene` and turns gestures into changes of it.

    The scene is the session's; the view changes its playhead, range and selection and says so. It keeps
    only what is its own: zoom, scroll, the rubber band.
    """

    playhead_moved = pyqtSignal(float)
    """By hand; seconds from the timeline's start."""
    selection_changed = pyqtSignal()
    range_changed = pyqtSignal()
    look_changed = pyqtSignal()
    context_requested = pyqtSignal(QPoint)
    digit_typed = pyqtSignal(str)
    """One that no command is bound to: the beginning of a timecode."""
    track_button_pressed = pyqtSignal(str, object)
    """A track's short name and the `TrackButton` in its header."""

    def __init__(self, scene: TimelineScene, thumbnails: Thumbnails, waves: Waves) -> None:
        super().__init__()
        self.scene = scene
        self._look = Look(TimeScale())
        self._thumbnails, self._waves = thumbnails, waves
        self._mouse = TimelineMouse(self)
        self._strips: list[QRect] = []
        self.is_snapping = True
        self.hit_mouse: HitMouse | None = None
        """Is asked first: hits and curves lie over the clips."""
        self.context_at: QPointF | None = None
        """Where the right mouse button was pressed last; None where the menu was asked for by key."""
        self.is_held = False
        """A mouse button is down: nothing may move under the hand."""
        self._band_base: tuple[set[ClipKey], set[str]] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Timeline"))
        self.setMinimumHeight(RULER_HEIGHT_PX + 80)

    @cached_property
    def _painter(self) -> TimelinePainter:
        from foley_plugin.ui.timeline_painter import (
            TimelinePainter,  # with numpy, which a cut needs and a start not
        )

        return TimelinePainter(self._thumbnails, self._waves)

    # Zoom and scroll

    @property
    def scale(self) -> TimeScale:
        return self._look.scale

    @property
    def scroll_y_px(self) -> int:
        return self._look.scroll_y_px

    @property
    def max_scroll_y_px(self) -> int:
        return max(0, self.scene.stack.height_px - (self.height() - RULER_HEIGHT_PX))

    def set_scale(self, scale: TimeScale) -> None:
        if scale != self._look.scale:
            self._look = replace(self._look, scale=scale)
            self._look_has_changed()

    def set_scroll_y(self, scroll_y_px: int) -> None:
        scroll_y_px = min(max(0, scroll_y_px), self.max_scroll_y_px)
        if scroll_y_px != self._look.scroll_y_px:
            self._look = replace(self._look, scroll_y_px=scroll_y_px)
            self._look_has_changed()

    def _look_has_changed(self) -> None:
        self.update()
        self.look_changed.emit()

    def fit(self) -> None:
        self.set_scale(self.scale.fitted(0.0, self.scene.duration_s or 10.0))

    def zoom(self, factor: float, about_s: float | None = None) -> None:
        """About the playhead where it is seen, else about the middle, unless told."""
        if about_s is None:
            playhead_s = self.scene.playhead_s
            seen = self.scale.left_s <= playhead_s <= self.scale.right_s
            about_s = playhead_s if seen else self.scale.time_at(self.scale.width_px / 2)
        self.set_scale(self.scale.zoomed(factor, about_s))

    def zoom_to_selection(self) -> None:
        """What is selected, else the marked range, fills the view; with neither, all of the cut."""
        lanes = (placed.lane for placed in self.scene.stack.lanes)
        chosen = [item for lane in lanes for item in lane.items if self.scene.is_selected(item)]
        if chosen:
            from_s = min(item.record_in_s for item in chosen)
            to_s = max(item.record_out_s for item in chosen)
        else:
            from_s, to_s = self.scene.marked_range_s or (0.0, self.scene.duration_s or 10.0)
        margin_s = ROOM_AROUND * (to_s - from_s)
        self.set_scale(self.scale.fitted(max(0.0, from_s - margin_s), to_s + margin_s))

    def set_snapping(self, is_snapping: bool) -> None:
        self.is_snapping = is_snapping

    def show_scene(self, scene: TimelineScene) -> None:
        """Another cut: draw it whole."""
        self.scene = scene
        self._mouse.begin_cut()
        self._look = Look(self.scale)
        self.fit()
        self._look_has_changed()

    def lanes_changed(self) -> None:
        self.set_scroll_y(self.scroll_y_px)
        self._look_has_changed()

    def reveal_take(self, take_id: str) -> None:
        """Scroll up or down until the lane of a take is seen whole."""
        for placed in self.scene.stack.lanes:
            if any(item.take_id == take_id for item in placed.lane.items):
                room_px = self.height() - RULER_HEIGHT_PX
                lowest = placed.bottom_px - room_px
                self.set_scroll_y(min(max(self.scroll_y_px, lowest), placed.top_px))

    # The playhead

    def show_playhead(self, time_s: float, *, follow: bool) -> None:
        """Only the strips around the old and the new place are painted again."""
        before = playhead_x(self.scene, self._look)
        self.scene.playhead_s = time_s
        if follow:
            self.set_scale(self.scale.revealing(time_s))
        after = playhead_x(self.scene, self._look)
        strips = [
            QRect(x - PLAYHEAD_HEAD_PX, 0, 2 * PLAYHEAD_HEAD_PX, self.height()) for x in {before, after}
        ]
        if abs(after - before) < 2 * PLAYHEAD_HEAD_PX:
            strips = [strips[0].united(strips[-1])]
        for strip in (*strips, QRect(0, 0, HEADER_PX, RULER_HEIGHT_PX)):
            self._strips.append(strip)
            self.update(strip)
        del self._strips[:-MAX_STRIPS]

    # TimelineSurface

    def frame_time_at(self, x_px: float) -> float:
        time_s = self.scale.time_at(x_px - HEADER_PX)
        if self.is_snapping:
            time_s = self.scene.snapped_s(time_s, self.scale.duration_of(SNAP_PX))
        return self.scene.on_frame_s(time_s)

    def item_at(self, at: QPointF) -> LaneItem | None:
        if at.x() < HEADER_PX or at.y() < RULER_HEIGHT_PX:
            return None
        y_px = at.y() - RULER_HEIGHT_PX + self.scroll_y_px
        return self.scene.stack.item_at(self.scale.time_at(at.x() - HEADER_PX), y_px)

    def opposite_mark_s(self, x_px: float, within_px: float) -> float | None:
        marked = self.scene.marked_range_s
        if marked is None:
            return None
        distances = [abs(self.scale.x_of(edge) + HEADER_PX - x_px) for edge in marked]
        nearest = min((0, 1), key=lambda end: distances[end])
        return marked[1 - nearest] if distances[nearest] <= within_px else None

    def move_playhead(self, time_s: float) -> None:
        self.playhead_moved.emit(self.scene.clamped_s(time_s))

    def mark_range(self, from_s: float, to_s: float) -> None:
        self.scene.clear_range()
        if from_s != to_s:
            self.scene.in_s, self.scene.out_s = min(from_s, to_s), max(from_s, to_s)
        self._range_has_changed()

    def pan(self, by: QPointF) -> None:
        self.set_scale(self.scale.scrolled_to(self.scale.left_s - self.scale.duration_of(by.x())))
        self.set_scroll_y(self.scroll_y_px - round(by.y()))

    def draw_band(self, band: QRectF, modifiers: Qt.KeyboardModifier) -> None:
        scene = self.scene
        if self._band_base is None:
            self._band_base = (set(scene.selected_clips), set(scene.selected_takes))
        scene.selected_clips, scene.selected_takes = set(self._band_base[0]), set(self._band_base[1])
        offset = self.scroll_y_px - RULER_HEIGHT_PX
        from_s, to_s = (self.scale.time_at(x - HEADER_PX) for x in (band.left(), band.right()))
        scene.select_also(scene.stack.items_in(from_s, to_s, band.top() + offset, band.bottom() + offset))
        self._look.band = band
        self._selection_has_changed()

    def drop_band(self) -> None:
        self._band_base = None
        self._look.band = None
        self.update()

    def select(self, items: Iterable[LaneItem]) -> None:
        self.scene.select_only(items)
        self._selection_has_changed()

    def toggle(self, item: LaneItem) -> None:
        self.scene.toggle(item)
        self._selection_has_changed()

    def select_through(self, first: LaneItem, last: LaneItem) -> None:
        places = [placed for placed in self.scene.stack.lanes if {first, last} & set(placed.lane.items)]
        from_s = min(first.record_in_s, last.record_in_s)
        to_s = max(first.record_out_s, last.record_out_s)
        top, bottom = places[0].top_px, places[-1].bottom_px
        self.scene.select_only(self.scene.stack.items_in(from_s, to_s, top, bottom))
        self._selection_has_changed()

    def select_all(self) -> None:
        self.select(item for placed in self.scene.stack.lanes for item in placed.lane.items if item.clip_keys)

    def mark_in(self) -> None:
        self.scene.mark_in(self.scene.playhead_s)
        self._range_has_changed()

    def mark_out(self) -> None:
        self.scene.mark_out(self.scene.playhead_s)
        self._range_has_changed()

    def clear_range(self) -> None:
        self.scene.clear_range()
        self._range_has_changed()

    def _selection_has_changed(self) -> None:
        self.update()
        self.selection_changed.emit()

    def _range_has_changed(self) -> None:
        self.update()
        self.range_changed.emit()

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(1200, 360)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        assert event is not None
        with QPainter(self) as painter:
            for dirty in self._dirty(event):
                self.paint_on(painter, dirty)

    def paint_on(self, painter: QPainter, dirty: QRect) -> None:
        """What a paint event does, on whatever the painter paints on."""
        self._painter.paint(painter, dirty, self.rect(), self.scene, self._look)

    def _dirty(self, event: QPaintEvent) -> list[QRect]:
        """A running playhead dirties three strips; the box around them would be most of the timeline."""
        strips, self._strips = self._strips, []
        rest = event.region()
        for strip in strips:
            rest = rest.subtracted(QRegion(strip))
        return strips if strips and rest.isEmpty() else [event.rect()]

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self.set_scale(self.scale.with_width(self.width() - HEADER_PX))
        self.set_scroll_y(self.scroll_y_px)
        self.look_changed.emit()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        self.is_held = True
        pressed = track_button_at(event.position(), self.scene, self._look)
        if pressed is not None and event.button() is Qt.MouseButton.LeftButton:
            self.track_button_pressed.emit(*pressed)
            return
        if self.hit_mouse is None or not self.hit_mouse.press(event):
            self._mouse.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if self.hit_mouse is None or not self.hit_mouse.double_click(event):
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        self.is_held = event.buttons() != Qt.MouseButton.NoButton  # a drag to another program ends unseen
        if self.hit_mouse is None or not self.hit_mouse.move(event):
            self._mouse.move(event)
        hit_cursor = None if self.hit_mouse is None else self.hit_mouse.cursor_at(event.position())
        if hit_cursor is not None:
            self.setCursor(hit_cursor)
            return
        over_mark = (
            event.position().y() < RULER_HEIGHT_PX
            and self.opposite_mark_s(event.position().x(), 5) is not None
        )
        self.setCursor(Qt.CursorShape.SizeHorCursor if over_mark else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self.is_held = event is not None and event.buttons() != Qt.MouseButton.NoButton
        if self.hit_mouse is None or not self.hit_mouse.release():
            self._mouse.release()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Escape lets go of what is dragged; a digit begins a timecode."""
        assert event is not None
        if event.key() == Qt.Key.Key_Escape and self.hit_mouse is not None and self.hit_mouse.cancel():
            return
        if event.text() and event.text() in "0123456789":
            self.digit_typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        assert event is not None
        item = self.item_at(QPointF(event.pos()))
        if event.reason() is QContextMenuEvent.Reason.Mouse and item and not self.scene.is_selected(item):
            self.select([item])
        is_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        self.context_at = QPointF(event.pos()) if is_mouse else None
        self.context_requested.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zooms about the mouse; with Shift, or sideways, scrolls; over the headers goes up and down."""
        assert event is not None
        delta = event.angleDelta()
        sideways = delta.x() or (delta.y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0)
        if sideways:
            step_s = 0.12 * self.scale.visible_s * sideways / WHEEL_NOTCH
            self.set_scale(self.scale.scrolled_to(self.scale.left_s - step_s))
        elif event.position().x() < HEADER_PX or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_scroll_y(self.scroll_y_px - round(delta.y() / WHEEL_NOTCH * 40))
        else:
            about_s = self.scale.time_at(event.position().x() - HEADER_PX)
            self.zoom(ZOOM_STEP ** (delta.y() / WHEEL_NOTCH), about_s)
        event.accept()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), plain_tip(self.tooltip_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def tooltip_at(self, at: QPointF) -> str:
        """What stands under the mouse: name, timecodes and, where it is a clip, how it stands."""
        if at.y() < RULER_HEIGHT_PX and at.x() >= HEADER_PX:
            return self.tr("Click to move the playhead; hold Shift and drag to mark a range")
        of_hit = "" if self.hit_mouse is None else self.hit_mouse.tooltip_at(at)
        if of_hit:
            return of_hit
        item = self.item_at(at)
        if item is None:
            return self._track_tooltip(at)
        ruler = self.scene.ruler
        lines = [item.name, f"{ruler.text(item.record_in_s)} – {ruler.text(item.record_out_s)}"]
        if item.clip_keys:
            lines.append(in_the_panel(self.scene.status_of(item).words))
        if item.is_retimed:
            lines.append(self.tr("Its speed is changed, so it is not heard here"))
        return "\n".join(lines)

    def _track_tooltip(self, at: QPointF) -> str:
        found = track_button_at(at, self.scene, self._look)
        if found is None:
            return ""
        track, button = found
        words = self.tr("Mute {}") if button is TrackButton.MUTE else self.tr("Solo {}")
        return words.format(track)
