"""The first start: what was found, one button to hear it, and never again unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from foley_plugin.services.model_facts import DEFAULT_MODEL, model_facts
from foley_plugin.services.settings import read_settings
from foley_plugin.ui.first_run import FirstRun
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.welcome_control import SOUND_LOADS_MS
from tests.panel.test_panel import FIRST, SLOW, generate, wait_until_idle

OpenPanel = Callable[..., MainWindow]
WAIT_MS = 60_000


def test_the_demo_is_heard_by_one_button_and_the_page_comes_once(
    open_panel: OpenPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_panel()
    welcome = window.manners.welcome
    welcome.show_if_new()
    page = welcome.page
    assert page is not None and window.pages.currentWidget() is page
    qtbot.waitUntil(lambda: "threads" in page._engine[1].text(), timeout=WAIT_MS)
    assert "foley-tiny" in page._model[1].text() or "fake" in page._model[1].text()
    page.hear_button.click()
    assert not page.hear_button.isEnabled()
    qtbot.waitUntil(lambda: window.playback.is_playing, timeout=WAIT_MS)
    assert window.pages.currentWidget() is window.workspace and page.hear_button.isEnabled()
    assert len(window.session.placements) == 1
    window.playback.stop()
    window.actions_["welcome"].trigger()
    assert window.pages.currentWidget() is page
    page.skip_button.click()
    assert window.pages.currentWidget() is window.workspace
    assert read_settings(tmp_path / "settings.json").has_been_welcomed
    again = open_panel()
    again.manners.welcome.show_if_new()
    assert again.pages.currentWidget() is again.empty_state


def test_the_models_size_and_licence_are_read_from_its_folder(tmp_path: Path) -> None:
    facts = model_facts(DEFAULT_MODEL)
    assert facts.size_bytes > 1e6 and facts.licence == "CC BY 4.0"
    assert facts.card is not None and facts.card.is_file()
    assert model_facts("no-such-model").card is None


def welcomed(window: MainWindow) -> FirstRun:
    """The page that a first start shows."""
    window.manners.welcome.show_if_new()
    page = window.manners.welcome.page
    assert page is not None
    return page


def test_the_demo_that_was_cancelled_asks_for_nothing_in_the_next_cut(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(**SLOW)
    page = welcomed(window)
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        page.hear_button.click()
    window.status_strip.cancel_button.click()
    wait_until_idle(window, qtbot)
    assert page.hear_button.isEnabled()
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    assert window.session.queue is not None and window.session.queue.jobs == []
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    qtbot.wait(2 * SOUND_LOADS_MS)
    assert len(window.session.placements) == 1 and not window.playback.is_playing


def test_another_cut_ends_the_demo_before_it_is_heard(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(**SLOW)
    page = welcomed(window)
    with qtbot.waitSignal(window.session.shown, timeout=WAIT_MS):
        page.hear_button.click()
    with qtbot.waitSignal(window.session.shown, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    assert page.hear_button.isEnabled()
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        pass
    assert window.session.queue is not None and window.session.queue.jobs == []
