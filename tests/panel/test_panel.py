"""The panel as an editor uses it: the real window, a real engine process that does as it is told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.clip_status import ClipState
from foley_plugin.qtmodels.lanes import ClipKey, LaneItem, LaneKind
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.notice_bar import Severity
from foley_plugin.ui.panel_words import in_the_panel
from tests.panel.footage import write_cut

OpenPanel = Callable[..., MainWindow]
FIRST, SECOND, GONE = (ClipKey("V1", index) for index in (1, 2, 3))
SLOW = {"step_s": 0.05, "steps_per_take": 30}
WAIT_MS = 60_000


def item_of(window: MainWindow, key: ClipKey) -> LaneItem:
    lanes = window.session.scene.stack.lanes
    return next(item for placed in lanes for item in placed.lane.items if item.clip_keys == (key,))


def takes_on_timeline(window: MainWindow) -> list[LaneItem]:
    lanes = window.session.scene.stack.lanes
    return [item for placed in lanes if placed.lane.kind is LaneKind.FOLEY for item in placed.lane.items]


def state_of(window: MainWindow, key: ClipKey) -> ClipState:
    return window.session.scene.statuses[key].state


def generate(window: MainWindow, *keys: ClipKey) -> None:
    """As the right mouse button does it."""
    window.view.select([item_of(window, key) for key in keys])
    action = next(action for action in window.work_control.menu().actions() if "Generate" in action.text())
    action.trigger()


def wait_until_idle(window: MainWindow, qtbot: QtBot) -> None:
    desk = window.session.desk
    assert desk is not None
    qtbot.waitUntil(lambda: desk.is_idle, timeout=WAIT_MS)


def test_it_starts_with_two_ways_in(open_panel: OpenPanel) -> None:
    window = open_panel()
    assert window.pages.currentWidget() is window.empty_state
    assert window.empty_state.open_button.isVisible()
    assert not window.actions_["generate"].isEnabled()


def test_a_cut_is_drawn_with_what_can_have_foley_and_why_not(open_panel: OpenPanel, cut_path: Path) -> None:
    window = open_panel(cut_path)
    assert [placed.lane.track for placed in window.session.scene.stack.lanes] == ["V1", "F1"]
    assert state_of(window, FIRST) is ClipState.READY
    assert state_of(window, GONE) is ClipState.CANNOT
    assert "gone" in (window.session.scene.statuses[GONE].reason or "")
    assert window.transport_bar.position.text() == "01:00:00:00"


def test_thumbnails_and_the_picture_at_the_playhead_arrive(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    qtbot.waitUntil(lambda: window.viewer.image is not None, timeout=WAIT_MS)
    dark = window.viewer.image
    assert dark is not None and dark.pixelColor(5, 5).red() < 100
    window.playback.seek(2.5)
    qtbot.waitUntil(lambda: window.viewer.image is not dark, timeout=WAIT_MS)
    bright = window.viewer.image
    assert bright is not None and bright.pixelColor(5, 5).red() > 120


def test_a_clip_without_film_says_so_in_the_viewer(open_panel: OpenPanel, cut_path: Path) -> None:
    window = open_panel(cut_path)
    window.playback.seek(4.5)
    assert "gone" in window.viewer.words


def test_generate_shows_progress_and_the_take_lands_on_its_track(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, **SLOW)
    generate(window, FIRST)
    qtbot.waitUntil(lambda: 0 < window.session.scene.statuses[FIRST].progress < 1, timeout=WAIT_MS)
    assert state_of(window, FIRST) is ClipState.GENERATING
    assert window.status_strip.cancel_button.isVisible()
    wait_until_idle(window, qtbot)
    (take,) = takes_on_timeline(window)
    assert (take.record_in_s, take.name) == (0.0, "hammer · seed 0")
    assert state_of(window, FIRST) is ClipState.DONE
    assert not window.status_strip.cancel_button.isVisible()
    qtbot.waitUntil(lambda: window._wave(take) is not None, timeout=WAIT_MS)
    wave = window._wave(take)
    assert wave is not None
    at_hit, silence = wave.peaks(take.wave_in_s + 0.5, 0.02, 1), wave.peaks(take.wave_in_s + 0.3, 0.02, 1)
    assert at_hit[0] > 0.3 and silence[0] == 0.0


def test_the_take_plays_with_the_picture(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path)
    generate(window, SECOND)
    wait_until_idle(window, qtbot)
    qtbot.waitUntil(lambda: len(window.playback_control.sounds) == 1, timeout=WAIT_MS)
    (sound,) = window.playback_control.sounds.values()
    assert sound.start_samples == 2 * 48000
    loud = abs(sound.samples[:, 0]) > 0.1
    assert int(loud.argmax()) == pytest.approx(0.5 * 48000, abs=2)


def test_several_takes_are_listed_and_another_can_be_chosen(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    window.side_panel.sound_form.takes.setValue(3)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    desk = window.session.desk
    assert desk is not None
    takes = desk.shelf.takes_of(FIRST)
    assert [take.take.seed for take in takes] == [2, 1, 0]
    assert [item.take_id for item in takes_on_timeline(window)] == [takes[2].take_id]
    window.actions_["take_3"].trigger()
    assert [item.take_id for item in takes_on_timeline(window)] == [takes[0].take_id]


def test_a_take_is_taken_off_the_timeline_and_stays_on_the_shelf(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    window.view.select(takes_on_timeline(window))
    window.actions_["take_off"].trigger()
    assert takes_on_timeline(window) == []
    desk = window.session.desk
    assert desk is not None and len(desk.shelf.takes_of(FIRST)) == 1


def test_several_clips_wait_their_turn(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path, **SLOW)
    generate(window, FIRST, SECOND, GONE)
    assert state_of(window, SECOND) is ClipState.QUEUED
    assert state_of(window, GONE) is ClipState.CANNOT
    wait_until_idle(window, qtbot)
    assert len(takes_on_timeline(window)) == 2


def test_cancel_stops_what_runs_and_what_waits_and_keeps_what_is_done(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, **SLOW)
    window.side_panel.sound_form.takes.setValue(2)
    generate(window, FIRST, SECOND)
    qtbot.waitUntil(lambda: len(takes_on_timeline(window)) == 1, timeout=WAIT_MS)
    window.status_strip.cancel_button.click()
    wait_until_idle(window, qtbot)
    assert len(takes_on_timeline(window)) == 1
    assert state_of(window, FIRST) is ClipState.DONE
    assert state_of(window, SECOND) is ClipState.READY
    assert not window.notice_bar.isVisible()


def test_the_engine_killed_in_the_middle_is_told_takes_stay_and_the_next_job_runs(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, **SLOW)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    generate(window, SECOND)
    engine = window.surroundings.engine
    qtbot.waitUntil(lambda: window.session.scene.statuses[SECOND].progress > 0, timeout=WAIT_MS)
    assert engine.pid is not None
    psutil.Process(engine.pid).kill()
    qtbot.waitUntil(lambda: window.notice_bar.isVisible(), timeout=WAIT_MS)
    assert "starts again with the next job" in window.notice_bar.sentence
    assert len(takes_on_timeline(window)) == 1
    assert state_of(window, SECOND) is ClipState.FAILED
    generate(window, SECOND)
    wait_until_idle(window, qtbot)
    assert len(takes_on_timeline(window)) == 2
    assert not window.notice_bar.isVisible()


def test_a_refused_request_is_told_with_the_clip(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path, fail_request="The disk is full; make room.")
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    assert window.notice_bar.sentence == "shot_a: The disk is full; make room."
    assert state_of(window, FIRST) is ClipState.FAILED


def test_spotted_hits_are_drawn_on_the_clip(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path)
    window.view.select([item_of(window, SECOND)])
    window.actions_["spot"].trigger()
    qtbot.waitUntil(lambda: SECOND in window.session.scene.hits_s, timeout=WAIT_MS)
    assert window.session.scene.hits_of(item_of(window, SECOND)) == (2.5, 3.25)


def test_spotted_hits_are_kept_with_the_cue(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path)
    window.view.select([item_of(window, SECOND)])
    window.actions_["spot"].trigger()
    qtbot.waitUntil(lambda: SECOND in window.session.scene.hits_s, timeout=WAIT_MS)
    window.close()
    with sqlite3.connect(cut_path.with_suffix(".foley") / "foley.db") as database:
        (spotting,) = database.execute("SELECT spotting FROM cues").fetchone()
    database.close()
    assert [hit["time_s"] for hit in json.loads(spotting)["hits"]] == [0.5, 1.25]


def test_another_cut_may_be_opened_while_a_job_runs(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    window = open_panel(cut_path, **SLOW)
    generate(window, FIRST)
    qtbot.waitUntil(lambda: window.session.scene.statuses[FIRST].progress > 0, timeout=WAIT_MS)
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.open(write_cut(other))
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    assert len(takes_on_timeline(window)) == 1
    assert not window.notice_bar.isVisible()


def test_a_marked_range_gets_foley_for_what_is_seen_in_it(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    for time_s, mark in ((1.0, "mark_in"), (3.0, "mark_out")):
        window.playback.seek(time_s)
        window.actions_[mark].trigger()
    window.actions_["generate"].trigger()
    wait_until_idle(window, qtbot)
    starts_s = sorted(item.record_in_s for item in takes_on_timeline(window))
    assert starts_s == [1.0, 2.0]


def test_without_a_selection_it_says_what_to_do(open_panel: OpenPanel, cut_path: Path) -> None:
    window = open_panel(cut_path)
    window.actions_["generate"].trigger()
    assert window.notice_bar.sentence == "Select a clip first, or mark a range with I and O."


def test_the_reason_of_a_clip_is_shown_on_asking(open_panel: OpenPanel, cut_path: Path) -> None:
    window = open_panel(cut_path)
    window.view.select([item_of(window, GONE)])
    actions = {action.objectName(): action for action in window.work_control.menu().actions()}
    actions["show_reason"].trigger()
    assert window.notice_bar.sentence == in_the_panel(window.session.scene.statuses[GONE].reason or "")


def test_an_unknown_sound_is_refused_in_a_sentence(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    qtbot.waitUntil(lambda: window.surroundings.engine.is_ready, timeout=WAIT_MS)
    window.sound_control.choose([], ("trumpet",))
    generate(window, FIRST)
    assert "trumpet" in window.notice_bar.sentence
    assert state_of(window, FIRST) is ClipState.READY


def test_a_chosen_sound_is_asked_for(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path)
    qtbot.waitUntil(lambda: window.surroundings.engine.is_ready, timeout=WAIT_MS)
    window.sound_control.choose([], ("ball",))
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    assert takes_on_timeline(window)[0].name == "ball · seed 0"


def test_takes_of_an_earlier_day_are_there_again(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    first = [(item.name, item.media) for item in takes_on_timeline(window)]
    window.close()
    again = open_panel(cut_path)
    assert [(item.name, item.media) for item in takes_on_timeline(again)] == first
    assert state_of(again, FIRST) is ClipState.DONE


def test_a_choice_of_an_earlier_day_is_kept(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path)
    for _ in range(2):
        generate(window, FIRST)
        wait_until_idle(window, qtbot)
    assert takes_on_timeline(window)[0].name.endswith("seed 1")
    older = window.session.desk.shelf.takes_of(FIRST)[-1]
    window.session.place_take(older.take_id)
    window.close()
    again = open_panel(cut_path)
    assert takes_on_timeline(again)[0].name.endswith("seed 0")
    again.session.take_off([older.take_id])
    again.close()
    assert takes_on_timeline(open_panel(cut_path)) == []


def test_a_second_window_on_the_project_is_told_who_has_it_and_may_look(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    first = open_panel(cut_path)
    generate(first, FIRST)
    wait_until_idle(first, qtbot)
    second = open_panel(cut_path)
    assert "in use by" in second.notice_bar.sentence and takes_on_timeline(second) == []
    second.notice_bar.remedy_button.click()
    assert second.session.is_read_only and second.header_bar.reading_mark.isVisible()
    assert [item.name for item in takes_on_timeline(second)] == ["hammer · seed 0"]
    qtbot.waitUntil(lambda: len(second.playback_control.sounds) == 1, timeout=WAIT_MS)
    generate(second, SECOND)
    assert "for reading only" in second.notice_bar.sentence
    assert len(takes_on_timeline(second)) == 1
    first.close()
    with qtbot.waitSignal(second.session.opened, timeout=WAIT_MS):
        second.file_control.open(cut_path)
    assert not second.session.is_read_only and not second.header_bar.reading_mark.isVisible()


def test_a_lock_is_told_again_with_its_way_out(open_panel: OpenPanel, cut_path: Path) -> None:
    open_panel(cut_path)
    second = open_panel(cut_path)
    second.view.select([item_of(second, FIRST)])
    for name in ("generate", "spot", "tap", "export"):
        second.notice_bar.show_notice("Something else.", Severity.INFO)
        second.actions_[name].trigger()
        assert "in use by" in second.notice_bar.sentence, name
        assert second.notice_bar.remedy_button.isVisible(), name
    second.notice_bar.remedy_button.click()
    assert second.session.is_read_only


def test_a_broken_timeline_is_told_in_one_sentence(
    open_panel: OpenPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    broken = tmp_path / "broken.otio"
    broken.write_text("{not json")
    window = open_panel()
    with qtbot.waitSignal(window.session.open_failed, timeout=WAIT_MS):
        window.file_control.open(broken)
    assert "broken.otio" in window.notice_bar.sentence
    assert window.pages.currentWidget() is window.empty_state


def test_a_dropped_timeline_is_opened(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(cut_path))])
    event = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.dropEvent(event)


def test_the_demo_cut_opens(open_panel: OpenPanel, qtbot: QtBot) -> None:
    window = open_panel()
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.empty_state.demo_button.click()
    assert sum(status.state is ClipState.READY for status in window.session.scene.statuses.values()) >= 5


def test_the_death_of_the_media_process_is_survived(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    qtbot.waitUntil(lambda: window.viewer.image is not None, timeout=WAIT_MS)
    pid = window.surroundings.media.pid
    assert pid is not None
    psutil.Process(pid).kill()
    qtbot.waitUntil(lambda: window.surroundings.media.pid != pid, timeout=WAIT_MS)
    before = window.viewer.image
    window.playback.seek(2.5)
    qtbot.waitUntil(lambda: window.viewer.image is not before, timeout=WAIT_MS)
    assert window.viewer.image is not None
