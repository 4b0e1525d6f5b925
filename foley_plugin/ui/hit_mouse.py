"""What the mouse does to hits and curves over the clips that are selected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from math import copysign

from PyQt6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PyQt6.QtGui import QMouseEvent

from foley_plugin.jobs.hand_hits import HandEdits, HitPoint
from foley_plugin.qtmodels.hit_book import HitBook
from foley_plugin.qtmodels.hit_commands import HitCommands, changed_hits
from foley_plugin.qtmodels.hit_edits import SAME_MOMENT_S, Hits, drawn, erased, moved, strengthened
from foley_plugin.qtmodels.hit_sheet import HeardHit, HitMark
from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX, ClipKey
from foley_plugin.ui.hit_marks import strength_at
from foley_plugin.ui.hit_words import words_of_heard, words_of_hit
from foley_plugin.ui.item_painter import STRIP_PX
from foley_plugin.ui.ruler_painter import HEADER_PX
from foley_plugin.ui.timeline_view import TimelineView

GRAB_PX = 6
"""How near to a hit's stem a press must be to take hold of it."""

DRAG_STARTS_PX = 4

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


class Drag(Enum):
    NONE = "none"
    GRABBED = "grabbed"
    MOVE = "move"
    STRENGTH = "strength"
    CURVE = "curve"
    BAND = "band"


@dataclass(frozen=True)
class Place:
    """A place over the body of a clip that is selected."""

    clip: ClipKey
    body: QRectF
    time_s: float
    """Seconds from the clip's start."""
    mark: HitMark | None
    """The hit that is there."""


