"""Sounds of several layers and casts in the real window: chosen, kept, undone, taken away, missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from engine.protocol import SamplingWish
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.spot_rows import SpotRow
from foley_plugin.qtmodels.take_shelf import ShelfTake
from foley_plugin.takes.errors import ProjectError
from foley_plugin.ui.main_window import MainWindow
from tests.panel.footage import write_cut
from tests.panel.test_hit_window import requests_in
from tests.panel.test_panel import FIRST, SECOND, WAIT_MS, generate, item_of, wait_until_idle

OpenPanel = Callable[..., MainWindow]
LABELS = ["hammer", "ball", "cloth"]
BESIDE = Qt.KeyboardModifier.ControlModifier


class Desk:
    """A window whose engine knows three labels, and what lies on its timeline."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self._qtbot = window, qtbot
        engine = window.surroundings.engine
        qtbot.waitUntil(lambda: bool(engine.labels), timeout=WAIT_MS)

    def choose(self, key: ClipKey, *labels: str) -> None:
        self.window.sound_control.choose([key], labels)

    def take_row(self, words: str, *, beside: bool = False) -> None:
        """Choose from the list by its words, with Ctrl held where it is to lie beside the rest."""
        field = self.window.side_panel.sound_form.sound
        field.open(words)
        held = BESIDE if beside else Qt.KeyboardModifier.NoModifier
        self._qtbot.keyClick(field.popup.search, Qt.Key.Key_Return, held)

    def make(self, *keys: ClipKey) -> None:
        generate(self.window, *keys)
        wait_until_idle(self.window, self._qtbot)

    def select(self, key: ClipKey) -> None:
        self.window.view.select([item_of(self.window, key)])

    def save_cast(self, key: ClipKey, name: str) -> None:
        take = next(take for take in self.placed() if take.clip == key)
        self.window.sound_control.save_cast(take.take, name)

    def placed(self) -> list[ShelfTake]:
        assert self.window.session.desk is not None
        return self.window.session.desk.shelf.placed()

    def heard(self, key: ClipKey) -> list[tuple[int, str]]:
        return sorted((take.slot.layer, take.take.label) for take in self.placed() if take.clip == key)

    @property
    def words(self) -> str:
        return self.window.side_panel.sound_form.sound.words

    @property
    def told(self) -> str:
        return self.window.notice_bar.sentence


@pytest.fixture
def open_desk(open_panel: OpenPanel, qtbot: QtBot) -> Callable[..., Desk]:
    return lambda cut, **script: Desk(open_panel(cut, **{"labels": LABELS} | script), qtbot)


OpenDesk = Callable[..., Desk]


@pytest.mark.parametrize(("taken_away", "left"), [("hammer", "cloth"), ("cloth", "hammer")])
def test_a_sound_that_is_taken_away_is_not_heard_and_no_other_is_heard_twice(
    open_desk: OpenDesk, cut_path: Path, taken_away: str, left: str
) -> None:
    desk = open_desk(cut_path)
    desk.choose(FIRST, "hammer", "cloth")
    desk.make(FIRST)
    assert desk.heard(FIRST) == [(0, "hammer"), (1, "cloth")]
    desk.take_row(taken_away, beside=True)
    desk.make(FIRST)
    assert desk.heard(FIRST) == [(0, left)], "alone, on the layer that follows the hits"
    desk.window.session.history.undo()
    assert desk.heard(FIRST) == [(0, "hammer"), (1, "cloth")], "one step"
    desk.window.session.history.redo()
    assert desk.heard(FIRST) == [(0, left)]


def test_a_sound_that_stays_keeps_its_layer(open_desk: OpenDesk, cut_path: Path) -> None:
    desk = open_desk(cut_path)
    desk.choose(FIRST, "hammer", "cloth", "ball")
    desk.make(FIRST)
    desk.take_row("cloth", beside=True)
    desk.make(FIRST)
    assert desk.heard(FIRST) == [(0, "hammer"), (2, "ball")]
    desk.take_row("cloth", beside=True)
    desk.make(FIRST)
    assert desk.heard(FIRST) == [(0, "hammer"), (1, "cloth"), (2, "ball")]


