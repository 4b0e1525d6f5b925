"""The queue's page: what it lists, its keys, its notices, and what a crash left unmade."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("PyQt6.QtWidgets", exc_type=ImportError)

from PyQt6.QtCore import QEvent, QModelIndex, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.queue_model import QueueModel, time_left_words
from foley_plugin.takes.records import JobState
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.queue_page import QueueView
from tests.panel.footage import write_cut
from tests.panel.test_panel import (
    FIRST,
    SECOND,
    SLOW,
    WAIT_MS,
    generate,
    item_of,
    takes_on_timeline,
    wait_until_idle,
)

OpenPanel = Callable[..., MainWindow]
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.mark.parametrize(
    ("left_s", "words"),
    [(0.2, "1 s left"), (42, "42 s left"), (70, "1 min left"), (3000, "50 min left"), (9000, "2.5 h left")],
)
def test_time_left_is_told_roughly(left_s: float, words: str) -> None:
    assert time_left_words(left_s) == words


def listed(window: MainWindow) -> list[tuple[str, str]]:
    window.queue_control.show()
    model = window.queue_control.model
    rows = [model.job(model.index(number)) for number in range(model.rowCount())]
    return [(job.request.label or "", job.state.value) for job in rows if job is not None]


@pytest.mark.parametrize(
    ("key", "held", "is_of_the_list"),
    [
        (Qt.Key.Key_Up, NONE, True),
        (Qt.Key.Key_Up, ALT, True),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, True),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier, False),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier, False),
        (Qt.Key.Key_Delete, NONE, True),
        (Qt.Key.Key_R, NONE, True),
        (Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier, False),
    ],
)
def test_keys_with_other_modifiers_stay_commands_of_the_window(
    qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier, is_of_the_list: bool
) -> None:
    view = QueueView(QueueModel())
    qtbot.addWidget(view)
    pressed = QKeyEvent(QEvent.Type.ShortcutOverride, key, held)
    pressed.ignore()
    view.event(pressed)
    assert pressed.isAccepted() == is_of_the_list


def test_jobs_are_reordered_cancelled_and_made_again_by_keys(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, labels=["hammer", "ball", "cloth", "rain"], **SLOW)
    page, pages = window.queue_control.page, window.workspace.side_pages
    pages.show_page("queue")
    qtbot.waitUntil(lambda: window.surroundings.engine.is_ready, timeout=WAIT_MS)
    window.sound_control.choose([FIRST], ("hammer", "ball", "cloth"))
    window.sound_control.choose([SECOND], ("rain",))
    generate(window, FIRST, SECOND)
    assert listed(window) == [
        ("hammer", "running"),
        ("ball", "queued"),
        ("cloth", "queued"),
        ("rain", "queued"),
    ]
    assert pages._tabs.tabText(pages._names.index("queue")) == "Queue 4"
    view, model = page.list, window.queue_control.model
    assert "waiting" in model.index(1).data(Qt.ItemDataRole.AccessibleTextRole).lower()

    view.setCurrentIndex(model.index(3))
    qtbot.keyClick(view, Qt.Key.Key_Up, ALT)
    qtbot.keyClick(view, Qt.Key.Key_Up, ALT)
    assert [label for label, _ in listed(window)] == ["hammer", "rain", "ball", "cloth"]
    assert [job.request.label for job in view.selected_jobs()] == ["rain"], "what is moved stays selected"
    dragged = model.mimeData([model.index(1)])
    model.dropMimeData(dragged, Qt.DropAction.MoveAction, 3, 0, QModelIndex())
    assert [label for label, _ in listed(window)] == ["hammer", "ball", "rain", "cloth"]
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert listed(window)[1:] == [("ball", "queued"), ("cloth", "queued"), ("rain", "cancelled")]

    page.pause_button.click()
    assert window.session.queue is not None and window.session.queue.is_paused
    desk = window.session.desk
    assert desk is not None
    qtbot.waitUntil(lambda: not desk.queue.running, timeout=WAIT_MS)
    assert [state for _, state in listed(window)] == ["queued", "queued", "finished", "cancelled"]
    assert window.status_strip.job_label.text() == "Paused, 2 waiting"

    view.setCurrentIndex(model.index(3))
    qtbot.keyClick(view, Qt.Key.Key_R)
    assert listed(window) == [
        ("ball", "queued"),
        ("cloth", "queued"),
        ("rain", "queued"),
        ("hammer", "finished"),
    ]
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert window.session.scene.selected_clips == {SECOND}
    assert window.playback.position_s == 2.0
    page.pause_button.click()
    wait_until_idle(window, qtbot)
    assert len(takes_on_timeline(window)) == 4
    qtbot.waitUntil(lambda: pages._tabs.tabText(pages._names.index("queue")) == "Queue", timeout=WAIT_MS)


def test_a_failed_job_tells_why_and_is_made_again(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, fail_request="The disk is full; make room.")
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    assert [state for _, state in listed(window)] == ["failed"]
    view, model = window.queue_control.page.list, window.queue_control.model
    assert model.index(0).data(Qt.ItemDataRole.ToolTipRole) == "The disk is full; make room."
    view.setCurrentIndex(model.index(0))
    texts = [action.text().split("\t")[0] for action in view.menu().actions() if action.isEnabled()]
    assert texts == ["Show the clip", "Make again", "Cancel or remove", "Remove all that are over"]
    window.queue_control.page.again_button.click()
    wait_until_idle(window, qtbot)
    assert [state for _, state in listed(window)] == ["failed"], "the new job stands in the old one's place"
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert listed(window) == []


def test_the_end_of_long_work_is_told_to_somebody_who_turned_away(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_panel(cut_path, **SLOW)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    assert not window.notice_bar.isVisible(), "short work is not worth a notice"
    window.queue_control.long_s = 0.0
    generate(window, SECOND)
    wait_until_idle(window, qtbot)
    assert window.notice_bar.sentence == "All foley that was asked for is made."


def test_what_was_interrupted_is_offered_and_made_on_asking(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path, **SLOW)
    generate(window, FIRST, SECOND)
    qtbot.waitUntil(lambda: window.session.scene.statuses[FIRST].progress > 0, timeout=WAIT_MS)
    window.close()
    again = open_panel(cut_path)
    words = "2 jobs of last time were interrupted; what was finished is kept."
    qtbot.waitUntil(lambda: again.notice_bar.sentence == words, timeout=WAIT_MS)
    assert [state for _, state in listed(again)] == [JobState.INTERRUPTED.value] * 2
    button = next(each for each in again.notice_bar.findChildren(QPushButton) if each.isVisible())
    assert button.text() == "Make them now"
    button.click()
    wait_until_idle(again, qtbot)
    assert len(takes_on_timeline(again)) == 2
    again.close()
    third = open_panel(cut_path)
    assert not third.notice_bar.isVisible(), "it is offered once"
    assert item_of(third, FIRST) is not None


def test_another_cut_tells_of_the_jobs_it_has_stopped(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "other").mkdir()
    other = write_cut(tmp_path / "other")
    window = open_panel(cut_path, step_s=0.5, steps_per_take=60)  # none is done before the other cut is read
    for _ in range(2):
        generate(window, FIRST, SECOND)
    assert window.session.queue is not None and window.session.queue.open_count == 4
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.open(other)
    qtbot.wait(100)
    assert window.notice_bar.sentence.startswith("4 jobs of Scene 1 were stopped")
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.notice_bar.remedy_button.click()
    qtbot.wait(100)
    assert "4 jobs of last time were interrupted" in window.notice_bar.sentence
    window.notice_bar.hide()
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.open(other)
    qtbot.wait(100)
    assert "were stopped" not in window.notice_bar.sentence
