"""Undo and redo: in order, series as one step, and a change that fails is no step."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.errors import OutputError
from foley_plugin.qtmodels.edit_history import EditHistory
from foley_plugin.ui.actions import Actions
from foley_plugin.ui.history_presenter import HistoryPresenter


class Number:
    """Something to change."""

    def __init__(self) -> None:
        self.value = 0

    def to(self, history: EditHistory, value: int, *, series: object = None) -> None:
        before = self.value
        history.do(f"set {value}", lambda: self._set(value), lambda: self._set(before), series=series)

    def _set(self, value: int) -> None:
        self.value = value


def test_what_was_done_is_undone_and_redone_in_order(qapp: object) -> None:
    history, number = EditHistory(), Number()
    number.to(history, 1)
    number.to(history, 2)
    assert (number.value, history.undo_words, history.redo_words) == (2, "set 2", None)
    history.undo()
    assert (number.value, history.undo_words, history.redo_words) == (1, "set 1", "set 2")
    history.undo()
    history.redo()
    history.redo()
    assert number.value == 2


def test_a_series_is_one_step_until_it_ends(qapp: object) -> None:
    history, number = EditHistory(), Number()
    for value in (1, 2, 3):
        number.to(history, value, series="nudge")
    history.end_series()
    number.to(history, 4, series="nudge")
    history.undo()
    assert number.value == 3
    history.undo()
    assert number.value == 0
    history.redo()
    assert number.value == 3


def test_what_was_made_already_is_not_made_again_when_it_is_remembered(qapp: object) -> None:
    history, made = EditHistory(), []
    history.did("make", lambda: made.append("again"), lambda: made.append("undone"))
    assert made == []
    history.undo()
    history.redo()
    assert made == ["undone", "again"]


def steps(history: EditHistory) -> tuple[str | None, str | None]:
    return history.undo_words, history.redo_words


def test_what_lands_meanwhile_takes_no_redo_away(qapp: object) -> None:
    history, number, landed = EditHistory(), Number(), list[str]()

    def land() -> None:
        landed.append("landed")
        history.did("land", lambda: landed.append("landed"), landed.clear)

    number.to(history, 1)
    number.to(history, 2)
    history.undo()
    history.undo()
    land()
    assert steps(history) == (None, "set 1")
    history.redo()
    assert steps(history) == ("set 1", "set 2")
    history.redo()
    assert number.value == 2 and steps(history) == ("land", None)
    history.undo()
    assert landed == [] and steps(history) == ("set 2", "land")

    history.undo()
    land()
    number.to(history, 3)
    assert steps(history) == ("set 3", None)
    history.undo()
    assert steps(history) == ("land", "set 3") and landed == ["landed"]
    history.undo()
    assert landed == [] and number.value == 1


def test_a_change_that_cannot_be_made_is_told_and_not_remembered(qapp: object) -> None:
    history, told = EditHistory(), []
    history.failed.connect(told.append)

    def fail() -> None:
        raise OutputError("The disk is full.")

    assert not history.do("write", fail, fail)
    assert told == ["The disk is full."] and history.undo_words is None


def test_a_step_that_cannot_be_undone_or_redone_stays_the_next_one(qapp: object) -> None:
    history, number, told = EditHistory(), Number(), []
    history.failed.connect(told.append)
    is_full = False

    def set_to(value: int) -> None:
        if is_full:
            raise OutputError("The disk is full.")
        number.value = value

    number.to(history, 1)
    history.do("write", lambda: set_to(2), lambda: set_to(1))
    number.to(history, 3)
    history.undo()
    is_full = True
    history.undo()
    assert (told, number.value, steps(history)) == (["The disk is full."], 2, ("write", "set 3"))
    is_full = False
    history.undo()
    assert (number.value, steps(history)) == (1, ("set 1", "write"))
    is_full = True
    history.redo()
    assert (len(told), number.value, steps(history)) == (2, 1, ("set 1", "write"))
    is_full = False
    history.redo()
    assert (number.value, steps(history)) == (2, ("write", "set 3"))
    history.undo()
    history.undo()
    assert (number.value, steps(history)) == (0, (None, "set 1")), "nothing is beyond the first step"


def test_the_menu_says_a_name_as_it_is(qtbot: QtBot) -> None:
    window, history = QWidget(), EditHistory()
    qtbot.addWidget(window)
    actions = Actions(window)
    presenter = HistoryPresenter(history, actions, window)
    assert (actions["undo"].text(), actions["redo"].isEnabled()) == ("&Undo", False)
    history.did("Note on Salt & {Pepper}", lambda: None, lambda: None)
    assert presenter is not None and actions["undo"].text() == "&Undo Note on Salt && {Pepper}"
    actions["undo"].trigger()
    assert actions["redo"].text() == "&Redo Note on Salt && {Pepper}" and not actions["undo"].isEnabled()
