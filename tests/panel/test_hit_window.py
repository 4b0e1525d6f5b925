"""Hits and curve under the mouse and the keys of the real window, and what the engine is asked for with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import opentimelineio as otio
import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.protocol import Generate, decode_request
from foley_plugin.qtmodels.clip_status import ClipState
from foley_plugin.qtmodels.hit_sheet import HitSheet
from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX, ClipKey, LaneItem
from foley_plugin.ui.item_painter import STRIP_PX
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.ruler_painter import HEADER_PX

OpenPanel = Callable[..., MainWindow]
FIRST = ClipKey("V1", 1)
WAIT_MS = 60_000
FRAME_S = 1 / 24
LEFT = Qt.MouseButton.LeftButton
PLAIN, ALT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


class Hand:
    """A mouse over the first clip of a window, which is selected, spotted, and drawn 200 px a second."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.view = window, window.view
        items = (item for placed in window.session.scene.stack.lanes for item in placed.lane.items)
        self.item: LaneItem = next(item for item in items if item.clip_keys == (FIRST,))
        self.view.select([self.item])
        self.view.set_scale(self.view.scale.zoomed(200 / self.view.scale.pixels_per_s, 0.0).scrolled_to(0.0))

    @property
    def sheet(self) -> HitSheet:
        return self.window.session.hit_book.sheet

    @property
    def times_s(self) -> list[float]:
        return [hit.time_s for hit in self.sheet.of(FIRST).hits]

    def at(self, time_s: float, y_px: float = 25) -> QPointF:
        return QPointF(HEADER_PX + self.view.scale.x_of(time_s), RULER_HEIGHT_PX + STRIP_PX + y_px)

    def drag(self, *places: QPointF, keys: Qt.KeyboardModifier = PLAIN) -> None:
        self._send(QEvent.Type.MouseButtonPress, places[0], LEFT, keys)
        for place in places[1:]:
            self._send(QEvent.Type.MouseMove, place, LEFT, keys)
        self._send(QEvent.Type.MouseButtonRelease, places[-1], Qt.MouseButton.NoButton, keys)

    def hold(self, *places: QPointF) -> None:
        self._send(QEvent.Type.MouseButtonPress, places[0], LEFT, PLAIN)
        for place in places[1:]:
            self._send(QEvent.Type.MouseMove, place, LEFT, PLAIN)

    def let_go(self, place: QPointF) -> None:
        self._send(QEvent.Type.MouseButtonRelease, place, Qt.MouseButton.NoButton, PLAIN)

    def double_click(self, place: QPointF) -> None:
        self.drag(place)
        self._send(QEvent.Type.MouseButtonDblClick, place, LEFT, PLAIN)
        self._send(QEvent.Type.MouseButtonRelease, place, Qt.MouseButton.NoButton, PLAIN)

    def hover(self, place: QPointF) -> None:
        self._send(QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, PLAIN)

    def press_action(self, name: str) -> None:
        self.window.actions_[name].trigger()

    def _send(self, kind: QEvent.Type, at: QPointF, held: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
        button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else LEFT
        place = QPointF(self.view.mapToGlobal(at.toPoint()))
        QApplication.sendEvent(self.view, QMouseEvent(kind, at, place, button, held, keys))


def spotted(window: MainWindow, qtbot: QtBot) -> Hand:
    hand = Hand(window)
    hand.press_action("spot")
    qtbot.waitUntil(lambda: bool(hand.times_s), timeout=WAIT_MS)
    return hand


def wait_until_idle(window: MainWindow, qtbot: QtBot) -> None:
    desk = window.session.desk
    assert desk is not None
    qtbot.waitUntil(lambda: desk.is_idle, timeout=WAIT_MS)


def requests_in(log: Path) -> list[Generate]:
    requests = [decode_request(line) for line in log.read_bytes().splitlines()]
    return [request for request in requests if isinstance(request, Generate)]


def test_a_hit_is_dragged_made_for_undone_and_there_another_day(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    log = tmp_path / "requests.jsonl"
    window = open_panel(cut_path, request_log=str(log))
    hand = spotted(window, qtbot)
    hand.press_action("generate")
    wait_until_idle(window, qtbot)
    statuses = window.session.scene.statuses
    assert statuses[FIRST].state is ClipState.DONE
    (take,) = hand.sheet.takes.values()
    qtbot.waitUntil(lambda: take.wav in hand.sheet.heard, timeout=WAIT_MS)
    assert [round(each.late_s, 2) for each in hand.sheet.heard_in(take)] == [0.0, 0.0]

    hand.drag(hand.at(0.5), hand.at(0.52), hand.at(0.61))
    moved_s = 15 * FRAME_S
    assert hand.times_s == pytest.approx([moved_s, 1.25]), "on the nearest frame"
    assert window.playback.position_s == pytest.approx(moved_s), "its picture is seen"
    assert statuses[FIRST].state is ClipState.STALE
    late = [each.late_s for each in hand.sheet.heard_in(take)]
    assert late == pytest.approx([0.5 - moved_s, 0.0], abs=0.01)
    words = window.view.tooltip_at(hand.at(moved_s))
    assert "01:00:00:15" in words and "set by hand" in words and "125 ms early" in words
    assert "125 ms early" in window.view.tooltip_at(hand.at(0.5)), "the diamond itself"
    window.view.grab()  # all kinds of marks at once

    hand.press_action("generate")
    wait_until_idle(window, qtbot)
    before, after = requests_in(log)
    assert before.hits is None and after.hits is not None
    assert [hit.time_s for hit in after.hits] == pytest.approx([moved_s, 1.25])
    assert statuses[FIRST].state is ClipState.DONE

    hand.press_action("undo")
    assert statuses[FIRST].state is ClipState.STALE, "the take before lies there again"
    hand.press_action("undo")
    assert hand.times_s == [0.5, 1.25] and statuses[FIRST].state is ClipState.DONE
    hand.press_action("redo")
    hand.press_action("redo")
    window.close()

    again = open_panel(cut_path)
    hand = Hand(again)
    assert hand.times_s == pytest.approx([moved_s, 1.25])
    assert [ghost.time_s for ghost in hand.sheet.ghosts(FIRST)] == [0.5]
    assert again.session.scene.statuses[FIRST].state is ClipState.DONE


def test_the_mouse_selects_strengthens_adds_and_deletes(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    hand = spotted(window, qtbot)
    hand.hover(hand.at(0.5))
    assert hand.sheet.hovered is not None
    assert window.view.cursor().shape() is Qt.CursorShape.PointingHandCursor
    hand.drag(hand.at(0.5))
    hand.drag(hand.at(1.25), keys=CONTROL)
    assert len(hand.sheet.selected) == 2
    hand.drag(hand.at(1.25), hand.at(1.25, 30), hand.at(1.25, 34))
    strengths = {hit.strength for hit in hand.sheet.of(FIRST).hits}
    assert len(strengths) == 1 and max(strengths) < 0.7, "both of them"
    hand.drag(hand.at(1.25), hand.at(1.3), hand.at(1.283), keys=ALT)
    assert hand.times_s == pytest.approx([0.533, 1.283], abs=0.003), "with Alt off the frames"

    qtbot.waitUntil(lambda: window.view.accessibleDescription() == "2 hits selected", timeout=WAIT_MS)
    before = hand.times_s
    hand.hold(hand.at(1.283), hand.at(1.6))
    assert hand.times_s != before
    qtbot.keyClick(window.view, Qt.Key.Key_Escape)
    hand.let_go(hand.at(1.6))
    assert hand.times_s == before, "Escape lets go"

    hand.double_click(hand.at(0.9, 10))
    assert len(hand.times_s) == 3 and hand.times_s[1] == pytest.approx(22 * FRAME_S)
    assert hand.sheet.of(FIRST).hits[1].strength > 0.8
    hand.press_action("take_off")
    assert len(hand.times_s) == 2, "Delete takes the selected hit"
    hand.press_action("previous_hit")
    assert window.playback.position_s == pytest.approx(hand.times_s[0])
    hand.press_action("hits_far_later")
    assert window.playback.position_s == pytest.approx(hand.times_s[0]), "the playhead goes along"
    names = {action.objectName() for action in window.work_control.menu().actions()}
    assert {"select_hits", "delete_hits", "revert_hits"} <= names
    hand.press_action("revert_hits")
    assert hand.times_s == [0.5, 1.25]
    hand.drag(hand.at(0.8), hand.at(0.9), hand.at(1.4))
    assert [mark.point.time_s for mark in hand.sheet.selected] == [1.25], "a drag over the clip selects"
    hand.drag(hand.at(1.4), hand.at(1.2), hand.at(0.2))
    assert len(hand.sheet.selected) == 2
    hand.drag(hand.at(1.8))
    assert not hand.sheet.selected
    hand.drag(hand.at(1.8, -8))
    assert window.view.scene.selected_clips == {FIRST}, "the name strip is the clip's"


def test_a_hit_that_is_dragged_onto_another_stays_beside_it(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    hand = Hand(window)
    for frame in (10, 20):
        window.playback.seek(frame * FRAME_S)
        hand.press_action("tap")
    hand.drag(hand.at(10 * FRAME_S), hand.at(14 * FRAME_S), hand.at(20 * FRAME_S))
    assert hand.times_s == pytest.approx([19 * FRAME_S, 20 * FRAME_S])
    hand.drag(hand.at(19 * FRAME_S), hand.at(14 * FRAME_S), hand.at(20 * FRAME_S), keys=ALT)
    assert 0.005 <= 20 * FRAME_S - hand.times_s[0] <= 0.01, "with Alt off the frames"
    hand.drag(hand.at(20 * FRAME_S + 0.02), hand.at(25 * FRAME_S), hand.at(30 * FRAME_S + 0.02))
    assert len(set(hand.times_s)) == 2 and hand.times_s[1] == pytest.approx(30 * FRAME_S)


def test_a_tap_goes_to_the_clip_at_the_playhead_and_a_take_follows_edits_by_itself(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    log = tmp_path / "requests.jsonl"
    window = open_panel(cut_path, request_log=str(log))
    hand = Hand(window)
    hand.press_action("generate")
    wait_until_idle(window, qtbot)
    hand.press_action("regenerate_after_edits")
    window.view.select([])
    window.playback.seek(24 * FRAME_S)
    hand.press_action("tap")
    assert hand.times_s == pytest.approx([0.5, 1.0, 1.25]), "those that the take was made for stay"
    hand.press_action("tap")
    assert len(hand.times_s) == 3, "not twice at one moment"
    qtbot.waitUntil(lambda: len(requests_in(log)) == 2, timeout=WAIT_MS)
    wait_until_idle(window, qtbot)
    window.playback.seek(4.5)
    hand.press_action("tap")
    assert "nothing to tap" in window.notice_bar.sentence, "its film is gone"
    first, second = requests_in(log)
    assert second.hits is not None and len(second.hits) == 3
    assert (second.seed, second.label) == (first.seed, first.label)
    assert window.session.scene.statuses[FIRST].state is ClipState.DONE


def test_a_drawn_curve_is_what_the_engine_is_asked_for(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    log = tmp_path / "requests.jsonl"
    window = open_panel(cut_path, request_log=str(log))
    hand = spotted(window, qtbot)
    hand.press_action("draw_curve")
    hand.drag(hand.at(0.5, 10), hand.at(1.0, 10), hand.at(1.5, 40))
    hand.press_action("draw_curve")
    hand.press_action("generate")
    wait_until_idle(window, qtbot)
    (request,) = requests_in(log)
    assert request.hits is None and request.curve is not None
    assert len(request.curve) == round(50 * float(request.picture.duration))
    head = round(50 * request.head[0] / request.head[1])
    assert request.curve[head + 20] == 0.5 and request.curve[head + 40] > 0.85
    falling = request.curve[head + 52 : head + 74]
    assert falling == sorted(falling, reverse=True) and len(set(falling)) > 15
    hand.press_action("draw_curve")
    hand.drag(hand.at(0.4, 10), hand.at(1.8, 10), keys=ALT)
    assert set(hand.sheet.of(FIRST).curve) == {0.5}, "erased back to what was detected"
    hand.press_action("revert_curve")
    assert hand.sheet.of(FIRST).by_hand.curve is None


def test_a_take_that_lands_moves_no_timeline_under_a_hand_nor_from_another_clip(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, labels=["hammer", "ball", "cloth", "door_wood"])
    window.resize(1280, 720)
    hand = spotted(window, qtbot)
    window.sound_control.choose([FIRST], ("hammer", "ball", "cloth", "door_wood"))
    hand.press_action("generate")
    wait_until_idle(window, qtbot)
    desk, view = window.session.desk, window.view
    assert desk is not None and view.max_scroll_y_px > 0
    lowest = max(desk.shelf.takes_of(FIRST), key=lambda take: take.slot.layer).take_id

    def scrolled_by_landing() -> bool:
        view.set_scroll_y(0)
        window.session.take_landed.emit(lowest)
        return view.scroll_y_px > 0

    assert scrolled_by_landing()
    view.set_scroll_y(0)
    hand.hold(hand.at(0.5), hand.at(0.6))
    assert not scrolled_by_landing(), "the hit is still held"
    hand.let_go(hand.at(0.6))
    assert scrolled_by_landing()
    items = [item for placed in view.scene.stack.lanes for item in placed.lane.items]
    view.select([item for item in items if ClipKey("V1", 2) in item.clip_keys])
    assert not scrolled_by_landing(), "another clip is worked on"
    view.select([item for item in items if item.take_id == lowest])
    assert scrolled_by_landing(), "a take stands for its clip"
    view.select([])
    assert scrolled_by_landing()


@pytest.mark.parametrize("first_frame", [6, 7, 24])
def test_a_take_that_lies_under_a_longer_clip_is_still_made_for_the_curve_that_was_drawn(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, first_frame: int
) -> None:
    """Frames at 24 a second lie between the points of a curve, so that it is read between them."""
    window = open_panel(cut_path)
    hand = spotted(window, qtbot)
    hand.press_action("draw_curve")
    hand.drag(hand.at(0.02, 5), hand.at(0.5, 35), hand.at(0.52, 5), hand.at(1.5, 45))
    hand.press_action("draw_curve")
    hand.press_action("generate")
    wait_until_idle(window, qtbot)
    window.close()
    timeline = otio.adapters.read_from_file(str(cut_path))
    time = otio.opentime.RationalTime
    shown = otio.opentime.TimeRange(time(first_frame, 24), time(60 - first_frame, 24))
    timeline.tracks[0][0].source_range = shown
    cut_path.write_text(otio.adapters.write_to_string(timeline, "otio_json"), encoding="utf-8")
    again = open_panel(cut_path)
    assert again.session.scene.statuses[FIRST].state is ClipState.DONE


def test_the_production_sound_joins_the_hits_until_it_is_undone(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, spotted=[0.5, 0.75], heard=[0.52, 1.0, 99.0])
    hand = spotted(window, qtbot)
    assert hand.times_s == [0.5, 0.75]
    hand.press_action("spot_with_sound")
    qtbot.waitUntil(lambda: hand.times_s == [0.52, 0.75, 1.0], timeout=WAIT_MS)
    assert hand.sheet.of(FIRST).detected is not None, "what is seen is still known"
    window.session.history.undo()
    assert hand.times_s == [0.5, 0.75] and hand.sheet.of(FIRST).by_hand.hits is None
    window.session.history.redo()
    window.close()
    again = Hand(open_panel(cut_path))
    assert again.times_s == [0.52, 0.75, 1.0], "as hits set by hand are, it is there another day"


def test_where_nothing_is_heard_the_hits_stay_and_it_is_told(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, heard=[])
    hand = Hand(window)
    hand.press_action("spot_with_sound")
    qtbot.waitUntil(lambda: "production sound" in window.notice_bar.sentence, timeout=WAIT_MS)
    assert hand.sheet.of(FIRST).by_hand.hits is None and hand.times_s


def test_the_production_sound_is_listened_to_over_whole_clips_though_a_part_is_marked(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    """What is set by hand stands for all of a clip."""
    window = open_panel(cut_path, spotted=[0.25, 0.75], heard=[0.27])
    hand = Hand(window)
    window.view.select([])
    for time_s, mark in ((0.5, "mark_in"), (1.0, "mark_out")):
        window.playback.seek(time_s)
        hand.press_action(mark)
    hand.press_action("spot_with_sound")
    qtbot.waitUntil(lambda: hand.times_s == [0.27, 0.75], timeout=WAIT_MS)
