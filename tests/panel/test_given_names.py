"""Names that somebody gave are shown as they are: neither markup nor the mark of a menu's letter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import opentimelineio as otio
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtWidgets import QApplication, QInputDialog, QLabel, QMessageBox, QToolTip
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.services.opening import TimelineChoice
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.notice_bar import Severity
from foley_plugin.ui.palette import Tone
from foley_plugin.ui.ruler_painter import HEADER_PX
from tests.panel.test_panel import FIRST, generate, item_of, wait_until_idle

OpenPanel = Callable[..., MainWindow]
NAME = "Anna & Co <b>"


def test_words_that_look_like_markup_are_escaped_in_a_tooltip_and_others_stay() -> None:
    assert plain_tip("Anna & Co\n1 > 0") == "Anna & Co\n1 > 0"
    assert plain_tip("1 &lt; 2") == "<qt>1 &amp;lt; 2</qt>", "Qt takes it for markup too"
    assert plain_tip(f"{NAME}\n01:00") == "<qt>Anna &amp; Co &lt;b&gt;<br>01:00</qt>"


def window_with_cast(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """With a take, saved as a cast called NAME."""
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    desk = window.session.desk
    assert desk is not None
    window.sound_control.save_cast(desk.shelf.placed()[0].take, NAME)
    return window


def test_a_cast_is_shown_by_the_name_that_it_was_given(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = window_with_cast(open_panel(cut_path), qtbot)
    assert NAME in window.notice_bar.sentence
    field = window.side_panel.sound_form.sound
    field.set_words(NAME)
    field.resize(400, field.height())
    assert field.text() == "Anna && Co <b>" and field.words == NAME
    assert field.toolTip() == plain_tip(NAME)


def test_no_label_that_shows_names_takes_them_for_markup(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    window.notice_bar.show_notice(NAME, Severity.INFO)
    window.side_panel.show_clip(NAME, NAME, NAME, Tone.DIM)
    window.status_strip.show_engine(NAME)
    shown = [label for label in window.findChildren(QLabel) if NAME in label.text()]
    assert len(shown) == 5
    assert {label.textFormat() for label in shown} == {Qt.TextFormat.PlainText}


def test_a_clips_tooltip_and_a_files_row_show_the_name(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline = otio.adapters.read_from_file(str(cut_path))
    timeline.tracks[0][0].name = NAME
    path = cut_path.with_name("A & B.otio")
    path.write_text(otio.adapters.write_to_string(timeline, "otio_json"), encoding="utf-8")
    window = open_panel(path)
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, words, _widget: shown.append(words))
    lane = window.session.scene.stack.lanes[0]
    item = item_of(window, FIRST)
    at = QPointF(
        HEADER_PX + window.view.scale.x_of(item.record_in_s + 0.1), RULER_HEIGHT_PX + lane.top_px + 8
    )
    QApplication.sendEvent(window.view, QHelpEvent(QEvent.Type.ToolTip, at.toPoint(), QPoint()))
    assert shown and "Anna &amp; Co &lt;b&gt;" in shown[0]
    window.empty_state.show_recent([str(path)])
    (button,) = window.empty_state.recent_buttons
    assert "A && B.otio" in button.text()


def test_a_question_about_a_file_names_it(
    open_panel: OpenPanel, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_panel()
    asked: list[str] = []
    names = {"A & B.xml": "A && B.xml holds several timelines. Open:"}
    names["A & <b>.xml"] = plain_tip("A & <b>.xml holds several timelines. Open:")
    monkeypatch.setattr(
        QInputDialog, "getItem", lambda _parent, _title, words, *_: (asked.append(words), ("", False))[1]
    )
    for name in names:
        window.file_control._on_choice_asked(TimelineChoice(tmp_path / name, ["one", "two"]))
    assert asked == list(names.values())


def test_a_question_about_a_cast_names_it(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = window_with_cast(open_panel(cut_path), qtbot)
    asked: list[str] = []
    no = QMessageBox.StandardButton.No
    monkeypatch.setattr(QMessageBox, "question", lambda *said: (asked.append(said[2]), no)[1])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: (NAME, True))
    window.sound_control.ask_to_save_cast()
    assert asked == [plain_tip(f"There is a cast “{NAME}” already. Save this one in its place?")]
