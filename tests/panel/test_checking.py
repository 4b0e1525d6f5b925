"""A cut shows at once; its media is looked for afterwards, and again where the user says."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels import cut_reader
from foley_plugin.qtmodels.clip_status import ClipState
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.services.opening import check_cut
from foley_plugin.timeline.errors import ReaderFailed
from foley_plugin.timeline.records import CutRecord
from foley_plugin.ui.notice_bar import Severity
from tests.panel.footage import write_cut
from tests.panel.test_panel import FIRST, SLOW, generate, wait_until_idle
from tests.panel.window_fixtures import OpenPanel

WAIT_MS = 60_000


def states(window: object) -> list[ClipState]:
    scene = window.session.scene  # type: ignore[attr-defined]
    return [scene.statuses[ClipKey("V1", index)].state for index in (1, 2, 3)]


def held_check(monkeypatch: pytest.MonkeyPatch, held: Path | None = None) -> threading.Event:
    """Media are not looked for before this is set; where a cut is given, in this cut alone."""
    may_look = threading.Event()

    def slow_check(cut: Path) -> CutRecord:
        assert held not in (None, cut) or may_look.wait(WAIT_MS / 1000)
        return check_cut(cut)

    monkeypatch.setattr(cut_reader, "check_cut", slow_check)
    return may_look


def test_a_clip_is_checking_until_its_media_was_looked_for(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_look = threading.Event()

    def slow_check(cut: Path) -> CutRecord:
        assert may_look.wait(WAIT_MS / 1000)
        return check_cut(cut)

    monkeypatch.setattr(cut_reader, "check_cut", slow_check)
    window = open_panel()
    with qtbot.waitSignal(window.session.shown, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    assert states(window) == [ClipState.CHECKING] * 3
    assert window.view.scene is window.session.scene
    assert window.session.scene.duration_s == 6.0
    window.view.select_all()
    window.actions_["generate"].trigger()
    assert "still being looked for" in window.notice_bar.sentence
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        may_look.set()
    assert states(window) == [ClipState.READY, ClipState.READY, ClipState.CANNOT]
    assert len(window.session.selected_clips) == 3
    assert window.session.selected_clips[0].eligible


def test_a_check_that_fails_is_told_and_the_cut_stays(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(cut: Path) -> CutRecord:
        raise ReaderFailed("The disk does not answer.")

    monkeypatch.setattr(cut_reader, "check_cut", failing)
    window = open_panel()
    with qtbot.waitSignal(window.session.open_failed, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    assert states(window) == [ClipState.CANNOT] * 3
    assert "does not answer" in window.notice_bar.sentence


def test_a_file_that_cannot_be_opened_leaves_the_check_of_the_first_cut_alone(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_look = held_check(monkeypatch)
    broken = tmp_path / "broken.otio"
    broken.write_text("{not json")
    window = open_panel()
    with qtbot.waitSignal(window.session.shown, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    with qtbot.waitSignal(window.session.open_failed, timeout=WAIT_MS):
        window.file_control.open(broken)
    assert window.session.is_checking
    assert "Looking for the cut" in window.status_strip._message.text()
    assert "broken.otio" in window.notice_bar.sentence
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        may_look.set()
    assert states(window) == [ClipState.READY, ClipState.READY, ClipState.CANNOT]
    assert window.session.desk is not None


def test_the_check_of_a_cut_that_is_not_shown_any_more_is_dropped(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_look = held_check(monkeypatch, cut_path)
    (tmp_path / "other").mkdir()
    other = write_cut(tmp_path / "other")
    window = open_panel()
    with qtbot.waitSignal(window.session.shown, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.open(other)
    may_look.set()
    qtbot.wait(1000)
    assert window.session.cut is not None and window.session.cut.path == str(other)


def test_an_export_without_a_project_says_why_there_is_none(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(cut: Path) -> CutRecord:
        raise ReaderFailed("The disk does not answer.")

    monkeypatch.setattr(cut_reader, "check_cut", failing)
    window = open_panel()
    with qtbot.waitSignal(window.session.open_failed, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    for name in ("export", "spot", "tap"):
        window.notice_bar.hide()
        window.actions_[name].trigger()
        assert window.notice_bar.isVisible() and "does not answer" in window.notice_bar.sentence, name
        window.notice_bar.show_notice("Another one.", Severity.INFO)


def test_a_folder_brings_offline_clips_back_now_and_next_time(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for film in cut_path.parent.glob("*.mp4"):
        shutil.move(film, moved / film.name)
    shutil.copy(moved / "shot_a.mp4", moved / "gone.mp4")
    window = open_panel(cut_path)
    assert states(window) == [ClipState.CANNOT] * 3
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.session.find_media(moved)
    assert states(window) == [ClipState.READY] * 3
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    assert states(window) == [ClipState.READY] * 3


def test_a_folder_that_is_dropped_during_a_check_has_its_turn_after_it(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for film in cut_path.parent.glob("*.mp4"):
        shutil.move(film, moved / film.name)
    may_look = held_check(monkeypatch)
    window = open_panel()
    with qtbot.waitSignal(window.session.shown, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    window.file_control.take_in(moved)
    assert str(moved) in window.status_strip._message.text()
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        may_look.set()
    assert states(window) == [ClipState.READY, ClipState.READY, ClipState.CANNOT]
    assert window.status_strip._message.text() == ""


def test_a_folder_that_is_refused_is_not_said_to_be_looked_in(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, **SLOW)
    generate(window, FIRST)
    window.file_control.take_in(tmp_path)
    assert "look for media when it is done" in window.notice_bar.sentence
    assert "Looking" not in window.status_strip._message.text()
    wait_until_idle(window, qtbot)
    assert "Looking" not in window.status_strip._message.text()


def test_a_folder_that_brings_nothing_leaves_the_queue_and_the_history_alone(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    desk, queue = window.session.desk, window.session.queue
    assert queue is not None and len(queue.jobs) == 1 and window.actions_["undo"].isEnabled()
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.take_in(tmp_path)
    assert window.session.desk is desk and len(queue.jobs) == 1
    assert window.actions_["undo"].isEnabled()
    window.actions_["undo"].trigger()
    assert window.session.placements == []
