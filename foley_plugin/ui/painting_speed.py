"""How fast the timeline paints, beside what Qt offers for the same: `foley bench panel`.

One run paints the same clips three ways, one after the other in each round: this program's timeline, a graphics scene
with an item a clip, and one batched call that draws a rectangle a clip and nothing else.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from msgspec import Struct
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QImage, QPainter
from PyQt6.QtWidgets import QGraphicsScene

from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus
from foley_plugin.qtmodels.lanes import ClipKey, Lane, LaneItem, LaneKind, LaneStack
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.ui.ruler_painter import HEADER_PX
from foley_plugin.ui.timeline_view import TimelineView

WIDTH_PX, HEIGHT_PX = 1920, 1080
NUM_LANES = 8
CLIP_S = 2.0
ZOOMS = (1, 2, 4, 8, 16, 64)
"""Times closer than all of the cut."""


class PaintingSpeed(Struct, frozen=True):
    """Milliseconds a paint of the whole widget; `zoom` 1 shows every clip."""

    zoom: int
    is_generating: bool
    num_visible: int
    median_ms: float
    p95_ms: float


class PeersSpeed(Struct, frozen=True):
    """The same clips, all visible: medians of the rounds."""

    graphics_scene_ms: float
    one_call_ms: float


class PaintingReport(Struct, frozen=True):
    num_clips: int
    timeline: list[PaintingSpeed]
    peers: PeersSpeed

    @property
    def worst_p95_ms(self) -> float:
        return max(speed.p95_ms for speed in self.timeline)


def measure_painting(num_clips: int = 10_000, rounds: int = 60) -> PaintingReport:
    """Needs a `QApplication`; nothing is shown on a screen."""
    scene = scene_of_many(num_clips)
    view = TimelineView(scene, lambda _: None, lambda _: None)
    view.resize(WIDTH_PX, HEIGHT_PX)
    view.set_scale(view.scale.with_width(WIDTH_PX - HEADER_PX))  # a widget that is not shown is told no size
    view.fit()
    target = QImage(WIDTH_PX, HEIGHT_PX, QImage.Format.Format_RGB32)
    whole = view.scale
    timeline: list[PaintingSpeed] = []
    for zoom in ZOOMS:
        view.set_scale(whole.zoomed(zoom, 0.0))
        for is_generating in (False, True):
            each_ms = _each_ms(rounds, partial(_paint, view, target, is_generating))
            timeline.append(_speed(view, zoom, is_generating, each_ms))
    graphics, rectangles = _graphics_scene(scene, whole.pixels_per_s), _rectangles(scene, whole.pixels_per_s)
    peers = PeersSpeed(
        statistics.median(_each_ms(rounds // 4, lambda _: _render(graphics, target))),
        statistics.median(_each_ms(rounds // 4, lambda _: _one_call(rectangles, target))),
    )
    return PaintingReport(num_clips, timeline, peers)


def as_lines(report: PaintingReport) -> list[str]:
    lines = [
        f"zoom {speed.zoom:>3}, {speed.num_visible:>6} clips, {'making' if speed.is_generating else 'at rest'}: "
        f"median {speed.median_ms:.1f} ms, 95th percentile {speed.p95_ms:.1f} ms"
        for speed in report.timeline
    ]
    whole = report.timeline[0].median_ms
    peers = report.peers
    lines.append(
        f"all {report.num_clips} clips: a graphics scene {peers.graphics_scene_ms:.1f} ms "
        f"({peers.graphics_scene_ms / whole:.1f} times as long), one batched call {peers.one_call_ms:.1f} ms "
        f"({peers.one_call_ms / whole:.1f} times)"
    )
    lines.append(f"worst 95th percentile: {report.worst_p95_ms:.1f} ms (target 12 ms)")
    return lines


def scene_of_many(num_clips: int) -> TimelineScene:
    """So many clips of two seconds on eight lanes: picture, production sound, foley."""
    per_lane = num_clips // NUM_LANES
    kinds = [LaneKind.VIDEO] * 3 + [LaneKind.AUDIO] * 2 + [LaneKind.FOLEY] * 3
    lanes = [_lane(kind, number, per_lane) for number, kind in enumerate(kinds, 1)]
    keys = [key for lane in lanes for item in lane.items for key in item.clip_keys]
    states = [ClipState.READY, ClipState.DONE, ClipState.CANNOT, ClipState.QUEUED]
    return TimelineScene(
        stack=LaneStack(lanes),
        ruler=TimecodeRuler(Fraction(25)),
        duration_s=per_lane * CLIP_S,
        statuses={key: ClipStatus(states[number % len(states)]) for number, key in enumerate(keys)},
    )


def _lane(kind: LaneKind, number: int, count: int) -> Lane:
    letter = {LaneKind.VIDEO: "V", LaneKind.AUDIO: "A", LaneKind.FOLEY: "F"}[kind]
    track = f"{letter}{number}"
    items = (
        LaneItem(
            f"shot {index}",
            index * CLIP_S,
            (index + 1) * CLIP_S,
            "take" if kind is LaneKind.FOLEY else "clip",
            (ClipKey(track, index),) if kind is LaneKind.VIDEO else (),
            take_id=f"{number}/{index}" if kind is LaneKind.FOLEY else None,
            hits_s=(0.5, 1.2) if kind is LaneKind.FOLEY else (),
        )
        for index in range(count)
    )
    return Lane(kind, track, track, items)


def _each_ms(rounds: int, paint: Callable[[int], None]) -> list[float]:
    paint(0)
    each: list[float] = []
    for turn in range(rounds):
        began_s = time.thread_time()
        paint(turn)
        each.append(1000 * (time.thread_time() - began_s))
    return each


def _paint(view: TimelineView, target: QImage, is_generating: bool, turn: int) -> None:
    """One whole paint; where something is being made, after a step of it."""
    if is_generating:
        keys = list(view.scene.statuses)[turn % 7 :: 50]
        for key in keys:
            view.scene.statuses[key] = ClipStatus(ClipState.GENERATING, turn % 20 / 20)
    with QPainter(target) as painter:
        view.paint_on(painter, view.rect())


def _speed(view: TimelineView, zoom: int, is_generating: bool, each_ms: Sequence[float]) -> PaintingSpeed:
    lanes = (placed.lane for placed in view.scene.stack.lanes)
    visible = sum(len(lane.between(view.scale.left_s, view.scale.right_s)) for lane in lanes)
    p95_ms = statistics.quantiles(each_ms, n=20)[-1]
    return PaintingSpeed(zoom, is_generating, visible, statistics.median(each_ms), p95_ms)


def _rectangles(scene: TimelineScene, pixels_per_s: float) -> list[QRectF]:
    return [
        QRectF(
            HEADER_PX + item.record_in_s * pixels_per_s,
            placed.top_px,
            item.duration_s * pixels_per_s,
            placed.lane.height_px,
        )
        for placed in scene.stack.lanes
        for item in placed.lane.items
    ]


def _graphics_scene(scene: TimelineScene, pixels_per_s: float) -> QGraphicsScene:
    graphics = QGraphicsScene(0, 0, WIDTH_PX, HEIGHT_PX)
    for box in _rectangles(scene, pixels_per_s):
        graphics.addRect(box, brush=QBrush(QColor("#3f5364")))
    return graphics


def _render(graphics: QGraphicsScene, target: QImage) -> None:
    with QPainter(target) as painter:
        graphics.render(painter, QRectF(0, 0, WIDTH_PX, HEIGHT_PX), QRectF(0, 0, WIDTH_PX, HEIGHT_PX))


def _one_call(rectangles: Sequence[QRectF], target: QImage) -> None:
    with QPainter(target) as painter:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#3f5364"))
        painter.drawRects(*rectangles)
