"""What the panel remembers of its user, and how files come to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QObject, QRect
from PyQt6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from foley_plugin.services.settings import Settings, read_settings, write_settings
from foley_plugin.ui import theme
from foley_plugin.ui.appearance import Appearance, scheme_of, stored_appearance
from foley_plugin.ui.layout_keeper import bounded
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.palette import Scheme
from foley_plugin.ui.panel_words import in_the_panel
from foley_plugin.ui.recent_files import named_apart
from foley_plugin.ui.reveal import reveal, selecting_command

OpenPanel = Callable[..., MainWindow]
WAIT_MS = 60_000


@pytest.fixture
def dark_again() -> object:
    yield
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply_theme(application)


def test_the_look_the_room_and_the_last_cuts_are_there_again(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot, dark_again: object
) -> None:
    window = open_panel(cut_path)
    window.actions_["look_light"].trigger()
    assert theme.palette().scheme is Scheme.LIGHT
    qtbot.waitUntil(lambda: window.workspace.sizes()[0] > 0, timeout=WAIT_MS)
    window.resize(1210, 777)
    QApplication.processEvents()
    window.workspace.moveSplitter(450, 1)
    window.workspace.columns.moveSplitter(800, 1)
    QApplication.processEvents()
    window.playback.seek(1.5)
    window.actions_["zoom_in"].trigger()
    zoomed = window.view.scale
    rows_px, columns_px = window.workspace.sizes(), window.workspace.columns.sizes()
    window.close()
    settings = read_settings(tmp_path / "settings.json")
    assert settings.appearance == "light"
    assert settings.recent_cuts == [str(cut_path)]

    again = open_panel()
    assert (again.width(), again.height()) == (1210, 777)
    assert again.actions_["look_light"].isChecked()
    (button,) = again.empty_state.recent_buttons
    with qtbot.waitSignal(again.session.opened, timeout=WAIT_MS):
        button.click()
    qtbot.waitUntil(lambda: again.workspace.sizes() == rows_px, timeout=WAIT_MS)
    assert again.workspace.columns.sizes() == columns_px
    qtbot.waitUntil(lambda: again.playback.position_s == pytest.approx(1.5, abs=0.05), timeout=WAIT_MS)
    assert again.view.scale.pixels_per_s == zoomed.pixels_per_s
    again.actions_["clear_recent"].trigger()
    assert read_settings(tmp_path / "settings.json").recent_cuts == []


def test_an_appearance_that_is_not_known_is_dark(tmp_path: Path, qapp: QApplication) -> None:
    path = tmp_path / "settings.json"
    assert stored_appearance(path) is Appearance.DARK
    write_settings(Settings(appearance="pink"), path)
    assert stored_appearance(path) is Appearance.DARK
    assert scheme_of(Appearance.LIGHT) is Scheme.LIGHT
    assert scheme_of(Appearance.SYSTEM) in Scheme


def test_a_window_comes_back_where_a_screen_is() -> None:
    screen, beside = QRect(0, 0, 1920, 1080), QRect(1920, 0, 1920, 1080)
    on_second = QRect(2400, 100, 1200, 800)
    assert bounded(on_second, [screen, beside]) == on_second
    moved = bounded(on_second, [screen])
    assert screen.contains(moved) and moved.size() == on_second.size()
    assert screen.contains(bounded(QRect(5000, 5000, 4000, 3000), [screen]))
    above = QRect(100, -700, 1200, 800)
    assert screen.contains(bounded(above, [screen]))


def test_settings_that_cannot_be_known_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"appearance": "pink", "of_a_later_version": 3, "takes": 4}')
    assert read_settings(path).takes == 4
    write_settings(read_settings(path), path)
    assert read_settings(path) == Settings(takes=4, appearance="pink")


def test_cuts_of_one_name_are_told_apart_by_their_folder() -> None:
    cuts = ["/a/day_1/cut.otio", "/a/day_2/cut.otio", "/a/reel.xml"]
    assert [named_apart(cut, cuts) for cut in cuts] == ["cut.otio  (day_1)", "cut.otio  (day_2)", "reel.xml"]


def test_media_and_folders_that_are_dropped(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel()
    window.file_control.take_in(Path("/films/shot.mov"))
    assert "shot.mov is media" in window.notice_bar.sentence
    window.file_control.take_in(cut_path.parent)
    assert "is a folder" in window.notice_bar.sentence
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.take_in(cut_path)
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.take_in(cut_path.parent)


def test_a_bundle_that_is_a_folder_is_a_timeline(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    bundle = tmp_path / "reel.otiod"
    bundle.mkdir()
    shutil.copy(cut_path, bundle / "content.otio")
    window = open_panel()
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.take_in(bundle)
    assert window.session.cut is not None and window.session.cut.path == str(bundle)
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.take_in(cut_path)
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.open(bundle / "content.otio")  # as a dialog for files has it
    assert window.session.cut.path == str(bundle)
    window.manners.recent_files.show()
    assert read_settings(tmp_path / "settings.json").recent_cuts[0] == str(bundle)
    recent = [
        action for action in window.manners.recent_files._menu.actions() if "reel.otiod" in action.text()
    ]
    assert [action.isEnabled() for action in recent] == [True]


def test_a_file_is_shown_selected_and_its_folder_where_no_browser_answers(
    tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "a b.otio"
    file.touch()
    assert selecting_command(file, "darwin") == ["open", "-R", str(file)]
    assert selecting_command(file, "win32") == ["explorer", f"/select,{file}"]
    assert "a%20b.otio" in " ".join(selecting_command(file, "linux"))
    opened: list[Path] = []
    owner = QObject()
    reveal(file, owner, command=["no-such-browser-here"], open_folder=opened.append)
    qtbot.waitUntil(lambda: opened == [tmp_path], timeout=WAIT_MS)
    reveal(file, owner, command=["false"], open_folder=opened.append)
    qtbot.waitUntil(lambda: opened == [tmp_path, tmp_path], timeout=WAIT_MS)
    reveal(tmp_path, owner, open_folder=opened.append)
    assert opened[2:] == [tmp_path]


def test_an_edl_is_read_at_the_rate_that_the_editor_says(
    open_panel: OpenPanel, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    edl = tmp_path / "reel.edl"
    edl.write_text(
        "TITLE: REEL\n001  SHOT_A   V     C        01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00\n"
    )
    window = open_panel(edl)
    cut = window.session.cut
    assert cut is not None and tuple(cut.rate) == (24, 1)
    assert "File > Frame rate of the EDL" in in_the_panel(cut.notices[0])
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("29.97", True))
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.actions_["edl_rate"].trigger()
    assert window.session.cut is not None and tuple(window.session.cut.rate) == (30000, 1001)
