"""The model of the panel: chosen by its folder, remembered, given up again; the engine is started again with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from foley_plugin.services.engine_place import EnginePlace
from foley_plugin.services.settings import Settings, read_settings, write_settings
from foley_plugin.ui.main_window import MainWindow
from tests.panel.test_panel import FIRST, generate, wait_until_idle

OpenPanel = Callable[..., MainWindow]
FakeEngine = Callable[..., list[str]]
WAIT_MS = 60_000


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """What the panel looks at of a model; the scripted engine looks at nothing."""
    folder = tmp_path / "studio"
    folder.mkdir()
    (folder / "lm.safetensors").touch()
    config = {"model": {"name": "studio-1"}, "weights": {"lm.safetensors": "0" * 64}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def started_with(tmp_path: Path) -> list[list[str]]:
    """The options of each engine that was started, in order."""
    log = tmp_path / "started.jsonl"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def choose(window: MainWindow, folder: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    window.actions_["choose_model"].trigger()


def test_a_model_is_chosen_remembered_and_given_up_again(
    open_panel: OpenPanel, studio: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = {"start_log": str(tmp_path / "started.jsonl")}
    window = open_panel(**script)
    engine = window.surroundings.engine
    qtbot.waitUntil(lambda: engine.is_ready, timeout=WAIT_MS)
    assert not window.actions_["default_model"].isEnabled()
    lost: list[str] = []
    engine.was_lost.connect(lost.append)
    with qtbot.waitSignal(engine.became_ready, timeout=WAIT_MS):
        choose(window, studio, monkeypatch)
    assert "studio-1" in window.notice_bar.sentence
    assert read_settings(tmp_path / "settings.json").model_folder == str(studio)
    window.close()

    again = open_panel(**script)
    with qtbot.waitSignal(again.surroundings.engine.became_ready, timeout=WAIT_MS):
        pass
    assert again.actions_["default_model"].isEnabled()
    with qtbot.waitSignal(again.surroundings.engine.became_ready, timeout=WAIT_MS):
        again.actions_["default_model"].trigger()
    assert read_settings(tmp_path / "settings.json").model_folder == ""
    assert not again.actions_["default_model"].isEnabled()
    with_it = ["--model", str(studio)]
    assert started_with(tmp_path) == [[], with_it, with_it, []]
    assert lost == []


def test_a_model_that_is_chosen_again_is_loaded_again(
    open_panel: OpenPanel, studio: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has packed it anew into the same folder."""
    write_settings(Settings(model_folder=str(studio)), tmp_path / "settings.json")
    window = open_panel(start_log=str(tmp_path / "started.jsonl"))
    engine = window.surroundings.engine
    qtbot.waitUntil(lambda: engine.is_ready, timeout=WAIT_MS)
    with qtbot.waitSignal(engine.became_ready, timeout=WAIT_MS):
        choose(window, studio, monkeypatch)
    assert started_with(tmp_path) == [["--model", str(studio)]] * 2


def test_a_remembered_model_that_is_not_there_is_told_and_no_other_takes_its_place(
    open_panel: OpenPanel,
    cut_path: Path,
    studio: Path,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its disk is not mounted; then it is, and the model is chosen again."""
    away = studio.rename(tmp_path / "away")
    write_settings(Settings(model_folder=str(studio)), tmp_path / "settings.json")
    window = open_panel(cut_path, start_log=str(tmp_path / "started.jsonl"))
    engine, bar = window.surroundings.engine, window.notice_bar
    qtbot.waitUntil(bar.isVisible, timeout=WAIT_MS)
    assert bar.sentence.startswith(f"There is no model {studio}; ") and bar.remedy_button.isVisible()
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    window.work_control.show_reason()
    assert bar.sentence.startswith(f"There is no model {studio}; ")
    assert not engine.is_alive and not (tmp_path / "started.jsonl").exists()
    assert read_settings(tmp_path / "settings.json").model_folder == str(studio)

    away.rename(studio)
    with qtbot.waitSignal(engine.became_ready, timeout=WAIT_MS):
        choose(window, studio, monkeypatch)
    assert started_with(tmp_path) == [["--model", str(studio)]]


def test_a_folder_that_is_no_model_is_refused_and_the_engine_stays(
    open_panel: OpenPanel, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_panel()
    engine = window.surroundings.engine
    qtbot.waitUntil(lambda: engine.is_ready, timeout=WAIT_MS)
    pid = engine.pid
    (tmp_path / "holiday").mkdir()
    choose(window, tmp_path / "holiday", monkeypatch)
    assert "holiday is no model" in window.notice_bar.sentence
    assert engine.pid == pid and engine.is_ready
    assert read_settings(tmp_path / "settings.json").model_folder == ""
    window.notice_bar.hide()
    choose(window, "", monkeypatch)  # the dialog was closed
    assert not window.notice_bar.isVisible() and engine.pid == pid


def test_while_something_is_made_the_model_stays(
    open_panel: OpenPanel,
    cut_path: Path,
    studio: Path,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_panel(cut_path, step_s=0.3, steps_per_take=100)
    window.actions_["select_all"].trigger()
    window.actions_["generate"].trigger()
    desk = window.session.desk
    assert desk is not None
    qtbot.waitUntil(lambda: bool(desk.queue.running), timeout=WAIT_MS)
    choose(window, studio, monkeypatch)
    assert "when they are done" in window.notice_bar.sentence
    assert window.surroundings.engine.place == EnginePlace() and desk.queue.running
    window.actions_["cancel"].trigger()
    qtbot.waitUntil(lambda: desk.is_idle, timeout=WAIT_MS)
    choose(window, studio, monkeypatch)
    assert window.surroundings.engine.place == EnginePlace(model=studio)


def test_a_model_that_was_named_at_the_start_comes_before_the_remembered_one(
    open_panel: OpenPanel, studio: Path, tmp_path: Path
) -> None:
    path = tmp_path / "settings.json"
    write_settings(Settings(model_folder=str(studio)), path)
    place = EnginePlace(model=tmp_path / "other", device="cpu")
    window = open_panel(place=place)
    assert window.surroundings.engine.place == place
    assert read_settings(path).model_folder == str(studio)