class HitMouse:
    """Is asked before the timeline's own mouse; each call says whether the event was for hits.

    Args:
        on_dragged: told where a dragged hit lies on the timeline, in seconds, so that its picture is seen.
    """

    def __init__(
        self, view: TimelineView, book: HitBook, commands: HitCommands, on_dragged: Callable[[float], None]
    ) -> None:
        self._view, self._book, self._commands = view, book, commands
        self._on_dragged = on_dragged
        self.is_drawing_curve = False
        """A drag draws the curve instead of moving hits."""
        self._drag = Drag.NONE
        self._from = QPointF()
        self._place: Place | None = None
        self._before: dict[ClipKey, HandEdits] = {}
        self._grabbed: dict[ClipKey, set[HitPoint]] = {}
        self._hits: dict[ClipKey, Hits] = {}
        """All hits of the clips that some are dragged of, as they were before."""
        self._stroke: list[tuple[float, float]] = []

    def place_at(self, at: QPointF) -> Place | None:
        """Over the body of a selected clip that can have foley."""
        view = self._view
        item = view.item_at(at)
        if item is None or item.take_id is not None or not view.scene.is_selected(item):
            return None
        placed = view.scene.stack.lane_at(at.y() - RULER_HEIGHT_PX + view.scroll_y_px)
        assert placed is not None
        top = RULER_HEIGHT_PX + placed.top_px - view.scroll_y_px + STRIP_PX
        record_s = view.scale.time_at(at.x() - HEADER_PX)
        if at.y() < top:
            return None
        body = QRectF(
            HEADER_PX + view.scale.x_of(item.record_in_s),
            top,
            view.scale.pixels_per_s * item.duration_s,
            placed.lane.height_px - STRIP_PX,
        )
        sheet = self._book.sheet
        for key in item.clip_keys:
            time_s = record_s - sheet.starts_s.get(key, 0.0)
            if 0 <= time_s < sheet.durations_s.get(key, 0.0) and self._book.can_edit(key):
                mark = sheet.nearest(key, time_s, view.scale.duration_of(GRAB_PX))
                return Place(key, body, time_s, mark)
        return None

    # Events

    def press(self, event: QMouseEvent) -> bool:
        place = self.place_at(event.position())
        if event.button() is Qt.MouseButton.RightButton and place is not None and place.mark is not None:
            if place.mark not in self._book.sheet.selected:
                self._book.select(frozenset({place.mark}))  # the menu is about it
            return False
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        if place is None:
            if event.position().y() >= RULER_HEIGHT_PX:
                self._book.select(frozenset())
            return False
        if self.is_drawing_curve:
            self._begin_curve(place, event)
            return True
        if place.mark is None:
            self._book.select(frozenset())
            if event.modifiers() == Qt.KeyboardModifier.NoModifier:
                self._drag, self._from, self._place = Drag.BAND, event.position(), place
            return False
        self._press_hit(place, place.mark, event)
        return True

    def move(self, event: QMouseEvent) -> bool:
        if self._drag is Drag.NONE:
            place = None if event.buttons() else self.place_at(event.position())
            self._hover(None if place is None or self.is_drawing_curve else place.mark)
            return False
        if self._drag is Drag.CURVE:
            self._draw_on(event)
            return True
        if self._drag is Drag.BAND:
            self._select_between(event)
            return True
        way = event.position() - self._from
        if self._drag is Drag.GRABBED and way.manhattanLength() >= DRAG_STARTS_PX:
            self._drag = Drag.MOVE if abs(way.x()) >= abs(way.y()) else Drag.STRENGTH
        if self._drag is Drag.MOVE:
            self._move_hits(event)
        elif self._drag is Drag.STRENGTH:
            self._change_strength(event)
        return True

    def release(self) -> bool:
        drag, self._drag = self._drag, Drag.NONE
        if drag is Drag.MOVE:
            self._book.commit_preview(QCoreApplication.translate("Hits", "moving hits"))
        elif drag is Drag.STRENGTH:
            self._book.commit_preview(QCoreApplication.translate("Hits", "strength of hits"))
        elif drag is Drag.CURVE:
            self._book.commit_preview(QCoreApplication.translate("Hits", "drawing the curve"))
        return drag is not Drag.NONE

    def cancel(self) -> bool:
        """Let go without having changed anything; whether something was held."""
        drag, self._drag = self._drag, Drag.NONE
        self._book.drop_preview()
        if drag is Drag.MOVE and self._place is not None and self._place.mark is not None:
            self._on_dragged(self._book.sheet.record_s(self._place.mark))
        return drag is not Drag.NONE

    def double_click(self, event: QMouseEvent) -> bool:
        """Adds a hit, as strong as the mouse is high."""
        place = self.place_at(event.position())
        if place is None or event.button() is not Qt.MouseButton.LeftButton:
            return False
        if place.mark is None and not self.is_drawing_curve:
            time_s = self._snapped_s(place.clip, place.time_s, event)
            self._commands.add(place.clip, time_s, round(strength_at(place.body, event.position().y()), 3))
        return True

    def cursor_at(self, at: QPointF) -> Qt.CursorShape | None:
        if self._drag is Drag.STRENGTH:
            return Qt.CursorShape.SizeVerCursor
        if self._drag is Drag.MOVE:
            return Qt.CursorShape.SizeHorCursor
        place = self.place_at(at)
        if place is None:
            return None
        if self.is_drawing_curve:
            return Qt.CursorShape.CrossCursor
        return Qt.CursorShape.PointingHandCursor if place.mark is not None else None

    # Hits

    def _hover(self, mark: HitMark | None) -> None:
        if mark != self._book.sheet.hovered:
            self._book.sheet.hovered = mark
            self._view.update()

    def _select_between(self, event: QMouseEvent) -> None:
        """From where the clip was pressed to the mouse."""
        assert self._place is not None
        way_px = event.position().x() - self._from.x()
        if abs(way_px) < DRAG_STARTS_PX and not self._book.sheet.selected:
            return
        clip, from_s = self._place.clip, self._place.time_s
        low_s, high_s = sorted((from_s, from_s + self._view.scale.duration_of(way_px)))
        hits = self._book.sheet.seen(clip)
        self._book.select(frozenset(HitMark(clip, hit) for hit in hits if low_s <= hit.time_s <= high_s))

    def _press_hit(self, place: Place, mark: HitMark, event: QMouseEvent) -> None:
        selected = self._book.sheet.selected
        if event.modifiers() & CONTROL:
            self._book.select(selected ^ {mark})
            return
        if mark not in selected:
            self._book.select(frozenset({mark}))
        sheet = self._book.sheet
        self._drag, self._from, self._place = Drag.GRABBED, event.position(), place
        self._grabbed = {clip: sheet.selected_in(clip) for clip in {each.clip for each in sheet.selected}}
        self._before = {clip: sheet.of(clip).by_hand for clip in self._grabbed}
        self._hits = {clip: sheet.of(clip).hits for clip in self._grabbed}

    def _move_hits(self, event: QMouseEvent) -> None:
        assert self._place is not None and self._place.mark is not None
        clip, point = self._place.clip, self._place.mark.point
        way_s = self._view.scale.duration_of(event.position().x() - self._from.x())
        by_s = self._snapped_s(clip, point.time_s + way_s, event) - point.time_s
        back_s = -copysign(self._step_s(event), by_s)
        durations_s = self._book.sheet.durations_s
        changes = {
            key: moved(points, by_s, durations_s[key], self._hits[key], step_s=back_s)
            for key, points in self._grabbed.items()
        }
        self._book.preview(*changed_hits(self._book, changes, self._before))
        self._on_dragged(self._book.sheet.record_s(HitMark(clip, changes[clip][point])))

    def _change_strength(self, event: QMouseEvent) -> None:
        assert self._place is not None
        body = self._place.body
        by = strength_at(body, event.position().y()) - strength_at(body, self._from.y())
        changes = {key: strengthened(points, by) for key, points in self._grabbed.items()}
        self._book.preview(*changed_hits(self._book, changes, self._before))

    def _snapped_s(self, clip: ClipKey, time_s: float, event: QMouseEvent) -> float:
        """On the nearest frame of the timeline; with Alt where the mouse is."""
        start_s = self._book.sheet.starts_s[clip]
        if event.modifiers() & ALT:
            return time_s
        return max(0.0, self._view.scene.on_frame_s(start_s + time_s) - start_s)

    def _step_s(self, event: QMouseEvent) -> float:
        """How far beside another hit a dragged one stays: a frame, with Alt just so that they are two."""
        is_free = bool(event.modifiers() & ALT)
        return SAME_MOMENT_S if is_free else self._view.scene.ruler.frame_s

    # The curve

    def _begin_curve(self, place: Place, event: QMouseEvent) -> None:
        self._drag, self._place = Drag.CURVE, place
        self._before = {place.clip: self._book.sheet.of(place.clip).by_hand}
        self._stroke = []
        self._draw_on(event)

    def _draw_on(self, event: QMouseEvent) -> None:
        """One more piece of the stroke, from where the mouse was; with Alt back to what was detected."""
        assert self._place is not None
        clip, book = self._place.clip, self._book
        record_s = self._view.scale.time_at(event.position().x() - HEADER_PX)
        time_s = record_s - book.sheet.starts_s[clip] + book.head_s(clip)
        level = strength_at(self._place.body, event.position().y())
        self._stroke = [*self._stroke[-1:], (time_s, level)]
        hits = book.sheet.of(clip)
        if not event.modifiers() & ALT:
            curve = drawn(hits.curve, book.num_curve_points(clip), self._stroke)
        elif hits.by_hand.curve is not None:
            curve = erased(hits.by_hand.curve, hits.detected_curve, self._stroke)
        else:
            return
        book.preview({clip: replace(self._before[clip], curve=curve)})

    # Words

    def tooltip_at(self, at: QPointF) -> str:
        """What hit is under the mouse and how the take keeps it, else what is heard there; "" for neither."""
        place, ruler = self.place_at(at), self._view.scene.ruler
        if place is not None and place.mark is not None:
            return "\n".join(words_of_hit(self._book.sheet, ruler, place.mark))
        heard = self._heard_at(at)
        return "" if heard is None else "\n".join(words_of_heard(ruler, heard))

    def _heard_at(self, at: QPointF) -> HeardHit | None:
        """The diamond under the mouse, on a selected clip or on a take."""
        item, sheet = self._view.item_at(at), self._book.sheet
        if item is None:
            return None
        takes = [sheet.takes[item.take_id]] if item.take_id in sheet.takes else []
        if item.take_id is None and self._view.scene.is_selected(item):
            takes = [take for key in item.clip_keys for take in sheet.takes_of(key)]
        time_s, within_s = self._view.scale.time_at(at.x() - HEADER_PX), self._view.scale.duration_of(GRAB_PX)
        near = [heard for take in takes for heard in sheet.heard_in(take)]
        found = min(near, key=lambda heard: abs(heard.heard_s - time_s), default=None)
        return None if found is None or abs(found.heard_s - time_s) > within_s else found
