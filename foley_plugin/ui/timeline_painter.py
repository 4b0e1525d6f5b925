"""Paints the timeline by hand from sorted arrays; the cost follows the pixels, not the number of clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QBrush, QImage, QPainter, QPen

from foley_plugin.qtmodels.lanes import (
    RULER_HEIGHT_PX,
    Lane,
    LaneItem,
    LaneKind,
)
from foley_plugin.qtmodels.time_scale import TimeScale
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.ui.hits_painter import HitsPainter
from foley_plugin.ui.item_painter import (
    MARKED_PX,
    PICTURE_PX,
    STRIP_PX,
    ItemPainter,
    Thumbnails,
    Waves,
    paint_progress,
)
from foley_plugin.ui.lane_contents import (
    CANNOT_CODE,
    COLOURS_OF_CODES,
    SELECTED_CODE,
    LaneContents,
    LaneMemory,
    Line,
)
from foley_plugin.ui.lane_pixels import (
    columns,
    line_image,
    spread,
    wave_image,
)
from foley_plugin.ui.ruler_painter import HEADER_PX, Look, RulerPainter
from foley_plugin.ui.timeline_colours import ItemColours, colours


@dataclass(frozen=True)
class _Band:
    """A lane on the screen: where it lies, what of it is painted again, and what is in it there."""

    lane: Lane
    box: QRectF
    dirty: QRect
    contents: LaneContents

    def wide_items(self) -> list[tuple[LaneItem, QRectF, int]]:
        """With their boxes and codes, from the left."""
        boxes, is_wide = self.contents.boxes, self.contents.is_wide
        return [
            (
                self.lane.items[boxes.first + number],
                QRectF(left, self.box.top(), right - left, self.box.height()),
                code,
            )
            for number, left, right, code in zip(
                np.flatnonzero(is_wide).tolist(),
                boxes.left_px[is_wide].tolist(),
                boxes.right_px[is_wide].tolist(),
                self.contents.codes[is_wide].tolist(),
                strict=True,
            )
        ]


class TimelinePainter:
    """Paints one frame of the timeline. Holds fonts, sources and what it drew last, no state of the cut."""

    def __init__(self, thumbnails: Thumbnails, waves: Waves) -> None:
        self._items = ItemPainter(thumbnails)
        self._waves = waves
        self._ruler = RulerPainter()
        self._hits = HitsPainter()
        self._memory = LaneMemory()

    def paint(self, painter: QPainter, dirty: QRect, size: QRect, scene: TimelineScene, look: Look) -> None:
        painter.fillRect(dirty, colours().background)
        area = QRect(HEADER_PX, RULER_HEIGHT_PX, size.width() - HEADER_PX, size.height() - RULER_HEIGHT_PX)
        self._paint_lanes(painter, dirty & area, area, scene, look)
        self._ruler.paint(painter, dirty, size, scene, look)
        if look.band is not None:
            painter.setPen(colours().band_edge)
            painter.setBrush(colours().band_fill)
            painter.drawRect(look.band)

    # Lanes

    def _paint_lanes(
        self, painter: QPainter, dirty: QRect, area: QRect, scene: TimelineScene, look: Look
    ) -> None:
        if dirty.isEmpty():
            return
        painter.save()
        painter.setClipRect(dirty)
        for placed in scene.stack.lanes:
            top = area.top() + placed.top_px - look.scroll_y_px
            if top >= dirty.bottom() + 1 or top + placed.lane.height_px <= dirty.top():
                continue
            box = QRectF(area.left(), top, area.width(), placed.lane.height_px)
            painter.fillRect(box, colours().lane_background)
            contents = self._memory.contents(placed.lane, dirty, area, scene, look.scale)
            self._paint_lane(painter, _Band(placed.lane, box, dirty, contents), scene, look.scale)
            if placed.lane.kind is LaneKind.FOLEY and not placed.lane.items:
                self._paint_hint(painter, box)
        self._paint_outside_range(painter, area, scene, look)
        painter.restore()

    def _paint_lane(self, painter: QPainter, band: _Band, scene: TimelineScene, scale: TimeScale) -> None:
        palette = colours().lanes[band.lane.kind]
        is_picture = band.lane.kind is LaneKind.VIDEO
        self._paint_line(painter, band, Line.BLOCKS, band.box, palette)
        body = band.box.adjusted(0, STRIP_PX, 0, 0)
        strip = QRectF(band.box.left(), band.box.top(), band.box.width(), STRIP_PX)
        self._paint_line(painter, band, Line.BODIES, body, palette)
        wide = band.wide_items()
        if is_picture:
            self._paint_all_pictures(painter, band, wide, scene, scale)
        else:
            self._paint_waves(painter, band, body, wide, scale, palette)
        self._paint_line(painter, band, Line.STRIPS, strip, palette)
        self._paint_words(painter, band.lane.kind, wide, scene)
        for item, box, _ in wide:
            if box.width() >= MARKED_PX:
                self._hits.paint(painter, band.dirty, box.adjusted(0, STRIP_PX, 0, 0), item, scene, scale)
        self._hits.finish(painter)
        chosen = [box.adjusted(1, 1, -1, -1) for _, box, code in wide if code >= SELECTED_CODE]
        if chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours().selected, 2))
            painter.drawRects(*chosen)

    def _paint_line(
        self,
        painter: QPainter,
        band: _Band,
        line: Line,
        where: QRectF,
        palette: ItemColours,
    ) -> None:
        """One colour a pixel column, for all items at once that are wide enough for it, or too narrow."""
        contents = band.contents
        from_px, to_px = band.dirty.left(), band.dirty.right() + 1
        image = contents.lines.get(line)
        if image is None:
            chosen = ~contents.is_wide if line is Line.BLOCKS else contents.is_wide
            codes = columns(contents.boxes, contents.codes, chosen, from_px, to_px)
            image = line_image(codes, COLOURS_OF_CODES[line](palette)) if chosen.any() else QImage()
            contents.lines[line] = image
        if not image.isNull():
            painter.drawImage(QRectF(from_px, where.top(), to_px - from_px, where.height()), image)

    def _paint_all_pictures(
        self,
        painter: QPainter,
        band: _Band,
        wide: list[tuple[LaneItem, QRectF, int]],
        scene: TimelineScene,
        scale: TimeScale,
    ) -> None:
        dirty = QRectF(band.dirty)
        hatched = []
        for item, box, code in wide:
            body = box.adjusted(0, STRIP_PX, 0, 0)
            if item.clip_keys and box.width() >= PICTURE_PX and body.height() >= 20:
                self._items.paint_pictures(painter, dirty, body, item, scene, scale)
            if code % SELECTED_CODE == CANNOT_CODE:
                hatched.append(body)
        if hatched:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(colours().hatch, Qt.BrushStyle.BDiagPattern))
            painter.drawRects(*hatched)

    def _paint_waves(
        self,
        painter: QPainter,
        band: _Band,
        body: QRectF,
        wide: list[tuple[LaneItem, QRectF, int]],
        scale: TimeScale,
        palette: ItemColours,
    ) -> None:
        from_px, to_px = band.dirty.left(), band.dirty.right() + 1
        parts = []
        for item, box, _ in wide:
            wave = self._waves(item)
            left, right = max(from_px, int(box.left())), min(to_px, int(box.right()))
            if wave is None or right <= left:
                continue
            from_s = scale.time_at(left - HEADER_PX) - item.record_in_s + item.wave_in_s
            parts.append((left, wave.peaks(from_s, scale.duration_of(1), right - left)))
        if parts:
            outline = spread(parts, from_px, to_px)
            image = wave_image(outline, palette.wave, round(body.height()))
            painter.drawImage(QPointF(from_px, body.top()), image)

    def _paint_words(
        self,
        painter: QPainter,
        kind: LaneKind,
        wide: list[tuple[LaneItem, QRectF, int]],
        scene: TimelineScene,
    ) -> None:
        """Names and marks on the strips, progress under the pictures."""
        painter.setFont(self._items.name_font)
        plain, dim = colours().text, colours().text_dim
        for cannot in (False, True):
            painter.setPen(dim if cannot else plain)
            for item, box, code in wide:
                if (code % SELECTED_CODE == CANNOT_CODE) is not cannot or box.width() < MARKED_PX:
                    continue
                status = (
                    scene.status_of(item) if kind is LaneKind.VIDEO and code % SELECTED_CODE > 1 else None
                )
                strip = QRectF(box.left(), box.top(), box.width(), STRIP_PX)
                self._items.paint_name(painter, strip, item, status)
                if status is not None and status.is_running:
                    paint_progress(painter, box.adjusted(0, STRIP_PX, 0, 0), status.progress)

    def _paint_hint(self, painter: QPainter, band: QRectF) -> None:
        words = QCoreApplication.translate("Timeline", "Foley lands here: select a clip and press G")
        painter.setFont(self._items.name_font)
        painter.setPen(colours().text_faint)
        painter.drawText(band.adjusted(12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_outside_range(self, painter: QPainter, area: QRect, scene: TimelineScene, look: Look) -> None:
        marked = scene.marked_range_s
        if marked is None:
            return
        in_x = HEADER_PX + look.scale.x_of(marked[0])
        out_x = HEADER_PX + look.scale.x_of(marked[1])
        height = area.height()
        painter.fillRect(QRectF(HEADER_PX, area.top(), in_x - HEADER_PX, height), colours().outside)
        painter.fillRect(
            QRectF(out_x, area.top(), max(0.0, area.right() + 1 - out_x), height), colours().outside
        )