def test_what_is_made_of_one_take_leaves_the_other_layers(open_desk: OpenDesk, cut_path: Path) -> None:
    desk = open_desk(cut_path)
    desk.choose(FIRST, "hammer", "cloth")
    desk.make(FIRST)
    desk.take_row("cloth", beside=True)
    desk.window.actions_["vary_take"].trigger()
    desk.make(SECOND)
    assert desk.heard(FIRST) == [(0, "hammer"), (1, "cloth")], "until the clip itself is made"


def test_a_choice_is_undone_and_there_another_day(open_desk: OpenDesk, cut_path: Path, qtbot: QtBot) -> None:
    desk = open_desk(cut_path)
    desk.choose(FIRST, "cloth", "hammer")
    desk.select(SECOND)
    desk.take_row("ball")
    desk.window.side_panel.sound_form.changed.emit({"seed": 4})
    desk.window.side_panel.sound_form.changed.emit({"seed": 47})
    history, memory = desk.window.session.history, desk.window.sound_control.memory
    assert history.undo_words == "choice of sound"
    history.undo()
    assert memory.of(SECOND).seed is None and desk.words == "Ball", "a number that is typed is one step"
    history.undo()
    assert desk.words == "From the picture" and not memory.is_chosen(SECOND)
    history.redo()
    desk.window.close()

    desk = open_desk(cut_path)
    assert desk.window.session.history.undo_words is None
    desk.select(SECOND)
    assert desk.words == "Ball"
    desk.select(FIRST)
    assert desk.words == "Cloth + Hammer"
    desk.make(FIRST)
    desk.make(FIRST)
    assert desk.heard(FIRST) == [(0, "cloth"), (1, "hammer")]


