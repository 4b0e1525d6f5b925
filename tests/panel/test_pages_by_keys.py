"""Pages and sliders are reached and moved from the keyboard, though the arrows move the playhead elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QSlider, QTabBar
from pytestqt.qtbot import QtBot

from foley_plugin.ui.main_window import MainWindow
from tests.panel.test_accessibility import activate

OpenPanel = Callable[..., MainWindow]


def press(key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, held)


@pytest.mark.parametrize("place", ["side_pages", "lower_pages"])
def test_the_arrows_move_through_tabs_that_have_the_focus(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, place: str
) -> None:
    window = open_panel(cut_path)
    activate(window, qtbot)
    pages = getattr(window.workspace, place)
    (tabs,) = (bar for bar in pages.findChildren(QTabBar) if bar.parent().parent() is pages)
    window.playback.seek(0.5)
    tabs.setFocus(Qt.FocusReason.TabFocusReason)
    seen = [pages.shown_page]
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left):
        press(key)
        seen.append(pages.shown_page)
    first, last = pages.names
    assert seen == [first, last, first] and window.playback.position_s == 0.5
    press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.playback.position_s == 1.5 and pages.shown_page == first


def test_the_arrows_move_sliders_that_have_the_focus(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    activate(window, qtbot)
    window.view.select_all()
    window.side_panel.sound_form.more_button.click()
    window.playback.seek(0.5)
    sliders = [slider for slider in window.findChildren(QSlider) if slider.isVisible()]
    assert len(sliders) == 3
    for slider in sliders:
        slider.setFocus(Qt.FocusReason.TabFocusReason)
        press(Qt.Key.Key_Home)
        least = slider.value()
        press(Qt.Key.Key_Right)
        assert slider.value() > least, slider.accessibleName()
        press(Qt.Key.Key_Left)
        assert slider.value() == least
        press(Qt.Key.Key_End)
        assert slider.value() > least and window.playback.position_s == 0.5


def test_each_page_has_a_command_that_leads_into_it(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    activate(window, qtbot)
    side, lower = window.workspace.side_pages, window.workspace.lower_pages
    for name, pages, page in (
        ("queue_page", side, "queue"),
        ("clip_page", side, "clip"),
        ("spot_page", lower, "spots"),
        ("timeline_page", lower, "timeline"),
    ):
        window.actions_[name].trigger()
        focused = QApplication.focusWidget()
        assert pages.shown_page == page and focused is not None and pages.isAncestorOf(focused)
        assert not isinstance(focused, QTabBar)
