"""Every control can be named by a screen reader and reached by the keyboard, in an order that makes sense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from foley_plugin.ui.main_window import MainWindow

OpenPanel = Callable[..., MainWindow]
WAIT_MS = 60_000
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QProgressBar,
    QTabBar,
)


def controls_in(root: QWidget) -> Iterator[QWidget]:
    """What can be worked with; parts of Qt's own widgets belong to them."""
    for widget in [root, *root.findChildren(QWidget)]:
        is_part = widget.objectName().startswith("qt_") or isinstance(
            widget.parentWidget(), (QComboBox, QAbstractSpinBox, QLineEdit, QTabBar, QAbstractItemView)
        )
        is_scroll_bar = isinstance(widget, QScrollBar) and "scroll" in (
            widget.parentWidget().objectName() if widget.parentWidget() else ""
        )
        takes_focus = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
        is_control = isinstance(widget, CONTROLS) or takes_focus
        if is_control and widget.window() is root.window() and not is_part and not is_scroll_bar:
            yield widget


def name_of(widget: QWidget) -> str:
    """As a screen reader says it: its own name, its words, or those of the label beside it."""
    if widget.accessibleName():
        return widget.accessibleName()
    if isinstance(widget, QAbstractButton) and widget.text():
        return widget.text()
    labels = (label for label in widget.window().findChildren(QLabel) if label.buddy() is widget)
    return next((label.text() for label in labels), "")


def nameless(root: QWidget) -> list[str]:
    return [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parentWidget()).__name__}"
        for widget in controls_in(root)
        if widget.isVisible() and not name_of(widget).strip()
    ]


def tabbed(root: QWidget, first: QWidget) -> list[QWidget]:
    """Whoever gets the focus by the tab key, from `first` until it comes round; a trap ends it too."""
    first.setFocus(Qt.FocusReason.TabFocusReason)
    visited: list[QWidget] = []
    for _ in range(300):
        focused = QApplication.focusWidget()
        if focused is None or focused in visited:
            break
        visited.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    return visited


def reachable(root: QWidget) -> list[QWidget]:
    """What the tab key must come to: seen, able, and not left out of its round on purpose."""
    return [
        widget
        for widget in controls_in(root)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        and not (isinstance(widget, QWidget) and widget.focusProxy() is not None)
    ]


def activate(root: QWidget, qtbot: QtBot) -> None:
    root.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is root, timeout=WAIT_MS)


def assert_all_reached(root: QWidget, first: QWidget) -> list[QWidget]:
    visited = tabbed(root, first)
    missed = [f"{type(each).__name__} “{name_of(each)}”" for each in reachable(root) if each not in visited]
    assert missed == []
    return visited


def test_the_window_is_named_and_reached_in_the_order_of_the_work(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    activate(window, qtbot)
    window.actions_["select_all"].trigger()
    qtbot.waitUntil(lambda: window.surroundings.engine.is_ready, timeout=WAIT_MS)
    assert nameless(window) == []
    visited = assert_all_reached(window, window.header_bar.export_button)
    room = window.workspace
    areas = (window.header_bar, window.viewer.parentWidget(), room.side_pages, room.lower_pages)
    assert all(area is not None for area in areas)
    order = [
        next((number for number, area in enumerate(areas) if area.isAncestorOf(each)), len(areas))  # type: ignore[union-attr]
        for each in visited
    ]
    begin = order.index(1)
    turned = [*order[begin:], *order[:begin]]
    assert turned == sorted(turned, key=lambda number: (number == 0, number)), order


def test_every_page_of_the_room_is_named_and_reached(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    activate(window, qtbot)
    window.actions_["select_all"].trigger()
    window.actions_["generate"].trigger()
    qtbot.waitUntil(lambda: len(window.session.placements) == 2, timeout=WAIT_MS)
    for pages in (window.workspace.side_pages, window.workspace.lower_pages):
        for name in pages.names:
            pages.show_page(name)
            QApplication.processEvents()
            assert nameless(window) == [], name
            assert_all_reached(window, window.header_bar.export_button)


def test_the_pages_without_a_cut_are_named_and_reached(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel()
    window.empty_state.show_recent([str(cut_path)])
    activate(window, qtbot)
    assert_all_reached(window, window.empty_state.open_button)
    window.manners.welcome.show()
    page = window.manners.welcome.page
    assert page is not None
    assert nameless(window) == []
    assert_all_reached(window, page.hear_button)


@pytest.mark.parametrize("name", ["export", "shortcuts"])
def test_dialogs_are_named_and_reached(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, name: str
) -> None:
    window = open_panel(cut_path)
    window.actions_[name].trigger()
    manners = window.manners
    dialog = manners.export_control.dialog if name == "export" else manners.keyboard.dialog
    assert dialog is not None
    activate(dialog, qtbot)
    assert nameless(dialog) == []
    first = reachable(dialog)[0]
    assert_all_reached(dialog, first)


def test_the_row_that_the_arrows_reach_in_a_list_of_sounds_is_told_where_the_focus_is(
    open_panel: OpenPanel, qtbot: QtBot
) -> None:
    window = open_panel(labels=["hammer", "cloth"])
    qtbot.waitUntil(lambda: bool(window.surroundings.engine.labels), timeout=WAIT_MS)
    window.side_panel.sound_form.set_model(["hammer", "cloth"], reads_text=True)
    field = window.side_panel.sound_form.sound
    field.open()
    search, sounds = field.popup.search, field.popup.list
    told = [search.accessibleDescription()]
    assert told == ["From the picture, chosen"]
    for _ in range(2):
        QTest.keyClick(search, Qt.Key.Key_Down)
        told.append(search.accessibleDescription())
        assert told[-1] == sounds.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert len(set(told)) == 3
    search.setText("clo")
    assert search.accessibleDescription() == "Cloth"
    search.setText("no such sound")
    assert search.accessibleDescription().startswith("No sound is called so")
    field.popup.hide()