def test_a_choice_that_cannot_be_kept_is_taken_back_in_the_form(
    open_desk: OpenDesk, cut_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(cut_path)
    desk.select(FIRST)
    store = desk.window.session.store
    assert store is not None

    def refuse(*_: object) -> None:
        raise ProjectError("The disk is full.")

    monkeypatch.setattr(store.cue_sounds, "set", refuse)
    desk.window.side_panel.sound_form.takes.setValue(4)
    assert "full" in desk.told and desk.window.side_panel.sound_form.takes.value() == 1
    assert desk.window.session.history.undo_words is None


def test_a_choice_of_before_the_project_was_open_is_kept(
    open_desk: OpenDesk, cut_path: Path, qtbot: QtBot
) -> None:
    open_desk(cut_path).window.close()
    desk = open_desk(None)
    session = desk.window.session
    session.shown.connect(lambda: desk.choose(FIRST, "ball"))
    with qtbot.waitSignal(session.opened, timeout=WAIT_MS):
        desk.window.file_control.open(cut_path)
    assert desk.window.sound_control.memory.of(FIRST).labels == ("ball",)
    desk.window.close()
    again = open_desk(cut_path)
    assert again.window.sound_control.memory.of(FIRST).labels == ("ball",)


def test_a_clip_without_a_choice_begins_with_what_its_takes_were_made_of(
    open_desk: OpenDesk, cut_path: Path
) -> None:
    """As after the command line, or an earlier version."""
    desk = open_desk(cut_path)
    desk.choose(FIRST, "cloth", "hammer")
    desk.make(FIRST, SECOND)
    store = desk.window.session.store
    assert store is not None
    for cue_id in store.cue_sounds.all():
        store.cue_sounds.set(cue_id, None)
    desk.window.close()
    desk = open_desk(cut_path)
    desk.select(SECOND)
    assert desk.words == "From the picture", "as it was made"
    desk.select(FIRST)
    assert desk.words == "Cloth + Hammer"
    desk.make(FIRST)
    assert desk.heard(FIRST) == [(0, "cloth"), (1, "hammer")]


def rows_of_first(desk: Desk) -> list[SpotRow]:
    desk.window.spot_control.refresh()
    return [row for row in desk.window.spot_control.model.rows if row.clip == FIRST]


def sounds_listed(desk: Desk) -> list[str | None]:
    return [None if row.is_dropped else row.sound for row in rows_of_first(desk)]


@pytest.mark.parametrize("is_another_day", [False, True])
@pytest.mark.parametrize(
    ("number", "words", "listed", "heard"),
    [
        (0, "ball", ["Ball", "Cloth"], [(0, "ball"), (1, "cloth")]),
        (1, "ball", ["Hammer", "Ball"], [(0, "hammer"), (1, "ball")]),
        (0, "", [None, "Cloth"], [(0, "cloth")]),
        (1, "", ["Hammer", None], [(0, "hammer")]),
    ],
)
def test_a_sound_typed_in_a_row_changes_that_row_alone(
    open_desk: OpenDesk,
    cut_path: Path,
    is_another_day: bool,
    number: int,
    words: str,
    listed: list[str | None],
    heard: list[tuple[int, str]],
) -> None:
    desk = open_desk(cut_path)
    desk.choose(FIRST, "hammer", "cloth")
    desk.make(FIRST)
    if is_another_day:
        desk.window.close()
        desk = open_desk(cut_path)
    desk.window.workspace.lower_pages.show_page("spots")
    assert sounds_listed(desk) == ["Hammer", "Cloth"]
    desk.window.spot_control.set_sound(rows_of_first(desk)[number], words)
    assert sounds_listed(desk) == listed
    desk.make(FIRST)
    assert desk.heard(FIRST) == heard


def test_a_row_is_typed_in_where_nothing_was_chosen(open_desk: OpenDesk, cut_path: Path) -> None:
    """The takes came of what every clip begins with."""
    desk = open_desk(cut_path)
    desk.window.view.select([])
    desk.window.sound_control.choose([], ("hammer", "cloth"))
    desk.make(FIRST)
    desk.window.sound_control.choose([], ())
    desk.window.workspace.lower_pages.show_page("spots")
    assert sounds_listed(desk) == ["Hammer", "Cloth"]
    desk.window.spot_control.set_sound(rows_of_first(desk)[1], "ball")
    assert sounds_listed(desk) == ["Hammer", "Ball"]


def test_the_take_in_hand_is_cast(
    open_desk: OpenDesk, cut_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(cut_path)
    window = desk.window
    desk.choose(FIRST, "hammer", "cloth")
    desk.make(FIRST)
    desk.make(FIRST)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Anna", True))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    store = window.session.store
    assert store is not None
    for row in window.take_lanes.model.rows:
        window.take_lanes.list.set_current(row.take_id)
        assert window.actions_["save_cast"] in window.take_control.commands.menu().actions()
        window.actions_["save_cast"].trigger()
        assert str(store.cast_book.casts()[0].take_id) == row.take_id


def test_the_settings_of_a_take_bring_its_cast_along(
    open_desk: OpenDesk, cut_path: Path, tmp_path: Path
) -> None:
    log = tmp_path / "requests.jsonl"
    desk = open_desk(cut_path, request_log=str(log))
    desk.make(FIRST)
    desk.save_cast(FIRST, "Anna")
    desk.select(SECOND)
    desk.take_row("anna")
    desk.make(SECOND)
    desk.take_row("ball")
    desk.window.actions_["use_settings"].trigger()
    assert desk.words == "Anna"
    desk.make(SECOND)
    assert [request.cast is not None for request in requests_in(log)] == [False, True, True]
    desk.window.sound_control.delete_cast("Anna")
    desk.window.actions_["use_settings"].trigger()
    assert "cast that this take went on from" in desk.told


def test_the_settings_of_a_take_bring_what_no_form_shows(
    open_desk: OpenDesk, cut_path: Path, tmp_path: Path
) -> None:
    """It was made on the command line, or is as good as that: its request says top-k and drafts."""
    log = tmp_path / "requests.jsonl"
    desk = open_desk(cut_path, request_log=str(log))
    memory = desk.window.sound_control.memory
    desk.make(FIRST)
    desk.make(SECOND)
    job = desk.placed()[0].job
    assert job is not None
    job.request = msgspec.structs.replace(job.request, sampling=SamplingWish(top_k=256, drafts=1))
    desk.select(FIRST)
    desk.window.actions_["use_settings"].trigger()
    assert (memory.of(FIRST).top_k, memory.of(FIRST).drafts) == (256, 1)
    assert (memory.of(SECOND).top_k, memory.default.top_k, memory.default.drafts) == (None, None, None)
    desk.make(FIRST)
    desk.make(SECOND)
    asked = [(each.sampling.top_k, each.sampling.drafts) for each in requests_in(log)]
    assert asked == [(None, None), (None, None), (256, 1), (None, None)]


def test_the_settings_of_a_take_leave_the_other_layers(open_desk: OpenDesk, cut_path: Path) -> None:
    desk = open_desk(cut_path)
    desk.choose(FIRST, "hammer", "cloth")
    desk.make(FIRST)
    cloth = next(take for take in desk.placed() if take.slot.layer == 1)
    desk.window.take_lanes.list.set_current(cloth.take_id)
    desk.choose(FIRST, "hammer", "ball")
    desk.window.actions_["use_settings"].trigger()
    assert desk.words == "Hammer + Cloth"
    desk.make(FIRST)
    assert desk.heard(FIRST) == [(0, "hammer"), (1, "cloth")]


def test_a_cast_lies_beside_labels(open_desk: OpenDesk, cut_path: Path, tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    desk = open_desk(cut_path, request_log=str(log))
    desk.make(FIRST)
    desk.save_cast(FIRST, "Anna")
    desk.save_cast(FIRST, "Ben")
    desk.select(SECOND)
    desk.take_row("anna")
    desk.take_row("cloth", beside=True)
    assert desk.words == "Anna + Cloth"
    desk.take_row("ben", beside=True)
    assert desk.words == "Anna + Cloth" and "one cast" in desk.told
    desk.make(SECOND)
    asked = requests_in(log)[-2:]
    assert [(each.label, each.cast is not None) for each in asked] == [("hammer", True), ("cloth", False)]
    desk.take_row("anna", beside=True)
    assert desk.words == "Cloth"
    desk.take_row("anna", beside=True)
    assert desk.words == "Anna + Cloth", "it is where it was"


def test_a_sound_lies_beside_what_each_of_several_clips_has(open_desk: OpenDesk, cut_path: Path) -> None:
    desk = open_desk(cut_path)
    desk.make(FIRST)
    desk.save_cast(FIRST, "Anna")
    desk.take_row("anna")
    desk.choose(SECOND, "ball")
    desk.window.view.select([item_of(desk.window, key) for key in (FIRST, SECOND)])
    assert desk.words == "Several sounds"
    desk.take_row("cloth", beside=True)
    desk.take_row("anna", beside=True)
    assert "one cast" in desk.told
    desk.select(SECOND)
    assert desk.words == "Ball + Cloth"
    desk.select(FIRST)
    assert desk.words == "Anna + Cloth"


def test_clips_that_cannot_be_made_are_named_and_the_others_made(
    open_desk: OpenDesk, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    desk = open_desk(cut_path)
    desk.make(FIRST)
    desk.save_cast(FIRST, "Anna")
    desk.select(SECOND)
    desk.take_row("anna")
    desk.window.sound_control.save_preset("Anna's")
    desk.window.sound_control.delete_cast("Anna")
    assert desk.words == "Anna (missing)"
    desk.window.session.history.undo()
    assert desk.words == "Anna"

    (tmp_path / "other").mkdir()
    with qtbot.waitSignal(desk.window.session.opened, timeout=WAIT_MS):
        desk.window.file_control.open(write_cut(tmp_path / "other"))
    desk.select(FIRST)
    desk.window.sound_control.use_preset("Anna's")
    assert desk.words == "Anna (missing)"
    desk.make(FIRST, SECOND)
    assert desk.told == "shot_a: There is no cast “Anna” in this project; choose another sound from the list."
    assert [take.clip for take in desk.placed()] == [SECOND]

    desk.choose(FIRST, "trumpet")
    desk.make(FIRST, SECOND)
    assert desk.told.startswith("shot_a: The model knows no sound “trumpet”")
    assert len(desk.placed()) == 1 and desk.placed()[0].take.seed == 1


def test_it_asks_before_a_cast_is_replaced(
    open_desk: OpenDesk, cut_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(cut_path)
    control = desk.window.sound_control
    desk.make(FIRST)
    desk.save_cast(FIRST, "Émile")
    desk.choose(FIRST, "cloth")
    desk.make(FIRST)
    asked: list[str] = []
    answers = iter([QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes])
    store = desk.window.session.store
    assert store is not None

    def answer(*said: object) -> QMessageBox.StandardButton:
        asked.append(str(said[2]))
        return next(answers)

    monkeypatch.setattr(QInputDialog, "getText", lambda *_: (" émile ", True))
    monkeypatch.setattr(QMessageBox, "question", answer)

    def casts() -> list[tuple[str, str]]:
        return [(cast.name, cast.label) for cast in store.cast_book.casts()]

    control.ask_to_save_cast()
    assert casts() == [("Émile", "hammer")] and "“Émile”" in asked[0]
    control.ask_to_save_cast()
    assert casts() == [("émile", "cloth")]
    desk.window.session.history.undo()
    assert casts() == [("Émile", "hammer")]
