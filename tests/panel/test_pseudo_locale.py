"""In a language that is 40 % longer nothing is cut off, at 1280 x 720."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.export_plan import TARGET_ORDER
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.notice_bar import Severity
from foley_plugin.ui.page_switch import PageSwitch
from foley_plugin.ui.theme import apply_theme
from tests.panel.pseudo_locale import PseudoTranslator, cut_off, pseudo
from tests.panel.test_panel import FIRST, item_of, wait_until_idle

OpenPanel = Callable[..., MainWindow]
WAIT_MS = 60_000


@pytest.fixture
def pseudo_language() -> Iterator[None]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application)  # what an editor sees has its margins
    translator = PseudoTranslator()
    application.installTranslator(translator)
    yield
    application.removeTranslator(translator)


def settle(widget: QWidget) -> None:
    for _ in range(3):
        QApplication.processEvents()


def test_words_get_longer_and_what_programs_read_stays() -> None:
    assert pseudo("&Open {name}\nnow").startswith("&O") and " {name}\n" in pseudo("&Open {name}\nnow")
    assert len(pseudo("Generate foley")) >= 1.4 * len("Generate foley") - 1
    assert pseudo("") == ""


def test_nothing_is_cut_off_in_the_window(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, pseudo_language: None
) -> None:
    window = open_panel(cut_path)
    window.resize(1280, 720)
    settle(window)
    found = [f"nothing selected: {each}" for each in cut_off(window)]
    window.view.select([item_of(window, FIRST)])
    window.actions_["generate"].trigger()
    wait_until_idle(window, qtbot)
    window.notice_bar.show_notice(
        pseudo("A sentence. ") * 12, Severity.ERROR, (pseudo("Show the file"), lambda: None)
    )
    for pages in (window.workspace.side_pages, window.workspace.lower_pages):
        for name in pages.names:
            pages.show_page(name)
            settle(window)
            found += [f"{name}: {each}" for each in cut_off(window)]
    assert list(dict.fromkeys(found)) == []
    assert (window.width(), window.height()) == (1280, 720)
    assert isinstance(window.workspace.side_pages, PageSwitch)


def test_nothing_is_cut_off_on_the_pages_without_a_cut(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, pseudo_language: None
) -> None:
    window = open_panel()
    window.resize(1280, 720)
    window.empty_state.show_recent([str(cut_path)])
    settle(window)
    assert list(cut_off(window)) == []
    window.manners.welcome.show()
    qtbot.waitUntil(lambda: window.surroundings.engine.is_ready, timeout=WAIT_MS)
    settle(window)
    assert list(cut_off(window)) == []


def test_nothing_is_cut_off_in_the_dialogs(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, pseudo_language: None
) -> None:
    window = open_panel(cut_path)
    window.actions_["export"].trigger()
    dialog = window.manners.export_control.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.findings.rowCount() > 0, timeout=WAIT_MS)
    for name in TARGET_ORDER:
        dialog.target_box.setCurrentIndex(dialog.target_box.findData(name))
        settle(dialog)
        assert list(cut_off(dialog)) == [], name
    window.actions_["shortcuts"].trigger()
    keyboard = window.manners.keyboard.dialog
    assert keyboard is not None
    keyboard.choose("select_at_playhead")
    keyboard.key_edit.setKeySequence("I")
    settle(keyboard)
    assert list(cut_off(keyboard)) == []
    keyboard.choose("select_all")
    settle(keyboard)
    assert list(cut_off(keyboard)) == []
