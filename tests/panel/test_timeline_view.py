"""The timeline under the mouse and the keys, and how much it costs to paint."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QPainter, QWheelEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus, status_of_record
from foley_plugin.qtmodels.lanes import (
    RULER_HEIGHT_PX,
    ClipKey,
    Lane,
    LaneItem,
    LaneKind,
    LaneStack,
    clip_key,
    lanes_of_cut,
    seconds,
)
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.ui.lane_contents import LaneMemory
from foley_plugin.ui.palette import Scheme
from foley_plugin.ui.ruler_painter import HEADER_PX
from foley_plugin.ui.theme import apply_theme
from foley_plugin.ui.timeline_colours import colours
from foley_plugin.ui.timeline_view import TimelineView
from tests.panel.cuts import RATE, START, clip, cut_of

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
A, B, C = (ClipKey("V1", index) for index in (1, 2, 3))


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    """Three clips of two seconds on V1 with a gap of a second after each; 100 px a second."""
    reason = "The film of c is gone; relink it."
    cut = cut_of(
        clip("a", 1, 0, 48), clip("b", 2, 72, 120), clip("c", 3, 144, 192, media=None, reason=reason)
    )
    scene = TimelineScene(
        LaneStack(lanes_of_cut(cut)),
        TimecodeRuler(RATE, START),
        seconds(cut.duration),
        statuses={clip_key(record): status_of_record(record) for record in cut.clips},
        clips={clip_key(record): record for record in cut.clips},
    )
    view = TimelineView(scene, lambda picture: None, lambda item: None)
    qtbot.addWidget(view)
    view.resize(HEADER_PX + 900, 300)
    view.show()
    view.set_scale(view.scale.zoomed(100 / view.scale.pixels_per_s, 0.0))
    return view


def at(time_s: float, y_px: int = RULER_HEIGHT_PX + 40) -> QPoint:
    return QPoint(HEADER_PX + round(100 * time_s), y_px)


def on_ruler(time_s: float) -> QPoint:
    return at(time_s, 5)


def drag(
    view: TimelineView, qtbot: QtBot, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = NONE
) -> None:
    qtbot.mousePress(view, LEFT, keys, start)
    for part in (0.3, 0.7, 1.0):
        qtbot.mouseMove(view, start + (end - start) * part)
    qtbot.mouseRelease(view, LEFT, keys, end)


def wheel(view: TimelineView, where: QPoint, notches: int, keys: Qt.KeyboardModifier = NONE) -> None:
    event = QWheelEvent(
        QPointF(where),
        QPointF(view.mapToGlobal(where)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    view.wheelEvent(event)


def test_a_click_selects_one_clip(view: TimelineView, qtbot: QtBot) -> None:
    qtbot.mouseClick(view, LEFT, NONE, at(1.0))
    assert view.scene.selected_clips == {A}
    qtbot.mouseClick(view, LEFT, NONE, at(4.0))
    assert view.scene.selected_clips == {B}


def test_control_adds_and_removes(view: TimelineView, qtbot: QtBot) -> None:
    qtbot.mouseClick(view, LEFT, NONE, at(1.0))
    qtbot.mouseClick(view, LEFT, CONTROL, at(7.0))
    assert view.scene.selected_clips == {A, C}
    qtbot.mouseClick(view, LEFT, CONTROL, at(1.0))
    assert view.scene.selected_clips == {C}


def test_shift_selects_all_between(view: TimelineView, qtbot: QtBot) -> None:
    qtbot.mouseClick(view, LEFT, NONE, at(1.0))
    qtbot.mouseClick(view, LEFT, SHIFT, at(7.0))
    assert view.scene.selected_clips == {A, B, C}


def test_a_click_on_empty_ground_selects_nothing(view: TimelineView, qtbot: QtBot) -> None:
    qtbot.mouseClick(view, LEFT, NONE, at(1.0))
    qtbot.mouseClick(view, LEFT, NONE, at(2.5))
    assert view.scene.selected_clips == set()


def test_a_rubber_band_selects_what_it_touches(view: TimelineView, qtbot: QtBot) -> None:
    drag(view, qtbot, at(2.5), at(6.5, RULER_HEIGHT_PX + 20))
    assert view.scene.selected_clips == {B, C}


def test_a_click_on_the_ruler_moves_the_playhead_to_a_frame(view: TimelineView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.playhead_moved) as moved:
        qtbot.mouseClick(view, LEFT, NONE, on_ruler(1.0))
    assert moved.args is not None
    frames = moved.args[0] * float(RATE)
    assert frames == pytest.approx(round(frames)) and moved.args[0] == pytest.approx(1.0, abs=0.03)


def test_shift_and_drag_on_the_ruler_mark_a_range_and_its_ends_can_be_moved(
    view: TimelineView, qtbot: QtBot
) -> None:
    drag(view, qtbot, on_ruler(1.0), on_ruler(3.0), SHIFT)
    assert view.scene.marked_range_s == pytest.approx((1.0, 3.0), abs=0.03)
    drag(view, qtbot, on_ruler(3.0), on_ruler(5.0))
    assert view.scene.marked_range_s == pytest.approx((1.0, 5.0), abs=0.03)


def test_the_wheel_zooms_about_the_mouse(view: TimelineView) -> None:
    view.set_scale(view.scale.scrolled_to(2.0))
    before_s = view.scale.time_at(300)
    wheel(view, QPoint(HEADER_PX + 300, 100), 2)
    assert view.scale.pixels_per_s > 100
    assert view.scale.time_at(300) == pytest.approx(before_s)


def test_shift_and_the_wheel_scroll(view: TimelineView) -> None:
    wheel(view, QPoint(HEADER_PX + 300, 100), -2, SHIFT)
    assert view.scale.pixels_per_s == pytest.approx(100)
    assert view.scale.left_s > 1.0


def test_the_middle_button_pans(view: TimelineView, qtbot: QtBot) -> None:
    qtbot.mousePress(view, MIDDLE, NONE, at(5.0))
    qtbot.mouseMove(view, at(3.0))
    qtbot.mouseRelease(view, MIDDLE, NONE, at(3.0))
    assert view.scale.left_s == pytest.approx(2.0, abs=0.02)


def test_the_tooltip_says_why_a_clip_cannot(view: TimelineView) -> None:
    assert view.tooltip_at(QPointF(at(7.0))).endswith("The film of c is gone; relink it.")
    assert "01:00:00:00" in view.tooltip_at(QPointF(at(0.5)))


def test_only_strips_are_painted_again_while_the_playhead_runs(view: TimelineView, qtbot: QtBot) -> None:
    qtbot.waitExposed(view)
    painted: list[int] = []
    plain = view._painter.paint
    view._painter.paint = lambda painter, dirty, *rest: (
        painted.append(dirty.width()),
        plain(painter, dirty, *rest),
    )[1]  # type: ignore[method-assign]
    view.repaint(0, 0, 10, 10)
    painted.clear()
    view.show_playhead(0.5, follow=True)
    qtbot.waitUntil(lambda: bool(painted))
    assert max(painted) < view.width()


def test_of_ten_thousand_clips_none_is_painted_for_itself(qtbot: QtBot) -> None:
    items = [LaneItem(str(n), n * 0.1, n * 0.1 + 0.1, "clip", (ClipKey("V1", n),)) for n in range(10_000)]
    asked: list[object] = []
    scene = TimelineScene(LaneStack([Lane(LaneKind.VIDEO, "V1", "", items)]), duration_s=1000.0)
    view = TimelineView(scene, lambda picture: asked.append(picture), lambda item: None)  # type: ignore[func-returns-value]
    qtbot.addWidget(view)
    view.resize(1920, 300)
    view.show_scene(scene)
    strokes: list[object] = []
    status_of = scene.status_of
    scene.status_of = lambda item: (strokes.append(item), status_of(item))[1]  # type: ignore[method-assign]
    image = QImage(view.size(), QImage.Format.Format_RGB32)
    view.render(image)
    assert (strokes, asked) == ([], [])
    strip = colours().lanes[LaneKind.VIDEO].strip.name()
    middle = RULER_HEIGHT_PX + 30
    assert {image.pixelColor(x, middle).name() for x in range(HEADER_PX + 10, 900, 7)} == {strip}


def test_a_clip_is_painted_where_geometry_says(view: TimelineView) -> None:
    view.select([item for item in view.scene.stack.lanes[0].lane.items if item.clip_keys == (B,)])
    image = view.grab().toImage()
    ratio = view.devicePixelRatioF()

    def colour(point: QPoint) -> str:
        return image.pixelColor(round(point.x() * ratio), round(point.y() * ratio)).name()

    inside, gap = colour(at(4.0)), colour(at(2.5))
    assert inside == colour(at(1.0)) != gap
    edge = at(3.0) + QPoint(1, 0)
    assert colour(edge) == "#f5c48f"


CHANGES = st.one_of(
    st.tuples(st.just("status"), st.integers(1, 3), st.sampled_from(ClipState)),
    st.tuples(st.just("select"), st.integers(0, 3), st.none()),
    st.tuples(st.just("zoom"), st.sampled_from([30.0, 100.0, 6.0]), st.none()),
    st.tuples(st.just("scheme"), st.sampled_from(Scheme), st.none()),
    st.tuples(st.just("scene"), st.none(), st.none()),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=8))
def test_what_is_remembered_of_a_lane_is_what_would_be_painted_afresh(
    view: TimelineView, changes: list[tuple[str, Any, Any]]
) -> None:
    application = cast(QApplication, QApplication.instance())
    for what, which, how in changes:
        if what == "status":
            view.scene.statuses[ClipKey("V1", which)] = ClipStatus(how, 0.5)
        elif what == "select":
            view.scene.selected_clips = {ClipKey("V1", which)} if which else set()
        elif what == "zoom":
            view.set_scale(view.scale.zoomed(which / view.scale.pixels_per_s, 0.0))
        elif what == "scheme":
            apply_theme(application, which)
        else:
            view.scene.statuses = dict(view.scene.statuses)
        images = [QImage(view.size(), QImage.Format.Format_RGB32) for _ in range(2)]
        with QPainter(images[0]) as painter:
            view.paint_on(painter, view.rect())
        view._painter._memory = LaneMemory()
        with QPainter(images[1]) as painter:
            view.paint_on(painter, view.rect())
        assert images[0] == images[1]
    apply_theme(application)


def test_shift_and_a_click_in_another_cut_start_from_nothing_of_the_one_before(
    view: TimelineView, qtbot: QtBot
) -> None:
    qtbot.mouseClick(view, LEFT, NONE, at(1.0))
    view.scene.selected_clips.clear()
    view.show_scene(view.scene)
    view.set_scale(view.scale.zoomed(100 / view.scale.pixels_per_s, 0.0))
    qtbot.mouseClick(view, LEFT, SHIFT, at(7.0))
    assert view.scene.selected_clips == {C}
