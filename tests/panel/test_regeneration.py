"""Takes that follow edits: also those on their way, and never into another cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.clip_status import ClipState
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.regeneration import Regeneration
from foley_plugin.ui.main_window import MainWindow
from tests.panel.test_hit_window import requests_in
from tests.panel.test_panel import FIRST, SLOW, WAIT_MS, generate

OpenPanel = Callable[..., MainWindow]


class Book(QObject):
    """What is made is a word; `stale` is what would have to be made again."""

    edited = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self.stale: list[str] = []
        self.open: list[str] = []
        self.made: list[str] = []
        self.cancelled: list[str] = []

    def make_again(self, clip: ClipKey) -> list[str]:
        self.made += self.stale
        self.open += self.stale
        return list(self.stale)

    def open_jobs(self, clip: ClipKey) -> list[str]:
        return list(self.open)

    def cancel(self, jobs: Iterable[str]) -> None:
        self.cancelled += jobs


def test_a_take_on_its_way_is_made_again_when_it_lands_and_nothing_is_made_twice(qapp: object) -> None:
    book = Book()
    regeneration = Regeneration(book)  # type: ignore[arg-type]
    regeneration.set_on(True)
    book.open = ["on its way"]
    book.edited.emit(FIRST)
    regeneration._timer.timeout.emit()
    assert book.made == []
    book.open, book.stale = [], ["landed stale"]
    regeneration._timer.stop()
    regeneration.settle_again()
    assert regeneration._timer.isActive()
    regeneration._timer.timeout.emit()
    assert book.made == ["landed stale"]
    book.open, book.stale = [], []
    regeneration._timer.stop()
    regeneration.settle_again()
    assert not regeneration._timer.isActive()


def test_another_cut_begins_with_nothing_to_make(qapp: object) -> None:
    book = Book()
    regeneration = Regeneration(book)  # type: ignore[arg-type]
    regeneration.set_on(True)
    book.stale = ["a"]
    book.edited.emit(FIRST)
    regeneration._timer.timeout.emit()
    book.edited.emit(FIRST)
    regeneration.forget()
    assert not regeneration._timer.isActive()
    book.stale = ["b"]
    book.edited.emit(FIRST)
    regeneration._timer.timeout.emit()
    assert (book.made, book.cancelled) == (["a", "b"], [])


def test_hits_moved_while_the_first_take_is_made_are_followed(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    log = tmp_path / "requests.jsonl"
    window = open_panel(cut_path, request_log=str(log), **SLOW)
    window.actions_["regenerate_after_edits"].trigger()
    generate(window, FIRST)
    qtbot.waitUntil(lambda: log.exists() and len(requests_in(log)) == 1, timeout=WAIT_MS)
    window.hit_control.commands.add(FIRST, 1.0)
    statuses = window.session.scene.statuses
    qtbot.waitUntil(lambda: len(requests_in(log)) == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: statuses[FIRST].state is ClipState.DONE, timeout=WAIT_MS)
    second = requests_in(log)[1]
    assert second.hits is not None and 1.0 in [round(hit.time_s, 2) for hit in second.hits]
