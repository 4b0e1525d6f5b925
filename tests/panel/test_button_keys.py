"""Buttons are pressed from the keyboard, and Space still plays for whoever works with the mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from foley_plugin.ui.main_window import MainWindow
from tests.panel.test_accessibility import activate

OpenPanel = Callable[..., MainWindow]


def test_a_button_reached_by_keyboard_takes_space_and_enter_and_one_clicked_leaves_space_to_play(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    activate(window, qtbot)
    window.workspace.lower_pages.show_page("spots")
    button, played, clicked = window.spot_control.tools.sheet_button, [], []
    window.actions_["play"].triggered.connect(lambda: played.append(True))
    button.clicked.disconnect()
    button.clicked.connect(lambda: clicked.append(True))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    before = window.spot_control.tools.filter
    button.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
        QTest.keyClick(button, key)
    assert (len(clicked), played) == (3, [])

    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert (len(clicked), len(played)) == (4, 1)
    before.setFocus()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.hasFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert (len(clicked), len(played)) == (5, 2)

    dialog = QDialog(window)
    dialog.show()
    activate(dialog, qtbot)
    dialog.setFocus()
    dialog.close()
    activate(window, qtbot)
    qtbot.waitUntil(button.hasFocus, timeout=60_000)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert (len(clicked), len(played)) == (5, 3), "back from another window, it is as it was"

    before.setFocus()
    button.setFocus(Qt.FocusReason.BacktabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert (len(clicked), len(played)) == (6, 3)
    window.view.setFocus()
    QTest.keyClick(window.view, Qt.Key.Key_Space)
    assert (len(clicked), len(played)) == (6, 4)
