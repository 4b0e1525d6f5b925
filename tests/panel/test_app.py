"""The program around the window: light, logged, reachable by keyboard."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, qWarning
from PyQt6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QListWidget, QSlider
from pytestqt.qtbot import QtBot

from foley_plugin.app import main
from foley_plugin.ui.actions import COMMANDS
from foley_plugin.ui.crash_log import LOG_NAME, keep_crash_log
from foley_plugin.ui.main_window import MainWindow

OpenPanel = Callable[..., MainWindow]

HEAVY = {"torch", "av", "numpy", "opentimelineio", "soundfile", "encodec", "open_clip"}

SHOW_PANEL = """
import json, sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from foley_plugin import app
class Quick(QApplication):
    def exec(self):
        QTimer.singleShot(200, self.quit)
        return QApplication.exec()
import PyQt6.QtWidgets
PyQt6.QtWidgets.QApplication = Quick
status = app.main([])
print(json.dumps([status, sorted(set(name.partition(".")[0] for name in sys.modules))]))
"""


def test_the_window_comes_up_without_anything_heavy(
    tmp_path: Path, fake_engine: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOLEY_ENGINE_COMMAND", json.dumps(fake_engine()))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", SHOW_PANEL], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    status, modules = json.loads(done.stdout.splitlines()[-1])
    assert status == 0
    assert "PyQt6" in modules
    assert not HEAVY & set(modules)


def test_an_unknown_argument_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--no-such-thing"])
    assert ended.value.code == 2
    assert "usage: foley panel" in capsys.readouterr().err


def test_what_is_unexpected_is_written_down(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    with keep_crash_log(folder) as last_crash:
        sys.excepthook(ValueError, ValueError("odd"), None)
        qWarning("something of Qt")
    text = (folder / LOG_NAME).read_text()
    assert last_crash is None
    assert "ValueError: odd" in text and "something of Qt" in text
    assert not logging.getLogger("foley_plugin").handlers
    assert [path.name for path in folder.iterdir()] == [LOG_NAME]


def test_a_crash_is_told_at_the_next_start(tmp_path: Path) -> None:
    crash = """
import sys, faulthandler
from pathlib import Path
from foley_plugin.ui.crash_log import LOG_NAME, keep_crash_log
with keep_crash_log(Path(sys.argv[1])):
    faulthandler._sigsegv()
"""
    done = subprocess.run([sys.executable, "-c", crash, str(tmp_path)], timeout=120, check=False)
    assert done.returncode != 0
    with keep_crash_log(tmp_path) as last_crash:
        assert last_crash is not None
        assert "Segmentation fault" in last_crash.read_text() or "violation" in last_crash.read_text()
    with keep_crash_log(tmp_path) as last_crash:
        assert last_crash is None


def test_without_a_screen_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 1
    assert "no screen" in capsys.readouterr().err


def test_no_two_commands_share_a_key() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


def test_every_control_has_a_name(open_panel: OpenPanel, cut_path: Path) -> None:
    window = open_panel(cut_path)
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QSlider, QListWidget)
    for kind in kinds:
        for control in window.findChildren(kind):
            if control.objectName().startswith("qt_") or not control.isVisibleTo(window):
                continue
            words = control.accessibleName() or getattr(control, "text", str)()
            assert words.strip(), f"a {type(control).__name__} without a name"


@pytest.mark.parametrize("name", ["play", "mark_in", "mark_out", "generate", "open", "export", "zoom_in"])
def test_commands_have_keys(name: str) -> None:
    assert next(command for command in COMMANDS if command.name == name).keys


def test_arrows_in_a_field_stay_in_the_field(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path)
    qtbot.waitExposed(window)
    takes = window.side_panel.sound_form.takes
    takes.setFocus()
    qtbot.keyClick(takes, Qt.Key.Key_Up)
    assert takes.value() == 2
    window.playback.seek(3.0)
    qtbot.keyClick(takes, Qt.Key.Key_Home)
    assert window.playback.position_s == 3.0


@pytest.mark.parametrize(
    ("key", "position_s"),
    [
        (Qt.Key.Key_Right, 1.0 + 1 / 24),
        (Qt.Key.Key_Left, 1.0 - 1 / 24),
        (Qt.Key.Key_Down, 2.0),
        (Qt.Key.Key_Up, 0.0),
        (Qt.Key.Key_End, 6.0),
    ],
)
def test_keys_move_the_playhead(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, key: Qt.Key, position_s: float
) -> None:
    window = open_panel(cut_path)
    window.activateWindow()
    qtbot.waitActive(window).__enter__()
    window.playback.seek(1.0)
    qtbot.keyClick(window.view, key)
    assert window.playback.position_s == pytest.approx(position_s)
