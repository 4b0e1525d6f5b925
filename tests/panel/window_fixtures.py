"""The real window for tests, with the scripted engine and no audio device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.engine_process import DEFAULT_PLACE, EngineProcess
from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.sound_output import NoDevice
from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.ui.main_window import MainWindow, Surroundings
from tests.panel.footage import write_cut

FakeEngine = Callable[..., list[str]]
OpenPanel = Callable[..., MainWindow]


@pytest.fixture
def cut_path(tmp_path: Path) -> Path:
    """A cut in a folder of its own: shot_a, shot_b, and one whose film is gone."""
    folder = tmp_path / "cut"
    folder.mkdir()
    return write_cut(folder)


@pytest.fixture
def open_panel(tmp_path: Path, fake_engine: FakeEngine, qtbot: QtBot) -> Iterator[OpenPanel]:
    """Opens the real window, with the scripted engine, no audio device, and a cut where one is given."""
    windows: list[MainWindow] = []

    def open_panel(
        cut: Path | None = None, *, place: EnginePlace = DEFAULT_PLACE, **script: object
    ) -> MainWindow:
        command, log = fake_engine(**script), tmp_path / "engine.log"
        engine = EngineProcess(command=command, place=place, log_path=log)
        surroundings = Surroundings(
            engine,
            MediaProcess(),
            Background(),
            open_output=NoDevice,
            settings_path=tmp_path / "settings.json",
            demo_folder=tmp_path / "demo",
        )
        window = MainWindow(surroundings)
        windows.append(window)
        window.show()
        if cut is not None:
            with qtbot.waitSignal(window.session.opened, timeout=60_000):
                window.file_control.open(cut)
        return window

    yield open_panel
    for window in windows:
        window.close()
        window.deleteLater()
