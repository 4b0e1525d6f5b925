"""Takes as an editor compares them: lanes, keys, marks, slips, and that all of it can be undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("PyQt6.QtWidgets", exc_type=ImportError)

from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QGuiApplication, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.clip_status import ClipState
from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX, ClipKey, LaneItem
from foley_plugin.qtmodels.mix import MixedSound
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.ruler_painter import HEADER_PX
from foley_plugin.ui.take_listening import _stretch
from tests.panel.test_panel import (
    FIRST,
    SECOND,
    WAIT_MS,
    generate,
    item_of,
    state_of,
    takes_on_timeline,
    wait_until_idle,
)

OpenPanel = Callable[..., MainWindow]
SYNCS = {"syncs": [(0.5, 30.0), (0.9, -12.0), (0.9, 4.0)]}


def make_takes(window: MainWindow, qtbot: QtBot, count: int = 3) -> None:
    window.sound_control.memory.change([FIRST], takes=count)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)


def placed(window: MainWindow) -> list[str]:
    return [item.name for item in takes_on_timeline(window)]


def rows(window: MainWindow) -> list[str]:
    return [row.name for row in window.take_lanes.model.rows]


def drag_item(window: MainWindow, item: LaneItem, *by_px: float) -> None:
    """As the mouse does with Alt held; from one place to the next, all counted from where it was pressed."""
    view, scene = window.view, window.session.scene
    placed_lane = next(each for each in scene.stack.lanes if item in each.lane.items)
    start = QPointF(
        HEADER_PX + view.scale.x_of(item.record_in_s + 0.8),
        RULER_HEIGHT_PX + placed_lane.top_px + 30 - view.scroll_y_px,
    )
    left, alt = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
    for kind, at in (
        (QEvent.Type.MouseButtonPress, start),
        (QEvent.Type.MouseMove, start + QPointF(by_px[0] / 2, 0)),
        *((QEvent.Type.MouseMove, start + QPointF(each, 0)) for each in by_px),
        (QEvent.Type.MouseButtonRelease, start + QPointF(by_px[-1], 0)),
    ):
        QApplication.sendEvent(view, QMouseEvent(kind, at, view.mapToGlobal(at), left, left, alt))


def test_numbers_put_takes_on_the_timeline_while_it_plays_and_undo_takes_them_off(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, **SYNCS)
    make_takes(window, qtbot)
    history = window.session.history
    assert rows(window) == ["hammer · seed 0", "hammer · seed 1", "hammer · seed 2"]
    assert [row.rank for row in window.take_lanes.model.rows] == [3, 2, 1]
    assert placed(window) == ["hammer · seed 0"]
    qtbot.waitUntil(lambda: len(window.playback_control.sounds) == 3, timeout=WAIT_MS)
    window.playback.play()
    qtbot.waitUntil(lambda: window.playback.position_s > 0.05, timeout=WAIT_MS)
    before_s = window.playback.position_s
    qtbot.keyClick(window, Qt.Key.Key_3)
    assert window.playback.is_playing and window.playback.position_s >= before_s
    window.playback.stop()
    assert placed(window) == ["hammer · seed 2"]
    qtbot.keyClick(window, Qt.Key.Key_2)
    assert placed(window) == ["hammer · seed 1"]
    history.undo()  # one choice after the other is one step
    assert placed(window) == ["hammer · seed 0"]
    history.undo()  # the generating itself
    assert placed(window) == []
    assert len(rows(window)) == 3 and state_of(window, FIRST) is ClipState.DONE
    history.redo()
    assert placed(window) == ["hammer · seed 0"]
    window.actions_["best_first"].trigger()
    assert rows(window) == ["hammer · seed 2", "hammer · seed 1", "hammer · seed 0"]
    qtbot.keyClick(window, Qt.Key.Key_1)
    assert placed(window) == ["hammer · seed 2"]


def test_undo_of_generating_brings_the_former_take_back_and_another_day_remembers(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    make_takes(window, qtbot, 1)
    make_takes(window, qtbot, 1)
    assert placed(window) == ["hammer · seed 1"]
    window.session.history.undo()
    assert placed(window) == ["hammer · seed 0"]
    window.close()
    again = open_panel(cut_path)
    assert placed(again) == ["hammer · seed 0"]


def test_takes_that_land_after_the_undo_go_to_the_shelf_only(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, step_s=0.05, steps_per_take=8)
    window.sound_control.memory.change([FIRST], takes=3)
    generate(window, FIRST)
    qtbot.waitUntil(lambda: len(takes_on_timeline(window)) == 1, timeout=WAIT_MS)
    window.session.history.undo()
    wait_until_idle(window, qtbot)
    assert placed(window) == [] and len(rows(window)) == 3
    window.session.history.redo()
    assert placed(window) == ["hammer · seed 0"]


def test_takes_are_named_favoured_trashed_and_restored_from_the_keys(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    make_takes(window, qtbot, 2)
    lanes, history = window.take_lanes, window.session.history
    lanes.list.setFocus()
    assert lanes.list.current is not None and lanes.list.current.name == "hammer · seed 0"
    qtbot.keyClick(lanes.list, Qt.Key.Key_F)
    assert lanes.list.current.is_favourite
    qtbot.keyClick(lanes.list, Qt.Key.Key_Down)
    qtbot.keyClick(lanes.list, Qt.Key.Key_Return)
    assert placed(window) == ["hammer · seed 1"]
    lanes.model.setData(lanes.list.currentIndex(), "the dry one")
    assert placed(window) == ["the dry one"] and rows(window)[1] == "the dry one"
    qtbot.keyClick(lanes.list, Qt.Key.Key_Delete)
    assert placed(window) == [] and rows(window) == ["hammer · seed 0"]
    window.actions_["show_trash"].trigger()
    assert [row.is_trashed for row in lanes.model.rows] == [False, True]
    history.undo()
    assert placed(window) == ["the dry one"]
    history.redo()
    lanes.list.set_current(lanes.model.rows[1].take_id)
    window.actions_["restore_take"].trigger()
    assert [row.is_trashed for row in lanes.model.rows] == [False, False] and placed(window) == []
    window.session.place_take(lanes.model.rows[1].take_id)
    window.close()
    again = open_panel(cut_path)
    again.view.select([item_of(again, FIRST)])
    assert rows(again) == ["hammer · seed 0", "the dry one"]
    assert again.take_lanes.model.rows[0].is_favourite
    spoken = again.take_lanes.model.spoken(again.take_lanes.model.rows[1])
    assert spoken == "Take 2, the dry one, on the timeline"


def test_a_name_is_typed_on_while_a_take_of_the_clip_lands(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    make_takes(window, qtbot, 1)
    generate(window, FIRST)
    names = window.take_lanes.list
    names.setFocus()
    window.actions_["rename_take"].trigger()
    (editor,) = names.findChildren(QLineEdit)
    editor.clear()
    QTest.keyClicks(editor, "boots, ")
    wait_until_idle(window, qtbot)
    assert rows(window) == ["hammer · seed 0"], "the lanes wait"
    QTest.keyClicks(editor, "the good one")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows(window) == ["boots, the good one", "hammer · seed 1"], timeout=WAIT_MS)


def test_a_take_is_slipped_by_frames_and_milliseconds_and_the_timeline_follows(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, **SYNCS)
    make_takes(window, qtbot, 1)
    (before,) = takes_on_timeline(window)
    frame_s = window.session.scene.ruler.frame_s
    for name in ("slip_later", "slip_later", "slip_later_ms"):
        window.actions_[name].trigger()
    (after,) = takes_on_timeline(window)
    assert after.record_in_s == before.record_in_s
    assert after.wave_in_s == pytest.approx(before.wave_in_s - 2 * frame_s - 0.001, abs=1e-4)
    assert after.hits_s == before.hits_s  # where the picture has them
    takes = list(cut_path.with_suffix(".foley").glob("takes/*.wav"))
    assert len(takes) == 1  # listening needs no copy
    row = window.take_lanes.model.rows[0]
    assert window.take_lanes.model.slip_words(row).startswith("slipped +2.0")
    assert row.sync is not None and row.sync.offset_ms == pytest.approx(30 + 2000 * frame_s + 1, abs=0.1)
    data = window.take_lanes.model.mimeData([window.take_lanes.model.index(0)])
    assert data is not None and Path(data.urls()[0].toLocalFile()).exists()
    assert data.urls()[0].toLocalFile() != before.media  # what is handed on is slipped
    window.session.history.undo()
    assert takes_on_timeline(window)[0].wave_in_s == before.wave_in_s
    window.session.history.redo()
    window.actions_["reset_slip"].trigger()
    assert takes_on_timeline(window)[0].wave_in_s == before.wave_in_s
    drag = window.view.scale.pixels_per_s * 3.2 * frame_s
    drag_item(window, takes_on_timeline(window)[0], drag)
    assert window.session.desk.shelf.take(after.take_id or "").slip_samples == 3 * 2000
    window.session.history.undo()
    assert takes_on_timeline(window)[0].wave_in_s == before.wave_in_s
    for _ in range(2):
        window.take_control.commands._slip(48000)
    assert "cannot be slipped" in window.notice_bar.sentence
    assert window.take_lanes.model.rows[0].slip_frames == pytest.approx(1 / frame_s)


def test_a_take_that_is_dragged_past_its_handles_stays_at_their_end_and_comes_back_with_the_mouse(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    make_takes(window, qtbot, 1)
    (item,) = takes_on_timeline(window)
    desk, told, seen = window.session.desk, list[str](), list[int]()
    assert desk is not None
    desk.takes.changed.connect(lambda _: seen.append(desk.shelf.take(item.take_id or "").slip_samples))
    window.session.failed.connect(told.append)
    frame_px = window.view.scale.pixels_per_s * window.session.scene.ruler.frame_s
    drag_item(window, item, *(frame_px * frames for frames in (20, 30, 40, 30, 20, 0)))
    assert seen == [10 * 2000, 20 * 2000, 48000, 20 * 2000, 0], "a second is the handle"
    assert len(told) == 1 and "cannot be slipped" in told[0]
    drag_item(window, takes_on_timeline(window)[0], frame_px * 20)
    drag_item(window, takes_on_timeline(window)[0], frame_px * 30, frame_px * -5)
    assert seen[-1] == 15 * 2000, "counted from where it lay"
    assert len(told) == 2, "each drag tells for itself"


def gains_heard(window: MainWindow) -> dict[str, float]:
    """Of the takes that are heard now, by id."""
    sound = window.playback_control.sound
    takes = {id(each.samples): take_id for take_id, each in sound.sounds.items()}
    return {takes[id(each.samples)]: each.gain for each in sound._heard() if isinstance(each, MixedSound)}


def test_takes_are_compared_at_one_level_while_a_key_is_held(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    make_takes(window, qtbot, 2)
    listening = window.take_control.listening
    heard = window.playback_control.sound
    qtbot.waitUntil(lambda: len(listening._levels_lufs) == len(heard.sounds) == 2, timeout=WAIT_MS)
    first, second = (row.take_id for row in window.take_lanes.model.rows)
    exported = {take_id: sound.gain for take_id, sound in heard.sounds.items()}
    for row, lufs in zip(window.take_lanes.model.rows, (-20.0, -22.0), strict=True):
        listening._on_level(_stretch(row.item), lufs)
    louder = 10 ** (2 / 20)
    assert gains_heard(window) == {first: exported[first]}
    window.session.place_take(second)
    assert gains_heard(window) == {second: exported[second]}
    qtbot.keyPress(window, Qt.Key.Key_B)
    assert listening.compared == first
    assert gains_heard(window) == {first: pytest.approx(exported[second] / louder)}
    window.actions_["match_levels"].trigger()
    assert gains_heard(window) == {first: exported[first]}
    window.actions_["match_levels"].trigger()
    qtbot.keyRelease(window, Qt.Key.Key_B)
    assert listening.compared is None and gains_heard(window) == {second: exported[second]}
    window.session.place_take(first)
    qtbot.keyPress(window, Qt.Key.Key_B)
    assert gains_heard(window) == {second: pytest.approx(exported[first] * louder)}
    listening._on_level(_stretch(window.take_lanes.model.rows[1].item), -32.0)
    highest = abs(heard.sounds[second].samples).max()
    assert gains_heard(window) == {second: pytest.approx(1 / highest)}, "it does not clip"
    qtbot.keyRelease(window, Qt.Key.Key_B)
    window.session.place_take(second)
    compare = window.actions_["compare_takes"]
    compare.setShortcuts([])
    for compared in (first, None, first):
        compare.trigger()  # in the menu no key is let go: what was begun there ends there
        assert listening.compared == compared
    window.view.select([item_of(window, SECOND)])
    assert listening.compared is None
    window.view.select([item_of(window, FIRST)])
    assert placed(window) == ["hammer · seed 1"]


def test_layers_keep_their_balance_while_their_clip_is_in_hand(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, labels=["footstep_gravel", "cloth"])
    qtbot.waitUntil(lambda: bool(window.surroundings.engine.labels), timeout=WAIT_MS)
    window.sound_control.choose([FIRST], ("footstep_gravel", "cloth"))
    make_takes(window, qtbot, 1)
    window.view.select([item_of(window, SECOND)])
    qtbot.waitUntil(lambda: len(window.playback_control.sounds) == 2, timeout=WAIT_MS)
    balance = gains_heard(window)
    window.view.select([item_of(window, FIRST)])
    listening = window.take_control.listening
    qtbot.waitUntil(lambda: bool(listening._levels_lufs), timeout=WAIT_MS)
    for row, lufs in zip(window.take_lanes.model.rows, (-20.0, -30.0), strict=True):
        listening._on_level(_stretch(row.item), lufs)
    assert window.actions_["match_levels"].isChecked()
    assert gains_heard(window) == balance and len(balance) == 2


def test_a_recipe_is_copied_repeated_and_its_settings_used(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    make_takes(window, qtbot, 2)
    window.take_lanes.list.set_current(window.take_lanes.model.rows[1].take_id)
    window.actions_["copy_recipe"].trigger()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None and json.loads(clipboard.text())["recipe"]["seed"] == 1
    window.sound_control.memory.change([ClipKey("V1", 1)], cast="Anna", seed=7)
    window.actions_["use_settings"].trigger()
    choice = window.sound_control.memory.of(ClipKey("V1", 1))
    assert (choice.seed, choice.cast) == (1, None)
    window.actions_["repeat_take"].trigger()
    wait_until_idle(window, qtbot)
    assert rows(window) == ["hammer · seed 0", "hammer · seed 1", "hammer · seed 1"]
    first, second = (
        window.session.desk.shelf.take(row.take_id).take for row in window.take_lanes.model.rows[1:]
    )
    assert first.sha256 == second.sha256 and first.wav != second.wav and first.cue_id == second.cue_id


def test_a_marked_part_is_made_anew_and_a_take_varied(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    make_takes(window, qtbot, 1)
    assert not window.actions_["redo_part"].isEnabled() and not window.actions_["extend_take"].isEnabled()
    window.view.mark_range(0.5, 1.0)
    assert window.actions_["redo_part"].isEnabled()
    window.actions_["redo_part"].trigger()
    wait_until_idle(window, qtbot)
    window.actions_["vary_take"].trigger()
    wait_until_idle(window, qtbot)
    assert len(rows(window)) == 3 and len(placed(window)) == 1
    window.session.history.undo()
    window.session.history.undo()
    assert placed(window) == ["hammer · seed 0"]


def test_without_a_selection_the_lanes_follow_the_playhead(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    make_takes(window, qtbot, 1)
    window.view.select([])
    assert len(rows(window)) == 1
    window.playback.seek(2.5)
    assert rows(window) == []
    window.view.select([item_of(window, SECOND), item_of(window, FIRST)])
    window.playback.seek(0.5)
    window.view.select([])
    assert len(rows(window)) == 1


def test_a_take_of_a_part_is_extended_to_its_clip_and_covers_it(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    window.view.mark_range(0.0, 0.5)
    window.actions_["generate"].trigger()
    wait_until_idle(window, qtbot)
    window.view.clear_range()
    assert len(placed(window)) == 1 and takes_on_timeline(window)[0].record_out_s < 2
    assert window.actions_["extend_take"].isEnabled()
    window.actions_["extend_take"].trigger()
    wait_until_idle(window, qtbot)
    assert len(placed(window)) == 1 and takes_on_timeline(window)[0].record_out_s >= 2
    assert not window.actions_["extend_take"].isEnabled()
    window.session.history.undo()
    assert takes_on_timeline(window)[0].record_out_s < 2
