"""A file with several timelines asks which of them is meant, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("PyQt6.QtWidgets", exc_type=ImportError)

from PyQt6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.clip_status import ClipState
from foley_plugin.ui.main_window import MainWindow
from tests.panel.test_checking import held_check, states

WAIT_MS = 60_000
OpenPanel = Callable[..., MainWindow]


@pytest.fixture
def several(cut_path: Path) -> Path:
    one = json.loads(cut_path.read_text())
    timelines = [one | {"name": "Reel 1"}, one | {"name": "Reel 2"}]
    path = cut_path.with_name("reels.otio")
    path.write_text(
        json.dumps(
            {"OTIO_SCHEMA": "SerializableCollection.1", "name": "", "metadata": {}, "children": timelines}
        )
    )
    return path


def test_the_chosen_timeline_is_opened_and_meant_from_then_on(
    several: Path, open_panel: OpenPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def choose(
        parent: object, title: str, question: str, items: list[str], *rest: object
    ) -> tuple[str, bool]:
        assert "reels.otio" in question
        asked.append(items)
        return items[1], True

    monkeypatch.setattr(QInputDialog, "getItem", choose)
    window = open_panel()
    for _ in range(2):
        with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
            window.file_control.open(several)
        assert window.session.cut is not None and window.session.cut.name == "Reel 2"
    assert asked == [["1  Reel 1", "2  Reel 2"]]


def test_who_chooses_nothing_keeps_what_was_open(
    several: Path, open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getItem", lambda *words: ("", False))
    window = open_panel(cut_path)
    assert window.session.cut is not None
    before = window.session.cut.path
    with qtbot.waitSignal(window.session.choice_asked, timeout=WAIT_MS):
        window.file_control.open(several)
    assert window.session.cut.path == before


def test_a_choice_that_is_left_leaves_the_check_of_the_first_cut_alone(
    several: Path, open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_look = held_check(monkeypatch)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *words: ("", False))
    window = open_panel()
    with qtbot.waitSignal(window.session.shown, timeout=WAIT_MS):
        window.file_control.open(cut_path)
    with qtbot.waitSignal(window.session.choice_asked, timeout=WAIT_MS):
        window.file_control.open(several)
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        may_look.set()
    assert states(window) == [ClipState.READY, ClipState.READY, ClipState.CANNOT]
